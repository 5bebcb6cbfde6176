//! `cargo xtask read PLATFORM FILE`: how Tributary reads a vendor's order, or why it cannot.

use anyhow::{Context, Result, bail};
use domain::totals::{self, Totals, TotalsError};
use domain::{ChannelOrder, Platform};
use serde_json::{Value, json};
use std::path::Path;

/// What a payload was read as.
#[derive(Debug)]
pub enum Reading {
    Order(Value),
    /// The payload is no order that the platform's connector can read.
    Unreadable(Value),
}

impl Reading {
    pub fn json(&self) -> &Value {
        match self {
            Self::Order(json) | Self::Unreadable(json) => json,
        }
    }
}

/// Reads one order as the platform's list gives it. The error is a wrong platform or a missing file.
pub fn read(platform: &str, file: &Path) -> Result<Reading> {
    let known = || registry::platforms().collect::<Vec<_>>().join(", ");
    let raw = std::fs::read(file).with_context(|| format!("Cannot read {}", file.display()))?;
    let Some(read) = Platform::new(platform).ok().and_then(|platform| registry::read(&platform, &raw)) else {
        bail!("There is no platform `{platform}`; there are: {}.", known());
    };
    Ok(match read {
        Ok(order) => Reading::Order(order_json(platform, &order)?),
        Err(unreadable) => Reading::Unreadable(json!({
            "platform": platform,
            "error": {
                "kind": "unreadable", "remote_id": unreadable.remote_id, "why": unreadable.why, "context": unreadable.context,
            },
        })),
    })
}

fn order_json(platform: &str, order: &ChannelOrder) -> Result<Value> {
    Ok(json!({
        "platform": platform,
        "order": order,
        "totals": totals_json(totals::totals(order))?,
        "tax": order.tax,
        "warnings": order.warnings,
    }))
}

/// R1: an order whose parts do not add up is read, and shown as an error with both figures.
fn totals_json(totals: Result<Totals, TotalsError>) -> Result<Value> {
    let totals = match totals {
        Ok(totals) => totals,
        Err(error @ TotalsError::DoNotAddUp { parts, total }) => {
            let figures = json!({"kind": "do_not_add_up", "why": error.to_string(), "parts": parts, "total": total});
            return Ok(json!({ "error": figures }));
        }
        Err(TotalsError::Money(error)) => return Err(error).context("The order's amounts cannot be added up"),
    };
    let Totals { buyer_total, marketplace_tax, marketplace_discount, store_total, seller_tax } = totals;
    Ok(json!({
        "buyer_total": buyer_total, "marketplace_tax": marketplace_tax, "marketplace_discount": marketplace_discount,
        "store_total": store_total, "seller_tax": seller_tax,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(platform: &str, name: &str, text: &str) -> Reading {
        let file = std::env::temp_dir().join(format!("tributary-read-{}-{name}", std::process::id()));
        std::fs::write(&file, text).unwrap();
        let reading = read(platform, &file).unwrap();
        std::fs::remove_file(file).unwrap();
        reading
    }

    fn ebay_fixture(name: &str) -> Reading {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/connectors/ebay/tests/fixtures");
        read("ebay", &fixtures.join(name).with_extension("json")).unwrap()
    }

    #[test]
    fn an_ebay_order_is_read_with_its_store_total() {
        let Reading::Order(json) = ebay_fixture("tax_collected_by_ebay") else { panic!("it can be read") };
        assert_eq!(json["totals"]["store_total"], serde_json::to_value(money("45.00 USD")).unwrap());
        assert_eq!(json["totals"]["marketplace_tax"], serde_json::to_value(money("3.71 USD")).unwrap());
        assert_eq!(json["tax"], "known");
        assert_eq!(json["order"]["lines"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn amounts_that_do_not_add_up_are_told_with_both_figures() {
        let Reading::Order(json) = ebay_fixture("amounts_that_do_not_add_up") else { panic!("it can be read") };
        assert_eq!(json["totals"]["error"]["kind"], "do_not_add_up");
        assert_ne!(json["totals"]["error"]["parts"], json["totals"]["error"]["total"]);
    }

    #[test]
    fn a_woocommerce_order_is_read() {
        let Reading::Order(json) = read_text("woocommerce", "order", WOOCOMMERCE) else { panic!("it can be read") };
        assert_eq!(json["totals"]["store_total"], serde_json::to_value(money("25.98 EUR")).unwrap());
        assert_eq!(json["tax"], "unknown");
        assert_eq!(json["order"]["lines"][0]["quantity"], 2);
        assert_eq!(json["warnings"], json!([]));
    }

    #[test]
    fn what_cannot_be_read_is_a_typed_error() {
        for platform in registry::platforms() {
            let Reading::Unreadable(json) = read_text(platform, "broken", "{\"id\": 7, \"orderId\": \"7\"}") else {
                panic!("{platform}: it is no order")
            };
            assert_eq!(json["error"]["kind"], "unreadable", "{platform}");
            assert!(json["error"]["why"].as_str().unwrap().ends_with('.'), "{platform}");
        }
    }

    #[test]
    fn a_wrong_platform_and_a_missing_file_are_one_sentence() {
        let error = read("ebay", Path::new("no-such-order.json")).unwrap_err();
        assert!(format!("{error:#}").starts_with("Cannot read no-such-order.json: "), "{error:#}");
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let error = read("myspace", &here).unwrap_err().to_string();
        let known = registry::platforms().collect::<Vec<_>>().join(", ");
        assert_eq!(error, format!("There is no platform `myspace`; there are: {known}."));
    }

    fn money(text: &str) -> domain::Money {
        let (amount, currency) = text.split_once(' ').unwrap();
        domain::Money::from_minor(amount.replace('.', "").parse().unwrap(), currency.parse().unwrap())
    }

    /// Made up, in the shape of <https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties>.
    const WOOCOMMERCE: &str = r#"{
        "id": 731, "number": "731", "status": "processing", "currency": "EUR", "prices_include_tax": false,
        "created_via": "checkout", "customer_note": "", "payment_method": "bacs", "payment_method_title": "Bank transfer",
        "transaction_id": "", "date_created_gmt": "2026-11-18T09:00:00", "date_modified_gmt": "2026-11-18T09:00:05",
        "date_paid_gmt": "2026-11-18T09:00:05", "discount_total": "0.00", "discount_tax": "0.00", "shipping_total": "3.98",
        "shipping_tax": "0.00", "cart_tax": "0.00", "total": "25.98", "total_tax": "0.00", "customer_id": 0,
        "billing": {"first_name": "Ada", "last_name": "Example", "company": "", "address_1": "1 Example Street", "address_2": "",
            "city": "Bern", "state": "BE", "postcode": "3001", "country": "CH", "email": "ada@example.com", "phone": ""},
        "shipping": {"first_name": "Ada", "last_name": "Example", "company": "", "address_1": "1 Example Street", "address_2": "",
            "city": "Bern", "state": "BE", "postcode": "3001", "country": "CH", "phone": ""},
        "line_items": [{"id": 11, "name": "Cup", "product_id": 21, "variation_id": 0, "quantity": 2, "tax_class": "",
            "subtotal": "22.00", "subtotal_tax": "0.00", "total": "22.00", "total_tax": "0.00", "taxes": [], "meta_data": [],
            "sku": "CUP", "price": 11}],
        "tax_lines": [], "fee_lines": [], "coupon_lines": [], "refunds": [], "meta_data": [],
        "shipping_lines": [{"id": 12, "method_title": "Post", "method_id": "flat_rate", "total": "3.98", "total_tax": "0.00",
            "taxes": [], "meta_data": []}]
    }"#;
}
