//! What the connector needs to know of one shop: its address, its keys, and what connecting found out.

use connect::ConnectionConfig;
use connect::config::ConfigError;
use domain::AccountId;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The probed fact that says whether the shop keeps `created_via` and filters by it; see [`Lookup`].
pub(crate) const CREATED_VIA: &str = "created_via";
pub(crate) const HONOURED: &str = "honoured";
pub(crate) const IGNORED: &str = "ignored";
/// The shop had no orders when it was connected, so that an empty answer proved nothing.
pub(crate) const UNPROVED: &str = "unproved";

/// How an order is found by our reference (DESIGN settled 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// By the exact filter on `created_via`: WooCommerce 9.9 and later.
    ByCreatedVia,
    /// By reading every order created since the attempt: right everywhere.
    ByListing,
}

#[derive(Debug)]
pub(crate) struct Config {
    pub site: Site,
    pub consumer_key: SecretString,
    pub consumer_secret: SecretString,
    /// Without it no webhook is believed.
    pub webhook_secret: Option<SecretString>,
    pub lookup: Lookup,
}

/// Where the shop is reached and what it calls itself.
#[derive(Debug)]
pub(crate) struct Site {
    /// Root of the REST routes as dialled, with a slash at its end.
    pub rest: Url,
    /// The same root at the shop's own configured address, with `http`: what `OAuth` signatures are made for.
    pub signed_rest: Url,
    pub account: AccountId,
    /// The shop's own address, as a person writes it.
    pub address: String,
}

impl Config {
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        let url = address("url", config.setting("url")?)?;
        let home = match config.settings.get("home_url").filter(|home| !home.is_empty()) {
            Some(home) => address("home_url", home)?,
            None => url.clone(),
        };
        let lookup = match config.probed.get(CREATED_VIA).map(String::as_str) {
            Some(HONOURED) => Lookup::ByCreatedVia,
            _ => Lookup::ByListing,
        };
        Ok(Self {
            site: Site::new(&url, &home)?,
            consumer_key: filled(config, "consumer_key")?,
            consumer_secret: filled(config, "consumer_secret")?,
            webhook_secret: filled(config, "webhook_secret").ok(),
            lookup,
        })
    }
}

fn filled(config: &ConnectionConfig, field: &'static str) -> Result<SecretString, ConfigError> {
    let secret = config.credential(field)?;
    let trimmed = secret.expose_secret().trim();
    if trimmed.is_empty() {
        return Err(ConfigError { field, problem: "is empty".to_owned() });
    }
    Ok(SecretString::from(trimmed))
}

impl Site {
    fn new(url: &Url, home: &Url) -> Result<Self, ConfigError> {
        let mut signed_rest = rest_root(home);
        // The shop builds the address to sign with the scheme of the request, and over https nothing is signed.
        if signed_rest.set_scheme("http").is_err() {
            return Err(ConfigError { field: "home_url", problem: "is not a web address".to_owned() });
        }
        let host = home.host_str().unwrap_or_default();
        let port = home.port().map(|port| format!(":{port}")).unwrap_or_default();
        let address = format!("{host}{port}{}", home.path().trim_end_matches('/'));
        let account = AccountId::new(&address)
            .map_err(|error| ConfigError { field: "url", problem: format!("is too long: {error}") })?;
        Ok(Self { rest: rest_root(url), signed_rest, account, address })
    }
}

/// <https://woocommerce.github.io/woocommerce-rest-api-docs/#introduction>
fn rest_root(site: &Url) -> Url {
    let mut rest = site.clone();
    rest.set_path(&format!("{}/wp-json/wc/v3/", site.path().trim_end_matches('/')));
    rest
}

/// A shop's address; without a scheme it is https.
fn address(field: &'static str, text: &str) -> Result<Url, ConfigError> {
    let wrong = |problem: &str| ConfigError { field, problem: problem.to_owned() };
    let text = text.trim();
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&text).map_err(|_| wrong("is not a web address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("is not a web address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not contain a user name or password"));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use connect::Credentials;

    use super::*;

    /// Store A of the captures: its keys are made up.
    pub fn connection(settings: &[(&str, &str)], probed: &[(&str, &str)]) -> ConnectionConfig {
        let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let credentials = [
            ("consumer_key", "ck_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"),
            ("consumer_secret", "cs_c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3"),
            ("webhook_secret", "hook-secret-1"),
        ];
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
    fn one_shop_has_one_account_however_its_address_is_written() {
        let account = |url: &str| Config::new(&connection(&[("url", url)], &[])).unwrap().site.account;
        let expected = AccountId::new("shop.example/store").unwrap();
        for url in [
            "https://shop.example/store",
            "https://Shop.Example/store/",
            "shop.example/store",
            "http://shop.example/store/?x=1#y",
        ] {
            assert_eq!(account(url), expected, "{url}");
        }
        assert_eq!(account("http://127.0.0.1:8081").as_str(), "127.0.0.1:8081");
    }

    #[test]
    fn a_dialled_address_is_told_from_the_shops_own() {
        let settings = [("url", "http://127.0.0.1:8091"), ("home_url", "https://127.0.0.1:8081")];
        let site = Config::new(&connection(&settings, &[])).unwrap().site;
        assert_eq!(site.rest.as_str(), "http://127.0.0.1:8091/wp-json/wc/v3/");
        assert_eq!(site.signed_rest.as_str(), "http://127.0.0.1:8081/wp-json/wc/v3/");
        assert_eq!(site.account.as_str(), "127.0.0.1:8081");
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let problem = |url: &str| Config::new(&connection(&[("url", url)], &[])).unwrap_err().to_string();
        assert_eq!(problem(""), "`url` is missing");
        assert_eq!(problem("ftp://shop.example"), "`url` is not a web address");
        assert_eq!(problem("https://me:secret@shop.example"), "`url` must not contain a user name or password");
        let mut without_key = connection(&[("url", "https://shop.example")], &[]);
        without_key.credentials.0.remove("consumer_key");
        assert_eq!(Config::new(&without_key).unwrap_err().to_string(), "`consumer_key` is missing");
    }

    #[test]
    fn only_a_proved_filter_is_trusted() {
        let lookup = |probed: &[(&str, &str)]| {
            Config::new(&connection(&[("url", "https://shop.example")], probed)).unwrap().lookup
        };
        assert_eq!(lookup(&[(CREATED_VIA, HONOURED)]), Lookup::ByCreatedVia);
        assert_eq!(lookup(&[(CREATED_VIA, IGNORED)]), Lookup::ByListing);
        assert_eq!(lookup(&[(CREATED_VIA, UNPROVED)]), Lookup::ByListing);
        assert_eq!(lookup(&[]), Lookup::ByListing);
    }

    #[test]
    fn no_secret_is_shown() {
        let shown = format!("{:?}", Config::new(&connection(&[("url", "https://shop.example")], &[])).unwrap());
        assert!(!shown.contains("ck_a1") && !shown.contains("cs_c3") && !shown.contains("hook-secret"), "{shown}");
    }
}
