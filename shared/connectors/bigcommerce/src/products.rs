//! Products, their variants and their stock.
//!
//! A product's stock is kept by product, by variant or not at all (`inventory_tracking`), and is moved by the same name:
//! "Item with `variant_id` 106 is tracked by product, please update stock by product id".

use std::collections::{BTreeMap, BTreeSet};

use connect::{ConnectError, ErrorKind, Listing, Page, PageToken, Product, QuantityUpdate, StockLevel, StockMove};
use domain::{ListingKey, ProductId, Sku};
use rust_decimal::prelude::ToPrimitive;
use serde_json::value::RawValue;

use crate::api::{Api, Query};
use crate::body::{AdjustedItem, Adjustment};
use crate::error::refused;
use crate::ids::Item;
use crate::paging;
use crate::wire;

/// What is read of a product; its description alone may be longer than all of it.
const FIELDS: [(&str, &str); 2] = [
    ("include", "variants"),
    ("include_fields", "name,sku,upc,gtin,inventory_tracking,inventory_level,is_visible,availability"),
];
const PAGE: &str = "50";
/// Ids or SKUs in one look-up: as many as an address can safely hold.
const ASKED: usize = 50;
/// Items in one adjustment; the vendor takes 2,000.
const ADJUSTED: usize = 500;

/// By what the stock of a product is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tracking {
    None,
    Product,
    Variant,
}

/// What can be sold: a variant, the only one of a simple product too.
#[derive(Clone)]
struct Sold {
    item: Item,
    name: String,
    sku: Option<Sku>,
    barcode: Option<String>,
    active: bool,
    tracking: Tracking,
    level: Option<i64>,
}

impl Sold {
    fn product(self) -> Option<Product> {
        let Self { item, name, sku, barcode, level, .. } = self;
        Some(Product { id: item.product_id()?, sku, barcode, stock: level, name })
    }

    fn listing(self) -> Listing {
        let Self { item, name, sku, barcode, active, level, .. } = self;
        Listing { key: item.listing(), sku, barcode, active, quantity: level, title: name }
    }

    /// `None`: its stock is not kept.
    fn adjusted(&self, location_id: u64, quantity: i64) -> Option<AdjustedItem> {
        let (product_id, variant_id) = match self.tracking {
            Tracking::None => return None,
            Tracking::Product => (Some(self.item.product), None),
            Tracking::Variant => (None, self.item.variant),
        };
        Some(AdjustedItem { location_id, variant_id, product_id, quantity })
    }
}

fn sold_of(product: &wire::Product) -> Vec<Sold> {
    let tracking = match product.inventory_tracking.as_str() {
        "product" => Tracking::Product,
        "variant" => Tracking::Variant,
        _ => Tracking::None,
    };
    let is_simple = product.variants.len() <= 1;
    let active = product.is_visible && product.availability != "disabled";
    let first = |texts: [&str; 2]| texts.into_iter().map(str::trim).find(|text| !text.is_empty()).map(str::to_owned);
    let own = |variant: Option<&wire::Variant>| {
        let labels = variant.map(|variant| variant.option_values.iter().map(|value| value.label.as_str()));
        let labels: Vec<&str> = labels.into_iter().flatten().filter(|label| !label.is_empty()).collect();
        let name = [product.name.as_str(), &labels.join(", ")].join(" - ");
        let sku = variant.and_then(|variant| Sku::new(&variant.sku).ok());
        let codes = variant.and_then(|variant| first([&variant.gtin, &variant.upc]));
        let level = match (tracking, variant) {
            (Tracking::None, _) => None,
            (Tracking::Product, _) | (Tracking::Variant, None) => Some(product.inventory_level),
            (Tracking::Variant, Some(variant)) => Some(variant.inventory_level),
        };
        Sold {
            item: Item { product: product.id, variant: variant.map(|variant| variant.id) },
            name: name.trim_end_matches(" - ").to_owned(),
            sku: sku.or_else(|| is_simple.then(|| Sku::new(&product.sku).ok())?),
            barcode: codes.or_else(|| is_simple.then(|| first([&product.gtin, &product.upc]))?),
            active: active && !variant.is_some_and(|variant| variant.purchasing_disabled),
            tracking,
            level: level.and_then(|level| level.0.floor().to_i64()),
        }
    };
    if product.variants.is_empty() {
        return vec![own(None)];
    }
    product.variants.iter().map(|variant| own(Some(variant))).collect()
}

/// A product that cannot be read is left out and named in the log.
fn readable(raw: &RawValue) -> Option<wire::Product> {
    match json::from_str(raw.get()) {
        Ok(product) => Some(product),
        Err(error) => {
            tracing::warn!(
                "a product of the store cannot be read: {:?} at column {}",
                error.classify(),
                error.column()
            );
            None
        }
    }
}

struct Read {
    sold: Vec<Sold>,
    next: Option<PageToken>,
    server_time: Option<jiff::Timestamp>,
}

/// One page of the catalogue, or of a part of it.
async fn page(
    api: &Api,
    operation: &'static str,
    filter: Query<'_>,
    token: Option<&PageToken>,
) -> Result<Read, ConnectError> {
    let after = paging::after(operation, token)?;
    let greater = after.to_string();
    let place = [("id:greater", greater.as_str()), ("sort", "id"), ("direction", "asc"), ("limit", PAGE)];
    let read = api.products(operation, &[filter, &place, &FIELDS].concat()).await?;
    let products: Vec<wire::Product> = read.value.iter().filter_map(|raw| readable(raw)).collect();
    let mut sold: Vec<Sold> = products.iter().flat_map(sold_of).collect();
    if api.config.has_chosen_location {
        at_location(api, &products, &mut sold).await?;
    }
    Ok(Read { sold, next: paging::next(&read.value, after), server_time: read.server_time })
}

/// What the chosen location has to sell; the catalogue tells what all of them have.
async fn at_location(api: &Api, products: &[wire::Product], sold: &mut [Sold]) -> Result<(), ConnectError> {
    if products.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = products.iter().map(|product| product.id.to_string()).collect();
    let mut levels: BTreeMap<(u64, u64), i64> = BTreeMap::new();
    for number in 1_u32.. {
        let items = api.location_items(&ids.join(","), number).await?;
        let before = levels.len();
        levels.extend(items.iter().filter_map(|item| {
            let level = item.available_to_sell.0.floor().to_i64()?;
            Some(((item.identity.product_id, item.identity.variant_id), level))
        }));
        if levels.len() == before {
            break;
        }
    }
    for one in sold.iter_mut().filter(|one| one.tracking != Tracking::None) {
        let of_product =
            || levels.iter().filter(|((product, _), _)| *product == one.item.product).map(|(_, level)| *level);
        one.level = match one.tracking {
            Tracking::Variant => levels.get(&(one.item.product, one.item.variant.unwrap_or(0))).copied(),
            Tracking::Product | Tracking::None => of_product().next(),
        }
        // A location that never had any has none.
        .or(Some(0));
    }
    Ok(())
}

async fn every(api: &Api, operation: &'static str, filter: Query<'_>) -> Result<Vec<Sold>, ConnectError> {
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let read = page(api, operation, filter, token.as_ref()).await?;
        all.extend(read.sold);
        token = read.next;
        if token.is_none() {
            return Ok(all);
        }
    }
}

async fn of_products(api: &Api, operation: &'static str, ids: &BTreeSet<u64>) -> Result<Vec<Sold>, ConnectError> {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(ASKED) {
        all.extend(every(api, operation, &[("id:in", &some.join(","))]).await?);
    }
    Ok(all)
}

pub(crate) async fn products(api: &Api, token: Option<&PageToken>) -> Result<Page<Product>, ConnectError> {
    let read = page(api, "bigcommerce.products", &[], token).await?;
    let items = read.sold.into_iter().filter_map(Sold::product).collect();
    Ok(Page { items, next: read.next, server_time: read.server_time })
}

pub(crate) async fn listings(api: &Api, token: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
    let read = page(api, "bigcommerce.listings", &[], token).await?;
    let items = read.sold.into_iter().map(Sold::listing).collect();
    Ok(Page { items, next: read.next, server_time: read.server_time })
}

pub(crate) async fn by_sku(api: &Api, skus: &[Sku]) -> Result<Vec<Product>, ConnectError> {
    let found = sold_by_sku(api, "bigcommerce.products_by_sku", skus).await?;
    Ok(found.into_iter().filter_map(Sold::product).collect())
}

/// Simple products by lists of their SKUs; what is left is a variant's, or nobody's, and is asked for one by one.
async fn sold_by_sku(api: &Api, operation: &'static str, skus: &[Sku]) -> Result<Vec<Sold>, ConnectError> {
    let plain = |sku: &Sku| sku.as_str().to_ascii_lowercase();
    let mut missing: BTreeMap<String, &Sku> = skus.iter().map(|sku| (plain(sku), sku)).collect();
    let wanted: BTreeSet<String> = missing.keys().cloned().collect();
    let mut found: BTreeMap<Item, Sold> = BTreeMap::new();
    let mut keep = |sold: Vec<Sold>, missing: &mut BTreeMap<String, &Sku>| {
        for one in sold {
            let Some(sku) = one.sku.as_ref().map(plain).filter(|sku| wanted.contains(sku)) else { continue };
            missing.remove(&sku);
            found.insert(one.item, one);
        }
    };
    // The vendor would take an SKU with a comma for two.
    let askable: Vec<&str> = skus.iter().map(Sku::as_str).filter(|sku| !sku.contains(',')).collect();
    for some in askable.chunks(ASKED) {
        let sold = every(api, operation, &[("sku:in", &some.join(","))]).await?;
        keep(sold, &mut missing);
    }
    let mut products = BTreeSet::new();
    for sku in missing.values() {
        products.extend(api.variants(sku.as_str()).await?.into_iter().map(|variant| variant.product_id));
    }
    products.remove(&0);
    let sold = of_products(api, operation, &products).await?;
    keep(sold, &mut missing);
    Ok(found.into_values().collect())
}

/// Products that the store has no more are missing in the answer.
pub(crate) async fn stock(api: &Api, products: &[ProductId]) -> Result<Vec<StockLevel>, ConnectError> {
    let operation = "bigcommerce.stock";
    let asked =
        products.iter().map(|id| Ok((id, Item::of(operation, id)?))).collect::<Result<Vec<_>, ConnectError>>()?;
    let sold = of_products(api, operation, &asked.iter().map(|(_, item)| item.product).collect()).await?;
    let level = |(id, item): &(&ProductId, Item)| {
        let sold = sold.iter().find(|sold| sold.item.fits(*item))?;
        Some(StockLevel { product: (*id).clone(), quantity: sold.level })
    };
    Ok(asked.iter().filter_map(level).collect())
}

/// The vendor adds the difference itself. Its answer names no level, and what is read right after may be the old one ("a
/// short delay before data is updated"), so the level is the one before with the difference.
pub(crate) async fn move_stock(api: &Api, stock_move: &StockMove) -> Result<StockLevel, ConnectError> {
    let operation = "bigcommerce.move_stock";
    let item = Item::of(operation, &stock_move.product)?;
    let sold = of_products(api, operation, &BTreeSet::from([item.product])).await?;
    let Some(sold) = sold.into_iter().find(|sold| sold.item.fits(item)) else { return Err(no_product(operation)) };
    let product = stock_move.product.clone();
    let Some(adjusted) = sold.adjusted(api.config.location, stock_move.delta) else {
        return Ok(StockLevel { product, quantity: None });
    };
    let reason = format!("Tributary {}", stock_move.key);
    api.adjust_by(&Adjustment { reason, items: vec![adjusted] }).await?;
    Ok(StockLevel { product, quantity: sold.level.map(|level| level.saturating_add(stock_move.delta)) })
}

fn no_product(operation: &'static str) -> ConnectError {
    refused(operation, ErrorKind::NotFound, "The store has no such product (any more).")
}

pub(crate) async fn set_quantities(
    api: &Api,
    updates: &[QuantityUpdate],
) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
    let operation = "bigcommerce.set_quantities";
    let mut results: Vec<Result<(), ConnectError>> = updates.iter().map(|_| Err(no_product(operation))).collect();
    let mut entries: Vec<(usize, AdjustedItem)> = Vec::new();
    let sold = sold_for(api, operation, updates).await?;
    for (index, update) in updates.iter().enumerate() {
        let Some(sold) = sold.iter().find(|sold| is_listing(sold, &update.listing)) else { continue };
        if let Some(adjusted) = sold.adjusted(api.config.location, i64::from(update.quantity)) {
            entries.push((index, adjusted));
        } else {
            let says = "The store does not track this product's stock: switch `Track inventory` on for it.";
            results[index] = Err(refused(operation, ErrorKind::Unsupported, says));
        }
    }
    for some in entries.chunks(ADJUSTED) {
        let items = some.iter().map(|(_, item)| item.clone()).collect();
        match adjust_to(api, items).await {
            Ok(()) => some.iter().for_each(|(index, _)| results[*index] = Ok(())),
            // One that is wrong refuses all: each gets its own answer.
            Err(error) if error.kind == ErrorKind::InvalidOrder => {
                for (index, item) in some {
                    results[*index] = adjust_to(api, vec![item.clone()]).await;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(results)
}

async fn adjust_to(api: &Api, items: Vec<AdjustedItem>) -> Result<(), ConnectError> {
    api.adjust_to(&Adjustment { reason: "Tributary".to_owned(), items }).await
}

async fn sold_for(api: &Api, operation: &'static str, updates: &[QuantityUpdate]) -> Result<Vec<Sold>, ConnectError> {
    let mut products = BTreeSet::new();
    let mut skus = Vec::new();
    for update in updates {
        match &update.listing {
            ListingKey::Listing(id) => products.extend(Item::parse(id).map(|item| item.product)),
            ListingKey::Sku(sku) => skus.push(sku.clone()),
        }
    }
    let mut sold = of_products(api, operation, &products).await?;
    if !skus.is_empty() {
        sold.extend(sold_by_sku(api, operation, &skus).await?);
    }
    Ok(sold)
}

fn is_listing(sold: &Sold, key: &ListingKey) -> bool {
    match key {
        ListingKey::Listing(id) => Item::parse(id).is_some_and(|item| sold.item.fits(item)),
        ListingKey::Sku(sku) => {
            sold.sku.as_ref().is_some_and(|known| known.as_str().eq_ignore_ascii_case(sku.as_str()))
        }
    }
}

#[cfg(test)]
mod tests;
