//! Money that eBay returned. A refund of lines may be told twice, on the line and on the order: it counts once.

use domain::{Currency, LineId, Money, Refund};
use jiff::Timestamp;

use super::money::money;
use super::status::unknown;
use super::{Problem, time};
use crate::wire;

/// The amounts are the seller's: tax that eBay collected is not in them.
pub fn refunds(order: &wire::Order, currency: Currency, warnings: &mut Vec<String>) -> Result<Vec<Refund>, Problem> {
    let mut refunds = refunds_of_lines(order, currency)?;
    let of_lines = refunds.len();
    for refund in order.payment_summary.iter().flat_map(|summary| &summary.refunds) {
        let at = time(refund.refund_date.as_deref());
        match refund.refund_status.as_deref() {
            Some("REFUNDED") => {}
            None if at.is_some() => {}
            // Not (yet) with the buyer; eBay changes the order again when it is.
            Some("PENDING" | "FAILED") => continue,
            other => {
                warnings.push(unknown("refund status", other, "not refunded"));
                continue;
            }
        }
        let Some(amount) = &refund.amount else { continue };
        let amount = money("paymentSummary.refunds.amount", amount, currency)?;
        if told_by_lines(refund, amount, at, &refunds[..of_lines])? {
            continue;
        }
        let id = [&refund.refund_id, &refund.refund_reference_id].into_iter().flatten().next();
        let id = id.map_or_else(|| nameless("order", amount, at), |id| id.to_string());
        refunds.push(Refund { id, amount, at, line: None, quantity: None });
    }
    let status = order.order_payment_status.as_deref();
    if refunds.is_empty() && matches!(status, Some("FULLY_REFUNDED" | "PARTIALLY_REFUNDED")) {
        warnings.push("eBay says that money was refunded, but not how much.".to_owned());
    }
    Ok(refunds)
}

/// A refund's date "is not returned until the refund has been issued".
fn refunds_of_lines(order: &wire::Order, currency: Currency) -> Result<Vec<Refund>, Problem> {
    let mut refunds = Vec::new();
    for line in &order.line_items {
        for refund in &line.refunds {
            let (Some(amount), Some(at)) = (&refund.amount, time(refund.refund_date.as_deref())) else { continue };
            let amount = money("lineItems.refunds.amount", amount, currency)?;
            let line = line.line_item_id.as_deref().ok_or(Problem::Missing("lineItems.lineItemId"))?;
            let id = refund.refund_id.as_ref().map_or_else(|| nameless(line, amount, Some(at)), |id| id.to_string());
            // One refund of several lines has one id: each line's part needs its own.
            let taken = refunds.iter().any(|other: &Refund| other.id == id);
            let id = if taken { format!("{id}/{line}") } else { id };
            refunds.push(Refund { id, amount, at: Some(at), line: Some(LineId::new(line)?), quantity: None });
        }
    }
    Ok(refunds)
}

fn told_by_lines(
    refund: &wire::Refund,
    amount: Money,
    at: Option<Timestamp>,
    of_lines: &[Refund],
) -> Result<bool, Problem> {
    let ids = [refund.refund_id.as_deref(), refund.refund_reference_id.as_deref()];
    if of_lines.iter().any(|line| ids.contains(&Some(line.id.as_str()))) {
        return Ok(true);
    }
    if refund.refund_id.is_some() {
        return Ok(false);
    }
    let mut same_time = of_lines.iter().filter(|line| line.at == at);
    let sum = Money::sum(amount.currency(), same_time.clone().map(|line| line.amount))?;
    Ok(same_time.any(|line| line.amount == amount) || sum == amount && !sum.is_zero())
}

/// The same for the same refund, for ever.
fn nameless(of: &str, amount: Money, at: Option<Timestamp>) -> String {
    format!("{of}@{}:{}", at.map_or(0, Timestamp::as_millisecond), amount.minor())
}
