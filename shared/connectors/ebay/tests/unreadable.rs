//! What is missing, null or wrong: either the order is read all the same, or it is kept with the reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use connector_ebay::read;
use serde_json::{Value, json};

/// An order that holds every field that the connector reads.
fn full() -> Value {
    let amount = |value: &str| json!({"value": value, "currency": "USD"});
    let contact = json!({
        "fullName": "Ada Example", "companyName": "Example Ltd", "email": "ada@example.com",
        "primaryPhone": {"phoneNumber": "1"},
        "contactAddress": {"addressLine1": "1 Example Street", "addressLine2": "Flat 2", "city": "London",
            "stateOrProvince": "X", "county": "Y", "postalCode": "N1 1AA", "countryCode": "GB"},
    });
    json!({
        "orderId": "12-34567-89012", "creationDate": "2026-11-18T09:00:00.000Z",
        "lastModifiedDate": "2026-11-18T09:00:05.250Z", "orderPaymentStatus": "PAID",
        "orderFulfillmentStatus": "NOT_STARTED", "buyerCheckoutNotes": "note",
        "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": [{"cancelRequestState": "REJECTED"}]},
        "buyer": {"username": "b", "buyerRegistrationAddress": contact},
        "pricingSummary": {"priceSubtotal": amount("10.0"), "deliveryCost": amount("3.0"),
            "deliveryDiscount": amount("-1.0"), "priceDiscount": amount("-1.0"), "adjustment": amount("0.0"),
            "fee": amount("0.0"), "tax": amount("1.0"), "total": amount("12.0")},
        "paymentSummary": {
            "payments": [{"paymentDate": "2026-11-18T09:00:03.000Z", "paymentStatus": "PAID"}],
            "refunds": [{"amount": amount("1.0"), "refundDate": "2026-11-19T09:00:00.000Z", "refundId": "5",
                "refundReferenceId": "R5", "refundStatus": "REFUNDED"}]},
        "fulfillmentStartInstructions": [{"fulfillmentInstructionsType": "SHIP_TO", "shippingStep": {
            "shipTo": contact, "shipToReferenceId": "7", "shippingCarrierCode": "USPS",
            "shippingServiceCode": "USPSPriority"}}],
        "lineItems": [{"lineItemId": "1", "legacyItemId": "3", "legacyVariationId": "4", "sku": "A", "title": "T",
            "quantity": 1, "lineItemCost": amount("10.0"), "discountedLineItemCost": amount("9.0"),
            "deliveryCost": {"shippingCost": amount("2.0"), "discountAmount": amount("1.0"),
                "handlingCost": amount("0.0")},
            "taxes": [{"taxType": "STATE_SALES_TAX", "amount": amount("1.0")}],
            "ebayCollectAndRemitTaxes": [{"taxType": "STATE_SALES_TAX", "amount": amount("1.0")}],
            "refunds": [{"amount": amount("1.0"), "refundDate": "2026-11-19T09:00:00.000Z", "refundId": "6"}],
            "giftDetails": {"message": "m"}}],
    })
}

/// The pointers of everything below `value`.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut visit = |key: String, value: &Value| {
        let place = format!("{at}/{key}");
        found.push(place.clone());
        places(value, &place, found);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| visit(key.clone(), value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(key, value)| visit(key.to_string(), value)),
        _ => {}
    }
}

fn remove(order: &mut Value, place: &str) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    match order.pointer_mut(parent).unwrap() {
        Value::Object(object) => drop(object.remove(key)),
        Value::Array(items) => drop(items.remove(key.parse().unwrap())),
        _ => unreachable!("{place}"),
    }
}

/// What an order cannot be read without.
const NEEDED: &[&str] = &[
    "/orderId",
    "/creationDate",
    "/lastModifiedDate",
    "/pricingSummary",
    "/pricingSummary/total",
    "/pricingSummary/total/value",
    "/pricingSummary/total/currency",
    "/lineItems",
    "/lineItems/0",
    "/lineItems/0/lineItemId",
    "/lineItems/0/lineItemCost",
    "/lineItems/0/quantity",
];

/// Half an amount is no amount, wherever an amount is read at all.
fn is_part_of_an_amount(place: &str) -> bool {
    let unread = ["/pricingSummary/priceSubtotal/", "/pricingSummary/tax/", "/lineItems/0/deliveryCost/"];
    let part = place.ends_with("/value") || place.ends_with("/currency");
    part && !unread.iter().any(|unread| place.starts_with(unread))
}

#[test]
fn every_field_may_be_missing_or_null_but_those_an_order_needs() {
    let mut all = Vec::new();
    places(&full(), "", &mut all);
    assert!(all.len() > 80, "{}", all.len());
    for place in all {
        let mut without = full();
        remove(&mut without, &place);
        let mut null = full();
        *null.pointer_mut(&place).unwrap() = Value::Null;
        for (how, order) in [("missing", without), ("null", null)] {
            let outcome = read(order.to_string().as_bytes());
            if NEEDED.contains(&place.as_str()) || is_part_of_an_amount(&place) {
                let unreadable = outcome.expect_err(&format!("{place} {how}"));
                assert_eq!(unreadable.raw, order.to_string().as_bytes(), "{place} {how}");
                let known = (place != "/orderId").then(|| "12-34567-89012".to_owned());
                assert_eq!(unreadable.remote_id, known, "{place} {how}");
            } else if let Err(unreadable) = outcome {
                panic!("{place} {how}: {unreadable:?}");
            }
        }
    }
}

#[test]
fn a_full_order_loses_nothing() {
    let order = read(full().to_string().as_bytes()).unwrap();
    assert_eq!(order.warnings, Vec::<String>::new());
    let address = order.ship_to.unwrap();
    assert_eq!((address.first_name.as_str(), address.last_name.as_str()), ("Ada", "Example"));
    assert_eq!(address.company, "Example Ltd Reference #7");
    assert_eq!((address.line1.as_str(), address.line2.as_str()), ("1 Example Street", "Flat 2"));
    assert_eq!((address.city.as_str(), address.region.as_str()), ("London", "X"));
    assert_eq!((address.postcode.as_str(), address.country.as_str(), address.phone.as_str()), ("N1 1AA", "GB", "1"));
    assert_eq!(order.buyer.username.as_deref(), Some("b"));
    assert_eq!(order.buyer.email.as_deref(), Some("ada@example.com"));
    assert!(!order.buyer.email_is_relay);
    assert_eq!(order.buyer_note.as_deref(), Some("note"));
    assert_eq!(order.gift_message.as_deref(), Some("m"));
    assert_eq!(order.shipping.service, "USPSPriority");
    assert_eq!(order.revision.0, 1_794_992_405_250);
    assert_eq!(order.lines[0].keys().map(|key| key.to_string()).collect::<Vec<_>>(), ["id:3/4", "sku:A"]);
    assert_eq!(order.refunds.len(), 2);
}

#[test]
fn an_order_of_the_wrong_shape_is_kept_with_its_reason() {
    let broken = |place: &str, value: Value| {
        let mut order = full();
        *order.pointer_mut(place).unwrap() = value;
        read(order.to_string().as_bytes()).unwrap_err()
    };
    let quantity = broken("/lineItems/0/quantity", json!("one"));
    assert!(quantity.context.starts_with("JSON Data error at line 1"), "{}", quantity.context);
    assert_eq!(quantity.remote_id.as_deref(), Some("12-34567-89012"));
    let total = broken("/pricingSummary/total/value", json!("seven pounds"));
    assert_eq!(total.why, "eBay sent this order with a `pricingSummary.total` that cannot be read.");
    let precise = broken("/lineItems/0/lineItemCost/value", json!("10.005"));
    assert!(precise.context.contains("lineItems.lineItemCost"), "{}", precise.context);
    let mixed = broken("/lineItems/0/lineItemCost/currency", json!("EUR"));
    assert_eq!(mixed.context, "`lineItems.lineItemCost` is not given in USD");
    let time = broken("/creationDate", json!("yesterday"));
    assert_eq!(time.context, "`creationDate` is not a time");
    assert_eq!(read(b"null").unwrap_err().remote_id, None);
    assert_eq!(read(b"{\"orderId\": \"12-3").unwrap_err().remote_id, None);
}

#[test]
fn what_a_buyer_entered_is_in_no_reason() {
    let mut order = full();
    *order.pointer_mut("/buyer/username").unwrap() = json!({"secret": "Ada Example"});
    let unreadable = read(order.to_string().as_bytes()).unwrap_err();
    for shown in [format!("{unreadable:?}"), unreadable.why, unreadable.context] {
        assert!(!shown.contains("Ada"), "{shown}");
    }
}
