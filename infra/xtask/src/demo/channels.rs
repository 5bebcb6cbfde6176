//! The channels beside eBay: a fake Etsy and a fake Amazon, what they sell, and what their books say.

use anyhow::{Context, Result};
use fakes::SimClock;
use fakes::amazon::{self, AmazonFake};
use fakes::etsy::{self, EtsyFake};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::tally::{Fate, Sold};

pub struct Channels {
    pub etsy: EtsyFake,
    pub amazon: AmazonFake,
}

impl Channels {
    pub async fn start() -> Result<Self> {
        let etsy = EtsyFake::start(SimClock::real()).await.context("the fake Etsy does not start")?;
        for listing in etsy::demo_listings() {
            etsy.list(listing);
        }
        let amazon = AmazonFake::start(SimClock::real()).await.context("the fake Amazon does not start")?;
        for item in amazon::demo_listings() {
            amazon.list(item);
        }
        Ok(Self { etsy, amazon })
    }

    /// The bodies of `POST /connections`.
    pub fn connections(&self) -> [Value; 2] {
        let (shop, seller) = (self.etsy.application(), self.amazon.application());
        [
            json!({
                "platform": "etsy", "role": "channel", "name": "Etsy",
                "settings": {"api_url": self.etsy.url(), "shop_id": etsy::SHOP_ID.to_string()},
                "credentials": {
                    "client_id": shop.client_id, "client_secret": shop.client_secret,
                    "refresh_token": etsy::REFRESH_TOKEN,
                },
            }),
            json!({
                "platform": "amazon", "role": "channel", "name": "Amazon",
                "settings": {
                    "api_url": self.amazon.url(), "region": "eu", "seller_id": amazon::SELLER_ID,
                    "marketplace_ids": amazon::MARKETPLACES[..2].join(","),
                },
                "credentials": {
                    "client_id": seller.client_id, "client_secret": seller.client_secret,
                    "refresh_token": amazon::REFRESH_TOKEN,
                },
            }),
        ]
    }

    pub fn place(&self) {
        self.etsy.place_all(etsy::demo_orders());
        self.amazon.place_all(amazon::demo_orders());
    }

    /// Their books.
    pub fn sold(&self) -> Vec<Sold> {
        self.etsy
            .receipts()
            .iter()
            .map(|receipt| self.receipt(receipt))
            .chain(self.amazon.orders().iter().map(order))
            .collect()
    }

    fn receipt(&self, receipt: &etsy::Receipt) -> Sold {
        let spec = &receipt.spec;
        let packages = self.etsy.told(spec.id).into_iter().map(|told| told.tracking).collect();
        Sold {
            id: spec.id.to_string(),
            fate: if receipt.canceled { Fate::Left } else { Fate::Imported },
            canceled_later: false,
            // Etsy keeps the sales tax and the VAT that it states.
            total: amount(spec.grandtotal() - spec.sales_tax - spec.vat, spec.currency),
            currency: spec.currency.code().to_owned(),
            packages,
            fulfilled: receipt.shipped.is_some(),
        }
    }

    /// Units of a product that are not to be had any more, in the eyes of the main store.
    pub fn units(&self, sku: &str) -> u32 {
        let receipts = self.etsy.receipts();
        let etsy = receipts.iter().filter(|receipt| !receipt.canceled).flat_map(|receipt| &receipt.spec.lines);
        let etsy = etsy.filter(|line| line.sku.as_deref() == Some(sku)).map(|line| line.quantity);
        let orders = self.amazon.orders();
        let amazon = orders.iter().filter(|order| !order.canceled && !order.spec.by_amazon);
        let amazon =
            amazon.flat_map(|order| &order.spec.lines).filter(|line| line.sku == sku).map(|line| line.quantity);
        etsy.chain(amazon).sum()
    }

    /// Listings that do not show what the main store has.
    pub fn stock_not_told(&self, sku: &str, stock: Option<i64>) -> Vec<String> {
        let etsy = self.etsy.for_sale(sku).map(i64::from);
        let amazon = self.amazon.listing(sku).map(|item| item.quantity);
        let mut told = Vec::new();
        if self.etsy.listing_of(sku).is_some() && etsy != stock {
            told.push(format!("Etsy offers {etsy:?} of {sku}, the store has {stock:?}"));
        }
        if let Some(listed) = amazon.filter(|listed| *listed != stock) {
            told.push(format!("Amazon offers {listed:?} of {sku}, the store has {stock:?}"));
        }
        told
    }

    /// How many packages the channel knows of one of its orders.
    pub fn packages(&self, order: &str) -> usize {
        let etsy = order.parse().map_or(0, |id: u64| self.etsy.told(id).len());
        etsy + self.amazon.packages(order).len()
    }
}

fn order(order: &amazon::Order) -> Sold {
    let spec = &order.spec;
    let fate = if order.canceled || spec.by_amazon {
        Fate::Left
    } else if order.released.is_none() {
        Fate::Waits
    } else {
        Fate::Imported
    };
    Sold {
        id: spec.id.clone(),
        fate,
        canceled_later: false,
        total: amount(spec.sellers_total(), spec.currency),
        currency: spec.currency.code().to_owned(),
        packages: order.packages.iter().map(|package| Some(package.tracking.clone())).collect(),
        fulfilled: !order.packages.is_empty(),
    }
}

fn amount(minor: i64, currency: iso_currency::Currency) -> Decimal {
    Decimal::new(minor, currency.exponent().map_or(2, u32::from))
}
