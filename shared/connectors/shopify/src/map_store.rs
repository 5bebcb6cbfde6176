//! The role *main store*: Shopify's order as the domain states it.

use std::collections::BTreeMap;

use connect::StoreChange;
use domain::readback::{StoreLine, StoreOrder, StoreOrderState};
use domain::{Currency, LineId, Money, ProductId, Reference, StoreOrderId};

use crate::draft::{DEDUCTED, FEE, INDEX, LINE, STOCK, STOCK_BYPASSED};
use crate::ids::number;
use crate::packages::{self, LineNames};
use crate::wire::{self, attribute};

/// The reference that an order carries, if it is one of ours.
pub(crate) fn reference(order: &wire::Order) -> Option<Reference> {
    order.source_identifier.as_deref()?.parse().ok()
}

/// The same of an order that is only glanced at.
pub(crate) fn glanced_reference(glance: &wire::Glance) -> Option<Reference> {
    glance.source_identifier.as_deref()?.parse().ok()
}

/// An order of the list, with itself where it was read. `None`: it has no id.
pub(crate) fn change(glance: &wire::Glance, order: Option<StoreOrder>) -> Option<StoreChange> {
    let variants = glance.line_items.nodes.iter().filter_map(|line| line.variant.as_ref());
    Some(StoreChange {
        id: StoreOrderId::new(number(&glance.id)).ok()?,
        number: glance.name.clone(),
        reference: glanced_reference(glance),
        modified_at: glance.updated_at,
        products: variants.filter_map(|variant| ProductId::new(number(&variant.id)).ok()).collect(),
        order,
    })
}

/// Shopify took no stock of the order: what was deducted for it, we deducted.
pub(crate) fn is_bypassed(order: &wire::Order) -> bool {
    attribute(&order.custom_attributes, STOCK) == Some(STOCK_BYPASSED)
}

pub(crate) fn currency(order: &wire::Order) -> Result<Currency, String> {
    order.presentment_currency_code.parse().map_err(|_| "its currency is not an ISO 4217 one".to_owned())
}

/// Shopify's order in the domain's words. The error names the place, never the content.
pub(crate) fn store_order(order: &wire::Order) -> Result<StoreOrder, String> {
    let currency = currency(order)?;
    Ok(StoreOrder {
        id: StoreOrderId::new(number(&order.id)).map_err(|error| error.to_string())?,
        number: order.name.clone(),
        reference: reference(order),
        state: state(order),
        paid: is_paid(order),
        total: money(&order.total_price_set, currency, "total")?,
        modified_at: order.updated_at,
        lines: lines(order, currency)?,
        ship_to: order.shipping_address.as_ref().and_then(crate::people::address),
        shipments: packages::shipments(order, LineNames::OfChannel),
    })
}

fn money(bag: &wire::MoneyBag, currency: Currency, what: &str) -> Result<Money, String> {
    let stated = &bag.presentment_money;
    if stated.currency_code != currency.code() {
        return Err(format!("its {what} is in another currency"));
    }
    Money::rounded(stated.amount.0, currency).map_err(|_| format!("its {what} is out of range"))
}

/// The lines of ours that Shopify holds as two, because their price cannot be divided, are one again, in the draft's order.
fn lines(order: &wire::Order, currency: Currency) -> Result<Vec<StoreLine>, String> {
    let mut ours: BTreeMap<u32, StoreLine> = BTreeMap::new();
    let mut others = Vec::new();
    for item in goods(order) {
        let line = line(order, item, currency)?;
        let Some(index) = attribute(&item.custom_attributes, INDEX).and_then(|index| index.parse().ok()) else {
            others.push(line);
            continue;
        };
        match ours.get_mut(&index) {
            None => drop(ours.insert(index, line)),
            Some(first) if first.product == line.product => {
                first.quantity = first.quantity.saturating_add(line.quantity);
                first.net = first.net.checked_add(line.net).map_err(|_| "its lines are out of range".to_owned())?;
                first.deducted = first.deducted.zip(line.deducted).map(|(one, other)| one.saturating_add(other));
            }
            Some(_) => others.push(line),
        }
    }
    Ok(ours.into_values().chain(others).collect())
}

/// The lines that are goods, not fees of ours.
pub(crate) fn goods(order: &wire::Order) -> impl Iterator<Item = &wire::LineItem> {
    order.line_items.nodes.iter().filter(|item| attribute(&item.custom_attributes, FEE).is_none())
}

/// The channel's line that a line stands for.
pub(crate) fn channel_line(item: &wire::LineItem) -> Option<LineId> {
    attribute(&item.custom_attributes, LINE).and_then(|line| LineId::new(line).ok())
}

fn line(order: &wire::Order, item: &wire::LineItem, currency: Currency) -> Result<StoreLine, String> {
    let mut net = money(&item.original_total_set, currency, "line total")?;
    let mut less = |bag: &wire::MoneyBag| {
        let amount = money(bag, currency, "tax or discount")?;
        net = net.checked_sub(amount).map_err(|_| "its lines are out of range".to_owned())?;
        Ok::<_, String>(())
    };
    if order.taxes_included {
        item.tax_lines.iter().try_for_each(|tax| less(&tax.price_set))?;
    }
    // Of an order of ours a discount is a fee below zero, which is no part of its lines.
    if reference(order).is_none() {
        item.discount_allocations.iter().try_for_each(|discount| less(&discount.allocated_amount_set))?;
    }
    let product = item.variant.as_ref().and_then(|variant| ProductId::new(number(&variant.id)).ok());
    Ok(StoreLine {
        id: number(&item.id).to_owned(),
        line: channel_line(item),
        quantity: u32::try_from(item.quantity).map_err(|_| "a line's quantity is below zero".to_owned())?,
        net,
        deducted: product.is_some().then(|| deducted(order, item)),
        product,
    })
}

/// Units that are out of stock for a line: what Shopify or we took at its creation, less what came back since.
pub(crate) fn deducted(order: &wire::Order, item: &wire::LineItem) -> u32 {
    let is_tracked = item.variant.as_ref().is_some_and(|variant| variant.inventory_item.tracked);
    if !is_tracked || order.stock.is_some() {
        return 0;
    }
    let bypassed = is_bypassed(order);
    let taken = if bypassed {
        attribute(&item.custom_attributes, DEDUCTED).and_then(|units| units.parse().ok()).unwrap_or(0)
    } else {
        u32::try_from(item.quantity).unwrap_or(0)
    };
    let back = order.refunds.iter().flat_map(|refund| {
        // Of a bypassed order our own refunds move the stock beside Shopify's refund, which then moves none.
        let ours = bypassed && refund.note.as_deref().is_some_and(crate::refund::is_marked);
        let lines = refund.refund_line_items.nodes.iter();
        lines.filter(move |line| ours || line.restock_type != "NO_RESTOCK")
    });
    let back: u32 = back.filter(|line| line.line_item.id == item.id).map(|line| line.quantity).sum();
    taken.saturating_sub(back)
}

/// The status map of the README. The furthest side wins; an unknown word is open.
fn state(order: &wire::Order) -> StoreOrderState {
    if order.cancelled_at.is_some() {
        return StoreOrderState::Canceled;
    }
    if order.display_financial_status.as_deref() == Some("REFUNDED") {
        return StoreOrderState::Refunded;
    }
    match order.display_fulfillment_status.as_str() {
        "FULFILLED" => StoreOrderState::Completed,
        "FULFILLMENT_NOT_REQUIRED"
        | "IN_PROGRESS"
        | "ON_HOLD"
        | "OPEN"
        | "PARTIALLY_FULFILLED"
        | "PENDING_FULFILLMENT"
        | "REQUEST_DECLINED"
        | "RESTOCKED"
        | "SCHEDULED"
        | "UNFULFILLED" => StoreOrderState::Open,
        _ => {
            let id = number(&order.id);
            tracing::warn!(order.id = %id, "Shopify's order `{id}` has a status that Tributary does not know");
            StoreOrderState::Open
        }
    }
}

/// Money that went back had come in.
pub(crate) fn is_paid(order: &wire::Order) -> bool {
    matches!(order.display_financial_status.as_deref(), Some("PAID" | "PARTIALLY_REFUNDED" | "REFUNDED"))
}

#[cfg(test)]
mod tests;
