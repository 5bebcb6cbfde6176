//! Products, variations and their stock.

use std::collections::BTreeMap;

use connect::{ConnectError, ErrorKind, Listing, Page, PageToken, Product, QuantityUpdate, StockLevel, StockMove};
use domain::{ListingKey, ProductId, Sku};
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::api::{Api, MOST, RawPage};
use crate::body::{Batch, BatchEntry, ProductChanges};
use crate::error::{of_entry, refused};
use crate::ids::Item;
use crate::paging::{self, Position};
use crate::wire;

const FIELDS: &str = "id,parent_id,name,type,status,sku,global_unique_id,manage_stock,stock_quantity,attributes";
const STOCK_FIELDS: &str = "id,manage_stock,stock_quantity";
/// SKUs in one look-up: as many as an address can safely hold.
const SKUS: usize = 25;
/// Products on one page: each variable one costs a call of its own.
const PRODUCTS: &str = "20";

/// What can be sold: a product without variations, or a variation.
struct Sold {
    item: Item,
    name: String,
    product: wire::Product,
}

/// By SKU, whatever its letters' case (capture 90d), variations included (90e). An SKU with a comma cannot be asked
/// for: the shop would take it for two.
pub(crate) async fn by_sku(api: &Api, skus: &[Sku]) -> Result<Vec<Product>, ConnectError> {
    let askable: Vec<&str> = skus.iter().map(Sku::as_str).filter(|sku| !sku.contains(',')).collect();
    let mut found = BTreeMap::new();
    for some in askable.chunks(SKUS) {
        let skus = some.join(",");
        let query =
            [("sku", skus.as_str()), ("orderby", "id"), ("order", "asc"), ("per_page", "100"), ("_fields", FIELDS)];
        let mut position = Some(Position::Start);
        while let Some(at) = position {
            let RawPage { items, pages, .. } = api.list_products(&query, at.number()).await?;
            for product in items.iter().filter_map(|raw| readable(raw)) {
                let (parent, own) = (product.parent_id, product.id);
                let item =
                    if product.kind == "variation" { Item::from_wire(parent, own) } else { Item::from_wire(own, 0) };
                if let Some(item) = item.filter(|_| product.kind != "variable") {
                    found.insert(item, Sold { item, name: product.name.clone(), product });
                }
            }
            position = at.after(pages);
        }
    }
    Ok(found.into_values().filter_map(Sold::product).collect())
}

pub(crate) async fn products(api: &Api, page: Option<&PageToken>) -> Result<Page<Product>, ConnectError> {
    let page = sold(api, page).await?;
    let items = page.items.into_iter().filter_map(Sold::product).collect();
    Ok(Page { items, next: page.next, server_time: page.server_time })
}

pub(crate) async fn listings(api: &Api, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
    let page = sold(api, page).await?;
    Ok(Page {
        items: page.items.into_iter().map(Sold::listing).collect(),
        next: page.next,
        server_time: page.server_time,
    })
}

async fn sold(api: &Api, page: Option<&PageToken>) -> Result<Page<Sold>, ConnectError> {
    let at = paging::parse("woocommerce.products", page)?;
    let query = [("orderby", "id"), ("order", "asc"), ("per_page", PRODUCTS), ("_fields", FIELDS)];
    let RawPage { items, pages, server_time } = api.list_products(&query, at.number()).await?;
    let mut all = Vec::new();
    for product in items.iter().filter_map(|raw| readable(raw)) {
        match product.kind.as_str() {
            "variable" => all.extend(variations(api, &product).await?),
            // A group is not sold itself, only what is in it.
            "grouped" => {}
            _ => all.extend(Item::from_wire(product.id, 0).map(|item| Sold {
                item,
                name: product.name.clone(),
                product,
            })),
        }
    }
    let next = at.after(pages).map(|next| PageToken(next.number().to_string()));
    Ok(Page { items: all, next, server_time })
}

async fn variations(api: &Api, parent: &wire::Product) -> Result<Vec<Sold>, ConnectError> {
    let query = [("orderby", "id"), ("order", "asc"), ("per_page", "100"), ("_fields", FIELDS)];
    let mut found = BTreeMap::new();
    let mut position = Some(Position::Start);
    while let Some(at) = position {
        let RawPage { items, pages, .. } = api.list_variations(parent.id, &query, at.number()).await?;
        for variation in items.iter().filter_map(|raw| readable(raw)) {
            let options: Vec<&str> = variation.attributes.iter().map(|attribute| attribute.option.as_str()).collect();
            let name = [parent.name.as_str(), &options.join(", ")].join(" - ");
            if let Some(item) = Item::from_wire(parent.id, variation.id) {
                let name = name.trim_end_matches(" - ").to_owned();
                found.insert(item, Sold { item, name, product: variation });
            }
        }
        position = at.after(pages);
    }
    Ok(found.into_values().collect())
}

/// A product that cannot be read is left out and named in the log.
fn readable(raw: &RawValue) -> Option<wire::Product> {
    match json::from_str(raw.get()) {
        Ok(product) => Some(product),
        Err(error) => {
            tracing::warn!("a product of the shop cannot be read: {:?} at column {}", error.classify(), error.column());
            None
        }
    }
}

impl Sold {
    fn product(self) -> Option<Product> {
        Some(Product {
            id: self.item.product_id()?,
            sku: Sku::new(&self.product.sku).ok(),
            barcode: Some(self.product.global_unique_id.clone()).filter(|code| !code.is_empty()),
            stock: stock_of(&self.product),
            name: self.name,
        })
    }

    fn listing(self) -> Listing {
        Listing {
            key: self.item.listing(),
            sku: Sku::new(&self.product.sku).ok(),
            barcode: Some(self.product.global_unique_id.clone()).filter(|code| !code.is_empty()),
            active: self.product.status == "publish",
            quantity: stock_of(&self.product),
            title: self.name,
        }
    }
}

/// `None`: not managed. A variation may share its product's stock, and then shows that.
fn stock_of(product: &wire::Product) -> Option<i64> {
    if !manages_stock(&product.manage_stock) && !is_parents(&product.manage_stock) {
        return None;
    }
    let quantity = product.stock_quantity.unwrap_or_default().0;
    quantity.floor().to_i64()
}

fn manages_stock(manage_stock: &Value) -> bool {
    *manage_stock == Value::Bool(true)
}

fn is_parents(manage_stock: &Value) -> bool {
    manage_stock.as_str() == Some("parent")
}

/// Products that the shop has no more are missing in the answer.
pub(crate) async fn stock(api: &Api, products: &[ProductId]) -> Result<Vec<StockLevel>, ConnectError> {
    let mut by_parent: BTreeMap<Option<u64>, Vec<u64>> = BTreeMap::new();
    for id in products {
        let item = Item::of("woocommerce.stock", id)?;
        match item.variation {
            None => by_parent.entry(None).or_default().push(item.product),
            Some(variation) => by_parent.entry(Some(item.product)).or_default().push(variation),
        }
    }
    let mut levels = Vec::with_capacity(products.len());
    for (parent, ids) in by_parent {
        for some in ids.chunks(MOST) {
            let include: Vec<String> = some.iter().map(u64::to_string).collect();
            let include = include.join(",");
            let query = [("include", include.as_str()), ("per_page", "100"), ("_fields", STOCK_FIELDS)];
            let read = match parent {
                None => api.list_products(&query, 1).await?,
                Some(parent) => match api.list_variations(parent, &query, 1).await {
                    // With their product, its variations are gone too.
                    Err(error) if error.kind == ErrorKind::NotFound => continue,
                    read => read?,
                },
            };
            levels.extend(read.items.iter().filter_map(|raw| {
                let product = readable(raw).filter(|product| some.contains(&product.id))?;
                let item =
                    parent.map_or_else(|| Item::from_wire(product.id, 0), |parent| Item::from_wire(parent, product.id));
                Some(StockLevel { product: item?.product_id()?, quantity: stock_of(&product) })
            }));
        }
    }
    Ok(levels)
}

/// The shop adds the difference itself: `inventory_delta`, which version 3 of the API reads on products and on variations
/// although its documentation does not name it (`prepare_object_for_database` of both controllers in
/// <https://github.com/woocommerce/woocommerce>). Not atomic on its side, but within one request of it.
pub(crate) async fn move_stock(api: &Api, stock_move: &StockMove) -> Result<StockLevel, ConnectError> {
    let operation = "woocommerce.move_stock";
    let item = Item::of(operation, &stock_move.product)?;
    let delta = || ProductChanges { inventory_delta: Some(stock_move.delta), ..ProductChanges::default() };
    let mut after = match item.variation {
        None => api.update_product(item.product, &delta()).await?,
        Some(variation) => api.update_variation(item.product, variation, &delta()).await?,
    };
    if is_parents(&after.manage_stock) {
        // A variation that shares its product's stock has none of its own to move.
        after = api.update_product(item.product, &delta()).await?;
    }
    Ok(StockLevel { product: stock_move.product.clone(), quantity: stock_of(&after) })
}

pub(crate) async fn set_quantities(
    api: &Api,
    updates: &[QuantityUpdate],
) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
    let operation = "woocommerce.set_quantities";
    let skus: Vec<Sku> = updates.iter().filter_map(|update| sku_of(&update.listing)).collect();
    let by_sku = if skus.is_empty() { Vec::new() } else { by_sku(api, &skus).await? };
    let item_of = |key: &ListingKey| match key {
        ListingKey::Listing(id) => Item::parse(id),
        ListingKey::Sku(sku) => {
            let found = by_sku.iter().find(|product| {
                product.sku.as_ref().is_some_and(|found| found.as_str().eq_ignore_ascii_case(sku.as_str()))
            });
            found.and_then(|product| Item::parse(product.id.as_str()))
        }
    };
    let unknown = || Err(refused(operation, ErrorKind::NotFound, "The shop has no such product (any more)."));
    let mut results: Vec<Result<(), ConnectError>> = updates.iter().map(|_| unknown()).collect();
    let mut batches: BTreeMap<Option<u64>, Vec<(usize, u64, u32)>> = BTreeMap::new();
    for (index, update) in updates.iter().enumerate() {
        let Some(item) = item_of(&update.listing) else { continue };
        let (parent, id) = item.variation.map_or((None, item.product), |variation| (Some(item.product), variation));
        batches.entry(parent).or_default().push((index, id, update.quantity));
    }
    for (parent, entries) in batches {
        for some in entries.chunks(MOST) {
            let update = some.iter().map(|(_, id, quantity)| BatchEntry {
                id: *id,
                changes: ProductChanges { stock_quantity: Some(*quantity), ..ProductChanges::default() },
            });
            let answer = api.batch_products(parent, &Batch { update: update.collect() }).await?;
            for (index, id, _) in some {
                let entry = answer.update.iter().find(|entry| entry.id == *id);
                results[*index] = entry.map_or_else(unknown, |entry| outcome(operation, entry));
            }
        }
    }
    Ok(results)
}

fn sku_of(key: &ListingKey) -> Option<Sku> {
    match key {
        ListingKey::Sku(sku) => Some(sku.clone()),
        ListingKey::Listing(_) => None,
    }
}

/// Where stock is not managed the shop drops the quantity without a word.
fn outcome(operation: &'static str, entry: &wire::BatchEntry) -> Result<(), ConnectError> {
    if let Some(refusal) = &entry.error {
        return Err(of_entry(operation, refusal));
    }
    if manages_stock(&entry.manage_stock) {
        return Ok(());
    }
    let says = if is_parents(&entry.manage_stock) {
        "This variation shares its product's stock: manage its stock by itself in the shop, or link the product."
    } else {
        "The shop does not manage this product's stock: switch `Stock management` on for it."
    };
    Err(refused(operation, ErrorKind::Unsupported, says))
}
