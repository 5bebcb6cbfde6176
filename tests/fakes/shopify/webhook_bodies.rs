//! The bodies of webhooks, which are in the shape of the REST API and not of the schema.
//!
//! As in the vendor's samples: <https://github.com/Shopify/shopify-api-ruby>, <https://github.com/Shopify/shopify_python_api>.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::money::exponent;
use super::state::{Address, Fulfillment, Order, Refund, Shop, Tax, gid};

/// With all decimals of the currency: "10.00".
fn price(amount: Decimal, currency: &str) -> String {
    let mut amount = amount;
    amount.rescale(exponent(currency));
    amount.to_string()
}

pub(super) fn order(shop: &Shop, order: &Order) -> Value {
    let currency = order.money.shop.as_str();
    let money = |amount: Decimal| price(amount, currency);
    let address = |address: &Option<Address>| address.as_ref().map(rest_address);
    let line = |line: &super::state::Line| {
        json!({
            "id": line.id,
            "admin_graphql_api_id": gid("LineItem", line.id),
            "variant_id": line.variant,
            "product_id": line.variant.and_then(|id| shop.variants.get(&id)).map(|variant| variant.product),
            "title": line.title,
            "variant_title": line.variant_title,
            "sku": line.sku,
            "vendor": line.vendor,
            "quantity": line.quantity,
            "current_quantity": order.current_quantity(line),
            "fulfillable_quantity": order.unfulfilled_quantity(line.id),
            "price": money(line.unit.shop),
            "total_discount": money(line.discount().shop),
            "taxable": line.taxable,
            "requires_shipping": line.requires_shipping,
            "gift_card": line.gift_card,
            "tax_lines": taxes(&line.taxes, currency),
        })
    };
    let shipping = |line: &super::state::ShippingLine| {
        json!({
            "id": line.id,
            "title": line.title,
            "code": line.code,
            "source": line.source,
            "price": money(line.price.shop),
            "tax_lines": taxes(&line.taxes, currency),
        })
    };
    let fulfillment_status = match order.fulfillment_status() {
        "FULFILLED" => json!("fulfilled"),
        "PARTIALLY_FULFILLED" => json!("partial"),
        _ => Value::Null,
    };
    json!({
        "id": order.id,
        "admin_graphql_api_id": gid("Order", order.id),
        "name": order.name,
        "number": order.number - 1000,
        "order_number": order.number,
        "created_at": order.created,
        "updated_at": order.updated,
        "processed_at": order.processed,
        "closed_at": order.closed,
        "cancelled_at": order.canceled.as_ref().map(|canceled| canceled.at),
        "cancel_reason": order.canceled.as_ref().map(|canceled| canceled.reason.to_lowercase()),
        "currency": order.money.shop,
        "presentment_currency": order.money.presentment,
        "email": order.email,
        "contact_email": order.email,
        "phone": order.phone,
        "note": order.note,
        "tags": order.tags.join(", "),
        "test": order.test,
        "source_name": order.source_name,
        "source_identifier": order.source_identifier,
        "financial_status": order.financial_status().to_lowercase(),
        "fulfillment_status": fulfillment_status,
        "taxes_included": order.taxes_included,
        "subtotal_price": money(order.subtotal().shop),
        "total_price": money(order.total().shop),
        "total_tax": money(order.tax_total().shop),
        "total_discounts": money(order.discounts_total().shop),
        "current_total_price": money(order.current_total().shop),
        "billing_address": address(&order.billing_address),
        "shipping_address": address(&order.shipping_address),
        "line_items": order.lines.iter().map(line).collect::<Vec<_>>(),
        "shipping_lines": order.shipping.iter().map(shipping).collect::<Vec<_>>(),
        "fulfillments": order.fulfillments.iter().map(|made| fulfillment(order, made)).collect::<Vec<_>>(),
        "refunds": order.refunds.iter().map(|made| refund(order, made)).collect::<Vec<_>>(),
    })
}

pub(super) fn refund(order: &Order, refund: &Refund) -> Value {
    let currency = order.money.shop.as_str();
    let line = |line: &super::state::RefundLine| {
        json!({
            "id": line.id,
            "line_item_id": line.line,
            "location_id": line.location,
            "quantity": line.quantity,
            "restock_type": line.restock.to_lowercase(),
            "subtotal": price(line.subtotal.shop, currency),
            "total_tax": price(line.tax.shop, currency),
        })
    };
    let transaction = |made: &super::state::Transaction| {
        json!({
            "id": made.id,
            "order_id": order.id,
            "kind": made.kind.to_lowercase(),
            "status": made.status.to_lowercase(),
            "gateway": made.gateway,
            "amount": price(made.amount.shop, currency),
            "currency": currency,
            "created_at": made.at,
        })
    };
    let own = order.transactions.iter().filter(|made| refund.transactions.contains(&made.id));
    json!({
        "id": refund.id,
        "admin_graphql_api_id": gid("Refund", refund.id),
        "order_id": order.id,
        "created_at": refund.at,
        "processed_at": refund.at,
        "note": refund.note,
        "restock": refund.lines.iter().any(|line| line.restocked),
        "refund_line_items": refund.lines.iter().map(line).collect::<Vec<_>>(),
        "transactions": own.map(transaction).collect::<Vec<_>>(),
        "order_adjustments": [],
    })
}

pub(super) fn fulfillment(order: &Order, made: &Fulfillment) -> Value {
    let numbers = made.numbers();
    let urls: Vec<&String> = made.tracking.iter().filter_map(|info| info.url.as_ref()).collect();
    let line = |(_, line, quantity): &(u64, u64, i64)| json!({"id": line, "quantity": quantity});
    json!({
        "id": made.id,
        "admin_graphql_api_id": gid("Fulfillment", made.id),
        "order_id": order.id,
        "status": made.status.to_lowercase(),
        "created_at": made.at,
        "updated_at": made.updated,
        "location_id": made.location,
        "tracking_company": made.tracking.first().and_then(|info| info.company.as_ref()),
        "tracking_number": numbers.first(),
        "tracking_numbers": numbers,
        "tracking_url": urls.first(),
        "tracking_urls": urls,
        "line_items": made.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn taxes(taxes: &[Tax], currency: &str) -> Value {
    let shown = |tax: &Tax| {
        json!({
            "title": tax.title,
            "rate": tax.rate.and_then(|rate| serde_json::from_str::<Value>(&rate.normalize().to_string()).ok()),
            "price": price(tax.amount.shop, currency),
            "channel_liable": tax.channel_liable,
        })
    };
    taxes.iter().map(shown).collect()
}

fn rest_address(address: &Address) -> Value {
    json!({
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "province": address.province,
        "province_code": address.province_code,
        "zip": address.zip,
        "country_code": address.country_code,
        "phone": address.phone,
    })
}
