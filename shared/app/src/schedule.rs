//! The schedule's minute: ring for every connection that works, and measure how far the channels are behind.

use std::time::Duration;

use domain::ConnectionId;
use jiff::Timestamp;
use storage::{Connection, ConnectionState, Role};

use crate::App;
use crate::error::AppError;
use crate::ports::Job;

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
        let active: Vec<Connection> =
            connections.into_iter().filter(|connection| connection.state == ConnectionState::Active).collect();
        let jobs: Vec<Job> = active.iter().map(|connection| Job::poll(connection.id.clone())).collect();
        if !jobs.is_empty() {
            self.queue.send(&jobs, Duration::ZERO).await?;
        }
        let mut channel_lag = Duration::ZERO;
        for channel in active.iter().filter(|connection| connection.role == Role::Channel) {
            channel_lag = channel_lag.max(self.lag(&channel.id, channel.created_at).await?);
        }
        Ok(Tick { rung: jobs.len(), channel_lag })
    }

    async fn lag(&self, channel: &ConnectionId, connected: Timestamp) -> Result<Duration, AppError> {
        let health = self.storage.settings.health(channel).await?;
        let polled = health.last_success.unwrap_or(connected);
        // Another function's clock may be a little ahead of ours: then nothing is overdue.
        Ok(Duration::try_from(self.clock.now().duration_since(polled)).unwrap_or_default())
    }
}
