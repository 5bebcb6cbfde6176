//! Packages: `fulfillmentCreate` on fulfilment orders, their tracking, their cancel.
//!
//! <https://shopify.dev/docs/api/admin-graphql/latest/mutations/fulfillmentCreate>.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::UserError;
use super::ledger::{MailKind, PackageMade};
use super::read::{self, Input};
use super::roots::{Outcome, required_id};
use super::state::{Fulfillment, FulfillmentOrder, FulfillmentOrderLine, Shop, Tracking, gid, id_of};

/// (fulfilment order, line, quantity).
type Taken = (u64, u64, i64);

impl Shop {
    pub fn fulfillment_create(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Value {
        let input = Input(arguments.get("fulfillment").unwrap_or(&Value::Null));
        match self.pick(input) {
            Err(error) => refused("FulfillmentCreatePayload", &error),
            Ok((order, taken)) => {
                let id = self.send(order, &taken, read::tracking(input), true, now);
                if input.flag("notifyCustomer") {
                    self.mail_about(order, MailKind::ShippingConfirmation, now);
                }
                self.with_fulfillment("FulfillmentCreatePayload", order, id)
            }
        }
    }

    /// The order and its units that are asked for, all of one order and one location.
    fn pick(&self, input: Input<'_>) -> Result<(u64, Vec<Taken>), UserError> {
        let wrong = |message: String| UserError::new(&["fulfillment"], message);
        let mut order_id = None;
        let mut location = None;
        let mut taken = Vec::new();
        for asked in input.items("lineItemsByFulfillmentOrder") {
            let id = asked.text("fulfillmentOrderId").and_then(|gid| id_of("FulfillmentOrder", &gid));
            let found = self.orders.values().find_map(|order| {
                let open = order.fulfillment_orders.iter().find(|open| Some(open.id) == id)?;
                Some((order, open))
            });
            let (order, open) = found.ok_or_else(|| wrong("Fulfillment order does not exist.".to_owned()))?;
            if !matches!(open.status.as_str(), "OPEN" | "IN_PROGRESS") {
                let status = open.status.to_lowercase();
                return Err(wrong(format!("Fulfillment order {} has an unfulfillable status= {status}.", open.id)));
            }
            if order_id.is_some_and(|known| known != order.id) {
                return Err(wrong("All fulfillment orders must belong to the same order.".to_owned()));
            }
            if location.is_some_and(|known| known != open.location) {
                return Err(wrong("All fulfillment orders must be assigned to the same location.".to_owned()));
            }
            order_id = Some(order.id);
            location = Some(open.location);
            let items = asked.items("fulfillmentOrderLineItems");
            if items.is_empty() {
                taken.extend(
                    open.lines
                        .iter()
                        .filter(|line| line.remaining > 0)
                        .map(|line| (open.id, line.line, line.remaining)),
                );
            }
            for item in items {
                let id = item.text("id").and_then(|gid| id_of("FulfillmentOrderLineItem", &gid));
                let line = open.lines.iter().find(|line| Some(line.id) == id);
                let line = line.ok_or_else(|| wrong("Fulfillment order line item does not exist.".to_owned()))?;
                let quantity = item.number("quantity").unwrap_or(0);
                if quantity < 1 || quantity > line.remaining {
                    return Err(wrong("Invalid fulfillment order line item quantity requested.".to_owned()));
                }
                taken.push((open.id, line.line, quantity));
            }
        }
        let order = order_id.filter(|_| !taken.is_empty());
        order.map(|order| (order, taken)).ok_or_else(|| wrong("There are no items to fulfill.".to_owned()))
    }

    /// A package leaves.
    pub fn send(&mut self, id: u64, taken: &[Taken], tracking: Vec<Tracking>, over_api: bool, now: Timestamp) -> u64 {
        let fulfillment = self.next_id();
        let line_ids: Vec<u64> = taken.iter().map(|_| self.next_id()).collect();
        let numbers = tracking.iter().filter_map(|info| info.number.clone()).collect();
        self.ledger.packages.push(PackageMade {
            at: now,
            order_id: id,
            fulfillment_id: fulfillment,
            numbers,
            over_api,
        });
        let all_sent = self.change(id, now, |shop, order| {
            for (open, line, quantity) in taken {
                shop.ship_units(order, *line, *quantity);
                let Some(open) = order.fulfillment_orders.iter_mut().find(|known| known.id == *open) else { continue };
                for item in open.lines.iter_mut().filter(|item| item.line == *line) {
                    item.remaining -= quantity;
                }
                let done = open.lines.iter().all(|item| item.remaining == 0);
                if done { "CLOSED" } else { "IN_PROGRESS" }.clone_into(&mut open.status);
                open.updated = now;
            }
            let first = taken.first().map_or(0, |(open, _, _)| *open);
            let location =
                order.fulfillment_orders.iter().find(|open| open.id == first).map_or(0, |open| open.location);
            let lines = line_ids.iter().zip(taken).map(|(id, (_, line, quantity))| (*id, *line, *quantity)).collect();
            order.fulfillments.push(Fulfillment {
                id: fulfillment,
                at: now,
                updated: now,
                status: "SUCCESS".to_owned(),
                location,
                fulfillment_order: first,
                lines,
                tracking,
                delivered: None,
            });
            order.fulfillment_status() == "FULFILLED"
        });
        self.tell_fulfillment("FULFILLMENTS_CREATE", id, fulfillment, now);
        let sent = if all_sent == Some(true) { "ORDERS_FULFILLED" } else { "ORDERS_PARTIALLY_FULFILLED" };
        self.tell_order(sent, id, now);
        self.tell_order("ORDERS_UPDATED", id, now);
        fulfillment
    }

    /// The shop's people send what is left of the order.
    pub fn send_rest(&mut self, id: u64, tracking: Vec<Tracking>, now: Timestamp) -> Option<u64> {
        self.send_units(id, i64::MAX, tracking, now)
    }

    /// The shop's people send so many units of what is left.
    pub fn send_units(&mut self, id: u64, mut most: i64, tracking: Vec<Tracking>, now: Timestamp) -> Option<u64> {
        let order = self.orders.get(&id)?;
        let open =
            order.fulfillment_orders.iter().filter(|open| matches!(open.status.as_str(), "OPEN" | "IN_PROGRESS"));
        let taken: Vec<Taken> = open
            .flat_map(|open| open.lines.iter().map(move |line| (open.id, line.line, line.remaining)))
            .map(|(open, line, remaining)| {
                let units = remaining.min(most);
                most -= units;
                (open, line, units)
            })
            .filter(|(_, _, units)| *units > 0)
            .collect();
        (!taken.is_empty()).then(|| self.send(id, &taken, tracking, false, now))
    }

    fn owner_of(&self, fulfillment: u64) -> Option<u64> {
        let own = |order: &&super::state::Order| order.fulfillments.iter().any(|made| made.id == fulfillment);
        self.orders.values().find(own).map(|order| order.id)
    }

    pub fn tracking_update(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let whole = Value::Object(arguments.clone());
        let input = Input(&whole);
        let id = required_id("Fulfillment", input, "fulfillmentId")?;
        let Some(order) = self.owner_of(id) else {
            let error = UserError::new(&["fulfillmentId"], "Fulfillment does not exist.");
            return Ok(refused("FulfillmentTrackingInfoUpdatePayload", &error));
        };
        let tracking = input.member("trackingInfoInput").map(|info| read::tracking(info)).unwrap_or_default();
        self.change(order, now, |_, order| {
            for made in order.fulfillments.iter_mut().filter(|made| made.id == id) {
                made.tracking.clone_from(&tracking);
                made.updated = now;
            }
        });
        if input.flag("notifyCustomer") {
            self.mail_about(order, MailKind::ShippingUpdate, now);
        }
        self.tell_fulfillment("FULFILLMENTS_UPDATE", order, id, now);
        self.tell_order("ORDERS_UPDATED", order, now);
        Ok(self.with_fulfillment("FulfillmentTrackingInfoUpdatePayload", order, id))
    }

    /// "Creates new fulfillment orders for the cancelled items so they can be fulfilled again."
    pub fn fulfillment_cancel(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let whole = Value::Object(arguments.clone());
        let id = required_id("Fulfillment", Input(&whole), "id")?;
        let Some(order) = self.owner_of(id) else {
            let error = UserError::new(&["id"], "Fulfillment does not exist.");
            return Ok(refused("FulfillmentCancelPayload", &error));
        };
        self.change(order, now, |shop, order| {
            let Some(made) = order.fulfillments.iter_mut().find(|made| made.id == id && made.status == "SUCCESS")
            else {
                return;
            };
            "CANCELLED".clone_into(&mut made.status);
            made.updated = now;
            let (location, lines) = (made.location, made.lines.clone());
            let lines = lines
                .into_iter()
                .map(|(_, line, quantity)| FulfillmentOrderLine {
                    id: shop.next_id(),
                    line,
                    total: quantity,
                    remaining: quantity,
                })
                .collect();
            let (id, status) = (shop.next_id(), "OPEN".to_owned());
            order.fulfillment_orders.push(FulfillmentOrder { id, at: now, updated: now, status, location, lines });
        });
        self.tell_fulfillment("FULFILLMENTS_UPDATE", order, id, now);
        self.tell_order("ORDERS_UPDATED", order, now);
        Ok(self.with_fulfillment("FulfillmentCancelPayload", order, id))
    }

    fn mail_about(&mut self, id: u64, kind: MailKind, now: Timestamp) {
        if let Some(order) = self.orders.get(&id).cloned() {
            self.mail(&order, kind, now);
        }
    }

    fn with_fulfillment(&self, kind: &str, order: u64, fulfillment: u64) -> Value {
        let shown = self.order_json(order);
        let id = gid("Fulfillment", fulfillment);
        let made = shown["fulfillments"].as_array().and_then(|all| all.iter().find(|made| made["id"] == id.as_str()));
        json!({"__typename": kind, "fulfillment": made, "userErrors": []})
    }

    /// The fulfilment order with this id.
    pub fn fulfillment_order(&self, id: u64) -> Value {
        let found = self.orders.values().find_map(|order| {
            let open = order.fulfillment_orders.iter().find(|open| open.id == id)?;
            Some(self.fulfillment_order_json(order, open))
        });
        found.unwrap_or_default()
    }
}

fn refused(kind: &str, error: &UserError) -> Value {
    json!({"__typename": kind, "fulfillment": null, "userErrors": [error.json("UserError")]})
}
