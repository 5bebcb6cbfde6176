//! Bringing one order to where it should be at the main store: one step at a time, each stored, until none is left.

use std::time::Duration;

use domain::plan::{self, Step};
use domain::stock::StockState;
use domain::trace::{self, Event, NotImported};
use domain::{ImportState, Order, OrderId};
use jiff::Timestamp;
use storage::{Change, Updated};

use crate::App;
use crate::context::{Context, ReadyStore, Store};
use crate::error::{AppError, Outcome};
use crate::events::DomainEvent;

/// More steps than any order needs; the rest waits for the next look.
const MAX_STEPS: usize = 10;
/// The longest that SQS delays a message.
pub(crate) const LONGEST_DELAY: Duration = Duration::from_mins(15);

const CANCELED_TOO_LATE: &str =
    "canceled on the channel after a package had left; nothing was changed in the main store";

/// What a step leads to.
pub(crate) enum Next {
    /// Something was stored, or somebody else was faster: look at the order anew.
    Look,
    End(Outcome),
}

impl App {
    /// Looks at one order. Triggered by a doorbell; delivered twice, late or out of order it changes nothing.
    pub async fn import(&self, id: OrderId) -> Result<Outcome, AppError> {
        for _ in 0..MAX_STEPS {
            let Some(order) = self.storage.orders.get(id).await? else {
                tracing::warn!(order.id = %id, "No order `{id}`: the job is dropped");
                return Ok(Outcome::Done);
            };
            if let Some(wait) = self.held_for(&order) {
                return Ok(Outcome::Again(wait));
            }
            let Some(context) = self.context(&order).await? else { return Ok(Outcome::Done) };
            let next = match self.main_store().await? {
                Store::Ready(store) => self.step(&order, &context, &store).await?,
                Store::Missing => self.wait(&order, &context, NotImported::NoMainStore, None).await?,
                // Parked: reconnecting rings for it.
                Store::NeedsAttention { why } => {
                    self.wait(&order, &context, NotImported::StoreUnavailable { why }, None).await?
                }
                Store::Paused { wait, why } => {
                    self.wait(&order, &context, NotImported::StoreUnavailable { why }, Some(wait)).await?
                }
            };
            if let Next::End(outcome) = next {
                if outcome == Outcome::Done && !order.after.supersedes.is_empty() {
                    self.supersede(id).await?;
                }
                return Ok(outcome);
            }
        }
        Ok(Outcome::Again(Duration::from_secs(1)))
    }

    async fn step(&self, order: &Order, context: &Context, store: &ReadyStore) -> Result<Next, AppError> {
        if let Some((attempt, look_after)) = crate::doubt::doubt(order, store.store.capabilities()) {
            return self.resolve(order, context, store, attempt, look_after).await;
        }
        let keyed = store.store.capabilities().keyed_stock_moves;
        if !keyed && order.stock.iter().any(|line| line.state == StockState::Intended) {
            return self.doubt_stock(order, context).await;
        }
        if let Some(wait) = self.telling(order, store) {
            return Ok(Next::End(Outcome::Again(wait)));
        }
        if plan::cancel_came_too_late(order) && !Self::was_flagged(order, CANCELED_TOO_LATE) {
            return self.flag(order, CANCELED_TOO_LATE).await;
        }
        let step = plan::next_step(&context.facts(order, store));
        let gone = match self.gone_products(store, &step).await {
            Ok(gone) => gone,
            Err(AppError::Connect(error)) => return self.store_is_out(order, context, store, error).await,
            Err(error) => return Err(error),
        };
        if !gone.is_empty() {
            // Such a line is not linked (R5): the rules say what that means for the order.
            let context = context.without(order, gone);
            return Box::pin(self.step(order, &context, store)).await;
        }
        match step {
            Step::Import { draft, stock } => self.create(order, context, store, 1, &draft, stock).await,
            Step::Deduct(lines) => self.deduct(order, context, store, &lines).await,
            Step::PutBack(lines) => self.put_back(order, context, store, &lines).await,
            Step::MarkPaid => self.mark_paid(order, context, store).await,
            Step::CancelInStore => self.cancel_in_store(order, store).await,
            Step::RecordRefund(refund) => self.record_refund(order, context, store, &refund).await,
            Step::Restore(back) => self.restore(order, context, store, &back).await,
            Step::Review => self.review(order, context, store).await,
            Step::Wait(reason) => self.wait(order, context, context.gone.explained(reason), None).await,
            Step::Leave(reason) => self.leave(order, context, reason).await,
            Step::UndoInStore => self.undo_in_store(order, store).await,
            Step::Undone => self.finish_undo(order, context).await,
            Step::Stay | Step::Done => Ok(Next::End(Outcome::Done)),
        }
    }

    /// Stores why the order waits. `again` is set where nothing will ring when the cause is gone.
    pub(crate) async fn wait(
        &self,
        order: &Order,
        context: &Context,
        reason: NotImported,
        again: Option<Duration>,
    ) -> Result<Next, AppError> {
        let end = Next::End(again.map_or(Outcome::Done, |wait| Outcome::Again(wait.min(LONGEST_DELAY))));
        if !matches!(order.import, ImportState::Received | ImportState::Waiting(_)) {
            // In doubt, or imported with something left to do: the doorbell must go on ringing.
            return Ok(Next::End(Outcome::Again(again.unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY))));
        }
        if order.import == ImportState::Waiting(reason.clone()) {
            return Ok(end);
        }
        if matches!(reason, NotImported::Unlinked { .. }) {
            self.wait_for_links(order).await?;
            // Whoever linked between our first reading and our waiting did not see us: read once more.
            if !still_unlinked(order, &self.links_of(order).await?.without(&context.gone.products)) {
                return Ok(Next::Look);
            }
        }
        if matches!(reason, NotImported::StoreUnavailable { .. }) {
            self.hold_unapplied(order, context).await?;
        }
        let change = Change {
            import: Some(ImportState::Waiting(reason.clone())),
            trace: Some(self.traced(order, Event::NotImported(reason.clone()))),
            expect_revision: Some(order.source.revision),
            ..Change::default()
        };
        if self.write(order, change).await?.is_none() {
            return Ok(Next::Look);
        }
        self.tell_waiting(order, &reason).await?;
        Ok(end)
    }

    async fn tell_waiting(&self, order: &Order, reason: &NotImported) -> Result<(), AppError> {
        let (order_id, connection_id) = (order.id, order.connection.clone());
        let event = match reason {
            NotImported::Unlinked { items } => {
                DomainEvent::OrderHasUnlinkedProducts { order_id, connection_id, items: items.clone() }
            }
            NotImported::DoesNotAddUp { .. }
            | NotImported::NoTextLines { .. }
            | NotImported::ForeignCurrency { .. }
            | NotImported::NumberTooLong { .. }
            | NotImported::NoExchangeRate { .. } => {
                DomainEvent::OrderImportFailed { order_id, connection_id, why: reason.sentence() }
            }
            _ => return Ok(()),
        };
        Ok(self.events.publish(event).await?)
    }

    /// Notes once what a person has to look at.
    async fn flag(&self, order: &Order, what: &str) -> Result<Next, AppError> {
        let trace = Some(self.traced(order, Event::Flag { what: what.to_owned() }));
        self.write(order, Change { trace, ..Change::default() }).await?;
        Ok(Next::Look)
    }

    pub(crate) fn was_flagged(order: &Order, what: &str) -> bool {
        order.trace.iter().any(|entry| matches!(&entry.event, Event::Flag { what: told } if told == what))
    }

    async fn leave(&self, order: &Order, context: &Context, reason: NotImported) -> Result<Next, AppError> {
        let products = context.linked_products(order);
        self.stop_waiting(order, &products).await?;
        self.ring_stock(products, None).await?;
        let change = Change {
            import: Some(ImportState::Left(reason.clone())),
            trace: Some(self.traced(order, Event::NotImported(reason))),
            expect_revision: Some(order.source.revision),
            ..Change::default()
        };
        self.write(order, change).await?;
        Ok(Next::Look)
    }

    /// Writes under the order's fence. `None`: somebody else was faster and nothing was written.
    pub(crate) async fn write(&self, order: &Order, change: Change) -> Result<Option<Box<Order>>, AppError> {
        match self.storage.orders.update(order, change).await? {
            Updated::Done(order) => Ok(Some(order)),
            Updated::Conflict(_) | Updated::Gone => Ok(None),
        }
    }

    /// How much longer somebody else works on the order.
    pub(crate) fn held_for(&self, order: &Order) -> Option<Duration> {
        let until = order.lease.until.filter(|_| order.lease.is_held_at(self.clock.now()))?;
        Some(self.until(until))
    }

    /// From now to then, at least one second, at most what a queue can delay.
    pub(crate) fn until(&self, then: Timestamp) -> Duration {
        let wait = Duration::try_from(then.duration_since(self.clock.now())).unwrap_or(Duration::ZERO);
        wait.clamp(Duration::from_secs(1), LONGEST_DELAY)
    }

    /// A lease for the next holder of the order.
    pub(crate) fn lease(&self, order: &Order, until: Timestamp) -> domain::head::Lease {
        domain::head::Lease { fence: order.lease.fence + 1, holder: self.clock.nonce(), until: Some(until) }
    }

    /// The same lease, given back.
    pub(crate) fn released(order: &Order) -> domain::head::Lease {
        domain::head::Lease { until: None, ..order.lease.clone() }
    }

    pub(crate) fn traced(&self, order: &Order, event: Event) -> Vec<trace::TraceEntry> {
        let mut entries = order.trace.clone();
        trace::append(&mut entries, self.clock.now(), event);
        entries
    }
}

fn still_unlinked(order: &Order, links: &domain::link::Links) -> bool {
    order.source.real_lines().any(|line| links.of(line).is_none())
}
