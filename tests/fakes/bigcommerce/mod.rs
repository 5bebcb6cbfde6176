//! A stateful BigCommerce: orders v2 and v3, catalogue, inventory, settings, customers and hooks of one store, with its own
//! taxes, stock moves, mails and webhooks.
//!
//! Every request is checked against the vendor's descriptions where they are at hand: what they do not allow is refused and
//! kept as a violation. `/settings/inventory`, `/currencies` and the list of archived orders are described elsewhere, see
//! [`NOT_DESCRIBED`].

mod buyers;
mod catalog;
mod hooks;
mod http;
mod inventory;
mod orders;
mod refunds;
mod render;
mod settings;
mod shipments;
mod state;
mod stock;
mod tax;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shares;
use axum::http::{Request, Response};
use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::ebay::CATALOGUE;
use crate::spec::{Sent, SpecSet, Uses, Violation};
use crate::{Base, CallLog, FakeServer, Faults, Listener, SimClock, locked};
use http::{Answer, Asked, Outcome, Refusal};
use inventory::By;
use state::Store;

pub use buyers::Purchase;
pub use state::{
    Create, Delivery, Fee, Hook, Line, Mail, MailKind, MoveReason, Movement, Order, Product, Refund, Shipment,
    StockMoves, Tracking, Transaction, Variant,
};

/// The store's name in every path.
pub const HASH: &str = "a1b2c3d4";
/// The API account's keys.
pub const ACCESS_TOKEN: &str = "bigcommerce-access-token-4711";
pub const CLIENT_SECRET: &str = "bigcommerce-client-secret-4712";

/// Checked against each request.
pub const DESCRIPTIONS: [&str; 8] = [
    "bigcommerce/orders.v2.oas2.yml",
    "bigcommerce/orders.v3.yml",
    "bigcommerce/webhooks.v3.yml",
    "bigcommerce/inventory.v3.yml",
    "bigcommerce/customers.v3.yml",
    "bigcommerce/store_information.v2.yml",
    "bigcommerce/products_catalog.v3.yml",
    "bigcommerce/product-variants_catalog.v3.yml",
];

/// What the descriptions at hand lack or misstate, each known from elsewhere.
pub const NOT_DESCRIBED: [(&str, &str); 5] = [
    // An item of type `ORDER` is both an amount-bound and a tax-exempt one, of which it may be but one; the description's own
    // example is refused so. The fake looks at the items itself.
    ("createOrderRefund: body : {\"items\"", "the description's own example"),
    ("v3/settings/inventory: path", "https://developer.bigcommerce.com/docs/rest-management/settings/inventory"),
    ("v2/currencies: path", "https://developer.bigcommerce.com/docs/rest-management/currencies"),
    (
        "getOrders: query is_deleted",
        "https://docs.alokai.com/bigcommerce/api-reference/bigcommerce-api.getordersparameters.html",
    ),
    // "List of `product_id` separated by comma", of type integer.
    ("get-location-inventory-items: query product_id:in", "its own text"),
];

/// A store to be started. By default: USD alone, stock when an order is placed, put back when it is cancelled.
#[derive(Debug, Clone)]
pub struct BigStore {
    clock: SimClock,
    address: String,
    currency: String,
    transactional: Vec<String>,
    stock_moves: StockMoves,
    restocks: bool,
    refuses_sold_out: bool,
}

impl Default for BigStore {
    fn default() -> Self {
        Self {
            clock: SimClock::real(),
            address: "127.0.0.1:0".to_owned(),
            currency: "USD".to_owned(),
            transactional: vec!["USD".to_owned()],
            stock_moves: StockMoves::OrderPlaced,
            restocks: true,
            refuses_sold_out: false,
        }
    }
}

impl BigStore {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn clock(mut self, clock: SimClock) -> Self {
        self.clock = clock;
        self
    }

    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// Its own currency first; shoppers can pay in all of them.
    #[must_use]
    pub fn currencies(mut self, codes: &[&str]) -> Self {
        self.transactional = codes.iter().map(|code| (*code).to_owned()).collect();
        self.currency = self.transactional.first().cloned().unwrap_or_default();
        self
    }

    #[must_use]
    pub const fn stock_moves(mut self, when: StockMoves) -> Self {
        self.stock_moves = when;
        self
    }

    /// Whether the stock of a cancelled order comes back by itself.
    #[must_use]
    pub const fn restocks(mut self, restocks: bool) -> Self {
        self.restocks = restocks;
        self
    }

    /// An order of more units than there are is refused. Documents differ on whether it is.
    #[must_use]
    pub const fn refusing_sold_out(mut self) -> Self {
        self.refuses_sold_out = true;
        self
    }

    pub async fn start(self) -> io::Result<BigFake> {
        let listener = Listener::bind_to(&self.address).await?;
        let base = Base::new(self.clock, http::fault_body);
        let store = Store {
            currency: self.currency,
            transactional: self.transactional,
            stock_moves: self.stock_moves,
            restocks: self.restocks,
            refuses_sold_out: self.refuses_sold_out,
            app_fee: None,
            products: BTreeMap::new(),
            orders: BTreeMap::new(),
            customers: Vec::new(),
            hooks: Vec::new(),
            next_id: 100,
            calls: 0,
            creates: Vec::new(),
            mails: Vec::new(),
            movements: Vec::new(),
            events: Vec::new(),
        };
        let inner = Inner {
            url: listener.url().to_owned(),
            clock: base.clock.clone(),
            faults: base.faults.clone(),
            store,
            violations: Vec::new(),
        };
        let specs = SpecSet::load(&DESCRIPTIONS).map_err(io::Error::other)?;
        let shared = Arc::new(Shared { inner: Mutex::new(inner), specs });
        let router = Router::new().fallback(respond).with_state(Arc::clone(&shared));
        Ok(BigFake { server: listener.serve(router, base), shared })
    }
}

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    specs: SpecSet,
}

#[derive(Debug)]
struct Inner {
    url: String,
    clock: SimClock,
    faults: Faults,
    store: Store,
    violations: Vec<Violation>,
}

/// A running store; stopped when dropped. Its URL stands for `api.bigcommerce.com`.
#[derive(Debug)]
pub struct BigFake {
    server: FakeServer,
    shared: Arc<Shared>,
}

impl BigFake {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        locked(&self.shared.inner)
    }

    /// Without a slash at the end.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    pub fn clock(&self) -> &SimClock {
        self.server.clock()
    }

    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    pub fn calls(&self) -> &CallLog {
        self.server.calls()
    }

    /// The products of the demo, under the SKUs of its channel.
    pub fn stock_demo(&self) {
        for product in CATALOGUE {
            let price = Decimal::new(product.price, 2);
            self.add_product(product.sku, product.title, price, Tracking::Product, i64::from(product.stock));
        }
    }

    pub fn orders(&self) -> Vec<Order> {
        self.inner().store.orders.values().cloned().collect()
    }

    pub fn order(&self, id: u64) -> Option<Order> {
        self.inner().store.orders.get(&id).cloned()
    }

    pub fn product(&self, id: u64) -> Option<Product> {
        self.inner().store.products.get(&id).cloned()
    }

    /// Orders created over the API, those archived since too.
    pub fn creates(&self) -> Vec<Create> {
        self.inner().store.creates.clone()
    }

    /// From now on an app of the store adds a fee to each order that is created over the API.
    pub fn meddle(&self, fee: Decimal) {
        self.inner().store.app_fee = Some(fee);
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.inner().store.mails.clone()
    }

    pub fn movements(&self) -> Vec<Movement> {
        self.inner().store.movements.clone()
    }

    pub fn hooks(&self) -> Vec<Hook> {
        self.inner().store.hooks.clone()
    }

    /// The store switches a webhook off that nobody answered.
    pub fn deactivate_hooks(&self) {
        self.inner().store.hooks.iter_mut().for_each(|hook| hook.is_active = false);
    }

    /// What its webhooks send for what has happened since they were last asked.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.inner().deliveries()
    }

    /// Requests that the descriptions do not allow. Always empty where they are absent.
    pub fn violations(&self) -> Vec<Violation> {
        self.inner().violations.clone()
    }

    pub fn coverage(&self) -> BTreeMap<String, Uses> {
        self.shared.specs.coverage()
    }
}

async fn respond(Shares(shared): Shares<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let (answer, left) = match to_bytes(body, usize::MAX).await {
        Ok(body) => {
            let asked = Asked::new(&parts, body);
            let mut inner = locked(&shared.inner);
            inner.store.calls += 1;
            let left = 150_u32.saturating_sub(inner.store.calls % 150);
            (inner.answer(&shared.specs, &asked), left)
        }
        Err(error) => (Refusal::invalid(error.to_string()).answer("/v2/"), 150),
    };
    answer.into_response(left)
}

impl Inner {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn root(&self) -> String {
        format!("{}/stores/{HASH}/", self.url)
    }

    fn event(&mut self, scope: &str, id: u64) {
        self.store.events.push((scope.to_owned(), id));
    }

    /// Of what the store writes by itself; without an e-mail address it cannot write to the buyer.
    fn mail(&mut self, order_id: u64, kind: MailKind) {
        let has_address = self.store.orders.get(&order_id).is_some_and(|order| !order.email().is_empty());
        if kind == MailKind::OwnerNewOrder || has_address {
            self.store.mails.push(Mail { at: self.clock.now(), order_id, kind });
        }
    }

    fn answer(&mut self, specs: &SpecSet, asked: &Asked) -> Answer {
        self.authorised(specs, asked).unwrap_or_else(|refusal| refusal.answer(&asked.path))
    }

    fn authorised(&mut self, specs: &SpecSet, asked: &Asked) -> Outcome {
        let prefix = format!("/stores/{HASH}/");
        let Some(path) = asked.path.strip_prefix(&prefix) else { return Err(Refusal::not_found()) };
        if self.faults.is_revoked() || asked.header("x-auth-token") != Some(ACCESS_TOKEN) {
            return Err(Refusal::new(401, "Unauthorized"));
        }
        self.check(specs, asked, path)?;
        let segments: Vec<&str> = path.split('/').collect();
        match (asked.method.as_str(), segments.as_slice()) {
            ("GET", ["v2", "store"]) => Ok(self.store_information()),
            ("GET", ["v2", "currencies"]) => Ok(self.currencies(asked)),
            ("GET", ["v3", "settings", "inventory"]) => Ok(self.inventory_settings()),
            ("GET", ["v3", "customers"]) => Ok(self.customers(asked)),
            ("GET", ["v2", "orders"]) => self.list_orders(asked),
            ("POST", ["v2", "orders"]) => self.post_order(asked),
            ("GET", ["v2", "orders", id]) => self.get_order(id, asked),
            ("PUT", ["v2", "orders", id]) => self.put_order(id, asked),
            ("DELETE", ["v2", "orders", id]) => self.delete_order(id),
            ("GET", ["v2", "orders", id, "products"]) => self.order_products(id, asked),
            ("GET", ["v2", "orders", id, "taxes"]) => self.order_taxes(id),
            ("GET", ["v2", "orders", id, "shipments"]) => self.list_shipments(id),
            ("POST", ["v2", "orders", id, "shipments"]) => self.post_shipment(id, asked),
            ("PUT", ["v2", "orders", id, "shipments", shipment]) => self.put_shipment(id, shipment, asked),
            ("GET", ["v3", "orders", id, "transactions"]) => self.order_transactions(id),
            ("GET", ["v3", "orders", id, "payment_actions", "refunds"]) => self.list_refunds(id),
            ("POST", ["v3", "orders", id, "payment_actions", "refunds"]) => self.post_refund(id, asked),
            ("GET", ["v3", "catalog", "products"]) => Ok(self.list_products(asked)),
            ("POST", ["v3", "catalog", "products"]) => self.post_product(asked),
            ("GET", ["v3", "catalog", "variants"]) => Ok(self.list_variants(asked)),
            ("POST", ["v3", "inventory", "adjustments", "relative"]) => self.adjust(asked, By::Difference),
            ("PUT", ["v3", "inventory", "adjustments", "absolute"]) => self.adjust(asked, By::Level),
            ("GET", ["v3", "inventory", "locations", location, "items"]) => self.location_items(location, asked),
            ("GET", ["v3", "hooks"]) => Ok(self.list_hooks(asked)),
            ("POST", ["v3", "hooks"]) => self.post_hook(asked),
            ("PUT", ["v3", "hooks", id]) => self.put_hook(id, asked),
            ("DELETE", ["v3", "hooks", id]) => self.delete_hook(id),
            _ => Err(Refusal::not_found()),
        }
    }

    fn check(&mut self, specs: &SpecSet, asked: &Asked, path: &str) -> Result<(), Refusal> {
        // The descriptions' own store is called `store_hash`.
        let described = format!("/stores/store_hash/{path}");
        let sent = Sent {
            method: &asked.method,
            path: &described,
            query: &asked.query,
            headers: &asked.headers,
            body: &asked.body,
        };
        let known = |broken: &Violation| {
            let broken = broken.to_string();
            NOT_DESCRIBED.iter().any(|(known, _)| broken.contains(known))
        };
        let mut violations = specs.check_request(&sent);
        violations.retain(|violation| !known(violation));
        if violations.is_empty() {
            return Ok(());
        }
        let reasons = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        self.violations.extend(violations);
        Err(Refusal::invalid(reasons))
    }
}
