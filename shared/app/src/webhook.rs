//! A webhook: verified on its raw bytes, then nothing but a hint to poll sooner.

use std::time::Duration;

use connect::{WebhookHint, WebhookRefused, WebhookRequest};
use domain::ConnectionId;
use storage::{ConnectionState, Role};

use crate::App;
use crate::error::AppError;

/// Hints of one connection within this time are one.
const QUIET: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookOutcome {
    Accepted,
    UnknownConnection,
    Refused(WebhookRefused),
}

impl App {
    /// Brings the connection's next poll forward if the webhook is genuine. What the body says is never used.
    pub async fn receive_webhook(
        &self,
        id: &ConnectionId,
        request: &WebhookRequest<'_>,
    ) -> Result<WebhookOutcome, AppError> {
        let found = self.storage.settings.connection(id).await?;
        let Some(connection) = found.filter(|c| c.state != ConnectionState::Disconnected) else {
            return Ok(WebhookOutcome::UnknownConnection);
        };
        let hint = match connection.role {
            Role::Channel => self.connectors.channel(&connection).await?.read_webhook(request),
            Role::MainStore => self.connectors.store(&connection).await?.read_webhook(request),
        };
        match hint {
            Err(refused) => return Ok(WebhookOutcome::Refused(refused)),
            Ok(WebhookHint::Nothing) => {}
            // A change that comes right after this hint is caught by a poll that begins after the quiet time.
            Ok(WebhookHint::PollSoon) => self.poll_soon(id, QUIET).await?,
        }
        Ok(WebhookOutcome::Accepted)
    }
}
