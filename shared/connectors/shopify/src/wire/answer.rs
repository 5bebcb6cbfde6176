//! What every answer of the Admin API is wrapped in: its data, its errors, its cost.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What every answer is wrapped in.
#[derive(Deserialize)]
pub(crate) struct Envelope {
    pub data: Option<Box<RawValue>>,
    #[serde(default)]
    pub errors: Vec<GraphqlError>,
    pub extensions: Option<Extensions>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct GraphqlError {
    pub extensions: Option<ErrorExtensions>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ErrorExtensions {
    pub code: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Extensions {
    pub cost: Option<Cost>,
}

/// <https://shopify.dev/docs/api/usage/limits#graphql-admin-api-rate-limits>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the schema names it so")]
pub(crate) struct Cost {
    pub requested_query_cost: Option<serde_json::Number>,
    /// None where the query was not run.
    pub actual_query_cost: Option<serde_json::Number>,
    pub throttle_status: Option<ThrottleStatus>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThrottleStatus {
    pub maximum_available: serde_json::Number,
    pub currently_available: serde_json::Number,
    pub restore_rate: serde_json::Number,
}

/// A number of points, rounded down; Shopify writes some of them as `1000.0`.
pub(crate) fn points(number: &serde_json::Number) -> u32 {
    let text = number.to_string();
    let whole = text.split('.').next().unwrap_or_default();
    whole.parse().unwrap_or(0)
}
