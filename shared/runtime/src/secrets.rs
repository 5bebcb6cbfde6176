//! One secret per connection in Secrets Manager: its credentials, and the access token that is in use.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use app::PortError;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use aws_sdk_secretsmanager::operation::delete_secret::DeleteSecretError;
use connect::Credentials;
use domain::ConnectionId;
use domain::cost::{Consumed, Part};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use storage::{Connection, Usage};
use tokio::sync::Mutex;

use crate::Config;
use crate::clients::Aws;

/// How long a process believes what it read: a new token is found by its rejection, new credentials by the connection's version.
const FRESH: Duration = Duration::from_mins(5);

/// The credential that a platform may replace with each refresh.
const REFRESH_TOKEN: &str = "refresh_token";

/// A connection's secret as it is stored. Its only way out is through `SecretString`.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Document {
    #[serde(default)]
    credentials: BTreeMap<String, String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// A secret as this process read or wrote it last.
struct Known {
    at: Instant,
    document: Document,
    /// When the connection was made, and its version, as they were when the secret was asked for first: both are others once
    /// credentials were replaced.
    of: Option<(Timestamp, u64)>,
}

/// The access token in use.
#[derive(Clone)]
pub(crate) struct KeptAccess {
    pub token: SecretString,
    pub expires_at: Timestamp,
}

pub(crate) struct Secrets {
    aws: Aws,
    client: OnceLock<aws_sdk_secretsmanager::Client>,
    prefix: String,
    known: Mutex<HashMap<ConnectionId, Known>>,
    usage: Usage,
}

impl Secrets {
    pub(crate) fn new(aws: Aws, config: &Config, usage: Usage) -> Self {
        Self { aws, client: OnceLock::new(), prefix: config.secret_prefix.clone(), known: Mutex::default(), usage }
    }

    /// The client, for one call: each is billed.
    fn call(&self) -> &aws_sdk_secretsmanager::Client {
        self.usage.add(Consumed::default().with(Part::SecretRequests, 1));
        self.client.get_or_init(|| self.aws.secretsmanager())
    }

    fn name(&self, id: &ConnectionId) -> String {
        format!("{}{id}", self.prefix)
    }

    /// A connection's credentials: read anew if they may have been replaced since this process read them.
    pub(crate) async fn credentials(&self, connection: &Connection) -> Result<Credentials, PortError> {
        let of = (connection.created_at, connection.version);
        let other = self.known.lock().await.get(&connection.id).and_then(|known| known.of).is_some_and(|was| was != of);
        let document = self.read(&connection.id, other).await?;
        if let Some(known) = self.known.lock().await.get_mut(&connection.id) {
            known.of = Some(of);
        }
        Ok(Credentials(document.credentials.into_iter().map(|(name, value)| (name, value.into())).collect()))
    }

    /// The token in use; `fresh` asks Secrets Manager itself, because another process may have refreshed it.
    pub(crate) async fn access(&self, id: &ConnectionId, fresh: bool) -> Result<Option<KeptAccess>, PortError> {
        let document = self.read(id, fresh).await?;
        let kept = document.access_token.zip(document.expires_at);
        Ok(kept.map(|(token, expires_at)| KeptAccess { token: token.into(), expires_at }))
    }

    /// The refresh token as it was saved last: a platform that rotates it takes no other.
    pub(crate) async fn refresh_token(&self, id: &ConnectionId) -> Result<Option<SecretString>, PortError> {
        let document = self.read(id, false).await?;
        Ok(document.credentials.get(REFRESH_TOKEN).map(|token| token.as_str().into()))
    }

    /// Saves a refreshed token, and the refresh token if the platform gave a new one, before anybody uses it.
    pub(crate) async fn save_access(&self, id: &ConnectionId, access: &connect::Access) -> Result<(), PortError> {
        let mut document = self.read(id, true).await?;
        document.access_token = Some(access.token.expose_secret().to_owned());
        document.expires_at = Some(access.expires_at);
        if let Some(rotated) = &access.rotated_refresh_token {
            document.credentials.insert(REFRESH_TOKEN.to_owned(), rotated.expose_secret().to_owned());
        }
        self.write(id, document).await
    }

    /// Creates the secret, or replaces its credentials and forgets the token that belonged to the old ones.
    pub(crate) async fn save_credentials(&self, id: &ConnectionId, credentials: &Credentials) -> Result<(), PortError> {
        let values = credentials.0.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned()));
        self.create(id, Document { credentials: values.collect(), ..Document::default() }).await
    }

    /// Creates the secret, or replaces what it holds.
    async fn create(&self, id: &ConnectionId, document: Document) -> Result<(), PortError> {
        let text = text(&document)?;
        let created = self.call().create_secret().name(self.name(id)).secret_string(text).send().await;
        match created {
            Ok(_) => {
                self.know(id, document).await;
                Ok(())
            }
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), CreateSecretError::ResourceExistsException(_)) =>
            {
                self.write(id, document).await
            }
            Err(error) => Err(failed("secrets.create", id, error)),
        }
    }

    /// Gives one connection the whole document of another: its credentials, and the tokens that the platform gave for them. One that
    /// was disconnected has no secret any more.
    pub(crate) async fn adopt(&self, from: &ConnectionId, to: &ConnectionId) -> Result<(), PortError> {
        let document = self.read(from, true).await?;
        self.create(to, document).await
    }

    /// Adds to a connection's credentials, and takes one away.
    pub(crate) async fn grant(&self, id: &ConnectionId, more: &Credentials, less: &str) -> Result<(), PortError> {
        let mut document = self.read(id, true).await?;
        let more = more.0.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned()));
        document.credentials.extend(more);
        document.credentials.remove(less);
        self.write(id, document).await
    }

    pub(crate) async fn forget(&self, id: &ConnectionId) -> Result<(), PortError> {
        self.known.lock().await.remove(id);
        let deleted =
            self.call().delete_secret().secret_id(self.name(id)).force_delete_without_recovery(true).send().await;
        match deleted {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), DeleteSecretError::ResourceNotFoundException(_)) =>
            {
                Ok(())
            }
            Err(error) => Err(failed("secrets.delete", id, error)),
        }
    }

    async fn read(&self, id: &ConnectionId, fresh: bool) -> Result<Document, PortError> {
        let known = self.known.lock().await;
        if let Some(found) = known.get(id).filter(|_| !fresh)
            && found.at.elapsed() < FRESH
        {
            return Ok(found.document.clone());
        }
        drop(known);
        let answer = self.call().get_secret_value().secret_id(self.name(id)).send().await;
        let answer = answer.map_err(|error| failed("secrets.get", id, error))?;
        // A parse error could quote the secret, so only its place is told.
        let document: Document =
            json::from_str(answer.secret_string().unwrap_or_default()).map_err(|error| PortError {
                operation: "secrets.get",
                context: format!("the secret of {id} cannot be read: line {} column {}", error.line(), error.column()),
                source: None,
            })?;
        self.know(id, document.clone()).await;
        Ok(document)
    }

    async fn know(&self, id: &ConnectionId, document: Document) {
        let mut known = self.known.lock().await;
        let of = known.get(id).and_then(|before| before.of);
        known.insert(id.clone(), Known { at: Instant::now(), document, of });
    }

    async fn write(&self, id: &ConnectionId, document: Document) -> Result<(), PortError> {
        let text = text(&document)?;
        let put = self.call().put_secret_value().secret_id(self.name(id)).secret_string(text).send().await;
        put.map_err(|error| failed("secrets.put", id, error))?;
        self.know(id, document).await;
        Ok(())
    }
}

fn text(document: &Document) -> Result<String, PortError> {
    serde_json::to_string(document).map_err(|error| PortError {
        operation: "secrets.write",
        context: error.to_string(),
        source: None,
    })
}

fn failed(
    operation: &'static str,
    id: &ConnectionId,
    error: impl std::error::Error + Send + Sync + 'static,
) -> PortError {
    PortError { operation, context: id.to_string(), source: Some(error.into()) }
}
