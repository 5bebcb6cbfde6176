//! Orders over the API: create, update, delete, batch, notes. No idempotency, no state machine.

use serde_json::{Map, Value, json};

use super::currencies::CURRENCIES;
use super::http::{Answer, Outcome, Refusal};
use super::ledger::{Create, MailKind};
use super::mails::truthy;
use super::products::check_batch_size;
use super::shop::Shop;
use super::state::{Address, Order, Status, Totals, Version};
use super::validate::{as_bool, as_integer};

pub(super) type Fields = Map<String, Value>;

impl Shop {
    pub fn post_order(&mut self, body: &Fields) -> Outcome {
        self.check_order(body)?;
        let id = self.create_over_api(body)?;
        let order = &self.orders[&id];
        Ok(Answer::created(self.order_json(order), self.url(&format!("/orders/{id}"))))
    }

    pub fn get_order(&self, id: u64) -> Outcome {
        let order = self.orders.get(&id).ok_or_else(Refusal::invalid_order_id)?;
        Ok(Answer::ok(self.order_json(order)))
    }

    pub fn put_order(&mut self, id: u64, body: &Fields) -> Outcome {
        self.check_order(body)?;
        self.update_order(id, body)?;
        self.get_order(id)
    }

    pub fn delete_order(&mut self, id: u64, force: bool) -> Outcome {
        let order = self.orders.get(&id).cloned().ok_or_else(Refusal::invalid_order_id)?;
        // The answer shows the order as it was (capture 78).
        let before = self.order_json(&order);
        if force {
            self.forget(id);
        } else if order.status == Status::Trash {
            return Err(Refusal::new(
                410,
                "woocommerce_rest_already_trashed",
                "The shop_order has already been deleted.",
            ));
        } else {
            self.trash(order);
        }
        Ok(Answer::ok(before))
    }

    fn trash(&mut self, mut order: Order) {
        let now = self.now();
        let was = format!("wc-{}", order.status.as_str());
        let mut metas = std::mem::take(&mut order.meta);
        self.set_meta(&mut metas, "_wp_trash_meta_status", was.into());
        self.set_meta(&mut metas, "_wp_trash_meta_time", now.as_second().to_string().into());
        order.meta = metas;
        order.status = Status::Trash;
        order.modified = now;
        self.webhooks.order_deleted(order.id);
        self.keep(order);
    }

    /// 200 whatever happens to the entries; they are not validated, so that an unknown status is `pending` (capture 77).
    pub fn batch_orders(&mut self, body: &Fields) -> Outcome {
        check_batch_size(body)?;
        let entries = |name: &str| body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut answer = Map::new();
        let mut created = Vec::new();
        for entry in entries("create") {
            let made = self.create_over_api(entry.as_object().unwrap_or(&Map::new()));
            created.push(self.batch_entry(0, made)?);
        }
        let mut updated = Vec::new();
        for entry in entries("update") {
            let id = entry.get("id").and_then(Value::as_u64).unwrap_or(0);
            let done = self.update_order(id, entry.as_object().unwrap_or(&Map::new())).map(|()| id);
            updated.push(self.batch_entry(id, done)?);
        }
        let mut deleted = Vec::new();
        for id in entries("delete").iter().filter_map(Value::as_u64) {
            deleted.push(match self.delete_order(id, true) {
                Ok(answer) => answer.body,
                Err(refusal) => batch_error(id, &refusal),
            });
        }
        for (name, list) in [("create", created), ("update", updated), ("delete", deleted)] {
            if !list.is_empty() {
                answer.insert(name.to_owned(), Value::Array(list));
            }
        }
        Ok(Answer::ok(Value::Object(answer)))
    }

    /// A PHP error ends the whole batch; a refusal is the entry's own.
    fn batch_entry(&self, asked: u64, done: Result<u64, Refusal>) -> Result<Value, Refusal> {
        match done {
            Ok(id) => Ok(self.order_json(&self.orders[&id])),
            Err(refusal) if refusal.status >= 500 => Err(refusal),
            Err(refusal) => Ok(batch_error(asked, &refusal)),
        }
    }

    fn create_over_api(&mut self, body: &Fields) -> Result<u64, Refusal> {
        let id = self.create_order(body, "rest-api")?;
        let metas = body.get("meta_data").and_then(Value::as_array).into_iter().flatten();
        let meta = metas
            .filter_map(|meta| Some((meta.get("key")?.as_str()?.to_owned(), meta.get("value")?.clone())))
            .collect();
        let created_via = body.get("created_via").and_then(Value::as_str).map(str::to_owned);
        self.ledger.creates.push(Create { at: self.now(), order_id: id, created_via, meta });
        Ok(id)
    }

    /// Makes an order of what was posted. `origin` is what `created_via` says where the caller does not, or cannot.
    pub fn create_order(&mut self, body: &Fields, origin: &str) -> Result<u64, Refusal> {
        if body.get("id").and_then(as_integer).is_some_and(|id| id != 0) {
            return Err(Refusal::new(400, "woocommerce_rest_shop_order_exists", "Cannot create existing shop_order."));
        }
        let now = self.now();
        let mut order = Order {
            id: 0,
            status: Status::Pending,
            currency: self.config.currency.clone(),
            created: now,
            modified: now,
            paid: None,
            completed: None,
            customer_id: 0,
            billing: Address::default(),
            shipping: Address::default(),
            payment_method: String::new(),
            payment_method_title: String::new(),
            transaction_id: String::new(),
            created_via: origin.to_owned(),
            customer_note: String::new(),
            meta: Vec::new(),
            lines: Vec::new(),
            shipping_lines: Vec::new(),
            fees: Vec::new(),
            tax_lines: Vec::new(),
            refunds: Vec::new(),
            notes: Vec::new(),
            totals: Totals::default(),
            stock_reduced: false,
            new_order_mail_sent: false,
        };
        self.write_fields(&mut order, body)?;
        self.check_people_and_coupons(body)?;
        order.id = self.new_id();
        if origin == "rest-api" {
            self.meddle(&mut order, true);
        }
        self.calculate_totals(&mut order);
        self.webhooks.order_created(order.id);
        self.finish(&mut order, body, true);
        let id = order.id;
        self.keep(order);
        Ok(id)
    }

    pub fn update_order(&mut self, id: u64, body: &Fields) -> Result<(), Refusal> {
        let Some(mut order) = self.orders.get(&id).cloned() else {
            return Err(Refusal::new(400, "woocommerce_rest_shop_order_invalid_id", "ID is invalid."));
        };
        self.write_fields(&mut order, body)?;
        self.check_people_and_coupons(body)?;
        self.meddle(&mut order, false);
        let counted = ["billing", "shipping", "line_items", "shipping_lines", "fee_lines", "coupon_lines"];
        if counted.iter().any(|name| body.get(*name).is_some_and(|value| !value.is_null())) {
            self.calculate_totals(&mut order);
        }
        // Orders stored as posts keep their date where only meta changes (woocommerce-rest-api#217).
        let only_meta = body.keys().all(|key| matches!(key.as_str(), "id" | "meta_data"));
        if self.config.version == Version::V11 || !only_meta {
            order.modified = self.now();
        }
        self.webhooks.order_updated(id);
        self.finish(&mut order, body, false);
        self.keep(order);
        Ok(())
    }

    /// The status and `set_paid`, which come after everything else.
    fn finish(&mut self, order: &mut Order, body: &Fields, creating: bool) {
        if let Some(name) = body.get("status").and_then(Value::as_str).filter(|name| !name.is_empty()) {
            // Only a batch gets here with a status that does not exist.
            let status = self.known_status(name).unwrap_or(Status::Pending);
            self.change_status(order, status);
        }
        if body.get("set_paid").and_then(as_bool) == Some(true) && (creating || order.needs_payment()) {
            let transaction = body.get("transaction_id").and_then(Value::as_str).unwrap_or_default().to_owned();
            self.complete_payment(order, transaction);
        }
    }

    fn write_fields(&mut self, order: &mut Order, body: &Fields) -> Result<(), Refusal> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(currency) = text("currency").filter(|code| CURRENCIES.contains(&code.as_str())) {
            order.currency = currency;
        }
        if let Some(id) = body.get("customer_id").and_then(as_integer) {
            order.customer_id = u64::try_from(id).unwrap_or(0);
        }
        let created_via = text("created_via").filter(|via| self.config.version == Version::V11 && !via.is_empty());
        for (field, value) in [
            (&mut order.payment_method, text("payment_method")),
            (&mut order.payment_method_title, text("payment_method_title")),
            (&mut order.transaction_id, text("transaction_id")),
            (&mut order.customer_note, text("customer_note")),
            (&mut order.created_via, created_via),
        ] {
            if let Some(value) = value {
                *field = value;
            }
        }
        write_address(&mut order.billing, body.get("billing"));
        write_address(&mut order.shipping, body.get("shipping"));
        order.shipping.email.clear();
        self.write_items(order, body)?;
        for meta in body.get("meta_data").and_then(Value::as_array).into_iter().flatten() {
            if let Some(key) = meta.get("key").and_then(Value::as_str) {
                self.write_order_meta(order, key, meta.get("value").cloned().unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Some keys are the order's own properties: they are set, and never shown.
    pub fn write_order_meta(&mut self, order: &mut Order, key: &str, value: Value) {
        match key {
            "_order_stock_reduced" => order.stock_reduced = truthy(&value),
            "_new_order_email_sent" => order.new_order_mail_sent = truthy(&value),
            "_download_permissions_granted" | "_recorded_sales" | "_recorded_coupon_usage_counts" => {}
            _ => {
                let mut metas = std::mem::take(&mut order.meta);
                self.set_meta(&mut metas, key, value);
                order.meta = metas;
            }
        }
    }

    /// A customer that is not there is refused, and every coupon: the shop has none (captures 34, 35).
    fn check_people_and_coupons(&mut self, body: &Fields) -> Result<(), Refusal> {
        if body.get("customer_id").and_then(as_integer).is_some_and(|id| !self.has_customer(id)) {
            return Err(Refusal::new(400, "woocommerce_rest_invalid_customer_id", "Customer ID is invalid."));
        }
        let coupon = body.get("coupon_lines").and_then(Value::as_array).and_then(|list| list.first());
        if let Some(coupon) = coupon {
            let code = coupon.get("code").and_then(Value::as_str).unwrap_or_default().to_lowercase();
            let message = format!("Coupon &quot;{code}&quot; cannot be applied because it does not exist.");
            let mut refusal = Refusal::new(400, "woocommerce_rest_invalid_coupon", &message);
            // The draft that was begun for it stays behind and takes an id.
            refusal.body["data"]["new_draft_order_id"] = self.new_id().into();
            return Err(refusal);
        }
        Ok(())
    }

    /// 0 is a guest.
    fn has_customer(&self, id: i64) -> bool {
        id == 0 || u64::try_from(id).is_ok_and(|id| self.customers.contains_key(&id))
    }

    pub fn list_notes(&self, id: u64) -> Outcome {
        let order = self.orders.get(&id).ok_or_else(Refusal::invalid_order_id)?;
        let notes = order.notes.iter().map(|note| self.note_json(id, note)).collect();
        Ok(Answer::ok(Value::Array(notes)))
    }

    pub fn post_note(&mut self, id: u64, body: &Fields) -> Outcome {
        let mut order = self.orders.get(&id).cloned().ok_or_else(Refusal::invalid_order_id)?;
        let text = body.get("note").and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(text) = text else {
            let mut refusal = Refusal::new(400, "rest_missing_callback_param", "Missing parameter(s): note");
            refusal.body["data"]["params"] = json!(["note"]);
            return Err(refusal);
        };
        let to_customer = body.get("customer_note").and_then(as_bool) == Some(true);
        let note_id = self.note(&mut order, text.to_owned(), to_customer);
        if to_customer {
            self.mail_customer(&mut order, MailKind::CustomerNote);
        }
        let note = order.notes.iter().find(|note| note.id == note_id).cloned();
        self.keep(order);
        let body = note.map_or(Value::Null, |note| self.note_json(id, &note));
        Ok(Answer::created(body, self.url(&format!("/orders/{id}/notes/{note_id}"))))
    }
}

fn batch_error(id: u64, refusal: &Refusal) -> Value {
    json!({"id": id, "error": refusal.body})
}

/// Only the fields that are given change.
fn write_address(address: &mut Address, given: Option<&Value>) {
    let Some(given) = given.and_then(Value::as_object) else { return };
    for (name, value) in given {
        let text = value.as_str().unwrap_or_default().to_owned();
        match name.as_str() {
            "first_name" => address.first_name = text,
            "last_name" => address.last_name = text,
            "company" => address.company = text,
            "address_1" => address.address_1 = text,
            "address_2" => address.address_2 = text,
            "city" => address.city = text,
            "state" => address.state = text,
            "postcode" => address.postcode = text,
            "country" => address.country = text,
            "email" => address.email = text,
            "phone" => address.phone = text,
            _ => {}
        }
    }
}
