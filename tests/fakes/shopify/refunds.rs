//! `refundCreate`, and the refunds of the shop's own people.
//!
//! <https://shopify.dev/docs/api/admin-graphql/latest/mutations/refundCreate>.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::errors::UserError;
use super::ledger::{MailKind, MoveReason, RefundMade};
use super::money::Bag;
use super::read::Input;
use super::roots::{Outcome, required_id};
use super::state::{Order, Refund, RefundLine, RefundShipping, Shop, Transaction, gid, id_of};

impl Shop {
    pub fn refund_create(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let input = Input(arguments.get("input").unwrap_or(&Value::Null));
        let id = required_id("Order", input, "orderId")?;
        let Some(order) = self.orders.get(&id).cloned() else {
            return Ok(refused(&UserError::new(&["orderId"], "Order does not exist")));
        };
        let mut changed = order;
        match self.refund(&mut changed, input, now) {
            Err(error) => Ok(refused(&error)),
            Ok(refund) => {
                changed.updated = now;
                self.orders.insert(id, changed);
                self.tell_refund(id, refund, now);
                self.tell_order("ORDERS_UPDATED", id, now);
                let shown = self.order_json(id);
                let made = shown["refunds"].as_array().and_then(|refunds| refunds.last()).cloned();
                Ok(json!({
                    "__typename": "RefundCreatePayload", "order": shown, "refund": made, "userErrors": [],
                }))
            }
        }
    }

    fn refund(&mut self, order: &mut Order, input: Input<'_>, now: Timestamp) -> Result<u64, UserError> {
        let mut lines = Vec::new();
        for (index, item) in input.items("refundLineItems").into_iter().enumerate() {
            lines.push(self.refund_line(order, item, index)?);
        }
        let shipping = self.refund_shipping(order, input)?;
        let transactions = self.refund_transactions(order, input, now)?;
        if lines.is_empty() && shipping.is_empty() && transactions.is_empty() {
            return Err(UserError::new(&[], "Refund must have at least one line item, transaction or shipping refund"));
        }
        let id = self.next_id();
        for line in &mut lines {
            let restocks = matches!(line.restock.as_str(), "CANCEL" | "RETURN");
            let stocked = order.lines.iter().any(|known| known.id == line.line && known.variant.is_some());
            line.restocked = restocks && stocked;
            if line.restocked {
                self.restock(order, line.line, line.quantity, MoveReason::Refund(order.id), now);
            }
            // What has not left yet is no longer to be sent.
            let open = order.unfulfilled_quantity(line.line);
            let gone = if line.restock == "RETURN" { 0 } else { line.quantity.min(open) };
            take_off(order, line.line, gone, now);
            if !line.restocked {
                self.release(order, line.line, gone);
            }
        }
        let paid: Bag = transactions.iter().map(|made| made.amount).sum();
        let worth: Bag = lines.iter().map(|line| worth(order, line.subtotal, line.tax)).sum::<Bag>()
            + shipping.iter().map(|line| worth(order, line.subtotal, line.tax)).sum();
        let adjustment = if transactions.is_empty() { Bag::default() } else { paid - worth };
        for made in &transactions {
            let gateway_called = self.config.refunding_gateways.contains(&made.gateway);
            let (order_id, amount) = (order.id, made.amount.presentment);
            self.ledger.refunds.push(RefundMade { at: now, order_id, refund_id: id, amount, gateway_called });
        }
        if input.flag("notify") {
            self.mail(order, MailKind::Refund, now);
        }
        let note = input.text("note").filter(|note| !note.is_empty());
        let own = transactions.iter().map(|made| made.id).collect();
        order.transactions.extend(transactions);
        if order.transactions.iter().any(|made| made.kind == "SALE") {
            order.declared = None;
        }
        order.refunds.push(Refund {
            id,
            at: now,
            note,
            lines,
            shipping,
            adjustment,
            transactions: own,
            by_cancel: false,
        });
        Ok(id)
    }

    fn refund_line(&mut self, order: &Order, item: Input<'_>, index: usize) -> Result<RefundLine, UserError> {
        let index = index.to_string();
        let wrong = |message: &str| UserError::new(&["refundLineItems", &index, "quantity"], message);
        let line = item.text("lineItemId").and_then(|gid| id_of("LineItem", &gid));
        let line = order.lines.iter().find(|known| Some(known.id) == line);
        let line = line.ok_or_else(|| wrong("Line item does not exist"))?;
        let quantity = item.number("quantity").unwrap_or(0);
        if quantity < 1 || quantity > order.current_quantity(line) {
            return Err(wrong("Quantity cannot refund more items than were purchased"));
        }
        let location = item.text("locationId").and_then(|gid| id_of("Location", &gid)).unwrap_or(line.location);
        if !self.locations.contains_key(&location) {
            return Err(UserError::new(&["refundLineItems", &index, "locationId"], "Location does not exist"));
        }
        let share = |total: Bag| total.share(quantity, line.quantity, &order.money);
        Ok(RefundLine {
            id: self.next_id(),
            line: line.id,
            quantity,
            restock: item.text("restockType").unwrap_or_else(|| "NO_RESTOCK".to_owned()),
            restocked: false,
            location: Some(location),
            subtotal: share(line.discounted_total()),
            tax: share(line.tax()),
        })
    }

    fn refund_shipping(&mut self, order: &Order, input: Input<'_>) -> Result<Vec<RefundShipping>, UserError> {
        let Some(asked) = input.member("shipping") else { return Ok(Vec::new()) };
        let left = order.current_shipping();
        let amount =
            if asked.flag("fullRefund") { left } else { in_both(order, asked.decimal("amount").unwrap_or_default()) };
        if amount.presentment > left.presentment {
            return Err(UserError::new(&["shipping"], "Shipping refund cannot exceed the shipping paid"));
        }
        let Some(line) = order.shipping.first().filter(|_| !amount.is_zero()) else { return Ok(Vec::new()) };
        let tax = if amount == order.shipping_total() { line.tax() } else { Bag::default() };
        Ok(vec![RefundShipping { id: self.next_id(), line: line.id, subtotal: amount, tax }])
    }

    fn refund_transactions(
        &mut self,
        order: &Order,
        input: Input<'_>,
        now: Timestamp,
    ) -> Result<Vec<Transaction>, UserError> {
        let mut made = Vec::new();
        let mut sum = Decimal::ZERO;
        for (index, item) in input.items("transactions").into_iter().enumerate() {
            let index = index.to_string();
            let wrong = |message: &str| UserError::new(&["transactions", &index], message);
            let parent = item.text("parentId").and_then(|gid| id_of("OrderTransaction", &gid));
            let known = order.transactions.iter().find(|known| Some(known.id) == parent);
            if item.has("parentId") && known.is_none() {
                return Err(wrong("Parent transaction does not exist"));
            }
            let amount = item.decimal("amount").unwrap_or_default();
            if amount <= Decimal::ZERO {
                return Err(wrong("Amount must be greater than 0"));
            }
            sum += amount;
            made.push(Transaction {
                id: self.next_id(),
                at: now,
                kind: item.text("kind").unwrap_or_else(|| "REFUND".to_owned()),
                status: "SUCCESS".to_owned(),
                gateway: known.map(|known| known.gateway.clone()).or_else(|| item.text("gateway")).unwrap_or_default(),
                amount: in_both(order, amount),
                parent,
                test: false,
            });
        }
        let left = order.received() - order.refunded();
        if sum > left.presentment && !input.flag("allowOverRefunding") {
            return Err(UserError::new(&[], "Refund amount cannot be greater than the amount available to refund"));
        }
        Ok(made)
    }

    /// The shop's people give all that is left back, over the gateway the buyer paid by. Nothing is restocked.
    pub fn refund_all(&mut self, id: u64, now: Timestamp) {
        let Some(order) = self.orders.get(&id) else { return };
        let left = order.received() - order.refunded();
        let lines: Vec<Value> = order
            .lines
            .iter()
            .filter(|line| order.current_quantity(line) > 0)
            .map(|line| {
                json!({
                    "lineItemId": gid("LineItem", line.id),
                    "quantity": order.current_quantity(line),
                    "restockType": "NO_RESTOCK",
                })
            })
            .collect();
        let mut input = json!({
            "orderId": gid("Order", id), "refundLineItems": lines, "shipping": {"fullRefund": true},
        });
        if let Some(parent) = order.transactions.first().filter(|_| !left.is_zero()) {
            input["transactions"] = json!([{
                "amount": left.presentment, "gateway": parent.gateway, "kind": "REFUND",
                "orderId": gid("Order", id), "parentId": gid("OrderTransaction", parent.id),
            }]);
        }
        self.refund_by_hand(id, &input, now);
    }

    /// A refund as the shop's people make it, in the shape of a `RefundInput`. Gives what went wrong.
    pub fn refund_by_hand(&mut self, id: u64, input: &Value, now: Timestamp) -> Option<String> {
        let Some(mut order) = self.orders.get(&id).cloned() else { return Some("no such order".to_owned()) };
        match self.refund(&mut order, Input(input), now) {
            Err(error) => Some(error.message),
            Ok(refund) => {
                order.updated = now;
                self.orders.insert(id, order);
                self.tell_refund(id, refund, now);
                self.tell_order("ORDERS_UPDATED", id, now);
                None
            }
        }
    }
}

/// An amount in the presentment currency; the shop's is in the order's own proportion.
fn in_both(order: &Order, amount: Decimal) -> Bag {
    let total = order.total();
    let shop = if total.presentment.is_zero() || order.money.shop == order.money.presentment {
        amount
    } else {
        amount * total.shop / total.presentment
    };
    order.money.rounded(Bag { shop, presentment: amount })
}

fn worth(order: &Order, subtotal: Bag, tax: Bag) -> Bag {
    if order.taxes_included { subtotal } else { subtotal + tax }
}

/// Units that are not to be sent any more.
pub(super) fn take_off(order: &mut Order, line: u64, quantity: i64, now: Timestamp) {
    let mut left = quantity;
    for open in order.fulfillment_orders.iter_mut().filter(|open| open.status != "CLOSED") {
        for item in open.lines.iter_mut().filter(|item| item.line == line) {
            let taken = left.min(item.remaining);
            item.remaining -= taken;
            item.total -= taken;
            left -= taken;
        }
        if open.lines.iter().all(|item| item.remaining == 0) {
            "CLOSED".clone_into(&mut open.status);
        }
        open.updated = now;
    }
}

fn refused(error: &UserError) -> Value {
    let errors = [error.json("UserError")];
    json!({"__typename": "RefundCreatePayload", "order": null, "refund": null, "userErrors": errors})
}
