//! The main store's own side: what its people do there and what its books say, over the REST API that any shop has.
//!
//! <https://woocommerce.github.io/woocommerce-rest-api-docs/>

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sha2::Sha256;
use ulid::Ulid;
use url::Url;

/// RFC 5849 section 3.6: everything else is percent-encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Where the shipment tracking plugins keep an order's packages: <https://woocommerce.com/document/shipment-tracking/>.
const TRACKING: &str = "_wc_shipment_tracking_items";
const PAGE: usize = 100;

/// Where a shop is and who may write to it.
#[derive(Debug, Clone)]
pub struct Address {
    pub url: String,
    pub key: String,
    pub secret: String,
}

/// A running shop.
#[derive(Debug)]
pub struct Shop {
    client: Client,
    address: Address,
}

/// An order as the shop's books have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedOrder {
    pub id: String,
    /// `created_via` and every text in its metas: our reference stands in one of them.
    pub marks: Vec<String>,
    /// Canceled, or all its money went back.
    pub closed: bool,
    pub total: Decimal,
    pub currency: String,
}

impl BookedOrder {
    /// By WooCommerce's word for an order's status.
    pub fn is_closed(status: &str) -> bool {
        matches!(status, "cancelled" | "refunded")
    }
}

impl Shop {
    pub fn new(client: Client, address: Address) -> Self {
        Self { client, address }
    }

    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Whether the shop has a product with this SKU.
    pub async fn has_product(&self, sku: &str) -> Result<bool> {
        let found = self.call(Method::GET, "products", &[("sku", sku)], None).await?;
        Ok(found.as_array().is_some_and(|products| !products.is_empty()))
    }

    /// `price` as a decimal text.
    pub async fn add_product(&self, sku: &str, name: &str, price: &str, stock: u32) -> Result<()> {
        let product =
            json!({"sku": sku, "name": name, "regular_price": price, "manage_stock": true, "stock_quantity": stock});
        self.call(Method::POST, "products", &[], Some(&product)).await.map(drop)
    }

    /// The shop tells `url` of every changed order from now on.
    pub async fn add_webhook(&self, url: &str, secret: &str) -> Result<()> {
        let webhook = json!({"name": "Tributary", "topic": "order.updated", "delivery_url": url, "secret": secret});
        self.call(Method::POST, "webhooks", &[], Some(&webhook)).await.map(drop)
    }

    /// A person packs an order: notes the tracking number as the plugins do, and completes it.
    pub async fn ship(&self, order: &str, carrier: &str, number: &str) -> Result<()> {
        let package = json!({
            "tracking_provider": "",
            "custom_tracking_provider": carrier,
            "custom_tracking_link": "",
            "tracking_number": number,
            "date_shipped": Timestamp::now().as_second().to_string(),
            "tracking_id": format!("{:032x}", u128::from(Ulid::generate())),
        });
        let change = json!({"status": "completed", "meta_data": [{"key": TRACKING, "value": [package]}]});
        self.call(Method::PUT, &format!("orders/{order}"), &[], Some(&change)).await.map(drop)
    }

    /// An order's amounts as the shop holds them: each line, its shipping and its fees, and last the total.
    pub async fn amounts(&self, order: &str) -> Result<Vec<(String, String)>> {
        let order = self.call(Method::GET, &format!("orders/{order}"), &[], None).await?;
        let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let lists = [("line_items", "name"), ("shipping_lines", "method_title"), ("fee_lines", "name")];
        let lines = lists.iter().flat_map(|(list, name)| {
            let lines = order.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            lines.iter().map(|line| (text(line, name), text(line, "total")))
        });
        let total = ("total".to_owned(), format!("{} {}", text(&order, "total"), text(&order, "currency")));
        Ok(lines.chain([total]).collect())
    }

    /// Every order that the shop booked since then.
    pub async fn orders_since(&self, since: Timestamp) -> Result<Vec<BookedOrder>> {
        let after = since.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let size = PAGE.to_string();
        let mut all = Vec::new();
        for page in 1.. {
            let page = page.to_string();
            let query = [("after", &*after), ("dates_are_gmt", "true"), ("status", "any"), ("per_page", &size)];
            let query = [query.as_slice(), &[("page", &*page), ("orderby", "id"), ("order", "asc")]].concat();
            let answer = self.call(Method::GET, "orders", &query, None).await?;
            let orders = answer.as_array().context("the store's list of orders is no list")?;
            for order in orders {
                all.push(booked(order).context("an order of the store cannot be read")?);
            }
            if orders.len() < PAGE {
                break;
            }
        }
        Ok(all)
    }

    async fn call(&self, method: Method, path: &str, query: &[(&str, &str)], body: Option<&Value>) -> Result<Value> {
        let asked = format!("{method} {path}");
        let root = self.address.url.trim_end_matches('/');
        let mut url = Url::parse(&format!("{root}/wp-json/wc/v3/{path}"))
            .with_context(|| format!("{root} is not a web address"))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = if url.scheme() == "https" {
            self.client.request(method, url).basic_auth(&self.address.key, Some(&self.address.secret))
        } else {
            sign(&self.address, &method, &mut url)?;
            self.client.request(method, url)
        };
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        // The address may carry a signature, so the error is told without it.
        let answer = request.send().await.map_err(reqwest::Error::without_url);
        let answer = answer.with_context(|| format!("the store did not answer to {asked}"))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(reqwest::Error::without_url)?;
        if !status.is_success() {
            bail!("the store answered {asked} with {status}: {}", String::from_utf8_lossy(&bytes));
        }
        serde_json::from_slice(&bytes).with_context(|| format!("the store answered {asked} oddly"))
    }
}

fn booked(order: &Value) -> Option<BookedOrder> {
    let metas = order.get("meta_data")?.as_array()?;
    let texts = metas.iter().filter_map(|meta| meta.get("value")?.as_str());
    let via = order.get("created_via").and_then(Value::as_str);
    Some(BookedOrder {
        id: order.get("id")?.as_u64()?.to_string(),
        marks: via.into_iter().chain(texts).map(str::to_owned).collect(),
        closed: BookedOrder::is_closed(order.get("status")?.as_str()?),
        total: order.get("total")?.as_str()?.parse().ok()?,
        currency: order.get("currency")?.as_str()?.to_owned(),
    })
}

/// Over plain http a shop takes no password, only a signature: OAuth 1.0a without a token.
/// <https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-over-http>
fn sign(address: &Address, method: &Method, url: &mut Url) -> Result<()> {
    let mut bare = url.clone();
    bare.set_query(None);
    url.query_pairs_mut().extend_pairs([
        ("oauth_consumer_key", &*address.key),
        ("oauth_nonce", &Ulid::generate().to_string()),
        ("oauth_signature_method", "HMAC-SHA256"),
        ("oauth_timestamp", &Timestamp::now().as_second().to_string()),
    ]);
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let mut pairs: Vec<_> = url.query_pairs().map(|(name, value)| (encode(&name), encode(&value))).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let base = format!("{method}&{}&{}", encode(bare.as_str()), encode(&pairs.join("&")));
    let key = format!("{}&", encode(&address.secret));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).context("the store's secret cannot be used")?;
    mac.update(base.as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    url.query_pairs_mut().append_pair("oauth_signature", &signature);
    Ok(())
}
