//! The main store of the demo: a WooCommerce, fake or real, or a fake Shopify or BigCommerce; its people and its books.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use fakes::bigcommerce::{self, BigFake, BigStore, Tracking};
use fakes::shopify::{ShopifyFake, ShopifyShop};
use fakes::woocommerce::{WooFake, WooShop};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use ulid::Ulid;

use super::shop::{Address, BookedOrder, Shop};
use super::tls;

/// Which main store the demo runs with.
#[derive(Debug, Clone, Default)]
pub enum Kind {
    #[default]
    WooCommerce,
    Shopify,
    BigCommerce,
    /// A WooCommerce that is no fake.
    Real(Address),
}

pub enum Store {
    /// With the shop's inside, if it is the fake.
    WooCommerce {
        shop: Shop,
        fake: Option<WooFake>,
        webhook_secret: String,
    },
    Shopify(ShopifyFake),
    BigCommerce(BigFake),
}

const CURRENCY: &str = "GBP";

impl Store {
    pub async fn start(kind: Kind) -> Result<Self> {
        let woocommerce = |address: Address, fake| {
            let shop = Shop::new(tls::client()?, address);
            anyhow::Ok(Self::WooCommerce { shop, fake, webhook_secret: Ulid::generate().to_string() })
        };
        match kind {
            Kind::Real(address) => woocommerce(address, None),
            Kind::WooCommerce => {
                let shop = WooShop::new().currency(CURRENCY).base("GB", "").start().await;
                let mut fake = shop.context("the fake WooCommerce does not start")?;
                fake.deliver_webhooks_every(std::time::Duration::from_secs(1));
                let address = Address { url: fake.url().to_owned(), key: fake.key(), secret: fake.secret() };
                woocommerce(address, Some(fake))
            }
            Kind::Shopify => {
                let fake = ShopifyShop::new().currency(CURRENCY).start().await;
                Ok(Self::Shopify(fake.context("the fake Shopify does not start")?))
            }
            Kind::BigCommerce => {
                let fake = BigStore::new().currencies(&[CURRENCY, "EUR", "JPY", "USD"]).start().await;
                Ok(Self::BigCommerce(fake.context("the fake BigCommerce does not start")?))
            }
        }
    }

    /// The body of `POST /connections`.
    pub fn connection(&self) -> Value {
        let (platform, settings, credentials) = match self {
            Self::WooCommerce { shop, webhook_secret, .. } => {
                let Address { url, key, secret } = shop.address();
                let keys = json!({"consumer_key": key, "consumer_secret": secret, "webhook_secret": webhook_secret});
                ("woocommerce", json!({"url": url}), keys)
            }
            Self::Shopify(fake) => {
                let application = fake.application();
                let keys = json!({
                    "access_token": fakes::shopify::ACCESS_TOKEN,
                    "client_id": application.client_id, "client_secret": application.client_secret,
                });
                ("shopify", json!({"shop": fake.domain(), "api_url": fake.url()}), keys)
            }
            Self::BigCommerce(fake) => {
                let keys = json!({
                    "access_token": bigcommerce::ACCESS_TOKEN, "client_secret": bigcommerce::CLIENT_SECRET,
                });
                ("bigcommerce", json!({"store_hash": bigcommerce::HASH, "api_url": fake.url()}), keys)
            }
        };
        json!({
            "platform": platform, "role": "main_store", "name": "The shop",
            "settings": settings, "credentials": credentials,
        })
    }

    /// Adds what it lacks; tells whether it did.
    pub async fn has_or_gets(&self, sku: &str, title: &str, price: Decimal, stock: u32) -> Result<bool> {
        match self {
            Self::WooCommerce { shop, .. } => {
                if shop.has_product(sku).await? {
                    return Ok(false);
                }
                shop.add_product(sku, title, &price.to_string(), stock).await?;
            }
            Self::Shopify(fake) => {
                if fake.variant(sku).is_some() {
                    return Ok(false);
                }
                fake.add_product(sku, title, price, Some(stock.into()));
            }
            Self::BigCommerce(fake) => {
                if fake.stock(sku).is_some() {
                    return Ok(false);
                }
                fake.add_product(sku, title, price, Tracking::Product, stock.into());
            }
        }
        Ok(true)
    }

    /// A shop's webhooks bring the next poll forward. Here its own address cannot be reached from outside: the demo gives it one.
    pub async fn ring(&self, url: &str) -> Result<()> {
        match self {
            Self::WooCommerce { shop, fake: Some(_), webhook_secret } => shop.add_webhook(url, webhook_secret).await,
            Self::WooCommerce { .. } | Self::Shopify(_) | Self::BigCommerce(_) => Ok(()),
        }
    }

    /// A person packs all of an order.
    pub async fn ship(&self, order: &str, carrier: &str, number: &str) -> Result<()> {
        match self {
            Self::WooCommerce { shop, .. } => shop.ship(order, carrier, number).await,
            Self::Shopify(fake) => {
                let shipped = fake.ship(last_number(order)?, carrier, number);
                shipped.map(drop).with_context(|| format!("the store cannot ship its order {order}"))
            }
            Self::BigCommerce(fake) => {
                let provider = carrier.replace(' ', "").to_lowercase();
                fake.pack_all(last_number(order)?, &provider, number);
                Ok(())
            }
        }
    }

    /// An order's amounts as the store holds them: each line, its shipping and its fees, and last the total.
    pub async fn amounts(&self, order: &str) -> Result<Vec<(String, String)>> {
        match self {
            Self::WooCommerce { shop, .. } => shop.amounts(order).await,
            Self::Shopify(fake) => {
                let id = last_number(order)?;
                let known = fake.order(id).with_context(|| format!("the store has no order {order}"))?;
                let line = |line: &fakes::shopify::Line| {
                    (format!("{} x {}", line.quantity, line.title), line.unit.presentment.to_string())
                };
                let total = ("total".to_owned(), fake.total(id).presentment.to_string());
                Ok(known.lines.iter().map(line).chain([total]).collect())
            }
            Self::BigCommerce(fake) => {
                let known =
                    fake.order(last_number(order)?).with_context(|| format!("the store has no order {order}"))?;
                let lines = known.lines.iter().map(|line| (line.name.clone(), line.total_ex().to_string()));
                let tax = ("tax".to_owned(), known.total_tax().to_string());
                let total = ("total".to_owned(), format!("{} {}", known.total_inc(), known.currency));
                Ok(lines.chain([tax, total]).collect())
            }
        }
    }

    /// The book: every order made over the store's API since then. A fake's also holds those deleted since.
    pub async fn booked(&self, since: Timestamp) -> Result<Vec<BookedOrder>> {
        match self {
            Self::WooCommerce { shop, fake: None, .. } => shop.orders_since(since).await,
            Self::WooCommerce { fake: Some(fake), .. } => {
                let book = fake.creates().into_iter().map(|made| {
                    let order = fake.order(made.order_id);
                    let texts = made.meta.iter().filter_map(|(_, value)| value.as_str().map(str::to_owned));
                    let status = order.as_ref().map(|order| order.status.as_str()).unwrap_or_default();
                    BookedOrder {
                        id: made.order_id.to_string(),
                        marks: made.created_via.into_iter().chain(texts).collect(),
                        closed: BookedOrder::is_closed(status),
                        total: order.as_ref().map(|order| order.totals.total).unwrap_or_default(),
                        currency: order.map(|order| order.currency).unwrap_or_default(),
                    }
                });
                Ok(book.collect())
            }
            Self::Shopify(fake) => {
                let book = fake.orders().into_iter().filter(|order| order.over_api).map(|order| BookedOrder {
                    id: order.id.to_string(),
                    marks: order.source_identifier.clone().into_iter().collect(),
                    closed: order.canceled.is_some(),
                    total: fake.total(order.id).presentment,
                    currency: order.money.presentment.clone(),
                });
                Ok(book.collect())
            }
            Self::BigCommerce(fake) => {
                let made: BTreeMap<u64, String> =
                    fake.creates().into_iter().map(|made| (made.order_id, made.external_order_id)).collect();
                let book = fake.orders().into_iter().filter_map(|order| {
                    let mark = made.get(&order.id)?;
                    Some(BookedOrder {
                        id: order.id.to_string(),
                        marks: vec![mark.clone()],
                        // 5 is Canceled, 4 Refunded.
                        closed: matches!(order.status, 4 | 5),
                        total: order.total_inc(),
                        currency: order.currency.clone(),
                    })
                });
                Ok(book.collect())
            }
        }
    }

    /// What the fake has of a product; `None`: nobody may look into a real shop, or there is no such product.
    pub fn stock(&self, sku: &str) -> Option<i64> {
        match self {
            Self::WooCommerce { fake, .. } => fake.as_ref()?.stock(sku),
            Self::Shopify(fake) => fake.stock(sku),
            Self::BigCommerce(fake) => fake.stock(sku),
        }
    }

    pub const fn is_fake(&self) -> bool {
        !matches!(self, Self::WooCommerce { fake: None, .. })
    }

    /// Mails that the fake sent to a marketplace's buyers.
    pub fn mails_to_buyers(&self) -> usize {
        match self {
            Self::WooCommerce { fake, .. } => fake.as_ref().map_or(0, |fake| fake.mails_to_buyers().len()),
            Self::Shopify(fake) => fake.ledger().mails.iter().filter(|mail| mail.kind.to_buyer()).count(),
            Self::BigCommerce(fake) => {
                fake.mails().iter().filter(|mail| mail.kind != bigcommerce::MailKind::OwnerNewOrder).count()
            }
        }
    }

    /// Where a person looks.
    pub fn address(&self) -> String {
        match self {
            Self::WooCommerce { shop, .. } => {
                let Address { url, key, secret } = shop.address();
                format!("WooCommerce at {url} (key {key}, secret {secret})")
            }
            Self::Shopify(fake) => {
                format!("Shopify, a fake at {} (access token {})", fake.url(), fakes::shopify::ACCESS_TOKEN)
            }
            Self::BigCommerce(fake) => {
                format!("BigCommerce, a fake at {} (access token {})", fake.url(), bigcommerce::ACCESS_TOKEN)
            }
        }
    }
}

/// The number in a store's id of an order: `gid://shopify/Order/17`, `17`.
fn last_number(order: &str) -> Result<u64> {
    let number = order.rsplit('/').next().unwrap_or_default();
    number.parse().with_context(|| format!("{order} is no order of the store"))
}
