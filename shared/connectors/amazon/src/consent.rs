//! Consent in the browser: Seller Central's page, and the code that it sends back.
//! <https://developer-docs.amazon.com/sp-api/docs/website-authorization-workflow>

use std::collections::BTreeMap;

use connect::config::ConfigError;
use connect::consent::BoxFuture;
use connect::{ConnectError, Consent, ConsentAsk, Credentials, ErrorKind, Granted, Http};
use secrecy::ExposeSecret;
use url::Url;

use crate::{api, auth, config, wire};

const OPERATION: &str = "amazon.redeem_consent";

/// For public applications, and for private ones whose owner would rather not copy a token.
pub const CONSENT: Consent = Consent { page, redeem };

fn page(ask: &ConsentAsk<'_>) -> Result<Url, ConfigError> {
    let application = ask.config.setting("application_id")?;
    let region = config::region(ask.config)?;
    let unknown =
        || ConfigError { field: "marketplace_ids", problem: "must begin with a known marketplace".to_owned() };
    let marketplace = config::first_marketplace(ask.config).ok_or_else(unknown)?;
    if marketplace.region != region {
        return Err(ConfigError { field: "marketplace_ids", problem: "belongs to another region".to_owned() });
    }
    let seller_central = Url::parse(marketplace.seller_central).map_err(|_| unknown())?;
    let mut url = api::address(&seller_central, &["apps", "authorize", "consent"]);
    url.query_pairs_mut()
        .append_pair("application_id", application)
        .append_pair("state", ask.state)
        .append_pair("redirect_uri", ask.redirect_uri.as_str());
    // "Include the version=beta parameter ... to indicate that the workflow is for authorizing an application in draft status."
    if ask.config.settings.get("application_status").is_some_and(|status| status == "draft") {
        url.query_pairs_mut().append_pair("version", "beta");
    }
    Ok(url)
}

fn redeem<'a>(
    http: &'a Http,
    ask: &'a ConsentAsk<'a>,
    query: &'a BTreeMap<String, String>,
) -> BoxFuture<'a, Result<Granted, ConnectError>> {
    Box::pin(redeemed(http, ask, query))
}

/// The code is good for five minutes and for one use. PKCE is not part of this workflow.
async fn redeemed(
    http: &Http,
    ask: &ConsentAsk<'_>,
    query: &BTreeMap<String, String>,
) -> Result<Granted, ConnectError> {
    let wrong = |message: String| ConnectError::new(ErrorKind::ConfigInvalid, OPERATION, message).without_effect();
    let field = |error: ConfigError| wrong(format!("{error}."));
    let given = |name: &str| query.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let Some(code) = given("spapi_oauth_code") else {
        return Err(wrong("Amazon sent no consent back: it was refused, or given for another page.".to_owned()));
    };
    let Some(seller) = given("selling_partner_id") else {
        return Err(wrong("Amazon did not say which seller gave the consent.".to_owned()));
    };
    let login = config::login(ask.config).map_err(field)?;
    let client_id = ask.config.credential("client_id").map_err(field)?;
    let client_secret = ask.config.credential("client_secret").map_err(field)?;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", ask.redirect_uri.as_str()),
        ("client_id", client_id.expose_secret()),
        ("client_secret", client_secret.expose_secret()),
    ];
    let (token, _): (wire::TokenResponse, _) = auth::ask(http, &login, OPERATION, &fields).await?;
    let refresh = token.refresh_token.ok_or_else(|| api::lacking(OPERATION, "refresh_token"))?;
    Ok(Granted {
        credentials: Credentials(BTreeMap::from([("refresh_token".to_owned(), refresh.into())])),
        settings: BTreeMap::from([("seller_id".to_owned(), seller.to_owned())]),
    })
}

#[cfg(test)]
mod tests {
    use connect::ConnectionConfig;

    use super::*;

    fn asked(settings: &[(&str, &str)]) -> Result<Url, ConfigError> {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let config = ConnectionConfig {
            connection: "amazon-1".parse().unwrap(),
            settings,
            credentials: Credentials::default(),
            probed: BTreeMap::new(),
        };
        let redirect_uri = Url::parse("https://tributary.example/oauth/callback?x=1").unwrap();
        page(&ConsentAsk { config: &config, state: "a state", redirect_uri: &redirect_uri, verifier: "unused" })
    }

    const APPLICATION: (&str, &str) = ("application_id", "amzn1.sp.solution.0bf296b5");

    #[test]
    fn the_page_is_that_of_the_sellers_own_marketplace() {
        let page = asked(&[("region", "eu"), ("marketplace_ids", "A1PA6795UKMFR9"), APPLICATION]).unwrap();
        assert_eq!(
            page.as_str(),
            "https://sellercentral-europe.amazon.com/apps/authorize/consent?application_id=amzn1.sp.solution.0bf296b5\
             &state=a+state&redirect_uri=https%3A%2F%2Ftributary.example%2Foauth%2Fcallback%3Fx%3D1"
        );
        let draft =
            [("region", "fe"), ("marketplace_ids", "A1VC38T7YXB528"), APPLICATION, ("application_status", "draft")];
        let page = asked(&draft).unwrap();
        assert_eq!(page.host_str(), Some("sellercentral.amazon.co.jp"));
        assert!(page.query().unwrap().ends_with("&version=beta"));
    }

    #[test]
    fn what_is_missing_for_the_page_is_named() {
        let field = |settings: &[(&str, &str)]| asked(settings).unwrap_err().field;
        assert_eq!(field(&[("region", "eu"), ("marketplace_ids", "A1PA6795UKMFR9")]), "application_id");
        assert_eq!(field(&[("marketplace_ids", "A1PA6795UKMFR9"), APPLICATION]), "region");
        assert_eq!(field(&[("region", "eu"), APPLICATION]), "marketplace_ids");
        assert_eq!(field(&[("region", "na"), ("marketplace_ids", "A1PA6795UKMFR9"), APPLICATION]), "marketplace_ids");
    }
}
