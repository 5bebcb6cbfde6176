//! Feedback: <https://developer.ebay.com/api-docs/commerce/feedback/resources/methods>.

use serde::{Deserialize, Serialize};

use connect::wire::list;

/// <https://developer.ebay.com/api-docs/commerce/feedback/types/fdb:AwaitingFeedbackResponse>
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct AwaitingFeedbackResponse {
    #[serde(deserialize_with = "list")]
    pub line_items: Vec<AwaitingFeedback>,
    pub pagination: FeedbackPages,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FeedbackPages {
    pub next: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct AwaitingFeedback {
    pub listing_id: Option<String>,
    pub order_line_item_id: Option<String>,
    pub transaction_id: Option<String>,
}

/// <https://developer.ebay.com/api-docs/commerce/feedback/types/fdb:LeaveFeedbackRequest>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaveFeedback<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_line_item_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<String>,
    pub comment_text: &'a str,
    pub comment_type: &'static str,
}
