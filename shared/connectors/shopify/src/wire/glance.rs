//! An order of the main store as its list shows it, before it is read.

use jiff::Timestamp;
use serde::Deserialize;

use super::{Connection, Id};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Glance {
    pub id: String,
    pub name: String,
    pub updated_at: Timestamp,
    pub source_identifier: Option<String>,
    pub cancelled_at: Option<Timestamp>,
    pub display_financial_status: Option<String>,
    pub display_fulfillment_status: String,
    /// The first one alone: whether there is any.
    pub fulfillments: Vec<Id>,
    pub line_items: Connection<GlancedLine>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct GlancedLine {
    /// `None`: a custom item, or the variant is gone.
    pub variant: Option<Id>,
}

impl Glance {
    /// Whether there is nothing else to see: it is neither over nor fulfilled, and nothing of it was sent.
    pub fn is_at_rest(&self) -> bool {
        self.cancelled_at.is_none()
            && self.display_financial_status.as_deref() != Some("REFUNDED")
            && self.display_fulfillment_status != "FULFILLED"
            && self.fulfillments.is_empty()
    }
}
