//! The connectors port of a function that speaks to no platform: what platforms can do, and no connector.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::{Connectors, Offer, PortError};
use async_trait::async_trait;
use connect::{ConnectError, Credentials, ErrorKind, MainStore, Notice, SalesChannel};
use domain::{ConnectionId, Platform};
use storage::Connection;

/// Tells what platforms can do and reads their notices. Whatever would speak to one is refused.
#[derive(Debug, Clone, Copy)]
pub struct Unconnected;

#[async_trait]
impl Connectors for Unconnected {
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
        Err(no_connector(connection))
    }

    async fn store(&self, connection: &Connection) -> Result<Arc<dyn MainStore>, ConnectError> {
        Err(no_connector(connection))
    }

    async fn save_credentials(&self, id: &ConnectionId, _credentials: &Credentials) -> Result<(), PortError> {
        Err(unconnected(id))
    }

    async fn adopt_credentials(&self, _from: &ConnectionId, to: &ConnectionId) -> Result<(), PortError> {
        Err(unconnected(to))
    }

    async fn forget_credentials(&self, id: &ConnectionId) -> Result<(), PortError> {
        Err(unconnected(id))
    }
}

/// A fault of ours: the function was started without the connectors that it needs.
fn no_connector(connection: &Connection) -> ConnectError {
    let message = "This part of Tributary does not speak to platforms.";
    ConnectError::new(ErrorKind::Unsupported, "connect.unconnected", message)
        .without_effect()
        .with_context(connection.id.to_string())
}

fn unconnected(id: &ConnectionId) -> PortError {
    PortError {
        operation: "connect.unconnected",
        context: format!("{id}: this function keeps no credentials"),
        source: None,
    }
}
