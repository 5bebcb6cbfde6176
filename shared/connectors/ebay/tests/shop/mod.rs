//! A connection to the fake: a token store that refreshes once at a time, and a budget without end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connect::{
    Allowance, Budget, ConnectError, ConnectionConfig, Credentials, Http, HttpLimits, HttpPool, Refresh, TokenStore,
    Told,
};
use connector_ebay::Ebay;
use domain::ConnectionId;
use fakes::ebay::{EbayFake, REFRESH_TOKEN};
use secrecy::SecretString;

#[derive(Default)]
struct Tokens(tokio::sync::Mutex<Option<SecretString>>);

#[async_trait]
impl TokenStore for Tokens {
    async fn access(
        &self,
        _: &ConnectionId,
        rejected: Option<&SecretString>,
        refresh: &dyn Refresh,
    ) -> Result<SecretString, ConnectError> {
        use secrecy::ExposeSecret;
        let mut kept = self.0.lock().await;
        if let Some(token) = &*kept
            && rejected.is_none_or(|rejected| rejected.expose_secret() != token.expose_secret())
        {
            return Ok(token.clone());
        }
        let token = refresh.refresh(None).await?.token;
        *kept = Some(token.clone());
        Ok(token)
    }
}

struct Unlimited;

#[async_trait]
impl Budget for Unlimited {
    async fn take(&self, _: &ConnectionId, _: &Allowance, _: u32) -> Result<(), Duration> {
        Ok(())
    }

    async fn told(&self, _: &ConnectionId, _: &Allowance, _: Told) {}

    async fn pause(&self, _: &ConnectionId, _: Duration) {}
}

pub fn http() -> Http {
    let limits = HttpLimits { allow_private_hosts: true, ..HttpLimits::default() };
    HttpPool::new(limits).unwrap().http("ebay-1".parse().unwrap(), Arc::new(Unlimited))
}

pub fn config(fake: &EbayFake) -> ConnectionConfig {
    let app = fake.application();
    let secrets = [
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret.as_str()),
        ("refresh_token", REFRESH_TOKEN),
    ];
    ConnectionConfig {
        connection: "ebay-1".parse().unwrap(),
        settings: BTreeMap::from([("api_url".to_owned(), fake.url().to_owned())]),
        credentials: Credentials(secrets.map(|(name, value)| (name.to_owned(), value.into())).into()),
        probed: BTreeMap::new(),
    }
}

pub fn connected_with(config: &ConnectionConfig) -> Ebay {
    Ebay::new(config, http(), Arc::new(Tokens::default())).unwrap()
}

#[allow(dead_code, reason = "one of two suites needs more of it")]
pub fn connected(fake: &EbayFake) -> Ebay {
    connected_with(&config(fake))
}
