//! The connectors port: the registry's connector for a connection, with its secret.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::{Connectors, Offer, PortError};
use async_trait::async_trait;
use connect::config::ConfigError;
use connect::{
    Budget, ConnectError, ConnectionConfig, Credentials, ErrorKind, HttpPool, MainStore, SalesChannel, TokenStore,
};
use domain::{ConnectionId, Platform};
use registry::Parts;
use storage::Connection;

use crate::secrets::Secrets;
use crate::tokens;

pub(crate) struct PlatformConnectors {
    pub pool: HttpPool,
    pub tokens: Arc<dyn TokenStore>,
    pub budget: Arc<dyn Budget>,
    pub secrets: Arc<Secrets>,
}

impl PlatformConnectors {
    async fn parts(&self, connection: &Connection) -> Result<Parts, ConnectError> {
        let credentials = self.secrets.credentials(&connection.id).await.map_err(tokens::credentials_error)?;
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
impl Connectors for PlatformConnectors {
    fn platforms(&self) -> Vec<&'static str> {
        registry::platforms().collect()
    }

    fn offer(&self, platform: &Platform, probed: &BTreeMap<String, String>) -> Option<Offer> {
        registry::capabilities(platform, probed).map(|(channel, store)| Offer { channel, store })
    }

    async fn channel(&self, connection: &Connection) -> Result<Arc<dyn SalesChannel>, ConnectError> {
        made(registry::channel(&connection.platform, &self.parts(connection).await?), connection)
    }

    async fn store(&self, connection: &Connection) -> Result<Arc<dyn MainStore>, ConnectError> {
        made(registry::store(&connection.platform, &self.parts(connection).await?), connection)
    }

    async fn save_credentials(&self, id: &ConnectionId, credentials: &Credentials) -> Result<(), PortError> {
        self.secrets.save_credentials(id, credentials).await
    }

    async fn forget_credentials(&self, id: &ConnectionId) -> Result<(), PortError> {
        self.secrets.forget(id).await
    }
}

fn made<T: ?Sized>(made: Option<Result<Arc<T>, ConfigError>>, connection: &Connection) -> Result<Arc<T>, ConnectError> {
    match made {
        Some(Ok(connector)) => Ok(connector),
        Some(Err(error)) => {
            let message = format!("The connection's {error}.");
            let refused = ConnectError::new(ErrorKind::ConfigInvalid, "connect.config", message);
            Err(refused.without_effect().with_source(error))
        }
        None => Err(ConnectError::unsupported("connect.role", connection.platform.as_str())),
    }
}
