//! Orders of every kind that Amazon has, for a demonstration.

use iso_currency::Currency;
use serde_json::json;

use super::listings::ListedItem;
use super::order_spec::{Collector, LineSpec, OrderSpec};
use super::{MARKETPLACES, TaxStyle};

/// How many orders [`demo_orders`] places.
pub const DEMO_ORDERS: usize = 8;

/// What is for sale, by SKU: title, price in pence, stock. The demo's main store has it too.
const GOODS: [(&str, &str, i64, i64); 3] = [
    ("TEA-EARL-100", "Earl Grey, 100 bags", 899, 120),
    ("MUG-WHITE-35", "White mug, 350 ml", 1250, 40),
    ("KETTLE-1L7", "Kettle, 1.7 l", 3499, 15),
];

/// The listings of the demo, one of them in Amazon's warehouse.
pub fn demo_listings() -> Vec<ListedItem> {
    let own = GOODS.map(|(sku, title, _, stock)| ListedItem::new(sku, title, stock));
    own.into_iter().chain([ListedItem::new("TEAPOT-FBA", "Teapot, 1 l", 0).by_amazon()]).collect()
}

fn line(sku: &str, quantity: u32) -> LineSpec {
    let (_, title, price, _) = GOODS.into_iter().find(|(known, ..)| *known == sku).unwrap_or(GOODS[0]);
    LineSpec { title: title.to_owned(), ..LineSpec::new(sku, quantity, price) }
}

/// One order of each kind, the same every time.
pub fn demo_orders() -> Vec<OrderSpec> {
    let order = |number: u32| OrderSpec::new(&format!("204-{:07}-{:07}", 1_000_000 + number, 4_200_000 + number * 17));
    let german = json!({
        "name": "Erika Muster", "addressLine1": "Musterweg 5", "city": "Berlin", "postalCode": "10115",
        "countryCode": "DE", "phone": "+49 30 5550100", "addressType": "RESIDENTIAL",
    });
    let mut gift = order(6).line_of(line("MUG-WHITE-35", 2).gift(399, "Happy birthday, Tom!")).shipping(299);
    gift.instruction = Some("Please leave it with the neighbour".to_owned());
    let mut import = order(5)
        .marketplace(MARKETPLACES[1])
        .currency(Currency::EUR)
        .line_of(LineSpec { tax: 1900, collector: Collector::Ioss, ..LineSpec::new("KETTLE-1L7", 2, 5000) })
        .taxed(TaxStyle::OnTop);
    import.address = Some(german);
    "Erika Muster".clone_into(&mut import.buyer_name);
    let warehouse = LineSpec { title: "Teapot, 1 l".to_owned(), ..LineSpec::new("TEAPOT-FBA", 5, 2999) };
    vec![
        order(1).line_of(line("TEA-EARL-100", 2)).shipping(399),
        order(2).line_of(line("KETTLE-1L7", 1)).pending().without_pending_amounts(),
        order(3).line_of(warehouse).by_amazon(),
        order(4).line_of(line("MUG-WHITE-35", 1).tax(250, Collector::Amazon).shipping(399).shipping_tax(80)),
        import,
        gift,
        // To be sent in two packages.
        order(7).line_of(line("TEA-EARL-100", 3).discount(270)).line_of(line("KETTLE-1L7", 1)).shipping(499),
        order(8).line_of(line("MUG-WHITE-35", 1)).canceled(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_holds_one_order_of_each_kind() {
        let orders = demo_orders();
        assert_eq!(orders.len(), DEMO_ORDERS);
        assert_eq!(orders.iter().filter(|order| order.by_amazon).count(), 1);
        assert!(orders.iter().any(|order| order.lines.iter().any(|line| line.gift.is_some())));
        assert!(orders.iter().any(|order| order.sellers_total() < order.total()));
        let ids: std::collections::BTreeSet<_> = orders.iter().map(|order| &order.id).collect();
        assert_eq!(ids.len(), orders.len());
    }
}
