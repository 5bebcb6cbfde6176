//! A23, A24: of which troubles of one channel's orders the owner is told by mail.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which mails a channel's orders may cause. What concerns the connections themselves is always told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertSettings {
    /// An order waits because an item has no link.
    pub unlinked_order: bool,
    /// An order could not be imported, could not be read, or stands in the store with other figures.
    pub failed_import: bool,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { unlinked_order: true, failed_import: true }
    }
}
