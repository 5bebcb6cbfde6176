//! E11: how each connection fares: when it was last read, how far it is behind, what needs a person, which calls are left.

use jiff::{SignedDuration, Timestamp};
use storage::{BucketLevel, Connection, ConnectionState, Health, Role};

use crate::App;
use crate::attention::AttentionSummary;
use crate::error::AppError;
use crate::schedule::CHANNEL_STALLED;

/// How one connection fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionHealth {
    pub connection: Connection,
    pub health: Health,
    /// Since its last complete poll, or since it was connected.
    pub lag: SignedDuration,
    /// A channel that works and has gone without a complete poll for too long: the owner is told of it.
    pub stalled: bool,
    /// Everything that the platform changed before this, in its own time, was seen.
    pub read_until: Option<Timestamp>,
    /// Of a channel, every kind.
    pub needing: Vec<AttentionSummary>,
    /// The platform's allowances that were used so far.
    pub calls: Vec<BucketLevel>,
}

impl App {
    /// Every connection but those that were disconnected.
    pub async fn health(&self) -> Result<Vec<ConnectionHealth>, AppError> {
        let connections = self.storage.settings.connections().await?;
        let connected = || connections.iter().filter(|connection| connection.state != ConnectionState::Disconnected);
        let channels = connected().filter(|connection| connection.role == Role::Channel);
        let mut needing = self.attention_by_channel(channels.map(|channel| channel.id.clone())).await?;
        let mut all = Vec::new();
        for connection in connected() {
            let health = self.storage.settings.health(&connection.id).await?;
            // Another function's clock may be a little ahead of ours: then nothing is overdue.
            let lag = self.lag(connection, &health).max(SignedDuration::ZERO);
            let polled = connection.role == Role::Channel && connection.state == ConnectionState::Active;
            all.push(ConnectionHealth {
                stalled: polled && lag >= CHANNEL_STALLED,
                lag,
                read_until: self.storage.settings.polled_until(&connection.id).await?,
                needing: needing.remove(&connection.id).map(Vec::from).unwrap_or_default(),
                calls: self.storage.settings.buckets(&connection.id, self.clock.now()).await?,
                health,
                connection: connection.clone(),
            });
        }
        Ok(all)
    }
}
