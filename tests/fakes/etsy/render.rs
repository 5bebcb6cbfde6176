//! Receipts and the shop as Etsy's JSON, with every field that the description names.

use iso_currency::Currency;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::receipt::Receipt;
use super::receipt_spec::{LineSpec, Patch};
use super::{SHOP_ID, SHOP_NAME, USER_ID};

pub(super) fn money(minor: i64, currency: Currency) -> Value {
    let decimals = u32::from(currency.exponent().unwrap_or(2));
    json!({"amount": minor, "divisor": 10_i64.pow(decimals), "currency_code": currency.code()})
}

/// A whole number of seconds, as all of Etsy's times are.
fn seconds(at: Timestamp) -> i64 {
    at.as_second()
}

pub(super) fn receipt(receipt: &Receipt) -> Value {
    let spec = &receipt.spec;
    let amount = |minor: i64| money(minor, spec.currency);
    let buyer = &spec.buyer;
    let shipments = receipt.shipments.iter().map(|package| {
        json!({"receipt_shipping_id": package.id, "shipment_notification_timestamp": seconds(package.at),
            "carrier_name": package.carrier, "tracking_code": package.tracking})
    });
    let refunds = receipt.refunds.iter().map(|refund| {
        json!({"amount": amount(refund.amount), "created_timestamp": seconds(refund.at), "reason": "Other",
            "note_from_issuer": null, "status": null})
    });
    let transactions = spec.lines.iter().enumerate().map(|(at, line)| transaction(receipt, at, line));
    let formatted = [&buyer.name, &buyer.first_line, &buyer.city, &buyer.country].map(String::as_str).join("\n");
    let mut shown = json!({
        "receipt_id": spec.id, "receipt_type": 0, "seller_user_id": USER_ID, "seller_email": "shop@example.com",
        "buyer_user_id": 900_000 + spec.id % 1000, "buyer_email": buyer.email, "name": buyer.name,
        "first_line": buyer.first_line, "second_line": buyer.second_line, "city": buyer.city, "state": buyer.state,
        "zip": buyer.zip, "status": receipt.status(), "formatted_address": formatted,
        "country_iso": buyer.country, "payment_method": "cc", "payment_email": null, "message_from_seller": null,
        "message_from_buyer": spec.note, "message_from_payment": null, "is_paid": receipt.paid.is_some(),
        "is_shipped": receipt.shipped.is_some(),
        "create_timestamp": seconds(receipt.created), "created_timestamp": seconds(receipt.created),
        "update_timestamp": seconds(receipt.updated), "updated_timestamp": seconds(receipt.updated),
        "is_gift": spec.gift_message.is_some() || spec.gift_wrap > 0,
        "gift_message": spec.gift_message.as_deref().unwrap_or_default(), "gift_sender": "",
        "grandtotal": amount(spec.grandtotal()), "subtotal": amount(spec.total_price() - spec.discount),
        "total_price": amount(spec.total_price()), "total_shipping_cost": amount(spec.shipping),
        "total_tax_cost": amount(spec.sales_tax), "total_vat_cost": amount(spec.vat),
        "discount_amt": amount(spec.discount), "gift_wrap_price": amount(spec.gift_wrap),
        "shipments": shipments.collect::<Vec<_>>(), "transactions": transactions.collect::<Vec<_>>(),
        "refunds": refunds.collect::<Vec<_>>(),
    });
    for patch in &spec.patches {
        apply(&mut shown, patch);
    }
    shown
}

fn apply(shown: &mut Value, patch: &Patch) {
    match patch {
        Patch::Set(pointer, value) => {
            if let Some(place) = shown.pointer_mut(pointer) {
                place.clone_from(value);
            }
        }
        Patch::Remove(pointer) => {
            let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
            if let Some(Value::Object(object)) = shown.pointer_mut(parent) {
                object.remove(key);
            }
        }
    }
}

fn transaction(receipt: &Receipt, at: usize, line: &LineSpec) -> Value {
    let spec = &receipt.spec;
    let (listing, product) = receipt.sold.get(at).copied().unwrap_or_default();
    let property = |at: usize| 513 + at;
    let value = |at: usize, value: &str| 7000 + 100 * at + value.len();
    let mut variations: Vec<Value> = Vec::new();
    let mut data: Vec<Value> = Vec::new();
    for (number, (name, chosen)) in line.variations.iter().enumerate() {
        let (property, value) = (property(number), value(number, chosen));
        variations.push(json!({"property_id": property, "value_id": value, "formatted_name": name,
            "formatted_value": chosen}));
        data.push(json!({"property_id": property, "property_name": name, "scale_id": null, "scale_name": null,
            "value_ids": [value], "values": [chosen]}));
    }
    if let Some(text) = &line.personalisation {
        variations.push(json!({"property_id": 54, "value_id": null, "formatted_name": "Personalization",
            "formatted_value": text}));
    }
    json!({
        "transaction_id": spec.transaction_id(at), "title": line.title, "description": "Made by hand.",
        "seller_user_id": USER_ID, "buyer_user_id": 900_000 + spec.id % 1000,
        "create_timestamp": seconds(receipt.created), "created_timestamp": seconds(receipt.created),
        "paid_timestamp": receipt.paid.map(seconds), "shipped_timestamp": receipt.shipped.map(seconds),
        "quantity": line.quantity, "listing_image_id": null, "receipt_id": spec.id, "is_digital": line.digital,
        "file_data": "", "listing_id": listing, "transaction_type": "listing", "product_id": product,
        "sku": line.sku, "price": money(line.unit_price, spec.currency),
        "shipping_cost": money(if at == 0 { spec.shipping } else { 0 }, spec.currency), "variations": variations,
        "product_data": data, "shipping_profile_id": null, "min_processing_days": 1, "max_processing_days": 3,
        "shipping_method": spec.shipping_method, "shipping_upgrade": null, "expected_ship_date": null,
        "buyer_coupon": 0, "shop_coupon": 0,
    })
}

pub(super) fn shop(now: Timestamp) -> Value {
    json!({
        "shop_id": SHOP_ID, "user_id": USER_ID, "shop_name": SHOP_NAME, "currency_code": "EUR",
        "create_date": 1_600_000_000, "created_timestamp": 1_600_000_000, "update_date": seconds(now),
        "updated_timestamp": seconds(now), "title": null, "announcement": null, "is_vacation": false,
        "listing_active_count": 1, "digital_listing_count": 0, "login_name": "tributaryshop",
        "url": "https://www.etsy.com/shop/TributaryShop", "num_favorers": 0, "languages": ["de"],
        "is_etsy_payments_onboarded": true, "is_shop_us_based": false, "transaction_sold_count": 0,
        "shipping_from_country_iso": "DE", "shop_location_country_iso": "DE", "review_count": null,
        "review_average": null,
    })
}
