//! Orders found again by our reference, whatever became of the answer of their creation.

use connect::{Effect, ErrorKind};
use domain::Reference;
use domain::readback::{StoreOrderState, differences};
use fakes::Fault;
use jiff::{SignedDuration, Timestamp};

use crate::drafts::{reference, simple};
use crate::kit::Store;
use crate::suite::{Promise, promises};

pub fn promises() -> Vec<Promise<Store>> {
    promises![
        a_lost_answer_is_found_exactly_once,
        a_lost_request_is_not_found,
        importing_twice_by_reference_makes_one_order,
        a_new_order_is_found_when_the_search_lag_is_over,
        an_order_that_arrives_after_we_hung_up_is_found,
        every_copy_is_found_the_trash_included,
        many_references_are_found_at_once,
        a_look_up_finds_its_order_among_many_pages,
        a_reference_is_not_another_generations,
        an_unknown_order_is_not_found,
    ]
}

/// As the use cases count back: to before the attempt, with room for clocks that differ.
fn since(store: &Store) -> Timestamp {
    store.now().checked_sub(SignedDuration::from_mins(10)).unwrap()
}

/// How long after sending the store's answer to a look-up is final.
fn settle(store: &Store) {
    let can = store.capabilities();
    store.wait(i64::from(can.longest_execution_seconds + can.search_lag_seconds) + 20);
}

async fn find(store: &Store, since: Timestamp, number: u32) -> Vec<domain::readback::StoreOrder> {
    store.connector.find_by_reference(&[reference(number)], since).await.unwrap().orders
}

async fn a_lost_answer_is_found_exactly_once(store: Store) {
    let since = since(&store);
    store.connector.create_order(&simple(&*store.fake, 1, 1)).await.unwrap();
    store.fake.faults().on("POST *").drop_response(1);
    let meant = simple(&*store.fake, 2, 2);
    let lost = store.connector.create_order(&meant).await.unwrap_err();
    assert_eq!((lost.kind, lost.effect), (ErrorKind::Network, Effect::Possible), "{lost}");
    store.connector.create_order(&simple(&*store.fake, 3, 1)).await.unwrap();
    settle(&store);
    let found = find(&store, since, 2).await;
    assert_eq!(found.len(), 1);
    assert_eq!(differences(&meant, &found[0]), []);
    assert_eq!((found[0].reference, store.fake.created()[&reference(2)]), (Some(reference(2)), 1));
}

async fn a_lost_request_is_not_found(store: Store) {
    let since = since(&store);
    store.fake.faults().on("POST *").drop_request(1);
    let lost = store.connector.create_order(&simple(&*store.fake, 1, 1)).await.unwrap_err();
    assert_eq!((lost.kind, lost.effect), (ErrorKind::Network, Effect::Possible), "{lost}");
    settle(&store);
    assert_eq!(find(&store, since, 1).await, []);
    assert_eq!(store.fake.created().len(), 0);
}

/// The protocol of DESIGN's settled 2 with every answer lost: look up, create only what is not there.
async fn importing_twice_by_reference_makes_one_order(store: Store) {
    for number in 1..6 {
        let since = since(&store);
        for attempt in 0..3 {
            if find(&store, since, number).await.is_empty() {
                let fault = if attempt == 0 && number % 2 == 0 { Fault::DropRequest } else { Fault::DropResponse };
                store.fake.faults().on("POST *").next(1, fault);
                store.connector.create_order(&simple(&*store.fake, number, 1)).await.unwrap_err();
                store.fake.faults().clear();
            }
            settle(&store);
        }
        assert_eq!(find(&store, since, number).await.len(), 1);
        assert_eq!(store.fake.created()[&reference(number)], 1);
    }
}

async fn a_new_order_is_found_when_the_search_lag_is_over(store: Store) {
    let since = since(&store);
    let lag = i64::from(store.capabilities().search_lag_seconds);
    store.fake.faults().search_lag(SignedDuration::from_secs(lag));
    let made = store.connector.create_order(&simple(&*store.fake, 1, 1)).await.unwrap();
    store.wait(lag - 1);
    assert_eq!(find(&store, since, 1).await, [], "the store does not lag: the trial tries nothing");
    store.wait(2);
    let found = find(&store, since, 1).await;
    assert_eq!((found.len(), &found[0].id), (1, &made.id));
}

/// The store goes on after the caller is gone.
async fn an_order_that_arrives_after_we_hung_up_is_found(store: Store) {
    use crate::kit::Role;
    let since = since(&store);
    let gate = store.fake.faults().on("POST *").hold_next(1);
    let hasty = store.within(std::time::Duration::from_millis(300), std::sync::Arc::new(crate::ports::NoLimit));
    let error = hasty.create_order(&simple(&*store.fake, 1, 1)).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::Timeout, Effect::Possible), "{error}");
    gate.open();
    // The held request is a task of the fake's; it ends by itself, at once if it ever reached the fake.
    while store.fake.created().is_empty() && store.fake.calls().count("POST *") > 0 {
        tokio::task::yield_now().await;
    }
    settle(&store);
    assert_eq!(find(&store, since, 1).await.len(), store.fake.created().len());
}

async fn every_copy_is_found_the_trash_included(store: Store) {
    let since = since(&store);
    let first = store.connector.create_order(&simple(&*store.fake, 1, 1)).await.unwrap().id;
    store.wait(1);
    let second = store.connector.create_order(&simple(&*store.fake, 1, 1)).await.unwrap().id;
    settle(&store);
    let mut found: Vec<_> = find(&store, since, 1).await.into_iter().map(|order| order.id).collect();
    found.sort();
    assert_eq!(found, [first.clone(), second.clone()]);
    store.connector.cancel(&second).await.unwrap();
    let states = |found: Vec<domain::readback::StoreOrder>| -> Vec<_> {
        found.into_iter().map(|order| (order.id, order.state)).collect()
    };
    assert!(states(find(&store, since, 1).await).contains(&(second, StoreOrderState::Canceled)));
    if store.fake.trash(&first).await {
        let states = states(find(&store, since, 1).await);
        assert_eq!((states.len(), states.contains(&(first, StoreOrderState::Trashed))), (2, true));
    }
}

async fn many_references_are_found_at_once(store: Store) {
    let since = since(&store);
    let mut made = Vec::new();
    for number in 0..45 {
        made.push(store.connector.create_order(&simple(&*store.fake, number, 1)).await.unwrap().id);
    }
    settle(&store);
    let asked: Vec<Reference> = (0..60).map(reference).collect();
    let mut found: Vec<_> = store
        .connector
        .find_by_reference(&asked, since)
        .await
        .unwrap()
        .orders
        .into_iter()
        .map(|order| order.id)
        .collect();
    found.sort();
    made.sort();
    assert_eq!(found, made);
    assert_eq!(store.connector.find_by_reference(&[], since).await.unwrap().orders, []);
}

async fn a_look_up_finds_its_order_among_many_pages(store: Store) {
    let since = since(&store);
    store.fake.faults().page_size(Some(3));
    for number in 1..6 {
        store.fake.place_own();
        store.connector.create_order(&simple(&*store.fake, number, 1)).await.unwrap();
        store.fake.place_own();
    }
    settle(&store);
    for number in 1..6 {
        assert_eq!(find(&store, since, number).await.len(), 1, "{number}");
    }
    assert_eq!(find(&store, since, 6).await, []);
}

/// An order that was undone must not be adopted by its re-import.
async fn a_reference_is_not_another_generations(store: Store) {
    let since = since(&store);
    store.connector.create_order(&simple(&*store.fake, 1, 1)).await.unwrap();
    settle(&store);
    for generation in [0, 2, 11, 12] {
        let other = Reference { generation, ..reference(1) };
        let found = store.connector.find_by_reference(&[other], since).await.unwrap().orders;
        assert_eq!(found, [], "generation {generation}");
    }
}

async fn an_unknown_order_is_not_found(store: Store) {
    for id in [store.fake.unknown_order(), "../../x?y#z".parse().unwrap()] {
        for error in [
            store.connector.order(&id).await.unwrap_err(),
            store.connector.cancel(&id).await.unwrap_err(),
            store.connector.complete(&id).await.unwrap_err(),
        ] {
            assert_eq!((error.kind, error.effect), (ErrorKind::NotFound, Effect::None), "{error}");
        }
    }
}
