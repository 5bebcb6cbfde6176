//! What is remembered of stock, and who may tell the channels of it.

use std::collections::BTreeSet;

use domain::quantity::{StoreStock, Telling};
use domain::{ListingKey, ProductId};
use fakes::dynamo::Dynamo;
use jiff::{SignedDuration, Timestamp};
use storage::{ProductStock, StockLease, Told};

use crate::samples::connection;

fn products(names: &[&str]) -> BTreeSet<ProductId> {
    names.iter().map(|name| ProductId::new(name).unwrap()).collect()
}

fn at(seconds: i64) -> Timestamp {
    "2026-11-18T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn one_at_a_time_tells_stock_and_whoever_comes_after_a_death_finds_its_products() {
    let settings = Dynamo::new().storage().settings;
    let take = async |holder: &str, from: i64, names: &[&str]| {
        settings.take_stock_lease(holder, at(from + 90), at(from), &products(names)).await.unwrap()
    };
    let nothing = StockLease::Taken { unfinished: BTreeSet::new() };
    assert_eq!(take("one", 0, &["7", "8"]).await, nothing);
    assert_eq!(take("two", 10, &["9"]).await, StockLease::Busy { until: at(90) });
    // One never comes back, nor does two.
    assert_eq!(take("two", 90, &["9"]).await, StockLease::Taken { unfinished: products(&["7", "8"]) });
    assert_eq!(take("three", 180, &["9"]).await, StockLease::Taken { unfinished: products(&["7", "8", "9"]) });
    // Who has lost the lease gives nothing back.
    settings.release_stock_lease("two", true).await.unwrap();
    assert_eq!(take("four", 181, &["1"]).await, StockLease::Busy { until: at(270) });
    settings.release_stock_lease("three", false).await.unwrap();
    assert_eq!(take("four", 182, &["1"]).await, StockLease::Taken { unfinished: products(&["7", "8", "9"]) });
    settings.release_stock_lease("four", true).await.unwrap();
    assert_eq!(take("five", 183, &["1"]).await, nothing);
}

#[tokio::test]
async fn what_is_remembered_of_a_product_is_replaced_as_a_whole() {
    let settings = Dynamo::new().storage().settings;
    let listing = ListingKey::listing("4711", Some("blue"));
    let told = Told { connection: connection(), listing: listing.clone(), quantity: 48, refused: None };
    let mut stock = ProductStock {
        stock: Some(StoreStock::Managed(-1)),
        applied: 2,
        short: 1,
        told: vec![told.clone()],
        ..ProductStock::new(ProductId::new("7").unwrap())
    };
    settings.put_product_stock(&stock).await.unwrap();
    assert_eq!(settings.product_stock(&products(&["7", "8"])).await.unwrap(), std::slice::from_ref(&stock));
    assert_eq!(stock.told(&connection(), &listing), Some(&told));
    stock.told.clear();
    settings.put_product_stock(&stock).await.unwrap();
    assert_eq!(settings.product_stock(&products(&["7"])).await.unwrap(), [stock]);
}

#[tokio::test]
async fn a_channel_is_told_only_after_it_was_started_and_a_stale_change_is_refused() {
    let settings = Dynamo::new().storage().settings;
    let id = connection();
    assert_eq!(settings.telling(&id).await.unwrap(), Telling::NotStarted);
    let on = Telling::started(at(0));
    assert!(settings.put_telling(&id, Telling::NotStarted, on).await.unwrap());
    assert_eq!(settings.telling(&id).await.unwrap(), on);
    let paused = Telling::Paused { since: at(1), zeros: 9, listings: 10 };
    assert!(!settings.put_telling(&id, Telling::started(at(5)), paused).await.unwrap());
    assert!(settings.put_telling(&id, on, paused).await.unwrap());
    assert!(settings.put_telling(&id, on, paused).await.unwrap(), "the same once more is our own, its answer lost");
}
