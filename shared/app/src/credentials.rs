//! Credentials that came to belong to no connection: a consent that nobody answered, or a process that died over them.

use connect::Credentials;
use domain::ConnectionId;
use jiff::{SignedDuration, Timestamp};

use crate::App;
use crate::error::AppError;

/// Longer than it can take to answer a consent page and to connect what it gave.
const ABANDONED: SignedDuration = SignedDuration::from_hours(1);

impl App {
    /// Keeps the credentials of a connection that is to be. They are noted first: whoever dies from here on leaves a note.
    pub(crate) async fn keep_credentials(&self, id: &ConnectionId, credentials: &Credentials) -> Result<(), AppError> {
        self.storage.settings.note_credentials(id, self.clock.now()).await?;
        Ok(self.connectors.save_credentials(id, credentials).await?)
    }

    /// Forgets the credentials that were noted an hour ago or earlier and belong to no connection; once a night. One that can
    /// not be forgotten now keeps its note, for the next night.
    pub async fn forget_abandoned(&self) -> Result<(), AppError> {
        let until = self.clock.now().saturating_sub(ABANDONED).unwrap_or(Timestamp::MIN);
        for noted in self.storage.settings.noted_credentials(until).await? {
            let id = &noted.connection;
            if self.storage.settings.connection(id).await?.is_none() {
                if let Err(error) = self.connectors.forget_credentials(id).await {
                    tracing::warn!(connection = %id, error = %error, "The credentials of `{id}` could not be forgotten");
                    continue;
                }
                tracing::info!(connection = %id, "The credentials of `{id}` belonged to no connection and are forgotten");
            }
            self.storage.settings.drop_noted(&noted).await?;
        }
        Ok(())
    }
}
