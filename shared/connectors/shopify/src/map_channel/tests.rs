//! Whole orders as the domain has them, named by what is special about them; and what cannot be read.

use domain::totals::totals;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing::{bag, bytes, item, order, refund, refunded, tax};

fn read_ok(value: &Value) -> ChannelOrder {
    let order = read(&bytes(value)).unwrap_or_else(|error| panic!("{}: {}", error.why, error.context));
    totals(&order).unwrap_or_else(|error| panic!("{error}"));
    order
}

#[test]
fn two_lines_paid() {
    let items = vec![item(1, 2, "39.98", "GBP"), item(2, 1, "25.00", "GBP")];
    insta::assert_json_snapshot!(read_ok(&order("68.97", "3.99", "GBP", items)));
}

#[test]
fn discounts_and_tax_on_top() {
    let mut one = item(1, 2, "50.00", "USD");
    one["discountAllocations"] =
        json!([{"allocatedAmountSet": bag("5.00", "USD")}, {"allocatedAmountSet": bag("1.00", "USD")}]);
    one["taxLines"] = json!([tax("State tax", json!(6.25), "2.75", "USD"), tax("County tax", json!(1), "0.44", "USD")]);
    let mut order = order("52.19", "5.00", "USD", vec![one]);
    order["shippingLines"]["nodes"][0]["discountAllocations"] = json!([{"allocatedAmountSet": bag("0.00", "USD")}]);
    insta::assert_json_snapshot!(read_ok(&order));
}

#[test]
fn vat_inside_the_price_and_on_shipping() {
    let mut one = item(1, 1, "120.00", "EUR");
    one["taxLines"] = json!([tax("MwSt", json!(19), "19.16", "EUR")]);
    let mut order = order("125.00", "5.00", "EUR", vec![one]);
    order["taxesIncluded"] = json!(true);
    order["shippingLines"]["nodes"][0]["taxLines"] = json!([tax("MwSt", json!(19), "0.80", "EUR")]);
    insta::assert_json_snapshot!(read_ok(&order));
}

/// Of a tax that the sales channel keeps the seller receives nothing.
#[test]
fn tax_that_the_channel_is_liable_for() {
    let mut one = item(1, 1, "40.00", "USD");
    one["taxLines"] = json!([tax("CA State Tax", json!(8.25), "3.30", "USD")]);
    one["taxLines"][0]["channelLiable"] = json!(true);
    let order = read_ok(&order("43.30", "0", "USD", vec![one]));
    assert_eq!(totals(&order).unwrap().store_total.minor(), 4000);
    insta::assert_json_snapshot!(order);
}

#[test]
fn yen_without_decimals_in_the_buyers_currency() {
    insta::assert_json_snapshot!(read_ok(&order("5500.0", "500.0", "JPY", vec![item(1, 1, "5000.0", "JPY")])));
}

#[test]
fn canceled_before_payment() {
    let mut order = order("19.99", "0", "GBP", vec![item(1, 1, "19.99", "GBP")]);
    order["displayFinancialStatus"] = json!("VOIDED");
    order["cancelledAt"] = json!("2026-11-18T10:00:00Z");
    order["transactions"] = json!([]);
    order["lineItems"]["nodes"][0]["currentQuantity"] = json!(0);
    order["refunds"] = json!([refund(5, "0.0", "GBP", vec![refunded(1, 1, "19.99", "0.0", "CANCEL", "GBP")])]);
    insta::assert_json_snapshot!(read_ok(&order));
}

#[test]
fn lines_refunded_with_shipping() {
    let mut order = order("63.99", "3.99", "GBP", vec![item(1, 3, "60.00", "GBP")]);
    order["displayFinancialStatus"] = json!("PARTIALLY_REFUNDED");
    order["lineItems"]["nodes"][0]["currentQuantity"] = json!(1);
    order["refunds"] = json!([
        refund(5, "23.99", "GBP", vec![refunded(1, 1, "20.00", "0.0", "RETURN", "GBP")]),
        refund(6, "5.00", "GBP", vec![]),
        refund(7, "0.0", "GBP", vec![refunded(1, 1, "20.00", "0.0", "NO_RESTOCK", "GBP")]),
    ]);
    insta::assert_json_snapshot!(read_ok(&order));
}

#[test]
fn gift_note_two_packages_and_a_custom_item() {
    let mut custom = item(2, 1, "5.00", "GBP");
    custom["variant"] = json!(null);
    custom["sku"] = json!(null);
    let mut order = order("45.00", "0", "GBP", vec![item(1, 2, "40.00", "GBP"), custom]);
    order["note"] = json!("ring twice");
    order["customAttributes"] =
        json!([{"key": "Gift message", "value": "Happy birthday"}, {"key": "empty", "value": null}]);
    order["displayFulfillmentStatus"] = json!("FULFILLED");
    let package = |id: u64, number: Value, status: &str, line: u64| {
        json!({
            "id": format!("gid://shopify/Fulfillment/{id}"), "createdAt": format!("2026-11-19T1{id}:00:00Z"), "status": status,
            "displayStatus": "DELIVERED", "trackingInfo": [{"company": "UPS", "number": number}],
            "fulfillmentLineItems": {"nodes": [{"quantity": 1, "lineItem": {"id": format!("gid://shopify/LineItem/{line}")}}]},
        })
    };
    order["fulfillments"] = json!([
        package(2, json!(null), "SUCCESS", 2),
        package(1, json!("1Z 999 AA1"), "SUCCESS", 1),
        package(3, json!("GONE"), "CANCELLED", 1),
    ]);
    insta::assert_json_snapshot!(read_ok(&order));
}

#[test]
fn a_tip_and_duties_are_fees() {
    let mut order = order("49.50", "0", "USD", vec![item(1, 1, "40.00", "USD")]);
    order["totalTipReceivedSet"] = bag("2.50", "USD");
    order["originalTotalDutiesSet"] = bag("7.00", "USD");
    let read = read_ok(&order);
    let fees: Vec<_> = read.fees.iter().map(|fee| (fee.label.as_str(), fee.charge.gross.minor())).collect();
    assert_eq!(fees, [("Tip", 250), ("Duties", 700)]);
}

/// Units that were edited out take their share of the price with them.
#[test]
fn an_edited_line() {
    let mut order = order("20.00", "0", "GBP", vec![item(1, 3, "30.00", "GBP")]);
    order["lineItems"]["nodes"][0]["currentQuantity"] = json!(2);
    let read = read_ok(&order);
    assert_eq!((read.lines[0].quantity, read.lines[0].charge.gross.minor()), (2, 2000));
}

#[test]
fn words_of_the_future_are_the_safe_state_with_a_warning() {
    let mut order = order("19.99", "0", "GBP", vec![item(1, 1, "19.99", "GBP")]);
    order["displayFinancialStatus"] = json!("PAID_IN_SHELLS");
    order["displayFulfillmentStatus"] = json!("BEAMED_UP");
    order["somethingNew"] = json!({"a": 1});
    let read = read_ok(&order);
    assert_eq!((read.payment, read.fulfilment), (Payment::Unpaid, Fulfilment::NotStarted));
    assert_eq!(read.warnings.len(), 2);
    assert!(read.warnings[0].contains("PAID_IN_SHELLS") && read.warnings[1].contains("BEAMED_UP"));
}

#[test]
fn amounts_that_do_not_add_up_are_the_orders_trouble() {
    let value = order("99.99", "0", "GBP", vec![item(1, 1, "19.99", "GBP")]);
    let read = read(&bytes(&value)).unwrap();
    assert!(totals(&read).is_err());
}

#[test]
fn an_order_without_lines_and_one_of_2000() {
    assert_eq!(read_ok(&order("0.0", "0", "GBP", vec![])).lines.len(), 0);
    let items: Vec<Value> = (1..=2000).map(|id| item(id, 1, "1.00", "GBP")).collect();
    let read = read_ok(&order("2000.00", "0", "GBP", items));
    assert_eq!((read.lines.len(), read.buyer_total.minor()), (2000, 200_000));
}

/// Nothing of an order's content may stand in the reason.
fn unreadable_because(value: &[u8]) -> Unreadable {
    let error = read(value).unwrap_err();
    let shown = format!("{error:?}");
    assert!(!shown.contains("Ada") && !shown.contains("ada@example.com"), "{shown}");
    assert_eq!(error.raw, value);
    error
}

#[test]
fn what_cannot_be_read_is_kept_and_says_which_order_it_is() {
    let good = order("19.99", "0", "GBP", vec![item(1, 1, "19.99", "GBP")]);
    let changes: [(&str, Value); 8] = [
        ("/lineItems/nodes/0/quantity", json!(-1)),
        ("/lineItems/nodes/0/quantity", json!(null)),
        ("/presentmentCurrencyCode", json!("XBT")),
        ("/totalPriceSet/presentmentMoney/amount", json!(19.99)),
        ("/totalPriceSet/presentmentMoney/amount", json!("19,99")),
        ("/totalPriceSet/presentmentMoney/amount", json!("19.999")),
        ("/totalPriceSet/presentmentMoney/currencyCode", json!("EUR")),
        ("/createdAt", json!(null)),
    ];
    for (place, value) in changes {
        let mut bad = good.clone();
        *bad.pointer_mut(place).unwrap() = value;
        let error = unreadable_because(&bytes(&bad));
        assert_eq!(error.remote_id.as_deref(), Some("450789469"), "{place}");
        assert!(error.why.ends_with('.') && !error.context.is_empty());
    }
    let whole = bytes(&good);
    assert_eq!(unreadable_because(&whole[..whole.len() / 2]).remote_id, None);
    assert_eq!(unreadable_because(b"").remote_id, None);
    assert_eq!(unreadable_because(b"[]").remote_id, None);
}

#[test]
fn our_own_orders_coming_back_are_no_orders() {
    let mut ours = order("19.99", "0", "GBP", vec![item(1, 1, "19.99", "GBP")]);
    ours["sourceIdentifier"] = json!("trib-01JD6Z9V0G0000000000000000-1");
    assert!(incoming(&bytes(&ours), &crate::testing::wire(&ours), None).is_none());
    ours["sourceIdentifier"] = json!("pos-7");
    assert!(incoming(&bytes(&ours), &crate::testing::wire(&ours), None).is_some());
}

#[test]
fn an_order_read_within_the_second_of_its_change_loses_against_a_later_look() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let changed = at("2026-11-18T09:05:00Z");
    let hasty = revision(changed, Some(at("2026-11-18T09:05:00.9Z")));
    assert!(hasty < revision(changed, Some(at("2026-11-18T09:05:01Z"))));
    assert_eq!(revision(changed, None), Revision(changed.as_millisecond()));
}

proptest! {
    /// Whatever is sent: it is read or kept, and nothing panics.
    #[test]
    fn no_bytes_make_it_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(read(&raw));
    }

    #[test]
    fn refunds_never_return_more_than_shopify_says(paid in 0_i64..9000, first in 0_i64..5000, second in 0_i64..5000) {
        let text = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
        let mut order = order("90.00", "0", "GBP", vec![item(1, 9, "90.00", "GBP")]);
        let lines = [first, second].map(|minor| refunded(1, 1, &text(minor), "0.0", "RETURN", "GBP"));
        order["refunds"] = json!([refund(5, &text(paid), "GBP", lines.to_vec())]);
        let read = read(&bytes(&order)).unwrap();
        prop_assert_eq!(read.refunds.iter().map(|refund| refund.amount.minor()).sum::<i64>(), paid);
    }
}
