//! Refunds: every refusal is a 500, `api_refund` asks the gateway unless it is false, `api_restock` is on by default.

use rust_decimal::Decimal;
use serde_json::Value;

use super::http::{Answer, Outcome, Refusal};
use super::ledger::{MailKind, RefundMade};
use super::money;
use super::orders::Fields;
use super::shop::Shop;
use super::state::{FeeLine, ItemTax, Line, Meta, Order, Refund, RefundLine, ShippingLine, Status, TaxLine};
use super::validate::{as_bool, as_integer, not_a_string};

struct Asked {
    amount: Decimal,
    reason: String,
    pay_back: bool,
    restock: bool,
    lines: Vec<AskedLine>,
}

struct AskedLine {
    line_id: u64,
    quantity: i64,
    total: Decimal,
    taxes: Vec<ItemTax>,
}

impl Asked {
    fn read(order: &Order, body: &Fields) -> Result<Self, Refusal> {
        let mut lines = Vec::new();
        for posted in body.get("line_items").and_then(Value::as_array).into_iter().flatten() {
            let line_id = posted.get("id").and_then(Value::as_u64).unwrap_or(0);
            let known = order.lines.iter().any(|line| line.id == line_id)
                || order.fees.iter().any(|fee| fee.id == line_id)
                || order.shipping_lines.iter().any(|line| line.id == line_id);
            if !known {
                continue;
            }
            let taxes = posted.get("refund_tax").and_then(Value::as_array).into_iter().flatten();
            let taxes = taxes
                .map(|tax| ItemTax {
                    rate_id: tax.get("id").and_then(Value::as_u64).unwrap_or(0),
                    total: tax.get("refund_total").map_or(Decimal::ZERO, money::parse_value),
                    subtotal: None,
                })
                .collect();
            lines.push(AskedLine {
                line_id,
                quantity: posted.get("quantity").and_then(as_integer).unwrap_or(0),
                total: posted.get("refund_total").map_or(Decimal::ZERO, money::parse_value),
                taxes,
            });
        }
        let of_lines: Decimal =
            lines.iter().map(|line| line.total + line.taxes.iter().map(|tax| tax.total).sum::<Decimal>()).sum();
        let amount = match body.get("amount") {
            None | Some(Value::Null) => of_lines,
            Some(Value::String(text)) => text.parse().map_err(|_| invalid_amount())?,
            Some(_) => return Err(not_a_string("amount")),
        };
        let on = |name: &str| body.get(name).and_then(as_bool).unwrap_or(true);
        let reason = body.get("reason").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { amount, reason, pay_back: on("api_refund"), restock: on("api_restock"), lines })
    }
}

impl AskedLine {
    fn negative_taxes(&self, with_subtotal: bool) -> Vec<ItemTax> {
        let negative = |tax: &ItemTax| ItemTax {
            rate_id: tax.rate_id,
            total: -tax.total,
            subtotal: with_subtotal.then_some(-tax.total),
        };
        self.taxes.iter().map(negative).collect()
    }
}

const CANNOT: &str = "woocommerce_rest_cannot_create_order_refund";

impl Shop {
    pub fn list_refunds(&self, order_id: u64) -> Outcome {
        let Some(order) = self.orders.get(&order_id) else {
            return Err(Refusal::new(404, "woocommerce_rest_invalid_order_id", "Invalid order ID."));
        };
        let list: Vec<Value> = newest_first(order).iter().map(|refund| self.refund_json(order, refund)).collect();
        let mut answer = Answer::ok(Value::Array(list));
        answer.headers.push(("x-wp-total", order.refunds.len().to_string()));
        answer.headers.push(("x-wp-totalpages", usize::from(!order.refunds.is_empty()).to_string()));
        Ok(answer)
    }

    pub fn get_refund(&self, order_id: u64, refund_id: u64) -> Outcome {
        let Some(order) = self.orders.get(&order_id) else {
            return Err(Refusal::new(404, "woocommerce_rest_invalid_order_id", "Invalid order ID."));
        };
        let refund = order.refunds.iter().find(|refund| refund.id == refund_id);
        let Some(refund) = refund else {
            return Err(Refusal::new(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID."));
        };
        Ok(Answer::ok(self.refund_json(order, refund)))
    }

    pub fn post_refund(&mut self, order_id: u64, body: &Fields) -> Outcome {
        let Some(mut order) = self.orders.get(&order_id).cloned() else {
            return Err(Refusal::bare(404, "woocommerce_rest_invalid_order_id", "Invalid order ID."));
        };
        let asked = Asked::read(&order, body)?;
        let refund_id = self.refund(&mut order, asked)?;
        order.modified = self.now();
        self.webhooks.order_updated(order_id);
        self.keep(order);
        let mut answer = self.get_refund(order_id, refund_id)?;
        answer.status = 201;
        // The vendor forgets to fill the pattern in (capture 60).
        let location = self.url(&format!("/orders/(?P<order_id>[\\d]+)/refunds/{refund_id}"));
        answer.headers.push(("location", location));
        Ok(answer)
    }

    fn refund(&mut self, order: &mut Order, asked: Asked) -> Result<u64, Refusal> {
        let remaining = order.totals.total - order.refunded();
        if asked.amount < Decimal::ZERO || asked.amount > remaining {
            return Err(invalid_amount());
        }
        // The refund has its id before the gateway is asked, and loses it again where the gateway refuses.
        let id = self.new_id();
        if asked.pay_back {
            self.ask_gateway(order)?;
        }
        let full = remaining == asked.amount;
        let lines: Vec<RefundLine> = asked.lines.iter().filter_map(|line| self.refund_line(order, line)).collect();
        let shipping_lines = asked.lines.iter().filter_map(|line| self.refund_shipping(order, line)).collect();
        let fees = asked.lines.iter().filter_map(|line| self.refund_fee(order, line)).collect();
        let taxes = self.refund_taxes(order, &asked.lines);
        let created = self.now();
        order.refunds.push(Refund {
            id,
            created,
            amount: asked.amount,
            reason: asked.reason,
            paid_back: asked.pay_back,
            full,
            lines,
            shipping_lines,
            fees,
            taxes,
        });
        let mut restocked = false;
        if asked.restock {
            for line in &asked.lines {
                restocked |= self.restock_refunded(order, line.line_id, line.quantity);
            }
        }
        self.ledger.refunds.push(RefundMade {
            at: created,
            order_id: order.id,
            refund_id: id,
            amount: asked.amount,
            gateway_called: asked.pay_back,
            restocked,
        });
        self.mail_customer(order, if full { MailKind::Refunded } else { MailKind::PartiallyRefunded });
        if full {
            self.change_status(order, Status::Refunded);
        }
        Ok(id)
    }

    fn ask_gateway(&self, order: &Order) -> Result<(), Refusal> {
        let method = &order.payment_method;
        if self.config.refunding_gateways.contains(method) {
            return Ok(());
        }
        Err(Refusal::bare(
            500,
            CANNOT,
            if ["bacs", "cheque", "cod"].contains(&method.as_str()) {
                "The payment gateway for this order does not support automatic refunds."
            } else {
                "The payment gateway for this order does not exist."
            },
        ))
    }

    /// What `status: refunded` does: one refund of what is left, without lines, stock or gateway (capture 74b).
    pub fn refund_the_rest(&mut self, order: &mut Order) {
        let amount = order.totals.total - order.refunded();
        if amount <= Decimal::ZERO {
            return;
        }
        let (id, created) = (self.new_id(), self.now());
        order.refunds.push(Refund {
            id,
            created,
            amount,
            reason: "Order fully refunded.".to_owned(),
            paid_back: false,
            full: true,
            lines: Vec::new(),
            shipping_lines: Vec::new(),
            fees: Vec::new(),
            taxes: Vec::new(),
        });
        self.ledger.refunds.push(RefundMade {
            at: created,
            order_id: order.id,
            refund_id: id,
            amount,
            gateway_called: false,
            restocked: false,
        });
        self.mail_customer(order, MailKind::Refunded);
    }

    fn refund_line(&mut self, order: &Order, asked: &AskedLine) -> Option<RefundLine> {
        let of = order.lines.iter().find(|line| line.id == asked.line_id)?.clone();
        let taxes = asked.negative_taxes(true);
        let (quantity, subtotal, total) = (-asked.quantity, -asked.total, -asked.total);
        let (id, meta) = self.refunded_item(asked);
        let line = Line { id, quantity, subtotal, total, taxes, meta, ..of };
        Some(RefundLine { line, of_line: asked.line_id })
    }

    fn refund_shipping(&mut self, order: &Order, asked: &AskedLine) -> Option<ShippingLine> {
        let of = order.shipping_lines.iter().find(|line| line.id == asked.line_id)?.clone();
        let (id, meta) = self.refunded_item(asked);
        Some(ShippingLine { id, total: -asked.total, taxes: asked.negative_taxes(false), meta, ..of })
    }

    fn refund_fee(&mut self, order: &Order, asked: &AskedLine) -> Option<FeeLine> {
        let of = order.fees.iter().find(|fee| fee.id == asked.line_id)?.clone();
        let (id, meta) = self.refunded_item(asked);
        Some(FeeLine { id, total: -asked.total, taxes: asked.negative_taxes(false), meta, ..of })
    }

    fn refunded_item(&mut self, asked: &AskedLine) -> (u64, Vec<Meta>) {
        let meta = self.new_meta("_refunded_item_id", asked.line_id.to_string().into());
        (self.new_item_id(), vec![meta])
    }

    fn refund_taxes(&mut self, order: &Order, lines: &[AskedLine]) -> Vec<TaxLine> {
        let mut sums: Vec<TaxLine> = Vec::new();
        for line in lines {
            let shipping = order.shipping_lines.iter().any(|of| of.id == line.line_id);
            for tax in &line.taxes {
                let found = sums.iter().position(|sum| sum.rate_id == tax.rate_id);
                let index = found.unwrap_or_else(|| {
                    let (rate_id, zero) = (tax.rate_id, Decimal::ZERO);
                    sums.push(TaxLine { id: self.new_item_id(), rate_id, tax_total: zero, shipping_tax_total: zero });
                    sums.len() - 1
                });
                let sum = &mut sums[index];
                *(if shipping { &mut sum.shipping_tax_total } else { &mut sum.tax_total }) -= tax.total;
            }
        }
        sums
    }
}

/// By date, newest first; those of one second by id (capture 66).
pub(super) fn newest_first(order: &Order) -> Vec<&Refund> {
    let mut refunds: Vec<&Refund> = order.refunds.iter().collect();
    refunds.sort_by_key(|refund| std::cmp::Reverse(refund.created));
    refunds
}

fn invalid_amount() -> Refusal {
    Refusal::bare(500, CANNOT, "Invalid refund amount.")
}
