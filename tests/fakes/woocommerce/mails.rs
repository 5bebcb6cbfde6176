//! Which mails the shop would have sent, and to whom.
//!
//! Triggers: <https://woocommerce.com/document/configuring-woocommerce-settings/emails/>, capture 67b.

use serde_json::Value;

use super::ledger::{Mail, MailKind};
use super::shop::Shop;
use super::state::{Order, Status};

impl Shop {
    /// The mails of a status change that was just made.
    pub fn mail_transition(&mut self, order: &mut Order, from: &Status) {
        use Status::{Cancelled, Completed, Failed, OnHold, Pending, Processing};
        let to = order.status.clone();
        if matches!(from, Pending | Failed | Cancelled) && matches!(to, Processing | Completed | OnHold) {
            self.mail_new_order(order);
        }
        match (from, &to) {
            (Pending | Failed | Cancelled | OnHold, Processing) => self.mail_customer(order, MailKind::Processing),
            (Pending | Failed | Cancelled, OnHold) => self.mail_customer(order, MailKind::OnHold),
            (_, Completed) => self.mail_customer(order, MailKind::Completed),
            (Processing | OnHold, Cancelled) => self.mail_owner(order, MailKind::OwnerCancelled),
            (Pending | OnHold, Failed) => self.mail_owner(order, MailKind::OwnerFailed),
            _ => {}
        }
    }

    /// Kept back by `_new_order_email_sent`, and sent once.
    fn mail_new_order(&mut self, order: &mut Order) {
        if !order.new_order_mail_sent {
            self.mail_owner(order, MailKind::OwnerNewOrder);
            order.new_order_mail_sent = true;
        }
    }

    fn mail_owner(&mut self, order: &mut Order, kind: MailKind) {
        let to = self.config.owner_mail.clone();
        self.mail(order, kind, to);
    }

    /// Sent only where the order has an address: an empty `billing.email` is the one way to keep it back.
    pub fn mail_customer(&mut self, order: &mut Order, kind: MailKind) {
        if !order.billing.email.is_empty() {
            let to = order.billing.email.clone();
            self.mail(order, kind, to);
        }
    }

    fn mail(&mut self, order: &mut Order, kind: MailKind, to: String) {
        let at = self.now();
        self.ledger.mails.push(Mail { at, order_id: order.id, kind, to });
        self.note(order, format!("Email \"{}\" sent.", kind.subject()), false);
    }
}

/// Whether a meta value switches something on, as `wc_string_to_bool` reads it.
pub(super) fn truthy(value: &Value) -> bool {
    match value {
        Value::Bool(on) => *on,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) => matches!(text.to_ascii_lowercase().as_str(), "yes" | "true" | "1"),
        _ => false,
    }
}
