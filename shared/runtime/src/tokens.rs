//! The token port: one refresh at a time across all functions (lease, re-read, refresh, save before use).

use std::sync::Arc;
use std::time::Duration;

use app::{Clock, PortError};
use async_trait::async_trait;
use connect::{ConnectError, ErrorKind, Refresh, TokenStore};
use domain::ConnectionId;
use secrecy::{ExposeSecret, SecretString};
use storage::{Storage, StorageError};
use tokio::sync::Mutex;

use crate::secrets::Secrets;

/// A refresh that takes longer is given up, and another may try.
const LEASE: Duration = Duration::from_secs(40);
/// Who loses the race comes back after this, to find the new token.
const LOSER_WAITS: Duration = Duration::from_secs(3);
/// A token is refreshed this long before its end.
const MARGIN: Duration = Duration::from_mins(2);

pub(crate) struct LeasedTokens {
    storage: Storage,
    secrets: Arc<Secrets>,
    clock: Arc<dyn Clock>,
    /// Within one process the losers simply wait for the winner.
    one_at_a_time: Mutex<()>,
}

impl LeasedTokens {
    pub(crate) fn new(storage: Storage, secrets: Arc<Secrets>, clock: Arc<dyn Clock>) -> Self {
        Self { storage, secrets, clock, one_at_a_time: Mutex::default() }
    }

    async fn current(
        &self,
        id: &ConnectionId,
        rejected: Option<&SecretString>,
        fresh: bool,
    ) -> Result<Option<SecretString>, ConnectError> {
        let kept = self.secrets.access(id, fresh).await.map_err(|error| unavailable(error.into()))?;
        let soon = self.clock.now().saturating_add(MARGIN).unwrap_or(jiff::Timestamp::MAX);
        let usable = kept.filter(|kept| kept.expires_at > soon);
        let usable = usable.filter(|kept| rejected.is_none_or(|bad| bad.expose_secret() != kept.token.expose_secret()));
        Ok(usable.map(|kept| kept.token))
    }
}

#[async_trait]
impl TokenStore for LeasedTokens {
    async fn access(
        &self,
        id: &ConnectionId,
        rejected: Option<&SecretString>,
        refresh: &dyn Refresh,
    ) -> Result<SecretString, ConnectError> {
        if let Some(token) = self.current(id, rejected, false).await? {
            return Ok(token);
        }
        let _turn = self.one_at_a_time.lock().await;
        if let Some(token) = self.current(id, rejected, true).await? {
            return Ok(token);
        }
        let (now, holder) = (self.clock.now(), self.clock.nonce());
        let until = now.saturating_add(LEASE).unwrap_or(jiff::Timestamp::MAX);
        let lease = self.storage.settings.take_token_lease(id, &holder, until, now).await.map_err(stored)?;
        if lease.is_none() {
            let message = "The access to the platform is being renewed.";
            let error = ConnectError::new(ErrorKind::Unavailable, "tokens.lease", message);
            return Err(error.without_effect().with_retry_after(Some(LOSER_WAITS)));
        }
        // Whoever held the lease before may have refreshed between our reading and our taking it.
        if let Some(token) = self.current(id, rejected, true).await? {
            self.storage.settings.release_token(id, &holder).await.map_err(stored)?;
            return Ok(token);
        }
        let current = self.secrets.refresh_token(id).await.map_err(|error| unavailable(error.into()))?;
        match refresh.refresh(current.as_ref()).await {
            Ok(access) => {
                self.secrets.save_access(id, &access).await.map_err(|error| unavailable(error.into()))?;
                self.storage.settings.finish_token(id, &holder, access.expires_at).await.map_err(stored)?;
                Ok(access.token)
            }
            Err(error) => {
                self.storage.settings.release_token(id, &holder).await.map_err(stored)?;
                Err(error)
            }
        }
    }
}

fn stored(error: StorageError) -> ConnectError {
    unavailable(error.into())
}

/// Nothing was sent to the platform: our own storage did not answer.
fn unavailable(error: Box<dyn std::error::Error + Send + Sync>) -> ConnectError {
    ConnectError::new(ErrorKind::Unavailable, "tokens.access", "Tributary cannot reach its own storage.")
        .without_effect()
        .with_source(error)
}

/// A secret that cannot be read for want of the secret itself means that the connection must be made anew.
pub(crate) fn credentials_error(error: PortError) -> ConnectError {
    unavailable(error.into())
}
