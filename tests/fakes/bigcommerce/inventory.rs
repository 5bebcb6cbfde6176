//! Stock adjustments, and what a location has: <https://developer.bigcommerce.com/docs/rest-management/inventory>.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Inner;
use super::http::{Answer, Asked, Outcome, Refusal};
use super::state::{MoveReason, Product, Tracking};

/// The store's only location.
const LOCATION: u64 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Difference,
    Level,
}

impl Inner {
    /// All items or none.
    pub(super) fn adjust(&mut self, asked: &Asked, by: By) -> Outcome {
        let body = asked.json();
        let items =
            body.get("items").and_then(Value::as_array).filter(|items| !items.is_empty() && items.len() <= 2000);
        let items = items.ok_or_else(|| Refusal::new(422, "items are required"))?;
        let mut moves = Vec::new();
        for item in items {
            moves.push(self.adjustment(item, by)?);
        }
        let now = self.now();
        for (product, variant, difference) in moves {
            self.store.move_stock((product, variant), difference, MoveReason::Api, now);
            self.event("store/product/inventory/updated", product);
        }
        Ok(Answer::json(StatusCode::OK, json!({"transaction_id": "0170acc6b8554af1bc0ca28d5b4c26ca"})))
    }

    fn adjustment(&self, item: &Value, by: By) -> Result<(u64, u64, i64), Refusal> {
        let refuse = |says: String| Refusal::new(422, says);
        let number = |name: &str| item.get(name).and_then(Value::as_u64);
        if number("location_id") != Some(LOCATION) {
            return Err(refuse("Payload contains invalid fields".to_owned()));
        }
        let quantity = item.get("quantity").and_then(Value::as_i64);
        let quantity = quantity.ok_or_else(|| refuse("Payload contains invalid fields".to_owned()))?;
        let (product, variant) = self.identified(number("product_id"), number("variant_id"))?;
        let level = product.level_of(variant);
        let level =
            level.ok_or_else(|| refuse(format!("Items with identity: [product_id {}] are not tracked", product.id)))?;
        let difference = if by == By::Level { quantity - level } else { quantity };
        if level + difference < 0 {
            return Err(refuse("Items are out of stock".to_owned()));
        }
        Ok((product.id, variant, difference))
    }

    fn identified(&self, product: Option<u64>, variant: Option<u64>) -> Result<(&Product, u64), Refusal> {
        let refuse = |says: String| Refusal::new(422, says);
        let unknown = || refuse("Items were not found".to_owned());
        let mut all = self.store.products.values();
        match (product, variant) {
            (Some(id), None) => {
                let product = self.store.products.get(&id).ok_or_else(unknown)?;
                if product.tracking == Tracking::Variant && product.variants.len() > 1 {
                    let says =
                        format!("[Item with product_id {id} is tracked by variant, please update stock by variant id]");
                    return Err(refuse(says));
                }
                Ok((product, product.variants.first().map_or(0, |variant| variant.id)))
            }
            (None, Some(id)) => {
                let product =
                    all.find(|product| product.variants.iter().any(|own| own.id == id)).ok_or_else(unknown)?;
                if product.tracking == Tracking::Product {
                    let says =
                        format!("[Item with variant_id {id} is tracked by product, please update stock by product id]");
                    return Err(refuse(says));
                }
                Ok((product, id))
            }
            _ => Err(unknown()),
        }
    }

    pub(super) fn location_items(&self, location: &str, asked: &Asked) -> Outcome {
        if location != LOCATION.to_string() {
            return Err(Refusal::not_found());
        }
        let ids = asked.list("product_id:in");
        let page = asked.number("page").unwrap_or(1);
        let mut items = Vec::new();
        for product in self.store.products.values().filter(|product| product.tracking != Tracking::None) {
            if page > 1 || ids.as_ref().is_some_and(|ids| !ids.contains(&product.id.to_string().as_str())) {
                continue;
            }
            items.extend(product.variants.iter().map(|variant| {
                let level = product.level_of(variant.id);
                json!({
                    "identity": {"sku": variant.sku, "variant_id": variant.id, "product_id": product.id},
                    "available_to_sell": level, "total_inventory_onhand": level,
                    "settings": {"safety_stock": 0, "is_in_stock": true, "warning_level": 0, "bin_picking_number": ""},
                })
            }));
        }
        Ok(Answer::ok(json!({"data": items, "meta": {}})))
    }
}
