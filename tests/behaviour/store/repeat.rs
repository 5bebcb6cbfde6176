//! What is done twice to an order is done once, whatever became of the first answer.

use connect::{ConnectError, Effect, ErrorKind};
use domain::readback::{StoreOrder, StoreOrderState};
use domain::refund::{Back, NewRefund};
use domain::shipment::{Origin, key_of, new_packages};
use domain::{StoreOrderDraft, StoreOrderId};

use crate::drafts::{money, package, simple};
use crate::kit::Store;
use crate::subject::{Future, SKU};
use crate::suite::{Promise, promises};

type Act = for<'a> fn(&'a Store, &'a StoreOrderId) -> Future<'a, Result<(), ConnectError>>;

/// Each deed, by name, and whether it is done to a paid order.
const DEEDS: [(&str, bool, Act); 7] = [
    ("mark_paid", false, |store, id| {
        let total = money(2399, store.fake.taxes().0);
        Box::pin(async move { store.connector.mark_paid(id, total).await.map(drop) })
    }),
    ("ship_one_package", true, |store, id| {
        Box::pin(async { store.connector.ship(id, &package(Some("AA1"), &[("L1", 1)]), false).await.map(drop) })
    }),
    ("ship_and_complete", true, |store, id| {
        Box::pin(async { store.connector.ship(id, &package(Some("AA1"), &[("L1", 1)]), true).await.map(drop) })
    }),
    ("ship_without_tracking", true, |store, id| {
        Box::pin(async { store.connector.ship(id, &package(None, &[("L1", 1)]), true).await.map(drop) })
    }),
    ("complete", true, |store, id| Box::pin(async { store.connector.complete(id).await.map(drop) })),
    ("cancel", true, |store, id| Box::pin(async { store.connector.cancel(id).await.map(drop) })),
    ("record_refund", true, |store, id| {
        let amount = money(500, store.fake.taxes().0);
        Box::pin(async move {
            store.connector.record_refund(id, &NewRefund::of_money("r-1", amount, "goodwill")).await.map(drop)
        })
    }),
];

pub fn promises() -> Vec<Promise<Store>> {
    let mut all = promises![
        a_package_shows_on_the_order_with_what_it_holds,
        a_package_by_hand_is_seen_and_kept,
        a_package_without_tracking_is_no_news_of_the_store,
        a_refund_moves_neither_money_nor_stock,
        a_refund_with_units_brings_them_back_once,
        a_refund_of_more_than_is_left_is_refused_for_certain,
        what_is_over_is_not_revived,
        an_unknown_status_is_open_and_never_success,
    ];
    for (name, paid, act) in DEEDS {
        all.push(Promise::new(format!("{name}_twice_changes_nothing_more"), move |store| {
            Box::pin(twice(store, paid, act))
        }));
        all.push(Promise::new(format!("{name}_whose_answer_is_lost_is_done_once"), move |store| {
            Box::pin(after_a_lost_answer(store, paid, act))
        }));
    }
    all
}

async fn made(store: &Store, number: u32, paid: bool) -> StoreOrder {
    let meant = StoreOrderDraft { paid, ..simple(&*store.fake, number, 2) };
    let made = store.connector.create_order(&meant).await.unwrap();
    store.wait(60);
    made
}

async fn twice(store: Store, paid: bool, act: Act) {
    let order = made(&store, 1, paid).await;
    let before = store.fake.state();
    act(&store, &order.id).await.unwrap();
    let done = store.fake.state();
    assert_ne!(done, before, "nothing was done");
    for _ in 0..2 {
        store.wait(60);
        act(&store, &order.id).await.unwrap();
        assert_eq!(store.fake.state(), done);
    }
}

/// Its every write in turn loses its answer; what the repetition makes of it is what one clear success would have made.
async fn after_a_lost_answer(store: Store, paid: bool, act: Act) {
    let clear = made(&store, 1, paid).await;
    let before = Traces::of(&store, &clear.id).await;
    store.fake.calls().clear();
    act(&store, &clear.id).await.unwrap();
    let meant = Traces::of(&store, &clear.id).await.since(&before);
    let calls = store.fake.calls().all();
    let writes: Vec<String> = calls.iter().filter(|call| call.method != "GET").map(pattern).collect();
    assert!(!writes.is_empty());
    for (number, write) in writes.iter().enumerate() {
        let order = made(&store, 10 + u32::try_from(number).unwrap(), paid).await;
        let before = Traces::of(&store, &order.id).await;
        let on = write.replace(&format!("/{}", clear.id), &format!("/{}", order.id));
        store.fake.faults().on(&on).drop_response(1);
        let lost = act(&store, &order.id).await.unwrap_err();
        assert_eq!((lost.kind, lost.effect), (ErrorKind::Network, Effect::Possible), "{on}: {lost}");
        for _ in 0..2 {
            act(&store, &order.id).await.unwrap();
            assert_eq!(Traces::of(&store, &order.id).await.since(&before), meant, "{on}");
        }
    }
}

/// What a deed leaves behind.
#[derive(Debug, PartialEq)]
struct Traces {
    state: StoreOrderState,
    paid: bool,
    packages: usize,
    refunds: usize,
    stock: i64,
    mails: usize,
}

impl Traces {
    async fn of(store: &Store, id: &StoreOrderId) -> Self {
        let (order, fake) = (store.connector.order(id).await.unwrap(), &store.fake);
        Self {
            state: order.state,
            paid: order.paid,
            packages: fake.packages(id).len(),
            refunds: fake.refunds(id).len(),
            stock: fake.stock_of(SKU).unwrap(),
            mails: fake.mails_to_buyers() + fake.mails_to_owner(),
        }
    }

    fn since(self, before: &Self) -> Self {
        Self { stock: self.stock - before.stock, mails: self.mails - before.mails, ..self }
    }
}

fn pattern(call: &fakes::Call) -> String {
    format!("{} {}", call.method, call.path)
}

async fn a_package_shows_on_the_order_with_what_it_holds(store: Store) {
    let order = made(&store, 1, true).await;
    let first = package(Some("1Z 999 AA1"), &[("L1", 1)]);
    let shipped = store.connector.ship(&order.id, &first, false).await.unwrap();
    assert_eq!(shipped.state, StoreOrderState::Open);
    let second = package(Some("JD014"), &[("L1", 1)]);
    let shipped = store.connector.ship(&order.id, &second, true).await.unwrap();
    assert_eq!(shipped.state, StoreOrderState::Completed);
    assert_eq!(store.fake.packages(&order.id), [Some("1Z999AA1".to_owned()), Some("JD014".to_owned())]);
    let read = store.connector.order(&order.id).await.unwrap();
    let lines: Vec<_> = read.shipments.iter().map(|shipment| shipment.lines.clone()).collect();
    assert_eq!(lines, [first.shipment.lines, second.shipment.lines]);
    assert_eq!(read.shipments[0].tracking.as_ref().unwrap().carrier.as_deref(), Some("UPS"));
    assert_eq!((read.total, read.paid), (order.total, true));
}

async fn a_package_by_hand_is_seen_and_kept(store: Store) {
    let order = made(&store, 1, true).await;
    store.fake.ship_by_hand(&order.id, "BYHAND1");
    let seen = store.connector.order(&order.id).await.unwrap();
    assert_eq!(seen.shipments[0].tracking.as_ref().unwrap().normalised(), "BYHAND1");
    store.connector.ship(&order.id, &package(Some("OURS2"), &[("L1", 1)]), false).await.unwrap();
    assert_eq!(store.fake.packages(&order.id), [Some("BYHAND1".to_owned()), Some("OURS2".to_owned())]);
}

/// It has no number to be known by. What came from a channel is found again by the name that it has there, so that a
/// later look takes it as arrived; and nothing that we wrote ourselves looks like a new package of the store's.
async fn a_package_without_tracking_is_no_news_of_the_store(store: Store) {
    // Three units, one for each package: a store may send no more than were ordered.
    let order = store.connector.create_order(&simple(&*store.fake, 1, 3)).await.unwrap();
    store.wait(60);
    let mut of_channel = package(None, &[("L1", 1)]);
    of_channel.shipment.remote_id = Some("999".to_owned());
    (of_channel.key, of_channel.origin) = (key_of(&of_channel.shipment), Origin::Channel);
    let told = [of_channel, package(None, &[("L1", 1)]), package(None, &[])];
    for package in &told {
        store.connector.ship(&order.id, package, false).await.unwrap();
    }
    let seen = store.connector.order(&order.id).await.unwrap().shipments;
    assert!(seen.iter().any(|shipment| key_of(shipment) == told[0].key), "{seen:?}");
    assert_eq!(new_packages(&told, &seen, Origin::Store), []);
    assert_eq!(store.fake.packages(&order.id), [None, None, None]);
}

async fn a_refund_moves_neither_money_nor_stock(store: Store) {
    let currency = store.fake.taxes().0;
    let order = made(&store, 1, true).await;
    let stock = store.fake.stock_of(SKU);
    for (key, amount) in [("r-1", 500), ("r-1", 500), ("r-12", 250), ("r-1", 500), ("r-2", 500)] {
        store
            .connector
            .record_refund(&order.id, &NewRefund::of_money(key, money(amount, currency), "goodwill"))
            .await
            .unwrap();
    }
    let minor: Vec<_> = store.fake.refunds(&order.id).into_iter().map(|amount| amount.to_string()).collect();
    assert_eq!(minor, ["5.00", "2.50", "5.00"]);
    assert_eq!((store.fake.money_moved(), store.fake.stock_of(SKU)), (0, stock));
    assert_eq!((store.fake.mails_to_buyers(), store.fake.mails_to_owner()), (0, 0));
    // Two orders may have refunds of one name.
    let other = made(&store, 2, true).await;
    store.connector.record_refund(&other.id, &NewRefund::of_money("r-1", money(100, currency), "")).await.unwrap();
    assert_eq!(store.fake.refunds(&other.id).len(), 1);
}

async fn a_refund_with_units_brings_them_back_once(store: Store) {
    if !store.capabilities().refunds_restock {
        return;
    }
    let currency = store.fake.taxes().0;
    let before = store.fake.stock_of(SKU).unwrap();
    let order = made(&store, 1, true).await;
    let product = order.lines[0].product.clone().unwrap();
    let back = Back { line: "L1".parse().unwrap(), product, units: 1 };
    let refund = |key: &str, minor| NewRefund {
        restock: vec![back.clone()],
        ..NewRefund::of_money(key, money(minor, currency), "returned")
    };
    for _ in 0..3 {
        let after = store.connector.record_refund(&order.id, &refund("r-1", 500)).await.unwrap();
        assert_eq!((after.lines[0].deducted, after.total), (Some(1), order.total));
    }
    assert_eq!(store.fake.stock_of(SKU), Some(before - 1));
    // Units without money, and then a cancel: each unit comes back once.
    store.connector.record_refund(&order.id, &refund("back-2", 0)).await.unwrap();
    assert_eq!(store.fake.stock_of(SKU), Some(before));
    store.connector.cancel(&order.id).await.unwrap();
    assert_eq!((store.fake.stock_of(SKU), store.fake.money_moved()), (Some(before), 0));
    assert_eq!((store.fake.mails_to_buyers(), store.fake.refunds(&order.id).len()), (0, 2));
}

async fn a_refund_of_more_than_is_left_is_refused_for_certain(store: Store) {
    let currency = store.fake.taxes().0;
    let order = made(&store, 1, true).await;
    for amount in [1_000_000, 0, -500] {
        let refund = store
            .connector
            .record_refund(&order.id, &NewRefund::of_money("r-9", money(amount, currency), "too much"))
            .await;
        let error = refund.unwrap_err();
        assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None), "{amount}: {error}");
    }
    assert_eq!(store.fake.refunds(&order.id).len(), 0);
}

async fn what_is_over_is_not_revived(store: Store) {
    let order = made(&store, 1, true).await;
    store.connector.cancel(&order.id).await.unwrap();
    let before = store.fake.state();
    let total = order.total;
    for outcome in [
        store.connector.complete(&order.id).await,
        store.connector.mark_paid(&order.id, total).await,
        store.connector.ship(&order.id, &package(Some("AA1"), &[]), true).await,
    ] {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None), "{error}");
    }
    assert_eq!(store.fake.state(), before);
}

async fn an_unknown_status_is_open_and_never_success(store: Store) {
    let order = made(&store, 1, false).await;
    if store.fake.confuse(&order.id) {
        let read = store.connector.order(&order.id).await.unwrap();
        assert_eq!((read.state, read.paid), (StoreOrderState::Open, false));
        store.connector.cancel(&order.id).await.unwrap();
        assert_eq!(store.connector.order(&order.id).await.unwrap().state, StoreOrderState::Canceled);
    }
}
