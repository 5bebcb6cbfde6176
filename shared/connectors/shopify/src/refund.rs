//! Refunds that were made elsewhere: recorded once each, with the units that come back; money is never moved.
//!
//! <https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/refundCreate>

use std::collections::BTreeMap;

use connect::{ConnectError, ErrorKind};
use domain::readback::StoreOrder;
use domain::refund::{Back, NewRefund};
use domain::{Money, StoreOrderId};

use crate::api::Api;
use crate::body::{Adjust, RefundInput, RefundLineInput, RefundTransactionInput};
use crate::draft::GATEWAY;
use crate::error::{after_write, refused};
use crate::ids::{gid, number};
use crate::map_store::{channel_line, currency, goods, is_bypassed};
use crate::store::{read_back, wire_order};
use crate::wire::{self, attribute};
use crate::{packages, products};

const OPERATION: &str = "shopify.refund_create";
/// The gateway of an order that was marked as paid.
const BY_HAND: &str = "manual";

/// Stands at the end of a refund's note: which refund of the channel it is.
fn mark(key: &str) -> String {
    format!("[tributary {key}]")
}

/// Whether a refund is one that we recorded.
pub(crate) fn is_marked(note: &str) -> bool {
    note.contains("[tributary ") && note.ends_with(']')
}

/// The channel's refund by its mark, which Shopify stores in the same step; its own key makes a repetition harmless as well.
pub(crate) async fn record(api: &Api, id: &StoreOrderId, refund: &NewRefund) -> Result<StoreOrder, ConnectError> {
    if refund.amount.is_negative() || refund.amount.is_zero() && refund.restock.is_empty() {
        return Err(invalid("A refund is an amount above zero."));
    }
    let order = wire_order(api, OPERATION, id).await?;
    let mark = mark(&refund.key);
    if order.refunds.iter().any(|known| known.note.as_deref().is_some_and(|note| note.ends_with(&mark))) {
        return read_back(OPERATION, &order).map_err(ConnectError::without_effect);
    }
    let transactions = transactions(&order, refund.amount)?;
    let bypassed = is_bypassed(&order);
    let location = match &refund.restock[..] {
        [] => None,
        _ => Some(products::location(api).await?),
    };
    let lines = lines(&order, &refund.restock, location.as_deref().filter(|_| !bypassed))?;
    if let Some(location) = location.as_deref().filter(|_| bypassed) {
        put_back(api, &order, refund, location).await?;
    }
    let input = RefundInput {
        order_id: order.id.clone(),
        note: format!("{} {mark}", refund.reason).trim().to_owned(),
        notify: false,
        currency: refund.amount.currency().code(),
        refund_line_items: lines,
        transactions,
    };
    let key = format!("refund-{}-{}", number(&order.id), refund.key);
    let made = api.refund_create(&input, &key).await;
    let made = if bypassed { made.map_err(after_write)? } else { made? };
    read_back(OPERATION, &api.with_every_line(made).await.map_err(after_write)?)
}

fn invalid(says: impl Into<String>) -> ConnectError {
    refused(OPERATION, ErrorKind::InvalidOrder, says)
}

/// The money as a transaction against the payment that we recorded, or one by hand: none that a gateway of the shop's would pay.
fn transactions(order: &wire::Order, amount: Money) -> Result<Vec<RefundTransactionInput>, ConnectError> {
    if amount.is_zero() {
        return Ok(Vec::new());
    }
    let currency = currency(order).map_err(invalid)?;
    if currency != amount.currency() {
        return Err(invalid(format!("The order is in {currency}, the refund is not.")));
    }
    let left =
        order.total_received_set.presentment_money.amount.0 - order.total_refunded_set.presentment_money.amount.0;
    if amount.amount() > left {
        return Err(invalid("The refund is more than what is left of the order's payment in Shopify."));
    }
    let ours = attribute(&order.custom_attributes, GATEWAY);
    let payment = order.transactions.iter().filter(|transaction| transaction.is_payment()).find(|transaction| {
        transaction.gateway.as_deref() == Some(BY_HAND) || ours.is_some() && transaction.gateway.as_deref() == ours
    });
    let Some(payment) = payment else {
        return Err(invalid(
            "The order was paid through Shopify: refund it there, or the money would be returned twice.",
        ));
    };
    Ok(vec![RefundTransactionInput {
        order_id: order.id.clone(),
        parent_id: payment.id.clone(),
        kind: "REFUND",
        gateway: payment.gateway.clone().unwrap_or_else(|| BY_HAND.to_owned()),
        amount: amount.amount().to_string(),
    }])
}

/// Shopify's lines that the units come back from. `location`: Shopify restocks them there.
fn lines(order: &wire::Order, restock: &[Back], location: Option<&str>) -> Result<Vec<RefundLineInput>, ConnectError> {
    let mut refunded: BTreeMap<&str, u32> = BTreeMap::new();
    for line in order.refunds.iter().flat_map(|refund| &refund.refund_line_items.nodes) {
        *refunded.entry(&line.line_item.id).or_insert(0) += line.quantity;
    }
    let sent = sent(order);
    let mut lines = Vec::new();
    for back in restock {
        let mut want = back.units;
        for item in goods(order).filter(|item| is_it(item, back)) {
            let units = u32::try_from(item.quantity).unwrap_or(0);
            let before = refunded.get(item.id.as_str()).copied().unwrap_or(0);
            let quantity = want.min(units.saturating_sub(before));
            if quantity == 0 {
                continue;
            }
            want -= quantity;
            let was_sent = sent.get(number(&item.id)).copied().unwrap_or(0) + quantity > units.saturating_sub(before);
            lines.push(RefundLineInput {
                line_item_id: item.id.clone(),
                quantity,
                restock_type: match location {
                    None => "NO_RESTOCK",
                    Some(_) if was_sent => "RETURN",
                    Some(_) => "CANCEL",
                },
                location_id: location.map(str::to_owned),
            });
        }
        if want > 0 {
            let says = "The line that units come back to is no longer on Shopify's order: correct its stock there.";
            return Err(invalid(says));
        }
    }
    Ok(lines)
}

fn is_it(item: &wire::LineItem, back: &Back) -> bool {
    let product = item.variant.as_ref().map(|variant| number(&variant.id));
    channel_line(item).as_ref() == Some(&back.line) && product == Some(back.product.as_str())
}

/// Units in packages, by Shopify's own lines.
fn sent(order: &wire::Order) -> BTreeMap<String, u32> {
    let mut sent = BTreeMap::new();
    for (fulfillment, _) in packages::made(order) {
        for (line, units) in packages::units(fulfillment) {
            *sent.entry(line).or_insert(0) += units;
        }
    }
    sent
}

/// Of an order whose stock Shopify never took, the units come back by moves of ours, each under a key of its own.
async fn put_back(api: &Api, order: &wire::Order, refund: &NewRefund, location: &str) -> Result<(), ConnectError> {
    let ids: Vec<String> =
        refund.restock.iter().filter_map(|back| gid("ProductVariant", back.product.as_str())).collect();
    let variants = api.variants_by_id(&ids, location).await?;
    for back in &refund.restock {
        let wanted = gid("ProductVariant", back.product.as_str());
        let Some(variant) = variants.iter().find(|variant| Some(&variant.id) == wanted.as_ref()) else { continue };
        if !variant.inventory_item.tracked {
            continue;
        }
        let key = format!("refund-{}-{}-{}-{}", number(&order.id), refund.key, back.line, back.product);
        let inventory_item = &variant.inventory_item.id;
        let adjust = Adjust { inventory_item, location, delta: i64::from(back.units), key: &key };
        api.inventory_adjust(&adjust).await?;
    }
    Ok(())
}
