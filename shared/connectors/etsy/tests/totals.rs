//! R1 as a property: whatever lines, coupon, wrap, taxes and shipping, the parts reach the store's total to the cent.

use connector_etsy::read;
use domain::totals::totals;
use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
struct Receipt {
    /// (quantity, price of one)
    lines: Vec<(u32, i64)>,
    /// Share of the goods in percent.
    discount: i64,
    shipping: i64,
    wrap: i64,
    sales_tax: i64,
    vat: i64,
    vat_included: bool,
    wrap_in_total: bool,
    yen: bool,
}

fn receipts() -> impl Strategy<Value = Receipt> {
    let lines = prop::collection::vec((1_u32..9, 1_i64..100_000), 1..8);
    let amounts = (0_i64..90, 0_i64..5_000, 0_i64..900, 0_i64..900, 0_i64..900);
    (lines, amounts, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(lines, (discount, shipping, wrap, sales_tax, vat), vat_included, wrap_in_total, yen)| Receipt {
            lines,
            discount,
            shipping,
            wrap,
            sales_tax,
            vat,
            vat_included,
            wrap_in_total,
            yen,
        },
    )
}

impl Receipt {
    fn goods(&self) -> i64 {
        self.lines.iter().map(|(quantity, price)| i64::from(*quantity) * price).sum()
    }

    fn discount(&self) -> i64 {
        self.goods() * self.discount / 100
    }

    /// What the buyer paid.
    fn total(&self) -> i64 {
        let vat = if self.vat_included { 0 } else { self.vat };
        self.goods() - self.discount() + self.shipping + self.wrap + self.sales_tax + vat
    }

    fn json(&self) -> Value {
        let (code, divisor) = if self.yen { ("JPY", 1) } else { ("EUR", 100) };
        let money = |amount: i64| json!({"amount": amount, "divisor": divisor, "currency_code": code});
        let transactions = self.lines.iter().enumerate().map(|(at, (quantity, price))| {
            json!({"transaction_id": at + 1, "listing_id": 1, "quantity": quantity, "price": money(*price)})
        });
        let shown = if self.wrap_in_total { self.total() } else { self.total() - self.wrap };
        json!({
            "receipt_id": 1, "created_timestamp": 1_794_992_400, "updated_timestamp": 1_794_992_400, "status": "paid",
            "is_paid": true, "grandtotal": money(shown), "total_price": money(self.goods()),
            "discount_amt": money(self.discount()), "total_shipping_cost": money(self.shipping),
            "gift_wrap_price": money(self.wrap), "total_tax_cost": money(self.sales_tax),
            "total_vat_cost": money(self.vat), "transactions": transactions.collect::<Vec<_>>(),
        })
    }
}

proptest! {
    #[test]
    fn the_parts_reach_the_store_total_however_etsy_counts_them(receipt in receipts()) {
        let read = read(receipt.json().to_string().as_bytes()).unwrap();
        let sums = totals(&read).unwrap();
        // Where amounts happen to be alike, another reading gives the same total.
        prop_assert_eq!(sums.store_total, sums.buyer_total.checked_sub(sums.marketplace_tax).unwrap());
        prop_assert_eq!(sums.marketplace_tax.minor(), receipt.sales_tax + receipt.vat);
        prop_assert!(sums.seller_tax.is_zero());
        let lines: i64 = read.lines.iter().map(|line| line.charge.gross.minor()).sum();
        let discounts: i64 =
            read.lines.iter().filter_map(|line| line.charge.seller_discount).map(domain::Money::minor).sum();
        prop_assert_eq!((lines, discounts), (receipt.goods(), receipt.discount()));
        let whole = [receipt.wrap, receipt.sales_tax, receipt.vat].iter().all(|part| *part > 0);
        let apart = receipt.wrap != receipt.vat && receipt.wrap != receipt.sales_tax
            && receipt.wrap != receipt.vat + receipt.sales_tax && receipt.vat != receipt.sales_tax;
        if whole && apart {
            prop_assert_eq!(sums.buyer_total.minor(), receipt.total());
        }
    }
}
