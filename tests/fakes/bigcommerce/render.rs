//! Orders as the API writes them: amounts as text with four decimals, dates in RFC 2822 and UTC.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::state::{Line, Order, Refund, Shipment};

pub(super) fn money(amount: Decimal) -> Value {
    json!(format!("{:.4}", amount))
}

/// Refunds and transactions write numbers.
pub(super) fn number(amount: Decimal) -> Value {
    serde_json::from_str(&amount.normalize().to_string()).unwrap_or_default()
}

pub(super) fn date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

const STATUSES: [&str; 15] = [
    "Incomplete",
    "Pending",
    "Shipped",
    "Partially Shipped",
    "Refunded",
    "Cancelled",
    "Declined",
    "Awaiting Payment",
    "Awaiting Pickup",
    "Awaiting Shipment",
    "Completed",
    "Awaiting Fulfillment",
    "Manual Verification Required",
    "Disputed",
    "Partially Refunded",
];

/// The tax in what was paid for a line.
pub(super) fn line_tax(line: &Line) -> Decimal {
    let (ex, inc) = (line.total_ex(), line.total_inc());
    if inc.is_zero() {
        return Decimal::ZERO;
    }
    ((inc - ex) * (inc - line.discount) / inc).round_dp(4)
}

/// What the caller asked to have inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside {
    pub consignments: bool,
    pub line_items: bool,
    pub fees: bool,
}

impl Inside {
    pub fn of(included: Option<&[&str]>) -> Self {
        let has = |name: &str| included.is_some_and(|all| all.contains(&name));
        let line_items = has("consignments.line_items");
        Self { consignments: line_items || has("consignments"), line_items, fees: has("fees") }
    }
}

pub(super) fn order(order: &Order, root: &str, inside: Inside) -> Value {
    let id = order.id;
    let link = |name: &str| {
        let resource = format!("/orders/{id}/{name}");
        json!({"url": format!("{root}v2{resource}"), "resource": resource})
    };
    let zero = || money(Decimal::ZERO);
    let status = usize::try_from(order.status).ok().and_then(|status| STATUSES.get(status)).copied();
    let money_of_it = json!({
        "id": id, "customer_id": order.customer_id,
        "date_created": date(order.created), "date_modified": date(order.modified), "date_shipped": "",
        "status_id": order.status, "status": status.unwrap_or("Shipped By Owls"),
        "subtotal_ex_tax": money(order.subtotal_ex()), "subtotal_inc_tax": money(order.subtotal_inc()),
        "subtotal_tax": money(order.subtotal_inc() - order.subtotal_ex()),
        "base_shipping_cost": money(order.shipping_ex),
        "shipping_cost_ex_tax": money(order.shipping_ex), "shipping_cost_inc_tax": money(order.shipping_inc),
        "shipping_cost_tax": money(order.shipping_inc - order.shipping_ex), "shipping_cost_tax_class_id": 2,
        "base_handling_cost": money(order.handling_ex),
        "handling_cost_ex_tax": money(order.handling_ex), "handling_cost_inc_tax": money(order.handling_inc),
        "handling_cost_tax": money(order.handling_inc - order.handling_ex), "handling_cost_tax_class_id": 2,
        "base_wrapping_cost": zero(), "wrapping_cost_ex_tax": zero(), "wrapping_cost_inc_tax": zero(),
        "wrapping_cost_tax": zero(), "wrapping_cost_tax_class_id": 3,
        "total_ex_tax": money(order.total_inc() - order.total_tax()), "total_inc_tax": money(order.total_inc()),
        "total_tax": money(order.total_tax()), "is_tax_inclusive_pricing": order.tax_inclusive,
    });
    let rest = json!({
        "items_total": order.items_total(), "items_shipped": order.items_shipped(),
        "payment_method": order.payment_method, "payment_provider_id": "", "payment_status": payment_status(order),
        "refunded_amount": zero(), "order_is_digital": false,
        "store_credit_amount": money(order.store_credit), "gift_certificate_amount": zero(),
        "ip_address": "", "ip_address_v6": "", "geoip_country": "", "geoip_country_iso2": "",
        "currency_id": 1, "currency_code": order.currency, "currency_exchange_rate": "1.0000000000",
        "default_currency_id": 1, "default_currency_code": order.currency,
    });
    let more = json!({
        "staff_notes": order.staff_notes, "customer_message": order.customer_message,
        "discount_amount": money(order.discount), "coupon_discount": money(order.coupon_discount),
        "shipping_address_count": u8::from(order.shipping.is_some()), "ebay_order_id": "0", "cart_id": "",
        "is_email_opt_in": false, "order_source": if order.by_api { "external" } else { "www" }, "channel_id": 1,
        "external_source": order.external_source, "external_id": null, "external_merchant_id": null,
        "is_deleted": order.is_deleted, "tax_provider_id": "", "customer_locale": "en",
        "external_order_id": order.external_order_id, "billing_address": order.billing,
        "store_default_currency_code": "", "store_default_to_transactional_exchange_rate": "1.0000000000",
        "products": link("products"), "shipping_addresses": link("shippingaddresses"), "coupons": link("coupons"),
        "consignments": link("consignments"), "fees": link("fees"),
    });
    let mut body = joined([money_of_it, rest, more]);
    if inside.consignments {
        body["consignments"] = consignments(order, root, inside.line_items);
    }
    if inside.fees {
        body["fees"] = order.fees.iter().map(fee).collect();
    }
    for (pointer, value) in &order.patches {
        patch(&mut body, pointer, value);
    }
    body
}

fn joined(parts: [Value; 3]) -> Value {
    let objects = parts.into_iter().filter_map(|part| part.as_object().cloned());
    Value::Object(objects.flatten().collect())
}

fn patch(body: &mut Value, pointer: &str, value: &Value) {
    if let Some(place) = body.pointer_mut(pointer) {
        *place = value.clone();
    }
}

fn payment_status(order: &Order) -> &'static str {
    match order.status {
        4 => "refunded",
        14 => "partially refunded",
        _ if !order.transactions.is_empty() => "captured",
        _ => "",
    }
}

fn fee(fee: &super::state::Fee) -> Value {
    json!({
        "id": fee.id, "type": "custom_fee", "display_name_customer": fee.name, "display_name_merchant": fee.name,
        "source": "v2", "base_cost": money(fee.ex), "cost_ex_tax": money(fee.ex), "cost_inc_tax": money(fee.inc),
        "cost_tax": money(fee.inc - fee.ex), "tax_class_id": null,
    })
}

fn consignments(order: &Order, root: &str, whole: bool) -> Value {
    let lines: Vec<Value> = order
        .lines
        .iter()
        .map(|own| {
            let resource = format!("/orders/{}/products/{}", order.id, own.id);
            if whole { line(order, own) } else { json!({"url": format!("{root}v2{resource}"), "resource": resource}) }
        })
        .collect();
    let shipping = order.shipping.as_ref().map(|(id, address)| {
        let mut group = address.as_object().cloned().unwrap_or_default();
        let more = json!({
            "id": id, "line_items": lines, "items_total": order.items_total(), "items_shipped": order.items_shipped(),
            "base_cost": number(order.shipping_ex), "cost_ex_tax": number(order.shipping_ex),
            "cost_inc_tax": number(order.shipping_inc), "cost_tax": number(order.shipping_inc - order.shipping_ex),
            "cost_tax_class_id": 2, "base_handling_cost": 0, "handling_cost_ex_tax": 0, "handling_cost_inc_tax": 0,
            "handling_cost_tax": 0, "handling_cost_tax_class_id": 2, "shipping_zone_id": 1,
            "shipping_zone_name": "Everywhere", "form_fields": [],
        });
        group.extend(more.as_object().cloned().unwrap_or_default());
        Value::Object(group)
    });
    let downloads = match (&shipping, lines.is_empty()) {
        (None, false) => json!([{"recipient_email": order.email(), "line_items": lines}]),
        _ => json!([]),
    };
    let shipping: Vec<Value> = shipping.into_iter().collect();
    json!({"shipping": shipping, "pickups": [], "downloads": downloads, "email": {"gift_certificates": []}})
}

pub(super) fn line(order: &Order, line: &Line) -> Value {
    let address = order.shipping.as_ref().map_or(0, |(id, _)| *id);
    let discounts = if line.discount.is_zero() {
        json!([])
    } else {
        json!([{"id": "coupon", "amount": money(line.discount), "name": "A coupon", "code": "SAVE", "target": "product"}])
    };
    let own = json!({
        "id": line.id, "order_id": order.id, "product_id": line.product_id, "variant_id": line.variant_id,
        "order_pickup_method_id": 0, "order_address_id": address,
        "name": line.name, "name_customer": line.name, "name_merchant": line.name_merchant, "sku": line.sku, "upc": "",
        "type": "physical", "base_price": money(line.price_ex),
        "price_ex_tax": money(line.price_ex), "price_inc_tax": money(line.price_inc),
        "price_tax": money(line.price_inc - line.price_ex), "base_total": money(line.total_ex()),
        "total_ex_tax": money(line.total_ex()), "total_inc_tax": money(line.total_inc()),
        "total_tax": money(line.total_inc() - line.total_ex()), "quantity": line.quantity,
    });
    let rest = json!({
        "base_cost_price": "0.0000", "cost_price_inc_tax": "0.0000", "cost_price_ex_tax": "0.0000",
        "cost_price_tax": "0.0000", "weight": "1.0000", "width": "1.0000", "height": "1.0000", "depth": "1.0000",
        "is_refunded": line.refunded > 0, "quantity_refunded": line.refunded, "refund_amount": "0.0000",
        "return_id": 0, "wrapping_id": 0, "wrapping_name": "", "base_wrapping_cost": "0.0000",
        "wrapping_cost_ex_tax": "0.0000", "wrapping_cost_inc_tax": "0.0000", "wrapping_cost_tax": "0.0000",
    });
    let more = json!({
        "wrapping_message": line.wrapping_message, "quantity_shipped": line.shipped, "event_name": null,
        "event_date": null, "fixed_shipping_cost": "0.0000", "ebay_item_id": "", "ebay_transaction_id": "",
        "option_set_id": null, "parent_order_product_id": null, "is_bundled_product": false,
        "bin_picking_number": "", "external_id": null, "brand": "", "applied_discounts": discounts,
        "product_options": [], "configurable_fields": [], "gift_certificate_id": null,
        "discounted_total_inc_tax": money(line.total_inc() - line.discount),
    });
    joined([own, rest, more])
}

pub(super) fn shipment(order: &Order, shipment: &Shipment) -> Value {
    let text = |name: &str| shipment.body.get(name).and_then(Value::as_str).unwrap_or_default();
    let product = |id: u64| order.lines.iter().find(|line| line.id == id).map_or(0, |line| line.product_id);
    let items: Vec<Value> = shipment
        .items
        .iter()
        .map(|(id, quantity)| json!({"order_product_id": id, "product_id": product(*id), "quantity": quantity}))
        .collect();
    let plain = |address: &Value| {
        let mut address = address.as_object().cloned().unwrap_or_else(Map::new);
        address.remove("shipping_method");
        address.remove("form_fields");
        Value::Object(address)
    };
    json!({
        "id": shipment.id, "order_id": order.id, "customer_id": order.customer_id,
        "order_address_id": shipment.body["order_address_id"], "date_created": date(shipment.at),
        "tracking_number": text("tracking_number"), "merchant_shipping_cost": "0.0000", "shipping_method": "",
        "comments": text("comments"), "shipping_provider": text("shipping_provider"),
        "tracking_carrier": text("tracking_carrier"), "tracking_link": "", "billing_address": plain(&order.billing),
        "shipping_address": order.shipping.as_ref().map(|(_, address)| plain(address)), "items": items,
        "shipping_provider_display_name": text("shipping_provider"), "generated_tracking_link": "",
    })
}

pub(super) fn refund(order: &Order, refund: &Refund) -> Value {
    let items = refund.items.as_array().cloned().unwrap_or_default().into_iter().map(|item| {
        let mut shown = json!({
            "item_type": item["item_type"], "item_id": item["item_id"], "reason": item["reason"],
            "requested_amount": item["amount"],
        });
        if item["item_type"] == "PRODUCT" {
            shown["quantity"] = item["quantity"].clone();
        }
        shown
    });
    let payments = refund.payments.as_array().cloned().unwrap_or_default().into_iter().map(|payment| {
        json!({
            "id": refund.id, "provider_id": payment["provider_id"], "amount": payment["amount"],
            "offline": payment["offline"], "is_declined": false, "declined_message": "",
        })
    });
    json!({
        "id": refund.id, "order_id": order.id, "user_id": 0, "created": refund.at.to_string(), "reason": refund.reason,
        "total_amount": number(refund.amount), "total_tax": 0, "uses_merchant_override_values": false,
        "items": items.collect::<Vec<_>>(), "payments": payments.collect::<Vec<_>>(),
    })
}
