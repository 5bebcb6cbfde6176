//! Lists page by page, each page named by a token of Amazon's.

use connect::{ConnectError, ErrorKind, Incoming, Listing, Page, PageToken, Window};
use domain::{ListingKey, Sku};
use jiff::{SignedDuration, Timestamp};

use crate::api::{self, Api};
use crate::map;
use crate::wire::{listings as wire, orders};

/// "The value must be between 1 and 100."
const MAX_ORDERS: u32 = 100;
/// "maximum": 20
const MAX_LISTINGS: u32 = 20;

/// Amazon's token holds the place in the list, for 24 hours; everything else is to be asked as before.
pub async fn orders(
    api: &Api,
    [after, before]: [&'static str; 2],
    window: &Window,
    page: Option<&PageToken>,
) -> Result<Page<Incoming>, ConnectError> {
    let dates = [(after, map::stamp(window.from)), (before, map::stamp(up_to_millisecond(window.to)))];
    let token = page.map(|page| page.0.as_str());
    let response = api.search_orders(&dates, MAX_ORDERS, token).await?;
    let list: orders::SearchOrdersResponse = api::decode(&response)?;
    let orders = list.orders.ok_or_else(|| api::lacking(response.operation, "orders"))?;
    let next = list.pagination.and_then(|pagination| pagination.next_token).filter(|next| !next.is_empty());
    if next.as_deref().is_some_and(|next| Some(next) == token) {
        return Err(api::lacking(response.operation, "other next page"));
    }
    Ok(Page {
        items: orders.iter().map(|raw| map::incoming(raw.get().as_bytes())).collect(),
        next: next.map(PageToken),
        server_time: response.date(),
    })
}

/// Both ends are inclusive at Amazon: a part of a millisecond is rounded outwards.
fn up_to_millisecond(at: Timestamp) -> Timestamp {
    let part = at.as_nanosecond() % 1_000_000 != 0;
    if part { at.saturating_add(SignedDuration::from_millis(1)).unwrap_or(at) } else { at }
}

/// Where the next page of listings is. Amazon pages through the first thousand of a search only, so a longer list is
/// searched again from where the thousand ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Position {
    /// `createdAfter` of the search.
    after: Option<String>,
    /// Listings that this search gave already.
    seen: u64,
    /// `pageToken`; none: the search's first page.
    token: Option<String>,
}

impl Position {
    const FIRST: Self = Self { after: None, seen: 0, token: None };

    fn token(&self) -> PageToken {
        let Self { after, seen, token } = self;
        // Amazon's own token comes last: it may hold anything.
        PageToken(format!("{}|{seen}|{}", after.as_deref().unwrap_or_default(), token.as_deref().unwrap_or_default()))
    }

    fn parse(token: &PageToken) -> Option<Self> {
        let mut parts = token.0.splitn(3, '|');
        let (after, seen, token) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(Self { after: some(after), seen, token: some(token) })
    }
}

pub async fn listings(api: &Api, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
    const OPERATION: &str = "amazon.search_listings_items";
    let lost = || {
        let message = "Tributary lost its place in a list.";
        ConnectError::new(ErrorKind::Unexpected, OPERATION, message).without_effect().with_context("page token")
    };
    let at = page.map_or(Some(Position::FIRST), Position::parse).ok_or_else(lost)?;
    let response = api.search_listings(at.after.as_deref(), MAX_LISTINGS, at.token.as_deref()).await?;
    let list: wire::ItemSearchResults = api::decode(&response)?;
    let items = list.items.ok_or_else(|| api::lacking(OPERATION, "items"))?;
    let next = list.pagination.and_then(|pagination| pagination.next_token).filter(|next| !next.is_empty());
    let seen = at.seen + u64::try_from(items.len()).unwrap_or(u64::MAX);
    let next = match next {
        Some(next) if Some(&next) == at.token.as_ref() => return Err(api::lacking(OPERATION, "other next page")),
        Some(next) => Some(Position { seen, token: Some(next), ..at }),
        None if list.number_of_results.is_some_and(|all| all > seen) => {
            let after = items.last().and_then(created).filter(|created| Some(created) != at.after.as_ref());
            let stuck = || {
                let message = "Amazon lists too many listings of one moment to page through.";
                ConnectError::new(ErrorKind::Unexpected, OPERATION, message).without_effect()
            };
            Some(Position { after: Some(after.ok_or_else(stuck)?), seen: 0, token: None })
        }
        None => None,
    };
    Ok(Page {
        items: items.into_iter().filter_map(listing).collect(),
        next: next.map(|next| next.token()),
        server_time: response.date(),
    })
}

/// When the listing was first made, in whichever marketplace that was: nothing later is skipped for it.
fn created(item: &wire::Item) -> Option<String> {
    let dates = item.summaries.iter().filter_map(|summary| summary.created_date.as_deref());
    dates.filter_map(|date| date.trim().parse::<Timestamp>().ok()).min().map(map::stamp)
}

/// The channel code of what the merchant ships; others are Amazon's warehouses.
/// <https://developer-docs.amazon.com/sp-api/docs/merge-a-listing>
pub const BY_MERCHANT: &str = "DEFAULT";

pub fn listing(item: wire::Item) -> Option<Listing> {
    let sku = Sku::new(item.sku?).ok()?;
    let own =
        item.fulfillment_availability.iter().find(|at| at.fulfillment_channel_code.as_deref() == Some(BY_MERCHANT));
    let title =
        item.summaries.iter().filter_map(|summary| summary.item_name.as_deref()).find(|name| !name.trim().is_empty());
    Some(Listing {
        key: ListingKey::Sku(sku.clone()),
        sku: Some(sku),
        barcode: None,
        title: title.unwrap_or_default().to_owned(),
        active: item.summaries.iter().any(|summary| summary.status.iter().any(|status| status == "BUYABLE")),
        quantity: own.and_then(|own| own.quantity),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_listings_survives_its_token() {
        let places = [
            Position::FIRST,
            Position { after: None, seen: 20, token: Some("a|b|c=".to_owned()) },
            Position { after: Some("2026-01-01T00:00:00.000Z".to_owned()), seen: 0, token: None },
        ];
        for place in places {
            assert_eq!(Position::parse(&place.token()), Some(place));
        }
        assert_eq!(Position::parse(&PageToken("nonsense".to_owned())), None);
    }
}
