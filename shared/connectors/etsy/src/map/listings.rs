//! Listings: each product of one is sold by itself.

use connect::Listing;
use domain::{ListingKey, Sku};

use super::text;
use crate::stock;
use crate::wire::{ListingInventoryProduct, ShopListing};

/// What is for sale of a listing. Without an inventory record it is one thing.
pub fn listings(wire: &ShopListing) -> Vec<Listing> {
    let Some(id) = wire.listing_id else { return Vec::new() };
    let state = wire.state.as_deref().unwrap_or_default();
    let title = text(wire.title.as_deref()).unwrap_or_default();
    let products: Vec<_> = wire
        .inventory
        .iter()
        .flat_map(|inventory| &inventory.products)
        .filter(|product| product.is_deleted != Some(true))
        .collect();
    if products.is_empty() {
        let key = ListingKey::listing(&id.to_string(), None);
        let active = matches!(state, "active" | "sold_out");
        return vec![Listing { key, sku: None, barcode: None, title, active, quantity: wire.quantity }];
    }
    let ours = wire.inventory.as_ref().is_some_and(|inventory| stock::is_taken_out(state, inventory));
    let listing = |product: &&ListingInventoryProduct| Listing {
        key: ListingKey::listing(&id.to_string(), variation(product).as_deref()),
        sku: text(product.sku.as_deref()).and_then(|sku| Sku::new(sku).ok()),
        barcode: None,
        title: titled(&title, product),
        active: ours || matches!(state, "active" | "sold_out"),
        quantity: if ours { Some(0) } else { quantity(product) },
    };
    products.iter().map(listing).collect()
}

/// The product's id, where the listing has several; see `bought_variation` for the same of an order.
fn variation(product: &ListingInventoryProduct) -> Option<String> {
    product.product_id.filter(|_| !product.property_values.is_empty()).map(|id| id.to_string())
}

fn quantity(product: &ListingInventoryProduct) -> Option<i64> {
    let offerings = product.offerings.iter().filter(|offering| offering.is_deleted != Some(true));
    offerings.filter_map(|offering| offering.quantity).map(i64::from).reduce(i64::saturating_add)
}

fn titled(title: &str, product: &ListingInventoryProduct) -> String {
    let values: Vec<&str> =
        product.property_values.iter().flat_map(|value| &value.values).map(String::as_str).collect();
    if values.is_empty() { title.to_owned() } else { format!("{title} ({})", values.join(", ")) }
}
