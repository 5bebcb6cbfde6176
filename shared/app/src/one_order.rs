//! One order of a channel, read by itself because its platform says that it changed. The next poll reads it anyway.

use domain::{ChannelOrderId, ConnectionId};
use storage::{ConnectionState, Role};

use crate::App;
use crate::error::{AppError, Outcome};
use crate::intake::Source;

impl App {
    /// Reads the order and takes it in. Repeating it changes nothing, and no cursor moves.
    pub async fn poll_order(&self, id: &ConnectionId, order: &ChannelOrderId) -> Result<Outcome, AppError> {
        let Some(connection) = self.storage.settings.connection(id).await? else { return Ok(Outcome::Done) };
        if connection.role != Role::Channel || connection.state != ConnectionState::Active {
            return Ok(Outcome::Done);
        }
        // What is covered at all the first poll decides.
        if self.storage.settings.health(id).await?.last_success.is_none() {
            return Ok(Outcome::Done);
        }
        if let Some(paused) = self.paused(id).await? {
            return Ok(Outcome::Again(paused.wait));
        }
        let channel = match self.connectors.channel(&connection).await {
            Ok(channel) => channel,
            Err(error) => return self.trouble(&connection, error).await,
        };
        let incoming = match channel.order(order).await {
            Ok(incoming) => incoming,
            Err(error) if error.kind == connect::ErrorKind::NotFound => {
                tracing::info!(connection = %id, "A hint named an order that the channel does not have");
                return Ok(Outcome::Done);
            }
            Err(error) => return self.trouble(&connection, error).await,
        };
        let (settings, _) = self.storage.settings.channel_settings(id).await?;
        let unreadable = self.unreadable_ids(id).await?;
        let source = Source {
            connection: &connection,
            settings: &settings,
            capabilities: channel.capabilities(),
            channel: channel.as_ref(),
            unreadable: &unreadable,
        };
        self.take_in(&source, incoming).await?;
        Ok(Outcome::Done)
    }
}
