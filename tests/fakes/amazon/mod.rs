//! A stateful fake of Amazon for one seller in one region: Login with Amazon, Orders 2026-01-01, the shipment
//! confirmation of Orders v0, Listings Items 2021-08-01, Sellers v1, Notifications v1 to a queue.
//!
//! Every request is checked against Amazon's own descriptions where they are at hand: what they do not allow is refused
//! with 400 and kept as a violation. Where they are silent, this fake is assumed to: list orders by time and id, and hold
//! a page's place by them; know an unknown order as 404 and an id of another form as 400.

mod actions;
mod confirm;
mod demo_orders;
mod errors;
mod http;
mod limits;
mod listings;
mod lwa;
mod notifications;
mod order;
mod order_spec;
mod orders;
mod render;
mod state;

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shares;
use axum::http::{Method, Request, Response};
use jiff::SignedDuration;
use serde_json::json;

pub use confirm::RefusedPackage;
pub use demo_orders::{DEMO_ORDERS, demo_listings, demo_orders};
pub use limits::LIMITS;
pub use listings::{ListedItem, QuantityPatch};
pub use lwa::{Application, TokenGrant};
pub use order::{Order, Package};
pub use order_spec::{Collector, Gift, LineSpec, OrderSpec, Patch, Placed, TaxStyle};

use crate::spec::{Sent, SpecSet, Uses, Violation};
use crate::{Base, CallLog, FakeServer, Faults, Listener, SimClock, locked};
use errors::Refusal;
use http::{Answer, Asked};
use state::State;

/// The merchant token.
pub const SELLER_ID: &str = "A3TH9S8BH6GOGM";
pub const STORE_NAME: &str = "Tributary Test Shop";
/// Where the seller sells: the United Kingdom, Germany, and Japan for amounts without decimals.
pub const MARKETPLACES: [&str; 3] = ["A1F83G8C2ARO7P", "A1PA6795UKMFR9", "A1VC38T7YXB528"];
/// The refresh token of a connection made earlier.
pub const REFRESH_TOKEN: &str = "Atzr|refresh-of-the-connected-seller";

/// Checked against each request. The later ones win where two name an operation alike.
pub const DESCRIPTIONS: [&str; 5] = [
    "amazon/ordersV0.json",
    "amazon/orders_2026-01-01.json",
    "amazon/listingsItems_2021-08-01.json",
    "amazon/sellers.json",
    "amazon/notifications.json",
];

/// "At least two minutes before the time of the request."
const YOUNGEST_END: SignedDuration = SignedDuration::from_mins(2);

/// What a fake forgives.
#[derive(Debug, Clone, Copy, Default)]
struct Leniency {
    /// Any number of calls.
    limits: bool,
    /// Windows that end now.
    windows: bool,
}

/// A running fake. Its URL stands for `sellingpartnerapi-*.amazon.com` and for `api.amazon.com`.
#[derive(Debug)]
pub struct AmazonFake {
    server: FakeServer,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    url: String,
    clock: SimClock,
    faults: Faults,
    application: Application,
    specs: SpecSet,
    state: Mutex<State>,
    leniency: Mutex<Leniency>,
}

impl AmazonFake {
    /// On a free port of loopback, with an empty account that is connected by [`REFRESH_TOKEN`].
    pub async fn start(clock: SimClock) -> io::Result<Self> {
        Self::serve(Listener::bind().await?, clock)
    }

    /// As [`AmazonFake::start`], on a given address such as `127.0.0.1:8702`.
    pub async fn start_on(address: &str, clock: SimClock) -> io::Result<Self> {
        Self::serve(Listener::bind_to(address).await?, clock)
    }

    fn serve(listener: Listener, clock: SimClock) -> io::Result<Self> {
        let base = Base::new(clock, errors::fault_body);
        let mut state = State::default();
        state.tokens.add_refresh(REFRESH_TOKEN);
        let shared = Arc::new(Shared {
            url: listener.url().to_owned(),
            clock: base.clock.clone(),
            faults: base.faults.clone(),
            application: Application::default(),
            specs: SpecSet::load(&DESCRIPTIONS).map_err(io::Error::other)?,
            state: Mutex::new(state),
            leniency: Mutex::default(),
        });
        let router = Router::new().fallback(respond).with_state(Arc::clone(&shared));
        Ok(Self { server: listener.serve(router, base), shared })
    }

    /// Calls are not limited from now on: for callers that make more in a moment than Amazon allows in a day.
    pub fn unlimited(&self) {
        locked(&self.shared.leniency).limits = true;
    }

    /// Windows may end now, not only two minutes ago: for callers that see their own changes at once.
    pub fn without_lag(&self) {
        locked(&self.shared.leniency).windows = true;
    }

    /// What Amazon sends to the queue since the last time: one message for each order that changed.
    pub fn notices(&self) -> Vec<serde_json::Value> {
        let mut state = locked(&self.shared.state);
        let State { orders, notifications, .. } = &mut *state;
        notifications.take(orders)
    }

    /// The ARNs of the queues that the application may send to.
    pub fn destinations(&self) -> Vec<String> {
        locked(&self.shared.state).notifications.queues()
    }

    /// The queue that is told of changed orders.
    pub fn told_queue(&self) -> Option<String> {
        locked(&self.shared.state).notifications.told_queue()
    }

    /// Amazon forgets the subscription.
    pub fn drop_subscription(&self) {
        locked(&self.shared.state).notifications.drop_subscription();
    }

    /// Without a slash at the end.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    pub fn clock(&self) -> &SimClock {
        &self.shared.clock
    }

    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    pub fn calls(&self) -> &CallLog {
        self.server.calls()
    }

    /// The keys of the application that the seller let in.
    pub fn application(&self) -> &Application {
        &self.shared.application
    }

    /// The seller consents for a redirect address: the code that Amazon appends to it, good once.
    pub fn consent(&self, redirect_uri: &str) -> String {
        locked(&self.shared.state).tokens.add_code(redirect_uri, self.clock().now())
    }

    /// Every order of the seller, by id.
    pub fn orders(&self) -> Vec<Order> {
        locked(&self.shared.state).orders.values().cloned().collect()
    }

    pub fn order(&self, id: &str) -> Option<Order> {
        locked(&self.shared.state).orders.get(id).cloned()
    }

    /// An order with all that Amazon tells of it, as `getOrder` gives it.
    pub fn shown(&self, order_id: &str) -> Option<serde_json::Value> {
        Some(self.order(order_id)?.json(render::Included::ALL))
    }

    /// The confirmed packages of an order, oldest first.
    pub fn packages(&self, order_id: &str) -> Vec<Package> {
        self.order(order_id).map(|order| order.packages).unwrap_or_default()
    }

    /// How often a package was confirmed or edited.
    pub fn confirmations(&self) -> usize {
        locked(&self.shared.state).confirmations
    }

    pub fn refused_packages(&self) -> Vec<RefusedPackage> {
        locked(&self.shared.state).refused_packages.clone()
    }

    /// Every access token given, oldest first.
    pub fn tokens(&self) -> Vec<TokenGrant> {
        locked(&self.shared.state).tokens.granted.clone()
    }

    /// How many access tokens were had for a refresh token.
    pub fn refreshes(&self) -> usize {
        self.tokens().iter().filter(|grant| grant.grant_type == "refresh_token").count()
    }

    pub fn listing(&self, sku: &str) -> Option<ListedItem> {
        locked(&self.shared.state).listings.items.get(sku).cloned()
    }

    /// The quantities that callers set for a SKU, oldest first.
    pub fn quantity_patches(&self, sku: &str) -> Vec<QuantityPatch> {
        let state = locked(&self.shared.state);
        state.listings.patches.iter().filter(|patch| patch.sku == sku).cloned().collect()
    }

    /// Requests that Amazon's descriptions do not allow. Always empty where the descriptions are absent.
    pub fn violations(&self) -> Vec<Violation> {
        locked(&self.shared.state).violations.clone()
    }

    /// Which described operations were asked for here, and how often.
    pub fn coverage(&self) -> std::collections::BTreeMap<String, Uses> {
        self.shared.specs.coverage()
    }
}

async fn respond(Shares(shared): Shares<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let answer = match to_bytes(body, usize::MAX).await {
        Ok(body) => shared.answer(&Asked::new(&parts, body)),
        Err(error) => Refusal::invalid(&error.to_string()).into(),
    };
    answer.into_response()
}

impl Shared {
    fn answer(&self, asked: &Asked) -> Answer {
        let mut state = locked(&self.state);
        let now = self.clock.now();
        if asked.path == "/auth/o2/token" {
            return state.tokens.token_request(asked, &self.application, &self.faults, now);
        }
        let operation = self.specs.operation(&asked.method, &asked.path).map(|operation| operation.id.clone());
        let operation = operation.or_else(|| limits::operation_of(asked).map(str::to_owned));
        let limit = operation.as_deref().and_then(limits::limit_of);
        let answer = self.limited(&mut state, asked, limit).unwrap_or_else(Answer::from);
        match limit {
            Some(limit) => answer.header("x-amzn-ratelimit-limit", limit.rate),
            None => answer,
        }
    }

    fn limited(
        &self,
        state: &mut State,
        asked: &Asked,
        limit: Option<&'static limits::Limit>,
    ) -> Result<Answer, Refusal> {
        let now = self.clock.now();
        let grantless = state.tokens.authorise(asked, &self.faults, now)?;
        if let Some(limit) = limit
            && !locked(&self.leniency).limits
            && !state.buckets.take(limit, now)
        {
            return Err(Refusal::quota());
        }
        self.check(state, asked)?;
        let segments = asked.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        // Operations of the application's own take its token, all others a seller's.
        if grantless != notifications::is_grantless(&asked.method, &path) {
            return Err(Refusal::denied("The access token you provided is of the wrong kind for this operation."));
        }
        match (&asked.method, &path[..]) {
            (_, ["notifications", "v1", rest @ ..]) => state.notifications.answer(&asked.method, rest, asked),
            (&Method::GET, ["orders", "2026-01-01", "orders"]) => orders::search(self, state, asked),
            (&Method::GET, ["orders", "2026-01-01", "orders", id]) => orders::get(state, id, asked),
            (&Method::POST, ["orders", "v0", "orders", id, "shipmentConfirmation"]) => {
                confirm::confirm(state, id, asked, now)
            }
            (_, ["listings", "2021-08-01", "items", seller, rest @ ..]) => {
                listings::answer(self, &mut state.listings, seller, rest, asked)
            }
            (&Method::GET, ["sellers", "v1", "marketplaceParticipations"]) => Ok(participations()),
            _ => Err(Refusal::not_found("the resource")),
        }
    }

    fn check(&self, state: &mut State, asked: &Asked) -> Result<(), Refusal> {
        let sent = Sent {
            method: &asked.method,
            path: &asked.path,
            query: &asked.query,
            headers: &asked.headers,
            body: &asked.body,
        };
        let violations = self.specs.check_request(&sent);
        if violations.is_empty() {
            return Ok(());
        }
        let unknown = violations.iter().all(|violation| violation.place == "path");
        let reasons = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        state.violations.extend(violations);
        Err(if unknown { Refusal::not_found("the resource") } else { Refusal::invalid(&reasons) })
    }
}

/// <https://developer-docs.amazon.com/sp-api/reference/getmarketplaceparticipations>
fn participations() -> Answer {
    let [gb, de, jp] = MARKETPLACES;
    let one = |id: &str, country: &str, name: &str, currency: &str, language: &str| {
        json!({
            "marketplace": {
                "id": id, "countryCode": country, "name": name, "defaultCurrencyCode": currency,
                "defaultLanguageCode": language, "domainName": format!("www.{}", name.to_lowercase()),
            },
            "storeName": STORE_NAME,
            "participation": {"isParticipating": true, "hasSuspendedListings": false},
        })
    };
    Answer::ok(json!({"payload": [
        one(gb, "GB", "Amazon.co.uk", "GBP", "en_GB"),
        one(de, "DE", "Amazon.de", "EUR", "de_DE"),
        one(jp, "JP", "Amazon.co.jp", "JPY", "ja_JP"),
    ]}))
}
