//! A channel's settings: one document with a version.

use domain::{ChannelSettings, ConnectionId};

use super::{Saved, Settings, key_of};
use crate::client::Written;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Item, Reader, document, n};

const DOCUMENT: &str = "d";
const VERSION: &str = "v";

fn read_settings(operation: &'static str, item: &Item) -> Result<(ChannelSettings, u64), StorageError> {
    let read = Reader::new(operation, item);
    Ok((read.document(DOCUMENT)?, read.number(VERSION)?))
}

pub(super) fn settings_item(
    operation: &'static str,
    id: &ConnectionId,
    settings: &ChannelSettings,
    version: u64,
) -> Result<Item, StorageError> {
    let mut item = key_of(id, "SETTINGS").to_item();
    item.insert(DOCUMENT.to_owned(), document(operation, settings)?);
    item.insert(VERSION.to_owned(), n(version));
    Ok(item)
}

impl Settings {
    /// The settings of a channel with their version; the defaults with version 0 if none were stored.
    pub async fn channel_settings(&self, id: &ConnectionId) -> Result<(ChannelSettings, u64), StorageError> {
        const OPERATION: &str = "settings.channel_settings";
        match self.table.get(OPERATION, &key_of(id, "SETTINGS")).await? {
            Some(item) => read_settings(OPERATION, &item),
            None => Ok((ChannelSettings::default(), 0)),
        }
    }

    /// Stores them if the stored version is still `expected_version`.
    pub async fn put_channel_settings(
        &self,
        id: &ConnectionId,
        settings: &ChannelSettings,
        expected_version: u64,
    ) -> Result<Saved<ChannelSettings>, StorageError> {
        const OPERATION: &str = "settings.put_channel_settings";
        let next = expected_version + 1;
        let item = settings_item(OPERATION, id, settings, next)?;
        let condition = if expected_version == 0 {
            Expression::absent()
        } else {
            Expression::new().only_if("#v = :read").with(":read", n(expected_version))
        };
        match self.table.put(OPERATION, item, condition).await? {
            Written::Yes(_) => Ok(Saved::Yes(next)),
            Written::No(None) => Ok(Saved::Gone),
            Written::No(Some(item)) => {
                let (stored, version) = read_settings(OPERATION, &item)?;
                if version == next && stored == *settings {
                    // Our own write, its answer lost; or the same one by another, which is as good.
                    return Ok(Saved::Yes(next));
                }
                Ok(Saved::Stale(Box::new(stored), version))
            }
        }
    }
}
