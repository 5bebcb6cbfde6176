//! Refunds that were made elsewhere: recorded once each, with the units that come back; money is never moved.

use connect::{ConnectError, ErrorKind};
use domain::StoreOrderId;
use domain::readback::StoreOrder;
use domain::refund::{Back, NewRefund};
use rust_decimal::Decimal;

use crate::api::Api;
use crate::body::{self, NewMeta, RefundedLine};
use crate::error::refused;
use crate::ids::{Item, order_number};
use crate::map_store::LINE;
use crate::{store, wire};

/// In a refund's metas and at the end of its reason: which refund of the channel it is.
const REFUND: &str = "_tributary_refund";
const OPERATION: &str = "woocommerce.create_refund";

/// The key stands in the reason too, which the shop stores in the same step. Units come back by the refund's own lines: the
/// shop then counts them as no longer taken, so that a later cancel does not put them back again (capture 63b).
pub(crate) async fn record(api: &Api, id: &StoreOrderId, refund: &NewRefund) -> Result<StoreOrder, ConnectError> {
    let number = order_number(OPERATION, id.as_str())?;
    if refund.amount.minor() < 0 || refund.amount.is_zero() && refund.restock.is_empty() {
        return Err(refused(OPERATION, ErrorKind::InvalidOrder, "A refund is an amount above zero."));
    }
    let mark = format!("[{}]", refund.key);
    let is_same = |known: &wire::Refund| {
        known.reason.ends_with(&mark) || wire::meta_text(&known.meta_data, REFUND).as_deref() == Some(&refund.key)
    };
    if !api.refunds(number).await?.iter().any(is_same) {
        let line_items = match &refund.restock[..] {
            [] => Vec::new(),
            restock => lines(&api.order(number).await?, restock, refund)?,
        };
        let reason = format!("{} {mark}", refund.reason);
        let new = body::NewRefund {
            amount: body::amount(refund.amount),
            reason: reason.trim(),
            api_refund: false,
            api_restock: !line_items.is_empty(),
            line_items,
            meta_data: vec![NewMeta::new(REFUND, refund.key.as_str())],
        };
        api.create_refund(number, &new).await?;
    }
    // It is recorded: what is read now only says what the shop made of it.
    store::read_back(OPERATION, &api.order(number).await?)
}

/// The shop's lines that the units come back from, each with its share of the money as far as the refund reaches.
fn lines(order: &wire::Order, restock: &[Back], refund: &NewRefund) -> Result<Vec<RefundedLine>, ConnectError> {
    let mut left = refund.amount.amount();
    let mut lines = Vec::new();
    for Back { line, product, units } in restock {
        let item = Item::of(OPERATION, product)?;
        let is_it = |own: &&wire::LineItem| {
            wire::meta_text(&own.meta_data, LINE).as_deref() == Some(line.as_str())
                && Item::from_wire(own.product_id, own.variation_id) == Some(item)
        };
        let Some(own) = order.line_items.iter().find(is_it) else {
            let says = "The line that units come back to is no longer on the shop's order: correct its stock there.";
            return Err(refused(OPERATION, ErrorKind::InvalidOrder, says));
        };
        let share =
            if own.quantity.0.is_zero() { Decimal::ZERO } else { own.total.0 * Decimal::from(*units) / own.quantity.0 };
        let share = share.round_dp(refund.amount.amount().scale()).min(left).max(Decimal::ZERO);
        left -= share;
        lines.push(RefundedLine { id: own.id, quantity: *units, refund_total: share.to_string() });
    }
    Ok(lines)
}
