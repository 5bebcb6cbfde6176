//! Orders 2026-01-01: `searchOrders` and `getOrder`.
//! <https://developer-docs.amazon.com/sp-api/reference/orders-v2026-01-01>

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::order::{Order, millis};
use super::render::{Included, stamp};
use super::state::State;
use super::{Shared, YOUNGEST_END};
use crate::{PageShift, locked};

const LARGEST_PAGE: usize = 100;
/// "The token will expire after 24 hours."
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Which of an order's two times a search is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Created,
    Updated,
}

#[derive(Debug)]
struct Search {
    by: By,
    after: Timestamp,
    before: Timestamp,
}

impl By {
    fn of(self, order: &Order) -> Timestamp {
        match self {
            Self::Created => order.created,
            Self::Updated => order.modified,
        }
    }
}

pub(super) fn get(state: &State, id: &str, asked: &Asked) -> Result<Answer, Refusal> {
    if !has_the_form_of_an_id(id) {
        return Err(Refusal::invalid("Invalid Input"));
    }
    let order = state.orders.get(id).ok_or_else(|| Refusal::not_found(&format!("Order {id}")))?;
    Ok(Answer::ok(json!({"order": order.json(Included::of(&asked.list("includedData")))})))
}

/// "In 3-7-7 format."
pub(super) fn has_the_form_of_an_id(id: &str) -> bool {
    let parts: Vec<&str> = id.split('-').collect();
    parts.iter().map(|part| part.len()).eq([3, 7, 7])
        && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
}

pub(super) fn search(shared: &Shared, state: &mut State, asked: &Asked) -> Result<Answer, Refusal> {
    let now = shared.clock.now();
    let lenient = locked(&shared.leniency).windows;
    let search = window(asked, now, lenient)?;
    let limit = match asked.parameter("maxResultsPerPage") {
        None => LARGEST_PAGE,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
            .ok_or_else(|| Refusal::invalid("maxResultsPerPage must be between 1 and 100"))?,
    };
    let limit = shared.faults.page_limit(limit);
    let place = asked.parameter("paginationToken").map(|token| place(token, asked, now)).transpose()?;
    let marketplaces = asked.list("marketplaceIds");
    let lag = shared.faults.current_search_lag();
    let statuses = asked.list("fulfillmentStatuses");
    let by = asked.list("fulfilledBy");
    let shows = |order: &&Order| {
        let at = search.by.of(order);
        let visible = lag.is_zero() || now.duration_since(order.modified) >= lag;
        (marketplaces.is_empty() || marketplaces.contains(&order.spec.marketplace_id.as_str()))
            && (statuses.is_empty() || statuses.contains(&order.status()))
            && (by.is_empty() || by.contains(&if order.spec.by_amazon { "AMAZON" } else { "MERCHANT" }))
            && at >= search.after
            && at <= search.before
            && visible
            && place.as_ref().is_none_or(|(time, id)| (at, order.spec.id.as_str()) > (*time, id.as_str()))
    };
    let mut found: Vec<&Order> = state.orders.values().filter(shows).collect();
    found.sort_by(|a, b| (search.by.of(a), &a.spec.id).cmp(&(search.by.of(b), &b.spec.id)));
    let more = found.len() > limit;
    found.truncate(limit);
    let included = Included::of(&asked.list("includedData"));
    let mut body = json!({"orders": found.iter().map(|order| order.json(included)).collect::<Vec<_>>()});
    let end = if search.by == By::Created { "createdBefore" } else { "lastUpdatedBefore" };
    body[end] = json!(stamp(search.before));
    if let Some(last) = found.last().filter(|_| more) {
        let token = json!({
            "at": search.by.of(last).as_millisecond(), "id": last.spec.id, "given": now.as_millisecond(),
            "of": parameters(asked),
        });
        body["pagination"] = json!({"nextToken": BASE64_URL_SAFE_NO_PAD.encode(token.to_string())});
    }
    let first = found.first().map(|order| (order.spec.id.clone(), search.by.of(order)));
    if let (Some((id, earliest)), Some(shift)) = (first, shared.faults.take_page_shift()) {
        move_pages(state, &id, earliest, shift, now);
    }
    Ok(Answer::ok(body))
}

/// "You must provide exactly one of createdAfter and lastUpdatedAfter."
fn window(asked: &Asked, now: Timestamp, lenient: bool) -> Result<Search, Refusal> {
    let given = |name: &str| asked.parameter(name);
    let (by, after, before, others) = match (given("createdAfter"), given("lastUpdatedAfter")) {
        (Some(after), None) => (By::Created, after, given("createdBefore"), ["lastUpdatedAfter", "lastUpdatedBefore"]),
        (None, Some(after)) => (By::Updated, after, given("lastUpdatedBefore"), ["createdAfter", "createdBefore"]),
        _ => return Err(Refusal::invalid("Exactly one of createdAfter and lastUpdatedAfter is to be given")),
    };
    if others.iter().any(|name| given(name).is_some()) {
        return Err(Refusal::invalid("The two kinds of dates cannot be combined"));
    }
    let time =
        |text: &str| text.parse::<Timestamp>().map_err(|_| Refusal::invalid("A date must be in ISO 8601 format"));
    let latest = if lenient { now } else { now.saturating_sub(YOUNGEST_END).unwrap_or(Timestamp::MIN) };
    let after = time(after)?;
    let before = match before {
        Some(before) => time(before)?,
        None => latest,
    };
    if before > millis(latest).saturating_add(SignedDuration::from_millis(1)).unwrap_or(latest) {
        return Err(Refusal::invalid("The end must be at least two minutes before the time of the request"));
    }
    if before < after {
        return Err(Refusal::invalid("The end must be equal to or after the beginning"));
    }
    Ok(Search { by, after, before })
}

/// "All other parameters must be provided with the same values ... with the exception of maxResultsPerPage and includedData."
fn parameters(asked: &Asked) -> Value {
    let free = ["maxResultsPerPage", "includedData", "paginationToken"];
    let mut fixed: Vec<String> = asked
        .query
        .iter()
        .filter(|(name, _)| !free.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    fixed.sort();
    json!(fixed)
}

fn place(token: &str, asked: &Asked, now: Timestamp) -> Result<(Timestamp, String), Refusal> {
    let unknown = || Refusal::invalid("paginationToken is invalid");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| unknown())?;
    let token: Value = serde_json::from_slice(&bytes).map_err(|_| unknown())?;
    let time = |key: &str| Timestamp::from_millisecond(token[key].as_i64()?).ok();
    let given = time("given").ok_or_else(unknown)?;
    if now.duration_since(given) > TOKEN_LIFE {
        return Err(Refusal::invalid("paginationToken has expired"));
    }
    if token["of"] != parameters(asked) {
        return Err(Refusal::invalid("paginationToken was given for another search"));
    }
    let id = token["id"].as_str().ok_or_else(unknown)?;
    Ok((time("at").ok_or_else(unknown)?, id.to_owned()))
}

/// What happens at Amazon between two pages of one reader.
fn move_pages(state: &mut State, first: &str, earliest: Timestamp, shift: PageShift, now: Timestamp) {
    match shift {
        PageShift::Leaves => {
            if let Some(order) = state.orders.get_mut(first) {
                order.modified = millis(now);
            }
        }
        PageShift::Enters => {
            let id = format!("000-{:07}-0000000", state.next_number());
            let mut order = Order::new(super::OrderSpec::new(&id).line("SHIFTED-IN", 1, 100), now);
            (order.created, order.modified) = (earliest, earliest);
            state.orders.insert(id, order);
        }
    }
}
