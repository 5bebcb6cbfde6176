//! A stateful fake of Etsy's Open API v3 for one shop: OAuth with rotating refresh tokens, receipts, listings, webhooks.
//!
//! Every request is checked against Etsy's own API description where it is at hand: what it does not allow is refused with
//! 400 and kept as a violation.

mod actions;
mod carriers;
mod demo_orders;
mod errors;
mod http;
mod inventory;
mod listing;
mod oauth;
mod quota;
mod receipt;
mod receipt_spec;
mod receipts;
mod render;
mod state;
mod webhook;

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shares;
use axum::http::{Method, Request, Response};
use serde_json::json;

pub use actions::RefundOf;
pub use demo_orders::{demo_listings, demo_orders};
pub use listing::{Listing, Product, Property};
pub use oauth::{Application, SCOPES, TokenGrant};
pub use receipt::{Receipt, Refund, Shipment};
pub use receipt_spec::{Buyer, LineSpec, Patch, ReceiptSpec};
pub use state::Told;
pub use webhook::{SIGNING_SECRET, Sent as SentWebhook};

use crate::spec::{Sent, SpecSet, Uses, Violation};
use crate::{Base, CallLog, FakeServer, Faults, Listener, SimClock, locked};
use errors::Refusal;
use http::{Answer, Asked};
use state::State;

/// The shop and its owner, who has a number of their own.
pub const SHOP_ID: u64 = 12_345_678;
pub const SHOP_NAME: &str = "TributaryShop";
pub const USER_ID: u64 = 87_654_321;
/// The refresh token of a connection made earlier, good for one refresh.
pub const REFRESH_TOKEN: &str = "87654321.refresh-of-the-connected-shop";

/// Checked against each request.
pub const DESCRIPTIONS: [&str; 1] = ["etsy/etsy-open-api-v3.oas-3.0.0.json"];

/// A running fake. Its URL stands for every Etsy host.
#[derive(Debug)]
pub struct EtsyFake {
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

impl EtsyFake {
    /// On a free port of loopback, with an empty shop that is connected by [`REFRESH_TOKEN`].
    pub async fn start(clock: SimClock) -> io::Result<Self> {
        Self::serve(Listener::bind().await?, clock)
    }

    /// As [`EtsyFake::start`], on a given address such as `127.0.0.1:8702`.
    pub async fn start_on(address: &str, clock: SimClock) -> io::Result<Self> {
        Self::serve(Listener::bind_to(address).await?, clock)
    }

    fn serve(listener: Listener, clock: SimClock) -> io::Result<Self> {
        let base = Base::new(clock, errors::fault_body);
        let mut state = State::default();
        state.tokens.add_refresh(REFRESH_TOKEN, base.clock.now());
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

    /// The seller consents to a page that was opened with `challenge` and `redirect_uri`: the code, good once.
    pub fn consent(&self, challenge: &str, redirect_uri: &str) -> String {
        locked(&self.shared.state).tokens.add_code(challenge, redirect_uri)
    }

    /// Calls a second and in 24 hours from now on.
    pub fn limit(&self, per_second: u32, per_day: u32) {
        locked(&self.shared.state).quota.limit(per_second, per_day);
    }

    /// Whether a cancel or a refund leaves `updated_timestamp` as it was, as it does until this is called with `true`.
    pub fn cancels_move_the_time(&self, they_do: bool) {
        locked(&self.shared.state).cancels_move_the_time = they_do;
    }

    pub fn receipt(&self, id: u64) -> Option<Receipt> {
        locked(&self.shared.state).receipts.get(&id).cloned()
    }

    pub fn receipts(&self) -> Vec<Receipt> {
        locked(&self.shared.state).receipts.values().cloned().collect()
    }

    /// What was told of a receipt over the API and accepted, oldest first. Each sent the buyer an e-mail.
    pub fn told(&self, receipt_id: u64) -> Vec<Told> {
        locked(&self.shared.state).told.iter().filter(|told| told.receipt_id == receipt_id).cloned().collect()
    }

    pub fn listing(&self, id: u64) -> Option<Listing> {
        locked(&self.shared.state).listings.get(&id).cloned()
    }

    /// The listing that has the SKU.
    pub fn listing_of(&self, sku: &str) -> Option<Listing> {
        let has = |listing: &&Listing| listing.products.iter().any(|product| product.sku == sku);
        locked(&self.shared.state).listings.values().find(has).cloned()
    }

    /// How many of a SKU can be bought.
    pub fn for_sale(&self, sku: &str) -> Option<u32> {
        self.listing_of(sku).map(|listing| listing.for_sale(sku))
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

    /// Requests that Etsy's description does not allow. Always empty where it is absent.
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
        Err(error) => Refusal::bad_request(&error.to_string()).into(),
    };
    answer.into_response()
}

impl Shared {
    fn answer(&self, asked: &Asked) -> Answer {
        let mut state = locked(&self.state);
        let now = self.clock.now();
        if asked.path == "/v3/public/oauth/token" {
            return state.tokens.token_request(asked, &self.application, &self.faults, now);
        }
        let headers = match state.quota.take(now) {
            Ok(headers) => headers,
            Err(wait) => return Answer::from(Refusal::too_many()).with_header("retry-after", wait.to_string()),
        };
        let answer = self.authorised(&mut state, asked).unwrap_or_else(Answer::from);
        headers.into_iter().fold(answer, |answer, (name, value)| answer.with_header(name, value))
    }

    fn authorised(&self, state: &mut State, asked: &Asked) -> Result<Answer, Refusal> {
        self.application.knows(asked)?;
        state.tokens.authorise(asked, &self.faults, self.clock.now())?;
        self.check(state, asked)?;
        let segments = asked.segments();
        let path: Vec<&str> = segments.iter().skip(2).map(String::as_str).collect();
        let get = asked.method == Method::GET;
        match path[..] {
            ["users", "me"] if get => Ok(Answer::ok(json!({"user_id": USER_ID, "shop_id": SHOP_ID}))),
            ["shipping-carriers"] if get => Ok(Answer::ok(carriers::of_profiles())),
            ["shops", shop, ref rest @ ..] => {
                if shop != SHOP_ID.to_string() {
                    return Err(Refusal::not_found("Shop not found."));
                }
                match *rest {
                    [] if get => Ok(Answer::ok(render::shop(self.clock.now()))),
                    ["receipts", ref rest @ ..] => receipts::answer(self, state, asked, rest),
                    ["listings", ref rest @ ..] => listing::answer(self, state, asked, rest),
                    _ => Err(Refusal::not_found("Resource not found")),
                }
            }
            ["listings", id, "inventory"] => inventory::answer(state, asked, id),
            _ => Err(Refusal::not_found("Resource not found")),
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
        violations.extend(asked.form_violations());
        if violations.is_empty() {
            return Ok(());
        }
        let unknown = violations.iter().all(|violation| violation.place == "path");
        let reasons = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        state.violations.extend(violations);
        Err(if unknown { Refusal::not_found("Resource not found") } else { Refusal::bad_request(&reasons) })
    }
}
