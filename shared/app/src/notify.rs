//! Alerts: what happened within a while becomes one mail to the owner, and the same trouble no second one soon after.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::alerts::AlertSettings;
use domain::head::Attention;
use domain::{ConnectionId, OrderId};
use storage::{ConnectionState, Quiet};

use crate::App;
use crate::error::AppError;
use crate::events::{DomainEvent, EventDetail, Trouble};
use crate::mail::{Group, Known, Letterhead, Mailer, compose};
use crate::ports::Job;

/// After a mail about a trouble, more of it waits this long and is then one mail.
const QUIET: Duration = Duration::from_hours(1);
/// Orders read at once.
const READ: usize = 100;

impl App {
    /// Sends at most one mail about the events. What is over meanwhile, or switched off, is left out; what the owner was told
    /// of within the hour is looked at again later.
    pub async fn notify(
        &self,
        mailer: &dyn Mailer,
        letterhead: &Letterhead,
        told: Vec<EventDetail>,
    ) -> Result<(), AppError> {
        let known = self.known_of(&told).await?;
        let mut groups: BTreeMap<(Trouble, Option<ConnectionId>), Vec<EventDetail>> = BTreeMap::new();
        for detail in told {
            let Some(trouble) = detail.event.trouble() else { continue };
            if !self.is_wanted(trouble, &detail.event).await? || self.is_over(trouble, &detail.event, &known).await? {
                continue;
            }
            let group = groups.entry((trouble, detail.event.connection().cloned())).or_default();
            // Delivered twice, or told by two workers.
            if group.iter().all(|other| other.event != detail.event) {
                group.push(detail);
            }
        }
        let (mut mailed, mut keys, mut held) = (Vec::new(), Vec::new(), Vec::<(Duration, Vec<Job>)>::new());
        for ((trouble, connection), details) in groups {
            let key = format!("{trouble:?}#{}", connection.as_ref().map_or("", ConnectionId::as_str));
            match self.storage.settings.begin_quiet(&key, self.clock.now(), QUIET).await? {
                Quiet::Begins => {
                    keys.push(key);
                    let events = details.into_iter().map(|detail| detail.event).collect();
                    mailed.push(Group { trouble, connection, events });
                }
                // All of them come back at one time, and so as one mail.
                Quiet::Until(end) => held.push((self.until(end), details.into_iter().map(Job::Alert).collect())),
            }
        }
        if !mailed.is_empty() {
            let mail = compose(&mailed, &known, letterhead);
            if let Err(error) = mailer.send(&mail).await {
                // Not told, so the next attempt need not wait for the hour to pass.
                for key in &keys {
                    self.storage.settings.end_quiet(key).await?;
                }
                return Err(error.into());
            }
            tracing::info!(troubles = mailed.len(), "Mailed the owner about {} troubles", mailed.len());
        }
        for (wait, jobs) in held {
            self.queue.send(&jobs, wait).await?;
        }
        Ok(())
    }

    async fn known_of(&self, told: &[EventDetail]) -> Result<Known, AppError> {
        let mut known = Known::default();
        for connection in self.storage.settings.connections().await? {
            known.connections.insert(connection.id, connection.name);
        }
        let ids: BTreeSet<OrderId> = told.iter().filter_map(|detail| detail.event.order()).collect();
        let ids: Vec<OrderId> = ids.into_iter().collect();
        for some in ids.chunks(READ) {
            let orders = self.storage.orders.get_many(some).await?;
            known.orders.extend(orders.into_iter().map(|order| (order.id, order)));
        }
        Ok(known)
    }

    /// A23, A24: whether the channel's settings let this be told.
    async fn is_wanted(&self, trouble: Trouble, event: &DomainEvent) -> Result<bool, AppError> {
        let switch: fn(&AlertSettings) -> bool = match trouble {
            Trouble::OrderHasUnlinkedProducts => |alerts| alerts.unlinked_order,
            Trouble::OrderImportFailed | Trouble::OrderDiffers | Trouble::OrderUnreadable => {
                |alerts| alerts.failed_import
            }
            _ => return Ok(true),
        };
        let Some(connection) = event.connection() else { return Ok(true) };
        Ok(switch(&self.storage.settings.channel_settings(connection).await?.0.alerts))
    }

    /// Whether nobody has to do anything any more. A difference, a duplicate and a short stock are never over by themselves.
    async fn is_over(&self, trouble: Trouble, event: &DomainEvent, known: &Known) -> Result<bool, AppError> {
        let order = event.order().map(|id| known.orders.get(&id));
        Ok(match (trouble, event.connection()) {
            (Trouble::OrderImportFailed, _) => {
                order.is_some_and(|order| order.and_then(domain::Order::attention) != Some(Attention::Error))
            }
            (Trouble::OrderHasUnlinkedProducts, _) => {
                order.is_some_and(|order| order.and_then(domain::Order::attention) != Some(Attention::Unlinked))
            }
            (Trouble::ConnectionNeedsAttention, Some(id)) => {
                let connection = self.storage.settings.connection(id).await?;
                !connection.is_some_and(|c| matches!(c.state, ConnectionState::NeedsAttention { .. }))
            }
            (Trouble::ChannelStalled, Some(id)) => {
                let health = self.storage.settings.health(id).await?;
                // Told before it is noted as told, so the note may still be missing: the last success decides.
                health.last_success.is_some_and(|success| event.since().is_none_or(|since| success > since))
            }
            (Trouble::StockPaused, Some(id)) => {
                !matches!(self.storage.settings.telling(id).await?, domain::quantity::Telling::Paused { .. })
            }
            (Trouble::MainStoreUnavailable, Some(id)) => {
                self.storage.settings.health(id).await?.failing_since.is_none()
            }
            _ => false,
        })
    }
}
