//! Listings: what is for sale, in which state.
//! <https://developers.etsy.com/documentation/reference#tag/ShopListing>

use axum::http::Method;
use iso_currency::Currency;
use serde_json::{Value, json};

use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::receipts::{limit, number};
use super::render::money;
use super::state::State;
use super::{SHOP_ID, Shared, USER_ID};

/// One property of a product, such as its colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    pub id: u64,
    pub name: String,
    pub value_id: u64,
    pub value: String,
}

/// A product with its one offering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: u64,
    pub sku: String,
    pub properties: Vec<Property>,
    pub quantity: u32,
    pub enabled: bool,
    /// In minor units.
    pub price: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub id: u64,
    pub title: String,
    pub state: String,
    pub currency: Currency,
    pub products: Vec<Product>,
    /// The properties by which each of them differs.
    pub price_on_property: Vec<u64>,
    pub quantity_on_property: Vec<u64>,
    pub sku_on_property: Vec<u64>,
}

impl Listing {
    /// One thing, without variations, on sale while there is any.
    pub fn single(id: u64, sku: &str, title: &str, price: i64, quantity: u32) -> Self {
        let product =
            Product { id: id * 10, sku: sku.to_owned(), properties: Vec::new(), quantity, enabled: true, price };
        Self {
            id,
            title: title.to_owned(),
            state: if quantity > 0 { "active" } else { "sold_out" }.to_owned(),
            currency: Currency::EUR,
            products: vec![product],
            price_on_property: Vec::new(),
            quantity_on_property: Vec::new(),
            sku_on_property: Vec::new(),
        }
    }

    /// One product for each colour: (SKU, colour, price, quantity), all of which may differ.
    pub fn in_colours(id: u64, title: &str, colours: &[(&str, &str, i64, u32)]) -> Self {
        let mut listing = Self::single(id, "", title, 1, 1);
        let product = |(at, (sku, colour, price, quantity)): (u64, &(&str, &str, i64, u32))| Product {
            id: id * 10 + at,
            sku: (*sku).to_owned(),
            properties: vec![Property {
                id: 200,
                name: "Primary color".to_owned(),
                value_id: 1000 + at,
                value: (*colour).to_owned(),
            }],
            quantity: *quantity,
            enabled: true,
            price: *price,
        };
        listing.products = (0..).zip(colours).map(product).collect();
        (listing.price_on_property, listing.quantity_on_property, listing.sku_on_property) =
            (vec![200], vec![200], vec![200]);
        listing
    }

    /// How many of a SKU a buyer can have.
    pub fn for_sale(&self, sku: &str) -> u32 {
        let sold = self.products.iter().filter(|product| product.sku == sku && product.enabled);
        if self.state == "active" { sold.map(|product| product.quantity).sum() } else { 0 }
    }

    /// A buyer takes some; when nothing is left, the listing is sold out.
    pub(super) fn sell(&mut self, product: u64, quantity: u32) {
        for sold in self.products.iter_mut().filter(|sold| sold.id == product) {
            sold.quantity = sold.quantity.saturating_sub(quantity);
        }
        if self.state == "active" && self.products.iter().all(|product| product.quantity == 0) {
            "sold_out".clone_into(&mut self.state);
        }
    }

    /// Without what only lists show.
    pub(super) fn json(&self) -> Value {
        let quantity: u32 = self.products.iter().map(|product| product.quantity).sum();
        let lowest = self.products.iter().map(|product| product.price).min().unwrap_or_default();
        json!({
            "listing_id": self.id, "user_id": USER_ID, "shop_id": SHOP_ID, "title": self.title,
            "description": "Made by hand.", "state": self.state, "creation_timestamp": 1_700_000_000,
            "created_timestamp": 1_700_000_000, "quantity": quantity, "listing_type": "physical",
            "has_variations": self.products.len() > 1, "price": money(lowest, self.currency),
            "url": format!("https://www.etsy.com/listing/{}", self.id), "should_auto_renew": false,
        })
    }

    fn listed(&self, with_inventory: bool) -> Value {
        let mut shown = self.json();
        shown["skus"] = self.products.iter().map(|product| product.sku.as_str()).collect();
        if with_inventory {
            shown["inventory"] = self.inventory();
        }
        shown
    }

    /// <https://developers.etsy.com/documentation/reference#operation/getListingInventory>
    pub(super) fn inventory(&self) -> Value {
        let product = |product: &Product| {
            let property = |property: &Property| {
                json!({"property_id": property.id, "property_name": property.name, "scale_id": null,
                    "scale_name": null, "value_ids": [property.value_id], "values": [property.value]})
            };
            let offering = json!({"offering_id": product.id + 5, "quantity": product.quantity,
                "is_enabled": product.enabled, "is_deleted": false, "price": money(product.price, self.currency),
                "readiness_state_id": 42});
            json!({"product_id": product.id, "sku": product.sku, "is_deleted": false, "offerings": [offering],
                "property_values": product.properties.iter().map(property).collect::<Vec<_>>()})
        };
        json!({
            "products": self.products.iter().map(product).collect::<Vec<_>>(),
            "price_on_property": self.price_on_property, "quantity_on_property": self.quantity_on_property,
            "sku_on_property": self.sku_on_property, "readiness_state_on_property": [],
        })
    }
}

pub(super) fn answer(shared: &Shared, state: &mut State, asked: &Asked, path: &[&str]) -> Result<Answer, Refusal> {
    match *path {
        [] if asked.method == Method::GET => list(shared, state, asked),
        [id] if asked.method == Method::PATCH => update(state, id, asked),
        _ => Err(Refusal::not_found("Resource not found")),
    }
}

fn list(shared: &Shared, state: &State, asked: &Asked) -> Result<Answer, Refusal> {
    let (limit, offset) = (limit(shared, asked)?, number(asked, "offset", 0)?);
    let wanted = asked.parameter("state").unwrap_or("active");
    let inventory =
        asked.parameter("includes").is_some_and(|includes| includes.split(',').any(|one| one == "Inventory"));
    let found: Vec<&Listing> = state.listings.values().filter(|listing| listing.state == wanted).collect();
    let page = found.iter().rev().skip(offset).take(limit).map(|listing| listing.listed(inventory));
    Ok(Answer::ok(json!({"count": found.len(), "results": page.collect::<Vec<_>>()})))
}

pub(super) fn find<'a>(state: &'a mut State, id: &str) -> Result<&'a mut Listing, Refusal> {
    let id: Option<u64> = id.parse().ok();
    let found = id.and_then(|id| state.listings.get_mut(&id));
    found.ok_or_else(|| Refusal::not_found("Could not find a listing with this listing_id"))
}

/// <https://developers.etsy.com/documentation/reference#operation/updateListing>
fn update(state: &mut State, id: &str, asked: &Asked) -> Result<Answer, Refusal> {
    let listing = find(state, id)?;
    for (name, value) in asked.form() {
        if name != "state" {
            continue;
        }
        if value == "active" && !listing.products.iter().any(|product| product.quantity > 0 && product.enabled) {
            return Err(Refusal::bad_request("There was a problem with /quantity : cannot be empty"));
        }
        listing.state = value;
    }
    Ok(Answer::ok(listing.json()))
}
