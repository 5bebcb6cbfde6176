//! Listings Items 2021-08-01.

use serde::{Deserialize, Serialize};

use connect::wire::list;

/// <https://developer-docs.amazon.com/sp-api/reference/searchlistingsitems>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemSearchResults {
    #[serde(default)]
    pub number_of_results: Option<u64>,
    #[serde(default)]
    pub pagination: Option<Pagination>,
    #[serde(default)]
    pub items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    #[serde(default)]
    pub next_token: Option<String>,
}

/// <https://developer-docs.amazon.com/sp-api/reference/getlistingsitem>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Item {
    pub sku: Option<String>,
    #[serde(deserialize_with = "list")]
    pub summaries: Vec<Summary>,
    #[serde(deserialize_with = "list")]
    pub fulfillment_availability: Vec<FulfillmentAvailability>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Summary {
    pub marketplace_id: Option<String>,
    pub product_type: Option<String>,
    #[serde(deserialize_with = "list")]
    pub status: Vec<String>,
    pub item_name: Option<String>,
    pub created_date: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct FulfillmentAvailability {
    pub fulfillment_channel_code: Option<String>,
    pub quantity: Option<i64>,
}

/// <https://developer-docs.amazon.com/sp-api/reference/patchlistingsitem>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListingsItemPatchRequest {
    pub product_type: String,
    pub patches: [PatchOperation; 1],
}

#[derive(Serialize)]
pub struct PatchOperation {
    pub op: &'static str,
    pub path: &'static str,
    pub value: [QuantityOfChannel; 1],
}

#[derive(Serialize)]
pub struct QuantityOfChannel {
    pub fulfillment_channel_code: &'static str,
    pub quantity: u32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListingsItemSubmissionResponse {
    pub status: Option<String>,
    #[serde(deserialize_with = "list")]
    pub issues: Vec<Issue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Issue {
    pub code: Option<String>,
    pub severity: Option<String>,
}
