//! Variants, their inventory, locations and the shop as the Admin API shows them.

use serde_json::{Map, Value, json};

use super::money::text;
use super::render::connection;
use super::state::{Level, Location, Shop, Variant, gid};

/// The names of <https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps> that this fake
/// keeps; the rest are nought.
const QUANTITIES: [&str; 8] =
    ["available", "committed", "on_hand", "incoming", "reserved", "damaged", "safety_stock", "quality_control"];

impl Level {
    pub fn named(&self, name: &str) -> i64 {
        match name {
            "available" => self.available,
            "committed" => self.committed,
            "on_hand" => self.available + self.committed,
            _ => 0,
        }
    }
}

impl Variant {
    pub fn available(&self) -> i64 {
        self.levels.values().map(|level| level.available).sum()
    }
}

impl Shop {
    pub fn variant_json(&self, variant: &Variant) -> Value {
        json!({
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", variant.id),
            "legacyResourceId": variant.id.to_string(),
            "title": variant.title,
            "displayName": format!("{} - {}", variant.product_title, variant.title),
            "sku": variant.sku,
            "barcode": variant.barcode,
            "price": text(variant.price),
            "compareAtPrice": null,
            "position": 1,
            "taxable": true,
            "inventoryPolicy": if variant.oversell { "CONTINUE" } else { "DENY" },
            "inventoryQuantity": variant.available(),
            "sellableOnlineQuantity": variant.available(),
            "availableForSale": variant.oversell || !variant.tracked || variant.available() > 0,
            "createdAt": variant.created,
            "updatedAt": variant.updated,
            "selectedOptions": [{"__typename": "SelectedOption", "name": "Title", "value": variant.title}],
            "product": self.product_json(variant),
            "inventoryItem": self.inventory_item_json(variant, false),
        })
    }

    /// The product of a variant, without its variants.
    pub fn product_json(&self, variant: &Variant) -> Value {
        json!({
            "__typename": "Product",
            "id": gid("Product", variant.product),
            "legacyResourceId": variant.product.to_string(),
            "title": variant.product_title,
            "handle": variant.product_title.to_lowercase().replace(' ', "-"),
            "vendor": self.config.name,
            "productType": "",
            "status": "ACTIVE",
            "tags": [],
            "isGiftCard": false,
            "tracksInventory": variant.tracked,
            "totalInventory": variant.available(),
            "hasOnlyDefaultVariant": variant.title == "Default Title",
            "createdAt": variant.created,
            "updatedAt": variant.updated,
        })
    }

    /// `whole`: with the variants that it is the stock of.
    pub fn inventory_item_json(&self, variant: &Variant, whole: bool) -> Value {
        let levels: Map<String, Value> = variant
            .levels
            .iter()
            .map(|(location, level)| (gid("Location", *location), self.level_json(variant, *location, *level, false)))
            .collect();
        let all: Vec<Value> = levels.values().cloned().collect();
        let mut item = json!({
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", variant.inventory_item),
            "legacyResourceId": variant.inventory_item.to_string(),
            "sku": variant.sku,
            "tracked": variant.tracked,
            "requiresShipping": true,
            "duplicateSkuCount": self.variants.values().filter(|other| other.sku == variant.sku).count() - 1,
            "createdAt": variant.created,
            "updatedAt": variant.updated,
            "inventoryLevel": {"__by": "locationId", "__values": levels},
            "inventoryLevels": connection("InventoryLevel", all),
        });
        if whole {
            item["variants"] = connection("ProductVariant", vec![self.variant_json(variant)]);
            item["variant"] = self.variant_json(variant);
        }
        item
    }

    /// `whole`: with the item that it is the stock of.
    pub fn level_json(&self, variant: &Variant, location: u64, level: Level, whole: bool) -> Value {
        let quantity = |name: &&str| {
            json!({
                "__typename": "InventoryQuantity",
                "id": format!("gid://shopify/InventoryQuantity/{location}?inventory_item_id={}&name={name}", variant.inventory_item),
                "name": name,
                "quantity": level.named(name),
                "updatedAt": level.updated,
            })
        };
        let quantities: Vec<Value> = QUANTITIES.iter().map(quantity).collect();
        let mut shown = json!({
            "__typename": "InventoryLevel",
            "id": format!("gid://shopify/InventoryLevel/{location}?inventory_item_id={}", variant.inventory_item),
            "isActive": true,
            "canDeactivate": false,
            "createdAt": variant.created,
            "updatedAt": level.updated,
            "quantities": quantities,
            "location": self.locations.get(&location).map_or(Value::Null, Location::json),
        });
        if whole {
            shown["item"] = self.inventory_item_json(variant, false);
        } else {
            let item = variant.inventory_item;
            shown["item"] =
                json!({"__typename": "InventoryItem", "id": gid("InventoryItem", item), "sku": variant.sku});
        }
        shown
    }

    pub fn shop_json(&self) -> Value {
        let config = &self.config;
        json!({
            "__typename": "Shop",
            "id": gid("Shop", 1),
            "name": config.name,
            "myshopifyDomain": config.domain,
            "primaryDomain": {"__typename": "Domain", "host": config.domain, "url": format!("https://{}", config.domain)},
            "url": format!("https://{}", config.domain),
            "email": config.owner_mail,
            "contactEmail": config.owner_mail,
            "currencyCode": config.currency,
            "enabledPresentmentCurrencies": [config.currency],
            "ianaTimezone": config.time_zone,
            "taxesIncluded": config.taxes_included,
            "taxShipping": true,
            "weightUnit": "KILOGRAMS",
            "unitSystem": "METRIC_SYSTEM",
            "setupRequired": false,
            "orderNumberFormatPrefix": "#",
            "orderNumberFormatSuffix": "",
            "plan": {"__typename": "ShopPlan", "partnerDevelopment": config.trial, "shopifyPlus": false},
        })
    }
}

impl Location {
    pub fn json(&self) -> Value {
        json!({
            "__typename": "Location",
            "id": gid("Location", self.id),
            "legacyResourceId": self.id.to_string(),
            "name": self.name,
            "isActive": self.active,
            "activatable": !self.active,
            "deactivatable": false,
            "fulfillsOnlineOrders": self.active,
            "shipsInventory": self.active,
            "hasActiveInventory": self.active,
            "isFulfillmentService": false,
        })
    }
}
