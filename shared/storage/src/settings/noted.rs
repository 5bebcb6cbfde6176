//! Credentials that may come to belong to nobody: noted before they are kept or let go, so that a later look finds them.

use domain::ConnectionId;
use jiff::Timestamp;

use super::Settings;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Key, Reader, s, time};

/// That credentials were about to be kept, or to be forgotten, under this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedCredentials {
    pub connection: ConnectionId,
    pub at: Timestamp,
}

const NOTED: &str = "CREDENTIALS";
const AT: &str = "b";

fn key_of(id: &ConnectionId) -> Key {
    Key::new(NOTED, id.as_str())
}

impl Settings {
    pub async fn note_credentials(&self, id: &ConnectionId, now: Timestamp) -> Result<(), StorageError> {
        let mut item = key_of(id).to_item();
        item.insert(AT.to_owned(), time(now));
        self.table.put("settings.note_credentials", item, Expression::new()).await.map(|_| ())
    }

    /// Those noted at this time or before.
    pub async fn noted_credentials(&self, until: Timestamp) -> Result<Vec<NotedCredentials>, StorageError> {
        const OPERATION: &str = "settings.noted_credentials";
        let expression = Expression::new().only_if("#pk = :pk").with(":pk", s(NOTED));
        let mut noted = Vec::new();
        for item in self.table.query_all(OPERATION, expression, true).await? {
            let read = Reader::new(OPERATION, &item);
            let at = read.time(AT)?.ok_or_else(|| read.corrupt(AT, "is missing"))?;
            if at <= until {
                noted.push(NotedCredentials { connection: read.parsed("sk")?, at });
            }
        }
        Ok(noted)
    }

    /// Drops the note, unless it was made anew since it was read.
    pub async fn drop_noted(&self, noted: &NotedCredentials) -> Result<(), StorageError> {
        let same = Expression::new().only_if("#b = :read").with(":read", time(noted.at));
        self.table.delete("settings.drop_noted", &key_of(&noted.connection), same).await.map(|_| ())
    }
}
