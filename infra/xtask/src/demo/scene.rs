//! The two sides of the demo: a fake eBay with Etsy and Amazon beside it, and the main store.

use anyhow::{Context, Result};
use fakes::SimClock;
use fakes::ebay::{CATALOGUE, DEMO_ORDERS, EbayFake, Kind, Order, REFRESH_TOKEN, demo_items, fewer_demo_orders, kind};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::channels::Channels;
use super::shop::BookedOrder;
use super::store::{self, Store};
use super::tally::{Fate, Sold};
use crate::progress::Step;

/// The orders are the same in every run.
const SEED: u64 = 2026;
/// Orders of all channels together.
const ORDERS: usize = DEMO_ORDERS;

pub struct Scene {
    pub ebay: EbayFake,
    pub others: Channels,
    pub store: Store,
    began: Timestamp,
}

impl Scene {
    pub async fn start(kind: store::Kind, step: &Step) -> Result<Self> {
        let ebay = EbayFake::start(SimClock::real()).await.context("the fake eBay does not start")?;
        for item in demo_items() {
            ebay.stock(item);
        }
        let others = Channels::start().await?;
        let store = Store::start(kind).await?;
        let mut added = 0;
        for product in CATALOGUE {
            step.note(product.title);
            let price = Decimal::new(product.price, 2);
            added += usize::from(store.has_or_gets(product.sku, product.title, price, product.stock).await?);
        }
        println!("  The store has the {} products of the demo; {added} were added.", CATALOGUE.len());
        // A shop dates its orders by the second.
        let began = Timestamp::from_second(Timestamp::now().as_second() - 1).context("the clock is wrong")?;
        Ok(Self { ebay, others, store, began })
    }

    /// The body of `POST /connections` for eBay.
    pub fn ebay_connection(&self) -> Value {
        let application = self.ebay.application();
        json!({
            "platform": "ebay",
            "role": "channel",
            "name": "eBay",
            "settings": {"api_url": self.ebay.url()},
            "credentials": {
                "client_id": application.client_id,
                "client_secret": application.client_secret,
                "refresh_token": REFRESH_TOKEN,
            },
        })
    }

    /// Sixty orders on three channels; every kind that eBay has is among its own.
    pub fn place(&self) {
        self.others.place();
        let elsewhere = self.others.sold().len();
        self.ebay.place_all(fewer_demo_orders(SEED, ORDERS - elsewhere));
    }

    /// eBay's book.
    pub fn sold_on_ebay(&self) -> Vec<Order> {
        self.ebay.orders()
    }

    /// The channels' books.
    pub fn sold(&self) -> Vec<Sold> {
        self.ebay.orders().iter().map(sold).chain(self.others.sold()).collect()
    }

    /// The store's book: every order made over its API since the demo began.
    pub async fn booked(&self) -> Result<Vec<BookedOrder>> {
        self.store.booked(self.began).await
    }

    /// How many packages a channel knows of its order.
    pub fn packages(&self, order: &str) -> usize {
        self.ebay.fulfilments(order).len() + self.others.packages(order)
    }

    /// What else the fake store's ledger has to say: mails to a marketplace's buyers, stock that does not add up.
    pub fn store_complaints(&self) -> Vec<String> {
        if !self.store.is_fake() {
            return Vec::new();
        }
        let mails = self.store.mails_to_buyers();
        let mails = (mails > 0).then(|| format!("the store mailed buyers of a marketplace {mails} times"));
        let orders = self.ebay.orders();
        let stock = CATALOGUE.iter().filter_map(|product| {
            let sold: u32 = orders.iter().map(|order| units(order, product.sku)).sum();
            let sold = sold + self.others.units(product.sku);
            let (is, should) = (self.store.stock(product.sku), i64::from(product.stock) - i64::from(sold));
            (is != Some(should)).then(|| format!("{} stands at {is:?} in the store instead of {should}", product.sku))
        });
        mails.into_iter().chain(stock).chain(self.stock_not_told()).collect()
    }

    /// Listings that do not show what the fake store has.
    pub fn stock_not_told(&self) -> Vec<String> {
        if !self.store.is_fake() {
            return Vec::new();
        }
        let differing = CATALOGUE.iter().flat_map(|product| {
            let listed = self.ebay.item(product.sku).map(|item| i64::from(item.available()));
            let stock = self.store.stock(product.sku);
            let ebay = (listed != stock)
                .then(|| format!("eBay offers {listed:?} of {}, the store has {stock:?}", product.sku));
            ebay.into_iter().chain(self.others.stock_not_told(product.sku, stock))
        });
        differing.collect()
    }
}

fn sold(order: &Order) -> Sold {
    let currency = order.spec.currency;
    let scale = currency.exponent().map_or(2, u32::from);
    let told = order.fulfilments.iter().filter(|package| package.by == fakes::ebay::ShippedBy::Api);
    Sold {
        id: order.spec.id.clone(),
        fate: match kind(&order.spec) {
            // The one that waited was linked meanwhile.
            Kind::Paid | Kind::Unpaid | Kind::Unlinked => Fate::Imported,
            Kind::Canceled => Fate::Left,
            Kind::Malformed => Fate::Unreadable,
        },
        canceled_later: order.is_canceled() && !order.spec.canceled,
        total: Decimal::new(order.spec.sums(false).store_total, scale),
        currency: currency.code().to_owned(),
        packages: told.map(|package| package.tracking.clone()).collect(),
        fulfilled: order.fulfilment_status() == "FULFILLED",
    }
}

/// Units of a product that an order takes: none if it was canceled, or if nobody could read it.
fn units(order: &Order, sku: &str) -> u32 {
    match kind(&order.spec) {
        Kind::Canceled | Kind::Malformed => 0,
        _ if order.is_canceled() => 0,
        Kind::Paid | Kind::Unpaid | Kind::Unlinked => {
            order.spec.lines.iter().filter(|line| line.sku.as_deref() == Some(sku)).map(|line| line.quantity).sum()
        }
    }
}
