//! Lists by offset, read from the last page to the first: an entry that leaves moves others to pages still to come.

use connect::{ConnectError, ErrorKind, Incoming, Listing, Page, PageToken, Response, Window};
use jiff::Timestamp;

use crate::api::{self, Api};
use crate::{map, wire};

const MAX_LIMIT: u64 = 100;

/// How often one reading of a list may go back because the list grew in front of it.
const MAX_RETURNS: u64 = 9;

/// The smallest time that Etsy's filters take.
const EARLIEST: i64 = 946_684_800;

/// A receipt that is cancelled is left out of the list unless it is asked for.
/// <https://github.com/etsy/open-api/issues/604>, <https://github.com/etsy/open-api/issues/629>
const RECEIPTS: [Option<&str>; 2] = [None, Some("true")];

/// What the seller still sells: on sale, out of stock, taken out of sale.
const STATES: [&str; 3] = ["active", "sold_out", "inactive"];

/// Where the next page is, and what is known of its list. Written with slashes in a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    /// Which of the lists that are read one after the other.
    list: usize,
    offset: u64,
    limit: u64,
    /// How many entries the list had. None: it was not looked at yet.
    total: Option<u64>,
    returns: u64,
}

impl Position {
    const fn first(list: usize) -> Self {
        Self { list, offset: 0, limit: MAX_LIMIT, total: None, returns: 0 }
    }

    fn token(self) -> PageToken {
        let Self { list, offset, limit, total, returns } = self;
        let total = total.map_or_else(|| "-".to_owned(), |total| total.to_string());
        PageToken(format!("{list}/{offset}/{limit}/{total}/{returns}"))
    }

    fn parse(token: &PageToken, lists: usize) -> Option<Self> {
        let [list, offset, limit, total, returns] = token.0.split('/').collect::<Vec<_>>()[..] else { return None };
        let total = if total == "-" { None } else { Some(total.parse().ok()?) };
        let position = Self {
            list: list.parse().ok()?,
            offset: offset.parse().ok()?,
            limit: limit.parse().ok()?,
            total,
            returns: returns.parse().ok()?,
        };
        ((1..=MAX_LIMIT).contains(&position.limit) && position.list < lists).then_some(position)
    }

    /// After a page of `got` entries of a list that now has `count`.
    fn next(self, got: u64, count: u64, lists: usize, response: &Response) -> Result<Option<Self>, ConnectError> {
        let following = || (self.list + 1 < lists).then(|| Self::first(self.list + 1));
        let expected = self.limit.min(count.saturating_sub(self.offset));
        let Some(total) = self.total else {
            // The first call reads the first page, only to learn how many there are; where there are more, it is read
            // again last.
            return if got >= count {
                Ok(following())
            } else {
                self.starting_at_the_end(got, count, response).map(Some)
            };
        };
        if got < expected {
            // Etsy makes its pages smaller than they were: begin again.
            return self.returning(response)?.starting_at_the_end(got, count, response).map(Some);
        }
        let grown = count.saturating_sub(total);
        if grown > 0 {
            // What came in front pushed others to pages that were read already.
            let offset = self.offset + grown.div_ceil(self.limit) * self.limit;
            return Ok(Some(Self { offset, total: Some(count), ..self.returning(response)? }));
        }
        if self.offset > 0 {
            return Ok(Some(Self { offset: self.offset.saturating_sub(self.limit), total: Some(count), ..self }));
        }
        Ok(following())
    }

    fn starting_at_the_end(self, limit: u64, count: u64, response: &Response) -> Result<Self, ConnectError> {
        if limit == 0 {
            return Err(api::lacking(response, "results"));
        }
        let limit = limit.min(self.limit);
        Ok(Self { offset: (count.saturating_sub(1)) / limit * limit, limit, total: Some(count), ..self })
    }

    fn returning(self, response: &Response) -> Result<Self, ConnectError> {
        if self.returns < MAX_RETURNS {
            return Ok(Self { returns: self.returns + 1, ..self });
        }
        let message = "Etsy's list changes faster than it can be read.";
        Err(ConnectError::new(ErrorKind::Unavailable, response.operation, message).without_effect())
    }
}

fn position(page: Option<&PageToken>, lists: usize, operation: &'static str) -> Result<Position, ConnectError> {
    let Some(token) = page else { return Ok(Position::first(0)) };
    let unknown = || {
        let message = "Tributary lost its place in a list.";
        ConnectError::new(ErrorKind::Unexpected, operation, message).without_effect().with_context("page token")
    };
    Position::parse(token, lists).ok_or_else(unknown)
}

/// Which of a receipt's dates a window is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Date {
    Modified,
    Created,
}

/// Receipts of a window, then those that were cancelled.
pub async fn orders(
    api: &Api,
    date: Date,
    window: &Window,
    page: Option<&PageToken>,
) -> Result<Page<Incoming>, ConnectError> {
    let at = position(page, RECEIPTS.len(), "etsy.get_shop_receipts")?;
    let (min, max, sort) = match date {
        Date::Modified => ("min_last_modified", "max_last_modified", "updated"),
        Date::Created => ("min_created", "max_created", "created"),
    };
    let (from, to) = seconds(window);
    let mut query = vec![
        (min, from.to_string()),
        (max, to.to_string()),
        ("sort_on", sort.to_owned()),
        ("sort_order", "asc".to_owned()),
        ("limit", at.limit.to_string()),
        ("offset", at.offset.to_string()),
    ];
    query.extend(RECEIPTS[at.list].map(|canceled| ("was_canceled", canceled.to_owned())));
    let response = api.get_shop_receipts(&query).await?;
    let list: wire::ShopReceipts = api::decode(&response)?;
    let receipts = list.results.unwrap_or_default();
    let next = at.next(count_of(receipts.len()), total(list.count, &response)?, RECEIPTS.len(), &response)?;
    Ok(Page {
        next: next.map(Position::token),
        items: receipts.iter().map(|raw| map::incoming(raw.get().as_bytes(), api.config.taxes)).collect(),
        server_time: response.date(),
    })
}

/// Etsy's filters are whole seconds, both ends inclusive: a part of one is rounded outwards.
fn seconds(window: &Window) -> (i64, i64) {
    let up = |at: Timestamp| at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    (window.from.as_second().max(EARLIEST), up(window.to).max(EARLIEST))
}

/// A list without its length cannot be read to its end.
fn total(count: Option<u64>, response: &Response) -> Result<u64, ConnectError> {
    count.ok_or_else(|| api::lacking(response, "count"))
}

fn count_of(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

/// One page of the shop's listings as Etsy has them, and where the next one is.
pub async fn shop_listings(
    api: &Api,
    page: Option<&PageToken>,
) -> Result<(Vec<wire::ShopListing>, Option<PageToken>, Option<Timestamp>), ConnectError> {
    let at = position(page, STATES.len(), "etsy.get_listings_by_shop")?;
    let response = api.get_listings_by_shop(STATES[at.list], at.limit, at.offset).await?;
    let list: wire::ShopListings = api::decode(&response)?;
    let next = at.next(count_of(list.results.len()), total(list.count, &response)?, STATES.len(), &response)?;
    Ok((list.results, next.map(Position::token), response.date()))
}

pub async fn listings(api: &Api, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
    let (listings, next, server_time) = shop_listings(api, page).await?;
    Ok(Page { items: listings.iter().flat_map(map::listings).collect(), next, server_time })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn answer() -> Response {
        Response { operation: "etsy.get_shop_receipts", status: 200, headers: BTreeMap::new(), body: Vec::new() }
    }

    /// The offsets at which one list of `total` entries is read, where Etsy gives at most `most` of them at once.
    fn walk(total: u64, most: u64) -> Vec<u64> {
        let (mut at, mut offsets) = (Position::first(0), Vec::new());
        loop {
            offsets.push(at.offset);
            let got = at.limit.min(most).min(total.saturating_sub(at.offset));
            let Some(next) = at.next(got, total, 1, &answer()).unwrap() else { return offsets };
            at = Position::parse(&next.token(), 1).unwrap();
            assert_eq!(at, next);
        }
    }

    #[test]
    fn pages_are_read_from_the_last_to_the_first() {
        assert_eq!(walk(0, 100), [0]);
        assert_eq!(walk(100, 100), [0]);
        assert_eq!(walk(101, 100), [0, 100, 0]);
        assert_eq!(walk(250, 100), [0, 200, 100, 0]);
        assert_eq!(walk(7, 2), [0, 6, 4, 2, 0]);
    }

    #[test]
    fn one_list_is_read_after_the_other() {
        let next = Position::first(0).next(3, 3, 2, &answer()).unwrap().unwrap();
        assert_eq!((next, next.token().0.as_str()), (Position::first(1), "1/0/100/-/0"));
        assert_eq!(next.next(0, 0, 2, &answer()).unwrap(), None);
    }

    fn after(at: Position, got: u64, count: u64) -> Result<Option<Position>, ConnectError> {
        at.next(got, count, 1, &answer())
    }

    #[test]
    fn smaller_pages_than_asked_for_lose_nothing() {
        let at = Position { list: 0, offset: 100, limit: 100, total: Some(250), returns: 0 };
        let again = after(at, 50, 250).unwrap().unwrap();
        assert_eq!((again.offset, again.limit, again.returns), (200, 50, 1));
        assert_eq!(after(at, 0, 250).unwrap_err().kind, ErrorKind::Decode);
    }

    #[test]
    fn a_list_that_grows_in_front_is_read_back_to_where_nothing_was_pushed() {
        let at = Position { list: 0, offset: 100, limit: 100, total: Some(250), returns: 0 };
        assert_eq!(after(at, 100, 250).unwrap().unwrap().offset, 0);
        assert_eq!(after(at, 100, 251).unwrap().unwrap().offset, 200);
        assert_eq!(after(at, 100, 351).unwrap().unwrap().offset, 300);
        let tired = Position { returns: MAX_RETURNS, ..at };
        assert_eq!(after(tired, 100, 251).unwrap_err().kind, ErrorKind::Unavailable);
        // A list that became shorter is read on where it was.
        assert_eq!(after(at, 0, 90).unwrap().unwrap().offset, 0);
    }

    #[test]
    fn a_place_that_is_none_is_refused() {
        for token in ["", "2", "0/0/0/-/0", "0/0/101/-/0", "2/0/100/-/0", "0/0/100/x/0"] {
            assert!(position(Some(&PageToken(token.to_owned())), 2, "etsy.get_shop_receipts").is_err(), "{token}");
        }
    }

    #[test]
    fn a_window_is_asked_for_in_whole_seconds() {
        let window = |from: &str, to: &str| Window { from: from.parse().unwrap(), to: to.parse().unwrap() };
        let asked = seconds(&window("2026-11-20T08:00:00.9Z", "2026-11-20T09:00:00.1Z"));
        assert_eq!(asked, (1_795_161_600, 1_795_165_201));
        assert_eq!(seconds(&window("1999-01-01T00:00:00Z", "2026-11-20T09:00:00Z")).0, EARLIEST);
    }
}
