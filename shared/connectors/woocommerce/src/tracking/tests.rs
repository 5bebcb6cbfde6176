//! Packages as the tracking plugins keep them, read and written.

use domain::shipment::{Origin, Push};
use serde_json::json;

use super::*;

fn order(metas: &Value) -> wire::Order {
    let line = |id: u64, channel_line: &str| {
        json!({"id": id, "quantity": 3, "subtotal": "1.00", "total": "1.00",
            "meta_data": [{"key": "_tributary_line", "value": channel_line}]})
    };
    let order = json!({"id": 41, "number": "41", "status": "processing", "currency": "USD", "total": "2.00",
        "line_items": [line(7, "L1"), line(8, "L2"), line(9, "L2")], "meta_data": metas});
    serde_json::from_str(&order.to_string()).unwrap()
}

fn package(number: Option<&str>, lines: &[(&str, u32)]) -> Package {
    let lines = lines.iter().map(|(line, quantity)| ShippedLine { line: line.parse().unwrap(), quantity: *quantity });
    let tracking = number.map(|number| Tracking { number: number.to_owned(), carrier: Some("UPS".to_owned()) });
    let at = "2026-11-21T20:59:00Z".parse().unwrap();
    let shipment = Shipment { remote_id: None, tracking, shipped_at: Some(at), lines: lines.collect() };
    Package { key: key_of(&shipment), origin: Origin::Channel, shipment, push: Push::Wanted }
}

#[test]
fn what_is_written_is_read_back_beside_what_was_there() {
    let there = json!([{"key": ITEMS, "value": [{"tracking_provider": "fedex", "tracking_number": "12345", "date_shipped": 1_795_294_740, "theirs": 1}]}]);
    let before = order(&there);
    let written = items_with(&before, &package(Some("1Z 999"), &[("L1", 2)]), Timestamp::UNIX_EPOCH);
    assert_eq!(written.value[0], there[0]["value"][0]);
    let after = order(&json!([{"key": written.key, "value": written.value}]));
    let read = shipments(&after, LineNames::OfChannel);
    assert_eq!(read.len(), 2);
    assert_eq!(read[0].tracking.as_ref().unwrap().carrier.as_deref(), Some("fedex"));
    assert_eq!(read[0].shipped_at.unwrap().to_string(), "2026-11-21T20:59:00Z");
    assert_eq!(read[1].lines, package(Some("1Z 999"), &[("L1", 2)]).shipment.lines);
    assert_eq!(read[1].remote_id.as_ref().unwrap().len(), 32);
    assert!(holds(&after, &package(Some("1z-999"), &[])) && !holds(&before, &package(Some("1Z 999"), &[])));
}

#[test]
fn tracking_per_item_names_the_channels_lines_in_a_main_store_and_its_own_in_a_channel() {
    let items = json!([{"tracking_number": "1", "products_list": [
        {"product": "10", "item_id": "7", "qty": "2"}, {"product": 11, "item_id": 8, "qty": 2}, {"product": 12, "item_id": 9, "qty": 1},
    ]}]);
    let order = order(&json!([{"key": ITEMS, "value": items}]));
    let lines = |names| {
        let lines = shipments(&order, names).remove(0).lines;
        lines.into_iter().map(|line| (line.line.to_string(), line.quantity)).collect::<Vec<_>>()
    };
    assert_eq!(lines(LineNames::OfChannel), [("L1".to_owned(), 2), ("L2".to_owned(), 1)]);
    assert_eq!(lines(LineNames::Own), [("7".to_owned(), 2), ("8".to_owned(), 2), ("9".to_owned(), 1)]);
}

#[test]
fn one_number_in_plain_metas_is_a_package_once() {
    let plain = json!([{"key": "_tracking_number", "value": "1Z999"}, {"key": "_tracking_provider", "value": "UPS"}]);
    assert_eq!(shipments(&order(&plain), LineNames::Own)[0].tracking, package(Some("1Z999"), &[]).shipment.tracking);
    let both = json!([{"key": "_tracking_number", "value": "1Z999"}, {"key": ITEMS, "value": [{"tracking_number": "1Z 999"}]}]);
    assert_eq!(shipments(&order(&both), LineNames::Own).len(), 1);
}

#[test]
fn nonsense_in_a_meta_is_no_package() {
    for value in [json!("a:1:{}"), json!([{"tracking_number": ""}]), json!([1, null]), json!({}), Value::Null] {
        assert!(shipments(&order(&json!([{"key": ITEMS, "value": value}])), LineNames::Own).is_empty());
    }
}

#[test]
fn a_package_without_a_number_is_known_again_and_told_in_a_note() {
    let untracked = package(None, &[("L1", 2)]);
    let mut of_channel = package(None, &[]);
    of_channel.shipment.remote_id = Some("999".to_owned());
    let mut written = json!([]);
    for told in [&untracked, &of_channel, &package(None, &[])] {
        let before = order(&written);
        assert!(!holds(&before, told));
        let items = items_with(&before, told, Timestamp::UNIX_EPOCH);
        written = json!([{"key": items.key, "value": items.value}]);
        assert!(holds(&order(&written), told));
        assert_eq!(shipments(&order(&written), LineNames::OfChannel).last(), Some(&told.shipment));
    }
    assert_eq!(note(&untracked), "Shipped without tracking (package l:L1x2).");
    let noted = [wire::Note { note: note(&untracked) }];
    assert!(is_noted(&noted, &untracked) && !is_noted(&noted, &package(Some("1Z999"), &[])));
    assert_eq!(note(&package(Some("1Z999"), &[])), "Shipped with UPS, tracking number 1Z999.");
}
