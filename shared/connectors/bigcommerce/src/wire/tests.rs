//! The shapes that one answer can have.

use serde_json::{Value, json};

use super::*;

fn order(changes: &Value) -> Result<Order, serde_json::Error> {
    let mut order = json!({"id": 1, "status_id": 11, "total_inc_tax": "1.0000"});
    order.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    serde_json::from_str(&order.to_string())
}

fn line(id: u64) -> Value {
    json!({"id": id, "quantity": 1, "total_ex_tax": "1", "total_inc_tax": "1"})
}

fn ids(order: &Order) -> Option<Vec<u64>> {
    order.lines().map(|lines| lines.iter().map(|line| line.id).collect())
}

#[test]
fn lines_are_gathered_from_every_consignment() {
    let all = order(&json!({"consignments": {
        "shipping": [{"id": 1, "line_items": [line(4)]}, {"id": 2, "line_items": [line(1)]}],
        "pickups": [{"line_items": [line(3)]}],
        "downloads": [{"line_items": [line(2)]}],
        "email": {"gift_certificates": [{"line_items": [line(5)]}]},
    }}));
    assert_eq!(ids(&all.unwrap()), Some(vec![1, 2, 3, 4, 5]));
    let some = order(&json!({"items_total": 2, "consignments": {"shipping": [{"id": 1, "line_items": [line(4)]}]}}));
    assert!(!some.unwrap().has_all_lines());
}

#[test]
fn links_are_no_lines() {
    let link = json!({"url": "https://api.test/x", "resource": "/x"});
    assert_eq!(ids(&order(&json!({"consignments": link, "products": link})).unwrap()), None);
    let linked = json!({"shipping": [{"id": 1, "line_items": [link]}]});
    assert_eq!(ids(&order(&json!({"consignments": linked})).unwrap()), None);
    assert_eq!(ids(&order(&json!({"products": [line(7)]})).unwrap()), Some(vec![7]));
    assert_eq!(ids(&order(&json!({"consignments": {"shipping": [], "email": []}})).unwrap()), Some(vec![]));
}

#[test]
fn fees_come_bare_wrapped_or_as_a_link() {
    let fee = json!({"display_name_customer": "Deposit", "cost_exc_tax": "1.5", "cost_inc_tax": 2});
    let fees = |fees: Value| -> Vec<String> {
        let order = order(&json!({ "fees": fees })).unwrap();
        order.fees.0.iter().map(|fee| format!("{} {}", fee.cost_ex_tax.0, fee.cost_inc_tax.0)).collect()
    };
    assert_eq!(fees(json!([fee])), ["1.5 2"]);
    assert_eq!(fees(json!({"fees": [fee]})), ["1.5 2"]);
    assert!(fees(json!({"url": "x", "resource": "/x"})).is_empty() && fees(Value::Null).is_empty());
}

#[test]
fn amounts_are_text_or_numbers_and_never_floats() {
    let amount =
        |value: Value| serde_json::from_str::<Amount>(&value.to_string()).map(|amount| amount.0.to_string()).ok();
    assert_eq!(amount(json!("8.2500")).as_deref(), Some("8.2500"));
    assert_eq!(amount(json!(8.25)).as_deref(), Some("8.25"));
    assert_eq!(amount(json!(0.1)).as_deref(), Some("0.1"));
    assert_eq!(amount(json!(-3)).as_deref(), Some("-3"));
    assert_eq!((amount(json!(null)).as_deref(), amount(json!("")).as_deref()), (Some("0"), Some("0")));
    assert_eq!((amount(json!("8,25")), amount(json!([8])), amount(json!(true))), (None, None, None));
}

#[test]
fn dates_are_rfc_2822_or_iso_8601() {
    let date =
        |text: &str| serde_json::from_str::<Rfc2822>(&json!(text).to_string()).map(|date| date.0.to_string()).ok();
    assert_eq!(date("Tue, 05 Mar 2019 21:40:11 +0000").as_deref(), Some("2019-03-05T21:40:11Z"));
    assert_eq!(date("2019-03-05T21:40:11+01:00").as_deref(), Some("2019-03-05T20:40:11Z"));
    assert_eq!(date("yesterday"), None);
}
