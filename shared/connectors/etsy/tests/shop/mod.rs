//! A connection to the fake: a token store that keeps what rotates, and a budget that remembers what it was told.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect::{
    Allowance, Budget, ConnectError, ConnectionConfig, Credentials, Http, HttpLimits, HttpPool, Refresh, TokenStore,
    Told,
};
use connector_etsy::Etsy;
use domain::ConnectionId;
use fakes::etsy::{EtsyFake, REFRESH_TOKEN, SHOP_ID};
use secrecy::{ExposeSecret, SecretString};

#[derive(Default)]
struct Tokens(tokio::sync::Mutex<(Option<SecretString>, Option<SecretString>)>);

#[async_trait]
impl TokenStore for Tokens {
    async fn access(
        &self,
        _: &ConnectionId,
        rejected: Option<&SecretString>,
        refresh: &dyn Refresh,
    ) -> Result<SecretString, ConnectError> {
        let mut kept = self.0.lock().await;
        if let Some(token) = &kept.0
            && rejected.is_none_or(|rejected| rejected.expose_secret() != token.expose_secret())
        {
            return Ok(token.clone());
        }
        let access = refresh.refresh(kept.1.as_ref()).await?;
        *kept = (Some(access.token.clone()), access.rotated_refresh_token);
        Ok(access.token)
    }
}

/// What a budget was asked and told, by the allowance's name.
#[derive(Default)]
pub struct Ledger {
    pub taken: Mutex<Vec<&'static str>>,
    pub told: Mutex<Vec<(&'static str, Told)>>,
}

#[async_trait]
impl Budget for Ledger {
    async fn take(&self, _: &ConnectionId, allowance: &Allowance, _: u32) -> Result<(), Duration> {
        self.taken.lock().unwrap().push(allowance.name);
        Ok(())
    }

    async fn told(&self, _: &ConnectionId, allowance: &Allowance, told: Told) {
        self.told.lock().unwrap().push((allowance.name, told));
    }

    async fn pause(&self, _: &ConnectionId, _: Duration) {}
}

pub fn http(ledger: Arc<Ledger>) -> Http {
    let limits = HttpLimits { allow_private_hosts: true, ..HttpLimits::default() };
    HttpPool::new(limits).unwrap().http("etsy-1".parse().unwrap(), ledger)
}

/// The connection's settings, `more` beside the usual ones.
pub fn config(fake: &EtsyFake, more: &[(&str, &str)]) -> ConnectionConfig {
    let app = fake.application();
    let secrets = [
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret.as_str()),
        ("refresh_token", REFRESH_TOKEN),
    ];
    let mut settings =
        BTreeMap::from([("api_url".to_owned(), fake.url().to_owned()), ("shop_id".to_owned(), SHOP_ID.to_string())]);
    settings.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    ConnectionConfig {
        connection: "etsy-1".parse().unwrap(),
        settings,
        credentials: Credentials(secrets.map(|(name, value)| (name.to_owned(), value.into())).into()),
        probed: BTreeMap::new(),
    }
}

pub fn connected(fake: &EtsyFake) -> Etsy {
    connected_with(&config(fake, &[]), Arc::default())
}

pub fn connected_with(config: &ConnectionConfig, ledger: Arc<Ledger>) -> Etsy {
    Etsy::new(config, http(ledger), Arc::new(Tokens::default())).unwrap()
}
