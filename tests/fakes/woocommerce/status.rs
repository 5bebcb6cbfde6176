//! What a change of status does: dates, stock, mails, refunds. Every change is accepted (captures 71 to 74).

use super::shop::Shop;
use super::state::{Order, Status};

impl Shop {
    pub fn change_status(&mut self, order: &mut Order, to: Status) {
        if order.status == to {
            return;
        }
        let from = std::mem::replace(&mut order.status, to);
        self.date_status(order);
        self.note(order, format!("Order status changed from {} to {}.", from.label(), order.status.label()), false);
        self.after_status(order, &from);
    }

    /// `payment_complete`: does nothing unless the order is waiting for its payment.
    pub fn complete_payment(&mut self, order: &mut Order, transaction_id: String) {
        use Status::{Cancelled, Failed, OnHold, Pending};
        if !matches!(order.status, OnHold | Pending | Failed | Cancelled) {
            return;
        }
        if !transaction_id.is_empty() {
            order.transaction_id = transaction_id;
        }
        let paid_status = self.paid_status(order);
        let from = std::mem::replace(&mut order.status, paid_status);
        order.paid.get_or_insert(self.now());
        self.date_status(order);
        self.note(order, "Payment complete.".to_owned(), false);
        self.after_status(order, &from);
    }

    fn date_status(&mut self, order: &mut Order) {
        let now = self.now();
        let paid_status = self.paid_status(order);
        if order.status == paid_status || order.status == Status::Completed {
            order.paid.get_or_insert(now);
        }
        if order.status == Status::Completed {
            order.completed = Some(now);
        }
        order.modified = now;
    }

    fn after_status(&mut self, order: &mut Order, from: &Status) {
        match order.status {
            Status::Processing | Status::Completed | Status::OnHold => self.take_stock(order),
            Status::Cancelled | Status::Pending => self.give_stock_back(order),
            Status::Refunded => self.refund_the_rest(order),
            _ => {}
        }
        self.mail_transition(order, from);
    }

    /// Processing, or completed where nothing has to be sent.
    fn paid_status(&self, order: &Order) -> Status {
        if self.needs_processing(order) { Status::Processing } else { Status::Completed }
    }

    pub fn needs_processing(&self, order: &Order) -> bool {
        order.lines.iter().filter_map(|line| self.products.get(&line.product_id)).any(|product| !product.downloadable)
    }
}
