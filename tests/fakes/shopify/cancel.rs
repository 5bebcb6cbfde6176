//! `orderCancel`: a job that is done a while later, and cannot be undone.
//!
//! <https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderCancel>.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::UserError;
use super::ledger::{MailKind, MoveReason, RefundMade};
use super::read::Input;
use super::roots::{Outcome, required_id};
use super::state::{Canceled, Job, Order, Refund, RefundLine, Shop, Transaction, gid, id_of};

#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub reason: String,
    pub restock: bool,
    /// Money goes back over the gateways it came by.
    pub refund: bool,
    pub notify: bool,
    pub staff_note: Option<String>,
}

impl Shop {
    pub fn order_cancel(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let whole = Value::Object(arguments.clone());
        let input = Input(&whole);
        let id = required_id("Order", input, "orderId")?;
        let Some(order) = self.orders.get(&id) else {
            return Ok(refused(&UserError::new(&["orderId"], "Order does not exist").code("NOT_FOUND")));
        };
        if order.canceled.is_some() {
            return Ok(refused(&UserError::new(&["orderId"], "Order has already been cancelled").code("INVALID")));
        }
        // "Orders that are paid and have fulfillments can't be canceled":
        // <https://shopify.dev/docs/api/admin-rest/latest/resources/order#post-orders-order-id-cancel>.
        let paid = !(order.received() - order.refunded()).is_zero();
        if paid && order.fulfillments.iter().any(|made| made.status == "SUCCESS") {
            let message = "Cannot cancel an order with fulfillments";
            return Ok(refused(&UserError::new(&["orderId"], message).code("INVALID")));
        }
        let method = input.member("refundMethod");
        let cancel = Asked {
            reason: input.text("reason").unwrap_or_else(|| "OTHER".to_owned()),
            restock: input.flag("restock"),
            refund: input.flag("refund") || method.is_some_and(|method| method.flag("originalPaymentMethodsRefund")),
            notify: input.flag("notifyCustomer"),
            staff_note: input.text("staffNote"),
        };
        let job = self.next_id();
        let due = now.saturating_add(self.cancel_takes).unwrap_or(Timestamp::MAX);
        self.jobs.insert(job, Job { order: id, due, done: false, cancel });
        let answer = json!({
            "__typename": "OrderCancelPayload",
            "job": job_json(job, false),
            "orderCancelUserErrors": [],
            "userErrors": [],
        });
        self.settle(now);
        Ok(answer)
    }

    /// Does the jobs that are due.
    pub fn settle(&mut self, now: Timestamp) {
        let due: Vec<u64> =
            self.jobs.iter().filter(|(_, job)| !job.done && job.due <= now).map(|(id, _)| *id).collect();
        for id in due {
            let Some(job) = self.jobs.get_mut(&id) else { continue };
            job.done = true;
            let (order, cancel) = (job.order, job.cancel.clone());
            self.cancel(order, &cancel, now);
        }
    }

    /// The order ends. What was to be restocked is on a refund of no money, as Shopify writes it.
    pub fn cancel(&mut self, id: u64, asked: &Asked, now: Timestamp) {
        if self.orders.get(&id).is_none_or(|order| order.canceled.is_some()) {
            return;
        }
        let gone = self.change(id, now, |shop, order| {
            let reason = asked.reason.clone();
            order.canceled = Some(Canceled { at: now, reason, staff_note: asked.staff_note.clone() });
            order.declared = None;
            let lines = shop.cancel_lines(order, asked.restock, now);
            for open in order.fulfillment_orders.iter_mut().filter(|open| open.status != "CLOSED") {
                "CLOSED".clone_into(&mut open.status);
                open.updated = now;
                open.lines.iter_mut().for_each(|line| line.remaining = 0);
            }
            let transactions = if asked.refund { shop.give_back(order, now) } else { Vec::new() };
            let refund = shop.next_id();
            if !lines.is_empty() {
                let adjustment = super::money::Bag::default();
                let shipping = Vec::new();
                order.refunds.push(Refund {
                    id: refund,
                    at: now,
                    note: None,
                    lines,
                    shipping,
                    adjustment,
                    transactions,
                    by_cancel: true,
                });
            }
            if asked.notify {
                shop.mail(order, MailKind::Canceled, now);
            }
        });
        if gone.is_some() {
            self.tell_order("ORDERS_CANCELLED", id, now);
            self.tell_order("ORDERS_UPDATED", id, now);
        }
    }

    fn cancel_lines(&mut self, order: &mut Order, restock: bool, now: Timestamp) -> Vec<RefundLine> {
        let open: Vec<(u64, i64, bool)> = order
            .lines
            .iter()
            .map(|line| (line.id, order.current_quantity(line), line.variant.is_some()))
            .filter(|(_, quantity, _)| *quantity > 0)
            .collect();
        let mut lines = Vec::new();
        for (line, quantity, stocked) in open {
            let known = order.lines.iter().find(|known| known.id == line).cloned();
            let Some(known) = known else { continue };
            let share = |total: super::money::Bag| total.share(quantity, known.quantity, &order.money);
            let (subtotal, tax) = (share(known.discounted_total()), share(known.tax()));
            let restocked = restock && stocked;
            if restocked {
                self.restock(order, line, quantity, MoveReason::Cancel(order.id), now);
            } else {
                self.release(order, line, quantity);
            }
            let word = if restock { "CANCEL" } else { "NO_RESTOCK" };
            lines.push(RefundLine {
                id: self.next_id(),
                line,
                quantity,
                restock: word.to_owned(),
                restocked,
                location: restocked.then_some(known.location),
                subtotal,
                tax,
            });
        }
        lines
    }

    /// The money goes back the way it came.
    fn give_back(&mut self, order: &mut Order, now: Timestamp) -> Vec<u64> {
        self.ledger.cancels_with_refund.push(order.id);
        let left = order.received() - order.refunded();
        if left.is_zero() {
            return Vec::new();
        }
        let id = self.next_id();
        let gateway = order.transactions.first().map_or_else(|| "manual".to_owned(), |made| made.gateway.clone());
        let made =
            RefundMade { at: now, order_id: order.id, refund_id: id, amount: left.presentment, gateway_called: false };
        self.ledger.refunds.push(made);
        order.transactions.push(Transaction {
            id,
            at: now,
            kind: "REFUND".to_owned(),
            status: "SUCCESS".to_owned(),
            gateway,
            amount: left,
            parent: None,
            test: false,
        });
        vec![id]
    }

    pub fn job(&self, arguments: &Map<String, Value>) -> Value {
        let id = arguments.get("id").and_then(Value::as_str).and_then(|id| id_of("Job", id));
        id.and_then(|id| Some(job_json(id, self.jobs.get(&id)?.done))).unwrap_or_default()
    }
}

fn job_json(id: u64, done: bool) -> Value {
    json!({"__typename": "Job", "id": gid("Job", id), "done": done})
}

fn refused(error: &UserError) -> Value {
    json!({
        "__typename": "OrderCancelPayload",
        "job": null,
        "orderCancelUserErrors": [error.json("OrderCancelUserError")],
        "userErrors": [error.json("UserError")],
    })
}
