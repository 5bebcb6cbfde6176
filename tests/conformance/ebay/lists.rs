//! How orders are listed, paged, filtered, and how they change while someone reads.

use std::collections::BTreeSet;

use fakes::PageShift;
use fakes::ebay::{OrderSpec, RefundOf};
use jiff::SignedDuration;
use serde_json::Value;

use crate::caller::{Caller, ORDERS};

fn id(number: usize) -> String {
    format!("12-{number:05}-00000")
}

async fn caller_with(orders: usize) -> Caller {
    let caller = Caller::start().await;
    for number in 0..orders {
        caller.fake.place(OrderSpec::new(&id(number)).line("A", 1, 1999));
        caller.fake.clock().advance(SignedDuration::from_secs(1));
    }
    caller
}

fn ids(page: &Value) -> Vec<String> {
    page["orders"].as_array().unwrap().iter().map(|order| order["orderId"].as_str().unwrap().to_owned()).collect()
}

async fn to_the_end(caller: &Caller, query: &[(&str, &str)]) -> Vec<String> {
    let mut page = caller.get(ORDERS, query).await.json();
    let mut found = ids(&page);
    while let Some(next) = page["next"].as_str().map(str::to_owned) {
        page = caller.get_url(&next).await.json();
        found.extend(ids(&page));
    }
    found
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let caller = caller_with(120).await;
    let first = caller.get(ORDERS, &[]).await.json();
    assert_eq!((&first["limit"], &first["total"], &first["offset"]), (&50.into(), &120.into(), &0.into()));
    assert!(first.get("prev").is_none());
    let all = to_the_end(&caller, &[]).await;
    assert_eq!(all, (0..120).map(id).collect::<Vec<_>>(), "oldest first");
    caller.fake.faults().page_size(Some(7));
    assert_eq!(to_the_end(&caller, &[("limit", "200")]).await, all);
    let middle = caller.get(ORDERS, &[("offset", "10")]).await.json();
    assert!(middle["prev"].as_str().unwrap().ends_with("limit=7&offset=3"));
    let beyond = caller.get(ORDERS, &[("offset", "500")]).await.json();
    assert_eq!((ids(&beyond).len(), &beyond["total"]), (0, &120.into()));
    assert!(caller.fake.violations().is_empty());
}

#[tokio::test]
async fn five_hundred_orders_of_one_instant_are_each_listed_once() {
    let caller = Caller::start().await;
    caller.fake.place_all((0..500).map(|number| OrderSpec::new(&id(number)).line("A", 1, 1999)));
    let all = to_the_end(&caller, &[("limit", "200")]).await;
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (500, 500));
}

#[tokio::test]
async fn a_window_of_changes_holds_what_changed_in_it() {
    let caller = caller_with(10).await;
    caller.fake.clock().advance(SignedDuration::from_hours(1));
    caller.fake.touch(&id(4));
    let changed = "lastmodifieddate:[2026-11-21T12:30:00.000Z..]";
    assert_eq!(to_the_end(&caller, &[("filter", changed)]).await, [id(4)]);
    let both = "lastmodifieddate:[2026-11-21T12:30:00.000Z..],creationdate:[2026-11-21T12:00:00.000Z..2026-11-21T12:00:02.000Z]";
    assert_eq!(to_the_end(&caller, &[("filter", both)]).await, [id(0), id(1), id(2)], "both ends are inclusive");
    caller.fake.ship_by_label(&id(1), "RoyalMail", "RM1", &[(&OrderSpec::new(&id(1)).line_id(0), 1)]);
    let shipped = "orderfulfillmentstatus:{FULFILLED|IN_PROGRESS}";
    assert_eq!(to_the_end(&caller, &[("filter", shipped)]).await, [id(1)]);
    let named = [("orderIds", "12-00003-00000,12-00009-00000,99-00000-00000"), ("limit", "1")];
    assert_eq!(ids(&caller.get(ORDERS, &named).await.json()), [id(3), id(9)]);
}

#[tokio::test]
async fn an_order_that_leaves_a_closed_window_hides_another_from_who_reads_forward() {
    let caller = caller_with(6).await;
    caller.fake.clock().advance(SignedDuration::from_hours(1));
    let window = [("filter", "lastmodifieddate:[2026-11-21T12:00:00.000Z..2026-11-21T12:30:00.000Z]"), ("limit", "2")];
    caller.fake.faults().shift_pages(PageShift::Leaves);
    let forward = to_the_end(&caller, &window).await;
    assert_eq!(forward, [id(0), id(1), id(3), id(4), id(5)], "order 2 moved up onto the page already read");
}

#[tokio::test]
async fn an_order_that_enters_repeats_another() {
    let caller = caller_with(4).await;
    caller.fake.faults().shift_pages(PageShift::Enters);
    let all = to_the_end(&caller, &[("limit", "2")]).await;
    assert_eq!(all, [id(0), id(1), id(1), id(2), id(3)]);
    assert_eq!(caller.fake.orders().len(), 5);
}

#[tokio::test]
async fn a_lagging_list_hides_what_is_young_but_not_from_its_id() {
    let caller = caller_with(1).await;
    caller.fake.faults().search_lag(SignedDuration::from_secs(90));
    assert!(to_the_end(&caller, &[]).await.is_empty());
    assert_eq!(caller.get(&format!("{ORDERS}/{}", id(0)), &[]).await.json()["orderId"], id(0));
    caller.fake.clock().advance(SignedDuration::from_secs(90));
    assert_eq!(to_the_end(&caller, &[]).await, [id(0)]);
}

#[tokio::test]
async fn each_thing_that_happens_to_an_order_changes_it() {
    let caller = Caller::start().await;
    let (unpaid, path) = (id(1), format!("{ORDERS}/{}", id(1)));
    caller.fake.place(OrderSpec::new(&unpaid).line("A", 2, 3000).line("B", 1, 4000).shipping(500).unpaid());
    let line = OrderSpec::new(&unpaid).line_id(1);
    let later = || caller.fake.clock().advance(SignedDuration::from_mins(1));
    let mut seen = BTreeSet::new();
    let mut shown = caller.get(&path, &[]).await.json();
    let mut changed = |shown: &Value| seen.insert(shown["lastModifiedDate"].to_string());
    assert!(changed(&shown));
    assert_eq!(shown["orderPaymentStatus"], "PENDING");

    later();
    caller.fake.pay(&unpaid);
    shown = caller.get(&path, &[]).await.json();
    assert!(changed(&shown));
    assert_eq!(shown["orderPaymentStatus"], "PAID");

    later();
    caller.fake.refund(&unpaid, RefundOf::Line { line_id: line.clone(), amount: 4000 });
    shown = caller.get(&path, &[]).await.json();
    assert!(changed(&shown));
    assert_eq!(shown["orderPaymentStatus"], "PARTIALLY_REFUNDED");
    assert_eq!(shown["lineItems"][1]["refunds"][0]["amount"]["value"], "40.0");
    assert_eq!(shown["paymentSummary"]["refunds"][0]["amount"]["value"], "40.0");

    later();
    caller.fake.request_cancel(&unpaid);
    shown = caller.get(&path, &[]).await.json();
    assert!(changed(&shown));
    assert_eq!(shown["cancelStatus"]["cancelRequests"].as_array().unwrap().len(), 1);
    let listed = caller.get(ORDERS, &[]).await.json();
    assert_eq!(listed["orders"][0]["cancelStatus"]["cancelState"], "IN_PROGRESS");
    assert_eq!(listed["orders"][0]["cancelStatus"]["cancelRequests"].as_array().unwrap().len(), 0, "never in a list");

    later();
    caller.fake.cancel(&unpaid);
    shown = caller.get(&path, &[]).await.json();
    assert!(changed(&shown));
    assert_eq!(shown["cancelStatus"]["cancelState"], "CANCELED");
    assert_eq!(shown["orderPaymentStatus"], "FULLY_REFUNDED");
}

#[tokio::test]
async fn combined_orders_keep_their_line_ids_and_the_old_ones_vanish() {
    let caller = Caller::start().await;
    caller.fake.place(OrderSpec::new(&id(1)).line("A", 1, 1999).shipping(399).unpaid());
    caller.fake.place(OrderSpec::new(&id(2)).line("B", 1, 2500).shipping(399).unpaid());
    let lines = [OrderSpec::new(&id(1)).line_id(0), OrderSpec::new(&id(2)).line_id(0)];
    caller.fake.combine(&[&id(1), &id(2)], &id(3), 499);
    assert_eq!(to_the_end(&caller, &[]).await, [id(3)]);
    assert_eq!(caller.get(&format!("{ORDERS}/{}", id(1)), &[]).await.status, 404);
    let combined = caller.get(&format!("{ORDERS}/{}", id(3)), &[]).await.json();
    let shown = |at: usize| combined["lineItems"][at]["lineItemId"].as_str().unwrap();
    assert_eq!([shown(0), shown(1)], lines.each_ref().map(String::as_str));
    assert_eq!(combined["pricingSummary"]["total"]["value"], "49.98");
    assert_eq!(combined["orderPaymentStatus"], "PAID");
    assert_eq!(caller.fake.combined_away().len(), 2);
}
