//! The two sides of the demo: a fake eBay, and a WooCommerce that is a fake or real.

use anyhow::{Context, Result};
use fakes::SimClock;
use fakes::ebay::{CATALOGUE, EbayFake, Kind, Order, OrderSpec, REFRESH_TOKEN, demo_items, kind};
use fakes::woocommerce::{WooFake, WooShop};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use ulid::Ulid;

use super::shop::{Address, BookedOrder, Shop};
use super::tls;
use crate::progress::Step;

pub struct Scene {
    pub ebay: EbayFake,
    pub shop: Shop,
    /// The shop's inside, if it is the fake.
    fake: Option<WooFake>,
    webhook_secret: String,
    began: Timestamp,
}

impl Scene {
    pub async fn start(store: Option<Address>, step: &Step) -> Result<Self> {
        let ebay = EbayFake::start(SimClock::real()).await.context("the fake eBay does not start")?;
        for item in demo_items() {
            ebay.stock(item);
        }
        let fake = match &store {
            None => {
                let shop = WooShop::new().currency("GBP").base("GB", "").start().await;
                let mut fake = shop.context("the fake WooCommerce does not start")?;
                fake.deliver_webhooks_every(std::time::Duration::from_secs(1));
                Some(fake)
            }
            Some(_) => None,
        };
        let address = match (store, &fake) {
            (Some(address), _) => address,
            (None, Some(fake)) => Address { url: fake.url().to_owned(), key: fake.key(), secret: fake.secret() },
            (None, None) => anyhow::bail!("there is no main store"),
        };
        let shop = Shop::new(tls::client()?, address);
        let mut added = 0;
        for product in CATALOGUE {
            step.note(product.title);
            if !shop.has_product(product.sku).await? {
                shop.add_product(
                    product.sku,
                    product.title,
                    &Decimal::new(product.price, 2).to_string(),
                    product.stock,
                )
                .await?;
                added += 1;
            }
        }
        println!("  The store has the {} products of the demo; {added} were added.", CATALOGUE.len());
        // A shop dates its orders by the second.
        let began = Timestamp::from_second(Timestamp::now().as_second() - 1).context("the clock is wrong")?;
        Ok(Self { ebay, shop, fake, webhook_secret: Ulid::generate().to_string(), began })
    }

    /// The body of `POST /connections` for the main store.
    pub fn store_connection(&self) -> Value {
        let Address { url, key, secret } = self.shop.address();
        json!({
            "platform": "woocommerce",
            "role": "main_store",
            "name": "The shop",
            "settings": {"url": url},
            "credentials": {"consumer_key": key, "consumer_secret": secret, "webhook_secret": self.webhook_secret},
        })
    }

    /// The body of `POST /connections` for the channel.
    pub fn channel_connection(&self) -> Value {
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

    /// A shop's webhooks bring the next poll forward. A real shop sends none to a loopback address: there the schedule does.
    pub async fn let_the_store_ring(&self, url: &str) -> Result<()> {
        match self.fake {
            Some(_) => self.shop.add_webhook(url, &self.webhook_secret).await,
            None => Ok(()),
        }
    }

    pub fn place(&self, orders: impl IntoIterator<Item = OrderSpec>) {
        self.ebay.place_all(orders);
    }

    /// The channel's book.
    pub fn sold(&self) -> Vec<Order> {
        self.ebay.orders()
    }

    pub fn placed(&self) -> usize {
        self.sold().len()
    }

    /// The store's book: every order made over its API since the demo began. The fake's also holds those deleted since.
    pub async fn booked(&self) -> Result<Vec<BookedOrder>> {
        let Some(fake) = &self.fake else { return self.shop.orders_since(self.began).await };
        let book = fake.creates().into_iter().map(|made| {
            let order = fake.order(made.order_id);
            let texts = made.meta.iter().filter_map(|(_, value)| value.as_str().map(str::to_owned));
            BookedOrder {
                id: made.order_id.to_string(),
                marks: made.created_via.into_iter().chain(texts).collect(),
                status: order.as_ref().map(|order| order.status.as_str().to_owned()).unwrap_or_default(),
                total: order.as_ref().map(|order| order.totals.total).unwrap_or_default(),
                currency: order.map(|order| order.currency).unwrap_or_default(),
            }
        });
        Ok(book.collect())
    }

    /// What else the fake store's ledger has to say: mails to a marketplace's buyers, stock that does not add up.
    pub fn store_complaints(&self) -> Vec<String> {
        let Some(fake) = &self.fake else { return Vec::new() };
        let mails = fake.mails_to_buyers();
        let mails = mails.iter().map(|mail| format!("the store mailed the buyer of its order {}", mail.order_id));
        let stock = CATALOGUE.iter().filter_map(|product| {
            let sold: u32 = self.sold().iter().map(|order| units(order, product.sku)).sum();
            let (is, should) = (fake.stock(product.sku), i64::from(product.stock) - i64::from(sold));
            (is != Some(should)).then(|| format!("{} stands at {is:?} in the store instead of {should}", product.sku))
        });
        mails.chain(stock).chain(self.stock_not_told()).collect()
    }

    /// Listings that do not show what the fake store has.
    pub fn stock_not_told(&self) -> Vec<String> {
        let Some(fake) = &self.fake else { return Vec::new() };
        let differing = CATALOGUE.iter().filter_map(|product| {
            let listed = self.ebay.item(product.sku).map(|item| i64::from(item.available()));
            let stock = fake.stock(product.sku);
            (listed != stock).then(|| format!("eBay offers {listed:?} of {}, the store has {stock:?}", product.sku))
        });
        differing.collect()
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
