//! Refunds: <https://developer.bigcommerce.com/docs/rest-management/transactions/payment-actions>.

use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Inner;
use super::http::{Answer, Asked, Outcome, Refusal};
use super::orders::{decimal, text};
use super::render;
use super::state::Refund;

/// Statuses of an order that is not paid.
const UNPAID: [u64; 5] = [0, 1, 7, 6, 12];

impl Inner {
    pub(super) fn list_refunds(&self, segment: &str) -> Outcome {
        let order = self.order_at(segment)?;
        let made = order.refunds.iter().map(|refund| render::refund(order, refund)).collect();
        Ok(Answer::data(StatusCode::OK, &Value::Array(made)))
    }

    pub(super) fn post_refund(&mut self, segment: &str, asked: &Asked) -> Outcome {
        let order = self.order_at(segment)?;
        let body = asked.json();
        let wrong = |message: &str| Refusal::new(422, message);
        if UNPAID.contains(&order.status) {
            return Err(wrong("You must receive payment of the order before you can issue a refund."));
        }
        let items = body.get("items").and_then(Value::as_array).filter(|items| !items.is_empty());
        let items = items.ok_or_else(|| wrong("No items"))?;
        let mut asked_for = Decimal::ZERO;
        for item in items {
            if text(item, "reason").chars().count() > 1000 {
                return Err(wrong("The reason is too long."));
            }
            asked_for += match text(item, "item_type") {
                "ORDER" if item.get("item_id").and_then(Value::as_u64) == Some(order.id) => {
                    decimal(item, "amount")?.unwrap_or_default()
                }
                _ => return Err(wrong("The item is invalid.")),
            };
        }
        let payments = body.get("payments").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut paid_back = Decimal::ZERO;
        for payment in &payments {
            paid_back += decimal(payment, "amount")?.unwrap_or_default();
        }
        let left = order.total_inc() - order.refunds.iter().map(|refund| refund.amount).sum::<Decimal>();
        if asked_for <= Decimal::ZERO || asked_for > left || paid_back != asked_for {
            return Err(wrong("The amount is invalid."));
        }
        let moved_money = payments.iter().any(|payment| payment.get("offline") != Some(&Value::Bool(true)));
        let id = order.id;
        let made = self.refund_of(id, asked_for, Value::Array(items.clone()), Value::Array(payments), moved_money);
        let order = self.order_at(segment)?;
        let refund = order.refunds.iter().find(|refund| refund.id == made).ok_or_else(Refusal::not_found)?;
        Ok(Answer::data(StatusCode::CREATED, &render::refund(order, refund)))
    }

    pub(super) fn refund_of(
        &mut self,
        order_id: u64,
        amount: Decimal,
        items: Value,
        payments: Value,
        moved_money: bool,
    ) -> u64 {
        let (at, id) = (self.now(), self.store.id());
        let Some(order) = self.store.orders.get_mut(&order_id) else { return id };
        for item in items.as_array().into_iter().flatten().filter(|item| item["item_type"] == "PRODUCT") {
            let line = order.lines.iter_mut().find(|line| json!(line.id) == item["item_id"]);
            if let Some(line) = line {
                line.refunded += item["quantity"].as_i64().unwrap_or(0);
            }
        }
        order.refunds.push(Refund { id, at, amount, reason: String::new(), items, payments, moved_money });
        let all: Decimal = order.refunds.iter().map(|refund| refund.amount).sum();
        let status = if all >= order.total_inc() { 4 } else { 14 };
        // What is refunded over the API is not put back into stock, so the status alone moves.
        let restocks = std::mem::replace(&mut self.store.restocks, false);
        self.set_status_of(order_id, status);
        self.store.restocks = restocks;
        self.event("store/order/refund/created", order_id);
        id
    }
}
