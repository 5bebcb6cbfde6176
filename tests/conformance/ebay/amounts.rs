//! The amounts of every order add up, read from the JSON alone, as eBay's description of each field says.

use iso_currency::Currency;
use serde_json::Value;

use crate::caller::{Caller, ORDERS};
use crate::matrix::any_order;

/// An `Amount` in minor units, or 0 where the container is absent.
fn minor(amount: &Value, currency: Currency) -> i64 {
    if amount.is_null() {
        return 0;
    }
    assert_eq!(amount["currency"], currency.code());
    let text = amount["value"].as_str().unwrap();
    let (whole, fraction) = text.split_once('.').unwrap();
    let scale = usize::from(currency.exponent().unwrap());
    assert!(!fraction.is_empty() && fraction.trim_end_matches('0').len() <= scale, "{text}");
    let fraction: String = format!("{fraction:0<2}").chars().take(scale).collect();
    format!("{whole}{fraction}").parse().unwrap()
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

struct Read {
    total: i64,
    collected_in_taxes: i64,
    collected: i64,
}

fn check(order: &Value, currency: Currency, tax_breakdown: bool) -> Read {
    let money = |amount: &Value| minor(amount, currency);
    let pricing = &order["pricingSummary"];
    let (mut cost, mut discount, mut shipping, mut shipping_discount, mut totals) = (0, 0, 0, 0, 0);
    let (mut taxes, mut collected, mut collected_in_taxes) = (0, 0, 0);
    for line in items(order, "lineItems") {
        let promoted: i64 = items(line, "appliedPromotions").iter().map(|p| money(&p["discountAmount"])).sum();
        let line_taxes: i64 = items(line, "taxes").iter().map(|tax| money(&tax["amount"])).sum();
        let discounted = if promoted == 0 { &line["lineItemCost"] } else { &line["discountedLineItemCost"] };
        assert_eq!(money(&line["lineItemCost"]) - promoted, money(discounted));
        assert_eq!(
            money(&line["total"]),
            money(discounted) + money(&line["deliveryCost"]["shippingCost"]) + line_taxes
        );
        for tax in items(line, "taxes") {
            assert_eq!(tax["taxType"].is_string(), tax_breakdown, "the type is given with TAX_BREAKDOWN only");
        }
        for tax in items(line, "ebayCollectAndRemitTaxes") {
            collected += money(&tax["amount"]);
            let same = |other: &&Value| other["taxType"] == tax["taxType"] && other["amount"] == tax["amount"];
            if items(line, "taxes").iter().any(|other| same(&other)) {
                collected_in_taxes += money(&tax["amount"]);
            }
        }
        cost += money(&line["lineItemCost"]);
        discount += promoted;
        shipping += money(&line["deliveryCost"]["shippingCost"]);
        shipping_discount += money(&line["deliveryCost"]["discountAmount"]);
        taxes += line_taxes;
        totals += money(&line["total"]);
    }
    let adjustment = money(&pricing["adjustment"]);
    assert_eq!(money(&pricing["priceSubtotal"]), cost);
    assert_eq!(money(&pricing["priceDiscount"]), -discount);
    assert_eq!(money(&pricing["deliveryCost"]), shipping + shipping_discount);
    assert_eq!(money(&pricing["deliveryDiscount"]), -shipping_discount);
    let total = money(&pricing["total"]);
    assert_eq!(total, totals + adjustment);
    let parts = ["priceSubtotal", "priceDiscount", "deliveryCost", "deliveryDiscount", "adjustment", "tax", "fee"];
    let sum: i64 = parts.iter().map(|part| money(&pricing[*part])).sum();
    if tax_breakdown {
        assert_eq!(sum, total);
        assert_eq!(money(&pricing["tax"]) + money(&pricing["fee"]), taxes);
    } else {
        assert_eq!(pricing["fee"], Value::Null, "fees are given with TAX_BREAKDOWN only");
    }
    assert_eq!(order["ebayCollectAndRemitTax"] == true, collected > 0);
    Read { total, collected_in_taxes, collected }
}

#[tokio::test]
async fn the_amounts_of_every_order_add_up_with_and_without_tax_breakdown() {
    let caller = Caller::start().await;
    for seed in 0..400 {
        let spec = any_order(seed);
        let (id, currency, sums) = (spec.id.clone(), spec.currency, spec.sums(true));
        caller.fake.place(spec);
        let path = format!("{ORDERS}/{id}");
        let with = check(&caller.get(&path, &[("fieldGroups", "TAX_BREAKDOWN")]).await.json(), currency, true);
        let without = check(&caller.get(&path, &[]).await.json(), currency, false);
        // Some tax amounts coincide by chance, so the match by type and amount finds at least what the totals hold.
        let in_total = with.total - without.total;
        assert!(with.collected_in_taxes >= in_total, "seed {seed}");
        assert!(with.collected >= in_total, "seed {seed}");
        assert_eq!(
            without.total, sums.store_total,
            "seed {seed}: without TAX_BREAKDOWN no collected tax is in the total"
        );
        assert_eq!(with.total, sums.total, "seed {seed}");
    }
    assert!(caller.fake.violations().is_empty());
}
