//! What changed in the main store: ours and others', every page, every zone.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use connect::{PageToken, StoreChange, Window};
use domain::readback::StoreOrderState;
use fakes::PageShift;
use jiff::Timestamp;

use crate::drafts::{package, reference, simple};
use crate::kit::{Store, every};
use crate::subject::Setup;
use crate::suite::{Promise, Stage, promises, staged};

pub fn promises() -> Vec<Promise<Store>> {
    let mut all = promises![
        every_change_is_seen_page_by_page,
        ours_are_known_by_their_reference,
        what_did_not_change_is_not_seen,
        pages_that_shift_while_they_are_read_hide_no_change,
        a_shipment_and_an_end_are_changes,
    ];
    all.extend(staged![no_time_zone_makes_a_gap]);
    all
}

async fn changes(store: &Store, from: Timestamp, to: Timestamp, before: impl FnMut(usize)) -> Vec<StoreChange> {
    let window = Window { from, to };
    let read = async |page: Option<&PageToken>| store.connector.changes(&window, page).await.unwrap();
    every(before, read).await.0
}

async fn create(store: &Store, numbers: std::ops::Range<u32>) -> BTreeSet<String> {
    let mut made = BTreeSet::new();
    for number in numbers {
        made.insert(store.connector.create_order(&simple(&*store.fake, number, 1)).await.unwrap().id.to_string());
    }
    made
}

fn ids(orders: &[StoreChange]) -> BTreeSet<String> {
    orders.iter().map(|order| order.id.to_string()).collect()
}

async fn every_change_is_seen_page_by_page(store: Store) {
    let from = store.now();
    let made = create(&store, 1..8).await;
    store.wait(60);
    store.fake.faults().page_size(Some(2));
    assert_eq!(ids(&changes(&store, from, store.now(), |_| {}).await), made);
    // From the cursor on, nothing comes again.
    let cursor = store.now();
    store.wait(60);
    let more = create(&store, 8..10).await;
    store.wait(60);
    assert_eq!(ids(&changes(&store, cursor, store.now(), |_| {}).await), more);
}

async fn ours_are_known_by_their_reference(store: Store) {
    let from = store.now();
    create(&store, 1..2).await;
    let own = store.fake.place_own().to_string();
    store.wait(60);
    let seen = changes(&store, from, store.now(), |_| {}).await;
    let references: BTreeMap<_, _> = seen.iter().map(|order| (order.id.to_string(), order.reference)).collect();
    assert_eq!(references.len(), 2);
    assert_eq!(references[&own], None);
    assert!(references.values().any(|found| *found == Some(reference(1))));
    // Of both it is told which products are on them.
    assert!(seen.iter().all(|change| !change.products.is_empty()));
}

async fn what_did_not_change_is_not_seen(store: Store) {
    let own = store.fake.place_own();
    store.wait(600);
    let from = store.now();
    store.wait(600);
    assert_eq!(changes(&store, from, store.now(), |_| {}).await, []);
    store.fake.touch(&own);
    let touched = store.now();
    store.wait(60);
    let seen = changes(&store, from, store.now(), |_| {}).await;
    assert_eq!((ids(&seen), seen[0].modified_at), (BTreeSet::from([own.to_string()]), touched));
}

async fn pages_that_shift_while_they_are_read_hide_no_change(store: Store) {
    for (run, shift) in [PageShift::Leaves, PageShift::Enters, PageShift::Leaves].into_iter().enumerate() {
        store.wait(3600);
        let from = store.now();
        let first = u32::try_from(run).unwrap() * 20;
        let made = create(&store, first..first + 9).await;
        store.wait(60);
        let to = store.now();
        store.wait(60);
        store.fake.faults().page_size(Some(2));
        let shifts = |page: usize| {
            if page % 3 == run {
                store.fake.faults().shift_pages(shift);
            }
        };
        let mut seen = ids(&changes(&store, from, to, shifts).await);
        store.fake.faults().clear();
        store.wait(60);
        seen.extend(ids(&changes(&store, to, store.now(), |_| {}).await));
        let missed: Vec<_> = made.difference(&seen).collect();
        assert_eq!(missed, Vec::<&String>::new(), "{shift:?} {run}");
    }
}

async fn a_shipment_and_an_end_are_changes(store: Store) {
    let made = store.connector.create_order(&simple(&*store.fake, 1, 1)).await.unwrap();
    let canceled = store.connector.create_order(&simple(&*store.fake, 2, 1)).await.unwrap();
    let trashed = store.connector.create_order(&simple(&*store.fake, 3, 1)).await.unwrap();
    store.wait(60);
    let from = store.now();
    store.wait(5);
    store.connector.ship(&made.id, &package(Some("AA1"), &[("L1", 1)]), true).await.unwrap();
    store.connector.cancel(&canceled.id).await.unwrap();
    let has_trash = store.fake.trash(&trashed.id).await;
    store.wait(60);
    let seen = changes(&store, from, store.now(), |_| {}).await;
    let of = |id| {
        let order = seen.iter().find(|change| change.id == id)?.order.as_ref()?;
        Some((order.state, order.shipments.len()))
    };
    assert_eq!(of(made.id), Some((StoreOrderState::Completed, 1)));
    assert_eq!(of(canceled.id), Some((StoreOrderState::Canceled, 0)));
    if has_trash {
        assert_eq!(of(trashed.id), Some((StoreOrderState::Trashed, 0)));
    }
}

/// The peer lost 559 orders of a shop in Berlin for good. A day of hourly windows around the end of summer time.
async fn no_time_zone_makes_a_gap(stage: Rc<Stage<Store>>) {
    for zone in stage.subject.zones {
        let store = stage.start(Setup { now: "2026-10-24T12:00:00Z".parse().unwrap(), zone }).await;
        let mut from = store.now();
        let (mut made, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for hour in 0..30 {
            for third in 0..3 {
                made.extend(create(&store, hour * 3 + third..hour * 3 + third + 1).await);
                store.wait(1200);
            }
            let to = store.now();
            store.wait(10);
            let read = ids(&changes(&store, from, to, |_| {}).await);
            assert!(read.len() <= 5, "{zone}: an hour of 3 orders brought {}", read.len());
            seen.extend(read);
            from = to;
        }
        let missed: Vec<_> = made.difference(&seen).collect();
        assert_eq!(missed, Vec::<&String>::new(), "{zone}");
        // A look-up counts back from the attempt in the same way.
        let since = store.now().checked_sub(jiff::SignedDuration::from_mins(90)).unwrap();
        let found = store.connector.find_by_reference(&[reference(89)], since).await.unwrap().orders;
        assert_eq!(found.len(), 1, "{zone}");
    }
}
