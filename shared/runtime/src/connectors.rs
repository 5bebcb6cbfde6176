//! The connectors port: the registry's connector for a connection, with its secret.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::{Asking, Connectors, Offer, PortError, VERIFIER};
use async_trait::async_trait;
use connect::config::ConfigError;
use connect::work::{self, Work};
use connect::{
    Budget, ConnectError, ConnectionConfig, ConsentAsk, Credentials, ErrorKind, HttpPool, MainStore, Notice,
    SalesChannel, TokenStore,
};
use domain::{ConnectionId, Platform};
use futures_util::FutureExt;
use registry::Parts;
use secrecy::{ExposeSecret, SecretString};
use storage::Connection;
use url::Url;

use crate::secrets::Secrets;
use crate::tokens;

/// What keeps and forgets credentials is awaited boxed: a state machine keeps the code of a future that it never comes to, and of a
/// boxed one it does not.
pub(crate) struct PlatformConnectors<const WORK: Work> {
    pub pool: HttpPool,
    pub tokens: Arc<dyn TokenStore>,
    pub budget: Arc<dyn Budget>,
    pub secrets: Arc<Secrets>,
}

impl<const WORK: Work> PlatformConnectors<WORK> {
    async fn parts(&self, connection: &Connection) -> Result<Parts, ConnectError> {
        let credentials = self.secrets.credentials(connection).await.map_err(tokens::credentials_error)?;
        let config = ConnectionConfig {
            connection: connection.id.clone(),
            settings: connection.settings.clone(),
            credentials,
            probed: connection.probed.clone(),
        };
        let http = self.pool.http(connection.id.clone(), Arc::clone(&self.budget));
        Ok(Parts { config, http, tokens: Arc::clone(&self.tokens) })
    }
}

#[async_trait]
impl<const WORK: Work> Connectors for PlatformConnectors<WORK> {
    fn platforms(&self) -> Vec<&'static str> {
        registry::platforms().collect()
    }

    fn offer(&self, platform: &Platform, probed: &BTreeMap<String, String>) -> Option<Offer> {
        registry::capabilities(platform, probed).map(|(channel, store)| Offer { channel, store })
    }

    fn read_notice(&self, message: &[u8]) -> Option<Notice> {
        registry::notice(message)
    }

    async fn channel(&self, connection: &Connection) -> Result<Arc<dyn SalesChannel>, ConnectError> {
        made(registry::channel::<WORK>(&connection.platform, &self.parts(connection).await?), connection)
    }

    async fn store(&self, connection: &Connection) -> Result<Arc<dyn MainStore>, ConnectError> {
        made(registry::store::<WORK>(&connection.platform, &self.parts(connection).await?), connection)
    }

    async fn save_credentials(&self, id: &ConnectionId, credentials: &Credentials) -> Result<(), PortError> {
        if WORK & work::CONNECT == 0 {
            return Err(left_out(id));
        }
        self.secrets.save_credentials(id, credentials).boxed().await
    }

    async fn adopt_credentials(&self, from: &ConnectionId, to: &ConnectionId) -> Result<(), PortError> {
        if WORK & work::CONNECT == 0 {
            return Err(left_out(to));
        }
        self.secrets.adopt(from, to).boxed().await
    }

    async fn consent_page(&self, connection: &Connection, asking: &Asking) -> Result<Option<Url>, ConnectError> {
        if WORK & work::CONNECT == 0 {
            return Err(ConnectError::unsupported("connect.consent_page", connection.platform.as_str()));
        }
        let Some(consent) = registry::consent(&connection.platform) else { return Ok(None) };
        let parts = self.parts(connection).await?;
        let verifier = verifier(&parts)?;
        (consent.page)(&ask(&parts, asking, verifier.expose_secret())).map(Some).map_err(misconfigured)
    }

    async fn redeem(
        &self,
        connection: &Connection,
        asking: &Asking,
        answer: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, ConnectError> {
        let unsupported = || ConnectError::unsupported("connect.redeem", connection.platform.as_str());
        if WORK & work::CONNECT == 0 {
            return Err(unsupported());
        }
        let consent = registry::consent(&connection.platform).ok_or_else(unsupported)?;
        let parts = self.parts(connection).await?;
        let verifier = verifier(&parts)?;
        let granted = (consent.redeem)(&parts.http, &ask(&parts, asking, verifier.expose_secret()), answer).await?;
        let kept = self.secrets.grant(&connection.id, &granted.credentials, VERIFIER).await;
        kept.map_err(tokens::credentials_error)?;
        Ok(granted.settings)
    }

    async fn forget_credentials(&self, id: &ConnectionId) -> Result<(), PortError> {
        if WORK & work::FORGET == 0 {
            return Err(left_out(id));
        }
        self.secrets.forget(id).boxed().await
    }
}

/// A fault of ours: the function was started without work that it does.
#[cold]
fn left_out(id: &ConnectionId) -> PortError {
    let context = format!("{id}: this function neither keeps credentials nor forgets them");
    PortError { operation: "connect.work", context, source: None }
}

fn ask<'a>(parts: &'a Parts, asking: &'a Asking, verifier: &'a str) -> ConsentAsk<'a> {
    ConsentAsk { config: &parts.config, state: &asking.state, redirect_uri: &asking.redirect_uri, verifier }
}

fn verifier(parts: &Parts) -> Result<SecretString, ConnectError> {
    parts.config.credential(VERIFIER).cloned().map_err(misconfigured)
}

fn misconfigured(error: ConfigError) -> ConnectError {
    let message = format!("The connection's {error}.");
    ConnectError::new(ErrorKind::ConfigInvalid, "connect.config", message).without_effect().with_source(error)
}

fn made<T: ?Sized>(made: Option<Result<Arc<T>, ConfigError>>, connection: &Connection) -> Result<Arc<T>, ConnectError> {
    match made {
        Some(Ok(connector)) => Ok(connector),
        Some(Err(error)) => Err(misconfigured(error)),
        None => Err(ConnectError::unsupported("connect.role", connection.platform.as_str())),
    }
}
