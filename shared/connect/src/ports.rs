//! What connectors need from outside: tokens that are refreshed once, and a shared budget of calls.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use domain::ConnectionId;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::allowance::{Allowance, Told};
use crate::error::ConnectError;

/// An access token with its end, and the refresh token if the platform rotates it.
#[derive(Clone)]
pub struct Access {
    pub token: SecretString,
    pub expires_at: Timestamp,
    /// Set when the platform gave a new one: it must be saved before the access token is used.
    pub rotated_refresh_token: Option<SecretString>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Asks the platform for a new access token.
#[async_trait]
pub trait Refresh: Send + Sync {
    /// `current` is the newest refresh token that was saved, for a platform that rotates it; `None`: that of the credentials.
    async fn refresh(&self, current: Option<&SecretString>) -> Result<Access, ConnectError>;
}

/// Keeps each connection's access token: one refresh at a time across all functions (lease, re-read, refresh, save before use).
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// The current token, refreshed first if it has ended, or if `rejected` is the one that is kept.
    async fn access(
        &self,
        connection: &ConnectionId,
        rejected: Option<&SecretString>,
        refresh: &dyn Refresh,
    ) -> Result<SecretString, ConnectError>;
}

/// The shared budget of calls of one connection: the platform's allowances, leased in blocks.
#[async_trait]
pub trait Budget: Send + Sync {
    /// Takes `units` of the allowance, or says how long to stay away.
    async fn take(&self, connection: &ConnectionId, allowance: &Allowance, units: u32) -> Result<(), Duration>;

    /// The platform said what its allowance is, and what is left of it.
    async fn told(&self, connection: &ConnectionId, allowance: &Allowance, told: Told);

    /// The platform said how long to stay away.
    async fn pause(&self, connection: &ConnectionId, wait: Duration);
}
