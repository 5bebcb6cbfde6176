//! One worker at a time: fences, lost answers, and workers that come back from the dead.

use domain::head::{ImportState, Order};
use fakes::dynamo::Dynamo;
use storage::{Change, Updated};

use crate::orders::stored;
use crate::samples::{healthy, imported, lease, now};

fn take(order: &Order, holder: &str) -> Change {
    Change {
        lease: Some(lease(order.lease.fence + 1, holder, Some(now()))),
        import: Some(ImportState::Reserved { attempt: 1, send_by: now() }),
        ..Change::default()
    }
}

fn done(updated: Updated) -> Order {
    match updated {
        Updated::Done(order) => *order,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn of_two_takers_one_wins() {
    for round in 0..20 {
        let dynamo = Dynamo::new();
        let (one, two) = (dynamo.storage(), dynamo.storage());
        let order = healthy(round, 2);
        one.orders.insert(&order).await.unwrap();
        let (a, b) = tokio::join!(
            one.orders.update(&order, take(&order, "worker a")),
            two.orders.update(&order, take(&order, "worker b")),
        );
        let winner = match (a.unwrap(), b.unwrap()) {
            (Updated::Done(won), Updated::Conflict(seen)) | (Updated::Conflict(seen), Updated::Done(won)) => {
                assert_eq!(won, seen);
                won
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(stored(&one, order.id).await, *winner);
    }
}

#[tokio::test]
async fn a_zombie_with_a_stale_fence_is_refused() {
    let storage = Dynamo::new().storage();
    let order = healthy(1, 2);
    storage.orders.insert(&order).await.unwrap();
    let zombie = done(storage.orders.update(&order, take(&order, "zombie")).await.unwrap());
    let other = done(storage.orders.update(&zombie, take(&zombie, "other")).await.unwrap());

    let commit = Change {
        lease: Some(lease(zombie.lease.fence, "zombie", None)),
        import: Some(imported(1)),
        ..Change::default()
    };
    let refused = storage.orders.update(&zombie, commit).await.unwrap();
    assert_eq!(refused, Updated::Conflict(Box::new(other.clone())));
    assert_eq!(stored(&storage, order.id).await, other);
}

#[tokio::test]
async fn a_reservation_whose_answer_was_lost_is_recognised_as_our_own() {
    for dynamo in [Dynamo::new(), Dynamo::new().without_retries()] {
        let storage = dynamo.storage();
        let order = healthy(1, 2);
        storage.orders.insert(&order).await.unwrap();
        dynamo.faults.on("*/orders/UpdateItem").drop_response(1);
        let mut answer = storage.orders.update(&order, take(&order, "worker a")).await;
        if let Err(error) = answer {
            // Without the SDK's own retry the caller sees the lost answer, and asks again.
            assert!(error.is_temporary());
            answer = storage.orders.update(&order, take(&order, "worker a")).await;
        }
        let reserved = done(answer.unwrap());
        assert_eq!(reserved.lease, lease(1, "worker a", Some(now())));
        assert_eq!(stored(&storage, order.id).await, reserved);
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_our_own_when_another_holder_won() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let order = healthy(1, 2);
    storage.orders.insert(&order).await.unwrap();
    // Our first try never arrives; before the second one, another worker takes the lease.
    let gate = dynamo.faults.on("*/orders/UpdateItem").hold_next(1);
    let ours = async { storage.orders.update(&order, take(&order, "worker a")).await.unwrap() };
    let theirs = async {
        tokio::task::yield_now().await;
        let won = dynamo.storage().orders.update(&order, take(&order, "worker b")).await.unwrap();
        gate.open();
        done(won)
    };
    let (ours, theirs) = tokio::join!(ours, theirs);
    assert_eq!(ours, Updated::Conflict(Box::new(theirs)));
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_done() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let order = healthy(1, 2);
    storage.orders.insert(&order).await.unwrap();
    let reserved = done(storage.orders.update(&order, take(&order, "worker a")).await.unwrap());
    dynamo.faults.on("*/orders/UpdateItem").drop_response(1);
    let commit = Change { lease: Some(lease(1, "worker a", None)), import: Some(imported(9)), ..Change::default() };
    let committed = done(storage.orders.update(&reserved, commit).await.unwrap());
    assert_eq!((committed.import.clone(), committed.lease.until), (imported(9), None));
    assert_eq!(stored(&storage, order.id).await, committed);
}

#[tokio::test]
async fn a_version_that_changed_is_a_conflict_even_for_the_holder() {
    let storage = Dynamo::new().storage();
    let order = healthy(1, 2);
    storage.orders.insert(&order).await.unwrap();
    let reserved = done(storage.orders.update(&order, take(&order, "worker a")).await.unwrap());
    let mut newer = order.source.clone();
    newer.revision.0 += 1;
    storage.orders.replace_source(order.id, &newer, false).await.unwrap();
    let commit = Change {
        lease: Some(lease(1, "worker a", None)),
        import: Some(imported(9)),
        expect_revision: Some(order.source.revision),
        ..Change::default()
    };
    let refused = storage.orders.update(&reserved, commit).await.unwrap();
    assert_eq!(refused, Updated::Conflict(Box::new(Order { source: newer, ..reserved })));
}

#[tokio::test]
async fn of_many_takers_of_many_orders_each_order_has_one_winner() {
    let dynamo = Dynamo::new();
    let order = healthy(3, 1);
    dynamo.storage().orders.insert(&order).await.unwrap();
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..16 {
        let (storage, order) = (dynamo.storage(), order.clone());
        workers.spawn(async move {
            let holder = format!("worker {worker}");
            matches!(storage.orders.update(&order, take(&order, &holder)).await.unwrap(), Updated::Done(_))
        });
    }
    let winners = workers.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(winners, 1);
}
