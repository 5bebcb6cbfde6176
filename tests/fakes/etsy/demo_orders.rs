//! The demo's shop: the catalogue that the demo's main store holds too, and an order of every kind.

use iso_currency::Currency;

use super::{LineSpec, Listing, ReceiptSpec};
use crate::ebay::CATALOGUE;

/// The catalogue as Etsy sells it.
pub fn demo_listings() -> Vec<Listing> {
    let listing = |(id, product): (u64, &crate::ebay::Product)| {
        Listing::single(id, product.sku, product.title, product.price, product.stock)
    };
    (1_200_000_001..).zip(&CATALOGUE).map(listing).collect()
}

/// Eight orders without dates: each is created when it is placed.
pub fn demo_orders() -> Vec<ReceiptSpec> {
    let order = |number: u64| ReceiptSpec::new(3_100_000_000 + number);
    let line = |sku: &str, quantity: u32, unit_price: i64| {
        let title = CATALOGUE.iter().find(|product| product.sku == sku).map_or(sku, |product| product.title);
        LineSpec::new(sku, quantity, unit_price).title(title)
    };
    let mut canceled = order(8).line_of(line("HONEY-340", 1, 650)).shipping(420).canceled();
    canceled.paid = false;
    let mut american = order(4).currency(Currency::USD).line_of(line("TEA-POT-BLUE", 1, 3200)).shipping(1250);
    american = american.sales_tax(285);
    (american.buyer.country, american.buyer.state, american.buyer.zip) =
        ("US".to_owned(), Some("CA".to_owned()), "92101".to_owned());
    vec![
        order(1).line_of(line("TEA-EARL-100", 2, 1500)).line_of(line("MUG-WHITE-35", 1, 2200)).discount(520),
        order(2)
            .line_of(line("TEA-POT-BLUE", 1, 2450).personalised("For Grace, with love"))
            .gift_wrap(350)
            .gift_message("Happy birthday!")
            .note("Please leave it with the neighbour"),
        order(3).line_of(line("KETTLE-1L7", 1, 3999)).shipping(590).vat_included(733),
        american,
        order(5).line_of(line("SPOON-SET-6", 1, 1295)).shipping(390).without_email(),
        order(6).line_of(line("MUG-BLACK-35", 6, 749)).shipping(690),
        order(7).line_of(line("TOWEL-LINEN", 2, 525)).shipping(350).unpaid(),
        canceled,
    ]
}
