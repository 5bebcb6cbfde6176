//! R1 as a property: whatever lines, discounts, taxes, fees and shipping, the parts reach the store's total to the cent.

use connector_ebay::read;
use domain::totals::totals;
use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// `TAX_BREAKDOWN`, as eBay answers it.
    Breakdown,
    /// The same without field group: the tax that eBay keeps is in no total.
    Plain,
    /// `TAX_BREAKDOWN`, where `taxes` does not repeat what eBay keeps.
    Outside,
}

#[derive(Debug, Clone)]
struct Line {
    quantity: u32,
    cost: i64,
    /// Share of the cost in percent.
    discount: i64,
    seller_tax: i64,
    collected: i64,
    fee: i64,
}

#[derive(Debug, Clone)]
struct Order {
    lines: Vec<Line>,
    /// Whether the lines show their discounts, or only the order's sum does.
    discount_on_lines: bool,
    shipping: i64,
    shipping_discount: i64,
    adjustment: i64,
    yen: bool,
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let line = (1_u32..9, 1_i64..100_000, 0_i64..90, 0_i64..900, 0_i64..900, 0_i64..300).prop_map(
        |(quantity, cost, discount, seller_tax, collected, fee)| Line {
            quantity,
            cost,
            discount,
            seller_tax,
            collected,
            fee,
        },
    );
    prop::collection::vec(line, 1..8)
}

fn orders() -> impl Strategy<Value = Order> {
    (lines(), any::<bool>(), 0_i64..5_000, 0_i64..100, -500_i64..500, any::<bool>()).prop_map(
        |(lines, discount_on_lines, shipping, percent, adjustment, yen)| Order {
            lines,
            discount_on_lines,
            shipping,
            shipping_discount: shipping * percent / 100,
            adjustment,
            yen,
        },
    )
}

impl Line {
    fn discount(&self) -> i64 {
        self.cost * self.discount / 100
    }
}

impl Order {
    fn sum(&self, part: impl Fn(&Line) -> i64) -> i64 {
        self.lines.iter().map(part).sum()
    }

    /// RULES R1: what the seller's store must show.
    fn store_total(&self) -> i64 {
        let goods = self.sum(|line| line.cost - line.discount() + line.seller_tax + line.fee);
        goods + self.shipping - self.shipping_discount + self.adjustment
    }

    fn json(&self, told: Told) -> Value {
        let currency = if self.yen { "JPY" } else { "GBP" };
        let money = |minor: i64| {
            let sign = if minor < 0 { "-" } else { "" };
            let minor = minor.abs();
            let value =
                if self.yen { format!("{sign}{minor}.0") } else { format!("{sign}{}.{:02}", minor / 100, minor % 100) };
            json!({"value": value, "currency": currency})
        };
        let tax = |kind: &str, amount: i64| (amount != 0).then(|| json!({"taxType": kind, "amount": money(amount)}));
        let lines = self.lines.iter().enumerate().map(|(at, line)| {
            let repeated = if told == Told::Breakdown { line.collected } else { 0 };
            let taxes = [
                tax("STATE_SALES_TAX", repeated),
                tax("COUNTY_SALES_TAX", line.seller_tax),
                tax("TIRE_RECYCLING_FEE", line.fee),
            ];
            let collected = [tax("STATE_SALES_TAX", line.collected)];
            let mut shown = json!({
                "lineItemId": at.to_string(), "legacyItemId": "1", "quantity": line.quantity,
                "lineItemCost": money(line.cost),
                "taxes": taxes.into_iter().flatten().collect::<Vec<_>>(),
                "ebayCollectAndRemitTaxes": collected.into_iter().flatten().collect::<Vec<_>>(),
            });
            if self.discount_on_lines && line.discount() != 0 {
                shown["discountedLineItemCost"] = money(line.cost - line.discount());
            }
            shown
        });
        let lines: Vec<Value> = lines.collect();
        let collected = if told == Told::Breakdown { self.sum(|line| line.collected) } else { 0 };
        let mut pricing = json!({
            "priceSubtotal": money(self.sum(|line| line.cost)),
            "deliveryCost": money(self.shipping),
            "total": money(self.store_total() + collected),
        });
        let sometimes = [
            ("priceDiscount", -self.sum(Line::discount)),
            ("deliveryDiscount", -self.shipping_discount),
            ("adjustment", self.adjustment),
            ("fee", if told == Told::Plain { 0 } else { self.sum(|line| line.fee) }),
        ];
        for (name, amount) in sometimes.into_iter().filter(|(_, amount)| *amount != 0) {
            pricing[name] = money(amount);
        }
        json!({
            "orderId": "1", "creationDate": "2026-11-18T09:00:00.000Z", "lastModifiedDate": "2026-11-18T09:00:00.000Z",
            "orderPaymentStatus": "PAID", "orderFulfillmentStatus": "NOT_STARTED",
            "pricingSummary": pricing, "lineItems": lines,
        })
    }
}

proptest! {
    #[test]
    fn the_parts_reach_the_store_total_however_ebay_tells_it(order in orders()) {
        for told in [Told::Breakdown, Told::Plain, Told::Outside] {
            let read = read(order.json(told).to_string().as_bytes()).unwrap();
            let sums = totals(&read).unwrap();
            prop_assert_eq!(sums.store_total.minor(), order.store_total(), "{:?}", told);
            prop_assert_eq!(sums.marketplace_tax.minor(), order.sum(|line| line.collected), "{:?}", told);
            prop_assert_eq!(sums.buyer_total.minor(), order.store_total() + order.sum(|line| line.collected), "{:?}", told);
            prop_assert_eq!(sums.seller_tax.minor(), order.sum(|line| line.seller_tax), "{:?}", told);
        }
    }
}
