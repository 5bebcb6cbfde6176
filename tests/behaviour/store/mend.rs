//! R3: an order that the store made something else of is brought to what was meant, in place and by no second create.

use connect::{ErrorKind, StoreCapabilities};
use domain::readback::{StoreOrderState, differences};

use crate::drafts::{reference, simple};
use crate::kit::Store;
use crate::subject::SKU;
use crate::suite::{Promise, promises};

pub fn promises(can: &StoreCapabilities) -> Vec<Promise<Store>> {
    if can.mends {
        promises![
            an_order_that_came_out_wrong_is_mended_in_place,
            mending_again_changes_nothing,
            an_order_that_is_over_is_not_mended,
        ]
    } else {
        promises![mending_is_refused]
    }
}

async fn an_order_that_came_out_wrong_is_mended_in_place(store: Store) {
    let stock = store.fake.stock_of(SKU).unwrap();
    store.fake.meddle();
    let meant = simple(&*store.fake, 1, 2);
    let made = store.connector.create_order(&meant).await.unwrap();
    assert_ne!(differences(&meant, &made), [], "the fake makes something else of it");
    let orders = store.fake.orders();
    let mended = store.connector.mend(&made.id, &meant, &made).await.unwrap();
    assert_eq!(differences(&meant, &mended), []);
    assert_eq!(store.fake.total(&made.id), meant.total.amount());
    assert_eq!((mended.id, mended.reference), (made.id, Some(reference(1))));
    assert_eq!((store.fake.orders(), store.fake.created()[&reference(1)]), (orders, 1));
    // A store that takes it later has taken none yet.
    let taken = if store.connector.capabilities().deducts_paid { 2 } else { 0 };
    assert_eq!(store.fake.stock_of(SKU), Some(stock - taken), "its stock was taken once");
    assert_eq!((store.fake.mails_to_buyers(), store.fake.mails_to_owner()), (0, 0));
}

async fn mending_again_changes_nothing(store: Store) {
    store.fake.meddle();
    let meant = simple(&*store.fake, 1, 2);
    let made = store.connector.create_order(&meant).await.unwrap();
    let mended = store.connector.mend(&made.id, &meant, &made).await.unwrap();
    let before = store.fake.state();
    let again = store.connector.mend(&made.id, &meant, &mended).await.unwrap();
    assert_eq!((again.lines, again.total), (mended.lines, mended.total));
    assert_eq!(store.fake.state(), before);
}

async fn an_order_that_is_over_is_not_mended(store: Store) {
    store.fake.meddle();
    let meant = simple(&*store.fake, 1, 2);
    let made = store.connector.create_order(&meant).await.unwrap();
    store.connector.cancel(&made.id).await.unwrap();
    let before = store.fake.state();
    let held = store.connector.mend(&made.id, &meant, &made).await.unwrap();
    assert_eq!((held.state, held.total), (StoreOrderState::Canceled, made.total));
    assert_eq!(store.fake.state(), before);
}

async fn mending_is_refused(store: Store) {
    let meant = simple(&*store.fake, 1, 2);
    let made = store.connector.create_order(&meant).await.unwrap();
    let before = store.fake.state();
    let error = store.connector.mend(&made.id, &meant, &made).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert_eq!(store.fake.state(), before);
}
