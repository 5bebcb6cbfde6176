//! A stateful fake of __Title__ for one seller.
//!
//! CHANGE: this is the made-up platform that `cargo xtask new-connector` lays. Make the fake do what your vendor's
//! description or recordings say, link them here, and hold it to them in `tests/conformance/__snake__.rs`.
//!
//! Every call carries the header `x-api-key`. Times are RFC 3339 in UTC, amounts are decimal text in the order's currency.
//! A refusal is `{"error": "order_not_found"}`. Lists are ordered by date and id, 100 a page; `next` is the next cursor.
//!
//! | call | |
//! | --- | --- |
//! | `GET /account` | `{"id", "name"}` |
//! | `GET /orders?changed_from&changed_to&cursor` | `{"orders", "next"}`; `from <= changed_at < to` |
//! | `GET /orders?placed_from&placed_to&cursor` | the same by `created_at` |
//! | `GET /orders/{id}` | the order |
//! | `GET /orders/{id}/packages` | `{"packages"}` |
//! | `POST /orders/{id}/packages` | `{"carrier"?, "number"?, "lines"?: [{"line", "quantity"}]}`; without lines all that is left |
//! | `GET /listings?cursor` | `{"listings": [{"sku", "title", "active", "quantity"}], "next"}` |
//! | `PUT /listings/{sku}/quantity` | `{"quantity"}`, absolute |

mod answers;
mod lists;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shares;
use axum::http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::{Base, CallLog, FakeServer, Faults, Listener, SimClock, locked};

pub const API_KEY: &str = "__snake__-key-5f1c0e7b";

/// A running fake.
#[derive(Debug)]
pub struct __Pascal__Fake {
    server: FakeServer,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: SimClock,
    faults: Faults,
    state: Mutex<State>,
}

/// Orders, packages and listings as the API shows them.
#[derive(Debug, Default)]
struct State {
    orders: BTreeMap<String, Value>,
    packages: BTreeMap<String, Vec<Value>>,
    listings: BTreeMap<String, Value>,
    violations: Vec<String>,
    uses: BTreeMap<String, usize>,
}

/// A request as the fake's parts read it.
#[derive(Debug)]
struct Asked {
    method: Method,
    /// The path's segments, decoded.
    segments: Vec<String>,
    query: BTreeMap<String, String>,
    key: Option<String>,
    body: Value,
}

type Answer = (StatusCode, Value);

impl __Pascal__Fake {
    /// On a free port of loopback, with an empty shop.
    pub async fn start(clock: SimClock) -> io::Result<Self> {
        let base = Base::new(clock, |_| ("application/json", json!({"error": "fault"}).to_string()));
        let state = State { uses: answers::CALLS.map(|call| (call.to_owned(), 0)).into(), ..State::default() };
        let (clock, faults) = (base.clock.clone(), base.faults.clone());
        let shared = Arc::new(Shared { clock, faults, state: Mutex::new(state) });
        let router = Router::new().fallback(respond).with_state(Arc::clone(&shared));
        Ok(Self { server: Listener::bind().await?.serve(router, base), shared })
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

    /// A buyer's order, as the API shows it; the platform adds id, number, dates and what has not happened yet.
    pub fn place(&self, order: Value) -> String {
        let mut state = locked(&self.shared.state);
        let id = (7001 + state.orders.len()).to_string();
        let now = self.shared.clock.now();
        let mut placed = json!({
            "id": id, "number": format!("A-{id}"), "created_at": now, "changed_at": now,
            "fulfilment": "none", "state": "open", "refunds": [],
        });
        if let (Value::Object(placed), Value::Object(order)) = (&mut placed, order) {
            placed.extend(order);
        }
        state.orders.insert(id.clone(), placed);
        id
    }

    /// Anything that happens to an order on the platform; its time of change moves.
    pub fn edit(&self, id: &str, change: impl FnOnce(&mut Value, Timestamp)) {
        let now = self.shared.clock.now();
        if let Some(order) = locked(&self.shared.state).orders.get_mut(id) {
            change(order, now);
            order["changed_at"] = json!(now);
        }
    }

    pub fn pay(&self, id: &str) {
        self.edit(id, |order, now| {
            order["payment"] = json!("paid");
            order["paid_at"] = json!(now);
        });
    }

    pub fn cancel(&self, id: &str) {
        self.edit(id, |order, _| order["state"] = json!("canceled"));
    }

    /// The whole order's money goes back.
    pub fn refund(&self, id: &str) {
        self.edit(id, |order, now| order["refunds"] = json!([{"id": "R-1", "amount": order["total"], "at": now}]));
    }

    /// Lists a product, or replaces it.
    pub fn list(&self, sku: &str, quantity: i64) {
        let listing = json!({"sku": sku, "title": format!("A {sku}"), "active": true, "quantity": quantity});
        locked(&self.shared.state).listings.insert(sku.to_owned(), listing);
    }

    pub fn quantity(&self, sku: &str) -> Option<i64> {
        locked(&self.shared.state).listings.get(sku)?["quantity"].as_i64()
    }

    /// The packages of an order, oldest first.
    pub fn packages(&self, order: &str) -> Vec<Value> {
        locked(&self.shared.state).packages.get(order).cloned().unwrap_or_default()
    }

    /// Requests that the table above does not describe.
    pub fn violations(&self) -> Vec<String> {
        locked(&self.shared.state).violations.clone()
    }

    /// How often each described call was made.
    pub fn coverage(&self) -> BTreeMap<String, usize> {
        locked(&self.shared.state).uses.clone()
    }
}

async fn respond(Shares(shared): Shares<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    let asked = Asked {
        method: parts.method,
        segments: parts.uri.path().split('/').skip(1).map(decoded).collect(),
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        key: parts.headers.get("x-api-key").and_then(|key| key.to_str().ok()).map(str::to_owned),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let (status, body) = if shared.faults.is_revoked() || asked.key.as_deref() != Some(API_KEY) {
        refused(StatusCode::UNAUTHORIZED, "unknown_key")
    } else {
        answers::answer(&shared, &mut locked(&shared.state), &asked)
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response
}

fn refused(status: StatusCode, error: &str) -> Answer {
    (status, json!({"error": error}))
}
