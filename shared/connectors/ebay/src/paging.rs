//! Lists by offset, read from the last page to the first: an entry that leaves moves others to pages still to come.

use connect::{ConnectError, ErrorKind, Incoming, Listing, Page, PageToken, Response, Window};
use jiff::SignedDuration;
use url::Url;

use crate::api::{self, Api};
use crate::{map, wire};

const MAX_LIMIT: u64 = 200;

/// How often one reading of a list may go back because the list grew in front of it.
const MAX_RETURNS: u64 = 9;

/// Where the next page is, and what is known of the list. Written with slashes in a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    offset: u64,
    limit: u64,
    /// What `offset` grows by from one page to the next: entries for orders, 1 for inventory items.
    step: u64,
    total: u64,
    returns: u64,
}

impl Position {
    fn token(self) -> PageToken {
        let Self { offset, limit, step, total, returns } = self;
        PageToken(format!("{offset}/{limit}/{step}/{total}/{returns}"))
    }

    fn parse(token: &PageToken) -> Option<Self> {
        let numbers: Option<Vec<u64>> = token.0.split('/').map(|part| part.parse().ok()).collect();
        let [offset, limit, step, total, returns] = numbers?[..] else { return None };
        let position = Self { offset, limit, step, total, returns };
        ((1..=MAX_LIMIT).contains(&limit) && step > 0).then_some(position)
    }

    /// The last page of a list of `total` entries.
    fn last(total: u64, limit: u64, step: u64) -> Self {
        Self { offset: total.div_ceil(limit).saturating_sub(1) * step, limit, step, total, returns: 0 }
    }

    fn after_reading(self, total: u64, operation: &'static str) -> Result<Option<Self>, ConnectError> {
        let grown = total.saturating_sub(self.total);
        if grown > 0 && self.returns < MAX_RETURNS {
            // What came in front pushed others to pages that were read already.
            let offset = self.offset + grown.div_ceil(self.limit) * self.step;
            return Ok(Some(Self { offset, total, returns: self.returns + 1, ..self }));
        }
        if grown > 0 {
            let message = "eBay's list changes faster than it can be read.";
            return Err(ConnectError::new(ErrorKind::Unavailable, operation, message).without_effect());
        }
        Ok((self.offset > 0).then(|| Self { offset: self.offset.saturating_sub(self.step), total, ..self }))
    }
}

/// What an answer says about its list.
struct Extent {
    total: Option<u64>,
    limit: Option<u64>,
    next: Option<String>,
}

/// The first call reads the first page, only to learn how many there are; where there are more, it is read again last.
fn next(at: Option<Position>, extent: &Extent, response: &Response) -> Result<Option<PageToken>, ConnectError> {
    let asked = at.map_or(MAX_LIMIT, |at| at.limit);
    let given = extent.limit.filter(|limit| (1..=MAX_LIMIT).contains(limit)).unwrap_or(asked);
    let total = || extent.total.ok_or_else(|| api::lacking(response, "total"));
    let next = match (at, extent.next.as_deref()) {
        (None, None) => None,
        (None, Some(link)) => {
            let step = offset_of(link).filter(|step| *step > 0);
            let step = step.ok_or_else(|| api::lacking(response, "offset in next"))?;
            Some(Position::last(total()?, given, step))
        }
        // eBay makes its pages smaller than they were: begin again.
        (Some(at), _) if given < at.limit => {
            let step = if at.step == at.limit { given } else { at.step };
            Some(Position { returns: at.returns + 1, ..Position::last(total()?, given, step) })
        }
        (Some(at), _) => at.after_reading(extent.total.unwrap_or(at.total), response.operation)?,
    };
    Ok(next.map(Position::token))
}

fn offset_of(link: &str) -> Option<u64> {
    // The description gives whole addresses, yet some answers hold a path only.
    let base = Url::parse("https://api.ebay.com").ok()?;
    let url = base.join(link).ok()?;
    url.query_pairs().find(|(name, _)| name == "offset")?.1.parse().ok()
}

fn position(page: Option<&PageToken>, operation: &'static str) -> Result<Option<Position>, ConnectError> {
    let Some(token) = page else { return Ok(None) };
    let unknown = || {
        let message = "Tributary lost its place in a list.";
        ConnectError::new(ErrorKind::Unexpected, operation, message).without_effect().with_context("page token")
    };
    Position::parse(token).map(Some).ok_or_else(unknown)
}

/// `date`: the filter's name of the date that the window is about.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/api:FilterField>
pub async fn orders(
    api: &Api,
    date: &str,
    window: &Window,
    page: Option<&PageToken>,
) -> Result<Page<Incoming>, ConnectError> {
    let at = position(page, "ebay.get_orders")?;
    let limit = at.map_or(MAX_LIMIT, |at| at.limit);
    let response = api.get_orders(&filter(date, window), limit, at.map_or(0, |at| at.offset)).await?;
    let list: wire::OrderSearchPagedCollection = api::decode(&response)?;
    let extent = Extent { total: list.total, limit: list.limit, next: list.next };
    Ok(Page {
        next: next(at, &extent, &response)?,
        items: list.orders.iter().flatten().map(|raw| map::incoming(raw.get().as_bytes())).collect(),
        server_time: response.date(),
    })
}

/// Both ends are inclusive at eBay and in milliseconds: a part of one is rounded outwards.
fn filter(date: &str, window: &Window) -> String {
    let up = window.to.as_nanosecond() % 1_000_000 != 0;
    let to = if up { window.to.saturating_add(SignedDuration::from_millis(1)).unwrap_or(window.to) } else { window.to };
    format!("{date}:[{}..{}]", map::stamp(window.from), map::stamp(to))
}

pub async fn listings(api: &Api, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
    let at = position(page, "ebay.get_inventory_items")?;
    let limit = at.map_or(MAX_LIMIT, |at| at.limit);
    let response = api.get_inventory_items(limit, at.map_or(0, |at| at.offset)).await?;
    let list: wire::InventoryItems = api::decode(&response)?;
    let extent = Extent { total: list.total, limit: list.limit, next: list.next };
    Ok(Page {
        next: next(at, &extent, &response)?,
        items: list.inventory_items.into_iter().filter_map(map::listing).collect(),
        server_time: response.date(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn answer() -> Response {
        Response { operation: "ebay.get_orders", status: 200, headers: BTreeMap::new(), body: Vec::new() }
    }

    /// Reads a list of `total` entries to its end; `step`: what eBay's own next link adds.
    fn walk(total: u64, limit: u64, step: u64) -> Vec<u64> {
        let (mut at, mut offsets) = (None, Vec::new());
        loop {
            let offset = at.map_or(0, |at: Position| at.offset);
            offsets.push(offset);
            let more = offset / step * limit + limit < total;
            let link = more.then(|| format!("/sell/x?limit={limit}&offset={}", offset + step));
            let extent = Extent { total: Some(total), limit: Some(limit), next: link };
            let Some(token) = next(at, &extent, &answer()).unwrap() else { return offsets };
            at = Position::parse(&token);
        }
    }

    #[test]
    fn pages_are_read_from_the_last_to_the_first() {
        assert_eq!(walk(0, 200, 200), [0]);
        assert_eq!(walk(200, 200, 200), [0]);
        assert_eq!(walk(201, 200, 200), [0, 200, 0]);
        assert_eq!(walk(7, 2, 2), [0, 6, 4, 2, 0]);
        assert_eq!(walk(401, 200, 1), [0, 2, 1, 0]);
    }

    fn after(at: Position, total: u64, limit: u64) -> Result<Option<Position>, ConnectError> {
        let extent = Extent { total: Some(total), limit: Some(limit), next: Some("?offset=450".to_owned()) };
        Ok(next(Some(at), &extent, &answer())?.map(|token| Position::parse(&token).unwrap()))
    }

    #[test]
    fn smaller_pages_than_asked_for_lose_nothing() {
        let at = Position { offset: 400, limit: 200, step: 200, total: 450, returns: 0 };
        let again = after(at, 450, 50).unwrap().unwrap();
        assert_eq!((again.offset, again.limit, again.step), (400, 50, 50));
    }

    #[test]
    fn a_list_that_grows_in_front_is_read_back_to_where_nothing_was_pushed() {
        let at = Position { offset: 200, limit: 200, step: 200, total: 550, returns: 0 };
        assert_eq!(after(at, 550, 200).unwrap().unwrap().offset, 0);
        assert_eq!(after(at, 551, 200).unwrap().unwrap().offset, 400);
        assert_eq!(after(at, 751, 200).unwrap().unwrap().offset, 600);
        let tired = Position { returns: MAX_RETURNS, ..at };
        assert_eq!(after(tired, 551, 200).unwrap_err().kind, ErrorKind::Unavailable);
        assert_eq!(after(tired, 550, 200).unwrap().unwrap().offset, 0);
    }

    #[test]
    fn more_pages_without_a_total_are_not_guessed() {
        let extent = Extent { total: None, limit: Some(200), next: Some("?offset=200".to_owned()) };
        assert_eq!(next(None, &extent, &answer()).unwrap_err().kind, ErrorKind::Decode);
        assert!(position(Some(&PageToken("2".to_owned())), "ebay.get_orders").is_err());
    }

    #[test]
    fn a_window_is_asked_for_in_whole_milliseconds() {
        let window = Window {
            from: "2026-11-20T08:00:00.0019Z".parse().unwrap(),
            to: "2026-11-20T09:00:00.0011Z".parse().unwrap(),
        };
        assert_eq!(
            filter("lastmodifieddate", &window),
            "lastmodifieddate:[2026-11-20T08:00:00.001Z..2026-11-20T09:00:00.002Z]"
        );
    }
}
