//! A function's connectors, asked for its work alone, as the deployed binary has them: other work is refused in a test too.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::{App, Asking, Connectors, Offer, PortError};
use async_trait::async_trait;
use connect::work::{self, Only, Work};
use connect::{ConnectError, Credentials, MainStore, Notice, SalesChannel};
use domain::{ConnectionId, Platform};
use storage::Connection;
use url::Url;

/// The use cases as the function with this work has them.
pub fn working<const WORK: Work>(app: &App) -> App {
    let mut app = app.clone();
    app.connectors = Arc::new(Working::<WORK>(app.connectors));
    app
}

struct Working<const WORK: Work>(Arc<dyn Connectors>);

#[async_trait]
impl<const WORK: Work> Connectors for Working<WORK> {
    fn platforms(&self) -> Vec<&'static str> {
        self.0.platforms()
    }

    fn offer(&self, platform: &Platform, probed: &BTreeMap<String, String>) -> Option<Offer> {
        self.0.offer(platform, probed)
    }

    fn read_notice(&self, message: &[u8]) -> Option<Notice> {
        self.0.read_notice(message)
    }

    async fn channel(&self, connection: &Connection) -> Result<Arc<dyn SalesChannel>, ConnectError> {
        assert!(WORK != work::NONE, "this function asks no platform");
        Ok(Arc::new(Only::<WORK, _>(self.0.channel(connection).await?)))
    }

    async fn store(&self, connection: &Connection) -> Result<Arc<dyn MainStore>, ConnectError> {
        assert!(WORK != work::NONE, "this function asks no platform");
        Ok(Arc::new(Only::<WORK, _>(self.0.store(connection).await?)))
    }

    async fn save_credentials(&self, id: &ConnectionId, credentials: &Credentials) -> Result<(), PortError> {
        assert!(WORK & work::CONNECT != 0, "this function keeps no credentials");
        self.0.save_credentials(id, credentials).await
    }

    async fn adopt_credentials(&self, from: &ConnectionId, to: &ConnectionId) -> Result<(), PortError> {
        assert!(WORK & work::CONNECT != 0, "this function keeps no credentials");
        self.0.adopt_credentials(from, to).await
    }

    async fn consent_page(&self, connection: &Connection, asking: &Asking) -> Result<Option<Url>, ConnectError> {
        assert!(WORK & work::CONNECT != 0, "this function asks for no consent");
        self.0.consent_page(connection, asking).await
    }

    async fn redeem(
        &self,
        connection: &Connection,
        asking: &Asking,
        answer: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, ConnectError> {
        assert!(WORK & work::CONNECT != 0, "this function redeems no consent");
        self.0.redeem(connection, asking, answer).await
    }

    async fn forget_credentials(&self, id: &ConnectionId) -> Result<(), PortError> {
        assert!(WORK & work::FORGET != 0, "this function forgets no credentials");
        self.0.forget_credentials(id).await
    }
}
