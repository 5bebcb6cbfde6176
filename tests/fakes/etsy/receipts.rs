//! Receipts: the list, one of them, and the packages that a seller reports.
//! <https://developers.etsy.com/documentation/reference#tag/Shop-Receipt>

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::receipt::{Receipt, Shipment};
use super::state::{State, Told};
use super::{ReceiptSpec, Shared, carriers, render};
use crate::PageShift;

const DEFAULT_LIMIT: usize = 25;
const MAX_LIMIT: usize = 100;

pub(super) fn answer(shared: &Shared, state: &mut State, asked: &Asked, path: &[&str]) -> Result<Answer, Refusal> {
    let get = asked.method == Method::GET;
    match *path {
        [] if get => list(shared, state, asked),
        [id] if get => Ok(Answer::ok(render::receipt(find(state, id)?))),
        [id, "tracking"] if asked.method == Method::POST => ship(shared, state, id, asked),
        _ => Err(Refusal::not_found("Resource not found")),
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Receipt, Refusal> {
    let known = id.parse().ok().and_then(|id: u64| state.receipts.get(&id));
    let message = || format!("Could not find a Shop Receipt with receipt_id = {id}");
    known.ok_or_else(|| Refusal::not_found(&message()))
}

/// One of the page's own parameters.
pub(super) fn number(asked: &Asked, name: &str, default: usize) -> Result<usize, Refusal> {
    let invalid = || Refusal::bad_request(&format!("Invalid value for {name}"));
    asked.parameter(name).map_or(Ok(default), |text| text.parse().map_err(|_| invalid()))
}

pub(super) fn limit(shared: &Shared, asked: &Asked) -> Result<usize, Refusal> {
    let limit = number(asked, "limit", DEFAULT_LIMIT)?;
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Refusal::bad_request("limit must be between 1 and 100"));
    }
    Ok(shared.faults.page_limit(limit))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Created,
    Updated,
}

fn list(shared: &Shared, state: &mut State, asked: &Asked) -> Result<Answer, Refusal> {
    let now = shared.clock.now();
    let (limit, offset) = (limit(shared, asked)?, number(asked, "offset", 0)?);
    let bound = |name: &str| asked.parameter(name).and_then(|text| text.parse::<i64>().ok());
    let flag = |name: &str| asked.parameter(name).map(|text| text == "true");
    let visible = now.saturating_sub(shared.faults.current_search_lag()).unwrap_or(now);
    let shows = |receipt: &&Receipt| {
        let (created, updated) = (receipt.created.as_second(), receipt.updated.as_second());
        let inside = |at: i64, min: &str, max: &str| {
            bound(min).is_none_or(|min| at >= min) && bound(max).is_none_or(|max| at <= max)
        };
        inside(created, "min_created", "max_created")
            && inside(updated, "min_last_modified", "max_last_modified")
            && flag("was_paid").is_none_or(|paid| receipt.paid.is_some() == paid)
            && flag("was_shipped").is_none_or(|shipped| receipt.shipped.is_some() == shipped)
            // https://github.com/etsy/open-api/issues/629: shown when they are asked for.
            && flag("was_canceled").unwrap_or(false) == receipt.canceled
            && receipt.updated <= visible
    };
    let by = if asked.parameter("sort_on") == Some("updated") { By::Updated } else { By::Created };
    let date = |receipt: &Receipt| if by == By::Updated { receipt.updated } else { receipt.created };
    let mut found: Vec<&Receipt> = state.receipts.values().filter(shows).collect();
    found.sort_by_key(|receipt| (date(receipt), receipt.spec.id));
    if !matches!(asked.parameter("sort_order"), Some("asc" | "ascending" | "up")) {
        found.reverse();
    }
    let count = found.len();
    let page: Vec<&Receipt> = found.into_iter().skip(offset).take(limit).collect();
    let results: Vec<Value> = page.iter().map(|receipt| render::receipt(receipt)).collect();
    let first = page.first().map(|receipt| (receipt.spec.id, date(receipt)));
    if let (Some((id, at)), Some(shift)) = (first, shared.faults.take_page_shift()) {
        move_pages(state, id, at, shift, by, now);
    }
    Ok(Answer::ok(json!({"count": count, "results": results})))
}

/// What happens at Etsy between two pages of one reader.
fn move_pages(state: &mut State, first: u64, at: Timestamp, shift: PageShift, by: By, now: Timestamp) {
    match shift {
        PageShift::Leaves => {
            if let Some(receipt) = state.receipts.get_mut(&first) {
                receipt.updated = now;
            }
        }
        PageShift::Enters => {
            // Smaller than every other number, so that it comes first among those of its moment.
            let id = state.next_number();
            let mut receipt = Receipt::new(ReceiptSpec::new(id).line("SHIFTED-IN", 1, 100), vec![(1, 1)], now);
            let before = at.min(now);
            match by {
                By::Created => (receipt.created, receipt.updated) = (before, before),
                By::Updated => (receipt.created, receipt.updated) = (before.min(receipt.created), before),
            }
            state.receipts.insert(id, receipt);
        }
    }
}

/// <https://developers.etsy.com/documentation/reference#operation/createReceiptShipment>
fn ship(shared: &Shared, state: &mut State, id: &str, asked: &Asked) -> Result<Answer, Refusal> {
    let now = shared.clock.now();
    let receipt_id = find(state, id)?.spec.id;
    let number = state.next_number();
    let form = asked.form();
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let (tracking, carrier) = (field("tracking_code"), field("carrier_name"));
    let Some(receipt) = state.receipts.get_mut(&receipt_id) else { return Err(Refusal::not_found("receipt")) };
    if receipt.canceled {
        return Err(Refusal::bad_request("This receipt has been canceled."));
    }
    if receipt.paid.is_none() {
        return Err(Refusal::bad_request("This receipt has not been paid."));
    }
    // "When shipping within the United States AND the order is over $10 [...] tracking code and carrier name ARE required."
    let american = receipt.spec.buyer.country == "US" && receipt.spec.grandtotal() > 1000;
    if tracking.is_none() && (american || receipt.spec.buyer.country == "IN") {
        return Err(Refusal::bad_request("A tracking number is required"));
    }
    if tracking.is_some() && carrier.is_none() {
        return Err(Refusal::bad_request("A carrier name is required"));
    }
    let shown = carrier.as_deref().and_then(carriers::shown);
    if let (Some(tracking), Some(carrier)) = (&tracking, shown) {
        let (carrier, tracking) = (carrier.to_owned(), tracking.clone());
        receipt.shipments.push(Shipment { id: 1_500_000_000_000 + number, carrier, tracking, at: now });
    }
    receipt.shipped = receipt.shipped.or(Some(now));
    receipt.updated = now;
    let answer = render::receipt(receipt);
    state.told.push(Told { at: now, receipt_id, tracking, carrier });
    Ok(Answer::ok(answer))
}
