//! One quantity changes, nothing else does.

use serde_json::{Value, json};

use super::*;

fn offering(quantity: u32, price: i64) -> Value {
    json!({"offering_id": 9, "quantity": quantity, "is_enabled": true, "is_deleted": false, "readiness_state_id": 77,
        "price": {"amount": price, "divisor": 100, "currency_code": "EUR"}})
}

fn product(id: u64, sku: &str, color: Option<(u64, &str)>, offering: &Value) -> Value {
    let values = color.map(|(id, name)| {
        json!({"property_id": 200, "property_name": "Primary color", "scale_id": null, "scale_name": null,
            "value_ids": [id], "values": [name]})
    });
    json!({"product_id": id, "sku": sku, "is_deleted": false, "offerings": [offering],
        "property_values": values.into_iter().collect::<Vec<_>>()})
}

fn inventory(products: &[Value], quantity_on_property: &[u64]) -> ListingInventory {
    serde_json::from_value(json!({"products": products, "price_on_property": [200], "sku_on_property": [200],
        "quantity_on_property": quantity_on_property, "readiness_state_on_property": null}))
    .unwrap()
}

fn colors(quantity_on_property: &[u64]) -> ListingInventory {
    let red = product(1, "RED", Some((11, "Red")), &offering(5, 1999));
    let blue = product(2, "BLUE", Some((12, "Blue")), &offering(7, 2550));
    inventory(&[red, blue], quantity_on_property)
}

fn written(found: &ListingInventory, state: &str, product: usize, quantity: u32) -> (Change, Value) {
    let change = change(found, state, &[Wanted { product, quantity }]).unwrap();
    let update = serde_json::to_value(&change.update).unwrap();
    (change, update)
}

#[test]
fn everything_but_the_one_quantity_is_written_back_as_it_was_read() {
    let (change, update) = written(&colors(&[200]), "active", 0, 3);
    assert!(!change.takes_out && !change.brings_back && !change.nothing_to_do);
    let product = |sku: &str, id: u64, name: &str, price: f64, quantity: u32| {
        json!({"sku": sku, "property_values": [{"property_id": 200, "value_ids": [id], "scale_id": null,
            "property_name": "Primary color", "values": [name]}],
            "offerings": [{"price": price, "quantity": quantity, "is_enabled": true, "readiness_state_id": 77}]})
    };
    assert_eq!(
        update,
        json!({"products": [product("RED", 11, "Red", 19.99, 3), product("BLUE", 12, "Blue", 25.5, 7)],
            "price_on_property": [200], "quantity_on_property": [200], "sku_on_property": [200],
            "readiness_state_on_property": []})
    );
    assert!(serde_json::to_string(&change.update).unwrap().contains("\"price\":19.99,"));
}

#[test]
fn products_of_one_quantity_change_together() {
    let (_, update) = written(&colors(&[]), "active", 0, 3);
    assert_eq!(update["products"][1]["offerings"][0]["quantity"], 3);
}

#[test]
fn what_was_deleted_is_not_written_back() {
    let mut gone = product(3, "GONE", Some((13, "Green")), &offering(4, 100));
    gone["is_deleted"] = json!(true);
    let mut red = product(1, "RED", Some((11, "Red")), &offering(5, 1999));
    let mut old = offering(8, 1);
    old["is_deleted"] = json!(true);
    red["offerings"].as_array_mut().unwrap().push(old);
    let found = inventory(&[gone, red], &[200]);
    assert_eq!(find(&found, Some(1), None).unwrap(), 1);
    assert_eq!(find(&found, Some(3), None).unwrap_err().kind, ErrorKind::NotFound);
    let (_, update) = written(&found, "active", 1, 2);
    assert_eq!(update["products"].as_array().unwrap().len(), 1);
    assert_eq!(update["products"][0]["offerings"].as_array().unwrap().len(), 1);
}

#[test]
fn the_last_piece_takes_the_listing_out_and_new_ones_bring_it_back() {
    let found = inventory(&[product(1, "A", None, &offering(5, 1999))], &[]);
    let (out, update) = written(&found, "active", 0, 0);
    assert!(out.takes_out && !out.nothing_to_do);
    assert_eq!(update["products"][0]["offerings"][0]["quantity"], 1);
    assert_eq!(update["products"][0]["offerings"][0]["is_enabled"], false);

    let mut hidden = offering(1, 1999);
    hidden["is_enabled"] = json!(false);
    let found = inventory(&[product(1, "A", None, &hidden)], &[]);
    assert!(is_taken_out("inactive", &found) && !is_taken_out("active", &found));
    assert!(written(&found, "inactive", 0, 0).0.nothing_to_do);
    let (back, update) = written(&found, "inactive", 0, 8);
    assert!(back.brings_back && !back.takes_out);
    assert_eq!(update["products"][0]["offerings"][0]["quantity"], 8);
    assert_eq!(update["products"][0]["offerings"][0]["is_enabled"], true);
}

#[test]
fn what_the_owner_took_out_stays_out() {
    let found = inventory(&[product(1, "A", None, &offering(1, 1999))], &[]);
    let (change, _) = written(&found, "inactive", 0, 8);
    assert!(!change.brings_back && !change.takes_out);
    for state in ["inactive", "sold_out", "expired"] {
        assert!(written(&found, state, 0, 0).0.nothing_to_do, "{state}");
    }
}

#[test]
fn a_piece_that_stands_for_none_is_not_sold_when_another_variation_comes_back() {
    let mut hidden = offering(1, 1999);
    hidden["is_enabled"] = json!(false);
    let red = product(1, "RED", Some((11, "Red")), &hidden);
    let blue = product(2, "BLUE", Some((12, "Blue")), &offering(0, 2550));
    let found = inventory(&[red, blue], &[200]);
    let (back, update) = written(&found, "inactive", 1, 4);
    assert!(back.brings_back);
    let quantity = |at: usize| update["products"][at]["offerings"][0]["quantity"].clone();
    assert_eq!((quantity(0), quantity(1)), (json!(0), json!(4)));
    assert_eq!(update["products"][0]["offerings"][0]["is_enabled"], true);
}

#[test]
fn more_than_etsy_takes_is_what_it_takes() {
    let (_, update) = written(&colors(&[200]), "active", 0, 5000);
    assert_eq!(update["products"][0]["offerings"][0]["quantity"], 999);
}

#[test]
fn a_product_is_found_by_id_then_by_sku_then_as_the_only_one() {
    let sku = |text: &str| Some(text.parse::<Sku>().unwrap());
    let found = colors(&[200]);
    assert_eq!(find(&found, Some(2), sku("RED").as_ref()).unwrap(), 1);
    assert_eq!(find(&found, Some(99), sku("RED").as_ref()).unwrap(), 0);
    assert_eq!(find(&found, Some(99), None).unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(find(&found, None, None).unwrap_err().kind, ErrorKind::InvalidOrder);
    let twins = inventory(
        &[product(1, "A", Some((11, "Red")), &offering(1, 1)), product(2, "A", Some((12, "Blue")), &offering(1, 1))],
        &[],
    );
    assert_eq!(find(&twins, None, sku("A").as_ref()).unwrap_err().kind, ErrorKind::InvalidOrder);
    let single = inventory(&[product(1, "A", None, &offering(1, 1))], &[]);
    assert_eq!(find(&single, None, None).unwrap(), 0);
    assert_eq!(find(&single, None, sku("B").as_ref()).unwrap(), 0);
    assert_eq!(find(&single, Some(7), sku("B").as_ref()).unwrap_err().kind, ErrorKind::NotFound);
}
