//! Connecting a main store, and the products that it has.

use std::collections::BTreeMap;

use connect::PageToken;
use domain::Sku;

use crate::kit::{Store, every};
use crate::subject::SKU;
use crate::suite::{Promise, promises};

pub fn promises() -> Vec<Promise<Store>> {
    promises![
        probing_finds_out_what_this_version_can,
        probing_changes_nothing,
        every_product_is_found_page_by_page,
        products_are_found_by_sku_and_unknown_ones_are_missing,
    ]
}

async fn probing_finds_out_what_this_version_can(store: Store) {
    let profile = store.connector.profile().await.unwrap();
    assert_eq!(profile.probed, store.fake.probed());
    assert!(!profile.account.id.as_str().is_empty() && !profile.account.name.is_empty());
    assert_eq!(store.connector.profile().await.unwrap(), profile);
}

async fn probing_changes_nothing(store: Store) {
    let before = store.fake.state();
    store.connector.profile().await.unwrap();
    assert_eq!(store.fake.state(), before);
    let calls = store.fake.calls().all();
    assert!(calls.iter().all(|call| call.method == "GET"), "probing writes");
}

async fn every_product_is_found_page_by_page(store: Store) {
    for number in 0..25_i64 {
        store.fake.add_product(&format!("MORE-{number:02}"), Some(number));
    }
    store.fake.add_product("GIFT", None);
    store.fake.faults().page_size(Some(4));
    let read = async |page: Option<&PageToken>| store.connector.products(page).await.unwrap();
    let (products, pages) = every(|_| {}, read).await;
    let by_sku: BTreeMap<_, _> =
        products.iter().map(|product| (product.sku.clone().unwrap().to_string(), product.stock)).collect();
    assert_eq!((by_sku.len(), by_sku[SKU], by_sku["GIFT"]), (27, Some(50), None));
    assert!((0..25).all(|number| by_sku[&format!("MORE-{number:02}")] == Some(number)));
    assert!(pages >= 7, "27 products, four a page, in {pages} pages");
}

async fn products_are_found_by_sku_and_unknown_ones_are_missing(store: Store) {
    let wanted: Vec<Sku> = (0..60).map(|number| format!("MORE-{number:02}").parse().unwrap()).collect();
    let ids: BTreeMap<String, _> =
        wanted.iter().take(55).map(|sku| (sku.to_string(), store.fake.add_product(sku.as_str(), Some(3)))).collect();
    let found = store.connector.products_by_sku(&wanted).await.unwrap();
    let found: BTreeMap<String, _> =
        found.into_iter().map(|product| (product.sku.unwrap().to_string(), product.id)).collect();
    assert_eq!(found, ids);
    assert_eq!(store.connector.products_by_sku(&[]).await.unwrap(), []);
}
