//! What the connector needs to know of one store: its hash, its token, and what connecting found out.

use connect::ConnectionConfig;
use connect::config::ConfigError;
use domain::{AccountId, Currency};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Where the vendor's API is, unless a setting says otherwise (a test's own).
const VENDOR: &str = "https://api.bigcommerce.com";
/// "The default location" of a store with one location, and of most with several.
const DEFAULT_LOCATION: u64 = 1;

/// The probed facts, by name.
pub(crate) const STOCK: &str = "stock";
pub(crate) const RESTOCKS: &str = "restocks";
pub(crate) const CURRENCIES: &str = "currencies";

/// When the store takes the stock of an order by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stock {
    /// `order_placed`: when it is created.
    OnPlacing,
    /// `order_completed_or_shipped`, or a word that we do not know: not for us. We move the stock ourselves.
    Later,
}

#[derive(Debug)]
pub(crate) struct Config {
    /// `https://api.bigcommerce.com/stores/<hash>/`, with a slash at its end.
    pub root: Url,
    pub account: AccountId,
    pub access_token: SecretString,
    /// The client secret of the API account: with it the vendor signs webhooks. Without it none is believed.
    pub client_secret: Option<SecretString>,
    pub location: u64,
    /// Whether the location was chosen: then its own stock counts, else what the catalogue shows.
    pub has_chosen_location: bool,
    /// Orders are given to the customer who has the buyer's real e-mail address.
    pub match_customers: bool,
    pub stock: Stock,
    /// The store puts the stock of a canceled order back by itself.
    pub restocks: bool,
    /// What its shoppers can pay in; empty where connecting has not asked.
    pub currencies: Vec<Currency>,
}

impl Config {
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        let hash = config.setting("store_hash")?.trim();
        let is_hash = !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_hash {
            let problem = "is not a store hash: it is the part between `stores/` and `/v3` of the API path".to_owned();
            return Err(ConfigError { field: "store_hash", problem });
        }
        let probed = |name: &str| config.probed.get(name).map(String::as_str);
        let location = match config.settings.get("location_id").map(|text| text.trim()).filter(|text| !text.is_empty())
        {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| ConfigError {
                field: "location_id",
                problem: "is not the number of a location".to_owned(),
            })?),
        };
        Ok(Self {
            root: root(config.settings.get("api_url").map(String::as_str), hash)?,
            account: AccountId::new(hash)
                .map_err(|error| ConfigError { field: "store_hash", problem: error.to_string() })?,
            access_token: filled(config, "access_token")?,
            client_secret: filled(config, "client_secret").ok(),
            location: location.unwrap_or(DEFAULT_LOCATION),
            has_chosen_location: location.is_some(),
            match_customers: config.settings.get("match_customers").is_some_and(|text| text == "yes"),
            stock: if probed(STOCK) == Some("order_placed") { Stock::OnPlacing } else { Stock::Later },
            restocks: probed(RESTOCKS) == Some("yes"),
            currencies: probed(CURRENCIES)
                .unwrap_or_default()
                .split(',')
                .filter_map(|code| code.parse().ok())
                .collect(),
        })
    }

    /// Whether an order can be paid in it. Before connecting has asked, the store itself decides.
    pub fn takes(&self, currency: Currency) -> bool {
        self.currencies.is_empty() || self.currencies.contains(&currency)
    }
}

fn root(api_url: Option<&str>, hash: &str) -> Result<Url, ConfigError> {
    let wrong = |problem: &str| ConfigError { field: "api_url", problem: problem.to_owned() };
    let base = api_url.map(str::trim).filter(|url| !url.is_empty()).unwrap_or(VENDOR);
    let mut url = Url::parse(base).map_err(|_| wrong("is not a web address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("is not a web address"));
    }
    url.set_path(&format!("/stores/{hash}/"));
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn filled(config: &ConnectionConfig, field: &'static str) -> Result<SecretString, ConfigError> {
    let secret = config.credential(field)?;
    let trimmed = secret.expose_secret().trim();
    if trimmed.is_empty() {
        return Err(ConfigError { field, problem: "is empty".to_owned() });
    }
    Ok(SecretString::from(trimmed))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use connect::Credentials;

    use super::*;

    /// Keys are made up.
    pub fn connection(settings: &[(&str, &str)], probed: &[(&str, &str)]) -> ConnectionConfig {
        let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let credentials = [("access_token", "token-a1a1"), ("client_secret", "secret-b2b2")];
        ConnectionConfig {
            connection: "shop".parse().unwrap(),
            settings: pairs(settings),
            credentials: Credentials(
                credentials.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect(),
            ),
            probed: pairs(probed),
        }
    }

    #[test]
    fn a_store_is_reached_by_its_hash() {
        let config = Config::new(&connection(&[("store_hash", " abc123 ")], &[])).unwrap();
        assert_eq!(config.root.as_str(), "https://api.bigcommerce.com/stores/abc123/");
        assert_eq!((config.account.as_str(), config.location, config.has_chosen_location), ("abc123", 1, false));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let field = |config: &ConnectionConfig| Config::new(config).unwrap_err().field;
        assert_eq!(field(&connection(&[], &[])), "store_hash");
        for hash in ["../x", "a b", "a/b", "stores/abc", "a?b"] {
            assert_eq!(field(&connection(&[("store_hash", hash)], &[])), "store_hash", "{hash}");
        }
        let mut keyless = connection(&[("store_hash", "abc123")], &[]);
        keyless.credentials.0.insert("access_token".to_owned(), SecretString::from(" "));
        assert_eq!(field(&keyless), "access_token");
        let elsewhere = connection(&[("store_hash", "abc123"), ("location_id", "the big one")], &[]);
        assert_eq!(field(&elsewhere), "location_id");
        let odd = connection(&[("store_hash", "abc123"), ("api_url", "nowhere")], &[]);
        assert_eq!(field(&odd), "api_url");
    }

    /// What we do not know is never taken for "the store deducts".
    #[test]
    fn an_unknown_or_missing_fact_is_the_safe_one() {
        let facts = |probed: &[(&str, &str)]| {
            let config = Config::new(&connection(&[("store_hash", "abc123")], probed)).unwrap();
            (config.stock, config.restocks, config.currencies.len())
        };
        assert_eq!(facts(&[]), (Stock::Later, false, 0));
        assert_eq!(facts(&[(STOCK, "order_imagined"), (RESTOCKS, "maybe")]), (Stock::Later, false, 0));
        let known = [(STOCK, "order_placed"), (RESTOCKS, "yes"), (CURRENCIES, "USD,EUR,XYZW")];
        assert_eq!(facts(&known), (Stock::OnPlacing, true, 2));
    }
}
