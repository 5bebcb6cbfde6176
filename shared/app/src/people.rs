//! What people press: Sync applies the rules again, Send imports whatever the rules say. Both only ring; workers act.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::head::Review;
use domain::trace::{Event, NotImported};
use domain::{Asked, ImportState, Order, OrderId, plan};
use storage::{Change, Wish};

use crate::App;
use crate::error::AppError;
use crate::ports::Job;

/// Orders that one request may name.
pub const MAX_ORDERS: usize = 200;
/// A write that meets another worker's is tried again this often.
pub(crate) const MAX_TRIES: usize = 5;

/// What became of one order that was to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendAnswer {
    Queued,
    /// It stands in the main store under this number.
    AlreadyImported {
        number: String,
    },
    /// Nothing was kept or queued.
    Refused(NotImported),
    /// Others keep working on it: to be asked again in a moment.
    Busy,
    NotFound,
}

impl App {
    /// Applies the rules again. One that was given up begins anew; its reference stays, so nothing can be doubled.
    pub async fn sync(&self, ids: &[OrderId], by: &str) -> Result<BTreeMap<OrderId, bool>, AppError> {
        let mut rung = BTreeMap::new();
        let mut jobs = Vec::new();
        for id in ids {
            let Some(order) = self.storage.orders.get(*id).await? else {
                rung.insert(*id, false);
                continue;
            };
            if let ImportState::Failed { .. } = order.import {
                self.begin_anew(&order, by).await?;
            } else if !order.after.review.differences.is_empty() {
                self.review_anew(&order, by).await?;
            }
            jobs.push(Job::import(*id));
            rung.insert(*id, true);
        }
        if !jobs.is_empty() {
            self.queue.send(&jobs, Duration::ZERO).await?;
        }
        Ok(rung)
    }

    /// A failed order goes back through doubt: the store is asked for its reference before anything is created.
    pub(crate) async fn begin_anew(&self, order: &Order, by: &str) -> Result<(), AppError> {
        let change = Change {
            import: Some(ImportState::Unknown { attempt: 0, look_after: self.clock.now() }),
            trace: Some(self.traced(order, Event::Asked { by: by.to_owned(), what: "sync".to_owned() })),
            ..Change::default()
        };
        self.write(order, change).await?;
        Ok(())
    }

    /// What differed may have been mended: the two sides are compared again.
    async fn review_anew(&self, order: &Order, by: &str) -> Result<(), AppError> {
        let review = Review { revision: None, ..order.after.review.clone() };
        let trace = self.traced(order, Event::Asked { by: by.to_owned(), what: "sync".to_owned() });
        self.write(order, Change { review: Some(review), trace: Some(trace), ..Change::default() }).await?;
        Ok(())
    }

    /// R5: imports these orders whatever `auto_import` and `send_when` say, unlinked lines as text. The wish is kept with the
    /// order before it is rung for, so that whoever answers the doorbell acts on it. Repeating it changes nothing.
    pub async fn send(&self, ids: &[OrderId], by: &str) -> Result<BTreeMap<OrderId, SendAnswer>, AppError> {
        let mut answers = BTreeMap::new();
        for id in ids {
            answers.insert(*id, self.wish_to_send(*id, by).await?);
        }
        let queued = answers.iter().filter(|(_, answer)| **answer == SendAnswer::Queued);
        let jobs: Vec<Job> = queued.map(|(id, _)| Job::import(*id)).collect();
        if !jobs.is_empty() {
            self.queue.send(&jobs, Duration::ZERO).await?;
        }
        Ok(answers)
    }

    async fn wish_to_send(&self, id: OrderId, by: &str) -> Result<SendAnswer, AppError> {
        for _ in 0..MAX_TRIES {
            let Some(order) = self.storage.orders.get(id).await? else { return Ok(SendAnswer::NotFound) };
            if let ImportState::Imported { number, .. } = &order.import {
                return Ok(SendAnswer::AlreadyImported { number: number.clone() });
            }
            if order.by_hand.undo.is_some() {
                return Ok(SendAnswer::Busy);
            }
            if let Some(reason) = self.refuses_send(&order).await? {
                return Ok(SendAnswer::Refused(reason));
            }
            let failed = matches!(order.import, ImportState::Failed { .. });
            if order.by_hand.send.is_some() && !failed {
                return Ok(SendAnswer::Queued);
            }
            let asked = Asked { by: by.to_owned(), at: self.clock.now() };
            let change = Change {
                send: Some(Wish::Asked(asked)),
                // One that was given up begins anew, through a look-up.
                import: failed.then(|| ImportState::Unknown { attempt: 0, look_after: self.clock.now() }),
                ..Change::default()
            };
            if self.write(&order, change).await?.is_some() {
                return Ok(SendAnswer::Queued);
            }
        }
        Ok(SendAnswer::Busy)
    }

    /// What no wish overrides, by what the main store's platform can do; the store itself is not asked.
    async fn refuses_send(&self, order: &Order) -> Result<Option<NotImported>, AppError> {
        let Some(context) = self.context(order).await? else { return Ok(Some(NotImported::NoChannel)) };
        let Some(store) = self.known_store().await? else { return Ok(Some(NotImported::NoMainStore)) };
        Ok(plan::refuses_send(&context.facts_for(order, store)))
    }
}
