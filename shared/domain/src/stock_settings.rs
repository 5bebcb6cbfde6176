//! R7: how much of the main store's stock one channel is told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settings::SettingError;

/// The most that a buffer may keep back.
pub const MAX_BUFFER: u32 = 10_000;
/// The most that a listing may be limited to.
pub const MAX_SHOWN: u32 = 100_000;

/// How much of the stock the channel's listings show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StockSettings {
    /// Units of each listing that are kept back from this channel.
    pub buffer: u32,
    /// No listing shows more than this; `None`: all there is.
    pub maximum: Option<u32>,
}

impl StockSettings {
    /// Every value out of its range.
    pub fn faults(&self) -> Vec<SettingError> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, message: String| faults.push(SettingError { field: field.to_owned(), message });
        if self.buffer > MAX_BUFFER {
            fault("stock.buffer", format!("A buffer is between 0 and {MAX_BUFFER} units"));
        }
        if self.maximum.is_some_and(|maximum| maximum == 0 || maximum > MAX_SHOWN) {
            let message = format!("A maximum is between 1 and {MAX_SHOWN} units; leave it out (null) for no limit");
            fault("stock.maximum", message);
        }
        faults
    }
}
