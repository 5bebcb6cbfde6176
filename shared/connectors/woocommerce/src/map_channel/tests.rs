//! The shop's orders as a channel's: amounts to the cent, statuses, addresses, refunds, and what is not an order.

use domain::totals::totals;
use serde_json::{Value, json};

use super::*;

/// A paid order of one line at 19.99, with what a test changes in it.
fn order(changes: &Value) -> Value {
    let mut order = json!({
        "id": 41, "number": "41", "status": "processing", "currency": "USD", "prices_include_tax": false,
        "date_created_gmt": "2026-11-21T20:59:00", "date_modified_gmt": "2026-11-21T20:59:03",
        "date_paid_gmt": "2026-11-21T20:59:00", "total": "19.99", "created_via": "checkout", "customer_note": "",
        "billing": {"first_name": "Ana", "last_name": "Núñez O'Neil", "company": "", "address_1": "5 Elm St", "address_2": "",
            "city": "Los Angeles", "state": "CA", "postcode": "90001", "country": "US", "email": "ana@example.test",
            "phone": "+1 555 0100"},
        "shipping": {"first_name": "", "last_name": "", "company": "", "address_1": "", "address_2": "", "city": "",
            "state": "", "postcode": "", "country": "", "phone": ""},
        "meta_data": [], "line_items": [item(7, 10, 0, 1, "19.99", "19.99")], "tax_lines": [], "shipping_lines": [],
        "fee_lines": [], "refunds": [],
    });
    for (name, value) in changes.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

fn item(id: u64, product: u64, variation: u64, quantity: u32, subtotal: &str, total: &str) -> Value {
    json!({"id": id, "name": format!("Item {id}"), "product_id": product, "variation_id": variation, "quantity": quantity,
        "subtotal": subtotal, "subtotal_tax": "0.00", "total": total, "total_tax": "0.00", "taxes": [], "meta_data": [],
        "sku": "SKU", "price": 12.344_999_999_999_999})
}

fn map(changes: &Value) -> ChannelOrder {
    let order = read(order(changes).to_string().as_bytes()).map_err(|why| why.context).unwrap();
    // Whatever is mapped must add up: R1 would refuse it otherwise.
    totals(&order).unwrap();
    order
}

fn minor(money: Money) -> i64 {
    money.minor()
}

#[test]
fn tax_on_top_is_read_with_its_rate() {
    let mut line = item(7, 10, 0, 2, "39.80", "39.80");
    line["taxes"] = json!([{"id": 1, "total": "3.28", "subtotal": "3.28"}, {"id": 2, "total": "", "subtotal": ""}]);
    line["total_tax"] = json!("3.28");
    line["subtotal_tax"] = json!("3.28");
    let order = map(&json!({
        "total": "48.49", "line_items": [line],
        "shipping_lines": [{"id": 3, "method_title": "Flat rate", "total": "5.00", "total_tax": "0.41",
            "taxes": [{"id": 1, "total": "0.41", "subtotal": ""}]}],
        "tax_lines": [{"id": 5, "rate_id": 1, "label": "CA Tax", "rate_percent": 8.25}],
    }));
    let tax = &order.lines[0].charge.taxes[0];
    assert_eq!((minor(order.lines[0].charge.gross), minor(tax.amount), tax.place), (3980, 328, Place::OnTop));
    assert_eq!((tax.label.as_deref(), tax.rate), (Some("CA Tax"), Some(Decimal::new(825, 2))));
    assert_eq!((order.shipping.service.as_str(), minor(order.shipping.charge.gross)), ("Flat rate", 500));
    assert_eq!(order.tax, TaxKnowledge::Known);
}

/// The shop states every price net, also where its buyers see prices with tax.
#[test]
fn included_tax_is_part_of_the_price_and_so_is_its_share_of_a_coupon() {
    let mut line = item(7, 10, 0, 1, "100.00", "90.00");
    line["subtotal_tax"] = json!("20.00");
    line["total_tax"] = json!("18.00");
    line["taxes"] = json!([{"id": 1, "total": "18.00"}]);
    let order = map(&json!({
        "total": "108.00", "prices_include_tax": true, "line_items": [line],
        "tax_lines": [{"rate_id": 1, "label": "VAT", "rate_percent": 20}],
    }));
    let charge = &order.lines[0].charge;
    assert_eq!((minor(charge.gross), charge.seller_discount.map(minor)), (12_000, Some(1200)));
    assert_eq!((minor(charge.taxes[0].amount), charge.taxes[0].place), (1800, Place::Included));
}

#[test]
fn coupons_fees_and_several_shippings() {
    let order = map(&json!({
        "total": "61.49", "line_items": [item(7, 10, 0, 3, "30.00", "25.00"), item(8, 15, 16, 1, "20.00", "20.00")],
        "shipping_lines": [{"method_title": "Flat rate", "total": "9.99"}, {"method_title": "Island", "total": "5.00"}],
        "fee_lines": [{"name": "Gift wrap", "total": "2.50"}, {"name": "Goodwill", "total": "-1.00"}],
    }));
    assert_eq!(order.lines[0].charge.seller_discount.map(minor), Some(500));
    assert_eq!(order.lines[1].listing, ListingKey::Listing("15/16".into()));
    assert_eq!((order.shipping.service.as_str(), minor(order.shipping.charge.gross)), ("Flat rate + Island", 1499));
    let fees: Vec<_> = order.fees.iter().map(|fee| (fee.label.as_str(), minor(fee.charge.gross))).collect();
    assert_eq!(fees, [("Gift wrap", 250), ("Goodwill", -100)]);
    // No tax line: the shop counted none, and does not say whether its prices hold some.
    assert_eq!(order.tax, TaxKnowledge::Unknown);
}

/// The peer of reference/peer.md makes 51.94 of it.
#[test]
fn three_times_12_345_comes_out_to_the_cent() {
    for (line, total) in [("37.035", "51.925"), ("37.04", "51.93")] {
        let order = map(&json!({
            "currency": "EUR", "total": total, "line_items": [item(7, 10, 0, 3, line, line)],
            "shipping_lines": [{"method_title": "DHL", "total": "14.89"}],
        }));
        assert_eq!(order.buyer_total.to_string(), "51.93 EUR");
        assert_eq!((minor(order.lines[0].charge.gross), minor(order.shipping.charge.gross)), (3704, 1489));
        assert_eq!(order.warnings.len(), usize::from(line == "37.035"), "{:?}", order.warnings);
    }
}

/// Capture 80c: a shop that counts in cents keeps them for yen too.
#[test]
fn yen_with_decimals_are_rounded_to_the_total() {
    let mut line = item(7, 10, 0, 1, "1050.75", "1050.75");
    line["total_tax"] = json!("86.69");
    line["taxes"] = json!([{"id": 1, "total": "86.69"}]);
    let order =
        map(&json!({"currency": "JPY", "total": "1137.44", "line_items": [line], "tax_lines": [{"rate_id": 1}]}));
    assert_eq!(order.buyer_total.to_string(), "1137 JPY");
    assert_eq!((minor(order.lines[0].charge.gross), minor(order.lines[0].charge.taxes[0].amount)), (1051, 86));
}

#[test]
fn each_status_is_mapped_as_the_readme_says() {
    let paid = Payment::Paid { at: Some("2026-11-21T20:59:00Z".parse().unwrap()) };
    for (status, payment, fulfilment, cancel, warned) in [
        ("pending", Payment::Unpaid, Fulfilment::NotStarted, Cancel::None, false),
        ("on-hold", Payment::Unpaid, Fulfilment::NotStarted, Cancel::None, false),
        ("failed", Payment::Unpaid, Fulfilment::NotStarted, Cancel::None, true),
        ("processing", paid, Fulfilment::NotStarted, Cancel::None, false),
        ("completed", paid, Fulfilment::Shipped, Cancel::None, false),
        ("refunded", paid, Fulfilment::NotStarted, Cancel::None, false),
        ("cancelled", paid, Fulfilment::NotStarted, Cancel::Canceled, false),
        ("trash", paid, Fulfilment::NotStarted, Cancel::Canceled, false),
        ("delivered-by-a-plugin", paid, Fulfilment::NotStarted, Cancel::None, true),
    ] {
        let order = map(&json!({"status": status}));
        assert_eq!((order.payment, order.fulfilment, order.cancel), (payment, fulfilment, cancel), "{status}");
        assert_eq!(!order.warnings.is_empty(), warned, "{status}");
    }
    let unpaid = map(&json!({"status": "a-plugins-own", "date_paid_gmt": null}));
    assert_eq!(unpaid.payment, Payment::Unpaid);
    assert_eq!(map(&json!({"date_paid_gmt": null})).payment, Payment::Paid { at: None });
}

#[test]
fn people_and_places() {
    let plain = map(&json!({}));
    assert_eq!(
        (plain.buyer.name.as_deref(), plain.buyer.email.as_deref()),
        (Some("Ana Núñez O'Neil"), Some("ana@example.test"))
    );
    assert_eq!(plain.ship_to, plain.bill_to);
    let elsewhere = map(&json!({
        "customer_note": "ring twice 🔔",
        "shipping": {"first_name": "Bo", "last_name": "", "address_1": "1 Oak", "city": "Oslo", "country": "NO", "phone": null},
    }));
    let ship_to = elsewhere.ship_to.unwrap();
    assert_eq!((ship_to.city.as_str(), ship_to.phone.as_str()), ("Oslo", "+1 555 0100"));
    assert_eq!(elsewhere.buyer_note.as_deref(), Some("ring twice 🔔"));
    let nobody = map(&json!({"billing": {"email": ""}, "shipping": {}}));
    assert_eq!((nobody.ship_to, nobody.bill_to, nobody.buyer.name), (None, None, None));
}

#[test]
fn a_line_without_a_product_is_known_by_its_sku_else_its_name() {
    let mut by_name = item(8, 0, 0, 1, "0.00", "0.00");
    by_name["sku"] = Value::Null;
    let order = map(&json!({"line_items": [item(7, 0, 0, 1, "19.99", "19.99"), by_name]}));
    assert_eq!(order.lines[0].listing, ListingKey::Sku("SKU".parse().unwrap()));
    assert_eq!(order.lines[1].listing, ListingKey::Listing("text:Item 8".into()));
}

#[test]
fn refunds_name_their_lines_where_they_are_known() {
    let raw = order(
        &json!({"refunds": [{"id": 37, "reason": "one tee back", "total": "-21.54"}, {"id": 39, "reason": "", "total": "-0.00"}]}),
    );
    let raw = RawValue::from_string(raw.to_string()).unwrap();
    let Some(Incoming::Order(listed)) = incoming(&raw, None, None) else { panic!() };
    assert_eq!(listed.refunds.len(), 1);
    assert_eq!((listed.refunds[0].amount.minor(), &listed.refunds[0].line), (2154, &None));

    let mut line = item(38, 10, 0, 1, "-19.90", "-19.90");
    line["quantity"] = json!(-1);
    line["total_tax"] = json!("-1.64");
    line["meta_data"] = json!([{"id": 289, "key": "_refunded_item_id", "value": "7"}]);
    let refunds = json!([{"id": 37, "date_created_gmt": "2026-11-21T20:58:58",
        "amount": "25.00", "reason": "one tee back", "line_items": [line]}]);
    let refunds: Vec<wire::Refund> = serde_json::from_str(&refunds.to_string()).unwrap();
    let Some(Incoming::Order(full)) = incoming(&raw, Some(&refunds), None) else { panic!() };
    let read: Vec<_> = full
        .refunds
        .iter()
        .map(|r| (r.id.as_str(), r.amount.minor(), r.line.as_ref().map(LineId::as_str), r.quantity))
        .collect();
    assert_eq!(read, [("37/7", 2154, Some("7"), Some(1)), ("37", 346, None, None)]);
}

#[test]
fn our_own_imports_and_drafts_are_no_orders_of_the_channel() {
    let is_order = |changes: &Value| {
        let raw = RawValue::from_string(order(changes).to_string()).unwrap();
        incoming(&raw, None, None).is_some()
    };
    assert!(is_order(&json!({})));
    assert!(is_order(&json!({"created_via": "trib-something-else"})));
    let ours = "trib-01KADMV0M0000000000000000A-1";
    assert!(!is_order(&json!({"created_via": ours})));
    assert!(!is_order(&json!({"meta_data": [{"id": 1, "key": "_tributary_reference", "value": ours}]})));
    assert!(!is_order(&json!({"status": "checkout-draft"})));
}

#[test]
fn what_cannot_be_read_is_kept_with_its_id_and_without_its_content_in_the_error() {
    for (changes, part) in [
        (json!({"total": "ana@example.test"}), "line 1 column"),
        (json!({"currency": "BTC"}), "currency"),
        (json!({"line_items": [item(7, 10, 0, 1, "1,00", "1,00")]}), "line 1 column"),
        (json!({"date_created_gmt": null}), "creation date"),
    ] {
        let raw = order(&changes).to_string();
        let unread = read(raw.as_bytes()).map(|_| ()).unwrap_err();
        assert_eq!((unread.remote_id.as_deref(), unread.raw.len()), (Some("41"), raw.len()));
        assert!(unread.context.contains(part), "{}", unread.context);
        assert!(!format!("{unread:?}").contains("ana@"), "{unread:?}");
    }
    let mut half = item(7, 10, 0, 1, "1.00", "1.00");
    half["quantity"] = json!(1.5);
    assert!(
        read(order(&json!({"line_items": [half]})).to_string().as_bytes()).unwrap_err().context.contains("quantity")
    );
    assert_eq!(read(b"{\"id\": 4").unwrap_err().remote_id, None);
}

#[test]
fn an_order_read_in_the_second_of_its_change_gives_way_to_a_later_look() {
    let raw = RawValue::from_string(order(&json!({})).to_string()).unwrap();
    let revision = |now: &str| match incoming(&raw, None, Some(now.parse().unwrap())) {
        Some(Incoming::Order(order)) => order.revision,
        _ => panic!(),
    };
    assert!(revision("2026-11-21T20:59:03Z") < revision("2026-11-21T20:59:04Z"));
    assert_eq!(revision("2026-11-21T20:59:04Z"), revision("2026-11-22T00:00:00Z"));
}

/// Every order that the real shop answered with is read, adds up, and keeps its total.
#[test]
fn recorded_orders_add_up() {
    let Some(folder) = crate::captures::folder() else { return };
    let mut read_orders = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(capture) = serde_json::from_slice::<Value>(&std::fs::read(&path).unwrap_or_default()) else { continue };
        let body = &capture["response"]["body"];
        if body["line_items"].is_null() || body["currency"].is_null() || body["id"] == json!(30) {
            continue;
        }
        let order = read(body.to_string().as_bytes()).map_err(|why| why.context).unwrap();
        totals(&order).map_err(|error| format!("{}: {error}", path.display())).unwrap();
        read_orders += 1;
    }
    assert!(read_orders >= 30, "only {read_orders} recorded orders were read");
}

#[test]
fn a_recorded_order_is_read_as_a_whole() {
    let Some(body) = crate::captures::body("10-order-create-201") else { return };
    let order = read(body.as_bytes()).unwrap();
    assert_eq!((order.buyer_total.to_string().as_str(), order.lines.len(), order.fees.len()), ("60.72 USD", 2, 1));
    assert_eq!(order.lines[1].charge.seller_discount.map(minor), Some(100));
    assert_eq!(order.lines[0].listing, ListingKey::Listing("10".into()));
    let tax: i64 = order.charges().flat_map(|charge| &charge.taxes).map(|tax| tax.amount.minor()).sum();
    assert_eq!(tax, 443);
    let refunded = read(crate::captures::body("66-order-after-full-refund").unwrap().as_bytes()).unwrap();
    assert_eq!(refunded.refunds.iter().map(|refund| refund.amount.minor()).sum::<i64>(), 6072);
    // Quantity -1 (capture 28b) is nobody's order.
    assert!(read(crate::captures::body("28b-line-quantity-negative").unwrap().as_bytes()).is_err());
}
