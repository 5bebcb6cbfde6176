//! Who we are to the shop: Basic over https; `OAuth` 1.0a without a token, HMAC-SHA256, over plain http.
//!
//! <https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication>. The shop checks a signature against its
//! own configured address, not the one that was dialled (captures 05 and 05b).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use connect::{ConnectError, ErrorKind, Method, Request};
use hmac::digest::array::Array;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use ulid::Ulid;
use url::Url;

use crate::config::Config;

/// RFC 5849 section 3.6: everything else is percent-encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Adds what proves who is calling. `path` is the call's path below the REST root.
pub(crate) fn authorise(config: &Config, mut request: Request, path: &str) -> Result<Request, ConnectError> {
    if request.url.scheme() == "https" {
        return Ok(request.header("authorization", basic(&config.consumer_key, &config.consumer_secret)));
    }
    let operation = request.operation;
    let unsigned =
        |_| ConnectError::new(ErrorKind::Unexpected, operation, "This call could not be signed.").without_effect();
    let signed_url = config.site.signed_rest.join(path).map_err(unsigned)?;
    sign_url(config, request.method, &mut request.url, &signed_url, Timestamp::now(), &Ulid::generate().to_string());
    Ok(request)
}

fn basic(key: &SecretString, secret: &SecretString) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", key.expose_secret(), secret.expose_secret())))
}

/// Appends the `oauth_` parameters to the query: not every PHP set-up passes the header on.
fn sign_url(config: &Config, method: Method, url: &mut Url, signed_url: &Url, at: Timestamp, nonce: &str) {
    let own = [
        ("oauth_consumer_key", config.consumer_key.expose_secret()),
        ("oauth_nonce", nonce),
        ("oauth_timestamp", &at.as_second().to_string()),
        ("oauth_signature_method", "HMAC-SHA256"),
    ];
    url.query_pairs_mut().extend_pairs(own);
    let parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let signature = hmac_sha256(
        format!("{}&", encode(config.consumer_secret.expose_secret())).as_bytes(),
        signature_base(method, signed_url, &parameters).as_bytes(),
    );
    url.query_pairs_mut().append_pair("oauth_signature", &signature);
}

/// RFC 5849 section 3.4.1: method, address without query, and the parameters sorted, each part encoded.
fn signature_base(method: Method, url: &Url, parameters: &[(String, String)]) -> String {
    let mut encoded: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    encoded.sort_unstable();
    let normalised: Vec<String> = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let method = match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    };
    let mut address = url.clone();
    address.set_query(None);
    address.set_fragment(None);
    format!("{method}&{}&{}", encode(address.as_str()), encode(&normalised.join("&")))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    BASE64_STANDARD.encode(mac(key, message).finalize().into_bytes())
}

/// The HMAC of a message, also for checking a webhook's signature.
pub(crate) fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    // HMAC takes a key of any length, so the fallback is never taken.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::<Sha256>::new(&Array::default()));
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::connection;

    fn pairs(query: &str) -> Vec<(String, String)> {
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The example of <https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.1>.
    #[test]
    fn the_signature_base_string_is_that_of_rfc_5849() {
        let query = "b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2=&a3=2+q&oauth_consumer_key=9djdj82h48djs9d2&oauth_token=kkk9d7dh3k39sjv7\
             &oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201&oauth_nonce=7d8f3e4a";
        let base = signature_base(Method::Post, &"http://EXAMPLE.COM:80/request?b5=x".parse().unwrap(), &pairs(query));
        assert_eq!(
            base,
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26\
             oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26\
             oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }

    /// The facts of capture 05b: a real shop at :8091, configured as :8081, accepted this signature.
    #[test]
    fn a_signature_made_for_the_shops_own_address_is_the_one_that_a_real_shop_accepted() {
        let settings = [("url", "http://127.0.0.1:8091"), ("home_url", "https://127.0.0.1:8081")];
        let config = Config::new(&connection(&settings, &[])).unwrap();
        let mut url: Url = "http://127.0.0.1:8091/wp-json/wc/v3/orders?per_page=1".parse().unwrap();
        let signed = config.site.signed_rest.join("orders").unwrap();
        let at = Timestamp::from_second(1_795_294_490).unwrap();
        sign_url(&config, Method::Get, &mut url, &signed, at, "5557b43a8d6b54d9");
        let signature = url.query_pairs().find(|(name, _)| name == "oauth_signature").unwrap().1.into_owned();
        assert_eq!(signature, "YoK+8zgH59fMYtREKBT2hmQEFKJChPY6/Hm8URDC9O4=");
    }

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_sha256_has_its_known_answer() {
        let bytes = BASE64_STANDARD.decode(hmac_sha256(b"Jefe", b"what do ya want for nothing?")).unwrap();
        assert_eq!(bytes[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(bytes[28..], [0x64, 0xec, 0x38, 0x43]);
    }

    #[test]
    fn over_https_the_keys_travel_in_the_header_and_never_in_the_address() {
        let config = Config::new(&connection(&[("url", "https://shop.example")], &[])).unwrap();
        let url = config.site.rest.join("orders?per_page=1").unwrap();
        let request = authorise(&config, Request::new("woocommerce.test", Method::Get, url), "orders").unwrap();
        assert_eq!(request.url.as_str(), "https://shop.example/wp-json/wc/v3/orders?per_page=1");
        assert_eq!(request.headers.len(), 1);
        assert!(request.headers[0].1.starts_with("Basic "));
    }

    #[test]
    fn two_calls_never_share_a_nonce() {
        let config = Config::new(&connection(&[("url", "http://shop.example")], &[])).unwrap();
        let url = config.site.rest.join("orders").unwrap();
        let nonce = || {
            let signed =
                authorise(&config, Request::new("woocommerce.test", Method::Get, url.clone()), "orders").unwrap();
            signed.url.query_pairs().find(|(name, _)| name == "oauth_nonce").unwrap().1.into_owned()
        };
        assert_ne!(nonce(), nonce());
    }
}
