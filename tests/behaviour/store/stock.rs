//! The main store's stock: read for many products, moved by differences.

use std::collections::BTreeMap;

use connect::{Effect, ErrorKind, StockMove, StoreCapabilities};
use domain::ProductId;

use crate::kit::Store;
use crate::subject::SKU;
use crate::suite::{Promise, promises};

pub fn promises(can: &StoreCapabilities) -> Vec<Promise<Store>> {
    let mut all = promises![
        a_move_is_relative_and_answers_with_the_level_after_it,
        moves_at_the_same_time_all_count,
        stock_that_is_not_managed_does_not_move,
        an_unknown_product_is_not_found,
        levels_of_many_products_are_read,
    ];
    all.extend(if can.keyed_stock_moves {
        promises![a_move_with_the_same_key_counts_once]
    } else {
        promises![a_move_whose_answer_is_lost_is_in_doubt]
    });
    all
}

fn by(product: &ProductId, delta: i64, key: &str) -> StockMove {
    StockMove { product: product.clone(), delta, key: key.to_owned() }
}

async fn a_move_is_relative_and_answers_with_the_level_after_it(store: Store) {
    let product = store.fake.product();
    for (number, (delta, expected)) in [(-3, 47), (1, 48), (-48, 0), (20, 20)].into_iter().enumerate() {
        let level = store.connector.move_stock(&by(&product, delta, &format!("key-{number}"))).await.unwrap();
        assert_eq!((level.product, level.quantity), (product.clone(), Some(expected)));
        assert_eq!(store.fake.stock_of(SKU), Some(expected));
    }
    // Somebody sells some between our reading and our moving: the difference still counts from what is there.
    let read = store.connector.stock(std::slice::from_ref(&product)).await.unwrap();
    assert_eq!(read[0].quantity, Some(20));
    store.fake.set_stock(SKU, 15);
    assert_eq!(store.connector.move_stock(&by(&product, -2, "key-9")).await.unwrap().quantity, Some(13));
}

async fn moves_at_the_same_time_all_count(store: Store) {
    let product = store.fake.product();
    let moves = (0..10).map(|number| {
        let (store, product) = (store.connector.clone(), product.clone());
        async move { store.move_stock(&by(&product, -3, &format!("key-{number}"))).await }
    });
    for outcome in futures_util::future::join_all(moves).await {
        outcome.unwrap();
    }
    assert_eq!(store.fake.stock_of(SKU), Some(20));
}

async fn stock_that_is_not_managed_does_not_move(store: Store) {
    let gift = store.fake.add_product("GIFT", None);
    assert_eq!(store.connector.move_stock(&by(&gift, -3, "key-1")).await.unwrap().quantity, None);
    assert_eq!(store.connector.stock(std::slice::from_ref(&gift)).await.unwrap()[0].quantity, None);
}

async fn an_unknown_product_is_not_found(store: Store) {
    let error = store.connector.move_stock(&by(&store.fake.unknown_product(), -3, "key-1")).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::NotFound, Effect::None), "{error}");
    let foreign = "gid://other/Product/1".parse().unwrap();
    let error = store.connector.move_stock(&by(&foreign, -3, "key-1")).await.unwrap_err();
    assert_eq!(error.effect, Effect::None, "{error}");
}

async fn levels_of_many_products_are_read(store: Store) {
    let mut expected = BTreeMap::new();
    for number in 0..130_i64 {
        expected.insert(store.fake.add_product(&format!("MORE-{number:03}"), Some(number)), Some(number));
    }
    expected.insert(store.fake.add_product("GIFT", None), None);
    let mut asked: Vec<ProductId> = expected.keys().cloned().collect();
    asked.push(store.fake.unknown_product());
    let levels = store.connector.stock(&asked).await.unwrap();
    let levels: BTreeMap<_, _> = levels.into_iter().map(|level| (level.product, level.quantity)).collect();
    assert_eq!(levels, expected);
    assert_eq!(store.connector.stock(&[]).await.unwrap(), []);
}

async fn a_move_whose_answer_is_lost_is_in_doubt(store: Store) {
    let product = store.fake.product();
    for (fault, expected) in [(fakes::Fault::DropResponse, 47), (fakes::Fault::DropRequest, 47)] {
        for on in ["POST *", "PUT *"] {
            store.fake.faults().on(on).next(1, fault.clone());
        }
        let error = store.connector.move_stock(&by(&product, -3, "key-1")).await.unwrap_err();
        store.fake.faults().clear();
        assert_eq!((error.kind, error.effect), (ErrorKind::Network, Effect::Possible), "{error}");
        assert_eq!(store.fake.stock_of(SKU), Some(expected), "{fault:?}");
    }
}

async fn a_move_with_the_same_key_counts_once(store: Store) {
    let product = store.fake.product();
    for _ in 0..3 {
        assert_eq!(store.connector.move_stock(&by(&product, -3, "key-1")).await.unwrap().quantity, Some(47));
    }
    assert_eq!(store.fake.stock_of(SKU), Some(47));
}
