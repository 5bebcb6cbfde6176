//! The orders that buyers place at the source, and what they buy.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::shop::Product;

/// Both shops have these.
pub const PRODUCTS: [Product; 6] = [
    ("TRIBUTARY-BENCH-1", "Vintage Leather Messenger Bag Brown 15 inch Laptop", "44.99"),
    ("TRIBUTARY-BENCH-2", "Stainless Steel Water Bottle 750ml Insulated Blue", "12.50"),
    ("TRIBUTARY-BENCH-3", "Ceramic Coffee Mug Hand Painted Set of 4", "23.75"),
    ("TRIBUTARY-BENCH-4", "Merino Wool Hiking Socks Size L 3 Pairs", "14.99"),
    ("TRIBUTARY-BENCH-5", "LED Desk Lamp Dimmable USB Charging Port White", "39.90"),
    ("TRIBUTARY-BENCH-6", "Board Game Expansion English Edition 2024", "9.99"),
];

const NAMES: [(&str, &str); 5] =
    [("Margaret", "Thompson"), ("José", "Hernández"), ("Wei", "Zhang"), ("Aoife", "O'Neill"), ("Ewa", "Przykład")];

/// A paid order of one to three lines, no two alike. No e-mail address, so that a real shop writes to nobody.
pub fn body(number: u32, products: &BTreeMap<String, u64>) -> Value {
    let seed = usize::try_from(number).unwrap_or_default();
    let (first_name, last_name) = NAMES[seed % NAMES.len()];
    let lines = (0..=seed % 3).map(|line| {
        let (sku, _, _) = PRODUCTS[(seed + line * 2) % PRODUCTS.len()];
        let quantity = [1, 1, 2, 1, 3][(seed + line) % 5];
        json!({"product_id": products.get(sku), "quantity": quantity})
    });
    let address = json!({
        "first_name": first_name, "last_name": last_name, "company": "",
        "address_1": format!("{} Willow Creek Drive", 100 + seed * 37 % 900), "address_2": format!("Apt {}", seed % 40 + 1),
        "city": "Minneapolis", "state": "MN", "postcode": format!("5{:04}", seed * 7_919 % 10_000), "country": "US",
    });
    json!({
        "status": "processing", "set_paid": true, "payment_method": "bacs", "payment_method_title": "Bank transfer",
        "billing": address, "shipping": address,
        "line_items": lines.collect::<Vec<_>>(),
        "shipping_lines": [{"method_id": "flat_rate", "method_title": "Standard", "total": "5.95"}],
        "meta_data": [{"key": "_new_order_email_sent", "value": "true"}],
    })
}
