//! B7: the feedback that a merchant leaves for buyers, as a rule per channel.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settings::SettingError;

/// The longest text: <https://developer.ebay.com/api-docs/commerce/feedback/types/fdb:LeaveFeedbackRequest>.
pub const MAX_TEXT: usize = 500;

/// Whether buyers get a feedback, when, and in which words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FeedbackSettings {
    pub after: FeedbackAfter,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackAfter {
    #[default]
    Never,
    /// Once the order is completed.
    Completed,
}

impl FeedbackSettings {
    /// What to leave, if anything.
    pub fn text(&self) -> Option<&str> {
        (self.after == FeedbackAfter::Completed).then_some(self.text.as_str())
    }

    pub fn faults(&self) -> Vec<SettingError> {
        let length = self.text.trim().chars().count();
        let plain = !self.text.chars().any(|c| c.is_control() || c == '<' || c == '>');
        let empty_is_fine = self.after == FeedbackAfter::Never;
        if plain && length <= MAX_TEXT && (length > 0 || empty_is_fine) {
            return Vec::new();
        }
        let message = format!("A feedback has 1 to {MAX_TEXT} characters on one line, without HTML");
        vec![SettingError { field: "feedback.text".to_owned(), message }]
    }
}
