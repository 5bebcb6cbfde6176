//! Quiet times: of one trouble the owner is told once, and then not again until the time is over.

use std::time::Duration;

use jiff::Timestamp;

use super::Settings;
use crate::client::Written;
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Key, Reader, expiry, time};

/// Whether something may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// Nobody told it; the quiet time begins now.
    Begins,
    /// It was told; not again before this.
    Until(Timestamp),
}

const ENDS: &str = "u";
const EXPIRY: &str = "ttl";

fn key_of(name: &str) -> Key {
    Key::new(format!("QUIET#{name}"), "QUIET")
}

impl Settings {
    /// Begins a quiet time, unless one lasts. Of several at once, one begins it.
    pub async fn begin_quiet(&self, name: &str, now: Timestamp, lasts: Duration) -> Result<Quiet, StorageError> {
        const OPERATION: &str = "settings.begin_quiet";
        let ends = now
            .checked_add(lasts)
            .map_err(|error| StorageError::new(ErrorKind::Unexpected, OPERATION, "out of range").because(error))?;
        let mut item = key_of(name).to_item();
        item.insert(ENDS.to_owned(), time(ends));
        item.insert(EXPIRY.to_owned(), expiry(ends));
        let is_over = Expression::new().only_if("attribute_not_exists(#pk) OR #u <= :now").with(":now", time(now));
        match self.table.put(OPERATION, item, is_over).await? {
            Written::Yes(_) => Ok(Quiet::Begins),
            Written::No(found) => {
                let lasting = found.as_ref().map(|item| Reader::new(OPERATION, item).time(ENDS)).transpose()?.flatten();
                match lasting {
                    // To the nanosecond what we wrote: our own, its answer lost.
                    Some(until) if until == ends => Ok(Quiet::Begins),
                    Some(until) => Ok(Quiet::Until(until)),
                    None => Err(StorageError::corrupt(OPERATION, format!("{name}: no end"))),
                }
            }
        }
    }

    /// Ends a quiet time before its time: what was to be told could not be told.
    pub async fn end_quiet(&self, name: &str) -> Result<(), StorageError> {
        self.table.delete("settings.end_quiet", &key_of(name), Expression::new()).await.map(|_| ())
    }
}
