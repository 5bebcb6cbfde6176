//! A connection's settings and credentials, checked once.

use connect::ConnectionConfig;
use connect::config::ConfigError;
use secrecy::SecretString;
use url::Url;

// CHANGE: the vendor's address.
const PRODUCTION: &str = "https://api.__kebab__.example";

/// Where __Title__ is and who asks. `Debug` is derived: the secret is masked by its type.
#[derive(Debug, Clone)]
pub struct Config {
    pub api: Url,
    pub api_key: SecretString,
}

impl Config {
    /// `api_url` is for local use: the tests' fake is reached by it.
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        let address = config.setting("api_url").unwrap_or(PRODUCTION);
        let invalid = || ConfigError { field: "api_url", problem: "must be the address of a web server".to_owned() };
        let api = Url::parse(address).map_err(|_| invalid())?;
        if !matches!(api.scheme(), "http" | "https") || !api.has_host() {
            return Err(invalid());
        }
        Ok(Self { api, api_key: config.credential("api_key")?.clone() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use connect::Credentials;

    use super::*;

    fn config(api_url: &str, credential: &str) -> Result<Config, ConfigError> {
        Config::new(&ConnectionConfig {
            connection: "__kebab__-1".parse().unwrap(),
            settings: BTreeMap::from([("api_url".to_owned(), api_url.to_owned())]),
            credentials: Credentials(BTreeMap::from([(credential.to_owned(), "the-key".into())])),
            probed: BTreeMap::new(),
        })
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert_eq!(config("", "api_key").unwrap().api.as_str(), format!("{PRODUCTION}/"));
        assert_eq!(config("ftp://x", "api_key").unwrap_err().field, "api_url");
        assert_eq!(config("", "key").unwrap_err().field, "api_key");
    }

    #[test]
    fn no_secret_shows_in_debug() {
        let shown = format!("{:?}", config("", "api_key").unwrap());
        assert!(!shown.contains("the-key"), "{shown}");
    }
}
