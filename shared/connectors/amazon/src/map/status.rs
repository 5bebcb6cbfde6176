//! Amazon's one status word in the domain's three. A word that Amazon added since holds the order back.

use domain::{Cancel, Fulfilment, Payment};

use super::unknown;
use crate::wire::orders as wire;

const CASH_ON_DELIVERY: &str = "CashOnDelivery";

/// How far an order is, and what may be expected of it.
pub struct State {
    pub payment: Payment,
    pub fulfilment: Fulfilment,
    pub cancel: Cancel,
    pub fulfilled_by_channel: bool,
    /// Amazon has not authorised the payment, or the order is over: then amounts may be missing.
    pub may_lack_amounts: bool,
    /// The merchant is to send it.
    pub needs_an_address: bool,
}

/// `FulfillmentStatus`, which stands for the payment too: before the payment is authorised an order is `PENDING`.
/// <https://developer-docs.amazon.com/sp-api/reference/orders-v2026-01-01>
pub fn state(order: &wire::Order, warnings: &mut Vec<String>) -> State {
    const PAID: Payment = Payment::Paid { at: None };
    let fulfillment = order.fulfillment.as_ref();
    let (by_amazon, by_someone_else) = match fulfillment.and_then(|fulfillment| fulfillment.fulfilled_by.as_deref()) {
        Some("AMAZON") => (true, false),
        Some("MERCHANT") | None => (false, false),
        other => {
            warnings.push(unknown("one who ships", other, "held back"));
            (false, true)
        }
    };
    let word = fulfillment.and_then(|fulfillment| fulfillment.fulfillment_status.as_deref());
    let (payment, fulfilment, cancel) = match word {
        Some("PENDING" | "PENDING_AVAILABILITY") => (Payment::Held, Fulfilment::NotStarted, Cancel::None),
        Some("UNSHIPPED") => (PAID, Fulfilment::NotStarted, requested(order)),
        Some("PARTIALLY_SHIPPED") => (PAID, Fulfilment::Partial, requested(order)),
        Some("SHIPPED") => (PAID, arrived(order), Cancel::None),
        Some("CANCELLED") => {
            (if was_paid(order) { PAID } else { Payment::Unpaid }, Fulfilment::NotStarted, Cancel::Canceled)
        }
        Some("UNFULFILLABLE") => {
            warnings.push("Amazon cannot fulfil this order.".to_owned());
            (Payment::Held, Fulfilment::NotStarted, Cancel::None)
        }
        other => {
            warnings.push(unknown("order status", other, "held back"));
            (Payment::Held, Fulfilment::NotStarted, Cancel::None)
        }
    };
    // What the merchant may not have to ship is not imported.
    let payment = if by_someone_else { Payment::Held } else { payment };
    let open = payment.is_paid() && cancel != Cancel::Canceled;
    if open && pays_on_delivery(order) {
        warnings.push("The buyer pays this order on delivery.".to_owned());
    }
    State {
        payment,
        fulfilment,
        cancel,
        fulfilled_by_channel: by_amazon,
        may_lack_amounts: !open,
        needs_an_address: open && !by_amazon,
    }
}

/// The buyer asked, and nobody has decided yet.
fn requested(order: &wire::Order) -> Cancel {
    let open = |item: &wire::OrderItem| {
        item.cancellation.as_ref().is_some_and(|cancellation| {
            cancellation.cancellation_request.is_some() && cancellation.cancellation_execution.is_none()
        })
    };
    if order.order_items.iter().any(open) { Cancel::Requested } else { Cancel::None }
}

/// Delivered only where Amazon says so of every package.
fn arrived(order: &wire::Order) -> Fulfilment {
    let status = |package: &wire::OrderPackage| package.package_status.as_ref()?.status.clone();
    let mut packages = order.packages.iter().filter_map(status).filter(|status| status != "CANCELLED").peekable();
    let all = packages.peek().is_some() && packages.all(|status| status == "DELIVERED");
    if all { Fulfilment::Delivered } else { Fulfilment::Shipped }
}

fn payment_methods(order: &wire::Order) -> impl Iterator<Item = &str> {
    let executions = order.payment.iter().flat_map(|payment| &payment.payment_executions);
    executions.filter_map(|execution| execution.payment_method.as_deref())
}

fn pays_on_delivery(order: &wire::Order) -> bool {
    payment_methods(order).any(|method| method == CASH_ON_DELIVERY)
}

/// A canceled order keeps the payments that were made.
fn was_paid(order: &wire::Order) -> bool {
    payment_methods(order).any(|method| method != CASH_ON_DELIVERY)
}
