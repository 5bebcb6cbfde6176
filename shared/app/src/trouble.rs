//! Connections in trouble: a breaker while a platform does not answer, a parked connection while access is withdrawn.

use std::time::Duration;

use connect::{ConnectError, ErrorKind};
use domain::ConnectionId;
use storage::{Connection, ConnectionState};

use crate::App;
use crate::error::{AppError, Outcome};
use crate::events::DomainEvent;
use crate::import::LONGEST_DELAY;

/// How long a platform that fails is left alone, where it does not say itself.
const SHORT_PAUSE: Duration = Duration::from_mins(1);
/// The breaker's pause grows with the outage, but somebody asks at least this often.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

pub(crate) struct Paused {
    pub wait: Duration,
    pub why: String,
}

impl App {
    /// Whether the connection's breaker is open.
    pub(crate) async fn paused(&self, id: &ConnectionId) -> Result<Option<Paused>, AppError> {
        let health = self.storage.settings.health(id).await?;
        let Some(until) = health.paused_until.filter(|until| self.clock.now() < *until) else { return Ok(None) };
        let why =
            health.last_failure.map_or_else(|| "It asked to be left alone for a moment.".to_owned(), |(_, why)| why);
        Ok(Some(Paused { wait: self.until(until), why }))
    }

    /// What follows from a failed call: come again later, or park the connection, or (only if it is neither) fail.
    pub(crate) async fn trouble(&self, connection: &Connection, error: ConnectError) -> Result<Outcome, AppError> {
        if error.held_back {
            return Ok(Outcome::Again(error.retry_after.unwrap_or(SHORT_PAUSE).min(LONGEST_DELAY)));
        }
        if error.kind.is_temporary() {
            return Ok(Outcome::Again(self.pause(connection, &error).await?));
        }
        if error.kind.needs_reconnect() {
            self.needs_attention(connection, &error).await?;
            return Ok(Outcome::Again(LONGEST_DELAY));
        }
        Err(error.into())
    }

    /// Opens the breaker: as long as the platform asked, else longer the longer it has been failing.
    pub(crate) async fn pause(&self, connection: &Connection, error: &ConnectError) -> Result<Duration, AppError> {
        let now = self.clock.now();
        let health = self.storage.settings.record_failure(&connection.id, now, &error.public_message).await?;
        let failing_for = health
            .failing_since
            .map_or(Duration::ZERO, |since| Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO));
        let grown = (failing_for / 4).clamp(SHORT_PAUSE, LONGEST_PAUSE);
        let wait = error.retry_after.unwrap_or(if error.kind == ErrorKind::RateLimited { SHORT_PAUSE } else { grown });
        let until = now.saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
        self.storage.settings.pause(&connection.id, until).await?;
        tracing::warn!(connection = %connection.id, error = %error, wait = wait.as_secs(), "Connection `{}` is left alone", connection.id);
        Ok(wait.clamp(Duration::from_secs(1), LONGEST_DELAY))
    }

    /// Access was withdrawn or the settings are wrong: no more calls until a person reconnects; one alert.
    pub(crate) async fn needs_attention(&self, connection: &Connection, error: &ConnectError) -> Result<(), AppError> {
        let why = error.public_message.clone();
        let state = ConnectionState::NeedsAttention { why: why.clone(), since: self.clock.now() };
        if self.storage.settings.set_connection_state(&connection.id, &state).await? {
            tracing::warn!(connection = %connection.id, error = %error, "Connection `{}` needs attention", connection.id);
            let event = DomainEvent::ConnectionNeedsAttention { connection_id: connection.id.clone(), why };
            self.events.publish(event).await?;
            self.storage.settings.note_told(&connection.id, Some(self.clock.now())).await?;
        }
        Ok(())
    }
}
