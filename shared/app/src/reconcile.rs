//! E10: the nightly comparison, step by step: what a part finds is stored first, then closed where that is safe, then the next.

use std::time::Duration;

use domain::reconcile::{Found, Gap, Part, Run, parts};
use domain::{ConnectionId, OrderId};
use jiff::SignedDuration;
use storage::{ConnectionState, Role};

use crate::App;
use crate::context::Store;
use crate::error::{AppError, Outcome};
use crate::events::DomainEvent;
use crate::ports::{Job, ReconcileJob};

/// A part whose platform does not answer is tried until the run is this old.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(12);

/// The newest comparison, as far as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileReport {
    pub run: Run,
    /// What each part found that was looked at.
    pub found: Vec<(Part, Found)>,
}

impl App {
    /// Begins the night's comparison or does one step of it. Delivered twice it looks again and changes nothing.
    pub async fn reconcile(&self, job: &ReconcileJob) -> Result<Outcome, AppError> {
        if let Some(privacy) = &job.privacy {
            return self.privacy(privacy).await;
        }
        let Some(id) = &job.run else { return self.begin_reconcile().await };
        let Some(run) = self.storage.settings.reconcile(id).await? else { return Ok(Outcome::Done) };
        if run.finished_at.is_some() {
            return Ok(Outcome::Done);
        }
        let index = usize::try_from(job.step).unwrap_or(usize::MAX);
        let Some(part) = run.parts.get(index) else { return self.finish_reconcile(&run).await };
        let found = match self.storage.settings.found(id, job.step).await? {
            Some(found) => found,
            None => match self.look(&run, part).await? {
                Looked::Found(found) => self.storage.settings.keep_found(&run, job.step, &found).await?,
                Looked::Later(wait) => return Ok(Outcome::Again(wait)),
            },
        };
        self.heal(part, &found.gaps).await?;
        let next = ReconcileJob { run: Some(run.id), step: job.step + 1, privacy: None };
        self.queue.send(&[next.into()], Duration::ZERO).await?;
        Ok(Outcome::Done)
    }

    /// The newest comparison, whether it has finished or not.
    pub async fn reconcile_report(&self) -> Result<Option<ReconcileReport>, AppError> {
        let Some(run) = self.storage.settings.newest_reconcile().await? else { return Ok(None) };
        let all = self.storage.settings.all_found(&run.id).await?;
        let named = all.into_iter().filter_map(|(step, found)| {
            let part = run.parts.get(usize::try_from(step).ok()?)?;
            Some((part.clone(), found))
        });
        Ok(Some(ReconcileReport { found: named.collect(), run }))
    }

    async fn begin_reconcile(&self) -> Result<Outcome, AppError> {
        let connections = self.storage.settings.connections().await?;
        let channels: Vec<ConnectionId> = connections
            .iter()
            .filter(|c| c.role == Role::Channel && c.state != ConnectionState::Disconnected)
            .map(|c| c.id.clone())
            .collect();
        let has_store =
            connections.iter().any(|c| c.role == Role::MainStore && c.state != ConnectionState::Disconnected);
        let now = self.clock.now();
        let id = now.strftime("%F").to_string();
        let run = Run { id, started_at: now, finished_at: None, parts: parts(&channels, has_store, now) };
        self.storage.settings.begin_reconcile(&run).await?;
        // Also if it was begun before: whoever began it may have died right after. Its steps find what was found.
        self.queue
            .send(&[ReconcileJob { run: Some(run.id), ..ReconcileJob::default() }.into()], Duration::ZERO)
            .await?;
        Ok(Outcome::Done)
    }

    async fn finish_reconcile(&self, run: &Run) -> Result<Outcome, AppError> {
        let all = self.storage.settings.all_found(&run.id).await?;
        let gaps = || all.iter().flat_map(|(_, found)| &found.gaps);
        let healed = gaps().filter(|gap| gap.is_healed()).count();
        let skipped = all.iter().filter(|(_, found)| found.skipped.is_some()).count();
        let more: u32 = all.iter().map(|(_, found)| found.more).sum();
        let open = gaps().count() - healed + skipped;
        tracing::info!(run = %run.id, healed, open, "Compared the week: {healed} gaps closed, {open} open");
        if healed + open > 0 {
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let (healed, open) = (count(healed), count(open).saturating_add(more));
            self.events.publish(DomainEvent::ReconcileFoundGaps { run: run.id.clone(), healed, open }).await?;
        }
        self.storage.settings.finish_reconcile(&run.id, self.clock.now()).await?;
        Ok(Outcome::Done)
    }

    /// Looks at a part; one whose platform cannot be asked comes back later, and is given up with the reason in the end.
    async fn look(&self, run: &Run, part: &Part) -> Result<Looked, AppError> {
        if let Part::Erase { from, to } = part {
            if *to >= run.started_at {
                self.erase_unreadable().await?;
                self.erase_late().await?;
            }
            return self.erase_people(*from, *to).await.map(Looked::Found);
        }
        let given_up = self.clock.now().duration_since(run.started_at) >= GIVEN_UP;
        let skip = |why: String| Looked::Found(Found { skipped: Some(why), ..Found::default() });
        let connection = match part {
            Part::Channel { connection, .. } => self.storage.settings.connection(connection).await?,
            Part::Ours { .. } | Part::Store { .. } | Part::Stock | Part::Erase { .. } => {
                let all = self.storage.settings.connections().await?;
                all.into_iter().find(|c| c.role == Role::MainStore && c.state != ConnectionState::Disconnected)
            }
        };
        let Some(connection) = connection else { return Ok(skip("It is not connected any more.".to_owned())) };
        match &connection.state {
            ConnectionState::Active => {}
            ConnectionState::NeedsAttention { why, .. } => return Ok(skip(format!("{}: {why}", connection.name))),
            ConnectionState::Disconnected => {
                return Ok(skip(format!("{} is not connected any more.", connection.name)));
            }
        }
        // Never polled, or it sells nothing yet (A4): there is nothing to compare before its first poll.
        if connection.role == Role::Channel && self.storage.settings.cursor(&connection.id).await?.position.is_none() {
            return Ok(Looked::Found(Found::default()));
        }
        if let Some(paused) = self.paused(&connection.id).await? {
            return Ok(if given_up { skip(paused.why) } else { Looked::Later(paused.wait) });
        }
        let looked = match part {
            Part::Channel { from, to, .. } => self.look_at_channel(&connection, *from, *to).await,
            Part::Ours { .. } | Part::Store { .. } | Part::Stock | Part::Erase { .. } => match self.main_store().await?
            {
                Store::Ready(store) => match part {
                    Part::Ours { from, to } => self.look_at_ours(&store, *from, *to).await,
                    Part::Stock => self.look_at_stock(&store).await,
                    _ => self.look_at_store(&store, part).await,
                },
                Store::Paused { wait, .. } => return Ok(Looked::Later(wait)),
                Store::Missing => return Ok(skip("No main store is connected.".to_owned())),
                Store::NeedsAttention { why } => return Ok(skip(why)),
            },
        };
        match looked {
            Ok(found) => Ok(Looked::Found(found)),
            Err(AppError::Connect(error)) if given_up => Ok(skip(error.public_message)),
            Err(AppError::Connect(error)) => match self.trouble(&connection, error).await? {
                Outcome::Again(wait) => Ok(Looked::Later(wait)),
                Outcome::Done => Ok(Looked::Later(Duration::from_mins(1))),
            },
            Err(error) => Err(error),
        }
    }

    /// Has closed what can be closed safely. Repeating it changes nothing.
    async fn heal(&self, part: &Part, gaps: &[Gap]) -> Result<(), AppError> {
        let mut rung = Vec::new();
        for gap in gaps {
            match gap {
                // Reconnecting polls from the cursor, so a channel that is left alone by then has nothing to be read.
                Gap::MissingHere { channel_order } | Gap::OutdatedHere { channel_order, .. } => {
                    let Part::Channel { connection, .. } = part else { continue };
                    rung.push(Job::poll_order(connection.clone(), channel_order.clone()));
                }
                Gap::NotCarriedOut { order } => rung.extend([Job::import(*order), Job::fulfil(*order)]),
                Gap::LevelChanged { product, .. } => self.ring_stock([product.clone()], None).await?,
                Gap::UnnoticedInStore { order, .. } => self.adopt(*order).await?,
                Gap::GoneFromStore { .. }
                | Gap::UnknownHere { .. }
                | Gap::TwiceInStore { .. }
                | Gap::TotalDiffers { .. }
                | Gap::StockDiffers { .. } => {}
            }
        }
        if !rung.is_empty() {
            self.queue.send(&rung, Duration::ZERO).await?;
        }
        Ok(())
    }

    /// Back through doubt: the store is asked for the reference before anything is created.
    async fn adopt(&self, id: OrderId) -> Result<(), AppError> {
        let Some(order) = self.storage.orders.get(id).await? else { return Ok(()) };
        if matches!(order.import, domain::ImportState::Failed { .. } | domain::ImportState::Waiting(_)) {
            self.begin_anew(&order, "the nightly comparison").await?;
        }
        Ok(self.queue.send(&[Job::import(id)], Duration::ZERO).await?)
    }
}

enum Looked {
    Found(Found),
    Later(Duration),
}
