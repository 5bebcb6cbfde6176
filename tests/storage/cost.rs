//! A healthy order of up to seven lines costs three write units, four with a shipment.

use domain::head::{ImportState, Order, StoreSide};
use domain::stock::StockState;
use domain::trace::Event;
use fakes::dynamo::Dynamo;
use storage::{Change, Inserted, PageRequest, Storage, Updated};

use crate::samples::{healthy, imported, lease, now, package, stock, trace_of};

/// As AWS's functions have it: a UUID.
const HOLDER: &str = "8f14e45f-ceea-467f-9c35-2a4d1b7e6c90";

async fn update(storage: &Storage, order: &Order, change: Change) -> Order {
    match storage.orders.update(order, change).await.unwrap() {
        Updated::Done(order) => *order,
        other => panic!("{other:?}"),
    }
}

fn reserve(order: &Order) -> Change {
    Change {
        lease: Some(lease(order.lease.fence + 1, HOLDER, Some(now()))),
        import: Some(ImportState::Reserved { attempt: 1, send_by: now() }),
        ..Change::default()
    }
}

fn commit(order: &Order) -> Change {
    Change {
        lease: Some(lease(order.lease.fence, HOLDER, None)),
        import: Some(imported(20_831)),
        store: Some(StoreSide { paid: true, ..StoreSide::default() }),
        stock: Some(stock(&order.source, StockState::Taken)),
        trace: Some(trace_of(vec![Event::Imported { number: "20831".into() }])),
        ..Change::default()
    }
}

/// An order's whole way: what each write cost, and how large its item ended.
async fn travel(order: Order) -> ([u64; 4], usize) {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    // A month's first order also notes the month, once.
    storage.orders.insert(&healthy(999, 1)).await.unwrap();
    dynamo.meter.reset();

    assert_eq!(storage.orders.insert(&order).await.unwrap(), Inserted::New);
    let inserted = dynamo.meter.reset().write_units;
    let order = update(&storage, &order, reserve(&order)).await;
    let reserved = dynamo.meter.reset().write_units;
    let order = update(&storage, &order, commit(&order)).await;
    let committed = dynamo.meter.reset().write_units;
    let shipped = Change {
        lease: Some(lease(order.lease.fence + 1, HOLDER, None)),
        packages: Some(vec![package()]),
        ..Change::default()
    };
    update(&storage, &order, shipped).await;
    let shipped = dynamo.meter.reset().write_units;
    let size = dynamo.item_sizes("orders").into_iter().map(|(_, bytes)| bytes).max().unwrap();
    ([inserted, reserved, committed, shipped], size)
}

#[tokio::test]
async fn a_healthy_order_of_up_to_seven_lines_costs_three_write_units_and_a_shipment_one_more() {
    for lines in 1..=7 {
        for order in 0..12 {
            let (units, size) = travel(healthy(order, lines)).await;
            assert_eq!((units, size <= 1_024), ([1, 1, 1, 1], true), "{lines} lines, {size} bytes");
        }
    }
}

#[tokio::test]
async fn a_long_order_pays_for_its_length_once() {
    let (units, size) = travel(healthy(5, 20)).await;
    assert_eq!(units, [3, 1, 1, 1], "{size} bytes");
}

#[tokio::test]
async fn an_order_read_again_unchanged_costs_no_write() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let order = healthy(1, 3);
    storage.orders.insert(&order).await.unwrap();
    dynamo.meter.reset();
    assert_eq!(storage.orders.get(order.id).await.unwrap(), Some(order));
    assert_eq!((dynamo.meter.total().write_units, dynamo.meter.total().half_read_units), (0, 2));
}

#[tokio::test]
async fn an_order_that_was_over_late_costs_one_write_to_note_and_one_to_drop() {
    let dynamo = Dynamo::new();
    let orders = dynamo.storage().orders;
    let ids: Vec<_> = (1..=3).map(|number| healthy(number, 1).id).collect();
    dynamo.meter.reset();
    for id in &ids {
        orders.note_late(*id).await.unwrap();
    }
    assert_eq!(dynamo.meter.write_units(), 3);
    let first = orders.noted_late(&PageRequest::first(2)).await.unwrap();
    orders.drop_late(first.items[0]).await.unwrap();
    let rest = orders.noted_late(&PageRequest::after(first.next.unwrap(), 2)).await.unwrap();
    let mut all = ids.clone();
    all.sort_unstable();
    assert_eq!([first.items, rest.items].concat(), all);
    assert_eq!(dynamo.meter.write_units(), 4);
}
