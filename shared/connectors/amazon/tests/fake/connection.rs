//! A connection to the fake: a token store that refreshes once at a time, and a budget that notes what it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect::{
    Allowance, Budget, ConnectError, ConnectionConfig, Credentials, Http, HttpLimits, HttpPool, Refresh, TokenStore,
    Told,
};
use connector_amazon::Amazon;
use domain::ConnectionId;
use fakes::amazon::{AmazonFake, MARKETPLACES, REFRESH_TOKEN, SELLER_ID};
use secrecy::SecretString;

pub fn tokens() -> impl TokenStore + 'static {
    Tokens::default()
}

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

/// Without end; what was taken and told, by allowance.
#[derive(Default)]
pub struct Noted {
    pub taken: Mutex<BTreeMap<&'static str, u32>>,
    pub told: Mutex<BTreeMap<&'static str, Told>>,
}

#[async_trait]
impl Budget for Noted {
    async fn take(&self, _: &ConnectionId, allowance: &Allowance, units: u32) -> Result<(), Duration> {
        *self.taken.lock().unwrap().entry(allowance.name).or_default() += units;
        Ok(())
    }

    async fn told(&self, _: &ConnectionId, allowance: &Allowance, told: Told) {
        self.told.lock().unwrap().insert(allowance.name, told);
    }

    async fn pause(&self, _: &ConnectionId, _: Duration) {}
}

pub fn config(fake: &AmazonFake) -> ConnectionConfig {
    let app = fake.application();
    let secrets = [
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret.as_str()),
        ("refresh_token", REFRESH_TOKEN),
    ];
    let marketplaces = MARKETPLACES[..2].join(",");
    let settings = [
        ("api_url", fake.url()),
        ("region", "eu"),
        ("seller_id", SELLER_ID),
        ("marketplace_ids", marketplaces.as_str()),
    ];
    ConnectionConfig {
        connection: "amazon-1".parse().unwrap(),
        settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        credentials: Credentials(secrets.map(|(name, value)| (name.to_owned(), value.into())).into()),
        probed: BTreeMap::new(),
    }
}

pub fn http(budget: Arc<dyn Budget>) -> Http {
    let limits = HttpLimits { allow_private_hosts: true, ..HttpLimits::default() };
    HttpPool::new(limits).unwrap().http("amazon-1".parse().unwrap(), budget)
}

pub fn connected(fake: &AmazonFake) -> (Amazon, Arc<Noted>) {
    let noted = Arc::new(Noted::default());
    (Amazon::new(&config(fake), http(noted.clone()), Arc::new(tokens())).unwrap(), noted)
}
