//! The store's own tax: on whatever is sent without both of its prices.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::http::Refusal;
use super::orders::{decimal, text};
use super::render;
use super::state::Order;

/// 20 % in Great Britain, 8.25 % in California.
pub(super) fn rate(billing: &Value) -> Decimal {
    match (text(billing, "country_iso2"), text(billing, "state")) {
        ("GB", _) => Decimal::new(20, 2),
        ("US", "California" | "CA") => Decimal::new(825, 4),
        _ => Decimal::ZERO,
    }
}

/// `<name>_ex_tax` and `<name>_inc_tax`. Of one alone the store counts the other: "if you override one, override both".
pub(super) fn both(body: &Value, name: &str, rate: Decimal) -> Result<Option<(Decimal, Decimal)>, Refusal> {
    let ex = decimal(body, &format!("{name}_ex_tax"))?;
    let inc = decimal(body, &format!("{name}_inc_tax"))?;
    let pair = match (ex, inc) {
        (None, None) => return Ok(None),
        (Some(ex), Some(inc)) => (ex, inc),
        (Some(ex), None) => (ex, (ex * (Decimal::ONE + rate)).round_dp(4)),
        (None, Some(inc)) => ((inc / (Decimal::ONE + rate)).round_dp(4), inc),
    };
    let negative = |amount: Decimal| amount.is_sign_negative() && !amount.is_zero();
    if negative(pair.0) || negative(pair.1) {
        return Err(Refusal::invalid(format!("The field '{name}_ex_tax' is invalid.")));
    }
    Ok(Some(pair))
}

/// `/orders/{id}/taxes?details=true`
pub(super) fn lines(order: &Order) -> Vec<Value> {
    let mut all = Vec::new();
    let class = if order.by_api { "API Tax Override" } else { "Default Tax Class" };
    let name = if order.by_api { "API Tax Override" } else { "VAT" };
    let percent = (rate(&order.billing) * Decimal::from(100)).normalize();
    let address = order.shipping.as_ref().map_or(0, |(id, _)| *id);
    let mut add = |amount: Decimal, kind: &str, product: Value| {
        if amount.is_zero() {
            return;
        }
        all.push(json!({
            "id": all.len() + 1, "order_id": order.id, "order_address_id": address, "tax_rate_id": 1,
            "sales_tax_id": "1", "tax_class_id": 0, "name": name, "class": class, "rate": render::money(percent),
            "priority": 0, "priority_amount": render::money(amount), "line_amount": render::money(amount),
            "order_pickup_method_id": 0, "order_product_id": product, "line_item_type": kind,
        }));
    };
    for line in &order.lines {
        add(render::line_tax(line), "item", json!(line.id.to_string()));
    }
    add(order.shipping_inc - order.shipping_ex, "shipping", Value::Null);
    add(order.handling_inc - order.handling_ex, "handling", Value::Null);
    all
}
