//! An order's totals, and the words for its payment and its shipping.

use super::money::Bag;
use super::state::{Fulfillment, Line, Order, ShippingLine, Tax};

fn taxes(taxes: &[Tax]) -> Bag {
    taxes.iter().map(|tax| tax.amount).sum()
}

impl Line {
    pub fn original_total(&self) -> Bag {
        self.unit.times(self.quantity)
    }

    pub fn discount(&self) -> Bag {
        self.allocations.iter().map(|allocation| allocation.amount).sum()
    }

    pub fn discounted_total(&self) -> Bag {
        self.original_total() - self.discount()
    }

    pub fn tax(&self) -> Bag {
        taxes(&self.taxes)
    }
}

impl ShippingLine {
    pub fn discounted(&self) -> Bag {
        self.price - self.allocations.iter().map(|allocation| allocation.amount).sum()
    }

    pub fn tax(&self) -> Bag {
        taxes(&self.taxes)
    }
}

impl Order {
    pub fn subtotal(&self) -> Bag {
        self.lines.iter().map(Line::discounted_total).sum()
    }

    pub fn discounts_total(&self) -> Bag {
        let shipping: Bag = self.shipping.iter().map(|line| line.price - line.discounted()).sum();
        shipping + self.lines.iter().map(Line::discount).sum()
    }

    pub fn shipping_total(&self) -> Bag {
        self.shipping.iter().map(ShippingLine::discounted).sum()
    }

    pub fn tax_total(&self) -> Bag {
        let shipping: Bag = self.shipping.iter().map(ShippingLine::tax).sum();
        shipping + self.lines.iter().map(Line::tax).sum()
    }

    /// As ordered; an edit changes the current total alone.
    pub fn total(&self) -> Bag {
        let total = self.subtotal() + self.shipping_total();
        if self.taxes_included { total } else { total + self.tax_total() }
    }

    /// What an order edit took off a line, with its tax.
    fn removed(&self, line: &Line) -> (Bag, Bag) {
        let share = |bag: Bag| bag.share(line.removed, line.quantity, &self.money);
        (share(line.discounted_total()), share(line.tax()))
    }

    pub fn current_subtotal(&self) -> Bag {
        let refunded: Bag = self.refunds.iter().flat_map(|refund| &refund.lines).map(|line| line.subtotal).sum();
        self.subtotal() - refunded - self.lines.iter().map(|line| self.removed(line).0).sum()
    }

    pub fn current_shipping(&self) -> Bag {
        let refunded = self.refunds.iter().flat_map(|refund| &refund.shipping).map(|line| line.subtotal);
        self.shipping_total() - refunded.sum()
    }

    pub fn current_tax(&self) -> Bag {
        let lines: Bag = self.refunds.iter().flat_map(|refund| &refund.lines).map(|line| line.tax).sum();
        let shipping: Bag = self.refunds.iter().flat_map(|refund| &refund.shipping).map(|line| line.tax).sum();
        self.tax_total() - lines - shipping - self.lines.iter().map(|line| self.removed(line).1).sum()
    }

    pub fn current_total(&self) -> Bag {
        let adjusted: Bag = self.refunds.iter().map(|refund| refund.adjustment).sum();
        let total = self.current_subtotal() + self.current_shipping() - adjusted;
        if self.taxes_included { total } else { total + self.current_tax() }
    }

    fn successful(&self, kinds: &[&str]) -> Bag {
        let counted = self.transactions.iter().filter(|made| made.status == "SUCCESS");
        counted.filter(|made| kinds.contains(&made.kind.as_str())).map(|made| made.amount).sum()
    }

    pub fn received(&self) -> Bag {
        self.successful(&["SALE", "CAPTURE"])
    }

    pub fn refunded(&self) -> Bag {
        self.successful(&["REFUND"])
    }

    pub fn refunded_shipping(&self) -> Bag {
        self.refunds.iter().flat_map(|refund| &refund.shipping).map(|line| line.subtotal).sum()
    }

    pub fn outstanding(&self) -> Bag {
        if self.transactions.is_empty() && self.declared.as_deref() == Some("PAID") || self.canceled.is_some() {
            return Bag::default();
        }
        self.current_total() - (self.received() - self.refunded())
    }

    /// `displayFinancialStatus`.
    pub fn financial_status(&self) -> String {
        if let Some(declared) = &self.declared {
            return declared.clone();
        }
        let (received, refunded) = (self.received().presentment, self.refunded().presentment);
        let authorized = self.successful(&["AUTHORIZATION"]).presentment;
        let total = self.total().presentment;
        let word = if refunded > rust_decimal::Decimal::ZERO {
            if refunded >= received { "REFUNDED" } else { "PARTIALLY_REFUNDED" }
        } else if received.is_zero() && total > rust_decimal::Decimal::ZERO {
            if self.canceled.is_some() {
                "VOIDED"
            } else if authorized > rust_decimal::Decimal::ZERO {
                "AUTHORIZED"
            } else {
                "PENDING"
            }
        } else if received >= self.current_total().presentment {
            "PAID"
        } else {
            "PARTIALLY_PAID"
        };
        word.to_owned()
    }

    pub fn refunded_quantity(&self, line: u64) -> i64 {
        let refunded = self.refunds.iter().flat_map(|refund| &refund.lines).filter(|refunded| refunded.line == line);
        refunded.map(|refunded| refunded.quantity).sum()
    }

    /// What of a line is still part of the order.
    pub fn current_quantity(&self, line: &Line) -> i64 {
        line.quantity - line.removed - self.refunded_quantity(line.id)
    }

    /// What of a line went out in packages.
    pub fn fulfilled_quantity(&self, line: u64) -> i64 {
        let alive = self.fulfillments.iter().filter(|package| package.status == "SUCCESS");
        alive.flat_map(|package| &package.lines).filter(|(_, of, _)| *of == line).map(|(_, _, quantity)| quantity).sum()
    }

    /// What of a line is still to be sent.
    pub fn unfulfilled_quantity(&self, line: u64) -> i64 {
        let open =
            self.fulfillment_orders.iter().filter(|order| order.status == "OPEN" || order.status == "IN_PROGRESS");
        open.flat_map(|order| &order.lines).filter(|item| item.line == line).map(|item| item.remaining).sum()
    }

    /// `displayFulfillmentStatus`.
    pub fn fulfillment_status(&self) -> &'static str {
        let sent: i64 = self.lines.iter().map(|line| self.fulfilled_quantity(line.id)).sum();
        let open: i64 = self.lines.iter().map(|line| self.unfulfilled_quantity(line.id)).sum();
        match (sent, open) {
            (0, _) => "UNFULFILLED",
            (_, 0) => "FULFILLED",
            _ => "PARTIALLY_FULFILLED",
        }
    }
}

impl Fulfillment {
    pub fn total_quantity(&self) -> i64 {
        self.lines.iter().map(|(_, _, quantity)| quantity).sum()
    }

    pub fn numbers(&self) -> Vec<String> {
        self.tracking.iter().filter_map(|tracking| tracking.number.clone()).collect()
    }
}
