//! A listing's inventory as a document: one quantity of it changes, everything else is written back as it was read.
//! Pure: no clock, no network.

use connect::{ConnectError, ErrorKind};
use domain::Sku;
use serde_json::value::RawValue;

use crate::map::decimal;
use crate::wire::{
    InventoryUpdate, ListingInventory, ListingInventoryProduct, ListingInventoryProductOffering, ListingPropertyValue,
    OfferingUpdate, ProductUpdate, PropertyValueUpdate,
};

const OPERATION: &str = "etsy.update_listing_inventory";

/// More of one product cannot be offered.
/// <https://newreleases.io/project/github/etsy/open-api/release/3.0.0-general-release-2022-01-14>
const MOST: u32 = 999;

/// A product by its place in the inventory, and how many of it there are to be.
pub struct Wanted {
    pub product: usize,
    pub quantity: u32,
}

/// What is to be written.
pub struct Change {
    pub update: InventoryUpdate,
    /// Nothing is left: the listing leaves the shop.
    pub takes_out: bool,
    /// We took it out earlier: it goes back on sale afterwards.
    pub brings_back: bool,
    /// Out of sale already, by us, by the owner or by Etsy.
    pub nothing_to_do: bool,
}

fn refused(kind: ErrorKind, message: &str) -> ConnectError {
    ConnectError::new(kind, OPERATION, message).without_effect()
}

/// The place of a product: by its id, else by its SKU, else the only one there is. Etsy gives products new ids when their
/// properties change, so a SKU that one product has stands in for an id that none has.
pub fn find(inventory: &ListingInventory, product: Option<u64>, sku: Option<&Sku>) -> Result<usize, ConnectError> {
    let all: Vec<usize> =
        (0..inventory.products.len()).filter(|at| inventory.products[*at].is_deleted != Some(true)).collect();
    let is = |at: &&usize| product.is_some() && inventory.products[**at].product_id == product;
    if let Some(at) = all.iter().find(is) {
        return Ok(*at);
    }
    let has = |at: &usize| {
        let own = inventory.products[*at].sku.as_deref().map(str::trim);
        sku.is_some_and(|sku| own == Some(sku.as_str()))
    };
    let same: Vec<usize> = all.iter().copied().filter(has).collect();
    match (&same[..], &all[..]) {
        ([at], _) => Ok(*at),
        // Which of several sells it is not for us to choose.
        ([_, _, ..], _) => {
            Err(refused(ErrorKind::InvalidOrder, "Several variations of this Etsy listing have the same SKU."))
        }
        ([], [only]) if product.is_none() => Ok(*only),
        ([], [_, _, ..]) if product.is_none() && sku.is_none() => {
            Err(refused(ErrorKind::InvalidOrder, "This Etsy listing has variations: link each of them."))
        }
        _ => Err(refused(ErrorKind::NotFound, "Etsy does not have this variation (any more).")),
    }
}

/// Whether we took the listing out of sale: Etsy wants one offering to hold at least one piece, so that one is hidden.
/// <https://github.com/etsy/open-api/issues/560>
pub fn is_taken_out(state: &str, inventory: &ListingInventory) -> bool {
    let left = offerings(inventory).filter(|offering| offering.quantity.unwrap_or_default() > 0);
    let mut left = left.peekable();
    state == "inactive"
        && left.peek().is_some()
        && left.all(|offering| offering.quantity == Some(1) && offering.is_enabled == Some(false))
}

fn offerings(inventory: &ListingInventory) -> impl Iterator<Item = &ListingInventoryProductOffering> {
    let products = inventory.products.iter().filter(|product| product.is_deleted != Some(true));
    products.flat_map(there)
}

fn there(product: &ListingInventoryProduct) -> impl Iterator<Item = &ListingInventoryProductOffering> {
    product.offerings.iter().filter(|offering| offering.is_deleted != Some(true))
}

/// What has to be written so that the products have their quantities.
pub fn change(found: &ListingInventory, state: &str, wanted: &[Wanted]) -> Result<Change, ConnectError> {
    let ours = is_taken_out(state, found);
    let mut quantities: Vec<Option<u32>> = found.products.iter().map(|_| None).collect();
    for wanted in wanted {
        for at in sharing(found, wanted.product) {
            quantities[at] = Some(wanted.quantity.min(MOST));
        }
    }
    let mut products = Vec::new();
    for (product, quantity) in found.products.iter().zip(&quantities) {
        if product.is_deleted != Some(true) {
            products.push((update(product, *quantity, ours)?, quantity.is_some()));
        }
    }
    let left = products.iter().flat_map(|(product, _)| &product.offerings).any(|offering| offering.quantity > 0);
    let nothing_to_do = !left && state != "active";
    if !left {
        let targets = products.iter_mut().filter(|(_, target)| *target);
        for offering in targets.flat_map(|(product, _)| &mut product.offerings) {
            (offering.quantity, offering.is_enabled) = (1, false);
        }
    }
    Ok(Change {
        update: InventoryUpdate {
            products: products.into_iter().map(|(product, _)| product).collect(),
            price_on_property: found.price_on_property.clone(),
            quantity_on_property: found.quantity_on_property.clone(),
            sku_on_property: found.sku_on_property.clone(),
            readiness_state_on_property: found.readiness_state_on_property.clone(),
        },
        takes_out: !left && state == "active",
        brings_back: left && ours,
        nothing_to_do,
    })
}

/// The products that have one quantity with this one: those alike in every property by which quantities differ.
fn sharing(inventory: &ListingInventory, product: usize) -> Vec<usize> {
    let key = |product: &ListingInventoryProduct| {
        let values = product.property_values.iter();
        let values = values.filter(|value| {
            value.property_id.is_some_and(|property| inventory.quantity_on_property.contains(&property))
        });
        values.map(|value| (value.property_id, value.value_ids.clone(), value.values.clone())).collect::<Vec<_>>()
    };
    let own = inventory.products.get(product).map(key);
    (0..inventory.products.len()).filter(|at| inventory.products.get(*at).map(key) == own).collect()
}

fn update(product: &ListingInventoryProduct, quantity: Option<u32>, ours: bool) -> Result<ProductUpdate, ConnectError> {
    let offering = |offering: &ListingInventoryProductOffering| -> Result<OfferingUpdate, ConnectError> {
        let hidden_by_us = ours && offering.quantity.unwrap_or_default() > 0;
        let kept = if hidden_by_us { 0 } else { offering.quantity.unwrap_or_default() };
        let price = offering.price.as_ref().and_then(decimal).and_then(|price| RawValue::from_string(price).ok());
        let price = price.ok_or_else(|| {
            refused(ErrorKind::Decode, "Etsy sent a listing whose price could not be read.").with_context("price")
        })?;
        Ok(OfferingUpdate {
            price,
            quantity: quantity.unwrap_or(kept),
            is_enabled: hidden_by_us || offering.is_enabled.unwrap_or(true),
            readiness_state_id: offering.readiness_state_id,
        })
    };
    Ok(ProductUpdate {
        sku: product.sku.clone(),
        property_values: product.property_values.iter().filter_map(property_value).collect(),
        offerings: there(product).map(offering).collect::<Result<_, _>>()?,
    })
}

fn property_value(value: &ListingPropertyValue) -> Option<PropertyValueUpdate> {
    Some(PropertyValueUpdate {
        property_id: value.property_id?,
        value_ids: value.value_ids.clone(),
        scale_id: value.scale_id,
        property_name: value.property_name.clone(),
        values: value.values.clone(),
    })
}

/// Whether Etsy's answer has every quantity that was written.
pub fn shows(after: &ListingInventory, update: &InventoryUpdate) -> bool {
    let mut shown: Vec<u32> = offerings(after).map(|offering| offering.quantity.unwrap_or_default()).collect();
    let written = update.products.iter().flat_map(|product| &product.offerings);
    let mut written: Vec<u32> = written.map(|offering| offering.quantity).collect();
    shown.sort_unstable();
    written.sort_unstable();
    shown == written
}

#[cfg(test)]
#[path = "inventory/tests.rs"]
mod tests;
