//! One channel's settings: read with what is offered, replaced as a whole, by who has seen the newest version.

use connect::ChannelCapabilities;
use domain::settings::{ASSUMED_NUMBER, Offer, covered_from, offers};
use domain::{ChannelSettings, ConnectionId};
use storage::{Role, Saved};

use crate::App;
use crate::connections::ConnectionsError;
use crate::error::AppError;

/// So many of the newest orders say how long a channel's numbers are.
const NUMBERS: u16 = 200;

/// A channel's settings, with whether each that depends on the platforms is offered.
#[derive(Debug, Clone)]
pub struct SettingsView {
    pub settings: ChannelSettings,
    pub version: u64,
    pub offers: Vec<Offer>,
}

impl App {
    pub async fn settings(&self, id: &ConnectionId) -> Result<SettingsView, ConnectionsError> {
        let channel = self.channel_side(id).await?;
        let store = self.known_store().await?;
        let (settings, version) = self.storage.settings.channel_settings(id).await.map_err(AppError::from)?;
        Ok(SettingsView { settings, version, offers: offers(channel, store.map(|store| store.can)) })
    }

    /// Replaces a channel's settings as a whole.
    pub async fn put_settings(
        &self,
        id: &ConnectionId,
        mut settings: ChannelSettings,
        expected_version: u64,
    ) -> Result<u64, ConnectionsError> {
        let faults = self.setting_faults(id, &settings).await?;
        if !faults.is_empty() {
            return Err(ConnectionsError::Invalid(faults));
        }
        let (before, _) = self.storage.settings.channel_settings(id).await.map_err(AppError::from)?;
        // Turning the switch on acts from then on.
        settings.inventory_sync_since = match (before.inventory_sync, settings.inventory_sync) {
            (false, true) => Some(covered_from(self.clock.now())),
            _ => before.inventory_sync_since,
        };
        let saved = self.storage.settings.put_channel_settings(id, &settings, expected_version).await;
        match saved.map_err(AppError::from)? {
            Saved::Yes(version) => {
                let turned_on = settings.inventory_sync && !before.inventory_sync;
                if turned_on || settings.stock != before.stock {
                    self.ring_linked(id, false).await?;
                }
                Ok(version)
            }
            Saved::Stale(settings, version) => Err(ConnectionsError::Stale { settings, version }),
            Saved::Gone => Err(ConnectionsError::NotFound),
        }
    }

    /// Every fault of a document, without storing it.
    pub async fn setting_faults(
        &self,
        id: &ConnectionId,
        settings: &ChannelSettings,
    ) -> Result<Vec<domain::settings::SettingError>, ConnectionsError> {
        let channel = self.channel_side(id).await?;
        let store = self.known_store().await?;
        let can = store.as_ref().map(|store| store.can);
        let mut faults = settings.validate(channel, can, store.and_then(|store| store.currency));
        if faults.is_empty() && !settings.order_number_prefix.is_empty() {
            faults.extend(settings.number_fault(can, self.longest_number(id).await?));
        }
        Ok(faults)
    }

    /// The longest order number of the channel among the newest orders; before one was seen, what its numbers may be.
    async fn longest_number(&self, id: &ConnectionId) -> Result<usize, AppError> {
        let newest = self.storage.orders.newest(None, NUMBERS).await?;
        let of_channel = newest.iter().filter(|order| order.connection == *id);
        Ok(of_channel.map(|order| order.source.number.chars().count()).max().unwrap_or(ASSUMED_NUMBER))
    }

    async fn channel_side(&self, id: &ConnectionId) -> Result<&'static ChannelCapabilities, ConnectionsError> {
        let connection = self.known(id).await?;
        let channel =
            self.offer(&connection.platform, &connection.probed)?.channel.filter(|_| connection.role == Role::Channel);
        channel.ok_or(ConnectionsError::RoleNotOffered)
    }
}
