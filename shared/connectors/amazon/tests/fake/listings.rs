//! Listings and their quantities.

use std::collections::BTreeMap;
use std::time::Duration;

use connect::{Effect, ErrorKind, QuantityUpdate, SalesChannel};
use domain::ListingKey;
use fakes::amazon::{ListedItem, MARKETPLACES, demo_listings};
use jiff::{SignedDuration, Timestamp};

use crate::shop;

pub fn update(sku: &str, quantity: u32) -> QuantityUpdate {
    QuantityUpdate { listing: ListingKey::Sku(sku.parse().unwrap()), sku: None, quantity }
}

#[tokio::test]
async fn a_quantity_is_merged_into_the_listing_of_each_marketplace() {
    let (fake, amazon) = shop().await;
    let mut item = ListedItem::new("A", "Item A", 50);
    item.product_type = "LUGGAGE".to_owned();
    item.marketplace_ids = MARKETPLACES.map(str::to_owned).to_vec();
    fake.list(item);
    fake.list(ListedItem::new("B", "At Amazon's", 0).by_amazon());
    fake.list(ListedItem::new("C", "Broken", 1).refused("18027"));
    let foreign = QuantityUpdate { listing: ListingKey::listing("B000", None), sku: None, quantity: 1 };
    let updates = [update("A", 3), update("B", 3), update("C", 3), update("NONE", 3), foreign, update("A b/c", 1)];
    let answers = amazon.set_quantities(&updates).await.unwrap();
    let kinds: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|error| error.kind)).collect();
    let (invalid, missing) = (Some(ErrorKind::InvalidOrder), Some(ErrorKind::NotFound));
    assert_eq!(kinds, [None, invalid, invalid, missing, Some(ErrorKind::Unsupported), missing]);
    assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| error.effect == Effect::None));
    assert_eq!(answers[2].as_ref().unwrap_err().context, "INVALID, issues [\"18027\"]");
    let patches = fake.quantity_patches("A");
    assert_eq!(patches.len(), 1);
    assert_eq!(
        (patches[0].quantity, patches[0].op.as_str(), patches[0].product_type.as_str()),
        (3, "merge", "LUGGAGE")
    );
    // Those of the connection, not every one that the listing is in.
    assert_eq!(patches[0].marketplace_ids, &MARKETPLACES[..2]);
    assert_eq!(fake.listing("B").unwrap().quantity, None, "it stays in Amazon's warehouse");
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn one_outage_answers_for_the_rest_of_the_quantities() {
    let (fake, amazon) = shop().await;
    fake.list(ListedItem::new("A", "Item A", 50));
    amazon.account().await.unwrap();
    let before = fake.calls().all().len();
    let _outage = fake.faults().fail_while("503".parse().unwrap(), Some(9));
    let answers = amazon.set_quantities(&[update("A", 1), update("A", 2), update("A", 3)]).await.unwrap();
    assert_eq!(answers.len(), 3);
    for answer in answers {
        let error = answer.unwrap_err();
        assert_eq!((error.kind, error.effect), (ErrorKind::Unavailable, Effect::None));
        assert_eq!(error.retry_after, Some(Duration::from_secs(9)));
    }
    assert_eq!(fake.calls().all().len(), before + 1);
}

#[tokio::test]
async fn more_listings_than_amazon_pages_through_are_all_found() {
    let (fake, amazon) = shop().await;
    fake.unlimited();
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    for at in 0..2_345_i64 {
        let item =
            ListedItem::new(&format!("SKU-{at:04}"), "An item", at).created(start + SignedDuration::from_secs(at / 3));
        fake.list(item);
    }
    let (mut found, mut page) = (BTreeMap::new(), None);
    loop {
        let read = amazon.listings(page.as_ref()).await.unwrap();
        found.extend(read.items.into_iter().map(|listing| (listing.key.to_string(), listing.quantity)));
        match read.next {
            Some(next) => page = Some(next),
            None => break,
        }
    }
    assert_eq!(found.len(), 2_345);
    assert_eq!(found["sku:SKU-2344"], Some(2_344));
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn a_listing_tells_its_quantity_only_where_the_merchant_ships() {
    let (fake, amazon) = shop().await;
    for item in demo_listings() {
        fake.list(item);
    }
    let listings = amazon.listings(None).await.unwrap().items;
    let quantities: BTreeMap<_, _> =
        listings.iter().map(|listing| (listing.sku.as_ref().unwrap().as_str(), listing.quantity)).collect();
    assert_eq!((quantities["MUG-WHITE-35"], quantities["TEAPOT-FBA"]), (Some(40), None));
    assert!(listings.iter().all(|listing| listing.active && !listing.title.is_empty()));
}
