//! R19: orders that the channel merged into a new one: the new one takes its stock first, then the old ones give theirs back.

use std::time::Duration;

use domain::trace::{Event, NotImported};
use domain::{ChannelOrder, ImportState, LineId, Order, OrderId, Payment};
use jiff::SignedDuration;
use storage::{Change, Updated};

use crate::App;
use crate::error::AppError;
use crate::intake::Source;
use crate::ports::Job;

/// How long an unpaid order may still be merged into another.
const MERGEABLE: SignedDuration = SignedDuration::from_hours(24 * 60);

impl App {
    /// The orders whose lines the incoming one holds. An unpaid order's lines are noted before it is stored, so that whoever
    /// takes a merged order in finds them.
    pub(crate) async fn merged_from(
        &self,
        from: &Source<'_>,
        id: OrderId,
        incoming: &ChannelOrder,
    ) -> Result<Vec<OrderId>, AppError> {
        if !from.capabilities.merges_orders {
            return Ok(Vec::new());
        }
        let connection = &from.connection.id;
        let lines: Vec<LineId> = incoming.real_lines().map(|line| line.id.clone()).collect();
        let mut known = self.storage.settings.unpaid_orders_of(connection, &lines).await?;
        known.retain(|known| *known != id);
        if incoming.payment == Payment::Unpaid {
            let until = self.clock.now().saturating_add(MERGEABLE).unwrap_or(jiff::Timestamp::MAX);
            self.storage.settings.note_unpaid_lines(connection, &lines, id, until).await?;
        }
        Ok(known)
    }

    /// Once the new order's stock has moved, the old ones are told that it took their place. Repeating it changes nothing.
    pub(crate) async fn supersede(&self, id: OrderId) -> Result<(), AppError> {
        let Some(order) = self.storage.orders.get(id).await? else { return Ok(()) };
        if !has_its_stock(&order.import) {
            return Ok(());
        }
        let mut replaced = Vec::new();
        for old in self.storage.orders.get_many(&order.after.supersedes).await? {
            if self.give_way(&old, &order).await? {
                replaced.push(old.source.number.clone());
            }
        }
        let told = order.trace.iter().any(|entry| matches!(entry.event, Event::Supersedes { .. }));
        if !told && !replaced.is_empty() {
            let trace = Some(self.traced(&order, Event::Supersedes { orders: replaced }));
            self.write(&order, Change { trace, ..Change::default() }).await?;
        }
        Ok(())
    }

    /// Whether the old order is replaced by the new one. If something of it is left, or it was sent, a person decides.
    async fn give_way(&self, old: &Order, new: &Order) -> Result<bool, AppError> {
        let moved = |line: &domain::Line| new.source.real_lines().any(|other| other.id == line.id);
        let number = &new.source.number;
        if old.after.superseded_by.is_none() {
            let flagged = old.has_left() || !old.source.real_lines().all(moved);
            let change = if flagged {
                let what = format!(
                    "some of its items now belong to the channel's order {number}; correct this order in the main store"
                );
                if Self::was_flagged(old, &what) {
                    return Ok(false);
                }
                Change { trace: Some(self.traced(old, Event::Flag { what })), ..Change::default() }
            } else {
                let trace = Some(self.traced(old, Event::SupersededBy { order: number.clone() }));
                Change { superseded_by: Some(new.id), trace, ..Change::default() }
            };
            return match self.storage.orders.update(old, change).await? {
                Updated::Done(_) if flagged => Ok(false),
                Updated::Done(_) => {
                    self.queue.send(&[Job::import(old.id)], Duration::ZERO).await?;
                    Ok(true)
                }
                // Somebody works on it: the new one is looked at again, and finds it as it is then.
                Updated::Conflict(_) => {
                    self.queue.send(&[Job::import(new.id)], Duration::from_secs(5)).await?;
                    Ok(false)
                }
                Updated::Gone => Ok(false),
            };
        }
        let over = old.store.canceled || matches!(old.import, ImportState::Left(_));
        if !over {
            self.queue.send(&[Job::import(old.id)], Duration::ZERO).await?;
        }
        Ok(old.after.superseded_by == Some(new.id))
    }
}

/// The order's units are out of stock, as far as they can be: the store took them, or we did.
const fn has_its_stock(import: &ImportState) -> bool {
    match import {
        ImportState::Imported { .. } | ImportState::Failed { .. } | ImportState::Left(_) => true,
        ImportState::Waiting(reason) => {
            !matches!(reason, NotImported::StoreUnavailable { .. } | NotImported::NoMainStore)
        }
        ImportState::Received | ImportState::Reserved { .. } | ImportState::Unknown { .. } => false,
    }
}
