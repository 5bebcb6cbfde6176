//! What is for sale on a channel, and how many of it.

use std::collections::BTreeMap;

use connect::{Effect, ErrorKind, PageToken, QuantityUpdate};
use domain::ListingKey;

use crate::kit::{Channel, every};
use crate::operations::quantity;
use crate::subject::SKU;
use crate::suite::{Promise, promises};

pub fn listing_promises() -> Vec<Promise<Channel>> {
    promises![every_listing_is_found_page_by_page, the_account_is_the_same_for_every_worker]
}

pub fn quantity_promises() -> Vec<Promise<Channel>> {
    promises![
        a_quantity_is_set_absolutely,
        an_unknown_listing_fails_alone,
        a_listing_is_reached_by_the_key_that_listing_it_gave,
        no_update_makes_no_request,
    ]
}

async fn every_listing_is_found_page_by_page(channel: Channel) {
    for number in 0..45_i64 {
        channel.fake.list(&format!("MORE-{number:02}"), number);
    }
    channel.fake.faults().page_size(Some(7));
    let read = async |page: Option<&PageToken>| channel.connector.listings(page).await.unwrap();
    let (listings, pages) = every(|_| {}, read).await;
    let by_sku: BTreeMap<_, _> =
        listings.iter().map(|listing| (listing.sku.clone().unwrap().to_string(), listing.quantity)).collect();
    assert_eq!(by_sku.len(), 46);
    assert!((0..45).all(|number| by_sku[&format!("MORE-{number:02}")] == Some(number)), "{by_sku:?}");
    assert!(pages > 1 || listings.len() == 46, "46 listings on {pages} page");
    assert!(listings.iter().all(|listing| listing.active && !listing.title.is_empty()));
}

async fn the_account_is_the_same_for_every_worker(channel: Channel) {
    let one = channel.connector.account().await.unwrap();
    let other = channel.other_worker().account().await.unwrap();
    assert_eq!(one, other);
    assert!(!one.id.as_str().is_empty() && !one.name.is_empty());
}

async fn a_quantity_is_set_absolutely(channel: Channel) {
    channel.fake.list("SKU-B", 9);
    for wanted in [7, 7, 0, 120] {
        let answers = channel.connector.set_quantities(&[quantity(SKU, wanted), quantity("SKU-B", 1)]).await.unwrap();
        assert_eq!(answers.len(), 2);
        for answer in answers {
            answer.unwrap();
        }
        assert_eq!(channel.fake.quantity(SKU), Some(i64::from(wanted)));
        assert_eq!(channel.fake.quantity("SKU-B"), Some(1));
    }
}

async fn an_unknown_listing_fails_alone(channel: Channel) {
    let updates = [quantity("NO-SUCH-SKU", 3), quantity(SKU, 8), quantity("NOR-THIS", 3)];
    let answers = channel.connector.set_quantities(&updates).await.unwrap();
    let kinds: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|error| error.kind)).collect();
    assert_eq!(kinds, [Some(ErrorKind::NotFound), None, Some(ErrorKind::NotFound)]);
    assert!(answers.into_iter().filter_map(Result::err).all(|error| error.effect == Effect::None));
    assert_eq!(channel.fake.quantity(SKU), Some(8));
}

async fn a_listing_is_reached_by_the_key_that_listing_it_gave(channel: Channel) {
    let listed = channel.connector.listings(None).await.unwrap().items.remove(0);
    let update = QuantityUpdate { listing: listed.key.clone(), sku: None, quantity: 12 };
    channel.connector.set_quantities(&[update]).await.unwrap().remove(0).unwrap();
    assert_eq!(channel.fake.quantity(SKU), Some(12));
    // A listing that cannot be reached by its id says so, or does not exist; it never sets another's quantity.
    let foreign = QuantityUpdate { listing: ListingKey::Listing("424242".to_owned()), sku: None, quantity: 1 };
    let error = channel.connector.set_quantities(&[foreign]).await.unwrap().remove(0).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::NotFound | ErrorKind::Unsupported), "{error}");
    assert_eq!((error.effect, channel.fake.quantity(SKU)), (Effect::None, Some(12)));
}

async fn no_update_makes_no_request(channel: Channel) {
    channel.connector.account().await.unwrap();
    channel.fake.calls().clear();
    assert_eq!(channel.connector.set_quantities(&[]).await.unwrap().len(), 0);
    assert_eq!(channel.fake.calls().all().len(), 0);
}
