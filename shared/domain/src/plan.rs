//! R5-R9: (order, links, settings, capabilities) -> the one next thing to do for an order at the main store.

use crate::capabilities::StoreCapabilities;
use crate::channel_order::{Cancel, Payment};
use crate::draft::StoreOrderDraft;
use crate::drafting::{self, Drafting};
use crate::head::{ImportState, Order};
use crate::link::Links;
use crate::settings::{AutoImport, ChannelSettings, SendWhen};
use crate::stock::{LineStock, StockState};
use crate::trace::NotImported;

/// Everything that a decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub order: &'a Order,
    pub settings: &'a ChannelSettings,
    pub links: &'a Links,
    pub store: &'a StoreCapabilities,
    /// The channel's name as a person reads it.
    pub channel_name: &'a str,
    /// A person pressed Send: overrides `auto_import` and `send_when`.
    pub by_hand: bool,
}

/// What to do next. After it is done and stored, the order is looked at again until nothing is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Create the store's order; `stock` is how the lines stand once it exists.
    Import { draft: Box<StoreOrderDraft>, stock: Vec<LineStock> },
    /// Deduct these ourselves, first storing that we mean to.
    Deduct(Vec<LineStock>),
    /// Put back what we deducted for an order that will not be imported.
    PutBack(Vec<LineStock>),
    MarkPaid,
    CancelInStore,
    /// Not now, for this reason.
    Wait(NotImported),
    /// Never.
    Leave(NotImported),
    /// Created, but in doubt or refused: not for this function to decide.
    Stay,
    /// The store is as it should be.
    Done,
}

/// The next step for an order that nobody is working on.
pub fn next_step(facts: &Facts<'_>) -> Step {
    let order = facts.order;
    match &order.import {
        ImportState::Imported { .. } => after_import(order),
        ImportState::Reserved { .. } | ImportState::Unknown { .. } | ImportState::Failed { .. } => Step::Stay,
        ImportState::Left(_) => put_back(order).map_or(Step::Done, Step::PutBack),
        ImportState::Received | ImportState::Waiting(_) => before_import(facts),
    }
}

fn after_import(order: &Order) -> Step {
    let store = order.store;
    if store.canceled {
        return Step::Done;
    }
    // R8: a cancel after a package left is flagged by the caller, not applied.
    if order.source.cancel == Cancel::Canceled && order.packages.is_empty() && !store.completed {
        return Step::CancelInStore;
    }
    if order.source.payment.is_paid() && !store.paid {
        return Step::MarkPaid;
    }
    Step::Done
}

fn before_import(facts: &Facts<'_>) -> Step {
    let order = facts.order;
    if order.source.cancel == Cancel::Canceled {
        return put_back(order).map_or(Step::Leave(NotImported::Canceled), Step::PutBack);
    }
    if !facts.settings.inventory_sync && !facts.by_hand {
        return Step::Wait(NotImported::SyncIsOff);
    }
    let unmoved = unmoved(facts);
    let reason = match forbidden(facts) {
        Some(reason) => reason,
        None => match drafting::draft(&Drafting::of(facts)) {
            Err(error) => NotImported::DoesNotAddUp { why: error.to_string() },
            Ok(_) if !store_deducts(facts) && !unmoved.is_empty() => return Step::Deduct(unmoved),
            Ok(draft) => {
                let taken = unmoved.into_iter().map(|stock| LineStock { state: StockState::Taken, ..stock });
                let mut stock = order.stock.clone();
                stock.retain(|known| known.state != StockState::Intended);
                stock.extend(taken);
                return Step::Import { draft: Box::new(draft), stock };
            }
        },
    };
    if unmoved.is_empty() { Step::Wait(reason) } else { Step::Deduct(unmoved) }
}

/// Whether the store takes the stock by itself when this order is created there.
const fn store_deducts(facts: &Facts<'_>) -> bool {
    if facts.order.source.payment.is_paid() { facts.store.deducts_paid } else { facts.store.deducts_unpaid }
}

/// The setting or rule that forbids importing now (R5).
fn forbidden(facts: &Facts<'_>) -> Option<NotImported> {
    let source = &facts.order.source;
    let settings = facts.settings;
    if source.payment == Payment::Held {
        return Some(NotImported::HeldByChannel);
    }
    if settings.auto_import == AutoImport::Off && !facts.by_hand {
        return Some(NotImported::ImportIsOff);
    }
    if settings.send_when == SendWhen::Paid && !source.payment.is_paid() && !facts.by_hand {
        return Some(NotImported::AwaitingPayment);
    }
    let unlinked: Vec<String> = source
        .real_lines()
        .filter(|line| facts.links.of(line).is_none())
        .map(|line| line.sku.as_ref().map_or_else(|| line.title.clone(), ToString::to_string))
        .collect();
    if !unlinked.is_empty() {
        if settings.auto_import != AutoImport::All && !facts.by_hand {
            return Some(NotImported::Unlinked { items: unlinked });
        }
        if !facts.store.text_lines {
            return Some(NotImported::NoTextLines);
        }
    }
    None
}

/// The linked lines whose stock has not moved: they are to be deducted, by us or by the store.
///
/// A line whose call was not answered (`Unknown`) or that was meant but not confirmed (`Intended`) is not moved again.
fn unmoved(facts: &Facts<'_>) -> Vec<LineStock> {
    let mut lines = Vec::new();
    for line in facts.order.source.real_lines().filter(|line| line.open_quantity() > 0) {
        let Some(link) = facts.links.of(line) else { continue };
        for target in &link.targets {
            let known = facts.order.stock.iter().any(|stock| stock.line == line.id && stock.product == target.product);
            if !known {
                lines.push(LineStock {
                    line: line.id.clone(),
                    product: target.product.clone(),
                    units: line.open_quantity().saturating_mul(target.quantity),
                    state: StockState::Intended,
                    restored: 0,
                });
            }
        }
    }
    lines
}

/// What we hold for the order ourselves, if anything.
fn put_back(order: &Order) -> Option<Vec<LineStock>> {
    let held: Vec<_> =
        order.stock.iter().filter(|stock| stock.state == StockState::Held && stock.outstanding() > 0).cloned().collect();
    (!held.is_empty()).then_some(held)
}
