//! How orders and listings are listed and paged, and how they change while someone reads.

use std::collections::BTreeSet;

use fakes::amazon::{ListedItem, MARKETPLACES, OrderSpec};
use fakes::{Fault, PageShift};
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;

use crate::caller::{Answered, Caller, ORDERS, listings};

fn ids(found: &Answered) -> Vec<String> {
    let orders = found.json()["orders"].as_array().cloned().unwrap_or_default();
    orders.iter().map(|order| order["orderId"].as_str().unwrap().to_owned()).collect()
}

fn number(at: u32) -> String {
    format!("202-0000000-{at:07}")
}

async fn with_orders(count: u32) -> Caller {
    let caller = Caller::unlimited().await;
    caller.fake.place_all((0..count).map(|at| OrderSpec::new(&number(at)).line("A", 1, 100)));
    caller.fake.clock().advance(SignedDuration::from_mins(5));
    caller
}

async fn all(caller: &Caller, more: &[(&str, &str)]) -> Vec<String> {
    let (mut found, mut token) = (Vec::new(), None::<String>);
    loop {
        let mut query = more.to_vec();
        if let Some(token) = &token {
            query.push(("paginationToken", token));
        }
        let page = caller.search(&query).await;
        assert_eq!(page.status, StatusCode::OK, "{:?}", page.json());
        found.extend(ids(&page));
        match page.json()["pagination"]["nextToken"].as_str() {
            Some(next) => token = Some(next.to_owned()),
            None => return found,
        }
    }
}

#[tokio::test]
async fn pages_hold_every_order_once_and_the_last_has_no_token() {
    let caller = with_orders(250).await;
    let found = all(&caller, &[("maxResultsPerPage", "100")]).await;
    assert_eq!(found.len(), 250);
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 250);
    assert_eq!(ids(&caller.search(&[]).await).len(), 100, "the default page");
    assert_eq!(ids(&caller.search(&[("marketplaceIds", MARKETPLACES[1])]).await).len(), 0);
    assert_eq!(ids(&caller.search(&[("fulfillmentStatuses", "UNSHIPPED,SHIPPED")]).await).len(), 100);
    assert_eq!(ids(&caller.search(&[("fulfilledBy", "AMAZON")]).await).len(), 0);
}

#[tokio::test]
async fn a_token_is_for_its_own_search_and_for_a_day() {
    let caller = with_orders(3).await;
    let page = caller.search(&[("maxResultsPerPage", "2")]).await.json();
    let token = page["pagination"]["nextToken"].as_str().unwrap().to_owned();
    let with = |more: &[(&'static str, &'static str)]| [more, &[("paginationToken", token.as_str())]].concat();
    assert_eq!(ids(&caller.search(&with(&[("maxResultsPerPage", "1")])).await).len(), 1);
    let other = caller.search(&with(&[("fulfilledBy", "MERCHANT")])).await;
    assert_eq!((other.status, other.error().as_str()), (StatusCode::BAD_REQUEST, "InvalidInput"));
    assert_eq!(caller.search(&[("paginationToken", "nonsense")]).await.status, StatusCode::BAD_REQUEST);
    caller.fake.clock().advance(SignedDuration::from_hours(25));
    let mut caller = caller;
    caller.token =
        caller.refresh(fakes::amazon::REFRESH_TOKEN).await.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(caller.search(&with(&[])).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_order_that_moves_between_pages_hides_no_other() {
    for shift in [PageShift::Leaves, PageShift::Enters] {
        let caller = with_orders(6).await;
        caller.fake.faults().page_size(Some(2));
        caller.fake.faults().shift_pages(shift);
        let found: BTreeSet<String> = all(&caller, &[]).await.into_iter().collect();
        let missed: Vec<String> = (0..6).map(number).filter(|id| !found.contains(id)).collect();
        assert_eq!(missed, Vec::<String>::new(), "{shift:?}");
    }
}

#[tokio::test]
async fn a_window_is_about_its_own_time_and_ends_two_minutes_ago() {
    let caller = with_orders(1).await;
    let get = async |query: &[(&str, &str)]| caller.get(ORDERS, query).await;
    caller.fake.touch(&number(0));
    let now = caller.fake.clock().now();
    let stamp = |at: Timestamp| at.to_string();
    let (placed, touched) = ("2026-11-21T12:00:00Z", stamp(now));
    let created = get(&[("createdAfter", placed), ("createdBefore", "2026-11-21T12:00:00Z")]).await;
    assert_eq!(ids(&created).len(), 1, "both ends are inclusive");
    // What has just changed is in no window yet.
    assert_eq!(ids(&get(&[("lastUpdatedAfter", placed)]).await).len(), 0);
    let young = get(&[("lastUpdatedAfter", placed), ("lastUpdatedBefore", &touched)]).await;
    assert_eq!((young.status, young.error().as_str()), (StatusCode::BAD_REQUEST, "InvalidInput"));
    caller.fake.clock().advance(SignedDuration::from_mins(2));
    assert_eq!(ids(&get(&[("lastUpdatedAfter", &touched), ("lastUpdatedBefore", &touched)]).await).len(), 1);
}

#[tokio::test]
async fn a_thousand_listings_are_reached_and_no_more() {
    let caller = Caller::unlimited().await;
    for at in 0..1_010 {
        caller.fake.list(ListedItem::new(&format!("SKU-{at:04}"), "An item", 1));
    }
    let query =
        [("marketplaceIds", MARKETPLACES[0]), ("sortBy", "createdDate"), ("sortOrder", "ASC"), ("pageSize", "20")];
    let (mut seen, mut token) = (0, None::<String>);
    loop {
        let mut query = query.to_vec();
        if let Some(token) = &token {
            query.push(("pageToken", token));
        }
        let page = caller.get(&listings(), &query).await.json();
        assert_eq!(page["numberOfResults"], 1_010);
        seen += page["items"].as_array().unwrap().len();
        match page["pagination"]["nextToken"].as_str() {
            Some(next) => token = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(seen, 1_000);
}

#[tokio::test]
async fn faults_meet_the_requests_they_are_about() {
    let caller = with_orders(1).await;
    caller.fake.faults().on("GET *").next(1, Fault::Answer { status: StatusCode::FORBIDDEN, retry_after: None });
    let denied = caller.search(&[]).await;
    assert_eq!((denied.status, denied.error().as_str()), (StatusCode::FORBIDDEN, "Unauthorized"));
    assert_eq!(caller.search(&[]).await.status, StatusCode::OK);
}
