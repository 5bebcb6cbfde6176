//! What the tests of this crate share: drafts, and Shopify's answers as JSON.
#![expect(clippy::needless_pass_by_value, reason = "JSON that is made where it is given")]

use domain::channel_order::Address;
use domain::draft::{DraftItem, DraftLine, DraftMails, DraftShipping, Source, StoreOrderDraft};
use domain::{Money, OrderId, ProductId, Reference};
use serde_json::{Value, json};

pub(crate) fn money(minor: i64, currency: &str) -> Money {
    Money::from_minor(minor, currency.parse().unwrap())
}

fn address() -> Address {
    Address {
        first_name: "Ana".into(),
        last_name: "Núñez".into(),
        line1: "5 Elm St".into(),
        city: "York".into(),
        postcode: "YO1 7HH".into(),
        country: "GB".into(),
        phone: "+44 1904 000000".into(),
        ..Address::default()
    }
}

/// A paid eBay order without lines or shipping, in `currency`.
pub(crate) fn draft(currency: &str) -> StoreOrderDraft {
    let placed_at: jiff::Timestamp = "2026-11-18T09:00:00Z".parse().unwrap();
    let platform = "ebay".parse().unwrap();
    let order = "12-34567-89012".parse().unwrap();
    let zero = money(0, currency);
    StoreOrderDraft {
        email_is_relay: false,
        remarks: Vec::new(),
        conversion: domain::exchange::Conversion::AsIs,
        reference: Reference {
            order: OrderId::derive(placed_at, &platform, &"seller".parse().unwrap(), &order),
            generation: 1,
        },
        source: Source { platform, channel_name: "eBay".into(), number: order.to_string(), order, wanted_number: None },
        currency: currency.parse().unwrap(),
        total: zero,
        paid: true,
        placed_at,
        lines: Vec::new(),
        shipping: DraftShipping { title: "UK_RoyalMailTracked48".into(), net: zero, tax: zero },
        fees: Vec::new(),
        taxes: Vec::new(),
        channel_liable: Vec::new(),
        billing: address(),
        ship_to: address(),
        email: Some("ana@example.test".into()),
        note: None,
        information: Vec::new(),
        takes_stock: true,
        mails: DraftMails {
            receipt: false,
            fulfilment: false,
            marketing: false,
            customer_notifications: false,
            suppress_owner_mail: false,
        },
    }
}

pub(crate) fn line(id: &str, item: DraftItem, quantity: u32, net: i64, tax: i64, currency: &str) -> DraftLine {
    DraftLine {
        line: id.parse().unwrap(),
        item,
        name: format!("Listing {id}"),
        quantity,
        undiscounted: money(net, currency),
        net: money(net, currency),
        tax: money(tax, currency),
        already_deducted: 0,
    }
}

pub(crate) fn product(id: &str) -> DraftItem {
    DraftItem::Product { id: ProductId::new(id).unwrap(), sku: None }
}

pub(crate) fn bag(amount: &str, currency: &str) -> Value {
    json!({"presentmentMoney": {"amount": amount, "currencyCode": currency}})
}

pub(crate) fn tax(title: &str, percent: Value, amount: &str, currency: &str) -> Value {
    json!({"title": title, "ratePercentage": percent, "channelLiable": false, "priceSet": bag(amount, currency)})
}

/// One line of a buyer's order.
pub(crate) fn item(id: u64, quantity: i64, total: &str, currency: &str) -> Value {
    json!({
        "id": format!("gid://shopify/LineItem/{id}"),
        "name": format!("Item {id}"),
        "sku": format!("SKU-{id}"),
        "quantity": quantity,
        "currentQuantity": quantity,
        "originalTotalSet": bag(total, currency),
        "discountAllocations": [],
        "taxLines": [],
        "customAttributes": [],
        "variant": {"id": format!("gid://shopify/ProductVariant/{}", 7000 + id), "inventoryItem": {"tracked": true}},
    })
}

/// A buyer's paid order as the list gives it. Amounts are the test's own affair.
pub(crate) fn order(total: &str, shipping: &str, currency: &str, items: Vec<Value>) -> Value {
    let address = json!({
        "firstName": "Ada", "lastName": "Example", "company": null, "address1": "12 High Street", "address2": null,
        "city": "London", "province": "England", "provinceCode": "ENG", "zip": "N1 1AA", "countryCodeV2": "GB",
        "phone": "+44 20 7946 0000",
    });
    let has = |amount: &str| amount != "0";
    json!({
        "id": "gid://shopify/Order/450789469",
        "name": "#1001",
        "createdAt": "2026-11-18T09:00:00Z",
        "updatedAt": "2026-11-18T09:05:00Z",
        "cancelledAt": null,
        "test": false,
        "presentmentCurrencyCode": currency,
        "taxesIncluded": false,
        "sourceIdentifier": null,
        "email": "ada@example.com",
        "note": null,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "customAttributes": [],
        "packages": null,
        "stock": null,
        "totalPriceSet": bag(total, currency),
        "totalReceivedSet": bag(total, currency),
        "totalRefundedSet": bag("0", currency),
        "totalTipReceivedSet": bag("0", currency),
        "originalTotalDutiesSet": null,
        "shippingAddress": address,
        "billingAddress": address,
        "lineItems": {"nodes": items, "pageInfo": {"hasNextPage": false, "endCursor": null}},
        "shippingLines": {"nodes": if has(shipping) {
            vec![json!({"title": "Standard", "originalPriceSet": bag(shipping, currency), "discountAllocations": [], "taxLines": []})]
        } else {
            Vec::new()
        }},
        "additionalFees": [],
        "fulfillments": [],
        "refunds": [],
        "transactions": [{
            "id": "gid://shopify/OrderTransaction/1", "kind": "SALE", "status": "SUCCESS", "gateway": "shopify_payments",
            "processedAt": "2026-11-18T09:00:30Z",
        }],
    })
}

pub(crate) fn refund(id: u64, total: &str, currency: &str, lines: Vec<Value>) -> Value {
    json!({
        "id": format!("gid://shopify/Refund/{id}"), "createdAt": "2026-11-19T10:00:00Z", "note": null,
        "totalRefundedSet": bag(total, currency), "refundLineItems": {"nodes": lines},
    })
}

pub(crate) fn refunded(line: u64, quantity: u32, subtotal: &str, tax: &str, restock: &str, currency: &str) -> Value {
    json!({
        "quantity": quantity, "restockType": restock, "subtotalSet": bag(subtotal, currency),
        "totalTaxSet": bag(tax, currency), "lineItem": {"id": format!("gid://shopify/LineItem/{line}")},
    })
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

pub(crate) fn wire(value: &Value) -> crate::wire::Order {
    serde_json::from_slice(&bytes(value)).unwrap()
}
