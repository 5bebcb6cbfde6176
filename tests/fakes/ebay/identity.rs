//! Who the seller is (Commerce Identity), and the key that notifications are signed with (Commerce Notification).

use axum::http::Method;
use serde_json::json;

use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::{SELLER, SELLER_ID};

/// The id of the one public key.
pub const PUBLIC_KEY_ID: &str = "9936261a-7d7b-4621-a0f1-964d0d1a2b3c";

/// An ECDSA P-256 key made for this fake; its private half was thrown away. eBay gives it on one line.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEw/nzFWU7lQxZdROppE8BIwq3akb1lOa6xDpjg2mvkjtBmIi2o1aG5/lGdqXHrYZmZ9rP9HAGest0hGe+yei0Ew==-----END PUBLIC KEY-----";

/// <https://developer.ebay.com/api-docs/commerce/identity/resources/user/methods/getUser>
/// <https://developer.ebay.com/api-docs/commerce/notification/resources/public_key/methods/getPublicKey>
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    let segments = asked.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    match path[..] {
        ["commerce", "identity", "v1", "user", ""] if asked.method == Method::GET => Ok(Answer::ok(json!({
            "userId": SELLER_ID,
            "username": SELLER,
            "accountType": "BUSINESS",
            "registrationMarketplaceId": "EBAY_GB",
            "status": "CONFIRMED",
            "businessAccount": {"name": "Tributary Test Shop", "email": "shop@example.com"},
        }))),
        ["commerce", "notification", "v1", "public_key", id] if asked.method == Method::GET => {
            if id == PUBLIC_KEY_ID {
                Ok(Answer::ok(json!({"algorithm": "ECDSA", "digest": "SHA1", "key": PUBLIC_KEY})))
            } else {
                Err(Refusal::notification(195_001, "The specified key id is invalid."))
            }
        }
        _ => Err(Refusal::no_such_resource()),
    }
}
