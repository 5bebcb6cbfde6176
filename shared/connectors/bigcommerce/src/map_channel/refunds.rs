//! R9: what went back to the buyer, by line and unit where the store says so.

use domain::channel_order::Refund;
use domain::{Currency, LineId, Money};
use rust_decimal::Decimal;

use super::Unread;
use crate::packages::whole;
use crate::wire;

/// Each refunded line with its units; what no line explains is a refund of the order as a whole.
pub(super) fn refunds(refunds: &[wire::Refund], currency: Currency) -> Result<Vec<Refund>, Unread> {
    let mut all = Vec::new();
    for refund in refunds {
        let declined: Decimal = refund.payments.iter().filter(|p| p.is_declined).map(|p| p.amount.0).sum();
        let mut rest = Money::rounded(refund.total_amount.0 - declined, currency)?;
        if rest.minor() <= 0 {
            continue;
        }
        let at = refund.created.map(|date| date.0);
        let lines: Vec<&wire::RefundItem> = refund.items.iter().filter(|item| item.item_type == "PRODUCT").collect();
        // The amount of an item is given before tax; of the only one it is all that went back.
        let is_only = lines.len() == 1 && refund.items.len() == 1;
        for item in lines {
            let Some(line) = item.item_id.and_then(|id| LineId::new(id.0.to_string()).ok()) else { continue };
            let asked = Money::rounded(item.requested_amount.0, currency)?;
            let amount = if is_only || asked.minor() > rest.minor() { rest } else { asked };
            let quantity = whole(item.quantity.0).filter(|units| *units > 0);
            if amount.minor() <= 0 && quantity.is_none() {
                continue;
            }
            rest = rest.checked_sub(amount)?;
            let id = format!("{}/{line}", refund.id);
            all.push(Refund { id, amount, at, line: Some(line), quantity });
        }
        if rest.minor() > 0 {
            all.push(Refund { id: refund.id.to_string(), amount: rest, at, line: None, quantity: None });
        }
    }
    Ok(all)
}
