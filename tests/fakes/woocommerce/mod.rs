//! A stateful WooCommerce: REST v3 as 11.0.1 and 9.4.2 answered it, with the shop's own taxes, stock, mails and webhooks.
//!
//! It serves plain http on loopback, so callers sign with OAuth 1.0a for its [`WooFake::home`] address, as the real
//! shop demands. What it answers follows the recordings of real shops; `tests/conformance/woocommerce.rs` replays them.
//!
//! Beyond the shared faults, [`WooFake::maintenance`] and its neighbours answer as a shop does that is down. Keys of
//! this platform do not expire, so `expire_token` changes nothing here.

mod auth;
mod currencies;
mod customers;
mod dates;
mod deliver;
mod http;
mod items;
mod ledger;
mod list;
mod mails;
mod meddling;
mod money;
mod orders;
mod people;
mod products;
mod refunds;
mod render;
mod shop;
mod state;
mod status;
mod stock;
mod tax;
mod validate;
mod webhooks;
mod workers;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::http::header::AUTHORIZATION;
use axum::http::{Response, StatusCode};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use tokio::task::JoinHandle;

use crate::{Base, CallLog, FakeServer, Faults, Listener, SimClock, Switch, locked};
use http::Request;
use shop::Shop;
use state::Config;
use webhooks::Outgoing;
use workers::Pool;

pub use customers::Customer;
pub use ledger::{Create, Delivery, Ledger, Mail, MailKind, MoveReason, Movement, RefundMade};
pub use meddling::Meddling;
pub use people::Tracking;
pub use state::{
    Address, ApiKey, FeeLine, ItemTax, Line, Meta, Note, Order, Product, Refund, RefundLine, ShippingLine, Status,
    TaxLine, TaxRate, Totals, Version,
};
pub use workers::PhpWorkers;

/// A shop to be started. By default: 11.0.1, USD, UTC, in California, with 20 % in GB and 8.25 % in US-CA.
#[derive(Debug, Clone)]
pub struct WooShop {
    config: Config,
    clock: SimClock,
    address: String,
    home: Option<String>,
    workers: Option<PhpWorkers>,
}

impl Default for WooShop {
    fn default() -> Self {
        let rate = |id, country: &str, state: &str, percent, label: &str| TaxRate {
            id,
            country: country.to_owned(),
            state: state.to_owned(),
            percent,
            label: label.to_owned(),
            shipping: true,
        };
        let key =
            |key: &str, secret: &str, may_write| ApiKey { key: key.to_owned(), secret: secret.to_owned(), may_write };
        Self {
            config: Config {
                version: Version::V11,
                home: String::new(),
                behind_tls: false,
                time_zone: TimeZone::UTC,
                currency: "USD".to_owned(),
                base_country: "US".to_owned(),
                base_state: "CA".to_owned(),
                rates: vec![
                    rate(1, "US", "CA", Decimal::new(825, 2), "CA Tax"),
                    rate(2, "GB", "", Decimal::from(20), "VAT"),
                ],
                keys: vec![
                    key("ck_fake_read_write", "cs_fake_read_write", true),
                    key("ck_fake_read_only", "cs_fake_read_only", false),
                ],
                owner_mail: "owner@shop.test".to_owned(),
                plugin_statuses: Vec::new(),
                refunding_gateways: vec!["stripe".to_owned()],
                reference_meta: "_tributary_reference".to_owned(),
            },
            clock: SimClock::real(),
            address: "127.0.0.1:0".to_owned(),
            home: None,
            workers: None,
        }
    }
}

impl WooShop {
    pub fn new() -> Self {
        Self::default()
    }

    /// 9.4.2 with orders stored as posts: `created_via` is ignored on create and as a filter.
    #[must_use]
    pub fn version_9_4(mut self) -> Self {
        self.config.version = Version::V9_4;
        self
    }

    /// The shop's configured address, where it is not the one that it is dialled at (capture 05b).
    #[must_use]
    pub fn home(mut self, url: &str) -> Self {
        self.home = Some(url.trim_end_matches('/').to_owned());
        self
    }

    /// Requests count as https, as behind a proxy that ends TLS: Basic keys are taken.
    #[must_use]
    pub fn behind_tls(mut self) -> Self {
        self.config.behind_tls = true;
        self
    }

    #[must_use]
    pub fn time_zone(mut self, zone: TimeZone) -> Self {
        self.config.time_zone = zone;
        self
    }

    #[must_use]
    pub fn currency(mut self, code: &str) -> Self {
        code.clone_into(&mut self.config.currency);
        self
    }

    /// Where the shop is: the place that orders without any address are taxed for.
    #[must_use]
    pub fn base(mut self, country: &str, state: &str) -> Self {
        country.clone_into(&mut self.config.base_country);
        state.clone_into(&mut self.config.base_state);
        self
    }

    #[must_use]
    pub fn rates(mut self, rates: Vec<TaxRate>) -> Self {
        self.config.rates = rates;
        self
    }

    /// The keys that the shop knows; the first is what [`WooFake::key`] gives.
    #[must_use]
    pub fn keys(mut self, keys: Vec<ApiKey>) -> Self {
        self.config.keys = keys;
        self
    }

    /// Registers a status, as a plugin does.
    #[must_use]
    pub fn plugin_status(mut self, name: &str) -> Self {
        self.config.plugin_statuses.push(name.to_owned());
        self
    }

    /// The order meta that holds the caller's reference where `created_via` is not honoured, for the ledger.
    #[must_use]
    pub fn reference_meta(mut self, key: &str) -> Self {
        key.clone_into(&mut self.config.reference_meta);
        self
    }

    #[must_use]
    pub fn clock(mut self, clock: SimClock) -> Self {
        self.clock = clock;
        self
    }

    /// Listens there instead of on a free port of loopback.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// Answers no faster than so many workers do. By default: at once.
    #[must_use]
    pub fn php_workers(mut self, workers: PhpWorkers) -> Self {
        self.workers = Some(workers);
        self
    }

    pub async fn start(mut self) -> io::Result<WooFake> {
        let listener = Listener::bind_to(&self.address).await?;
        self.config.home = self.home.unwrap_or_else(|| listener.url().to_owned());
        let base = Base::new(self.clock.clone(), http::refusal_body);
        let shop = Arc::new(Mutex::new(Shop::new(self.config, self.clock, base.faults.clone())));
        let inside = Inside { shop, pool: self.workers.map(Pool::new) };
        let served = inside.clone();
        let router = Router::new().fallback(move |request: HttpRequest| {
            let inside = served.clone();
            async move { inside.handle(request).await }
        });
        Ok(WooFake { server: listener.serve(router, base), inside, delivering: None })
    }
}

#[derive(Debug, Clone)]
struct Inside {
    shop: Arc<Mutex<Shop>>,
    pool: Option<Pool>,
}

impl Inside {
    async fn handle(&self, request: HttpRequest) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, usize::MAX).await else {
            let mut refused = Response::new(Body::empty());
            *refused.status_mut() = StatusCode::BAD_REQUEST;
            return refused;
        };
        let query = parts.uri.query().unwrap_or_default();
        let request = Request {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            authorization: parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned),
            body,
        };
        // Held until the answer is ready, as PHP does.
        let _worker = match &self.pool {
            Some(pool) => pool.work(&request.method).await,
            None => None,
        };
        let response = {
            let mut shop = locked(&self.shop);
            let answer = shop.answer(&request);
            shop.respond(answer)
        };
        // The ping of an activation is sent before the caller is answered.
        self.ping().await;
        response
    }

    async fn ping(&self) {
        let pings = locked(&self.shop).take_pings();
        for ping in pings {
            self.send(ping).await;
        }
    }

    async fn deliver(&self) -> Vec<Delivery> {
        let waiting = locked(&self.shop).take_deliveries();
        let mut sent = Vec::new();
        for delivery in waiting {
            sent.push(self.send(delivery).await);
            self.ping().await;
        }
        sent
    }

    async fn send(&self, outgoing: Outgoing) -> Delivery {
        let (home, agent) = {
            let shop = locked(&self.shop);
            let version = shop.config.version;
            let agent = format!("WooCommerce/{} Hookshot (WordPress/{})", version.number(), version.wordpress());
            (shop.config.home.clone(), agent)
        };
        let answered = deliver::post(&outgoing, &home, &agent).await;
        locked(&self.shop).delivered(outgoing, answered)
    }
}

/// A shop that is being served; stopped when dropped.
#[derive(Debug)]
pub struct WooFake {
    server: FakeServer,
    inside: Inside,
    delivering: Option<JoinHandle<()>>,
}

impl WooFake {
    /// Where to dial it: `http://127.0.0.1:<port>`.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// The address that signatures must name.
    pub fn home(&self) -> String {
        locked(&self.inside.shop).config.home.clone()
    }

    /// The consumer key that may write.
    pub fn key(&self) -> String {
        locked(&self.inside.shop).config.keys.first().map(|key| key.key.clone()).unwrap_or_default()
    }

    pub fn secret(&self) -> String {
        locked(&self.inside.shop).config.keys.first().map(|key| key.secret.clone()).unwrap_or_default()
    }

    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    pub fn clock(&self) -> &SimClock {
        self.server.clock()
    }

    pub fn calls(&self) -> &CallLog {
        self.server.calls()
    }

    /// WordPress is being updated: 503 with `Retry-After: 600` (capture 95).
    pub fn maintenance(&self) -> Switch {
        self.faults().fail_while(StatusCode::SERVICE_UNAVAILABLE, Some(600))
    }

    /// The plugin is switched off: 404 `rest_no_route`, which is not for ever (capture 96).
    pub fn plugin_inactive(&self) -> Switch {
        self.faults().fail_while(StatusCode::NOT_FOUND, None)
    }

    /// 500 `wp_die` (capture 97).
    pub fn database_down(&self) -> Switch {
        self.faults().fail_while(StatusCode::INTERNAL_SERVER_ERROR, None)
    }

    /// 502 with HTML from the web server (capture 98).
    pub fn php_down(&self) -> Switch {
        self.faults().fail_while(StatusCode::BAD_GATEWAY, None)
    }

    /// Where active webhooks call, once for each.
    pub fn active_webhooks(&self) -> Vec<String> {
        locked(&self.inside.shop).active_webhooks()
    }

    pub fn disable_webhooks(&self) {
        locked(&self.inside.shop).disable_webhooks();
    }

    /// Sends everything that waits, each once, with bodies as of now.
    pub async fn deliver_webhooks(&self) -> Vec<Delivery> {
        self.inside.deliver().await
    }

    /// From now on sends what waits by itself, in this interval; the real queue runs about once a minute.
    pub fn deliver_webhooks_every(&mut self, interval: Duration) {
        let inside = self.inside.clone();
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                inside.deliver().await;
            }
        });
        if let Some(before) = self.delivering.replace(task) {
            before.abort();
        }
    }
}

impl Drop for WooFake {
    fn drop(&mut self) {
        if let Some(task) = &self.delivering {
            task.abort();
        }
    }
}
