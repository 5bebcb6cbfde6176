//! A connection's settings and credentials, checked once.

use connect::config::ConfigError;
use connect::{ConnectionConfig, NOTIFICATION_QUEUE};
use secrecy::SecretString;
use url::Url;

use crate::marketplaces::{Marketplace, Region, marketplace};

/// Where Amazon is and who asks. `Debug` is derived: the secrets are masked by their type.
#[derive(Debug, Clone)]
pub struct Config {
    /// The region's Selling Partner API.
    pub api: Url,
    /// Login with Amazon, the same for every region.
    pub login: Url,
    /// The merchant token, `selling_partner_id` of the consent.
    pub seller_id: String,
    pub marketplace_ids: Vec<String>,
    /// The queue that Amazon tells of changed orders, by its ARN.
    pub notification_queue: Option<String>,
    pub client_id: SecretString,
    pub client_secret: SecretString,
    pub refresh_token: SecretString,
}

impl Config {
    pub fn new(config: &ConnectionConfig) -> Result<Self, ConfigError> {
        let marketplace_ids = marketplace_ids(config)?;
        Ok(Self {
            api: api(config)?,
            login: login(config)?,
            seller_id: seller_id(config)?,
            marketplace_ids,
            notification_queue: notification_queue(config)?,
            client_id: config.credential("client_id")?.clone(),
            client_secret: config.credential("client_secret")?.clone(),
            refresh_token: config.credential("refresh_token")?.clone(),
        })
    }
}

/// "pattern": `^arn:aws:sqs:\\S+:\\S+:\\S+`
fn notification_queue(config: &ConnectionConfig) -> Result<Option<String>, ConfigError> {
    let Some(arn) = config.settings.get(NOTIFICATION_QUEUE).map(|arn| arn.trim()).filter(|arn| !arn.is_empty()) else {
        return Ok(None);
    };
    let parts: Vec<&str> = arn.split(':').collect();
    let is_queue = matches!(&parts[..], ["arn", "aws", "sqs", rest @ ..] if rest.len() == 3 && rest.iter().all(|part| !part.is_empty()));
    let wrong = || ConfigError { field: NOTIFICATION_QUEUE, problem: "must be the ARN of a queue".to_owned() };
    if is_queue && !arn.contains(char::is_whitespace) { Ok(Some(arn.to_owned())) } else { Err(wrong()) }
}

pub fn region(config: &ConnectionConfig) -> Result<Region, ConfigError> {
    let wrong = || ConfigError { field: "region", problem: "must be `na`, `eu` or `fe`".to_owned() };
    Region::named(config.setting("region")?).ok_or_else(wrong)
}

/// The first of the chosen marketplaces, if it is a known one.
pub fn first_marketplace(config: &ConnectionConfig) -> Option<&'static Marketplace> {
    let ids = config.settings.get("marketplace_ids")?;
    ids.split(',').map(str::trim).find_map(marketplace)
}

/// `api_url`, for local use, stands for every host.
fn local(config: &ConnectionConfig) -> Option<Result<Url, ConfigError>> {
    let text = config.settings.get("api_url").filter(|text| !text.is_empty())?;
    Some(address("api_url", text))
}

fn api(config: &ConnectionConfig) -> Result<Url, ConfigError> {
    let region = region(config)?;
    if let Some(local) = local(config) {
        return local;
    }
    match config.settings.get("environment").map(String::as_str) {
        None | Some("" | "production") => address("region", region.api()),
        Some("sandbox") => address("region", region.sandbox()),
        Some(_) => Err(ConfigError { field: "environment", problem: "must be `production` or `sandbox`".to_owned() }),
    }
}

/// <https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api>
pub fn login(config: &ConnectionConfig) -> Result<Url, ConfigError> {
    local(config).unwrap_or_else(|| address("region", "https://api.amazon.com"))
}

/// It stands in the path of calls about listings.
fn seller_id(config: &ConnectionConfig) -> Result<String, ConfigError> {
    let id = config.setting("seller_id")?.trim();
    let plain = !id.is_empty() && id.len() <= 32 && id.chars().all(|c| c.is_ascii_alphanumeric());
    let wrong = || ConfigError { field: "seller_id", problem: "must be letters and digits only".to_owned() };
    if plain { Ok(id.to_owned()) } else { Err(wrong()) }
}

fn marketplace_ids(config: &ConnectionConfig) -> Result<Vec<String>, ConfigError> {
    let wrong = |problem: String| ConfigError { field: "marketplace_ids", problem };
    let region = region(config)?;
    let mut ids: Vec<String> = Vec::new();
    for id in config.setting("marketplace_ids")?.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        if !id.chars().all(|c| c.is_ascii_alphanumeric()) || id.len() > 32 {
            return Err(wrong("must be marketplace ids with commas between them".to_owned()));
        }
        if marketplace(id).is_some_and(|known| known.region != region) {
            return Err(wrong(format!("holds `{id}`, which belongs to another region")));
        }
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    // "maxItems": 50
    match ids.len() {
        0 => Err(wrong("is missing".to_owned())),
        1..=50 => Ok(ids),
        _ => Err(wrong("may hold 50 marketplaces at most".to_owned())),
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

    const ALL: [&str; 3] = ["client_id", "client_secret", "refresh_token"];
    const US: (&str, &str) = ("marketplace_ids", "ATVPDKIKX0DER, A2EUQ1WTGCTBG2,ATVPDKIKX0DER");
    const SELLER: (&str, &str) = ("seller_id", "A3TH9S8BH6GOGM");

    fn config(settings: &[(&str, &str)], credentials: &[&str]) -> Result<Config, ConfigError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let secret = |name: &&str| ((*name).to_owned(), SecretString::from(format!("secret-{name}")));
        Config::new(&ConnectionConfig {
            connection: "amazon-1".parse().unwrap(),
            settings: settings.iter().map(owned).collect(),
            credentials: Credentials(credentials.iter().map(secret).collect()),
            probed: BTreeMap::new(),
        })
    }

    #[test]
    fn the_region_names_the_host() {
        let read = config(&[("region", "na"), US, SELLER], &ALL).unwrap();
        assert_eq!(read.api.as_str(), "https://sellingpartnerapi-na.amazon.com/");
        assert_eq!(read.login.as_str(), "https://api.amazon.com/");
        assert_eq!(read.marketplace_ids, ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"]);
        let sandbox = config(&[("region", "na"), US, SELLER, ("environment", "sandbox")], &ALL).unwrap();
        assert_eq!(sandbox.api.as_str(), "https://sandbox.sellingpartnerapi-na.amazon.com/");
        let local = config(&[("region", "na"), US, SELLER, ("api_url", "http://127.0.0.1:9000")], &ALL).unwrap();
        assert_eq!((local.api.as_str(), local.login.as_str()), ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let field = |settings: &[(&str, &str)], credentials: &[&str]| config(settings, credentials).unwrap_err().field;
        assert_eq!(field(&[US, SELLER], &ALL), "region");
        assert_eq!(field(&[("region", "us"), US, SELLER], &ALL), "region");
        assert_eq!(field(&[("region", "na"), SELLER], &ALL), "marketplace_ids");
        assert_eq!(field(&[("region", "eu"), US, SELLER], &ALL), "marketplace_ids");
        assert_eq!(field(&[("region", "na"), ("marketplace_ids", "../x"), SELLER], &ALL), "marketplace_ids");
        assert_eq!(field(&[("region", "na"), US], &ALL), "seller_id");
        assert_eq!(field(&[("region", "na"), US, ("seller_id", "../orders")], &ALL), "seller_id");
        assert_eq!(field(&[("region", "na"), US, SELLER, ("environment", "live")], &ALL), "environment");
        assert_eq!(field(&[("region", "na"), US, SELLER, ("api_url", "ftp://x")], &ALL), "api_url");
        assert_eq!(field(&[("region", "na"), US, SELLER], &ALL[..2]), "refresh_token");
    }

    #[test]
    fn no_secret_shows_in_debug() {
        let shown = format!("{:?}", config(&[("region", "na"), US, SELLER], &ALL).unwrap());
        assert!(!shown.contains("secret-"), "{shown}");
    }
}
