//! A stateful fake of a Shopify shop over its Admin GraphQL API 2026-10, as a channel and as the main store.
//!
//! Requests are checked against Shopify's own schema where it is at hand: what it does not allow is refused with HTTP
//! 200 and `errors`, as Shopify does, and kept as a violation. A field that the schema has and this fake has not is a
//! violation too, so that no test is fooled by it.

mod answer;
mod blank;
mod buyer;
mod cancel;
mod coerce;
mod cost;
mod deliver;
mod demo;
mod errors;
mod fake;
mod fulfil;
mod goods;
mod graphql;
mod inventory;
mod ledger;
mod money;
mod oauth;
mod orders;
mod orders_new;
mod people;
mod project;
mod read;
mod refunds;
mod render;
mod render_goods;
mod render_made;
mod roots;
mod schema;
mod search;
mod state;
mod stock;
mod sums;
mod webhook_bodies;
mod webhooks;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shares;
use axum::http::{Request, Response, StatusCode};

pub use buyer::{LineSpec, OrderSpec, TaxSpec};
pub use cost::{DEAREST_QUERY, requested_cost};
pub use demo::{CATALOGUE, demo_orders};
pub use ledger::{Create, Ledger, Mail, MailKind, MoveReason, Movement, PackageMade, RefundMade};
pub use money::{Bag, Currencies};
pub use oauth::{Application, SCOPES, TokenGrant};
pub use roots::{MUTATIONS, QUERIES};
pub use schema::{AdminSchema, SCHEMA, admin_schema};
pub use state::{
    Address, Canceled, Customer, DiscountKind, Fulfillment, FulfillmentOrder, Level, Line, Location, Metafield, Order,
    Patch, Refund, RefundLine, Tax, Tracking, Transaction, Variant,
};
pub use webhooks::{COMPLIANCE_TOPICS, Delivery, Subscription};

use crate::{Base, CallLog, FakeServer, Faults, Listener, SimClock, locked};
use state::{Config, Shop};

/// Of the API.
pub const VERSION: &str = "2026-10";
/// The access token of a shop's own application, which does not expire.
pub const ACCESS_TOKEN: &str = "shpat_token-of-the-connected-shop";
/// The refresh token of a connection made earlier, whose access tokens expire.
pub const REFRESH_TOKEN: &str = "shprt_refresh-of-the-connected-shop";

/// A shop to be started. By default: GBP, prices without tax, on an ordinary plan.
#[derive(Debug, Clone)]
pub struct ShopifyShop {
    config: Config,
    clock: SimClock,
    address: String,
}

impl Default for ShopifyShop {
    fn default() -> Self {
        Self {
            config: Config {
                name: "Tributary Test Shop".to_owned(),
                domain: "tributary-test.myshopify.com".to_owned(),
                currency: "GBP".to_owned(),
                time_zone: "Europe/London".to_owned(),
                taxes_included: false,
                trial: false,
                owner_mail: "owner@shop.test".to_owned(),
                refunding_gateways: vec!["shopify_payments".to_owned(), "paypal".to_owned()],
            },
            clock: SimClock::real(),
            address: "127.0.0.1:0".to_owned(),
        }
    }
}

impl ShopifyShop {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn currency(mut self, code: &str) -> Self {
        code.clone_into(&mut self.config.currency);
        self
    }

    /// `*.myshopify.com`.
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        domain.clone_into(&mut self.config.domain);
        self
    }

    #[must_use]
    pub fn taxes_included(mut self) -> Self {
        self.config.taxes_included = true;
        self
    }

    /// A trial or development shop: five `orderCreate` a minute.
    #[must_use]
    pub fn trial(mut self) -> Self {
        self.config.trial = true;
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

    pub async fn start(self) -> io::Result<ShopifyFake> {
        let listener = Listener::bind_to(&self.address).await?;
        let base = Base { seen_as: crate::server::as_graphql, ..Base::new(self.clock, errors::fault_body) };
        let now = base.clock.now();
        let mut shop = Shop::new(self.config, now);
        shop.tokens.add_permanent(ACCESS_TOKEN, now);
        shop.tokens.add_refresh(REFRESH_TOKEN, now);
        let inside = Arc::new(Inside {
            clock: base.clock.clone(),
            faults: base.faults.clone(),
            application: Application::default(),
            schema: admin_schema(),
            held: Mutex::new(Held { shop, used: BTreeMap::new(), metered: true }),
        });
        let router = Router::new().fallback(respond).with_state(Arc::clone(&inside));
        Ok(ShopifyFake { server: listener.serve(router, base), inside })
    }
}

#[derive(Debug)]
struct Inside {
    clock: SimClock,
    faults: Faults,
    application: Application,
    schema: Option<Arc<AdminSchema>>,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    shop: Shop,
    /// How often each root field was asked for.
    used: BTreeMap<String, usize>,
    metered: bool,
}

async fn respond(Shares(inside): Shares<Arc<Inside>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        let mut refused = Response::new(Body::empty());
        *refused.status_mut() = StatusCode::BAD_REQUEST;
        return refused;
    };
    let mut held = locked(&inside.held);
    let Held { shop, used, metered } = &mut *held;
    let mut around = answer::Surroundings {
        schema: inside.schema.as_deref(),
        application: &inside.application,
        faults: &inside.faults,
        now: inside.clock.now(),
        used,
        metered: *metered,
    };
    answer::respond(shop, &mut around, &parts, &body)
}

/// A shop that is being served; stopped when dropped.
#[derive(Debug)]
pub struct ShopifyFake {
    server: FakeServer,
    inside: Arc<Inside>,
}

impl ShopifyFake {
    /// Without a slash at the end. It stands for `https://<shop>.myshopify.com`.
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

    /// The keys of the application that the shop let in.
    pub fn application(&self) -> &Application {
        &self.inside.application
    }

    /// `*.myshopify.com`.
    pub fn domain(&self) -> String {
        self.read(|shop| shop.config.domain.clone())
    }

    fn read<T>(&self, read: impl FnOnce(&Shop) -> T) -> T {
        self.write(|shop, _| read(shop))
    }

    fn write<T>(&self, write: impl FnOnce(&mut Shop, jiff::Timestamp) -> T) -> T {
        let now = self.clock().now();
        let shop = &mut locked(&self.inside.held).shop;
        shop.settle(now);
        write(shop, now)
    }
}
