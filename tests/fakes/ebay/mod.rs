//! A stateful fake of eBay for one seller: OAuth, Sell Fulfillment, Sell Inventory, Commerce Identity and Feedback.
//!
//! Every request is checked against eBay's own API descriptions where they are at hand: what they do not allow is
//! refused with 400 and kept as a violation.

mod actions;
mod buyer;
mod demo_orders;
mod errors;
mod feedback;
mod filter;
mod fulfillment;
mod http;
mod identity;
mod inventory;
mod line_spec;
mod money;
mod oauth;
mod order;
mod order_spec;
mod render;
mod state;
mod sums;
mod time;

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shares;
use axum::http::{Request, Response};

pub use actions::RefundOf;
pub use buyer::{Address, Buyer, Field};
pub use demo_orders::{
    CATALOGUE, DEMO_ORDERS, Kind, Product, UNLINKED_SKU, demo_items, demo_orders, fewer_demo_orders, kind,
};
pub use feedback::Feedback;
pub use identity::PUBLIC_KEY_ID;
pub use inventory::{QuantityUpdate, StockedItem};
pub use line_spec::{Collector, Gift, LineSpec, TaxSpec, Variation};
pub use money::split;
pub use oauth::{Application, SCOPES, TokenGrant};
pub use order::{Cancel, Fulfilment, Order, Refund, ShippedBy};
pub use order_spec::{OrderSpec, Patch, Payment};
pub use state::RefusedFulfilment;
pub use sums::{LineSums, Sums};

use crate::spec::{Sent, SpecSet, Uses, Violation};
use crate::{Base, CallLog, FakeServer, Faults, Listener, SimClock, locked};
use errors::Refusal;
use http::{Answer, Asked};
use state::State;

/// The seller's eBay name, which may change, and the id that never does.
pub const SELLER: &str = "tributary-shop";
pub const SELLER_ID: &str = "seller-0001-abcdef";
/// The refresh token of a connection made earlier.
pub const REFRESH_TOKEN: &str = "v^1.1#i^1#r^1#refresh-of-the-connected-seller";

/// Checked against each request.
pub const DESCRIPTIONS: [&str; 5] = [
    "ebay/sell_fulfillment_v1_oas3.json",
    "ebay/sell_inventory_v1_oas3.json",
    "ebay/commerce_identity_v1_oas3.json",
    "ebay/commerce_notification_v1_oas3.json",
    "ebay/commerce_feedback_v1_derived.openapi.json",
];

/// A running fake. Its URL stands for `api.ebay.com` and for `apiz.ebay.com`.
#[derive(Debug)]
pub struct EbayFake {
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
}

impl EbayFake {
    /// On a free port of loopback, with an empty shop that is connected by [`REFRESH_TOKEN`].
    pub async fn start(clock: SimClock) -> io::Result<Self> {
        Self::serve(Listener::bind().await?, clock)
    }

    /// As [`EbayFake::start`], on a given address such as `127.0.0.1:8701`.
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
        });
        let router = Router::new().fallback(respond).with_state(Arc::clone(&shared));
        Ok(Self { server: listener.serve(router, base), shared })
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

    /// The seller consents: the code that eBay appends to the redirect, good once.
    pub fn consent(&self) -> String {
        locked(&self.shared.state).tokens.add_code()
    }

    /// Every order that the seller can see, by id.
    pub fn orders(&self) -> Vec<Order> {
        locked(&self.shared.state).orders.values().cloned().collect()
    }

    pub fn order(&self, id: &str) -> Option<Order> {
        locked(&self.shared.state).orders.get(id).cloned()
    }

    /// The order as `getOrders` gives it, with its taxes.
    pub fn order_json(&self, id: &str) -> Option<serde_json::Value> {
        let detail = render::Detail { url: self.url(), tax_breakdown: true, single: false };
        self.order(id).map(|order| order.json(detail))
    }

    /// Orders that vanished when they were combined.
    pub fn combined_away(&self) -> Vec<Order> {
        locked(&self.shared.state).combined_away.clone()
    }

    /// The packages of an order, duplicates included, oldest first.
    pub fn fulfilments(&self, order_id: &str) -> Vec<Fulfilment> {
        self.order(order_id).map(|order| order.fulfilments).unwrap_or_default()
    }

    pub fn refused_fulfilments(&self) -> Vec<RefusedFulfilment> {
        locked(&self.shared.state).refused_fulfilments.clone()
    }

    /// How often someone tried to move money.
    pub fn refund_requests(&self) -> usize {
        locked(&self.shared.state).refund_requests
    }

    /// Every access token given, oldest first.
    pub fn tokens(&self) -> Vec<TokenGrant> {
        locked(&self.shared.state).tokens.granted.clone()
    }

    /// How many access tokens were had for a refresh token.
    pub fn refreshes(&self) -> usize {
        self.tokens().iter().filter(|grant| grant.grant_type == "refresh_token").count()
    }

    /// Refused requests for a token.
    pub fn refused_tokens(&self) -> usize {
        locked(&self.shared.state).tokens.refused
    }

    pub fn item(&self, sku: &str) -> Option<StockedItem> {
        locked(&self.shared.state).inventory.items.get(sku).cloned()
    }

    /// The quantities that callers set for a SKU, oldest first.
    pub fn quantity_updates(&self, sku: &str) -> Vec<QuantityUpdate> {
        let state = locked(&self.shared.state);
        state.inventory.updates.iter().filter(|update| update.sku == sku).cloned().collect()
    }

    /// Requests that eBay's description does not allow. Always empty where the descriptions are absent.
    pub fn violations(&self) -> Vec<Violation> {
        locked(&self.shared.state).violations.clone()
    }

    /// What the seller left for buyers.
    pub fn feedback(&self) -> Vec<Feedback> {
        locked(&self.shared.state).feedback.clone()
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
        Err(error) => Refusal::not_as_described(&error.to_string()).into(),
    };
    answer.into_response()
}

impl Shared {
    fn answer(&self, asked: &Asked) -> Answer {
        let mut state = locked(&self.state);
        let now = self.clock.now();
        if asked.path == "/identity/v1/oauth2/token" {
            return state.tokens.token_request(asked, &self.application, &self.faults, now);
        }
        self.authorised(&mut state, asked).unwrap_or_else(Answer::from)
    }

    fn authorised(&self, state: &mut State, asked: &Asked) -> Result<Answer, Refusal> {
        state.tokens.authorise(asked, &self.faults, self.clock.now())?;
        self.check(state, asked)?;
        if asked.path.starts_with("/sell/fulfillment/v1/") {
            fulfillment::answer(self, state, asked)
        } else if asked.path.starts_with("/sell/inventory/v1/") {
            inventory::answer(self, &mut state.inventory, asked)
        } else if asked.path.starts_with("/commerce/feedback/v1/") {
            feedback::answer(self, state, asked)
        } else {
            identity::answer(asked)
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
        let mut violations = self.specs.check_request(&sent);
        // "This call requires that certain special characters in the URI query string be percent-encoded."
        if asked.raw_query.contains(['[', ']', '{', '}', '|']) {
            violations.push(Violation {
                operation: format!("{} {}", asked.method, asked.path),
                place: "query".to_owned(),
                message: "[ ] { } | must be percent-encoded".to_owned(),
            });
        }
        if violations.is_empty() {
            return Ok(());
        }
        let unknown = violations.iter().all(|violation| violation.place == "path");
        let reasons = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        state.violations.extend(violations);
        Err(if unknown { Refusal::no_such_resource() } else { Refusal::not_as_described(&reasons) })
    }
}
