//! Products are Shopify's variants; their stock is what is available at the one location that is meant.
//!
//! <https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps/manage-quantities-states>

use std::collections::{BTreeMap, BTreeSet};

use connect::{ConnectError, ErrorKind, Listing, Page, PageToken, Product, QuantityUpdate, StockLevel, StockMove};
use domain::{ListingKey, ProductId, Sku};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::api::{Api, At, MOST, any_of};
use crate::body::{Adjust, InventoryQuantity};
use crate::error::{of_user_errors, refused};
use crate::ids::{gid, number};
use crate::wire::{self, ProductVariant, UserError};

/// SKUs in one look-up.
const SKUS: usize = 40;

/// The location that is meant: chosen, found at connect, or asked for now.
pub(crate) async fn location(api: &Api) -> Result<String, ConnectError> {
    if let Some(location) = &api.config.location {
        return Ok(location.clone());
    }
    let (_, locations) = api.shop().await?;
    chosen("shopify.locations", None, &locations).map(str::to_owned)
}

/// The wanted location, which must exist; else the first active one that ships online orders.
pub(crate) fn chosen<'a>(
    operation: &'static str,
    wanted: Option<&str>,
    locations: &'a [wire::Location],
) -> Result<&'a str, ConnectError> {
    let active = || locations.iter().filter(|location| location.is_active);
    let found = match wanted {
        Some(wanted) => active().find(|location| location.id == wanted),
        None => active().find(|location| location.fulfills_online_orders).or_else(|| active().next()),
    };
    found.map(|location| location.id.as_str()).ok_or_else(|| {
        refused(operation, ErrorKind::ConfigInvalid, "The shop has no such active location: choose another one.")
    })
}

/// `None`: not managed, or not stocked at the location.
fn stock(variant: &ProductVariant) -> Option<i64> {
    let item = &variant.inventory_item;
    item.inventory_level.as_ref().filter(|_| item.tracked)?.available()
}

fn sku(variant: &ProductVariant) -> Option<Sku> {
    variant.sku.as_deref().and_then(|sku| Sku::new(sku).ok())
}

fn barcode(variant: &ProductVariant) -> Option<String> {
    variant.barcode.clone().filter(|barcode| !barcode.is_empty())
}

fn product(variant: &ProductVariant) -> Option<Product> {
    Some(Product {
        id: ProductId::new(number(&variant.id)).ok()?,
        sku: sku(variant),
        barcode: barcode(variant),
        name: variant.display_name.clone(),
        stock: stock(variant),
    })
}

pub(crate) async fn products(api: &Api, page: Option<&PageToken>) -> Result<Page<Product>, ConnectError> {
    let location = location(api).await?;
    let read = api.variants(None, &location, page).await?;
    Ok(page_of(read, product))
}

pub(crate) async fn listings(api: &Api, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
    let location = location(api).await?;
    let read = api.variants(None, &location, page).await?;
    Ok(page_of(read, |variant| {
        Some(Listing {
            key: listing(&variant.id),
            sku: sku(variant),
            barcode: barcode(variant),
            title: variant.display_name.clone(),
            active: matches!(variant.product.status.as_str(), "ACTIVE" | "UNLISTED"),
            quantity: stock(variant),
        })
    }))
}

/// A listing is a variant, by its number.
pub(crate) fn listing(variant: &str) -> ListingKey {
    ListingKey::Listing(number(variant).to_owned())
}

fn page_of<T>(read: At<wire::Connection<ProductVariant>>, map: impl Fn(&ProductVariant) -> Option<T>) -> Page<T> {
    let wire::Connection { nodes, page_info } = read.value;
    Page {
        items: nodes.iter().filter_map(map).collect(),
        next: page_info.next().map(PageToken),
        server_time: read.server_time,
    }
}

pub(crate) async fn by_sku(api: &Api, skus: &[Sku]) -> Result<Vec<Product>, ConnectError> {
    if skus.is_empty() {
        return Ok(Vec::new());
    }
    let location = location(api).await?;
    let found = variants_by_sku(api, skus, &location).await?;
    Ok(found.iter().filter_map(product).collect())
}

/// The filter finds words in any case, so each is compared.
async fn variants_by_sku(api: &Api, skus: &[Sku], location: &str) -> Result<Vec<ProductVariant>, ConnectError> {
    let wanted: BTreeSet<&str> = skus.iter().map(Sku::as_str).collect();
    let all: Vec<String> = wanted.iter().map(|sku| (*sku).to_owned()).collect();
    let mut found = Vec::new();
    for some in all.chunks(SKUS) {
        let query = any_of("sku", some);
        let mut page = None;
        loop {
            let read = api.variants(Some(&query), location, page.as_ref()).await?.value;
            let is_wanted =
                |variant: &ProductVariant| variant.sku.as_deref().is_some_and(|sku| wanted.contains(sku.trim()));
            found.extend(read.nodes.into_iter().filter(is_wanted));
            page = read.page_info.next().map(PageToken);
            if page.is_none() {
                break;
            }
        }
    }
    Ok(found)
}

pub(crate) async fn levels(api: &Api, products: &[ProductId]) -> Result<Vec<StockLevel>, ConnectError> {
    let ids: Vec<String> = products.iter().filter_map(|id| gid("ProductVariant", id.as_str())).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let location = location(api).await?;
    let found = api.variants_by_id(&ids, &location).await?;
    let level = |variant: &ProductVariant| {
        Some(StockLevel { product: ProductId::new(number(&variant.id)).ok()?, quantity: stock(variant) })
    };
    Ok(found.iter().filter_map(level).collect())
}

/// Moves one product's stock: the key makes it exact.
pub(crate) async fn move_stock(api: &Api, stock_move: &StockMove) -> Result<StockLevel, ConnectError> {
    let operation = "shopify.move_stock";
    let product = stock_move.product.clone();
    let gone = || refused(operation, ErrorKind::NotFound, "Shopify does not have this product (any more).");
    let id = gid("ProductVariant", product.as_str()).ok_or_else(gone)?;
    let location = location(api).await?;
    let found = api.variants_by_id(&[id], &location).await?;
    let variant = found.first().ok_or_else(gone)?;
    let Some(before) = stock(variant) else { return Ok(StockLevel { product, quantity: None }) };
    if stock_move.delta == 0 {
        return Ok(StockLevel { product, quantity: Some(before) });
    }
    let inventory_item = &variant.inventory_item.id;
    let adjust = Adjust { inventory_item, location: &location, delta: stock_move.delta, key: &stock_move.key };
    let after = api.inventory_adjust(&adjust).await?;
    Ok(StockLevel { product, quantity: Some(after.unwrap_or(before + stock_move.delta)) })
}

/// An update and the variant that it is for, by its place in what was asked.
struct Wanted {
    place: usize,
    variant: ProductVariant,
    quantity: u32,
}

/// Sets absolute quantities. Shopify takes a list wholly or not at all, so what it names as wrong is left out and the rest sent
/// once more.
pub(crate) async fn set_quantities(
    api: &Api,
    updates: &[QuantityUpdate],
) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
    let operation = "shopify.set_quantities";
    let unknown = || refused(operation, ErrorKind::NotFound, "Shopify does not have this product (any more).");
    let mut answers: Vec<Result<(), ConnectError>> = updates.iter().map(|_| Err(unknown())).collect();
    if updates.is_empty() {
        return Ok(answers);
    }
    let location = location(api).await?;
    let mut wanted = Vec::new();
    for found in resolve(api, updates, &location).await? {
        let says = if !found.variant.inventory_item.tracked {
            "Shopify does not track this product's stock: switch `Track quantity` on for it."
        } else if found.variant.inventory_item.inventory_level.is_none() {
            "Shopify does not stock this product at the chosen location."
        } else {
            wanted.push(found);
            continue;
        };
        answers[found.place] = Err(refused(operation, ErrorKind::Unsupported, says));
    }
    for some in wanted.chunks(MOST) {
        let mut open: Vec<&Wanted> = some.iter().collect();
        for _ in 0..2 {
            if open.is_empty() {
                break;
            }
            let sent = inputs(&open, &location);
            let Err(errors) = api.inventory_set(&sent, &key(&sent)).await? else {
                for done in open {
                    answers[done.place] = Ok(());
                }
                break;
            };
            let named: BTreeMap<usize, &UserError> =
                errors.iter().filter_map(|error| Some((entry(error)?, error))).collect();
            let is_named = |place: usize| named.get(&place).copied();
            for (place, one) in open.iter().enumerate() {
                let about = is_named(place).map_or(&errors[..], std::slice::from_ref);
                answers[one.place] = Err(of_user_errors(operation, about));
            }
            let mut place = 0..;
            open.retain(|_| !named.is_empty() && place.next().is_some_and(|place| is_named(place).is_none()));
        }
    }
    Ok(answers)
}

/// The variants that are meant: by number, else by SKU. Two variants of one SKU are both set.
async fn resolve(api: &Api, updates: &[QuantityUpdate], location: &str) -> Result<Vec<Wanted>, ConnectError> {
    let by_number = |update: &QuantityUpdate| match &update.listing {
        ListingKey::Listing(id) => gid("ProductVariant", id),
        ListingKey::Sku(_) => None,
    };
    let by_sku = |update: &QuantityUpdate| match &update.listing {
        ListingKey::Sku(sku) => Some(sku.clone()),
        ListingKey::Listing(_) => None,
    };
    let ids: Vec<String> = updates.iter().filter_map(by_number).collect();
    let skus: Vec<Sku> = updates.iter().filter_map(by_sku).collect();
    let mut found = if ids.is_empty() { Vec::new() } else { api.variants_by_id(&ids, location).await? };
    if !skus.is_empty() {
        found.extend(variants_by_sku(api, &skus, location).await?);
    }
    let mut seen = BTreeSet::new();
    let mut wanted = Vec::new();
    for variant in found.into_iter().filter(|variant| seen.insert(variant.id.clone())) {
        let is_it = |update: &QuantityUpdate| match &update.listing {
            ListingKey::Listing(id) => id == number(&variant.id),
            ListingKey::Sku(wanted) => sku(&variant).as_ref() == Some(wanted),
        };
        if let Some(place) = updates.iter().position(is_it) {
            wanted.push(Wanted { place, quantity: updates[place].quantity, variant });
        }
    }
    Ok(wanted)
}

fn inputs(wanted: &[&Wanted], location: &str) -> Vec<InventoryQuantity> {
    let input = |one: &&Wanted| InventoryQuantity {
        inventory_item_id: one.variant.inventory_item.id.clone(),
        location_id: location.to_owned(),
        quantity: one.quantity,
        change_from_quantity: None,
    };
    wanted.iter().map(input).collect()
}

/// The entry that an error is about: `["input", "quantities", "3", ...]`.
fn entry(error: &UserError) -> Option<usize> {
    error.field.as_ref()?.iter().find_map(|part| part.parse().ok())
}

/// Every setting is an operation of its own: the same quantity may be right again later.
fn key(sent: &[InventoryQuantity]) -> String {
    let mut hash = Sha256::new();
    hash.update(Timestamp::now().as_nanosecond().to_be_bytes());
    for one in sent {
        hash.update(one.inventory_item_id.as_bytes());
        hash.update(one.quantity.to_be_bytes());
    }
    let hash: [u8; 32] = hash.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    format!("{:032x}", u128::from_be_bytes(half))
}
