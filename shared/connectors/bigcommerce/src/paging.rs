//! Lists, read by keyset: each page holds the next larger ids, so that an entry which leaves or enters the list while it is
//! read hides no other.
//!
//! "The default sort is by order id, from lowest to highest", and `min_id` begins anywhere:
//! <https://developer.bigcommerce.com/docs/rest-management/orders#get-all-orders>. A page that is shorter than asked for
//! proves nothing; an empty one (204) is the end.

use connect::{ConnectError, ErrorKind, PageToken, Window};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::api::{Api, WHOLE};
use crate::error::refused;
use crate::store::By;

pub(crate) struct Read {
    pub items: Vec<Box<RawValue>>,
    pub next: Option<PageToken>,
    pub server_time: Option<Timestamp>,
}

/// The largest id of what was read before.
pub(crate) fn after(operation: &'static str, token: Option<&PageToken>) -> Result<u64, ConnectError> {
    let Some(token) = token else { return Ok(0) };
    token
        .0
        .parse()
        .map_err(|_| refused(operation, ErrorKind::Unexpected, "Tributary lost its place in the store's list."))
}

/// Where the next page begins. `None`: this one was empty, or nobody could tell what comes after it.
pub(crate) fn next(items: &[Box<RawValue>], after: u64) -> Option<PageToken> {
    let last = items.iter().filter_map(|raw| id_of(raw)).max().filter(|last| *last > after)?;
    Some(PageToken(last.to_string()))
}

fn id_of(raw: &RawValue) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct OnlyId {
        id: u64,
    }
    json::from_str::<OnlyId>(raw.get()).ok().map(|entry| entry.id)
}

/// The two lists that orders are in: one leaves out what is archived, the other holds nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shelf {
    Open,
    Archived,
}

impl Shelf {
    /// `is_deleted` is none of the described parameters, and one of those that the vendor's libraries have:
    /// <https://docs.alokai.com/bigcommerce/api-reference/bigcommerce-api.getordersparameters.html>.
    pub fn filter(self) -> Option<(&'static str, &'static str)> {
        (self == Self::Archived).then_some(("is_deleted", "true"))
    }
}

/// Which shelves are read, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shelves {
    Open,
    Both,
}

/// Where reading the orders of a window stands: `12` in the open ones, `archived:12` behind them.
fn place(operation: &'static str, token: Option<&PageToken>) -> Result<(Shelf, u64), ConnectError> {
    match token.and_then(|token| token.0.strip_prefix("archived:")) {
        Some(after_it) => Ok((Shelf::Archived, after(operation, Some(&PageToken(after_it.to_owned())))?)),
        None => Ok((Shelf::Open, after(operation, token)?)),
    }
}

fn next_place(items: &[Box<RawValue>], (shelf, after): (Shelf, u64), shelves: Shelves) -> Option<PageToken> {
    match (shelf, next(items, after)) {
        (Shelf::Open, Some(next)) => Some(next),
        (Shelf::Open, None) => (shelves == Shelves::Both).then(|| PageToken("archived:0".to_owned())),
        (Shelf::Archived, next) => next.map(|next| PageToken(format!("archived:{}", next.0))),
    }
}

/// One page of the orders modified (or created) in a window, whatever their status.
pub(crate) async fn orders(
    api: &Api,
    operation: &'static str,
    (by, window): (By, &Window),
    (shelves, limit): (Shelves, &str),
    token: Option<&PageToken>,
) -> Result<Read, ConnectError> {
    let (first, last) = match by {
        By::Modified => ("min_date_modified", "max_date_modified"),
        By::Created => ("min_date_created", "max_date_created"),
    };
    let (shelf, after) = place(operation, token)?;
    let min_id = after.saturating_add(1).to_string();
    let (from, to) = (date(window.from, Rounding::Down), date(window.to, Rounding::Up));
    let mut query = vec![(first, &*from), (last, &*to), ("min_id", &*min_id), ("limit", limit)];
    query.extend(WHOLE);
    query.extend(shelf.filter());
    let read = api.list_orders(operation, &query).await?;
    Ok(Read {
        next: next_place(&read.value, (shelf, after), shelves),
        items: read.value,
        server_time: read.server_time,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    Down,
    Up,
}

/// A moment for a filter of whole seconds, of which nobody says whether it takes its own second in: one second earlier for a
/// beginning, one later for an end. ISO 8601 with its offset.
pub(crate) fn date(at: Timestamp, rounding: Rounding) -> String {
    let whole = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
    let second = match rounding {
        Rounding::Down => whole - 1,
        Rounding::Up => whole + 1 + i64::from(at.subsec_nanosecond() != 0),
    };
    Timestamp::from_second(second).unwrap_or(at).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn a_page_says_where_the_next_one_begins() {
        let page = [raw(r#"{"id":7}"#), raw(r#"{"id":"odd"}"#), raw(r#"{"id":12}"#), raw(r#"{"id":9}"#)];
        assert_eq!(next(&page, 6), Some(PageToken("12".to_owned())));
        assert_eq!(next(&[], 6), None);
        // A store that ignored where to begin would go round for ever.
        assert_eq!(next(&page, 12), None);
        assert_eq!(after("test", Some(&PageToken("12".to_owned()))).unwrap(), 12);
        assert!(after("test", Some(&PageToken("nonsense".to_owned()))).is_err());
    }

    #[test]
    fn archived_orders_come_behind_the_others_where_they_are_wanted() {
        let page = [raw(r#"{"id":7}"#)];
        let token = |items: &[Box<RawValue>], at, shelves| next_place(items, at, shelves).map(|token| token.0);
        assert_eq!(token(&page, (Shelf::Open, 0), Shelves::Both).as_deref(), Some("7"));
        assert_eq!(token(&[], (Shelf::Open, 7), Shelves::Open), None);
        assert_eq!(token(&[], (Shelf::Open, 7), Shelves::Both).as_deref(), Some("archived:0"));
        assert_eq!(token(&page, (Shelf::Archived, 0), Shelves::Both).as_deref(), Some("archived:7"));
        assert_eq!(token(&[], (Shelf::Archived, 7), Shelves::Both), None);
        let at = |text: &str| place("test", Some(&PageToken(text.to_owned())));
        assert_eq!(at("archived:7").unwrap(), (Shelf::Archived, 7));
        assert_eq!(at("7").unwrap(), (Shelf::Open, 7));
        assert!(at("archived:").is_err() && at("shelved:7").is_err());
    }

    #[test]
    fn a_window_is_asked_for_in_whole_seconds_and_never_too_narrow() {
        let at = |text: &str, rounding| date(text.parse().unwrap(), rounding);
        assert_eq!(at("2026-11-21T20:59:03Z", Rounding::Down), "2026-11-21T20:59:02+00:00");
        assert_eq!(at("2026-11-21T20:59:03.9Z", Rounding::Down), "2026-11-21T20:59:02+00:00");
        assert_eq!(at("2026-11-21T20:59:03Z", Rounding::Up), "2026-11-21T20:59:04+00:00");
        assert_eq!(at("2026-11-21T20:59:03.1Z", Rounding::Up), "2026-11-21T20:59:05+00:00");
        assert_eq!(at("2026-11-21T23:59:59+02:00", Rounding::Down), "2026-11-21T21:59:58+00:00");
    }
}
