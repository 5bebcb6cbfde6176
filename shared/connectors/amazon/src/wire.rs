//! What Amazon sends and takes, named as Amazon names it. Every field may be missing or null; unknown fields are ignored
//! and enumerations stay text, because real answers hold more than the descriptions tell.

pub mod listings;
pub mod orders;
mod scalar;

use connect::wire::list;
use serde::Deserialize;

pub use scalar::{Count, Text};

/// `ErrorList` of every description.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ErrorList {
    #[serde(deserialize_with = "list")]
    pub errors: Vec<Error>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Error {
    pub code: Option<String>,
}

/// <https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api>
#[derive(Deserialize)]
pub struct TokenResponse {
    pub access_token: String,
    pub expires_in: i64,
    #[serde(default)]
    pub refresh_token: Option<String>,
}

/// <https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct TokenError {
    pub error: Option<String>,
}

/// <https://developer-docs.amazon.com/sp-api/reference/getmarketplaceparticipations>
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Participations {
    #[serde(deserialize_with = "list")]
    pub payload: Vec<MarketplaceParticipation>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct MarketplaceParticipation {
    pub marketplace: Option<Marketplace>,
    pub store_name: Option<String>,
    pub participation: Option<Participation>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Marketplace {
    pub id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Participation {
    pub is_participating: Option<bool>,
}
