//! What a connector is made from: the connection's public settings and its secret.

use std::collections::BTreeMap;
use std::fmt;

use domain::ConnectionId;
use secrecy::SecretString;

/// A connection's settings and credentials, by names that the connector documents in its README.
#[derive(Clone)]
pub struct ConnectionConfig {
    pub connection: ConnectionId,
    /// Not secret: site address, marketplace, environment.
    pub settings: BTreeMap<String, String>,
    pub credentials: Credentials,
    /// What [`crate::StoreProfile::probed`] found at connect.
    pub probed: BTreeMap<String, String>,
}

/// Secrets by name, masked by their type.
#[derive(Clone, Default)]
pub struct Credentials(pub BTreeMap<String, SecretString>);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl fmt::Debug for ConnectionConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionConfig")
            .field("connection", &self.connection)
            .field("settings", &self.settings)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

/// A setting or credential that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct ConfigError {
    pub field: &'static str,
    pub problem: String,
}

impl ConnectionConfig {
    pub fn setting(&self, field: &'static str) -> Result<&str, ConfigError> {
        let value = self.settings.get(field).map(String::as_str).filter(|value| !value.is_empty());
        value.ok_or_else(|| ConfigError { field, problem: "is missing".to_owned() })
    }

    pub fn credential(&self, field: &'static str) -> Result<&SecretString, ConfigError> {
        self.credentials.0.get(field).ok_or_else(|| ConfigError { field, problem: "is missing".to_owned() })
    }
}
