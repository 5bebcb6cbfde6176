//! Orders, links and settings on DynamoDB: the only place that knows keys, indexes and item shapes.

mod client;
mod codec;
mod error;
mod expression;
mod item;
mod links;
mod meter;
mod orders;
mod page;
mod pages;
mod settings;
mod usage;

pub use error::{ErrorKind, StorageError};
pub use links::{Hold, Links};
pub use meter::{Meter, Operation};
pub use orders::{Change, Inserted, Kept, Orders, Replaced, UnreadableKey, UnreadableOrder, Updated, Wish};
pub use page::{Page, PageRequest, PageToken};
pub use pages::{
    DayEntry, DayFigures, DayRows, FoldLease, FoldState, LOG_KEPT, LogEntry, LogRead, Month, Pages, Rebuild, TabCounts,
    WordsAre, page_day,
};
pub use settings::{
    Attempt, Bucket, BucketLevel, BucketTold, Connection, ConnectionState, Created, Cursor, Health, Idempotency,
    NotedCredentials, OpenWindow, ProductStock, Quiet, Role, Saved, Seen, Settings, StockLease, Taken, TokenState,
    Told, Webhooks,
};
pub use usage::{Counting, Usage};

use client::Client;

/// The three tables of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames {
    pub orders: String,
    pub links: String,
    pub settings: String,
}

/// Everything Tributary remembers. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Storage {
    pub orders: Orders,
    pub links: Links,
    pub settings: Settings,
    pub pages: Pages,
}

impl Storage {
    pub fn new(client: aws_sdk_dynamodb::Client, tables: TableNames) -> Self {
        Self::over(&Client::new(client), tables)
    }

    /// As [`Storage::new`], and asks with each request what it consumed.
    pub fn metered(client: aws_sdk_dynamodb::Client, tables: TableNames, meter: Meter) -> Self {
        Self::over(&Client::new(client).metered(meter), tables)
    }

    /// As [`Storage::new`], and counts what all its calls consume. Whoever has the [`Usage`] adds to it, and notes it.
    pub fn counting(client: aws_sdk_dynamodb::Client, tables: TableNames, counting: Counting) -> (Self, Usage) {
        let usage = Usage::new(client.clone(), tables.settings.clone(), counting);
        (Self::over(&Client::new(client).counting(usage.clone()), tables), usage)
    }

    fn over(client: &Client, tables: TableNames) -> Self {
        Self {
            pages: Pages::new(client.table(tables.orders.clone())),
            orders: Orders::new(client.table(tables.orders)),
            links: Links::new(client.table(tables.links)),
            settings: Settings::new(client.table(tables.settings)),
        }
    }
}
