//! The demo's products, and some orders for them.

use super::buyer::{LineSpec, OrderSpec};
use super::state::Address;
use rust_decimal::Decimal;

/// SKU, title, price in pence, stock.
pub const CATALOGUE: [(&str, &str, i64, i64); 6] = [
    ("TEA-EARL-100", "Earl Grey, 100 g", 1250, 40),
    ("TEA-ASSAM-100", "Assam, 100 g", 990, 25),
    ("TEA-SENCHA-50", "Sencha, 50 g", 1480, 12),
    ("CUP-BLUE", "Cup, blue", 1800, 30),
    ("POT-CAST-IRON", "Teapot, cast iron", 6900, 7),
    ("STRAINER", "Strainer", 450, 100),
];

/// Twelve orders: paid and unpaid, with tax on top and within, with a code.
pub fn demo_orders(currency: &str) -> Vec<OrderSpec> {
    let towns = [
        ("Ada", "Example", "London", "N1 1AA"),
        ("Ben", "Sample", "Leeds", "LS1 1AA"),
        ("Cleo", "Probe", "York", "YO1 7HH"),
    ];
    (0..12_usize)
        .map(|index| {
            let (sku, _, price, _) = CATALOGUE[index % CATALOGUE.len()];
            let (other, _, other_price, _) = CATALOGUE[(index + 2) % CATALOGUE.len()];
            let (first, last, city, zip) = towns[index % towns.len()];
            let quantity = 1 + i64::try_from(index % 3).unwrap_or(0);
            let mut order = OrderSpec::new(currency)
                .line_of(LineSpec::new(sku, quantity, price).tax("VAT", Decimal::new(2, 1), quantity * price / 6))
                .shipping(399)
                .taxes_included()
                .ship_to(Address::new(first, last, "12 High Street", city, zip, "GB"));
            if index % 4 == 1 {
                order = order.line(other, 1, other_price);
            }
            if index % 5 == 2 {
                order = order.code("WELCOME", 200);
            }
            if index % 6 == 5 { order.unpaid() } else { order }
        })
        .collect()
}
