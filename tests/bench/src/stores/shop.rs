//! A shop's REST API, spoken to directly: no connector, no storage, nothing but the calls.
//!
//! <https://woocommerce.github.io/woocommerce-rest-api-docs/>

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use connect::{Http, HttpLimits, HttpPool, Method, Request, Response};
use domain::ConnectionId;
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use super::import::Shape;
use super::ports::NoLimit;

/// RFC 5849 section 3.6.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A store may be as slow as it likes: its rate is what is asked.
const DEADLINE: Duration = Duration::from_mins(2);

/// A product that both shops have: SKU, name, price.
pub type Product = (&'static str, &'static str, &'static str);

/// One shop and what opens it.
#[derive(Debug)]
pub struct Shop {
    pub url: String,
    pub key: String,
    pub secret: String,
    rest: Url,
    /// The shop's product ids by SKU, once they are ensured.
    sold: Mutex<BTreeMap<String, u64>>,
}

impl Shop {
    pub fn new(url: &str, key: &str, secret: &str) -> Result<Self> {
        let url = url.trim_end_matches('/').to_owned();
        let rest = Url::parse(&format!("{url}/wp-json/wc/v3/")).context("the store's URL cannot be read")?;
        Ok(Self { url, key: key.to_owned(), secret: secret.to_owned(), rest, sold: Mutex::default() })
    }

    pub fn sold(&self) -> BTreeMap<String, u64> {
        self.sold.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes the products that the shop does not have yet; their ids by SKU.
    pub async fn ensure_products(&self, products: &[Product]) -> Result<BTreeMap<String, u64>> {
        let http = http()?;
        let mut sold = BTreeMap::new();
        for &(sku, name, price) in products {
            let found = self.call(&http, Method::Get, "products", &[("sku", sku)], None).await?;
            let found: Value = serde_json::from_slice(&found.body)?;
            let product = if let Some(product) = found.get(0) {
                product.clone()
            } else {
                let product = json!({
                    "name": name, "sku": sku, "regular_price": price, "manage_stock": true, "stock_quantity": 900_000,
                    "catalog_visibility": "hidden", "tax_status": "none",
                });
                serde_json::from_slice(&self.call(&http, Method::Post, "products", &[], Some(&product)).await?.body)?
            };
            sold.insert(sku.to_owned(), product["id"].as_u64().context("a product without an id")?);
        }
        self.sold.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&sold);
        Ok(sold)
    }

    /// How many orders the shop holds.
    pub async fn orders(&self) -> Result<u64> {
        let query = [("per_page", "1"), ("_fields", "id")];
        let answer = self.call(&http()?, Method::Get, "orders", &query, None).await?;
        answer.header("x-wp-total").and_then(|total| total.parse().ok()).context("the store does not count its orders")
    }

    async fn call(
        &self,
        http: &Http,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Response> {
        let mut url = self.rest.join(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = Request::new("bench", method, url);
        if request.url.scheme() == "https" {
            let pair = BASE64_STANDARD.encode(format!("{}:{}", self.key, self.secret));
            request = request.header("authorization", format!("Basic {pair}"));
        } else {
            self.sign(&mut request)?;
        }
        if let Some(body) = body {
            request = request.json(body)?;
        }
        let answer = http.send(request).await?;
        if !answer.is_success() {
            let says: String = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
            bail!("{path}: the store answered {}: {says}", answer.status);
        }
        Ok(answer)
    }

    /// `OAuth` 1.0a without a token, as WooCommerce wants it over plain http; for a shop that is dialled at its own address.
    fn sign(&self, request: &mut Request) -> Result<()> {
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let mut address = request.url.clone();
        address.set_query(None);
        let (nonce, now) = (ulid::Ulid::generate().to_string(), jiff::Timestamp::now().as_second().to_string());
        request.url.query_pairs_mut().extend_pairs([
            ("oauth_consumer_key", self.key.as_str()),
            ("oauth_nonce", nonce.as_str()),
            ("oauth_timestamp", now.as_str()),
            ("oauth_signature_method", "HMAC-SHA256"),
        ]);
        let pairs = request.url.query_pairs().map(|(name, value)| (encode(&name), encode(&value)));
        let mut pairs: Vec<(String, String)> = pairs.collect();
        pairs.sort();
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let method = if request.method == Method::Get { "GET" } else { "POST" };
        let base = format!("{method}&{}&{}", encode(address.as_str()), encode(&pairs.join("&")));
        let mut mac = Hmac::<Sha256>::new_from_slice(format!("{}&", encode(&self.secret)).as_bytes())?;
        mac.update(base.as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        request.url.query_pairs_mut().append_pair("oauth_signature", &signature);
        Ok(())
    }
}

fn http() -> Result<Http> {
    let limits = HttpLimits { allow_private_hosts: true, deadline: DEADLINE, ..HttpLimits::default() };
    Ok(HttpPool::new(limits)?.http(ConnectionId::new("bench")?, Arc::new(NoLimit)))
}

/// Runs to its end on a runtime of its own, as each function's process has one.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Posts orders directly, as many at once as the functions would; how long it took.
pub fn post_all(shop: &Shop, bodies: &[Value], shape: Shape) -> Result<Duration> {
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let post = async || {
        let http = http()?;
        let caller = async || -> Result<()> {
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                shop.call(&http, Method::Post, "orders", &[], Some(body)).await?;
            }
            Ok(())
        };
        join_all((0..shape.batch).map(|_| caller())).await.into_iter().collect::<Result<()>>()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..shape.sandboxes).map(|_| scope.spawn(|| block_on(post()))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a caller panicked"))?)
    })?;
    Ok(started.elapsed())
}
