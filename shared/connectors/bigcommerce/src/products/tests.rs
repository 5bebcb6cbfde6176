//! Whose stock a product has: nobody's, its own or its variants'.

use serde_json::json;

use super::*;

fn shown(tracking: &str, variants: &serde_json::Value) -> Vec<String> {
    let product = json!({
        "id": 77, "name": "Tee", "sku": "TEE", "upc": "0123", "inventory_tracking": tracking, "inventory_level": 9,
        "is_visible": true, "availability": "available", "variants": variants,
    });
    let show = |sold: Sold| {
        let by = sold.adjusted(1, -2).map(|item| serde_json::to_string(&item).unwrap()).unwrap_or_default();
        let sku = sold.sku.as_ref().map_or("-", Sku::as_str).to_owned();
        format!("{} {sku} {:?} {:?} {by}", sold.name, sold.level, sold.barcode)
    };
    sold_of(&serde_json::from_str(&product.to_string()).unwrap()).into_iter().map(show).collect()
}

#[test]
fn stock_is_moved_by_the_name_that_it_is_kept_by() {
    let only = json!([{"id": 5, "product_id": 77, "sku": "TEE", "inventory_level": 3, "option_values": []}]);
    assert_eq!(
        shown("product", &only),
        [r#"Tee TEE Some(9) Some("0123") {"location_id":1,"product_id":77,"quantity":-2}"#]
    );
    assert_eq!(shown("none", &only), [r#"Tee TEE None Some("0123") "#]);
    let two = json!([
        {"id": 5, "sku": "TEE-S", "inventory_level": "3", "option_values": [{"label": "S"}, {"label": "Red"}]},
        {"id": 6, "sku": "", "gtin": "4711", "inventory_level": -2.0, "option_values": [{"label": "M"}]},
    ]);
    assert_eq!(
        shown("variant", &two),
        [
            r#"Tee - S, Red TEE-S Some(3) None {"location_id":1,"variant_id":5,"quantity":-2}"#,
            r#"Tee - M - Some(-2) Some("4711") {"location_id":1,"variant_id":6,"quantity":-2}"#
        ]
    );
    assert_eq!(shown("product", &json!([]))[0].split(' ').nth(1), Some("TEE"));
}

#[test]
fn what_cannot_be_bought_is_not_active() {
    let active = |changes: serde_json::Value| {
        let mut product = json!({
            "id": 77, "name": "Tee", "inventory_tracking": "none", "is_visible": true, "availability": "available",
            "variants": [{"id": 5}],
        });
        product.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        sold_of(&serde_json::from_str(&product.to_string()).unwrap()).remove(0).listing().active
    };
    assert!(active(json!({})) && active(json!({"availability": "preorder"})));
    assert!(!active(json!({"is_visible": false})) && !active(json!({"availability": "disabled"})));
    assert!(!active(json!({"variants": [{"id": 5, "purchasing_disabled": true}]})));
}

#[test]
fn a_product_that_cannot_be_read_is_left_out() {
    let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
    assert!(readable(&raw("{}")).is_none() && readable(&raw(r#"{"id": "seven"}"#)).is_none());
}
