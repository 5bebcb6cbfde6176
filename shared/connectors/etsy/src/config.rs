//! A connection's settings and credentials, checked once.

use connect::ConnectionConfig;
use connect::config::ConfigError;
use domain::Liable;
use secrecy::SecretString;
use url::Url;

/// Where Etsy is, which shop it is about and who asks. `Debug` is derived: the secrets are masked by their type.
#[derive(Debug, Clone)]
pub struct Config {
    pub api: Url,
    pub shop_id: u64,
    /// The application's keystring.
    pub client_id: SecretString,
    /// The application's shared secret.
    pub client_secret: SecretString,
    pub refresh_token: SecretString,
    /// What Etsy's webhook portal signs with.
    pub webhook_secret: Option<SecretString>,
    pub taxes: Taxes,
}

/// Who is liable for the taxes of a receipt: the receipt does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taxes {
    pub sales_tax: Liable,
    pub vat: Liable,
}

impl Default for Taxes {
    /// R19: Etsy shows what it collects itself.
    fn default() -> Self {
        Self { sales_tax: Liable::Marketplace, vat: Liable::Marketplace }
    }
}

impl Config {
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        let shop_id = config.setting("shop_id")?.parse().ok().filter(|id| *id > 0);
        let invalid_shop = || ConfigError { field: "shop_id", problem: "must be the number of a shop".to_owned() };
        Ok(Self {
            api: api(config)?,
            shop_id: shop_id.ok_or_else(invalid_shop)?,
            client_id: config.credential("client_id")?.clone(),
            client_secret: config.credential("client_secret")?.clone(),
            refresh_token: config.credential("refresh_token")?.clone(),
            webhook_secret: config.credentials.0.get("webhook_secret").cloned(),
            taxes: Taxes { sales_tax: liable(config, "sales_tax")?, vat: liable(config, "vat")? },
        })
    }
}

/// `api_url`, for local use, stands for every Etsy host. There is no sandbox.
/// <https://developers.etsy.com/documentation/essentials/requests>
pub fn api(config: &ConnectionConfig) -> Result<Url, ConfigError> {
    let text = config.settings.get("api_url").map(String::as_str).filter(|text| !text.is_empty());
    let invalid = || ConfigError { field: "api_url", problem: "must be the address of a web server".to_owned() };
    let url = Url::parse(text.unwrap_or("https://openapi.etsy.com")).map_err(|_| invalid())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(invalid()) }
}

fn liable(config: &ConnectionConfig, field: &'static str) -> Result<Liable, ConfigError> {
    match config.settings.get(field).map(String::as_str) {
        None | Some("" | "etsy") => Ok(Liable::Marketplace),
        Some("seller") => Ok(Liable::Seller),
        Some(_) => Err(ConfigError { field, problem: "must be `etsy` or `seller`".to_owned() }),
    }
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
            connection: "etsy-1".parse().unwrap(),
            settings: settings.iter().map(owned).collect(),
            credentials: Credentials(credentials.iter().map(secret).collect()),
            probed: BTreeMap::new(),
        })
    }

    const ALL: [&str; 4] = ["client_id", "client_secret", "refresh_token", "webhook_secret"];

    #[test]
    fn etsys_own_address_is_the_default() {
        assert_eq!(config(&[("shop_id", "7")], &ALL).unwrap().api.as_str(), "https://openapi.etsy.com/");
        let local = config(&[("shop_id", "7"), ("api_url", "http://127.0.0.1:9000")], &ALL).unwrap();
        assert_eq!(local.api.as_str(), "http://127.0.0.1:9000/");
    }

    #[test]
    fn taxes_are_etsys_unless_the_merchant_says_otherwise() {
        assert_eq!(config(&[("shop_id", "7")], &ALL).unwrap().taxes, Taxes::default());
        let own = config(&[("shop_id", "7"), ("vat", "seller")], &ALL).unwrap().taxes;
        assert_eq!(own, Taxes { sales_tax: Liable::Marketplace, vat: Liable::Seller });
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let field = |settings: &[(&str, &str)], credentials: &[&str]| config(settings, credentials).unwrap_err().field;
        assert_eq!(field(&[], &ALL), "shop_id");
        assert_eq!(field(&[("shop_id", "my-shop")], &ALL), "shop_id");
        assert_eq!(field(&[("shop_id", "7"), ("api_url", "ftp://x")], &ALL), "api_url");
        assert_eq!(field(&[("shop_id", "7"), ("sales_tax", "state")], &ALL), "sales_tax");
        assert_eq!(field(&[("shop_id", "7")], &ALL[..2]), "refresh_token");
        assert!(config(&[("shop_id", "7")], &ALL[..3]).is_ok());
    }

    #[test]
    fn no_secret_shows_in_debug() {
        let shown = format!("{:?}", config(&[("shop_id", "7")], &ALL).unwrap());
        assert!(!shown.contains("secret-"), "{shown}");
    }
}
