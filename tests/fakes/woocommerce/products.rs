//! Products and variations: found by SKU, id or page; their stock is set, singly or in batches.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::http::{Answer, Outcome, Refusal, Request};
use super::ledger::MoveReason;
use super::list::{paged, paging};
use super::orders::Fields;
use super::render::{capitalized, merge};
use super::shop::Shop;
use super::state::Product;
use super::validate::{as_bool, as_integer};
use super::{currencies, dates, money};

/// A batch with more entries than this is refused as a whole.
pub(super) const LARGEST_BATCH: usize = 100;

impl Shop {
    /// `sku` also finds variations, and does not look at case (captures 90d, 90e); else they are left out.
    pub fn list_products(&self, request: &Request) -> Outcome {
        let (page, asked) = paging(request)?;
        let per_page = self.faults.page_limit(asked);
        let skus = request.list("sku");
        let include: Vec<u64> = request.list("include").iter().filter_map(|id| id.parse().ok()).collect();
        let search = request.param("search").map(str::to_lowercase);
        let found: Vec<&Product> = self
            .products
            .values()
            .rev()
            .filter(|product| {
                let wanted_sku = skus.iter().any(|sku| product.sku.eq_ignore_ascii_case(sku));
                (if skus.is_empty() { product.parent_id == 0 } else { wanted_sku })
                    && (include.is_empty() || include.contains(&product.id))
                    && search.as_ref().is_none_or(|text| product.name.to_lowercase().contains(text))
            })
            .collect();
        let shown = found.iter().skip((page - 1) * per_page).take(per_page);
        let list = shown.map(|product| self.product_json(product)).collect();
        Ok(paged(&self.url("/products"), request, list, page, per_page, found.len()))
    }

    pub fn get_product(&self, id: u64) -> Outcome {
        let product = self.products.get(&id).ok_or_else(|| invalid_product(404))?;
        Ok(Answer::ok(self.product_json(product)))
    }

    pub fn post_product(&mut self, body: &Fields) -> Outcome {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let sku = text("sku");
        let taken = self.products.values().find(|product| !sku.is_empty() && product.sku.eq_ignore_ascii_case(&sku));
        if let Some(taken) = taken {
            let mut refusal = Refusal::new(400, "product_invalid_sku", "Invalid or duplicated SKU.");
            refusal.body["data"]["resource_id"] = taken.id.into();
            refusal.body["data"]["unique_sku"] = format!("{}-1", taken.sku).into();
            return Err(refusal);
        }
        let managed = body.get("manage_stock").and_then(as_bool) == Some(true);
        let stock = body.get("stock_quantity").and_then(as_integer).unwrap_or(0);
        let price = body.get("regular_price").map_or(Decimal::ZERO, money::parse_value);
        let id = self.add_product(text("name"), sku, price, managed.then_some(stock), None);
        let mut answer = self.get_product(id)?;
        answer.status = 201;
        answer.headers.push(("location", self.url(&format!("/products/{id}"))));
        Ok(answer)
    }

    /// `variation_of` names the variable product and the option, e.g. `(15, ("Size", "S"))`.
    pub fn add_product(
        &mut self,
        name: String,
        sku: String,
        price: Decimal,
        stock: Option<i64>,
        variation_of: Option<(u64, (String, String))>,
    ) -> u64 {
        let (id, now) = (self.new_id(), self.now());
        let (parent_id, option) = variation_of.map_or((0, None), |(parent, option)| (parent, Some(option)));
        let product = Product {
            id,
            parent_id,
            name,
            sku,
            price,
            stock,
            option,
            taxable: true,
            downloadable: false,
            created: now,
            modified: now,
            total_sales: 0,
        };
        self.products.insert(id, product);
        id
    }

    pub fn put_product(&mut self, id: u64, body: &Fields) -> Outcome {
        self.change_product(id, body)?;
        self.get_product(id)
    }

    fn change_product(&mut self, id: u64, body: &Fields) -> Result<(), Refusal> {
        let product = self.products.get(&id).ok_or_else(|| invalid_product(400))?;
        if product.parent_id != 0 {
            let message = "To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.";
            return Err(Refusal::new(404, "woocommerce_rest_invalid_product_id", message));
        }
        self.write_product(id, body);
        Ok(())
    }

    /// Without `manage_stock` a quantity is ignored. `inventory_delta` is added by the shop itself, unless a quantity is
    /// given too: `prepare_object_for_database` in `class-wc-rest-products-controller.php` of version 3.
    fn write_product(&mut self, id: u64, body: &Fields) {
        let now = self.now();
        let Some(product) = self.products.get_mut(&id) else { return };
        product.modified = now;
        if let Some(name) = body.get("name").and_then(Value::as_str) {
            name.clone_into(&mut product.name);
        }
        if let Some(price) = body.get("regular_price").map(money::parse_value) {
            product.price = price;
        }
        match body.get("manage_stock").and_then(as_bool) {
            Some(true) => product.stock = product.stock.or(Some(0)),
            Some(false) => product.stock = None,
            None => {}
        }
        let managed = product.stock.is_some();
        let delta = body.get("inventory_delta").and_then(as_integer);
        let moved = delta.and_then(|delta| Some(product.stock? + delta));
        match body.get("stock_quantity").and_then(as_integer).or(moved) {
            Some(quantity) if managed => self.set_stock(id, quantity, MoveReason::Api),
            _ => self.webhooks.product_updated(id),
        }
    }

    pub fn batch_products(&mut self, body: &Fields) -> Outcome {
        check_batch_size(body)?;
        let mut updated = Vec::new();
        for entry in entries(body, "update") {
            let id = entry.get("id").and_then(as_integer).map_or(0, i64::cast_unsigned);
            updated.push(match self.change_product(id, entry) {
                Ok(()) => self.products.get(&id).map_or(Value::Null, |product| self.product_json(product)),
                Err(refusal) => json!({"id": id, "error": refusal.body}),
            });
        }
        let mut created = Vec::new();
        for entry in entries(body, "create") {
            created.push(match self.post_product(entry) {
                Ok(answer) => answer.body,
                Err(refusal) => json!({"id": 0, "error": refusal.body}),
            });
        }
        Ok(batch_answer(created, updated))
    }

    pub fn list_variations(&self, parent: u64, request: &Request) -> Outcome {
        let (page, asked) = paging(request)?;
        let per_page = self.faults.page_limit(asked);
        self.products.get(&parent).ok_or_else(|| invalid_product(404))?;
        let skus = request.list("sku");
        let own: Vec<&Product> = self
            .products
            .values()
            .rev()
            .filter(|product| product.parent_id == parent)
            .filter(|product| skus.is_empty() || skus.iter().any(|sku| product.sku.eq_ignore_ascii_case(sku)))
            .collect();
        let shown = own.iter().skip((page - 1) * per_page).take(per_page);
        let list = shown.map(|product| self.variation_json(product)).collect();
        let url = self.url(&format!("/products/{parent}/variations"));
        Ok(paged(&url, request, list, page, per_page, own.len()))
    }

    pub fn get_variation(&self, parent: u64, id: u64) -> Outcome {
        let product = self.products.get(&id).filter(|product| product.parent_id == parent);
        Ok(Answer::ok(self.variation_json(product.ok_or_else(invalid_variation)?)))
    }

    pub fn put_variation(&mut self, parent: u64, id: u64, body: &Fields) -> Outcome {
        self.get_variation(parent, id)?;
        self.write_product(id, body);
        self.get_variation(parent, id)
    }

    pub fn batch_variations(&mut self, parent: u64, body: &Fields) -> Outcome {
        check_batch_size(body)?;
        let mut updated = Vec::new();
        for entry in entries(body, "update") {
            let id = entry.get("id").and_then(as_integer).map_or(0, i64::cast_unsigned);
            updated.push(match self.put_variation(parent, id, entry) {
                Ok(answer) => answer.body,
                Err(refusal) => json!({"id": id, "error": refusal.body}),
            });
        }
        Ok(batch_answer(Vec::new(), updated))
    }

    /// `Hoodie - S`
    pub fn full_name(&self, product: &Product) -> String {
        let parent = self.products.get(&product.parent_id);
        match (parent, &product.option) {
            (Some(parent), Some((_, option))) => format!("{} - {option}", parent.name),
            _ => product.name.clone(),
        }
    }

    pub fn product_json(&self, product: &Product) -> Value {
        let children: Vec<u64> =
            self.products.values().filter(|child| child.parent_id == product.id).map(|child| child.id).collect();
        let kind = match (product.parent_id, children.is_empty()) {
            (0, true) => "simple",
            (0, false) => "variable",
            _ => "variation",
        };
        let slug = product.name.to_lowercase().replace(' ', "-");
        let mut json = self.common_json(product);
        merge(
            &mut json,
            json!({
                "name": self.full_name(product),
                "slug": slug,
                "type": kind,
                "featured": false,
                "catalog_visibility": "visible",
                "short_description": "",
                "total_sales": product.total_sales,
                "reviews_allowed": true,
                "average_rating": "0.00",
                "rating_count": 0,
                "parent_id": product.parent_id,
                "categories": [{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}],
                "tags": [],
                "images": [],
                "default_attributes": [],
                "variations": children,
                "grouped_products": [],
                "has_options": kind == "variable",
                "_links": self.links(&format!("/products/{}", product.id), "/products", None),
            }),
        );
        json
    }

    fn variation_json(&self, product: &Product) -> Value {
        let base = format!("/products/{}/variations", product.parent_id);
        let up = format!("/products/{}", product.parent_id);
        let mut json = self.common_json(product);
        merge(
            &mut json,
            json!({
                "name": product.option.as_ref().map_or(product.name.as_str(), |(_, option)| option),
                "type": "variation",
                "tax_class": "parent",
                "image": null,
                "parent_id": product.parent_id,
                "_links": self.links(&format!("{base}/{}", product.id), &base, Some(&up)),
            }),
        );
        json
    }

    fn common_json(&self, product: &Product) -> Value {
        let price = money::show(product.price);
        let zone = &self.config.time_zone;
        let utc = jiff::tz::TimeZone::UTC;
        let attributes = product.option.as_ref().map(|(name, option)| {
            json!([{"id": 0, "name": capitalized(name), "slug": name.to_lowercase(), "option": option}])
        });
        json!({
            "id": product.id,
            "date_created": dates::show(product.created, zone),
            "date_created_gmt": dates::show(product.created, &utc),
            "date_modified": dates::show(product.modified, zone),
            "date_modified_gmt": dates::show(product.modified, &utc),
            "permalink": format!("{}/product/{}/", self.config.home, product.id),
            "status": "publish",
            "description": "",
            "sku": product.sku,
            "global_unique_id": "",
            "price": price,
            "regular_price": price,
            "sale_price": "",
            "on_sale": false,
            "purchasable": true,
            "virtual": product.downloadable,
            "downloadable": product.downloadable,
            "tax_status": if product.taxable { "taxable" } else { "none" },
            "tax_class": "",
            "manage_stock": product.stock.is_some(),
            "stock_quantity": product.stock,
            "stock_status": if product.stock.is_none_or(|stock| stock > 0) { "instock" } else { "outofstock" },
            "backorders": "no",
            "backorders_allowed": false,
            "backordered": false,
            "low_stock_amount": null,
            "weight": "",
            "dimensions": {"length": "", "width": "", "height": ""},
            "shipping_class": "",
            "shipping_class_id": 0,
            "attributes": attributes.unwrap_or_else(|| json!([])),
            "menu_order": 0,
            "meta_data": [],
        })
    }

    pub fn current_currency(&self) -> Answer {
        let code = &self.config.currency;
        let shown = currencies::shown(code);
        Answer::ok(json!({
            "code": code,
            "name": shown.name,
            "symbol": shown.html,
            "_links": self.links(&format!("/data/currencies/{code}"), "/data/currencies", None),
        }))
    }
}

/// <https://woocommerce.github.io/woocommerce-rest-api-docs/#batch-update-products>: up to 100 objects.
pub(super) fn check_batch_size(body: &Fields) -> Result<(), Refusal> {
    let count: usize =
        ["create", "update", "delete"].iter().filter_map(|name| body.get(*name)?.as_array()).map(Vec::len).sum();
    if count > LARGEST_BATCH {
        let message = format!("Unable to accept more than {LARGEST_BATCH} items for this request.");
        return Err(Refusal::new(413, "woocommerce_rest_request_entity_too_large", &message));
    }
    Ok(())
}

fn entries<'a>(body: &'a Fields, name: &str) -> impl Iterator<Item = &'a Fields> {
    body.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn batch_answer(created: Vec<Value>, updated: Vec<Value>) -> Answer {
    let mut answer = Map::new();
    for (name, list) in [("create", created), ("update", updated)] {
        if !list.is_empty() {
            answer.insert(name.to_owned(), Value::Array(list));
        }
    }
    Answer::ok(Value::Object(answer))
}

fn invalid_product(status: u16) -> Refusal {
    Refusal::new(status, "woocommerce_rest_product_invalid_id", "Invalid ID.")
}

fn invalid_variation() -> Refusal {
    Refusal::new(404, "woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
}
