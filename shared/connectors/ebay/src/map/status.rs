//! Payment, cancellation and fulfilment: eBay's words in the domain's. A word that eBay added since is the safe state.

use domain::{Cancel, Fulfilment, Payment};

use super::time;
use crate::wire;

/// `PENDING` and `FAILED` also stand for a *refund* that is pending or failed, so a payment that was received counts.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:OrderPaymentStatusEnum>
pub fn payment(order: &wire::Order, warnings: &mut Vec<String>) -> Payment {
    let payments = order.payment_summary.iter().flat_map(|summary| &summary.payments);
    let received = payments.filter(|payment| payment.payment_status.as_deref() == Some("PAID"));
    let at = received.filter_map(|payment| time(payment.payment_date.as_deref())).min();
    match order.order_payment_status.as_deref() {
        Some("PAID" | "PARTIALLY_REFUNDED" | "FULLY_REFUNDED") => Payment::Paid { at },
        Some("PENDING" | "FAILED") if at.is_some() => Payment::Paid { at },
        Some("PENDING" | "FAILED") => Payment::Unpaid,
        other => {
            warnings.push(unknown("payment status", other, "unpaid"));
            Payment::Unpaid
        }
    }
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:OrderFulfillmentStatus>
pub fn fulfilment(order: &wire::Order, warnings: &mut Vec<String>) -> Fulfilment {
    match order.order_fulfillment_status.as_deref() {
        Some("NOT_STARTED") => Fulfilment::NotStarted,
        Some("IN_PROGRESS") => Fulfilment::Partial,
        Some("FULFILLED") => Fulfilment::Shipped,
        other => {
            warnings.push(unknown("shipping status", other, "not shipped"));
            Fulfilment::NotStarted
        }
    }
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:CancelStateEnum>
pub fn cancel(order: &wire::Order, warnings: &mut Vec<String>) -> Cancel {
    let Some(status) = &order.cancel_status else { return Cancel::None };
    match status.cancel_state.as_deref() {
        None | Some("NONE_REQUESTED") => Cancel::None,
        Some("CANCELED") => Cancel::Canceled,
        Some("IN_PROGRESS") if is_rejected(status) => Cancel::None,
        Some("IN_PROGRESS") => Cancel::Requested,
        other => {
            warnings.push(unknown("cancellation status", other, "cancellation requested"));
            Cancel::Requested
        }
    }
}

/// Only `getOrder` lists the requests, so `getOrders` cannot tell.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:CancelRequestStateEnum>
fn is_rejected(status: &wire::CancelStatus) -> bool {
    let mut requests = status.cancel_requests.iter().peekable();
    requests.peek().is_some() && requests.all(|request| request.cancel_request_state.as_deref() == Some("REJECTED"))
}

pub fn unknown(what: &str, word: Option<&str>, taken_as: &str) -> String {
    match word {
        Some(word) => format!("eBay gives the {what} `{word}`, which is not known here: taken as {taken_as}."),
        None => format!("eBay gives no {what}: taken as {taken_as}."),
    }
}
