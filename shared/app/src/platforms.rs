//! Every platform: what it can do in each role, and those that cannot be synced at all, with the reason (A11, A12).

use std::collections::BTreeMap;

use connect::{ChannelCapabilities, StoreCapabilities};
use domain::Platform;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// One platform as a person chooses from.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PlatformView {
    pub platform: &'static str,
    pub syncable: bool,
    /// Why its orders cannot be synced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'static ChannelCapabilities>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub main_store: Option<&'static StoreCapabilities>,
}

/// Channels that show listings and tell of no order.
const NOT_SYNCABLE: &[(&str, &str)] = &[
    (
        "facebook-shops",
        "Facebook and Instagram shops send buyers to the shop's own checkout and have no orders to read; they arrive as the shop's own.",
    ),
    (
        "google-shopping",
        "Google Shopping sends buyers to the shop's own checkout and has no orders to read; they arrive as the shop's own.",
    ),
];

impl App {
    /// By name, those that cannot be synced last.
    pub fn platforms(&self) -> Vec<PlatformView> {
        let mut known = self.connectors.platforms();
        known.sort_unstable();
        let views = known.into_iter().filter_map(|platform| {
            let offer = self.connectors.offer(&Platform::new(platform).ok()?, &BTreeMap::new())?;
            Some(PlatformView {
                platform,
                syncable: true,
                reason: None,
                channel: offer.channel,
                main_store: offer.store,
            })
        });
        let others = NOT_SYNCABLE.iter().map(|&(platform, reason)| PlatformView {
            platform,
            syncable: false,
            reason: Some(reason),
            channel: None,
            main_store: None,
        });
        views.chain(others).collect()
    }
}
