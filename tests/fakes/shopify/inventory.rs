//! Stock over the API: `inventoryAdjustQuantities` and `inventorySetQuantities`.
//!
//! <https://shopify.dev/docs/api/admin-graphql/latest/mutations/inventoryAdjustQuantities>,
//! <https://shopify.dev/docs/api/admin-graphql/latest/mutations/inventorySetQuantities>.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::{UserError, missing_argument};
use super::ledger::MoveReason;
use super::read::Input;
use super::roots::Outcome;
use super::state::{Location, Shop, gid, id_of};

/// <https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps/manage-quantities-states>.
const REASONS: [&str; 15] = [
    "correction",
    "cycle_count_available",
    "damaged",
    "movement_canceled",
    "movement_created",
    "movement_received",
    "movement_updated",
    "other",
    "promotion",
    "quality_control",
    "received",
    "reservation_created",
    "reservation_deleted",
    "restock",
    "safety_stock",
];

/// A change that was found to be in order.
struct Change {
    variant: u64,
    location: u64,
    delta: i64,
}

impl Shop {
    pub fn variant_of_item(&self, item: u64) -> Option<u64> {
        self.variants.values().find(|variant| variant.inventory_item == item).map(|variant| variant.id)
    }

    pub fn adjust_quantities(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let input = Input(arguments.get("input").unwrap_or(&Value::Null));
        let changes = input.items("changes");
        if changes.iter().any(|change| !change.names("changeFromQuantity")) {
            return Err(
                missing_argument("InventoryChangeInput", "changeFromQuantity").path(&["inventoryAdjustQuantities"])
            );
        }
        let name = input.text("name").unwrap_or_default();
        let mut errors = Vec::new();
        if !REASONS.contains(&input.text("reason").unwrap_or_default().as_str()) {
            errors
                .push(UserError::new(&["input", "reason"], "The specified reason is invalid.").code("INVALID_REASON"));
        }
        if name != "available" {
            let message = "The specified quantity name is invalid.";
            errors.push(UserError::new(&["input", "name"], message).code("INVALID_QUANTITY_NAME"));
        }
        let mut found = Vec::new();
        for (index, change) in changes.into_iter().enumerate() {
            match self.change_of(change, "changes", index) {
                Ok((variant, location, _)) => {
                    found.push(Change { variant, location, delta: change.number("delta").unwrap_or(0) });
                }
                Err(error) => errors.push(error),
            }
        }
        Ok(self.applied("InventoryAdjustQuantities", input, &found, &errors, now))
    }

    pub fn set_quantities(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let input = Input(arguments.get("input").unwrap_or(&Value::Null));
        let quantities = input.items("quantities");
        if quantities.iter().any(|quantity| !quantity.names("changeFromQuantity")) {
            return Err(
                missing_argument("InventoryQuantityInput", "changeFromQuantity").path(&["inventorySetQuantities"])
            );
        }
        let name = input.text("name").unwrap_or_default();
        let mut errors = Vec::new();
        if !REASONS.contains(&input.text("reason").unwrap_or_default().as_str()) {
            errors
                .push(UserError::new(&["input", "reason"], "The specified reason is invalid.").code("INVALID_REASON"));
        }
        if !["available", "on_hand"].contains(&name.as_str()) {
            let message = "The quantity name must be either 'available' or 'on_hand'.";
            errors.push(UserError::new(&["input", "name"], message).code("INVALID_NAME"));
        }
        let mut found: Vec<Change> = Vec::new();
        for (index, quantity) in quantities.into_iter().enumerate() {
            match self.change_of(quantity, "quantities", index) {
                Ok((variant, location, level)) => {
                    if found.iter().any(|other| (other.variant, other.location) == (variant, location)) {
                        let message = "The combination of inventoryItemId and locationId must be unique.";
                        let place = ["input", "quantities", &index.to_string()];
                        errors
                            .push(UserError::new(&place, message).code("NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"));
                    }
                    let wanted = quantity.number("quantity").unwrap_or(0);
                    found.push(Change { variant, location, delta: wanted - level.named(&name) });
                }
                Err(error) => errors.push(error),
            }
        }
        Ok(self.applied("InventorySetQuantities", input, &found, &errors, now))
    }

    /// The variant and place that a change is about, and what there is now.
    fn change_of(
        &self,
        change: Input<'_>,
        list: &str,
        index: usize,
    ) -> Result<(u64, u64, super::state::Level), UserError> {
        let index = index.to_string();
        let wrong = |field: &str, message: &str, code: &'static str| {
            UserError::new(&["input", list, &index, field], message).code(code)
        };
        let item = change.text("inventoryItemId").and_then(|gid| id_of("InventoryItem", &gid));
        let variant = item.and_then(|item| self.variant_of_item(item)).and_then(|id| self.variants.get(&id));
        let variant = variant.ok_or_else(|| {
            wrong("inventoryItemId", "The specified inventory item could not be found.", "INVALID_INVENTORY_ITEM")
        })?;
        let location = change.text("locationId").and_then(|gid| id_of("Location", &gid));
        let location = location.filter(|id| self.locations.get(id).is_some_and(|location| location.active));
        let location = location
            .ok_or_else(|| wrong("locationId", "The specified location could not be found.", "INVALID_LOCATION"))?;
        // A real shop says so of an item that is not stocked there; which code it uses is not documented.
        let level = variant.levels.get(&location).copied().ok_or_else(|| {
            let message = "The specified inventory item is not stocked at the location.";
            wrong("locationId", message, "INVALID_LOCATION")
        })?;
        if change.number("changeFromQuantity").is_some_and(|from| from != level.available) {
            let message = "The changeFromQuantity argument no longer matches the persisted quantity.";
            return Err(wrong("changeFromQuantity", message, "CHANGE_FROM_QUANTITY_STALE"));
        }
        Ok((variant.id, location, level))
    }

    /// All changes or none.
    fn applied(
        &mut self,
        kind: &str,
        input: Input<'_>,
        changes: &[Change],
        errors: &[UserError],
        now: Timestamp,
    ) -> Value {
        let payload = format!("{kind}Payload");
        if !errors.is_empty() {
            let shown: Vec<Value> = errors.iter().map(|error| error.json(&format!("{kind}UserError"))).collect();
            return json!({"__typename": payload, "inventoryAdjustmentGroup": null, "userErrors": shown});
        }
        for change in changes {
            if change.delta != 0 {
                self.move_stock(change.variant, change.location, change.delta, MoveReason::Api, now);
            }
        }
        let shown = |change: &Change| {
            let variant = self.variants.get(&change.variant);
            let after = variant.and_then(|variant| variant.levels.get(&change.location)).map(|level| level.available);
            json!({
                "__typename": "InventoryChange",
                "name": "available",
                "delta": change.delta,
                "quantityAfterChange": after,
                "ledgerDocumentUri": null,
                "item": variant.map(|variant| self.inventory_item_json(variant, true)),
                "location": self.locations.get(&change.location).map(Location::json),
            })
        };
        let changes: Vec<Value> = changes.iter().filter(|change| change.delta != 0).map(shown).collect();
        let id = self.next_id();
        let group = json!({
            "__typename": "InventoryAdjustmentGroup",
            "id": gid("InventoryAdjustmentGroup", id),
            "createdAt": now,
            "reason": input.text("reason"),
            "referenceDocumentUri": input.text("referenceDocumentUri"),
            "changes": changes,
        });
        json!({"__typename": payload, "inventoryAdjustmentGroup": group, "userErrors": []})
    }
}
