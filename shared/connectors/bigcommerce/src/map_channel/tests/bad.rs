//! What no store should write, and what one writes all the same.

use domain::totals::totals;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::read;
use super::{changed, first_line, order, read_value};

#[test]
fn other_types_than_described_are_read_all_the_same() {
    let plain = read_value(&order()).unwrap();
    let other = changed(|order| {
        order["status_id"] = json!("11");
        order["total_inc_tax"] = json!(47.3);
        order["items_total"] = json!("3");
        order["customer_message"] = json!("ring twice");
        order["fees"] = Value::Null;
        order["refunded_amount"] = Value::Null;
        let line = first_line(order);
        line["quantity"] = json!("1");
        line["total_inc_tax"] = json!(27);
        line["applied_discounts"] = Value::Null;
    });
    assert_eq!(serde_json::to_value(other.unwrap()).unwrap(), serde_json::to_value(plain).unwrap());
}

#[test]
fn what_cannot_be_an_order_is_kept_and_named_without_its_content() {
    let why = |change: fn(&mut Value)| {
        let unread = changed(change).err().unwrap();
        assert!(!unread.raw.is_empty() && unread.why.contains("BigCommerce"));
        let said = format!("{} {}", unread.why, unread.context);
        assert!(!said.contains("Elm") && !said.contains("ana@") && !said.contains("SECRET"), "{said}");
        unread.remote_id
    };
    let known = Some("357".to_owned());
    assert_eq!(why(|order| order["default_currency_code"] = json!("SECRET")), known);
    assert_eq!(why(|order| order["total_inc_tax"] = json!("SECRET")), known);
    assert_eq!(why(|order| order["total_inc_tax"] = json!("-3.00")), known);
    assert_eq!(why(|order| order["status_id"] = json!("SECRET")), known);
    assert_eq!(why(|order| order["date_created"] = Value::Null), known);
    assert_eq!(why(|order| order["date_created"] = json!("SECRET")), known);
    assert_eq!(why(|order| order["consignments"] = json!({"url": "x", "resource": "/x"})), known);
    assert_eq!(why(|order| first_line(order)["quantity"] = json!("1.5")), known);
    assert_eq!(why(|order| first_line(order)["quantity"] = json!(-1)), known);
    assert_eq!(why(|order| drop(first_line(order).as_object_mut().unwrap().remove("quantity"))), known);
    assert_eq!(why(|order| order["id"] = json!("SECRET")), None);
}

#[test]
fn a_body_cut_in_half_is_unreadable_at_every_place() {
    let raw = serde_json::to_vec(&order()).unwrap();
    for end in (0..raw.len()).step_by(7) {
        let unread = read(&raw[..end]).err().unwrap();
        assert!(!unread.context.contains("Elm"));
    }
}

#[test]
fn an_order_of_nothing_and_one_of_two_thousand_lines() {
    let empty = changed(|order| {
        order["consignments"]["shipping"] = json!([]);
        order["total_inc_tax"] = json!("5.0000");
        order["total_tax"] = json!("0.8333");
    });
    let empty = empty.unwrap();
    totals(&empty).unwrap();
    assert!(empty.lines.is_empty() && empty.ship_to.is_some_and(|address| address.city == "York"));
    let long = changed(|order| {
        let line = json!({"id": 1, "quantity": 1, "total_ex_tax": "0.8333", "total_inc_tax": "1.0000",
            "total_tax": "0.1667", "discounted_total_inc_tax": "1.0000"});
        let lines = (1..=2000).map(|id| {
            let mut line = line.clone();
            line["id"] = json!(id);
            line
        });
        order["consignments"]["shipping"][0]["line_items"] = lines.collect();
        order["total_inc_tax"] = json!("2005.0000");
        order["total_tax"] = json!("334.2333");
    });
    let long = long.unwrap();
    assert_eq!(long.lines.len(), 2000);
    totals(&long).unwrap();
}

/// A line below zero is a credit that a person entered.
#[test]
fn a_line_below_zero_is_read_as_it_is() {
    let order = changed(|order| {
        let prices = json!({"total_ex_tax": "-2.5000", "total_inc_tax": "-3.0000", "total_tax": "-0.5000",
            "discounted_total_inc_tax": "-3.0000"});
        first_line(order).as_object_mut().unwrap().extend(prices.as_object().unwrap().clone());
        order["total_inc_tax"] = json!("17.3000");
        order["total_tax"] = json!("2.8833");
    });
    let order = order.unwrap();
    assert_eq!((order.lines[0].charge.gross.minor(), order.buyer_total.minor()), (-300, 1730));
}

proptest! {
    /// Any bytes at all end in an order or in a reason, never in a panic.
    #[test]
    fn any_field_may_hold_anything(at in 0_usize..400, with in prop::sample::select(vec!["null", "\"\"", "-1", "[]", "{}", "1e400"])) {
        let text = serde_json::to_string(&order()).unwrap();
        let ends: Vec<usize> = text.match_indices(':').map(|(at, _)| at + 1).collect();
        let start = ends[at % ends.len()];
        let len = text[start..].find([',', '}']).unwrap();
        if let Err(unread) = read(format!("{}{with}{}", &text[..start], &text[start + len..]).as_bytes()) {
            prop_assert!(!unread.why.is_empty() && !unread.context.contains("Elm"));
        }
    }
}
