//! Orders, refunds and notes as JSON, field for field as 11.0.1 and 9.4.2 write them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

use super::refunds::newest_first;
use super::shop::Shop;
use super::state::{
    Address, FeeLine, ItemTax, Line, Meta, Note, Order, Refund, ShippingLine, Status, TaxLine, Version,
};
use super::{currencies, dates, money, stock};

impl Shop {
    pub fn order_json(&self, order: &Order) -> Value {
        let zone = &self.config.time_zone;
        let utc = jiff::tz::TimeZone::UTC;
        let totals = &order.totals;
        let id = order.id;
        let key = format!("wc_order_{:013x}", id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 12);
        let pay = format!("{}/checkout/order-pay/{id}/?pay_for_order=true&key={key}", self.config.home);
        let lines: Vec<Value> = order.lines.iter().map(|line| self.line_json(line)).collect();
        let refunds: Vec<Value> = newest_first(order).into_iter().map(refund_summary).collect();
        let mut json = json!({
            "id": id,
            "parent_id": 0,
            "status": order.status.as_str(),
            "currency": order.currency,
            "version": self.config.version.number(),
            "prices_include_tax": false,
            "date_created": dates::show(order.created, zone),
            "date_modified": dates::show(order.modified, zone),
            "discount_total": money::show(totals.discount),
            "discount_tax": money::show(totals.discount_tax),
            "shipping_total": money::show(totals.shipping),
            "shipping_tax": money::show(totals.shipping_tax),
            "cart_tax": money::show(totals.cart_tax),
            "total": money::show(totals.total),
            "total_tax": money::show(totals.cart_tax + totals.shipping_tax),
            "customer_id": order.customer_id,
            "order_key": key,
            "billing": address_json(&order.billing, true),
            "shipping": address_json(&order.shipping, false),
            "payment_method": order.payment_method,
            "payment_method_title": order.payment_method_title,
            "transaction_id": order.transaction_id,
            "customer_ip_address": "",
            "customer_user_agent": "",
            "created_via": order.created_via,
            "customer_note": order.customer_note,
            "date_completed": dates::show_optional(order.completed, zone),
            "date_paid": dates::show_optional(order.paid, zone),
            "cart_hash": "",
            "number": id.to_string(),
            "meta_data": metas_json(&order.meta),
        });
        let rest = json!({
            "line_items": lines,
            "tax_lines": self.tax_lines_json(&order.tax_lines),
            "shipping_lines": order.shipping_lines.iter().map(shipping_json).collect::<Vec<_>>(),
            "fee_lines": order.fees.iter().map(fee_json).collect::<Vec<_>>(),
            "coupon_lines": [],
            "refunds": refunds,
            "payment_url": pay,
            "is_editable": matches!(order.status, Status::Pending | Status::OnHold | Status::AutoDraft),
            "needs_payment": order.needs_payment(),
            "needs_processing": self.needs_processing(order),
            "date_created_gmt": dates::show(order.created, &utc),
            "date_modified_gmt": dates::show(order.modified, &utc),
            "date_completed_gmt": dates::show_optional(order.completed, &utc),
            "date_paid_gmt": dates::show_optional(order.paid, &utc),
            "currency_symbol": currencies::shown(&order.currency).symbol,
            "_links": self.links(&format!("/orders/{id}"), "/orders", None),
        });
        merge(&mut json, rest);
        json
    }

    fn line_json(&self, line: &Line) -> Value {
        let product = self.products.get(&stock::sold(line));
        let parent = product.filter(|product| product.parent_id != 0).and_then(|own| self.products.get(&own.parent_id));
        let tax = |pick: fn(&ItemTax) -> Decimal| money::show(line.taxes.iter().map(pick).sum());
        let mut json = json!({
            "id": line.id,
            "name": line.name,
            "product_id": line.product_id,
            "variation_id": line.variation_id,
            "quantity": line.quantity,
            "tax_class": "",
            "subtotal": money::show(line.subtotal),
            "subtotal_tax": tax(|tax| tax.subtotal.unwrap_or_default()),
            "total": money::show(line.total),
            "total_tax": tax(|tax| tax.total),
            "taxes": taxes_json(&line.taxes),
            "meta_data": item_metas_json(&line.meta),
            "sku": product.map(|product| product.sku.clone()),
            "price": money::unit_price(line.total, line.quantity),
            "image": {"id": if product.is_some_and(|product| product.parent_id == 0) { json!("") } else { json!(0) }, "src": ""},
            "parent_name": parent.map(|parent| parent.name.clone()),
        });
        if self.config.version == Version::V11 {
            json["global_unique_id"] = product.map_or(Value::Null, |_| "".into());
        }
        json
    }

    fn tax_lines_json(&self, lines: &[TaxLine]) -> Value {
        let shown = lines.iter().map(|line| {
            let rate = self.config.rates.iter().find(|rate| rate.id == line.rate_id);
            let code = rate.map(|rate| {
                let parts = [rate.country.as_str(), &rate.state, &rate.label.to_uppercase(), "1"];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
            });
            json!({
                "id": line.id,
                "rate_code": code.unwrap_or_default(),
                "rate_id": line.rate_id,
                "label": rate.map(|rate| rate.label.clone()).unwrap_or_default(),
                "compound": false,
                "tax_total": money::show(line.tax_total),
                "shipping_tax_total": money::show(line.shipping_tax_total),
                "rate_percent": rate.and_then(|rate| rate.percent.to_f64()),
                "meta_data": [],
            })
        });
        Value::Array(shown.collect())
    }

    pub fn refund_json(&self, order: &Order, refund: &Refund) -> Value {
        let (order_id, id) = (order.id, refund.id);
        let base = format!("/orders/{order_id}/refunds");
        let lines: Vec<Value> = refund.lines.iter().map(|line| self.line_json(&line.line)).collect();
        let kind = if refund.full { "full" } else { "partial" };
        json!({
            "id": id,
            "date_created": dates::show(refund.created, &self.config.time_zone),
            "date_created_gmt": dates::show(refund.created, &jiff::tz::TimeZone::UTC),
            "amount": money::show(refund.amount),
            "reason": refund.reason,
            "refunded_by": 1,
            "refunded_payment": refund.paid_back,
            "meta_data": [{"id": id, "key": "_refund_type", "value": kind}],
            "line_items": lines,
            "shipping_lines": refund.shipping_lines.iter().map(shipping_json).collect::<Vec<_>>(),
            "tax_lines": self.tax_lines_json(&refund.taxes),
            "fee_lines": refund.fees.iter().map(fee_json).collect::<Vec<_>>(),
            "_links": self.links(&format!("{base}/{id}"), &base, Some(&format!("/orders/{order_id}"))),
        })
    }

    pub fn note_json(&self, order_id: u64, note: &Note) -> Value {
        let base = format!("/orders/{order_id}/notes");
        json!({
            "id": note.id,
            "author": "WooCommerce",
            "date_created": dates::show(note.created, &self.config.time_zone),
            "date_created_gmt": dates::show(note.created, &jiff::tz::TimeZone::UTC),
            "note": note.text,
            "customer_note": note.to_customer,
            "_links": self.links(&format!("{base}/{}", note.id), &base, Some(&format!("/orders/{order_id}"))),
        })
    }

    pub fn links(&self, own: &str, collection: &str, up: Option<&str>) -> Value {
        let mut links = Map::new();
        links.insert("self".to_owned(), json!([{"href": self.url(own)}]));
        links.insert("collection".to_owned(), json!([{"href": self.url(collection)}]));
        if let Some(up) = up {
            links.insert("up".to_owned(), json!([{"href": self.url(up)}]));
        }
        Value::Object(links)
    }
}

/// Adds the members of `more`.
pub(super) fn merge(json: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (json.as_object_mut(), more) {
        into.extend(more);
    }
}

fn address_json(address: &Address, billing: bool) -> Value {
    let mut json = json!({
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company,
        "address_1": address.address_1,
        "address_2": address.address_2,
        "city": address.city,
        "state": address.state,
        "postcode": address.postcode,
        "country": address.country,
        "phone": address.phone,
    });
    if billing {
        json["email"] = address.email.clone().into();
    }
    json
}

fn metas_json(metas: &[Meta]) -> Vec<Value> {
    metas.iter().map(|meta| json!({"id": meta.id, "key": meta.key, "value": meta.value})).collect()
}

/// The metas of items have a second pair for people.
fn item_metas_json(metas: &[Meta]) -> Vec<Value> {
    let shown = metas.iter().map(|meta| {
        let label = if meta.key.starts_with('_') { meta.key.clone() } else { capitalized(&meta.key) };
        json!({
            "id": meta.id, "key": meta.key, "value": meta.value,
            "display_key": label, "display_value": meta.value,
        })
    });
    shown.collect()
}

pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `subtotal` is an empty text on everything that has none.
fn taxes_json(taxes: &[ItemTax]) -> Vec<Value> {
    let shown = taxes.iter().map(|tax| {
        let subtotal = tax.subtotal.map(money::show).unwrap_or_default();
        json!({"id": tax.rate_id, "total": money::show(tax.total), "subtotal": subtotal})
    });
    shown.collect()
}

fn shipping_json(line: &ShippingLine) -> Value {
    json!({
        "id": line.id,
        "method_title": line.method_title,
        "method_id": line.method_id,
        "instance_id": "",
        "total": money::show(line.total),
        "total_tax": money::show(line.taxes.iter().map(|tax| tax.total).sum()),
        "taxes": taxes_json(&line.taxes),
        "tax_status": "taxable",
        "meta_data": item_metas_json(&line.meta),
    })
}

fn fee_json(fee: &FeeLine) -> Value {
    json!({
        "id": fee.id,
        "name": fee.name,
        "tax_class": "",
        "tax_status": if fee.taxable { "taxable" } else { "none" },
        "amount": "",
        "total": money::show(fee.total),
        "total_tax": money::show(fee.taxes.iter().map(|tax| tax.total).sum()),
        "taxes": taxes_json(&fee.taxes),
        "meta_data": item_metas_json(&fee.meta),
    })
}

/// `-0.00` for a refund of nothing (capture 66).
fn refund_summary(refund: &Refund) -> Value {
    let tax: Decimal = refund.taxes.iter().map(|tax| tax.tax_total + tax.shipping_tax_total).sum();
    json!({
        "id": refund.id,
        "reason": refund.reason,
        "total": format!("-{}", money::show(refund.amount)),
        "total_tax": money::show(tax),
    })
}
