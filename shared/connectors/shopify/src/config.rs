//! What the connector needs to know of one shop: its address, its keys, its location.

use connect::ConnectionConfig;
use connect::config::ConfigError;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::ids;

/// The setting and the probed fact that name the location whose stock is meant.
pub(crate) const LOCATION: &str = "location_id";

/// Where the shop is and who asks. `Debug` is derived: the secrets are masked by their type.
#[derive(Debug)]
pub(crate) struct Config {
    /// `https://<shop>.myshopify.com/`, or the local stand-in.
    pub admin: Url,
    pub grant: Grant,
    /// Signs webhooks and the consent's callback; during a rotation the older one does so too.
    pub secrets: Secrets,
    /// The global id of the location: chosen, or found at connect.
    pub location: Option<String>,
}

/// What buys access.
#[derive(Debug)]
pub(crate) enum Grant {
    /// A token that does not end: of an app made in the shop's admin.
    Token(SecretString),
    /// A refresh token of a consent, which rotates.
    Refresh { client: Client, refresh_token: SecretString },
    /// The keys alone, of an app in the shop owner's own organisation.
    Client(Client),
}

/// An application's own keys.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub id: SecretString,
    pub secret: SecretString,
}

#[derive(Debug)]
pub(crate) struct Secrets {
    pub client_secret: Option<SecretString>,
    pub client_secret_before: Option<SecretString>,
}

impl Config {
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            admin: admin(config)?,
            grant: grant(config)?,
            secrets: Secrets {
                client_secret: filled(config, "client_secret").ok(),
                client_secret_before: filled(config, "client_secret_before").ok(),
            },
            location: location(config)?,
        })
    }
}

impl Client {
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        Ok(Self { id: filled(config, "client_id")?, secret: filled(config, "client_secret")? })
    }
}

/// What renews itself goes before what does not: a consent is newer than a key that was given by hand.
fn grant(config: &ConnectionConfig) -> Result<Grant, ConfigError> {
    let given = |field| filled(config, field).is_ok();
    if given("refresh_token") {
        let client = Client::new(config)?;
        return Ok(Grant::Refresh { client, refresh_token: filled(config, "refresh_token")? });
    }
    if given("access_token") {
        return Ok(Grant::Token(filled(config, "access_token")?));
    }
    if given("client_id") {
        return Ok(Grant::Client(Client::new(config)?));
    }
    let problem = "is missing, and there is no `client_id` with its `client_secret` either".to_owned();
    Err(ConfigError { field: "access_token", problem })
}

fn filled(config: &ConnectionConfig, field: &'static str) -> Result<SecretString, ConfigError> {
    let trimmed = config.credential(field)?.expose_secret().trim();
    if trimmed.is_empty() {
        return Err(ConfigError { field, problem: "is empty".to_owned() });
    }
    Ok(SecretString::from(trimmed))
}

/// The shop's own address; `api_url`, for local use, stands for it.
pub(crate) fn admin(config: &ConnectionConfig) -> Result<Url, ConfigError> {
    let shop = shop(config)?;
    let wrong = |field| ConfigError { field, problem: "must be the address of a web server".to_owned() };
    if let Some(text) = config.settings.get("api_url").filter(|text| !text.is_empty()) {
        let url = Url::parse(text).map_err(|_| wrong("api_url"))?;
        return if matches!(url.scheme(), "http" | "https") && url.has_host() {
            Ok(url)
        } else {
            Err(wrong("api_url"))
        };
    }
    Url::parse(&format!("https://{shop}/")).map_err(|_| wrong("shop"))
}

/// Checked strictly, because keys are sent there and the consent's callback names it too.
/// <https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant>
pub(crate) fn shop(config: &ConnectionConfig) -> Result<String, ConfigError> {
    let shop = config.setting("shop")?.trim().to_ascii_lowercase();
    if is_shop(&shop) {
        return Ok(shop);
    }
    let problem = "must be the shop's own address at Shopify, like `my-shop.myshopify.com`".to_owned();
    Err(ConfigError { field: "shop", problem })
}

/// `[a-z0-9][a-z0-9-]*.myshopify.com`
pub(crate) fn is_shop(text: &str) -> bool {
    let name = text.strip_suffix(".myshopify.com").unwrap_or_default();
    name.len() <= 100
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}

fn location(config: &ConnectionConfig) -> Result<Option<String>, ConfigError> {
    let chosen = config.settings.get(LOCATION).map(|text| text.trim()).filter(|text| !text.is_empty());
    if let Some(chosen) = chosen {
        let location = ids::gid("Location", ids::number(chosen));
        let problem = || "must be the number of a location, as in its address in Shopify's admin".to_owned();
        return location.map(Some).ok_or_else(|| ConfigError { field: LOCATION, problem: problem() });
    }
    Ok(config.probed.get(LOCATION).and_then(|probed| ids::gid("Location", probed)))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use connect::Credentials;

    use super::*;

    pub fn connection(settings: &[(&str, &str)], credentials: &[&str], probed: &[(&str, &str)]) -> ConnectionConfig {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let secret = |name: &&str| ((*name).to_owned(), SecretString::from(format!("secret-{name}")));
        ConnectionConfig {
            connection: "shopify-1".parse().unwrap(),
            settings: settings.iter().map(owned).collect(),
            credentials: Credentials(credentials.iter().map(secret).collect::<BTreeMap<_, _>>()),
            probed: probed.iter().map(owned).collect(),
        }
    }

    fn config(settings: &[(&str, &str)], credentials: &[&str]) -> Result<Config, ConfigError> {
        Config::new(&connection(settings, credentials, &[]))
    }

    #[test]
    fn only_the_shops_own_address_at_shopify_is_taken() {
        for (text, dialled) in [
            ("my-shop.myshopify.com", "https://my-shop.myshopify.com/"),
            (" My-Shop.MyShopify.com ", "https://my-shop.myshopify.com/"),
            ("1shop.myshopify.com", "https://1shop.myshopify.com/"),
        ] {
            assert_eq!(config(&[("shop", text)], &["access_token"]).unwrap().admin.as_str(), dialled);
        }
        for text in [
            "",
            "my-shop",
            "https://my-shop.myshopify.com",
            "my-shop.myshopify.com/admin",
            "my-shop.myshopify.com.evil.example",
            "evil.example#.myshopify.com",
            "evil.example?.myshopify.com",
            "user@my-shop.myshopify.com",
            "-shop.myshopify.com",
            ".myshopify.com",
            "a.b.myshopify.com",
        ] {
            assert_eq!(config(&[("shop", text)], &["access_token"]).unwrap_err().field, "shop", "{text}");
        }
        let local = [("shop", "my-shop.myshopify.com"), ("api_url", "http://127.0.0.1:8099/shopify")];
        assert_eq!(config(&local, &["access_token"]).unwrap().admin.as_str(), "http://127.0.0.1:8099/shopify");
    }

    #[test]
    fn the_keys_say_what_buys_access() {
        let shop = [("shop", "my-shop.myshopify.com")];
        let grant = |keys: &[&str]| config(&shop, keys).map(|config| config.grant);
        assert!(matches!(grant(&["access_token", "client_secret"]), Ok(Grant::Token(_))));
        assert!(matches!(grant(&["client_id", "client_secret", "refresh_token"]), Ok(Grant::Refresh { .. })));
        let both = ["access_token", "client_id", "client_secret", "refresh_token"];
        assert!(matches!(grant(&both), Ok(Grant::Refresh { .. })));
        assert!(matches!(grant(&["client_id", "client_secret"]), Ok(Grant::Client(_))));
        assert_eq!(grant(&[]).unwrap_err().field, "access_token");
        assert_eq!(grant(&["client_id"]).unwrap_err().field, "client_secret");
        assert_eq!(grant(&["refresh_token", "client_secret"]).unwrap_err().field, "client_id");
    }

    #[test]
    fn a_chosen_location_goes_before_the_one_that_was_found() {
        let of = |chosen: &str| {
            let settings = [("shop", "my-shop.myshopify.com"), (LOCATION, chosen)];
            Config::new(&connection(&settings, &["access_token"], &[(LOCATION, "7")])).map(|config| config.location)
        };
        assert_eq!(of("").unwrap().as_deref(), Some("gid://shopify/Location/7"));
        assert_eq!(of("8").unwrap().as_deref(), Some("gid://shopify/Location/8"));
        assert_eq!(of("gid://shopify/Location/9").unwrap().as_deref(), Some("gid://shopify/Location/9"));
        assert_eq!(of("Main Street").unwrap_err().field, LOCATION);
    }

    #[test]
    fn debug_shows_no_secret() {
        let all = ["access_token", "client_id", "client_secret", "client_secret_before", "refresh_token"];
        let shop = [("shop", "my-shop.myshopify.com")];
        for keys in [&all[..], &all[..4], &all[1..3]] {
            let shown = format!("{:?}", config(&shop, keys).unwrap());
            assert!(shown.contains("my-shop") && !shown.contains("secret-"), "{shown}");
        }
    }
}
