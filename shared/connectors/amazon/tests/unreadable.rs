//! What is missing, null or wrong: either the order is read all the same, or it is kept with the reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use connector_amazon::read;
use domain::totals::totals;
use serde_json::{Value, json};

/// An order that holds every field that the connector reads.
fn full() -> Value {
    let amount = |value: &str| json!({"amount": value, "currencyCode": "GBP"});
    let detail = |subtype: &str, value: &str| json!({"subtype": subtype, "value": amount(value)});
    json!({
        "orderId": "202-1234567-1234567", "createdTime": "2026-11-18T09:00:00Z",
        "lastUpdatedTime": "2026-11-18T09:00:05.250Z", "programs": ["PRIME"],
        "associatedOrders": [{"orderId": "202-1", "associationType": "SOMETHING"}],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1F83G8C2ARO7P"},
        "buyer": {"buyerName": "Ada Example", "buyerEmail": "ada@example.com", "buyerCompanyName": "Example Ltd",
            "buyerPurchaseOrderNumber": "PO"},
        "recipient": {
            "deliveryAddress": {"name": "Ada Example", "companyName": "Example Ltd", "addressLine1": "1 Example Street",
                "addressLine2": "Flat 2", "addressLine3": "Rear", "city": "London", "districtOrCounty": "X",
                "stateOrRegion": "Y", "municipality": "Z", "postalCode": "N1 1AA", "countryCode": "GB", "phone": "1"},
            "deliveryPreference": {"addressInstruction": "ring", "dropOffLocation": "door"}},
        "proceeds": {"grandTotal": amount("13.00"), "breakdowns": [
            {"type": "ITEM", "subtotal": amount("10.00")}, {"type": "DELIVERY_TIP", "subtotal": amount("1.00")}]},
        "payment": {"paymentExecutions": [{"paymentMethod": "CreditCard", "paymentAmount": amount("13.00")}]},
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT",
            "fulfillmentServiceLevel": "STANDARD"},
        "orderItems": [{"orderItemId": "1", "quantityOrdered": 1,
            "product": {"asin": "B01", "title": "T", "sellerSku": "A", "price": {"unitPrice": amount("10.00")}},
            "proceeds": {"proceedsTotal": amount("12.00"), "breakdowns": [
                {"type": "ITEM", "subtotal": amount("10.00")}, {"type": "SHIPPING", "subtotal": amount("2.00")},
                {"type": "TAX", "subtotal": amount("1.00"), "detailedBreakdowns": [detail("SHIPPING", "0.20")]},
                {"type": "DISCOUNT", "subtotal": amount("-1.00"), "detailedBreakdowns": [detail("SHIPPING", "-0.50")]}]},
            "cancellation": {"cancellationRequest": {"requester": "BUYER"}, "cancellationExecution": null},
            "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 1,
                "packing": {"giftOption": {"giftMessage": "m"}},
                "shipping": {"internationalShipping": {"iossNumber": "IM1"}}},
            "tax": {"taxCalculationBreakdowns": [{"reportingScheme": "IOSS"}],
                "taxCollections": [{"model": "MARKETPLACE_FACILITATOR"}]}}],
        "packages": [{"packageReferenceId": "1", "packageStatus": {"status": "PENDING"}, "carrier": "UPS",
            "shipTime": "2026-11-18T09:00:05Z", "trackingNumber": "1Z",
            "packageItems": [{"orderItemId": "1", "quantity": 1}]}],
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
    "/createdTime",
    "/lastUpdatedTime",
    "/orderItems",
    "/orderItems/0",
    "/orderItems/0/orderItemId",
    "/orderItems/0/quantityOrdered",
    "/orderItems/0/product",
];

/// An order that is to be paid for has a total; one that Amazon holds back may lack it.
const NEEDED_ONCE_PAID: &[&str] = &["/proceeds", "/proceeds/grandTotal"];

/// Half an amount is no amount, wherever an amount is read at all.
fn is_needed_amount(place: &str) -> bool {
    let unread = ["/payment/", "/orderItems/0/product/", "/orderItems/0/proceeds/proceedsTotal"];
    place.ends_with("/amount") && !unread.iter().any(|unread| place.starts_with(unread))
}

#[test]
fn every_field_may_be_missing_or_null_but_those_an_order_needs() {
    let mut all = Vec::new();
    places(&full(), "", &mut all);
    assert!(all.len() > 90, "{}", all.len());
    for place in all {
        let mut without = full();
        remove(&mut without, &place);
        let mut null = full();
        *null.pointer_mut(&place).unwrap() = Value::Null;
        for (how, order) in [("missing", without), ("null", null)] {
            let outcome = read(order.to_string().as_bytes());
            let needed = NEEDED.contains(&place.as_str()) || NEEDED_ONCE_PAID.contains(&place.as_str());
            if needed || is_needed_amount(&place) {
                let unreadable = outcome.expect_err(&format!("{place} {how}"));
                assert_eq!(unreadable.raw, order.to_string().as_bytes(), "{place} {how}");
                let known = (place != "/orderId").then(|| "202-1234567-1234567".to_owned());
                assert_eq!(unreadable.remote_id, known, "{place} {how}");
                assert!(unreadable.why.starts_with("Amazon sent"), "{}", unreadable.why);
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
    let address = order.ship_to.as_ref().unwrap();
    assert_eq!((address.first_name.as_str(), address.last_name.as_str()), ("Ada", "Example"));
    assert_eq!((address.company.as_str(), address.line1.as_str()), ("Example Ltd", "1 Example Street"));
    assert_eq!(
        (address.line2.as_str(), address.city.as_str(), address.region.as_str()),
        ("Flat 2, Rear", "London", "Y")
    );
    assert_eq!((address.postcode.as_str(), address.country.as_str(), address.phone.as_str()), ("N1 1AA", "GB", "1"));
    assert_eq!(order.buyer.name.as_deref(), Some("Ada Example"));
    assert_eq!((order.buyer.email.as_deref(), order.buyer.email_is_relay), (Some("ada@example.com"), false));
    assert_eq!(order.buyer_note.as_deref(), Some("ring\nDrop-off: door\nPurchase order: PO"));
    assert_eq!((order.gift_message.as_deref(), order.shipping.service.as_str()), (Some("m"), "STANDARD"));
    assert_eq!(order.revision.0, 1_794_992_405_250);
    let sums = totals(&order).unwrap();
    assert_eq!(
        (sums.store_total.to_string(), sums.marketplace_tax.to_string()),
        ("12.00 GBP".into(), "1.00 GBP".into())
    );
}

fn broken(place: &str, value: Value) -> Kept {
    let mut order = full();
    *order.pointer_mut(place).unwrap() = value;
    let kept = read(order.to_string().as_bytes()).unwrap_err();
    Kept { id: kept.remote_id, why: kept.why, context: kept.context }
}

/// What is told of an order that cannot be read.
struct Kept {
    id: Option<String>,
    why: String,
    context: String,
}

#[test]
fn an_order_of_the_wrong_shape_is_kept_with_its_reason() {
    for quantity in [json!("one"), json!(-1), json!("-1"), json!(1.5), json!({"value": 1})] {
        let kept = broken("/orderItems/0/quantityOrdered", quantity);
        assert!(kept.context.starts_with("JSON Data error at line 1"), "{}", kept.context);
        assert_eq!(kept.id.as_deref(), Some("202-1234567-1234567"));
    }
    let total = broken("/proceeds/grandTotal/amount", json!("seven pounds"));
    assert_eq!(total.why, "Amazon sent this order with a `proceeds.grandTotal` that cannot be read.");
    let currency = broken("/proceeds/grandTotal/currencyCode", json!("XYZ"));
    assert_eq!(currency.context, "`proceeds.grandTotal`: `XYZ` is not an ISO 4217 currency");
    let subtotal = "/orderItems/0/proceeds/breakdowns/0/subtotal";
    let precise = broken(&format!("{subtotal}/amount"), json!("10.005"));
    assert!(precise.context.contains("orderItems.proceeds.breakdowns.subtotal"), "{}", precise.context);
    let exponent = broken(&format!("{subtotal}/amount"), json!(1e30));
    assert!(exponent.context.contains("orderItems.proceeds.breakdowns.subtotal"), "{}", exponent.context);
    let mixed = broken(&format!("{subtotal}/currencyCode"), json!("EUR"));
    assert_eq!(mixed.context, "`orderItems.proceeds.breakdowns.subtotal` is not given in GBP");
    let negative = broken(&format!("{subtotal}/amount"), json!("-10.00"));
    assert_eq!(negative.context, "`orderItems.proceeds.breakdowns.subtotal` is negative");
    assert_eq!(broken("/createdTime", json!("yesterday")).context, "`createdTime` is not a time");
    assert_eq!(broken("/orderItems", json!([])).context, "`orderItems` is missing");
    assert_eq!(read(b"null").unwrap_err().remote_id, None);
}

#[test]
fn a_body_that_ends_anywhere_is_kept() {
    let whole = full().to_string();
    for end in 0..whole.len() {
        let kept = read(&whole.as_bytes()[..end]).unwrap_err();
        assert_eq!((kept.remote_id, kept.raw.len()), (None, end));
    }
}

#[test]
fn an_order_of_two_thousand_lines_is_read_whole() {
    let mut order = full();
    let line = order["orderItems"][0].clone();
    let lines = (0..2_000).map(|at| {
        let mut line = line.clone();
        line["orderItemId"] = json!(at.to_string());
        line
    });
    order["orderItems"] = lines.collect();
    order["proceeds"] = json!({"grandTotal": {"amount": "24000.00", "currencyCode": "GBP"}});
    let order = read(order.to_string().as_bytes()).unwrap();
    assert_eq!(order.lines.len(), 2_000);
    assert_eq!(totals(&order).unwrap().store_total.minor(), 2_200_000);
}

/// Somebody else may ship it: then it is not for the merchant to import.
#[test]
fn an_order_of_an_unknown_warehouse_is_held_back() {
    let mut order = full();
    order["fulfillment"]["fulfilledBy"] = json!("ROBOTS");
    let order = read(order.to_string().as_bytes()).unwrap();
    assert_eq!((order.payment, order.fulfilled_by_channel), (domain::Payment::Held, false));
    assert!(order.warnings[0].contains("ROBOTS"), "{:?}", order.warnings);
}

#[test]
fn what_a_buyer_entered_is_in_no_reason() {
    let hidden = json!({"secret": "Ada Example"});
    for place in ["/buyer/buyerName", "/recipient/deliveryAddress/city", "/orderItems/0/product/title"] {
        let mut order = full();
        *order.pointer_mut(place).unwrap() = hidden.clone();
        let unreadable = read(order.to_string().as_bytes()).unwrap_err();
        for shown in [format!("{unreadable:?}"), unreadable.why, unreadable.context] {
            assert!(!shown.contains("Ada"), "{shown}");
        }
    }
}
