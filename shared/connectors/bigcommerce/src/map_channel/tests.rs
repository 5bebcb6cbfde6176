//! Orders as the store writes them, read to the cent; and what no store should write.

mod bad;

use domain::channel_order::{Cancel, Place};
use domain::totals::totals;
use domain::{Currency, Tax};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A pot for 27.00 and two teas of 8.50 with 10 % off, 20 % VAT in every price, 5.00 shipping.
fn order() -> Value {
    let line = |id: u64, name: &str, quantity: u32, ex: &str, inc: &str, tax: &str, paid: &str| {
        json!({
            "id": id, "order_id": 357, "product_id": id + 60, "variant_id": id + 70, "name": name, "sku": "SKU-1",
            "quantity": quantity, "quantity_shipped": 0, "quantity_refunded": 0,
            "total_ex_tax": ex, "total_inc_tax": inc, "total_tax": tax, "discounted_total_inc_tax": paid,
            "applied_discounts": [], "wrapping_message": "",
        })
    };
    json!({
        "id": 357, "status_id": 11, "default_currency_code": "GBP", "currency_code": "GBP",
        "date_created": "Wed, 18 Nov 2026 09:00:00 +0000", "date_modified": "Wed, 18 Nov 2026 09:05:00 +0000",
        "is_tax_inclusive_pricing": true, "total_inc_tax": "47.3000", "total_ex_tax": "39.4167", "total_tax": "7.8833",
        "shipping_cost_ex_tax": "4.1667", "shipping_cost_inc_tax": "5.0000", "items_total": 3, "items_shipped": 0,
        "discount_amount": "0.0000", "coupon_discount": "1.7000", "customer_message": "ring twice",
        "payment_status": "captured", "external_order_id": null,
        "billing_address": {"first_name": "Ana", "last_name": "Núñez", "street_1": "5 Elm St", "city": "York",
            "zip": "YO1 7HH", "country": "United Kingdom", "country_iso2": "GB", "email": "ana@example.test"},
        "consignments": {"shipping": [{"id": 9, "first_name": "Bo", "last_name": "Ek", "street_1": "1 Quay", "city": "Hull",
            "zip": "HU1", "country_iso2": "GB", "shipping_method": "Parcel", "line_items": [
                line(11, "Pot", 1, "22.5000", "27.0000", "4.5000", "27.0000"),
                line(12, "Tea", 2, "14.1667", "17.0000", "2.8333", "15.3000"),
        ]}]},
        "fees": [],
    })
}

/// Without VAT, prices before tax: 8.25 % sales tax on everything.
fn american() -> Value {
    let mut all = order();
    let changes = json!({
        "is_tax_inclusive_pricing": false, "default_currency_code": "USD", "total_inc_tax": "54.1250",
        "total_tax": "4.1250", "coupon_discount": "0.0000", "shipping_cost_ex_tax": "5.0000",
        "shipping_cost_inc_tax": "5.4125",
    });
    all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let lines = &mut all["consignments"]["shipping"][0]["line_items"];
    for (index, (ex, inc, tax)) in
        [("28.0000", "30.3100", "2.3100"), ("17.0000", "18.4025", "1.4025")].iter().enumerate()
    {
        let prices =
            json!({"total_ex_tax": ex, "total_inc_tax": inc, "total_tax": tax, "discounted_total_inc_tax": inc});
        lines[index].as_object_mut().unwrap().extend(prices.as_object().unwrap().clone());
    }
    all
}

fn read_value(order: &Value) -> Result<ChannelOrder, Unreadable> {
    read(&serde_json::to_vec(order).unwrap())
}

fn changed(change: impl FnOnce(&mut Value)) -> Result<ChannelOrder, Unreadable> {
    let mut all = order();
    change(&mut all);
    read_value(&all)
}

fn first_line(order: &mut Value) -> &mut Value {
    &mut order["consignments"]["shipping"][0]["line_items"][0]
}

fn with(order: &Value, extras: &Extras) -> ChannelOrder {
    channel_order(&serde_json::from_str(&order.to_string()).unwrap(), extras).ok().unwrap()
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_str(&value.to_string()).unwrap()
}

fn minor(text: &str) -> i64 {
    Money::rounded(text.parse().unwrap(), "GBP".parse::<Currency>().unwrap()).unwrap().minor()
}

fn tax_of(taxes: &[Tax]) -> Vec<(i64, Place, Option<&str>)> {
    taxes.iter().map(|tax| (tax.amount.minor(), tax.place, tax.label.as_deref())).collect()
}

#[test]
fn an_order_with_vat_in_its_prices() {
    let order = read_value(&order()).unwrap();
    totals(&order).unwrap();
    insta::assert_json_snapshot!(order);
}

#[test]
fn an_order_with_sales_tax_on_top() {
    let order = read_value(&american()).unwrap();
    totals(&order).unwrap();
    insta::assert_json_snapshot!(order);
}

#[test]
fn what_other_calls_say_is_in_the_order() {
    let mut all = order();
    all["items_shipped"] = json!(1);
    all["consignments"]["shipping"][0]["line_items"][0]["quantity_shipped"] = json!(1);
    let extras = Extras {
        taxes: parsed(&json!([
            {"order_product_id": "11", "name": "VAT", "rate": "20.0000", "line_amount": "4.5000", "line_item_type": "item"},
            {"order_product_id": 12, "name": "VAT", "rate": "20.0000", "line_amount": "2.5500", "line_item_type": "item"},
            {"order_product_id": null, "name": "VAT", "rate": 20, "line_amount": "0.8333", "line_item_type": "shipping"},
        ])),
        transactions: parsed(&json!([
            {"event": "authorization", "status": "ok", "date_created": "2026-11-18T09:00:30+00:00"},
            {"event": "purchase", "status": "error", "date_created": "2026-11-18T09:00:40+00:00"},
            {"event": "purchase", "status": "ok", "date_created": "2026-11-18T09:01:00+00:00"},
        ])),
        refunds: Vec::new(),
        shipments: parsed(&json!([{
            "id": 5, "date_created": "Wed, 18 Nov 2026 10:00:00 +0000", "tracking_number": "AB1",
            "shipping_provider": "royalmail", "items": [{"order_product_id": 11, "quantity": 1}],
        }])),
        server_time: None,
    };
    let order = with(&all, &extras);
    assert_eq!(order.payment, Payment::Paid { at: Some("2026-11-18T09:01:00Z".parse().unwrap()) });
    assert_eq!(order.fulfilment, Fulfilment::Partial);
    assert_eq!(tax_of(&order.lines[1].charge.taxes), [(255, Place::Included, Some("VAT"))]);
    assert_eq!(tax_of(&order.shipping.charge.taxes), [(83, Place::Included, Some("VAT"))]);
    let tracking = order.shipments[0].tracking.as_ref().unwrap();
    assert_eq!((tracking.number.as_str(), tracking.carrier.as_deref()), ("AB1", Some("Royal Mail")));
    totals(&order).unwrap();
}

#[test]
fn only_what_is_worth_it_is_asked() {
    let needs = |changes: Value| {
        let mut all = order();
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let needs = Needs::of(&serde_json::from_str(&all.to_string()).unwrap());
        (needs.taxes, needs.transactions, needs.refunds, needs.shipments)
    };
    assert_eq!(needs(json!({})), (true, true, false, false));
    assert_eq!(needs(json!({"total_tax": "0.0000", "status_id": 7})), (false, false, false, false));
    assert_eq!(needs(json!({"items_shipped": 1, "refunded_amount": "1.0000"})), (true, true, true, true));
}

#[test]
fn costs_beside_the_lines_are_fees() {
    let order = changed(|order| {
        order["handling_cost_ex_tax"] = json!("1.0000");
        order["handling_cost_inc_tax"] = json!("1.2000");
        order["wrapping_cost_ex_tax"] = json!("2.0000");
        order["wrapping_cost_inc_tax"] = json!("2.4000");
        order["fees"] =
            json!([{"display_name_customer": "Deposit", "cost_exc_tax": "1.0000", "cost_inc_tax": "1.0000"}]);
        order["total_inc_tax"] = json!("51.9000");
        order["total_tax"] = json!("8.4833");
    });
    let order = order.unwrap();
    let fees: Vec<_> = order.fees.iter().map(|fee| (fee.label.as_str(), fee.charge.gross.minor())).collect();
    assert_eq!(fees, [("Handling", 120), ("Gift wrapping", 240), ("Deposit", 100)]);
    totals(&order).unwrap();
}

#[test]
fn money_taken_off_the_whole_order_is_a_discount() {
    let order = changed(|order| {
        order["discount_amount"] = json!("5.0000");
        order["total_inc_tax"] = json!("42.3000");
    });
    let order = order.unwrap();
    assert_eq!(order.fees.iter().map(|fee| fee.charge.gross.minor()).collect::<Vec<_>>(), [-500]);
    totals(&order).unwrap();
}

/// They are ways to pay, not a lower price.
#[test]
fn store_credit_and_gift_certificates_are_money() {
    let order = changed(|order| {
        order["store_credit_amount"] = json!("7.3000");
        order["gift_certificate_amount"] = json!("10.0000");
        order["total_inc_tax"] = json!("30.0000");
    });
    let order = order.unwrap();
    assert_eq!(order.buyer_total.minor(), 4730);
    totals(&order).unwrap();
}

/// R1: such an order waits for a person; nothing is made up.
#[test]
fn a_total_that_nothing_explains_is_found() {
    let order = changed(|order| order["total_inc_tax"] = json!("40.0000")).unwrap();
    assert!(totals(&order).is_err());
}

#[test]
fn refunds_name_lines_and_units_where_the_store_does() {
    let refunds = |value: Value| -> Vec<(String, i64, Option<String>, Option<u32>)> {
        let extras = Extras { refunds: serde_json::from_str(&value.to_string()).unwrap(), ..Extras::default() };
        let all = with(&order(), &extras).refunds;
        all.into_iter().map(|r| (r.id, r.amount.minor(), r.line.map(|l| l.as_str().to_owned()), r.quantity)).collect()
    };
    let line = |id: u64, units: u32, amount: &str| json!({"item_type": "PRODUCT", "item_id": id, "quantity": units, "requested_amount": amount});
    let refund = |items: Value, total: &str| json!([{"id": 3, "items": items, "total_amount": total, "payments": []}]);
    let of_line = |id: &str| Some(id.to_owned());
    assert_eq!(
        refunds(refund(json!([line(12, 1, "7.0800")]), "7.65")),
        [("3/12".to_owned(), 765, of_line("12"), Some(1))]
    );
    assert_eq!(
        refunds(refund(json!([line(11, 1, "27.00"), line(12, 1, "7.65")]), "39.65")),
        [
            ("3/11".to_owned(), 2700, of_line("11"), Some(1)),
            ("3/12".to_owned(), 765, of_line("12"), Some(1)),
            ("3".to_owned(), 500, None, None)
        ]
    );
    let whole = json!([{"item_type": "ORDER", "item_id": 357, "requested_amount": "4.00"}]);
    assert_eq!(refunds(refund(whole.clone(), "4.00")), [("3".to_owned(), 400, None, None)]);
    let declined = json!([{"id": 3, "items": whole, "total_amount": "4.00", "payments": [
        {"provider_id": "stripe", "amount": "4.00", "offline": false, "is_declined": true},
    ]}]);
    assert_eq!(refunds(declined), []);
}

#[test]
fn each_status_is_what_the_readme_says() {
    for (status, paid, fulfilment, cancel, warns) in [
        (1, false, Fulfilment::NotStarted, Cancel::None, false),
        (2, true, Fulfilment::Shipped, Cancel::None, false),
        (3, true, Fulfilment::Partial, Cancel::None, false),
        (4, true, Fulfilment::NotStarted, Cancel::None, false),
        (5, false, Fulfilment::NotStarted, Cancel::Canceled, false),
        (6, false, Fulfilment::NotStarted, Cancel::Canceled, false),
        (7, false, Fulfilment::NotStarted, Cancel::None, false),
        (8, true, Fulfilment::NotStarted, Cancel::None, false),
        (9, true, Fulfilment::NotStarted, Cancel::None, false),
        (10, true, Fulfilment::Shipped, Cancel::None, false),
        (11, true, Fulfilment::NotStarted, Cancel::None, false),
        (12, false, Fulfilment::NotStarted, Cancel::None, true),
        (13, true, Fulfilment::NotStarted, Cancel::None, true),
        (14, true, Fulfilment::NotStarted, Cancel::None, false),
        (99, false, Fulfilment::NotStarted, Cancel::None, true),
    ] {
        let order = changed(|order| order["status_id"] = json!(status)).unwrap();
        let is_paid = matches!(order.payment, Payment::Paid { .. });
        assert_eq!(
            (is_paid, order.fulfilment, order.cancel, !order.warnings.is_empty()),
            (paid, fulfilment, cancel, warns),
            "{status}"
        );
    }
}

#[test]
fn ours_and_unfinished_ones_are_no_orders_of_the_channel() {
    let is_one = |changes: Value| {
        let mut all = order();
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        is_of_channel(&serde_json::from_str(&all.to_string()).unwrap())
    };
    assert!(is_one(json!({})) && is_one(json!({"external_order_id": "PO 4711"})));
    assert!(!is_one(json!({"status_id": 0})));
}

/// A later change within the same second must still count as one.
#[test]
fn an_order_read_in_the_second_of_its_change_may_change_again() {
    let at = |second: &str| {
        let server_time = Some(format!("2026-11-18T09:05:{second}Z").parse().unwrap());
        with(&order(), &Extras { server_time, ..Extras::default() }).revision.0
    };
    assert_eq!(at("01") - at("00"), 1);
    assert_eq!(at("59"), at("01"));
}

/// The orders of the vendor's own description, where it is at hand. They hold links in place of lines.
#[test]
fn the_vendors_own_orders_are_read() {
    let Some(examples) = crate::examples::orders() else { return };
    assert_eq!(examples.len(), 2);
    for mut example in examples {
        let wire: wire::Order = serde_json::from_str(&example.to_string()).unwrap();
        assert!(wire.lines().is_none());
        assert!(read_value(&example).is_err(), "nothing is made of an order whose lines are not there");
        // One line of what the order says all of them come to.
        let line = json!({
            "id": 1, "product_id": 2, "variant_id": 3, "name": "All of it", "quantity": example["items_total"],
            "total_ex_tax": example["subtotal_ex_tax"], "total_inc_tax": example["subtotal_inc_tax"],
            "total_tax": example["subtotal_tax"],
        });
        example["consignments"] = json!({"shipping": [{"id": 1, "line_items": [line]}]});
        let order = read_value(&example).unwrap();
        assert_eq!(order.buyer_total.minor(), minor(example["total_inc_tax"].as_str().unwrap()));
        // Its fees are not in its total, so it does not add up with them; the other one's do.
        let adds_up = totals(&order).is_ok();
        assert_eq!(adds_up, example["fees"].as_array().is_none_or(Vec::is_empty), "{}", order.number);
        example["fees"] = json!([]);
        totals(&read_value(&example).unwrap()).unwrap();
    }
}

proptest! {
    /// Whatever four decimals a store keeps, what is read adds up to the total to the cent.
    #[test]
    fn what_is_read_adds_up(
        lines in prop::collection::vec((1_u32..9, 0_i64..9_000_000, 0_i64..2_500, 0_i64..9_999), 1..9),
        shipping in (0_i64..90_000, 0_i64..2_500),
        fees in prop::collection::vec(0_i64..90_000, 0..3),
        included in any::<bool>(),
        currency in prop::sample::select(vec!["USD", "EUR", "JPY"]),
    ) {
        let text = |ten_thousandths: i64| rust_decimal::Decimal::new(ten_thousandths, 4).to_string();
        let mut total = shipping.0 + fees.iter().sum::<i64>();
        let mut tax = shipping.0 * shipping.1 / 10_000;
        let items: Vec<Value> = lines.iter().enumerate().map(|(id, (quantity, inc, rate, off))| {
            let paid = inc - inc * off / 10_000;
            let own = inc * rate / 10_000;
            total += paid;
            tax += paid * rate / 10_000;
            json!({"id": id + 1, "quantity": quantity, "total_ex_tax": text(inc - own), "total_inc_tax": text(*inc),
                "total_tax": text(own), "discounted_total_inc_tax": text(paid)})
        }).collect();
        let fees: Vec<Value> =
            fees.iter().map(|fee| json!({"cost_ex_tax": text(*fee), "cost_inc_tax": text(*fee)})).collect();
        let read = changed(|order| {
            order["default_currency_code"] = json!(currency);
            order["is_tax_inclusive_pricing"] = json!(included);
            order["consignments"]["shipping"][0]["line_items"] = json!(items);
            order["shipping_cost_inc_tax"] = json!(text(shipping.0));
            order["shipping_cost_ex_tax"] = json!(text(shipping.0 - shipping.0 * shipping.1 / 10_000));
            order["fees"] = json!(fees);
            order["total_inc_tax"] = json!(text(total));
            order["total_tax"] = json!(text(tax));
        });
        let order = read.unwrap();
        prop_assert!(totals(&order).is_ok(), "{:?}", totals(&order).err());
    }
}
