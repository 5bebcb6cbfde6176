//! A connection's settings and credentials, checked once.

use connect::ConnectionConfig;
use connect::config::ConfigError;
use secrecy::SecretString;
use url::Url;

/// Where eBay is and who asks. `Debug` is derived: the secrets are masked by their type.
#[derive(Debug, Clone)]
pub struct Config {
    /// Sell APIs and OAuth: `https://api.ebay.com`.
    pub api: Url,
    /// Commerce Identity: `https://apiz.ebay.com`.
    pub identity_api: Url,
    pub client_id: SecretString,
    pub client_secret: SecretString,
    pub refresh_token: SecretString,
}

impl Config {
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        let (api, identity_api) = hosts(config)?;
        Ok(Self {
            api,
            identity_api,
            client_id: config.credential("client_id")?.clone(),
            client_secret: config.credential("client_secret")?.clone(),
            refresh_token: config.credential("refresh_token")?.clone(),
        })
    }
}

/// `api_url`, for local use, stands for every host; else `environment` decides.
/// <https://developer.ebay.com/api-docs/static/make-a-call.html>
fn hosts(config: &ConnectionConfig) -> Result<(Url, Url), ConfigError> {
    if let Some(text) = config.settings.get("api_url").filter(|text| !text.is_empty()) {
        let api = address("api_url", text)?;
        return Ok((api.clone(), api));
    }
    match config.setting("environment")? {
        "production" => {
            Ok((address("environment", "https://api.ebay.com")?, address("environment", "https://apiz.ebay.com")?))
        }
        "sandbox" => Ok((
            address("environment", "https://api.sandbox.ebay.com")?,
            address("environment", "https://apiz.sandbox.ebay.com")?,
        )),
        _ => Err(ConfigError { field: "environment", problem: "must be `production` or `sandbox`".to_owned() }),
    }
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
        assert_eq!(sandbox.api.as_str(), "https://api.sandbox.ebay.com/");
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
