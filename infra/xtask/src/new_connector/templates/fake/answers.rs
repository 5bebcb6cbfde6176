//! What the fake answers to each call, and what it refuses.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Asked, Shared, State, lists, refused};

/// Every call that is described.
pub(super) const CALLS: [&str; 7] = [
    "GET /account",
    "GET /orders",
    "GET /orders/{id}",
    "GET /orders/{id}/packages",
    "POST /orders/{id}/packages",
    "GET /listings",
    "PUT /listings/{sku}/quantity",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quantity {
    quantity: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPackage {
    carrier: Option<String>,
    number: Option<String>,
    #[serde(default)]
    lines: Vec<PackedLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackedLine {
    line: String,
    quantity: u64,
}

pub(super) fn answer(shared: &Shared, state: &mut State, asked: &Asked) -> Answer {
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    let call = match segments[..] {
        ["orders", _] => "/orders/{id}".to_owned(),
        ["orders", _, "packages"] => "/orders/{id}/packages".to_owned(),
        ["listings", _, "quantity"] => "/listings/{sku}/quantity".to_owned(),
        _ => format!("/{}", segments.join("/")),
    };
    let call = format!("{} {call}", asked.method);
    let Some(uses) = state.uses.get_mut(&call) else {
        state.violations.push(format!("{call} is not described"));
        return refused(StatusCode::NOT_FOUND, "no_such_call");
    };
    *uses += 1;
    match (asked.method.as_str(), &segments[..]) {
        (_, ["account"]) => (StatusCode::OK, json!({"id": "seller-1", "name": "The seller's shop"})),
        (_, ["orders"]) => lists::orders(shared, state, asked),
        (_, ["listings"]) => lists::listings(shared, state, asked),
        ("PUT", [_, sku, _]) => set_quantity(state, sku, &asked.body),
        (method, [_, id, rest @ ..]) => match state.orders.get(*id) {
            None => refused(StatusCode::NOT_FOUND, "order_not_found"),
            Some(order) if rest.is_empty() => (StatusCode::OK, order.clone()),
            Some(_) if method == "POST" => add_package(shared, state, id, &asked.body),
            Some(_) => (StatusCode::OK, json!({"packages": state.packages.get(*id).cloned().unwrap_or_default()})),
        },
        _ => refused(StatusCode::NOT_FOUND, "no_such_call"),
    }
}

/// A request of another form than the description gives.
pub(super) fn not_as_described(state: &mut State, why: &str) -> Answer {
    state.violations.push(why.to_owned());
    refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_request")
}

fn set_quantity(state: &mut State, sku: &str, body: &Value) -> Answer {
    let Ok(Quantity { quantity }) = Quantity::deserialize(body) else {
        return not_as_described(state, "a quantity of another form");
    };
    let Some(listing) = state.listings.get_mut(sku) else {
        return refused(StatusCode::NOT_FOUND, "listing_not_found");
    };
    listing["quantity"] = json!(quantity);
    (StatusCode::OK, json!({"quantity": quantity}))
}

fn add_package(shared: &Shared, state: &mut State, id: &str, body: &Value) -> Answer {
    let Ok(asked) = NewPackage::deserialize(body) else {
        return not_as_described(state, "a package of another form");
    };
    let packages = state.packages.entry(id.to_owned()).or_default();
    let Some(order) = state.orders.get_mut(id) else {
        return refused(StatusCode::NOT_FOUND, "order_not_found");
    };
    if order["state"] == "canceled" {
        return refused(StatusCode::CONFLICT, "order_canceled");
    }
    let mut left = left(order, packages);
    if left.iter().all(|(_, quantity)| *quantity == 0) {
        return refused(StatusCode::CONFLICT, "nothing_left");
    }
    let lines: Vec<(String, u64)> = if asked.lines.is_empty() {
        left.iter().filter(|(_, quantity)| *quantity > 0).cloned().collect()
    } else {
        asked.lines.into_iter().map(|line| (line.line, line.quantity)).collect()
    };
    for (line, quantity) in &lines {
        match left.iter_mut().find(|(known, left)| known == line && left >= quantity) {
            Some((_, left)) => *left -= quantity,
            None => return refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_line"),
        }
    }
    let now = shared.clock.now();
    let lines: Vec<_> = lines.iter().map(|(line, quantity)| json!({"line": line, "quantity": quantity})).collect();
    let package = json!({
        "id": format!("{id}-P{}", packages.len() + 1), "sent_at": now,
        "carrier": asked.carrier, "number": asked.number, "lines": lines,
    });
    packages.push(package.clone());
    let all = left.iter().all(|(_, quantity)| *quantity == 0);
    order["fulfilment"] = json!(if all { "sent" } else { "partial" });
    order["changed_at"] = json!(now);
    (StatusCode::CREATED, package)
}

/// By line, what is in no package yet.
fn left(order: &Value, packages: &[Value]) -> Vec<(String, u64)> {
    let lines = |of: &Value| of["lines"].as_array().cloned().unwrap_or_default();
    let quantity = |line: &Value| line["quantity"].as_u64().unwrap_or_default();
    let sent = |id: &Value| -> u64 {
        packages.iter().flat_map(lines).filter(|sent| sent["line"] == *id).map(|sent| quantity(&sent)).sum()
    };
    let left = |line: Value| {
        let id = line["id"].as_str().unwrap_or_default().to_owned();
        (id, quantity(&line).saturating_sub(sent(&line["id"])))
    };
    lines(order).into_iter().map(left).collect()
}
