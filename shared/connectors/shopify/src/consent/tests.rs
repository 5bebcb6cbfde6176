//! The consent page, and which of its answers is believed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::*;
use crate::config::tests::connection;

const REDIRECT: &str = "https://tributary.example/oauth/callback";

fn asked<T>(run: impl FnOnce(&ConsentAsk<'_>) -> T) -> T {
    let config = connection(&[("shop", "my-shop.myshopify.com")], &["client_id", "client_secret"], &[]);
    let redirect_uri = REDIRECT.parse().unwrap();
    run(&ConsentAsk { config: &config, state: "state-1", redirect_uri: &redirect_uri, verifier: "verifier" })
}

#[test]
fn the_page_is_the_shops_own() {
    let url = asked(|ask| page(ask).unwrap());
    assert_eq!((url.host_str(), url.path()), (Some("my-shop.myshopify.com"), "/admin/oauth/authorize"));
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!((query["state"].as_str(), query["redirect_uri"].as_str()), ("state-1", REDIRECT));
    assert!(query["scope"].split(',').all(|scope| scope.starts_with("read_") || scope.starts_with("write_")));
    assert!(!url.as_str().contains("client_secret"));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn signed(pairs: &[(&str, &str)], secret: &str) -> BTreeMap<String, String> {
    let mut query: BTreeMap<String, String> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let message = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    let hex = hex(&mac.finalize().into_bytes());
    query.insert("hmac".to_owned(), hex);
    query
}

/// The example of Shopify's documentation.
#[test]
fn shopifys_own_example_is_genuine() {
    let pairs = [
        ("code", "0907a61c0c8d55e99db179b68161bc00"),
        ("hmac", "700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"),
        ("shop", "some-shop.myshopify.com"),
        ("state", "0.6784241404160823"),
        ("timestamp", "1337178173"),
    ];
    let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert!(is_genuine(&query, &"hush".into()));
    assert!(!is_genuine(&query, &"rush".into()));
}

#[test]
fn an_answer_that_was_changed_is_not_believed() {
    let secret = SecretString::from("secret-client_secret");
    let good =
        signed(&[("code", "c1"), ("shop", "my-shop.myshopify.com"), ("state", "state-1")], "secret-client_secret");
    assert!(is_genuine(&good, &secret));
    for (name, value) in
        [("code", "c2"), ("shop", "evil.myshopify.com"), ("hmac", ""), ("hmac", "zz"), ("hmac", "é1"), ("extra", "1")]
    {
        let mut bad = good.clone();
        bad.insert(name.to_owned(), value.to_owned());
        assert!(!is_genuine(&bad, &secret), "{name}");
    }
    let mut bare = good;
    bare.remove("hmac");
    assert!(!is_genuine(&bare, &secret));
}
