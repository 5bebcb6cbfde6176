//! A connection's settings and credentials, checked once.

use connect::ConnectionConfig;
use connect::config::ConfigError;
use secrecy::SecretString;
use url::Url;

/// Where eBay is and who asks. `Debug` is derived: the secrets are masked by their type.
#[derive(Debug, Clone)]
pub struct Config {
    pub application: Application,
    /// Commerce Identity: `https://apiz.ebay.com`.
    pub identity_api: Url,
    pub refresh_token: SecretString,
}

/// The merchant's own application at eBay.
#[derive(Debug, Clone)]
pub struct Application {
    /// Sell APIs and OAuth: `https://api.ebay.com`.
    pub api: Url,
    pub client_id: SecretString,
    pub client_secret: SecretString,
}

impl Application {
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            api: hosts(config)?.api,
            client_id: config.credential("client_id")?.clone(),
            client_secret: config.credential("client_secret")?.clone(),
        })
    }
}

impl Config {
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            application: Application::new(config)?,
            identity_api: hosts(config)?.identity,
            refresh_token: config.credential("refresh_token")?.clone(),
        })
    }
}

/// Where eBay asks the seller for consent.
pub fn consent_host(config: &ConnectionConfig) -> Result<Url, ConfigError> {
    hosts(config).map(|hosts| hosts.consent)
}

struct Hosts {
    api: Url,
    identity: Url,
    consent: Url,
}

/// `api_url`, for local use, stands for every host; else `environment` decides.
/// <https://developer.ebay.com/api-docs/static/make-a-call.html>
fn hosts(config: &ConnectionConfig) -> Result<Hosts, ConfigError> {
    if let Some(text) = config.settings.get("api_url").filter(|text| !text.is_empty()) {
        let api = address("api_url", text)?;
        return Ok(Hosts { api: api.clone(), identity: api.clone(), consent: api });
    }
    let domain = match config.setting("environment")? {
        "production" => "ebay.com",
        "sandbox" => "sandbox.ebay.com",
        _ => {
            let problem = "must be `production` or `sandbox`".to_owned();
            return Err(ConfigError { field: "environment", problem });
        }
    };
    let host = |name: &str| address("environment", &format!("https://{name}.{domain}"));
    Ok(Hosts { api: host("api")?, identity: host("apiz")?, consent: host("auth")? })
}

fn address(field: &'static str, text: &str) -> Result<Url, ConfigError> {
    let invalid = || ConfigError { field, problem: "must be the address of a web server".to_owned() };
    let url = Url::parse(text).map_err(|_| invalid())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use connect::Credentials;

    use super::*;

    fn config(settings: &[(&str, &str)], credentials: &[&str]) -> Result<Config, ConfigError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let secret = |name: &&str| ((*name).to_owned(), SecretString::from(format!("secret-{name}")));
        Config::new(&ConnectionConfig {
            connection: "ebay-1".parse().unwrap(),
            settings: settings.iter().map(owned).collect(),
            credentials: Credentials(credentials.iter().map(secret).collect()),
            probed: BTreeMap::new(),
        })
    }

    const ALL: [&str; 3] = ["client_id", "client_secret", "refresh_token"];

    #[test]
    fn the_environment_names_the_hosts() {
        let sandbox = config(&[("environment", "sandbox")], &ALL).unwrap();
        assert_eq!(sandbox.application.api.as_str(), "https://api.sandbox.ebay.com/");
        assert_eq!(sandbox.identity_api.as_str(), "https://apiz.sandbox.ebay.com/");
        let local = config(&[("api_url", "http://127.0.0.1:9000")], &ALL).unwrap();
        assert_eq!(local.identity_api.as_str(), "http://127.0.0.1:9000/");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let field = |settings: &[(&str, &str)], credentials: &[&str]| config(settings, credentials).unwrap_err().field;
        assert_eq!(field(&[], &ALL), "environment");
        assert_eq!(field(&[("environment", "live")], &ALL), "environment");
        assert_eq!(field(&[("api_url", "ftp://x")], &ALL), "api_url");
        assert_eq!(field(&[("environment", "production")], &ALL[..2]), "refresh_token");
    }

    #[test]
    fn no_secret_shows_in_debug() {
        let shown = format!("{:?}", config(&[("environment", "production")], &ALL).unwrap());
        assert!(!shown.contains("secret-"), "{shown}");
    }
}
