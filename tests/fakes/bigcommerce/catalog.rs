//! The catalogue: products with their variants, and variants by SKU.

use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Inner;
use super::http::{Answer, Asked, Outcome, Refusal};
use super::orders::text;
use super::render;
use super::state::{Product, Tracking, Variant};

impl Inner {
    pub(super) fn list_products(&self, asked: &Asked) -> Answer {
        let ids: Option<Vec<u64>> =
            asked.list("id:in").map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect());
        let skus = asked.list("sku:in");
        let greater = asked.number("id:greater").unwrap_or(0);
        let matches = |product: &&Product| {
            product.id > greater
                && ids.as_ref().is_none_or(|ids| ids.contains(&product.id))
                && skus.as_ref().is_none_or(|skus| skus.iter().any(|sku| sku.eq_ignore_ascii_case(own_sku(product))))
        };
        let limit = asked.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(50).min(250);
        let limit = self.faults.page_limit(limit);
        let found: Vec<&Product> = self.store.products.values().filter(matches).collect();
        let with_variants = asked.list("include").is_some_and(|all| all.contains(&"variants"));
        let fields = asked.list("include_fields");
        let shown: Vec<Value> =
            found.iter().take(limit).map(|product| shown(product, with_variants, fields.as_deref())).collect();
        let meta = json!({"pagination": {
            "total": found.len(), "count": shown.len(), "per_page": limit, "current_page": 1,
            "total_pages": found.len().div_ceil(limit.max(1)),
        }});
        Answer::ok(json!({"data": shown, "meta": meta}))
    }

    /// For the demo: a product as the shop's people enter it.
    pub(super) fn post_product(&mut self, asked: &Asked) -> Outcome {
        let body = asked.json();
        let name = text(&body, "name");
        let price = body.get("price").map(ToString::to_string).and_then(|price| price.parse::<Decimal>().ok());
        let price = price.ok_or_else(|| Refusal::new(422, "price is required"))?;
        if name.is_empty() || text(&body, "type").is_empty() || body.get("weight").is_none() {
            return Err(Refusal::new(422, "name, type and weight are required"));
        }
        if self.store.products.values().any(|known| known.name == name) {
            return Err(Refusal::new(409, "The product name is a duplicate"));
        }
        let tracking = match text(&body, "inventory_tracking") {
            "product" => Tracking::Product,
            "variant" => Tracking::Variant,
            _ => Tracking::None,
        };
        let level = body.get("inventory_level").and_then(Value::as_i64).unwrap_or(0);
        let id = self.add(text(&body, "sku"), name, price, tracking, level);
        let product = self.store.products.get(&id).ok_or_else(Refusal::not_found)?;
        Ok(Answer::data(StatusCode::OK, &shown(product, true, None)))
    }

    pub(super) fn add(&mut self, sku: &str, name: &str, price: Decimal, tracking: Tracking, level: i64) -> u64 {
        let (id, variant) = (self.store.id(), self.store.id());
        let variant = Variant { id: variant, sku: sku.to_owned(), level, labels: Vec::new() };
        let product = Product { id, name: name.to_owned(), price, tracking, level, variants: vec![variant] };
        self.store.products.insert(id, product);
        id
    }

    pub(super) fn list_variants(&self, asked: &Asked) -> Answer {
        let sku = asked.parameter("sku");
        let all =
            self.store.products.values().flat_map(|product| product.variants.iter().map(move |own| (product, own)));
        let found = all.filter(|(_, variant)| sku.is_none_or(|sku| sku.eq_ignore_ascii_case(&variant.sku)));
        let found: Vec<Value> = found
            .map(|(product, variant)| json!({"id": variant.id, "product_id": product.id, "sku": variant.sku}))
            .collect();
        let meta = json!({"pagination": {"total": found.len(), "count": found.len(), "per_page": 50, "current_page": 1, "total_pages": 1}});
        Answer::ok(json!({"data": found, "meta": meta}))
    }
}

/// A product with several variants has none of its own here.
fn own_sku(product: &Product) -> &str {
    match product.variants.as_slice() {
        [only] => &only.sku,
        _ => "",
    }
}

fn shown(product: &Product, with_variants: bool, fields: Option<&[&str]>) -> Value {
    let level = match product.tracking {
        Tracking::Variant => product.variants.iter().map(|variant| variant.level).sum(),
        Tracking::Product => product.level,
        Tracking::None => 0,
    };
    let mut body = json!({
        "id": product.id, "name": product.name, "type": "physical", "sku": own_sku(product), "weight": 1,
        "price": render::number(product.price), "inventory_level": level, "inventory_tracking": product.tracking.word(),
        "is_visible": true, "availability": "available", "upc": "", "gtin": "",
    });
    if let (Some(fields), Some(object)) = (fields, body.as_object_mut()) {
        object.retain(|name, _| name == "id" || fields.contains(&name.as_str()));
    }
    if with_variants {
        let variant = |variant: &Variant| {
            let options: Vec<Value> = variant
                .labels
                .iter()
                .enumerate()
                .map(|(index, label)| {
                    json!({"id": index + 1, "label": label, "option_id": index + 1, "option_display_name": "Option"})
                })
                .collect();
            json!({
                "id": variant.id, "product_id": product.id, "sku": variant.sku, "sku_id": null,
                "price": render::number(product.price), "purchasing_disabled": false, "upc": "", "gtin": "",
                "inventory_level": if product.tracking == Tracking::Product { product.level } else { variant.level },
                "option_values": options,
            })
        };
        body["variants"] = product.variants.iter().map(variant).collect();
    }
    body
}
