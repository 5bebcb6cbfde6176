//! The Sell Fulfillment API: orders, and the packages that a seller reports.
//! <https://developer.ebay.com/api-docs/sell/fulfillment/resources/methods>

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Shared;
use super::errors::Refusal;
use super::filter::{Date, Filter};
use super::http::{Answer, Asked};
use super::order::{Fulfilment, Order, ShippedBy};
use super::render::Detail;
use super::state::{RefusedFulfilment, State};
use super::time::{millis, stamp};
use crate::PageShift;

const BASE: &str = "/sell/fulfillment/v1";
const MAX_LIMIT: usize = 200;
const DEFAULT_LIMIT: usize = 50;
const MAX_ORDER_IDS: usize = 50;
/// Order ids look like this; others are refused before they are looked for.
const ORDER_ID_PARTS: [usize; 3] = [2, 5, 5];

pub(super) fn answer(shared: &Shared, state: &mut State, asked: &Asked) -> Result<Answer, Refusal> {
    let segments = asked.segments();
    let path: Vec<&str> = segments.iter().skip(3).map(String::as_str).collect();
    let get = asked.method == Method::GET;
    match path[..] {
        ["order"] if get => list(shared, state, asked),
        ["order", id] if get => {
            let detail = Detail { url: &shared.url, tax_breakdown: tax_breakdown(asked)?, single: true };
            Ok(Answer::ok(find(state, id)?.json(detail)))
        }
        ["order", id, "shipping_fulfillment"] if get => {
            let order = find(state, id)?;
            let fulfilments: Vec<Value> = order.fulfilments.iter().map(fulfilment_json).collect();
            Ok(Answer::ok(json!({"total": fulfilments.len(), "fulfillments": fulfilments})))
        }
        ["order", id, "shipping_fulfillment"] => ship(shared, state, id, asked),
        ["order", id, "shipping_fulfillment", fulfilment] if get => {
            let found = find(state, id)?.fulfilments.iter().find(|known| known.id == fulfilment);
            let message = || Refusal::fulfillment(32110, format!("Invalid shipping fulfillment ID: {fulfilment}"));
            Ok(Answer::ok(fulfilment_json(found.ok_or_else(message)?)))
        }
        ["order", id, "issue_refund"] => {
            find(state, id)?;
            state.refund_requests += 1;
            Err(Refusal::refund_not_expected())
        }
        _ => Err(Refusal::no_such_resource()),
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Order, Refusal> {
    let parts: Vec<&str> = id.split('-').collect();
    let well_formed = parts.iter().map(|part| part.len()).eq(ORDER_ID_PARTS)
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !well_formed {
        return Err(Refusal::fulfillment(32100, format!("Invalid order ID: {id}")));
    }
    state.orders.get(id).ok_or_else(|| Refusal::no_such_order(id))
}

fn tax_breakdown(asked: &Asked) -> Result<bool, Refusal> {
    match asked.parameter("fieldGroups") {
        None => Ok(false),
        Some("TAX_BREAKDOWN") => Ok(true),
        Some(other) => Err(Refusal::fulfillment(32800, format!("Invalid field group: {other}"))),
    }
}

fn list(shared: &Shared, state: &mut State, asked: &Asked) -> Result<Answer, Refusal> {
    let now = shared.clock.now();
    let detail = Detail { url: &shared.url, tax_breakdown: tax_breakdown(asked)?, single: false };
    if let Some(ids) = asked.parameter("orderIds") {
        return named(state, ids, detail, &shared.url);
    }
    let filter = Filter::parse(asked.parameter("filter"), now)?;
    let limit =
        number(asked, "limit", DEFAULT_LIMIT).filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(|| {
            Refusal::fulfillment(31100, format!("Invalid limit: {}", asked.parameter("limit").unwrap_or_default()))
        })?;
    let offset = number(asked, "offset", 0).ok_or_else(|| {
        Refusal::fulfillment(31000, format!("Invalid offset: {}", asked.parameter("offset").unwrap_or_default()))
    })?;
    let limit = shared.faults.page_limit(limit);

    let lag = shared.faults.current_search_lag();
    let mut found: Vec<&Order> = state.orders.values().filter(|order| filter.shows(order, now, lag)).collect();
    found.sort_by(|a, b| (filter.date(a), &a.spec.id).cmp(&(filter.date(b), &b.spec.id)));
    let total = found.len();
    let page: Vec<&Order> = found.into_iter().skip(offset).take(limit).collect();
    let link = |offset: usize| link(shared, asked, limit, offset);
    let mut body = json!({
        "href": link(offset),
        "total": total,
        "limit": limit,
        "offset": offset,
        "orders": page.iter().map(|order| order.json(detail)).collect::<Vec<_>>(),
    });
    if offset + page.len() < total {
        body["next"] = json!(link(offset + limit));
    }
    if offset > 0 {
        body["prev"] = json!(link(offset.saturating_sub(limit)));
    }
    let first = page.first().map(|order| order.spec.id.clone());
    if let (Some(first), Some(shift)) = (first, shared.faults.take_page_shift()) {
        move_pages(state, &first, shift, &filter, now);
    }
    Ok(Answer::ok(body))
}

/// "All other query parameters will be ignored." An id that there is not is left out.
fn named(state: &State, ids: &str, detail: Detail<'_>, url: &str) -> Result<Answer, Refusal> {
    let ids: Vec<&str> = ids.split(',').collect();
    if ids.len() > MAX_ORDER_IDS {
        let message = format!("Exceeded maximum number of order IDs (the current limit is {MAX_ORDER_IDS})");
        return Err(Refusal::fulfillment(30900, message));
    }
    let orders: Vec<Value> =
        ids.iter().filter_map(|id| state.orders.get(*id)).map(|order| order.json(detail)).collect();
    let href = format!("{url}{BASE}/order?orderIds={}", ids.join("%2C"));
    Ok(Answer::ok(json!({"href": href, "total": orders.len(), "limit": MAX_ORDER_IDS, "offset": 0, "orders": orders})))
}

fn number(asked: &Asked, name: &str, default: usize) -> Option<usize> {
    asked.parameter(name).map_or(Some(default), |text| text.parse().ok())
}

fn link(shared: &Shared, asked: &Asked, limit: usize, offset: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in asked.query.iter().filter(|(name, _)| !["limit", "offset"].contains(&name.as_str())) {
        query.append_pair(name, value);
    }
    query.append_pair("limit", &limit.to_string()).append_pair("offset", &offset.to_string());
    format!("{}{BASE}/order?{}", shared.url, query.finish())
}

/// What happens at eBay between two pages of one reader.
fn move_pages(state: &mut State, first: &str, shift: PageShift, filter: &Filter, now: Timestamp) {
    match shift {
        PageShift::Leaves => {
            if let Some(order) = state.orders.get_mut(first) {
                order.modified = millis(now);
            }
        }
        PageShift::Enters => {
            let Some(earliest) = state.orders.get(first).map(|order| filter.date(order)) else { return };
            let id = format!("00-{:05}-00000", state.next_number());
            let spec = super::OrderSpec::new(&id).line("SHIFTED-IN", 1, 100);
            let mut order = Order::new(spec, now);
            let before = earliest.min(now);
            match filter.by {
                Date::Created => (order.created, order.modified) = (before, before),
                Date::Modified => (order.created, order.modified) = (before.min(order.created), before),
            }
            state.orders.insert(id, order);
        }
    }
}

fn fulfilment_json(fulfilment: &Fulfilment) -> Value {
    let line = |(id, quantity): &(String, u32)| json!({"lineItemId": id, "quantity": quantity});
    let mut shown = json!({
        "fulfillmentId": fulfilment.id,
        "shippedDate": stamp(fulfilment.shipped),
        "lineItems": fulfilment.lines.iter().map(line).collect::<Vec<_>>(),
    });
    if let Some(tracking) = &fulfilment.tracking {
        shown["shipmentTrackingNumber"] = json!(tracking);
    }
    if let Some(carrier) = &fulfilment.carrier {
        shown["shippingCarrierCode"] = json!(carrier);
    }
    shown
}

fn ship(shared: &Shared, state: &mut State, id: &str, asked: &Asked) -> Result<Answer, Refusal> {
    let now = shared.clock.now();
    let checked = find(state, id).and_then(|order| package(order, &asked.json(), now));
    let fulfilment = match checked {
        Ok(fulfilment) => fulfilment,
        Err(refusal) => {
            let refused =
                RefusedFulfilment { at: now, order_id: id.to_owned(), body: asked.json(), error: refusal.json() };
            state.refused_fulfilments.push(refused);
            return Err(refusal);
        }
    };
    let mut fulfilment = fulfilment;
    if fulfilment.id.is_empty() {
        fulfilment.id = (999 + state.next_number()).to_string();
    }
    let location = format!("{}{BASE}/order/{id}/shipping_fulfillment/{}", shared.url, fulfilment.id);
    if let Some(order) = state.orders.get_mut(id) {
        order.fulfilments.push(fulfilment);
        order.modified = millis(now);
    }
    Ok(Answer::created(location))
}

/// The package that a request describes, with an empty id where it has no tracking number.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/resources/order/shipping_fulfillment/methods/createShippingFulfillment>
fn package(order: &Order, body: &Value, now: Timestamp) -> Result<Fulfilment, Refusal> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let (carrier, tracking) = (text("shippingCarrierCode"), text("trackingNumber"));
    let invalid = || Refusal::fulfillment(32300, "Invalid shipment tracking number or carrier");
    match (&carrier, &tracking) {
        (None, None) => {}
        // "If you include one, you must also include the other."
        (None, _) | (_, None) => return Err(invalid()),
        (Some(carrier), Some(tracking)) => {
            // "Only alphanumeric characters are supported for shipment tracking numbers."
            let number = !tracking.is_empty() && tracking.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_' | b'.' | b'&');
            if !number || carrier.is_empty() || !carrier.bytes().all(name) {
                return Err(invalid());
            }
        }
    }
    let shipped = match text("shippedDate") {
        None => now,
        Some(date) => {
            let parsed = date.parse::<Timestamp>().ok().filter(|at| *at <= now && date.ends_with('Z'));
            parsed.ok_or_else(|| Refusal::fulfillment(32500, "Invalid shipped date"))?
        }
    };
    let lines = package_lines(order, body)?;
    if matches!(order.cancel, super::Cancel::Canceled(_)) {
        return Err(Refusal::fulfillment(32600, "Invalid input data: the order is cancelled"));
    }
    Ok(Fulfilment {
        id: tracking.clone().unwrap_or_default(),
        carrier,
        tracking,
        lines,
        shipped: millis(shipped),
        by: ShippedBy::Api,
    })
}

fn package_lines(order: &Order, body: &Value) -> Result<Vec<(String, u32)>, Refusal> {
    let invalid = |what: &str| Refusal::fulfillment(32600, format!("Invalid input data: {what}"));
    let asked = body.get("lineItems").and_then(Value::as_array).filter(|lines| !lines.is_empty());
    let mut lines: Vec<(String, u32)> = Vec::new();
    for line in asked.ok_or_else(|| invalid("no line items"))? {
        let id = line.get("lineItemId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let ordered =
            order.ordered(&id).ok_or_else(|| Refusal::fulfillment(32200, format!("Invalid line item id: {id}")))?;
        if lines.iter().any(|(known, _)| *known == id) {
            return Err(Refusal::fulfillment(32210, "Duplicate line item in the request"));
        }
        // "Default: 1"; "a whole number greater than zero".
        let quantity =
            line.get("quantity").map_or(Some(1), Value::as_u64).and_then(|number| u32::try_from(number).ok());
        let quantity = quantity.filter(|quantity| *quantity > 0).ok_or_else(|| invalid("quantity"))?;
        if quantity > ordered.saturating_sub(order.shipped(&id)) {
            return Err(invalid("quantity is more than is left to ship"));
        }
        lines.push((id, quantity));
    }
    Ok(lines)
}
