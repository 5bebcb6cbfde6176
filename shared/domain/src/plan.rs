//! R5-R9: (order, links, settings, capabilities) -> the one next thing to do for an order at the main store.

use crate::capabilities::StoreCapabilities;
use crate::channel_order::{Cancel, Line, Payment};
use crate::draft::StoreOrderDraft;
use crate::drafting::{self, Drafting};
use crate::head::{ImportState, Order};
use crate::link::Links;
use crate::money::Currency;
use crate::refund::{self, Back, NewRefund};
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
    /// The main store's own currency, where connecting found it out.
    pub store_currency: Option<Currency>,
    /// The channel's name as a person reads it.
    pub channel_name: &'a str,
    /// A person pressed Send: overrides `auto_import` and `send_when`.
    pub by_hand: bool,
}

/// What to do next. After it is done and stored, the order is looked at again until nothing is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Create the store's order; `stock` replaces the order's once it exists.
    Import {
        draft: Box<StoreOrderDraft>,
        stock: Vec<LineStock>,
    },
    /// Deduct the `units` of these ourselves, first storing that we mean to; each replaces what is known of its line and product.
    Deduct(Vec<LineStock>),
    /// Put back the outstanding units of these and mark them `Restored`: the order is canceled, or no longer wants them like this.
    PutBack(Vec<LineStock>),
    MarkPaid,
    /// Afterwards, where the store restocks by itself, the stock stands as [`crate::stock::restored`] says.
    CancelInStore,
    /// R9: tell the store's order what the channel returned; where its refunds restock, the units come back with it.
    RecordRefund(NewRefund),
    /// Put these units back by moves of ours: the order stays, and no longer wants them.
    Restore(Vec<Back>),
    /// Compare the store's order with what the channel says now: it was edited there.
    Review,
    /// A person undoes the import: cancel the store's order, if it is the one that Tributary created.
    UndoInStore,
    /// Everything is back: the order is left, its next import is another generation.
    Undone,
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
    if order.by_hand.undo.is_some() {
        return undo(order);
    }
    match &order.import {
        ImportState::Imported { .. } => after_import(facts),
        ImportState::Reserved { .. } | ImportState::Unknown { .. } => Step::Stay,
        ImportState::Failed { refused, .. } => after_failure(facts, *refused),
        ImportState::Left(_) => held(order).map_or(Step::Done, Step::PutBack),
        ImportState::Received | ImportState::Waiting(_) => before_import(facts),
    }
}

/// R20: only what Tributary created is canceled, only what it moved comes back, whatever has left already.
fn undo(order: &Order) -> Step {
    match &order.import {
        ImportState::Imported { .. } if !order.store.canceled => Step::UndoInStore,
        ImportState::Imported { .. } | ImportState::Received | ImportState::Waiting(_) => {
            outstanding(order).map_or(Step::Undone, Step::PutBack)
        }
        ImportState::Reserved { .. } | ImportState::Unknown { .. } | ImportState::Failed { .. } => Step::Stay,
        ImportState::Left(_) => Step::Done,
    }
}

/// What a create that was sent already has asked for, whatever the settings say by now.
pub fn as_sent(facts: &Facts<'_>) -> Result<(StoreOrderDraft, Vec<LineStock>), NotImported> {
    let draft = drafting::draft(&Drafting::of(facts))?;
    Ok((draft, stock_after_import(facts.order, taken_by_store(facts))))
}

/// Why Send cannot import the order, now or at all (R5): what no wish of a person overrides.
pub fn refuses_send(facts: &Facts<'_>) -> Option<NotImported> {
    let by_hand = Facts { by_hand: true, ..*facts };
    match &by_hand.order.import {
        ImportState::Left(reason) => return Some(reason.clone()),
        ImportState::Received | ImportState::Waiting(_) | ImportState::Failed { .. } => {}
        ImportState::Reserved { .. } | ImportState::Unknown { .. } | ImportState::Imported { .. } => return None,
    }
    if by_hand.order.source.cancel == Cancel::Canceled {
        return Some(NotImported::Canceled);
    }
    if stays_with_channel(&by_hand) {
        return Some(NotImported::FulfilledByChannel);
    }
    forbidden(&by_hand).or_else(|| drafting::draft(&Drafting::of(&by_hand)).err())
}

/// R19: the channel ships it from its own warehouse, and the setting does not want such orders in the store.
const fn stays_with_channel(facts: &Facts<'_>) -> bool {
    facts.order.source.fulfilled_by_channel && !facts.settings.import_fulfilled_by_channel
}

/// R8: the channel canceled, but a package had left: to be flagged, it changes neither the store nor its stock.
pub fn cancel_came_too_late(order: &Order) -> bool {
    order.source.cancel == Cancel::Canceled && order.has_left()
}

fn after_import(facts: &Facts<'_>) -> Step {
    let order = facts.order;
    let canceled = order.is_void() && !order.has_left();
    if order.store.canceled {
        let ours_to_restore = canceled && !facts.store.restocks_on_cancel;
        return outstanding(order).filter(|_| ours_to_restore).map_or(Step::Done, Step::PutBack);
    }
    if canceled {
        return Step::CancelInStore;
    }
    if order.source.payment.is_paid() && !order.store.paid {
        return Step::MarkPaid;
    }
    match refund::next_recording(facts) {
        Ok(Some(refund)) => return Step::RecordRefund(refund),
        Ok(None) => {}
        Err(error) => return Step::Wait(NotImported::DoesNotAddUp { why: error.to_string() }),
    }
    if let Some(back) = refund::next_restore(facts) {
        return Step::Restore(back);
    }
    if order.wants_review() { Step::Review } else { Step::Done }
}

/// The store refused the order, or nobody knows. Refused for certain, its stock is kept from the other channels by us (R7).
fn after_failure(facts: &Facts<'_>, refused: bool) -> Step {
    let order = facts.order;
    if order.is_void() {
        return held(order).map_or(Step::Stay, Step::PutBack);
    }
    let unconfirmed = unconfirmed(facts);
    if !unconfirmed.is_empty() {
        return Step::Deduct(unconfirmed);
    }
    let misfits = misfits(facts);
    if !misfits.is_empty() {
        return Step::PutBack(misfits);
    }
    let unmoved = unmoved(facts);
    if refused && facts.settings.inventory_sync && !unmoved.is_empty() { Step::Deduct(unmoved) } else { Step::Stay }
}

fn before_import(facts: &Facts<'_>) -> Step {
    let order = facts.order;
    if stays_with_channel(facts) {
        return Step::Leave(NotImported::FulfilledByChannel);
    }
    let unconfirmed = unconfirmed(facts);
    if !unconfirmed.is_empty() {
        return Step::Deduct(unconfirmed);
    }
    if let Some(reason) = never(order) {
        return held(order).map_or(Step::Leave(reason), Step::PutBack);
    }
    if !facts.settings.inventory_sync && !facts.by_hand {
        return Step::Wait(NotImported::SyncIsOff);
    }
    let misfits = misfits(facts);
    if !misfits.is_empty() {
        return Step::PutBack(misfits);
    }
    let unmoved = unmoved(facts);
    let drafted = forbidden(facts).map_or_else(|| drafting::draft(&Drafting::of(facts)), Err);
    match drafted {
        Ok(draft) if unmoved.is_empty() || store_takes_the_rest(facts) => {
            Step::Import { draft: Box::new(draft), stock: stock_after_import(order, taken_by_store(facts)) }
        }
        Err(reason) if unmoved.is_empty() || !facts.settings.inventory_sync => Step::Wait(reason),
        Ok(_) | Err(_) => Step::Deduct(unmoved),
    }
}

/// Why the order is never to be imported, if so: there is nothing left of it.
fn never(order: &Order) -> Option<NotImported> {
    if let Some(by) = &order.after.superseded_by {
        return Some(NotImported::Superseded { by: *by });
    }
    if order.source.cancel == Cancel::Canceled {
        return Some(NotImported::Canceled);
    }
    refund::is_void(order).then_some(NotImported::Refunded)
}

/// What the store takes by itself joins what is known; a deduction whose answer nobody saw stays in doubt.
fn stock_after_import(order: &Order, taken: Vec<LineStock>) -> Vec<LineStock> {
    let known = order.stock.iter().filter(|known| !taken.iter().any(|stock| stock.is_same_line(known)));
    let known = known.map(|known| match known.state {
        StockState::Intended => LineStock { state: StockState::Unknown, ..known.clone() },
        _ => known.clone(),
    });
    let mut stock: Vec<LineStock> = known.collect();
    stock.extend(taken.into_iter().map(|stock| LineStock { state: StockState::Taken, ..stock }));
    stock
}

/// Whether the store, when the order is created, deducts those lines that we have not.
///
/// Where moves are keyed we deduct them ourselves as soon as one line is ours: Shopify deducts an order wholly or not at all.
fn store_takes_the_rest(facts: &Facts<'_>) -> bool {
    let ours = |stock: &LineStock| matches!(stock.state, StockState::Held | StockState::Intended | StockState::Unknown);
    store_deducts(facts) && !(facts.store.keyed_stock_moves && facts.order.stock.iter().any(ours))
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
            return Some(NotImported::NoTextLines { items: unlinked });
        }
    }
    None
}

/// Deductions that a worker meant but did not confirm, where the key of the move makes repeating them harmless.
///
/// Elsewhere nobody knows: they stay as they are, are told to the store as deducted, and a person sees them.
fn unconfirmed(facts: &Facts<'_>) -> Vec<LineStock> {
    let meant = facts.order.stock.iter().filter(|stock| stock.state == StockState::Intended);
    meant.filter(|_| facts.store.keyed_stock_moves).cloned().collect()
}

/// The linked lines whose stock has not moved: they are to be deducted, by us or by the store.
///
/// A move that may have happened (`Unknown`, `Intended`) is not made again. What came back (`Restored`) moves again if the
/// order wants it again.
fn unmoved(facts: &Facts<'_>) -> Vec<LineStock> {
    unmoved_units(facts, |line| refund::units_wanted(facts.order, facts.settings, line))
}

/// The linked lines that the store deducts when it creates the order: with every unit of their line, refunded ones
/// too, which come back when their refund is recorded.
fn taken_by_store(facts: &Facts<'_>) -> Vec<LineStock> {
    if store_deducts(facts) { unmoved_units(facts, Line::open_quantity) } else { unmoved(facts) }
}

fn unmoved_units(facts: &Facts<'_>, units: impl Fn(&Line) -> u32) -> Vec<LineStock> {
    let mut lines = Vec::new();
    if !facts.order.moves_stock() {
        return lines;
    }
    for line in facts.order.source.real_lines().filter(|line| units(line) > 0) {
        let Some(link) = facts.links.of(line) else { continue };
        for target in &link.targets {
            let wanted = LineStock {
                line: line.id.clone(),
                product: target.product.clone(),
                units: units(line).saturating_mul(target.quantity),
                state: StockState::Intended,
                restored: 0,
                of: if units(line) == line.quantity { 0 } else { units(line) },
            };
            let known = facts.order.stock.iter().filter(|known| known.is_same_line(&wanted));
            if known.into_iter().all(|known| known.state == StockState::Restored) {
                lines.push(wanted);
            }
        }
    }
    lines
}

/// What we hold in a way the order does not want any more: its link or its quantity was changed, its line is gone.
fn misfits(facts: &Facts<'_>) -> Vec<LineStock> {
    let wanted = |stock: &LineStock| {
        let line = facts.order.source.real_lines().find(|line| line.id == stock.line)?;
        let target = facts.links.of(line)?.targets.iter().find(|target| target.product == stock.product)?;
        // Units that fit by chance, of another link, would come back by the wrong number later.
        let same_link = stock.per_unit(line) == Some(target.quantity);
        same_link.then(|| refund::units_wanted(facts.order, facts.settings, line).saturating_mul(target.quantity))
    };
    let held = facts.order.stock.iter().filter(|stock| stock.state == StockState::Held && stock.outstanding() > 0);
    held.filter(|stock| wanted(stock).unwrap_or(0) != stock.outstanding()).cloned().collect()
}

/// What we hold for the order ourselves, if anything. Goods that have left do not come back by a cancel (R8).
fn held(order: &Order) -> Option<Vec<LineStock>> {
    let held = outstanding(order)?.into_iter().filter(|stock| stock.state == StockState::Held).collect::<Vec<_>>();
    (!held.is_empty() && !order.has_left()).then_some(held)
}

/// What is out of stock for the order, whoever took it, if anything.
fn outstanding(order: &Order) -> Option<Vec<LineStock>> {
    let stock: Vec<_> = order.stock.iter().filter(|stock| stock.outstanding() > 0).cloned().collect();
    (!stock.is_empty()).then_some(stock)
}
