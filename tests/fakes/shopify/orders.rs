//! Orders: listed, read, changed, paid.
//!
//! <https://shopify.dev/docs/api/admin-graphql/latest/queries/orders>.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::errors::UserError;
use super::ledger::MailKind;
use super::money::Bag;
use super::project::{Page, cursor, key_of, size};
use super::read::{self, Input};
use super::roots::{Outcome, required_id};
use super::search::{Found, Search};
use super::state::{Metafield, Order, Shop, Transaction, gid, id_of};
use crate::{Faults, PageShift};

impl Order {
    pub fn can_be_paid(&self) -> bool {
        self.canceled.is_none() && self.financial_status() != "PAID" && self.outstanding().presentment > 0.into()
    }

    /// `status`: open, closed or cancelled.
    fn status(&self) -> &'static str {
        match (&self.canceled, self.closed) {
            (Some(_), _) => "cancelled",
            (None, Some(_)) => "closed",
            (None, None) => "open",
        }
    }

    fn filter(&self, name: &str) -> Found {
        let one = |text: &str| Found::Texts(vec![text.to_owned()]);
        match name {
            "updated_at" => Found::Time(self.updated),
            "created_at" => Found::Time(self.created),
            "processed_at" => Found::Time(self.processed),
            "id" => Found::Number(self.id),
            "customer_id" => Found::Number(self.customer.unwrap_or(0)),
            // With and without the sign before the number.
            "name" => Found::Texts(vec![self.name.clone(), self.name.trim_start_matches('#').to_owned()]),
            "tag" => Found::Texts(self.tags.clone()),
            "source_identifier" => Found::text(self.source_identifier.as_ref()),
            "source_name" => Found::text(self.source_name.as_ref()),
            "email" => Found::text(self.email.as_ref()),
            "sku" => Found::Texts(self.lines.iter().filter_map(|line| line.sku.clone()).collect()),
            "test" => one(if self.test { "true" } else { "false" }),
            "financial_status" => one(&self.financial_status().to_lowercase()),
            "fulfillment_status" => one(match self.fulfillment_status() {
                "FULFILLED" => "shipped",
                "PARTIALLY_FULFILLED" => "partial",
                _ => "unfulfilled",
            }),
            "status" if self.status() == "open" => Found::Texts(vec!["open".to_owned(), "not_closed".to_owned()]),
            "status" => one(self.status()),
            "" => {
                let mut texts = vec![self.name.clone()];
                texts.extend(self.email.clone());
                texts.extend(self.source_identifier.clone());
                Found::Texts(texts)
            }
            _ => Found::Unknown,
        }
    }

    /// What the list is sorted by, as a cursor keeps it.
    fn key(&self, sort: &str) -> (String, u64) {
        let at = |at: Timestamp| format!("{:020}", at.as_nanosecond());
        let first = match sort {
            "UPDATED_AT" => at(self.updated),
            "CREATED_AT" => at(self.created),
            "ID" => String::new(),
            "ORDER_NUMBER" => format!("{:020}", self.number),
            _ => at(self.processed),
        };
        (first, self.id)
    }
}

impl Shop {
    pub fn list_orders(&mut self, arguments: &Map<String, Value>, faults: &Faults, now: Timestamp) -> Outcome {
        let (count, forward) = size(arguments, "orders")?;
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let sort = text("sortKey");
        let search = Search::parse(&text("query"));
        // The index is behind what it indexes, and reading by id is not.
        let indexed = now.saturating_sub(faults.current_search_lag()).unwrap_or(Timestamp::MIN);
        let seen = |order: &&Order| order.updated <= indexed && search.matches(now, |name| order.filter(name));
        let mut found: Vec<((String, u64), u64)> =
            self.orders.values().filter(seen).map(|order| (order.key(&sort), order.id)).collect();
        found.sort();
        if arguments.get("reverse") == Some(&Value::Bool(true)) {
            found.reverse();
        }
        let position = |name: &str| {
            let wanted: (String, u64) = serde_json::from_value(key_of(&text(name))?).ok()?;
            Some(wanted)
        };
        let reversed = arguments.get("reverse") == Some(&Value::Bool(true));
        let beyond = |key: &(String, u64), wanted: &(String, u64)| if reversed { key < wanted } else { key > wanted };
        let before = |key: &(String, u64), wanted: &(String, u64)| if reversed { key > wanted } else { key < wanted };
        let all = found.len();
        if let Some(wanted) = position("after") {
            found.retain(|(key, _)| beyond(key, &wanted));
        }
        let cut_before = all != found.len();
        if let Some(wanted) = position("before") {
            found.retain(|(key, _)| before(key, &wanted));
        }
        let count = faults.page_limit(usize::try_from(count).unwrap_or(usize::MAX));
        let more = found.len() > count;
        if forward {
            found.truncate(count);
        } else {
            found.drain(..found.len().saturating_sub(count));
        }
        let cursors: Vec<String> = found.iter().map(|(key, _)| cursor(&json!(key))).collect();
        let nodes: Vec<Value> = found.iter().map(|(_, id)| self.order_json(*id)).collect();
        let page = Page::new(&nodes, &cursors, cut_before || (!forward && more), forward && more);
        self.shift(faults, &found, now);
        Ok(page.json("OrderConnection"))
    }

    /// An order moves while the pages are being read.
    fn shift(&mut self, faults: &Faults, shown: &[((String, u64), u64)], now: Timestamp) {
        match faults.take_page_shift() {
            None => {}
            Some(PageShift::Leaves) => {
                if let Some((_, id)) = shown.first() {
                    self.touched(*id, now);
                }
            }
            Some(PageShift::Enters) => {
                let hidden = self.orders.keys().copied().find(|id| !shown.iter().any(|(_, shown)| shown == id));
                if let (Some(id), Some((_, first))) = (hidden, shown.first())
                    && let Some(at) = self.orders.get(first).map(|order| order.updated - SignedDuration::from_secs(1))
                    && let Some(order) = self.orders.get_mut(&id)
                {
                    order.updated = at;
                }
            }
        }
    }

    /// Something about the order changed.
    pub fn touched(&mut self, id: u64, now: Timestamp) {
        if let Some(order) = self.orders.get_mut(&id) {
            order.updated = now;
            self.tell_order("ORDERS_UPDATED", id, now);
        }
    }

    /// Changes an order that is taken out meanwhile, so that the rest of the shop can be changed with it.
    pub fn change<T>(&mut self, id: u64, now: Timestamp, change: impl FnOnce(&mut Self, &mut Order) -> T) -> Option<T> {
        let mut order = self.orders.remove(&id)?;
        let done = change(self, &mut order);
        order.updated = now;
        self.orders.insert(id, order);
        Some(done)
    }

    pub fn order_update(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let input = Input(arguments.get("input").unwrap_or(&Value::Null));
        let id = required_id("Order", input, "id")?;
        let Some(order) = self.orders.get_mut(&id) else {
            return Ok(payload("OrderUpdatePayload", &[UserError::new(&["id"], "Order does not exist")], "UserError"));
        };
        if input.names("note") {
            order.note = input.text("note");
        }
        if input.names("email") {
            order.email = input.text("email");
        }
        if input.names("phone") {
            order.phone = input.text("phone");
        }
        if input.names("tags") {
            order.tags = input.tags("tags");
        }
        if input.names("customAttributes") {
            order.attributes = input.attributes("customAttributes");
        }
        if let Some(address) = input.member("shippingAddress") {
            order.shipping_address = Some(read::address(address));
        }
        for field in input.items("metafields") {
            self.set_metafield(id, field, now);
        }
        self.touched(id, now);
        Ok(self.with_order("OrderUpdatePayload", id))
    }

    /// <https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderMarkAsPaid>.
    pub fn order_mark_as_paid(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let input = Input(arguments.get("input").unwrap_or(&Value::Null));
        let id = required_id("Order", input, "id")?;
        let payable = self.orders.get(&id).map(Order::can_be_paid);
        let refuse =
            |message: &str| payload("OrderMarkAsPaidPayload", &[UserError::new(&["id"], message)], "UserError");
        match payable {
            None => Ok(refuse("Order does not exist")),
            Some(false) => Ok(refuse("Order cannot be marked as paid.")),
            Some(true) => {
                self.pay(id, "manual", now);
                Ok(self.with_order("OrderMarkAsPaidPayload", id))
            }
        }
    }

    /// The outstanding amount is paid.
    pub fn pay(&mut self, id: u64, gateway: &str, now: Timestamp) {
        let transaction = self.next_id();
        let paid = self.change(id, now, |_, order| {
            let amount = order.outstanding();
            order.declared = None;
            order.transactions.push(Transaction {
                id: transaction,
                at: now,
                kind: "SALE".to_owned(),
                status: "SUCCESS".to_owned(),
                gateway: gateway.to_owned(),
                amount,
                parent: None,
                test: false,
            });
        });
        if paid.is_some() {
            self.tell_order("ORDERS_PAID", id, now);
            self.tell_order("ORDERS_UPDATED", id, now);
        }
    }

    pub fn set_metafield(&mut self, order: u64, input: Input<'_>, now: Timestamp) -> Option<Metafield> {
        let id = self.next_id();
        let order = self.orders.get_mut(&order)?;
        let namespace = input.text("namespace").unwrap_or_else(|| "app--1".to_owned());
        let (key, value) = (input.text("key")?, input.text("value")?);
        let known = order.metafields.iter_mut().find(|known| known.namespace == namespace && known.key == key);
        if let Some(known) = known {
            known.value = value;
            known.updated = now;
            return Some(known.clone());
        }
        let kind = input.text("type").unwrap_or_else(|| "single_line_text_field".to_owned());
        let made = Metafield { id, namespace, key, kind, value, created: now, updated: now };
        order.metafields.push(made.clone());
        Some(made)
    }

    pub fn metafields_set(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Value {
        let all = Input(&Value::Object(arguments.clone()))
            .items("metafields")
            .into_iter()
            .map(|item| item.0.clone())
            .collect::<Vec<_>>();
        let owner = |item: &Value| id_of("Order", item.get("ownerId")?.as_str()?);
        let missing = all.iter().position(|item| owner(item).is_none_or(|id| !self.orders.contains_key(&id)));
        if let Some(index) = missing {
            let error =
                UserError::new(&["metafields", &index.to_string(), "ownerId"], "Owner does not exist").code("INVALID");
            let errors = [error.json("MetafieldsSetUserError")];
            return json!({"__typename": "MetafieldsSetPayload", "metafields": null, "userErrors": errors});
        }
        let mut made = Vec::new();
        for item in &all {
            if let Some(id) = owner(item) {
                made.extend(self.set_metafield(id, Input(item), now));
                self.touched(id, now);
            }
        }
        let made: Vec<Value> = made.iter().map(Metafield::json).collect();
        json!({"__typename": "MetafieldsSetPayload", "metafields": made, "userErrors": []})
    }

    pub fn mail(&mut self, order: &Order, kind: MailKind, now: Timestamp) {
        let to = if kind.to_buyer() { order.email.clone() } else { Some(self.config.owner_mail.clone()) };
        if let Some(to) = to {
            self.ledger.mails.push(super::ledger::Mail { at: now, order_id: order.id, kind, to });
        }
    }

    pub fn with_order(&self, kind: &str, id: u64) -> Value {
        json!({"__typename": kind, "order": self.order_json(id), "userErrors": []})
    }

    /// The whole order as a buyer places it, for tests: stock is taken, and the owner gets a mail.
    pub fn place(&mut self, mut order: Order, now: Timestamp) {
        let id = order.id;
        self.claim(&mut order, now);
        self.route(&mut order, now);
        self.mail(&order, MailKind::OrderConfirmation, now);
        self.mail(&order, MailKind::NewOrder, now);
        let paid = order.financial_status() == "PAID";
        self.orders.insert(id, order);
        self.tell_order("ORDERS_CREATE", id, now);
        if paid {
            self.tell_order("ORDERS_PAID", id, now);
        }
    }

    pub fn total_of(&self, id: u64) -> Bag {
        self.orders.get(&id).map(Order::total).unwrap_or_default()
    }
}

/// A mutation's answer without an order.
pub(super) fn payload(kind: &str, errors: &[UserError], error_kind: &str) -> Value {
    let errors: Vec<Value> = errors.iter().map(|error| error.json(error_kind)).collect();
    json!({"__typename": kind, "order": null, "userErrors": errors})
}

pub(super) fn order_gid(id: u64) -> String {
    gid("Order", id)
}
