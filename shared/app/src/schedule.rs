//! The schedule's minute: ring for every connection that works, and measure how far the channels are behind.

use std::time::Duration;

use jiff::SignedDuration;
use storage::{Connection, ConnectionState, Health, Role};

use crate::App;
use crate::error::AppError;
use crate::events::DomainEvent;
use crate::ports::Job;

/// A channel without a complete poll for this long has stalled; the alarm of the template has the same threshold.
pub(crate) const CHANNEL_STALLED: SignedDuration = SignedDuration::from_mins(30);
/// A main store that failed again this long after its first failure is told of; a restart of a shop is shorter.
const STORE_UNAVAILABLE: SignedDuration = SignedDuration::from_mins(5);
/// Access that was withdrawn is told of where that happens; this long after, it is made good if nobody came to it.
const UNTOLD: SignedDuration = SignedDuration::from_mins(2);

/// What one minute did and found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Connections that were rung for.
    pub rung: usize,
    /// How long the most overdue active channel has been without a complete poll, since it was connected if there was none
    /// yet; zero without an active channel. A channel that a person must reconnect was told of by itself and does not count.
    pub channel_lag: Duration,
}

impl App {
    /// Rings for every connection that works; triggered by the schedule.
    pub async fn schedule_polls(&self) -> Result<Tick, AppError> {
        let connections = self.storage.settings.connections().await?;
        let active = connections.iter().filter(|connection| connection.state == ConnectionState::Active);
        let jobs: Vec<Job> = active.map(|connection| Job::poll(connection.id.clone())).collect();
        if !jobs.is_empty() {
            self.queue.send(&jobs, Duration::ZERO).await?;
        }
        let mut channel_lag = Duration::ZERO;
        for connection in &connections {
            let health = self.storage.settings.health(&connection.id).await?;
            if connection.role == Role::Channel && connection.state == ConnectionState::Active {
                // Another function's clock may be a little ahead of ours: then nothing is overdue.
                channel_lag = channel_lag.max(Duration::try_from(self.lag(connection, &health)).unwrap_or_default());
            }
            self.watch(connection, &health).await?;
        }
        Ok(Tick { rung: jobs.len(), channel_lag })
    }

    /// Tells once when a connection's trouble has lasted, and once when it is over (E11). Told before it is noted as told:
    /// a process that dies in between tells it twice, never not at all.
    async fn watch(&self, connection: &Connection, health: &Health) -> Result<(), AppError> {
        let trouble = self.trouble_of(connection, health);
        let (event, told_at) = match (trouble, health.told_at) {
            (Some(event), None) => (event, Some(self.clock.now())),
            (None, Some(_)) if connection.state == ConnectionState::Active => {
                let connection_id = connection.id.clone();
                let event = match connection.role {
                    Role::Channel => DomainEvent::ChannelRecovered { connection_id },
                    Role::MainStore => DomainEvent::MainStoreRecovered { connection_id },
                };
                (event, None)
            }
            _ => return Ok(()),
        };
        tracing::warn!(connection = %connection.id, "Telling of connection `{}`: {}", connection.id, event.name());
        self.events.publish(event).await?;
        Ok(self.storage.settings.note_told(&connection.id, told_at).await?)
    }

    fn trouble_of(&self, connection: &Connection, health: &Health) -> Option<DomainEvent> {
        let connection_id = connection.id.clone();
        let now = self.clock.now();
        let why = health.failing_since.and_then(|_| health.last_failure.clone()).map(|(_, why)| why);
        match (&connection.state, connection.role) {
            (ConnectionState::NeedsAttention { why, since }, _) => {
                let untold = now.duration_since(*since) >= UNTOLD;
                untold.then(|| DomainEvent::ConnectionNeedsAttention { connection_id, why: why.clone() })
            }
            (ConnectionState::Active, Role::Channel) => {
                let since = health.last_success.unwrap_or(connection.created_at);
                let stalled = self.lag(connection, health) >= CHANNEL_STALLED;
                stalled.then_some(DomainEvent::ChannelStalled { connection_id, since, why })
            }
            (ConnectionState::Active, Role::MainStore) => {
                // Between two failures: a store that asked to be left alone for a while may be well again, nobody has looked.
                let (since, (last, _)) = (health.failing_since?, health.last_failure.as_ref()?);
                let lasts = last.duration_since(since) >= STORE_UNAVAILABLE;
                lasts.then_some(DomainEvent::MainStoreUnavailable { connection_id, since, why })
            }
            (ConnectionState::Disconnected, _) => None,
        }
    }

    /// Since its last complete poll, or since it was connected.
    pub(crate) fn lag(&self, channel: &Connection, health: &Health) -> SignedDuration {
        self.clock.now().duration_since(health.last_success.unwrap_or(channel.created_at))
    }
}
