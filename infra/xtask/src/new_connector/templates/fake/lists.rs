//! The fake's lists: ordered by date and id, so that a cursor stays where it is whatever changes.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answers::not_as_described;
use super::{Answer, Asked, Shared, State};
use crate::PageShift;

const PAGE: usize = 100;

pub(super) fn orders(shared: &Shared, state: &mut State, asked: &Asked) -> Answer {
    let by = if asked.query.contains_key("placed_from") { "placed" } else { "changed" };
    let known = [format!("{by}_from"), format!("{by}_to"), "cursor".to_owned()];
    if let Some(other) = asked.query.keys().find(|name| !known.contains(name)) {
        return not_as_described(state, &format!("GET /orders has no `{other}`"));
    }
    let bound = |name: &String| asked.query.get(name)?.parse::<Timestamp>().ok();
    let (Some(from), Some(to)) = (bound(&known[0]), bound(&known[1])) else {
        return not_as_described(state, "GET /orders wants both ends of a window");
    };
    let field = if by == "placed" { "created_at" } else { "changed_at" };
    let date = |order: &Value| order[field].as_str()?.parse::<Timestamp>().ok();
    let newest = shared.clock.now() - shared.faults.current_search_lag();
    let shown = |at: &Timestamp| (from..to).contains(at) && *at <= newest;
    let dated = state.orders.iter().filter_map(|(id, order)| Some((date(order).filter(shown)?, id.clone())));
    let (keys, next) = page(shared, asked, dated.map(|(at, id)| (format!("{:020}", at.as_nanosecond()), id)).collect());
    let found: Vec<Value> = keys.iter().filter_map(|id| state.orders.get(id).cloned()).collect();
    if let (Some(first), Some(shift)) = (keys.first(), shared.faults.take_page_shift()) {
        move_pages(state, first, shift, from, shared.clock.now());
    }
    (StatusCode::OK, json!({"orders": found, "next": next}))
}

pub(super) fn listings(shared: &Shared, state: &State, asked: &Asked) -> Answer {
    let (keys, next) = page(shared, asked, state.listings.keys().map(|sku| (String::new(), sku.clone())).collect());
    let found: Vec<Value> = keys.iter().filter_map(|sku| state.listings.get(sku).cloned()).collect();
    (StatusCode::OK, json!({"listings": found, "next": next}))
}

/// One page of what comes after the cursor, which is the last entry's date and key.
fn page(shared: &Shared, asked: &Asked, mut all: Vec<(String, String)>) -> (Vec<String>, Option<String>) {
    all.sort();
    if let Some((date, key)) = asked.query.get("cursor").and_then(|cursor| cursor.split_once('~')) {
        all.retain(|(at, id)| (at.as_str(), id.as_str()) > (date, key));
    }
    let limit = shared.faults.page_limit(PAGE);
    let last = all.get(limit.saturating_sub(1)).filter(|_| all.len() > limit);
    let next = last.map(|(date, key)| format!("{date}~{key}"));
    (all.into_iter().take(limit).map(|(_, key)| key).collect(), next)
}

/// An order leaves the window because it changes, or another comes in front of it.
fn move_pages(state: &mut State, first: &str, shift: PageShift, from: Timestamp, now: Timestamp) {
    let Some(order) = state.orders.get_mut(first) else { return };
    match shift {
        PageShift::Leaves => order["changed_at"] = json!(now),
        PageShift::Enters => {
            let mut newcomer = order.clone();
            let id = (7001 + state.orders.len()).to_string();
            newcomer["id"] = json!(id);
            newcomer["changed_at"] = json!(from);
            state.orders.insert(id, newcomer);
        }
    }
}
