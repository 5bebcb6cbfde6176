//! A webhook: verified on its raw bytes, then nothing but a hint to read sooner, or what the law gives a buyer.

use std::time::Duration;

use connect::{WebhookHint, WebhookRefused, WebhookRequest};
use domain::{ChannelOrderId, ConnectionId};
use storage::{ConnectionState, Role};

use crate::App;
use crate::error::AppError;
use crate::ports::{Job, PrivacyJob};

/// Hints of one connection within this time are one.
const QUIET: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookOutcome {
    Accepted,
    UnknownConnection,
    Refused(WebhookRefused),
}

impl App {
    /// Brings the connection's next poll forward if the webhook is genuine. Of its body nothing is used but which orders it names.
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
            Ok(WebhookHint::Order(order)) => self.look_at_order_soon(id, order).await?,
            Ok(WebhookHint::Privacy(request)) => {
                let job = PrivacyJob { connection_id: id.clone(), request, from: None };
                self.queue.send(&[job.into()], Duration::ZERO).await?;
            }
        }
        Ok(WebhookOutcome::Accepted)
    }

    /// Hints about one order within the time are one.
    pub(crate) async fn look_at_order_soon(&self, id: &ConnectionId, order: ChannelOrderId) -> Result<(), AppError> {
        if self.storage.settings.debounce(&format!("order:{id}:{order}"), self.clock.now(), QUIET).await? {
            self.queue.send(&[Job::poll_order(id.clone(), order)], QUIET).await?;
        }
        Ok(())
    }

    /// Reads the order sooner that a notification names, at every connection of its account. `false`: it is of nobody here.
    pub async fn receive_notice(&self, message: &[u8]) -> Result<bool, AppError> {
        let Some(notice) = self.connectors.read_notice(message) else { return Ok(false) };
        let mut known = false;
        for connection in self.storage.settings.connections().await? {
            let is_its = connection.role == Role::Channel
                && connection.state == ConnectionState::Active
                && connection.platform.as_str() == notice.platform
                && connection.account == notice.account;
            if is_its {
                self.look_at_order_soon(&connection.id, notice.order.clone()).await?;
                known = true;
            }
        }
        Ok(known)
    }
}
