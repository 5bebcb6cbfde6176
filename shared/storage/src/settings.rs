//! The settings table: connections, channel settings, cursors, health, budgets, tokens' leases, counters, things done once.

mod backfill;
mod budget;
mod channel;
mod connections;
mod cursor;
mod health;
mod merges;
mod noted;
mod once;
mod quiet;
mod reconciles;
mod requests;
mod stock;
mod tokens;

use domain::ConnectionId;

use crate::client::Table;
use crate::error::StorageError;
use crate::item::Key;

pub use budget::{Bucket, BucketLevel, BucketTold, Taken};
pub use connections::{Connection, ConnectionState, Created, Role, Webhooks};
pub use cursor::{Cursor, OpenWindow, Seen};
pub use health::Health;
pub use noted::NotedCredentials;
pub use quiet::Quiet;
pub use requests::{Attempt, Idempotency};
pub use stock::{ProductStock, StockLease, Told};
pub use tokens::TokenState;

/// Whether an optimistic write was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved<T> {
    /// Stored; the new version.
    Yes(u64),
    /// Somebody else wrote first; this is what is stored, with its version.
    Stale(Box<T>, u64),
    /// There is none (any more).
    Gone,
}

/// The settings table. No clock inside: `now` is the caller's.
///
/// | key | item |
/// | --- | --- |
/// | `CONNECTIONS` / connection | a connection |
/// | `A#` platform `#` account / `A` | the account is connected, by this connection |
/// | `STORE` / `STORE` | the connection that is the main store |
/// | `CREDENTIALS` / connection | credentials were about to be kept or forgotten under this name |
/// | `C#` connection / `LINE#` line | the unpaid order that a line belongs to, with expiry; on channels that merge orders |
/// | `C#` connection / `SETTINGS`, `CURSOR`, `HEALTH`, `TOKEN`, `BUDGET`, `STOCK` | one each |
/// | `STOCK` / `LEASE` | who tells the channels quantities now, and of which products |
/// | `STOCK#` product / `STOCK` | its last known level, and what its listings were told |
/// | `C#` connection / `BACKFILL#` id | a backfill |
/// | `COUNTER` / `NUMBERS` | the last order number given out |
/// | `ONCE#` key / `DEBOUNCE`, `IDEM#` key / `IDEM`, `STATE#` key / `STATE` | things done once, with expiry |
/// | `RECONCILE` / run, `RECONCILE#` run / step | a nightly comparison and what its parts found, with expiry |
/// | `USAGE` / day of UTC | what all processes consumed, as far as it is noted, with expiry |
/// | `QUIET#` trouble / `QUIET` | the owner was told of it; not again before its end |
#[derive(Debug, Clone)]
pub struct Settings {
    table: Table,
}

/// Who has a lease, and until when; the same two attributes wherever there is one.
const HOLDER: &str = "h";
const LEASED_UNTIL: &str = "u";

/// A lease can be taken when nobody has it, when it has ended, or again by its own holder.
const IS_FREE: &str = "attribute_not_exists(#u) OR #u <= :now OR #h = :h";

/// A lease is still the holder's, even if it has ended since.
const IS_HELD: &str = "#h = :holder";

impl Settings {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    pub(crate) const fn table(&self) -> &Table {
        &self.table
    }

    /// Reads a key that nothing has, so that the connection to `DynamoDB` is there when somebody waits for it. One read unit.
    pub async fn reach(&self) -> Result<(), StorageError> {
        self.table.get("settings.reach", &Key::new("NOTHING", "NOTHING")).await.map(drop)
    }
}

fn key_of(connection: &ConnectionId, part: &str) -> Key {
    Key::new(format!("C#{connection}"), part)
}
