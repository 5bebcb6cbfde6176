//! An inventory is replaced as a whole, and refused where it contradicts itself.

use fakes::etsy::Listing;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, of_shop, one_product, path};

const SCARF: &str = "/listings/7/inventory";

async fn shop() -> Caller {
    let caller = Caller::start().await;
    caller.fake.list(Listing::in_colours(7, "A scarf", &[("RED", "Red", 3999, 7), ("BLUE", "Blue", 4250, 9)]));
    caller.fake.list(Listing::single(8, "A", "An item", 749, 5));
    caller
}

fn colour(sku: &str, value_id: u64, colour: &str, price: f64, quantity: u32) -> Value {
    json!({"sku": sku, "property_values": [{"property_id": 200, "value_ids": [value_id], "scale_id": null,
        "property_name": "Primary color", "values": [colour]}],
        "offerings": [{"price": price, "quantity": quantity, "is_enabled": true, "readiness_state_id": 42}]})
}

fn scarf(on: &[u64]) -> Value {
    json!({"products": [colour("RED", 1000, "Red", 39.99, 1), colour("BLUE", 1001, "Blue", 42.5, 2)],
        "price_on_property": on, "quantity_on_property": on, "sku_on_property": on})
}

#[tokio::test]
async fn what_is_left_out_is_gone() {
    let caller = shop().await;
    let mut body = scarf(&[200]);
    assert_eq!(caller.put(&path(SCARF), &body).await.status, StatusCode::OK);
    let products = caller.fake.listing(7).unwrap().products;
    let shown: Vec<_> = products.iter().map(|one| (one.id, one.price, one.quantity)).collect();
    assert_eq!(shown, [(70, 3999, 1), (71, 4250, 2)]);
    body["products"].as_array_mut().unwrap().remove(0);
    assert_eq!(caller.put(&path(SCARF), &body).await.status, StatusCode::OK);
    assert_eq!(caller.fake.listing(7).unwrap().products.len(), 1);
}

#[tokio::test]
async fn what_differs_must_differ_by_a_property() {
    let caller = shop().await;
    let refused = caller.put(&path(SCARF), &scarf(&[])).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.error(), "The price is incompatible with price_on_property");
}

#[tokio::test]
async fn what_etsy_only_shows_and_what_is_left_empty_is_refused() {
    let caller = shop().await;
    let item = path("/listings/8/inventory");
    assert_eq!(caller.put(&item, &one_product(0)).await.error(), "One offering must have quantity greater than 0");
    assert_eq!(caller.put(&item, &one_product(1000)).await.error(), "quantity must be between 0 and 999");
    assert_eq!(caller.fake.violations(), []);
    for (place, field) in [("/products/0", "product_id"), ("/products/0/offerings/0", "offering_id")] {
        let mut body = one_product(1);
        body.pointer_mut(place).unwrap()[field] = json!(80);
        assert_eq!(caller.put(&item, &body).await.status, StatusCode::BAD_REQUEST, "{field}");
    }
    let mut no_profile = one_product(1);
    no_profile.pointer_mut("/products/0/offerings/0").unwrap().as_object_mut().unwrap().remove("readiness_state_id");
    assert_eq!(caller.put(&item, &no_profile).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(caller.fake.listing(8).unwrap().products[0].quantity, 5);
    assert_eq!(caller.put(&path("/listings/9/inventory"), &one_product(1)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_listing_leaves_the_shop_and_comes_back_with_something_to_sell() {
    let caller = shop().await;
    let state =
        async |state: &str| caller.form(Method::PATCH, &of_shop("/listings/8"), &[("state", state)]).await.status;
    assert_eq!(state("inactive").await, StatusCode::OK);
    assert_eq!(caller.fake.for_sale("A"), Some(0));
    let mut hidden = one_product(1);
    hidden.pointer_mut("/products/0/offerings/0").unwrap()["is_enabled"] = json!(false);
    assert_eq!(caller.put(&path("/listings/8/inventory"), &hidden).await.status, StatusCode::OK);
    assert_eq!(state("active").await, StatusCode::BAD_REQUEST);
    caller.put(&path("/listings/8/inventory"), &one_product(3)).await;
    assert_eq!(state("active").await, StatusCode::OK);
    assert_eq!(caller.fake.for_sale("A"), Some(3));
}
