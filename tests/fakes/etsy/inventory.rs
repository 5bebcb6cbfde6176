//! A listing's inventory: read, and replaced as a whole. Etsy refuses what it shows but does not take.
//! <https://developers.etsy.com/documentation/tutorials/listings#updating-inventory>

use axum::http::Method;
use serde_json::Value;

use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::listing::{self, Listing, Product, Property};
use super::state::State;

const MOST: u64 = 999;

pub(super) fn answer(state: &mut State, asked: &Asked, id: &str) -> Result<Answer, Refusal> {
    let fresh = state.next_number() * 1_000_000;
    let listing = listing::find(state, id)?;
    match asked.method {
        Method::GET => {
            let mut shown = listing.inventory();
            if asked.parameter("includes") == Some("Listing") {
                shown["listing"] = listing.json();
            }
            Ok(Answer::ok(shown))
        }
        Method::PUT => {
            let replaced = replaced(listing, &asked.json(), fresh)?;
            *listing = replaced;
            Ok(Answer::ok(listing.inventory()))
        }
        _ => Err(Refusal::not_found("Resource not found")),
    }
}

fn replaced(listing: &Listing, body: &Value, fresh: u64) -> Result<Listing, Refusal> {
    let invalid = |what: &str| Refusal::bad_request(what);
    let ids = |name: &str| -> Vec<u64> {
        let values = body.get(name).and_then(Value::as_array).into_iter().flatten();
        values.filter_map(Value::as_u64).collect()
    };
    let mut next = Listing {
        products: Vec::new(),
        price_on_property: ids("price_on_property"),
        quantity_on_property: ids("quantity_on_property"),
        sku_on_property: ids("sku_on_property"),
        ..listing.clone()
    };
    let products = body.get("products").and_then(Value::as_array).ok_or_else(|| invalid("products is missing"))?;
    for (at, sent) in (1..).zip(products) {
        let product = product(listing, sent, fresh + at)?;
        if next.products.iter().any(|other| other.properties == product.properties) {
            return Err(invalid("Two products have the same property values"));
        }
        next.products.push(product);
    }
    if next.products.iter().all(|product| product.quantity == 0) {
        // https://github.com/etsy/open-api/issues/395
        return Err(invalid("One offering must have quantity greater than 0"));
    }
    consistent(&next, &next.price_on_property, "price", |product| product.price.to_string())?;
    consistent(&next, &next.quantity_on_property, "quantity", |product| product.quantity.to_string())?;
    consistent(&next, &next.sku_on_property, "sku", |product| product.sku.clone())?;
    Ok(next)
}

/// Products that are alike in the properties by which something differs must not differ in it.
fn consistent(listing: &Listing, on: &[u64], what: &str, value: impl Fn(&Product) -> String) -> Result<(), Refusal> {
    let key = |product: &Product| {
        let properties = product.properties.iter().filter(|property| on.contains(&property.id));
        properties.map(|property| property.value_id).collect::<Vec<_>>()
    };
    for one in &listing.products {
        if listing.products.iter().any(|other| key(other) == key(one) && value(other) != value(one)) {
            return Err(Refusal::bad_request(&format!("The {what} is incompatible with {what}_on_property")));
        }
    }
    Ok(())
}

fn product(listing: &Listing, sent: &Value, fresh: u64) -> Result<Product, Refusal> {
    let invalid = |what: &str| Refusal::bad_request(what);
    // https://github.com/etsy/open-api/issues/159
    only(Some(sent), &["sku", "property_values", "offerings"])?;
    let mut properties = Vec::new();
    for value in sent.get("property_values").and_then(Value::as_array).into_iter().flatten() {
        only(Some(value), &["property_id", "value_ids", "scale_id", "property_name", "values"])?;
        let text = value.pointer("/values/0").and_then(Value::as_str).unwrap_or_default().to_owned();
        if text.contains(['(', ')']) {
            return Err(invalid("parenthesis characters are not allowed"));
        }
        properties.push(Property {
            id: value.get("property_id").and_then(Value::as_u64).unwrap_or_default(),
            name: value.get("property_name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            value_id: value.pointer("/value_ids/0").and_then(Value::as_u64).unwrap_or_default(),
            value: text,
        });
    }
    let offerings = sent.get("offerings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let [offering] = offerings else { return Err(invalid("A product has one offering")) };
    only(Some(offering), &["price", "quantity", "is_enabled", "readiness_state_id"])?;
    let quantity = offering.get("quantity").and_then(Value::as_u64).filter(|quantity| *quantity <= MOST);
    let quantity = quantity.and_then(|quantity| u32::try_from(quantity).ok());
    let price = offering.get("price").map(ToString::to_string).and_then(|price| minor(&price, listing));
    let known = listing.products.iter().find(|known| known.properties == properties);
    Ok(Product {
        id: known.map_or(fresh, |known| known.id),
        sku: sent.get("sku").and_then(Value::as_str).unwrap_or_default().to_owned(),
        properties,
        quantity: quantity.ok_or_else(|| invalid("quantity must be between 0 and 999"))?,
        enabled: offering.get("is_enabled").and_then(Value::as_bool).unwrap_or_default(),
        price: price.filter(|price| *price > 0).ok_or_else(|| invalid("price is invalid"))?,
    })
}

fn only(object: Option<&Value>, taken: &[&str]) -> Result<(), Refusal> {
    let keys = object.and_then(Value::as_object).into_iter().flat_map(|object| object.keys());
    match keys.into_iter().find(|key| !taken.contains(&key.as_str())) {
        Some(key) => Err(Refusal::bad_request(&format!("Unexpected parameter: {key}"))),
        None => Ok(()),
    }
}

/// The price's own digits, in minor units.
fn minor(price: &str, listing: &Listing) -> Option<i64> {
    let decimals = u32::from(listing.currency.exponent().unwrap_or(2));
    let price = rust_decimal::Decimal::from_str_exact(price).ok()?;
    let minor = price.checked_mul(rust_decimal::Decimal::from(10_i64.pow(decimals)))?;
    if minor.fract().is_zero() { i64::try_from(minor).ok() } else { None }
}
