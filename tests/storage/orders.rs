//! Orders come back as they went in, and neither intake nor an update overwrites what it must not.

use domain::head::{ImportState, Order};
use domain::shipment::Push;
use domain::stock::StockState;
use domain::trace::{Event, NotImported};
use domain::{AccountId, ChannelOrderId, OrderId, Platform, Revision};
use fakes::dynamo::Dynamo;
use storage::{Change, ErrorKind, Inserted, Replaced, Storage, Updated};

use crate::samples::{complete, ebay_source, healthy, imported, now, package, received, stock, trace_of};

pub async fn stored(storage: &Storage, id: OrderId) -> Order {
    storage.orders.get(id).await.unwrap().expect("the order is stored")
}

fn shapes() -> Vec<Order> {
    let mut shapes: Vec<Order> = [1, 7, 8, 30, 400].into_iter().map(|lines| healthy(lines, lines)).collect();
    shapes.push(complete());
    let states = [
        ImportState::Received,
        ImportState::Waiting(NotImported::AwaitingPayment),
        ImportState::Waiting(NotImported::DoesNotAddUp { why: "1.00 USD".into() }),
        ImportState::Reserved { attempt: 2, send_by: now() },
        ImportState::Unknown { attempt: 3, look_after: now() },
        imported(5),
        ImportState::Failed { why: "refused".into(), refused: true },
        ImportState::Left(NotImported::Canceled),
    ];
    for (import, number) in states.into_iter().zip(100..) {
        shapes.push(Order { import, generation: 0, ..healthy(number, 2) });
    }
    let pushes = [Push::Wanted, Push::Sent, Push::Refused { reason: "no carrier".into() }];
    for (push, number) in pushes.into_iter().zip(200..) {
        shapes.push(Order { packages: vec![domain::Package { push, ..package() }], ..healthy(number, 1) });
    }
    let mut bare = ebay_source(300, 1);
    (bare.ship_to, bare.buyer, bare.payment) = (None, domain::Buyer::default(), domain::Payment::Held);
    bare.revision = Revision(-1);
    shapes.push(received(bare));
    shapes
}

#[tokio::test]
async fn every_shape_of_order_comes_back_as_it_went_in() {
    let storage = Dynamo::new().storage();
    let shapes = shapes();
    for order in &shapes {
        assert_eq!(storage.orders.insert(order).await.unwrap(), Inserted::New);
        assert_eq!(stored(&storage, order.id).await, *order);
    }
    let ids: Vec<OrderId> = shapes.iter().map(|order| order.id).rev().collect();
    let many = storage.orders.get_many(&ids).await.unwrap();
    assert_eq!(many, shapes.into_iter().rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn an_order_that_is_not_there_is_none() {
    let storage = Dynamo::new().storage();
    let order = healthy(1, 1);
    assert_eq!(storage.orders.get(order.id).await.unwrap(), None);
    assert_eq!(storage.orders.get_many(&[order.id]).await.unwrap(), []);
    assert_eq!(storage.orders.replace_source(order.id, &order.source, false).await.unwrap(), Replaced::Gone);
    assert_eq!(storage.orders.update(&order, Change::default()).await.unwrap(), Updated::Gone);
}

#[tokio::test]
async fn an_order_taken_in_twice_stays_as_it_was() {
    for lines in [2, 25] {
        let dynamo = Dynamo::new();
        let storage = dynamo.storage();
        let order = healthy(1, lines);
        storage.orders.insert(&order).await.unwrap();
        let change = Change { import: Some(imported(77)), ..Change::default() };
        storage.orders.update(&order, change).await.unwrap();

        let again = storage.orders.insert(&order).await.unwrap();
        let Inserted::Exists(there) = again else { panic!("{again:?}") };
        assert_eq!(there.import, imported(77));
        assert_eq!(stored(&storage, order.id).await, *there);
    }
}

#[tokio::test]
async fn an_older_version_inserted_late_leaves_the_newer_one_whole() {
    let storage = Dynamo::new().storage();
    let mut newer = healthy(1, 25);
    let older = newer.clone();
    newer.source.revision.0 += 1_000;
    newer.source.buyer_note = Some("newer".into());
    storage.orders.insert(&newer).await.unwrap();
    assert_eq!(storage.orders.insert(&older).await.unwrap(), Inserted::Exists(Box::new(newer.clone())));
    assert_eq!(stored(&storage, newer.id).await, newer);
}

#[tokio::test]
async fn intake_never_overwrites_a_newer_version() {
    for (before, after) in [(2, 2), (2, 25), (25, 2), (25, 25)] {
        let dynamo = Dynamo::new();
        let storage = dynamo.storage();
        let order = healthy(1, before);
        storage.orders.insert(&order).await.unwrap();
        let mut newer = ebay_source(1, after);
        newer.revision.0 += 1_000;
        newer.buyer_note = Some("newer".into());

        let replaced = storage.orders.replace_source(order.id, &newer, false).await.unwrap();
        let expected = Order { source: newer.clone(), ..order.clone() };
        assert_eq!(replaced, Replaced::Yes(Box::new(expected.clone())));
        assert_eq!(storage.orders.replace_source(order.id, &order.source, false).await.unwrap(), Replaced::NotNewer);
        assert_eq!(stored(&storage, order.id).await, expected);
        // The same version once more: it is stored, and the caller may go on.
        assert_eq!(
            storage.orders.replace_source(order.id, &newer, false).await.unwrap(),
            Replaced::Yes(Box::new(expected))
        );
        // No payload is left behind.
        let bodies =
            dynamo.items("orders").iter().filter(|item| item["pk"]["S"].as_str().unwrap().starts_with("B#")).count();
        assert_eq!(bodies, usize::from(after == 25));
    }
}

#[tokio::test]
async fn two_intakes_at_once_leave_the_newest_version_whole() {
    for round in 0..20 {
        let dynamo = Dynamo::new();
        let storage = dynamo.storage();
        let order = healthy(round, 25);
        storage.orders.insert(&order).await.unwrap();
        let version = |step: i64| {
            let mut source = order.source.clone();
            source.revision.0 += step;
            source.buyer_note = Some(format!("version {step}"));
            source
        };
        let (first, second, third) = (version(1), version(2), version(3));
        let (a, b, c) = tokio::join!(
            storage.orders.replace_source(order.id, &second, false),
            storage.orders.replace_source(order.id, &third, false),
            storage.orders.replace_source(order.id, &first, false),
        );
        for replaced in [a, b, c] {
            replaced.unwrap();
        }
        assert_eq!(stored(&storage, order.id).await.source, third);
        let bodies =
            dynamo.items("orders").iter().filter(|item| item["pk"]["S"].as_str().unwrap().starts_with("B#")).count();
        assert_eq!(bodies, 1);
    }
}

#[tokio::test]
async fn an_update_writes_only_what_it_was_given() {
    let storage = Dynamo::new().storage();
    let order = complete();
    storage.orders.insert(&order).await.unwrap();
    let mut newer = order.source.clone();
    newer.revision.0 += 1;
    storage.orders.replace_source(order.id, &newer, false).await.unwrap();

    // The worker read the order before the newer version came.
    let change = Change { stock: Some(stock(&order.source, StockState::Taken)), ..Change::default() };
    let updated = storage.orders.update(&order, change).await.unwrap();
    let expected = Order { source: newer, stock: stock(&order.source, StockState::Taken), ..order };
    assert_eq!(updated, Updated::Done(Box::new(expected.clone())));
    assert_eq!(stored(&storage, expected.id).await, expected);
}

#[tokio::test]
async fn an_update_can_empty_every_part() {
    let storage = Dynamo::new().storage();
    let order = complete();
    storage.orders.insert(&order).await.unwrap();
    let change = Change {
        lease: Some(domain::head::Lease::default()),
        import: Some(ImportState::Received),
        store: Some(domain::head::StoreSide::default()),
        stock: Some(Vec::new()),
        packages: Some(Vec::new()),
        generation: Some(0),
        send: Some(storage::Wish::Over),
        recorded: Some(Vec::new()),
        superseded_by: None,
        review: Some(domain::head::Review::default()),
        undo: Some(storage::Wish::Over),
        conversion: Some(domain::exchange::Conversion::AsIs),
        trace: Some(Vec::new()),
        expect_revision: Some(order.source.revision),
    };
    let Updated::Done(emptied) = storage.orders.update(&order, change).await.unwrap() else { panic!("refused") };
    let after = domain::head::After {
        recorded: Vec::new(),
        review: domain::head::Review::default(),
        conversion: domain::exchange::Conversion::AsIs,
        ..order.after.clone()
    };
    assert_eq!(*emptied, Order { number: order.number, generation: 0, after, ..received(order.source.clone()) });
    assert_eq!(stored(&storage, order.id).await, *emptied);
}

#[tokio::test]
async fn an_update_for_one_version_is_refused_once_another_came() {
    let storage = Dynamo::new().storage();
    let order = healthy(1, 2);
    storage.orders.insert(&order).await.unwrap();
    let mut newer = order.source.clone();
    newer.revision.0 += 1;
    storage.orders.replace_source(order.id, &newer, false).await.unwrap();
    let change = Change {
        trace: Some(trace_of(vec![Event::StoreCompleted])),
        expect_revision: Some(order.source.revision),
        ..Change::default()
    };
    let updated = storage.orders.update(&order, change).await.unwrap();
    assert_eq!(updated, Updated::Conflict(Box::new(Order { source: newer, ..order })));
}

#[tokio::test]
async fn an_identity_keeps_its_first_id() {
    let storage = Dynamo::new().storage();
    let (platform, account) = (Platform::new("woocommerce").unwrap(), AccountId::new("shop").unwrap());
    let number = ChannelOrderId::new("17").unwrap();
    let hash = OrderId::identity_hash(&platform, &account, &number);
    let first = OrderId::derive(now(), &platform, &account, &number);
    let edited = OrderId::derive(jiff::Timestamp::UNIX_EPOCH, &platform, &account, &number);
    assert_eq!(storage.orders.claim_identity(&hash, first).await.unwrap(), first);
    assert_eq!(storage.orders.claim_identity(&hash, edited).await.unwrap(), first);

    let other = [7; 32];
    let (a, b) =
        tokio::join!(storage.orders.claim_identity(&other, first), storage.orders.claim_identity(&other, edited));
    assert_eq!(a.unwrap(), b.unwrap());
}

#[tokio::test]
async fn a_damaged_item_is_an_error_that_names_it_and_quotes_nothing() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let order = healthy(1, 1);
    storage.orders.insert(&order).await.unwrap();
    let mut item = dynamo.items("orders").into_iter().find(|item| item["sk"]["S"] == order.id.to_string()).unwrap();
    item["b"] = serde_json::json!({ "B": "AQAA" });
    dynamo.put_raw("orders", &item);
    let error = storage.orders.get(order.id).await.unwrap_err();
    assert_eq!((error.kind, error.is_temporary()), (ErrorKind::Corrupt, false));
    assert!(error.to_string().contains(&order.id.to_string()), "{error}");
}

#[tokio::test]
async fn errors_say_whether_trying_again_helps() {
    let dynamo = Dynamo::new().without_retries();
    let storage = dynamo.storage();
    let id = healthy(1, 1).id;
    let faults = dynamo.faults.on("*/orders/GetItem");
    let mut kinds = Vec::new();
    for status in [429_u16, 500, 403] {
        faults.fail_next(status.try_into().unwrap(), None);
        let error = storage.orders.get(id).await.unwrap_err();
        kinds.push((error.kind, error.is_temporary()));
    }
    faults.drop_request(1);
    let error = storage.orders.get(id).await.unwrap_err();
    kinds.push((error.kind, error.is_temporary()));
    faults.malformed_next();
    kinds.push({
        let error = storage.orders.get(id).await.unwrap_err();
        (error.kind, error.is_temporary())
    });
    assert_eq!(
        kinds,
        [
            (ErrorKind::Throttled, true),
            (ErrorKind::Unavailable, true),
            (ErrorKind::Unexpected, false),
            (ErrorKind::Unavailable, true),
            (ErrorKind::Unavailable, true),
        ]
    );
}
