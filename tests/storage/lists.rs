//! Orders by date, and those that need attention.

use domain::head::{Attention, ImportState, Order};
use domain::trace::NotImported;
use fakes::dynamo::Dynamo;
use jiff::{SignedDuration, Timestamp};
use storage::{Change, PageRequest, Storage, Updated};

use crate::samples::{at, ebay_source, imported, received};

/// Orders of three months, some of them long, by date.
async fn filled(storage: &Storage) -> Vec<Order> {
    let dates = [
        "2026-08-31T23:59:59.999Z",
        "2026-10-01T00:00:00Z",
        "2026-10-15T12:00:00Z",
        "2026-10-31T23:59:59.999Z",
        "2026-11-01T00:00:00Z",
        "2026-11-20T08:30:00.125Z",
        "2026-11-20T08:30:00.126Z",
    ];
    let mut orders = Vec::new();
    for (date, number) in dates.into_iter().zip(1..) {
        let mut source = ebay_source(number, if number % 3 == 0 { 25 } else { 2 });
        source.created_at = at(date);
        orders.push(received(source));
    }
    for order in orders.iter().rev() {
        storage.orders.insert(order).await.unwrap();
    }
    orders
}

async fn whole_range(storage: &Storage, from: Timestamp, to: Timestamp, limit: u16) -> Vec<Order> {
    let mut page = PageRequest::first(limit);
    let mut orders = Vec::new();
    loop {
        let found = storage.orders.range(from, to, &page).await.unwrap();
        assert!(found.items.len() <= usize::from(limit));
        orders.extend(found.items);
        let Some(next) = found.next else { return orders };
        page = PageRequest::after(next, limit);
    }
}

#[tokio::test]
async fn the_newest_come_first_across_months() {
    let storage = Dynamo::new().storage();
    let mut orders = filled(&storage).await;
    orders.reverse();
    assert_eq!(storage.orders.newest(None, 100).await.unwrap(), orders);
    let mut paged = Vec::new();
    let mut before = None;
    loop {
        let page = storage.orders.newest(before, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        paged.extend(page);
    }
    assert_eq!(paged, orders);
}

#[tokio::test]
async fn a_range_has_its_first_moment_and_not_its_last() {
    let storage = Dynamo::new().storage();
    let orders = filled(&storage).await;
    for limit in [1, 2, 3, 7, 100] {
        let all = whole_range(&storage, Timestamp::UNIX_EPOCH, at("2030-01-01T00:00:00Z"), limit).await;
        assert_eq!(all, orders, "pages of {limit}");
        let october = whole_range(&storage, at("2026-10-01T00:00:00Z"), at("2026-11-01T00:00:00Z"), limit).await;
        assert_eq!(october, orders[1..4], "pages of {limit}");
        let none = whole_range(&storage, at("2026-11-01T00:00:00Z"), at("2026-10-01T00:00:00Z"), limit).await;
        assert!(none.is_empty());
    }
    let one = whole_range(&storage, at("2026-11-20T08:30:00.125Z"), at("2026-11-20T08:30:00.126Z"), 5).await;
    assert_eq!(one, orders[5..6]);
}

#[tokio::test]
async fn a_page_token_of_nowhere_is_refused() {
    let storage = Dynamo::new().storage();
    let page = PageRequest::after(storage::PageToken::from_text("nowhere"), 5);
    assert!(storage.orders.range(Timestamp::UNIX_EPOCH, Timestamp::MAX, &page).await.is_err());
    assert!(storage.orders.attention(Attention::Error, None, &page).await.is_err());
}

fn unlinked() -> ImportState {
    ImportState::Waiting(NotImported::Unlinked { items: vec!["Mug".into()] })
}

async fn set(storage: &Storage, order: &Order, import: ImportState) -> Order {
    let change = Change { import: Some(import), ..Change::default() };
    match storage.orders.update(order, change).await.unwrap() {
        Updated::Done(order) => *order,
        other => panic!("{other:?}"),
    }
}

async fn needing(storage: &Storage, kind: Attention) -> Vec<Order> {
    storage.orders.attention(kind, None, &PageRequest::first(50)).await.unwrap().items
}

#[tokio::test]
async fn an_order_is_listed_for_attention_while_it_needs_it() {
    let storage = Dynamo::new().storage();
    let orders = filled(&storage).await;
    assert!(needing(&storage, Attention::Unlinked).await.is_empty());
    let waiting = set(&storage, &orders[2], unlinked()).await;
    assert_eq!(needing(&storage, Attention::Unlinked).await, std::slice::from_ref(&waiting));
    let failed = set(&storage, &waiting, ImportState::Failed { why: "refused".into(), refused: true }).await;
    assert!(needing(&storage, Attention::Unlinked).await.is_empty());
    assert_eq!(needing(&storage, Attention::Error).await, std::slice::from_ref(&failed));
    set(&storage, &failed, imported(3)).await;
    assert!(needing(&storage, Attention::Error).await.is_empty());
}

#[tokio::test]
async fn an_order_stored_in_trouble_is_listed_at_once() {
    let storage = Dynamo::new().storage();
    let order = Order { import: unlinked(), ..received(ebay_source(1, 1)) };
    storage.orders.insert(&order).await.unwrap();
    assert_eq!(needing(&storage, Attention::Unlinked).await, [order]);
}

#[tokio::test]
async fn a_lagging_index_neither_shows_a_healed_order_nor_breaks() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let orders = filled(&storage).await;
    let waiting = set(&storage, &orders[0], unlinked()).await;
    dynamo.freeze_indexes();
    set(&storage, &waiting, imported(3)).await;
    let late = set(&storage, &orders[1], unlinked()).await;
    assert!(needing(&storage, Attention::Unlinked).await.is_empty());
    dynamo.thaw_indexes();
    assert_eq!(needing(&storage, Attention::Unlinked).await, [late]);
}

#[tokio::test]
async fn unknown_orders_come_by_the_time_they_are_due() {
    let storage = Dynamo::new().storage();
    let orders = filled(&storage).await;
    let start = at("2026-11-21T00:00:00Z");
    let mut unknown = Vec::new();
    for (order, minutes) in orders.iter().zip([50, 10, 40, 20, 30, 60, 70]) {
        let look_after = start + SignedDuration::from_mins(minutes);
        unknown.push((minutes, set(&storage, order, ImportState::Unknown { attempt: 1, look_after }).await));
    }
    unknown.sort_by_key(|(minutes, _)| *minutes);
    let until = Some(start + SignedDuration::from_mins(40));
    let mut page = PageRequest::first(2);
    let mut due = Vec::new();
    loop {
        let found = storage.orders.attention(Attention::Unknown, until, &page).await.unwrap();
        due.extend(found.items);
        let Some(next) = found.next else { break };
        page = PageRequest::after(next, 2);
    }
    let expected: Vec<Order> = unknown.into_iter().take(4).map(|(_, order)| order).collect();
    assert_eq!(due, expected);
}
