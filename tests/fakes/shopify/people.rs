//! Customers: found, made, and put on orders.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::{Problem, UserError};
use super::orders::payload;
use super::project::{Page, cursor, key_of, size};
use super::read::Input;
use super::roots::{Outcome, required_id};
use super::search::{Found, Search};
use super::state::{Customer, Shop, id_of};

impl Customer {
    fn filter(&self, name: &str) -> Found {
        match name {
            "email" | "" => Found::text(self.email.as_ref()),
            "phone" => Found::text(self.phone.as_ref()),
            "first_name" => Found::text(self.first_name.as_ref()),
            "last_name" => Found::text(self.last_name.as_ref()),
            "tag" => Found::Texts(self.tags.clone()),
            "id" => Found::Number(self.id),
            "created_at" | "customer_date" => Found::Time(self.created),
            "updated_at" => Found::Time(self.updated),
            _ => Found::Unknown,
        }
    }
}

impl Shop {
    /// The customer of a new order: known by id, made or changed from its attributes, or, as Shopify does by itself,
    /// found or made by the order's e-mail address. A customer who is named gets the order's address as their default one.
    pub fn customer_of(&mut self, input: Input<'_>, now: Timestamp, errors: &mut Vec<UserError>) -> Option<u64> {
        let place = ["order", "customer"];
        let given = input.member("customer");
        let association = given.and_then(|given| given.member("toAssociate"));
        let by_id = input.text("customerId").or_else(|| association.and_then(|given| given.text("id")));
        if let Some(gid) = by_id {
            let known = id_of("Customer", &gid).filter(|id| self.customers.contains_key(id));
            if known.is_none() {
                errors.push(UserError::new(&place, "Customer does not exist").code("INVALID"));
            }
            return known;
        }
        if let Some(email) = association.and_then(|given| given.text("email")) {
            let known = self.customer_by_email(&email);
            if known.is_none() {
                errors.push(UserError::new(&place, "Customer does not exist").code("INVALID"));
            }
            return known;
        }
        if let Some(upsert) = given.and_then(|given| given.member("toUpsert")) {
            return Some(self.upsert(upsert, now));
        }
        let email = input.text("email").filter(|email| !email.is_empty())?;
        if !email.contains('@') {
            errors.push(UserError::new(&["order", "email"], "Email is invalid").code("INVALID"));
            return None;
        }
        Some(self.customer_by_email(&email).unwrap_or_else(|| self.add_customer(Some(email), now)))
    }

    pub fn customer_by_email(&self, email: &str) -> Option<u64> {
        let same = |customer: &&Customer| customer.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(email));
        self.customers.values().find(same).map(|customer| customer.id)
    }

    pub fn add_customer(&mut self, email: Option<String>, now: Timestamp) -> u64 {
        let id = self.next_id();
        let customer = Customer {
            id,
            first_name: None,
            last_name: None,
            email,
            phone: None,
            note: None,
            tags: Vec::new(),
            default_address: None,
            created: now,
            updated: now,
        };
        self.customers.insert(id, customer);
        id
    }

    fn upsert(&mut self, input: Input<'_>, now: Timestamp) -> u64 {
        let by_id =
            input.text("id").and_then(|gid| id_of("Customer", &gid)).filter(|id| self.customers.contains_key(id));
        let known = by_id.or_else(|| self.customer_by_email(&input.text("email")?));
        let id = known.unwrap_or_else(|| self.add_customer(input.text("email"), now));
        if let Some(customer) = self.customers.get_mut(&id) {
            for (field, name) in [
                (&mut customer.first_name, "firstName"),
                (&mut customer.last_name, "lastName"),
                (&mut customer.email, "email"),
                (&mut customer.phone, "phone"),
                (&mut customer.note, "note"),
            ] {
                if input.names(name) {
                    *field = input.text(name);
                }
            }
            if input.names("tags") {
                customer.tags = input.tags("tags");
            }
            customer.updated = now;
        }
        id
    }

    pub fn customer_create(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Value {
        let input = Input(arguments.get("input").unwrap_or(&Value::Null));
        let refuse = |field: &str, message: &str| {
            let error = UserError::new(&[field], message).json("UserError");
            json!({"__typename": "CustomerCreatePayload", "customer": null, "userErrors": [error]})
        };
        if let Some(email) = input.text("email") {
            if !email.contains('@') {
                return refuse("email", "Email is invalid");
            }
            if self.customer_by_email(&email).is_some() {
                return refuse("email", "Email has already been taken");
            }
        } else if input.text("firstName").is_none() && input.text("lastName").is_none() && !input.has("phone") {
            return refuse("", "A name, phone number, or email address must be present");
        }
        let id = self.upsert(input, now);
        json!({"__typename": "CustomerCreatePayload", "customer": self.customer_json(id), "userErrors": []})
    }

    pub fn list_customers(&self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
        let search = Search::parse(query);
        let found = self.customers.values().filter(|customer| search.matches(now, |name| customer.filter(name)));
        let ids: Vec<u64> = found.map(|customer| customer.id).collect();
        page_of(&ids, arguments, "customers", usize::MAX, |id| self.customer_json(id))
    }

    pub fn customer_by_identifier(&self, arguments: &Map<String, Value>) -> Value {
        let given = Input(arguments.get("identifier").unwrap_or(&Value::Null));
        let by_id = given.text("id").and_then(|gid| id_of("Customer", &gid));
        let by_phone = || {
            let phone = given.text("phoneNumber")?;
            self.customers.values().find(|customer| customer.phone.as_ref() == Some(&phone)).map(|customer| customer.id)
        };
        let found = by_id.or_else(|| self.customer_by_email(&given.text("emailAddress")?)).or_else(by_phone);
        found.map_or(Value::Null, |id| self.customer_json(id))
    }

    /// <https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderCustomerSet>. The customer is not changed.
    pub fn order_customer_set(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let whole = Value::Object(arguments.clone());
        let input = Input(&whole);
        let (order, customer) =
            (required_id("Order", input, "orderId")?, required_id("Customer", input, "customerId")?);
        let refuse = |field: &str, message: &str| {
            let error = UserError::new(&[field], message).code("NOT_FOUND");
            payload("OrderCustomerSetPayload", &[error], "OrderCustomerSetUserError")
        };
        if !self.customers.contains_key(&customer) {
            return Ok(refuse("customerId", "Customer does not exist"));
        }
        let Some(known) = self.orders.get_mut(&order) else {
            return Ok(refuse("orderId", "Order does not exist"));
        };
        known.customer = Some(customer);
        self.touched(order, now);
        Ok(self.with_order("OrderCustomerSetPayload", order))
    }
}

/// A page of things that are listed by their ids, which are their cursors too.
pub(super) fn page_of(
    ids: &[u64],
    arguments: &Map<String, Value>,
    field: &str,
    limit: usize,
    render: impl Fn(u64) -> Value,
) -> Result<Value, Problem> {
    let (count, forward) = size(arguments, field)?;
    let count = usize::try_from(count).unwrap_or(usize::MAX).min(limit);
    let position = |name: &str| {
        let wanted = key_of(arguments.get(name)?.as_str()?)?.as_u64()?;
        ids.iter().position(|id| *id == wanted)
    };
    let start = position("after").map_or(0, |index| index + 1);
    let end = position("before").unwrap_or(ids.len()).max(start);
    let window = &ids[start..end];
    let (skipped, shown) = if forward {
        (0, &window[..count.min(window.len())])
    } else {
        let skipped = window.len().saturating_sub(count);
        (skipped, &window[skipped..])
    };
    let cursors: Vec<String> = shown.iter().map(|id| cursor(&json!(id))).collect();
    let nodes: Vec<Value> = shown.iter().map(|id| render(*id)).collect();
    let before = start + skipped > 0;
    let after = start + skipped + shown.len() < ids.len();
    let kind = match field {
        "customers" => "CustomerConnection",
        "productVariants" => "ProductVariantConnection",
        "inventoryItems" => "InventoryItemConnection",
        "locations" => "LocationConnection",
        _ => "WebhookSubscriptionConnection",
    };
    Ok(Page::new(&nodes, &cursors, before, after).json(kind))
}
