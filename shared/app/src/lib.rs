//! The use cases: intake, import, fulfil, link, report. They know the rules' order, not the platforms and not AWS.

mod after;
mod attention;
mod backfill;
mod carriers;
mod connections;
mod consent;
mod context;
mod costs;
mod create;
mod credentials;
mod doubt;
mod dry_run;
mod error;
mod events;
mod exposure;
mod feedback;
mod first_listing;
mod fold;
mod fulfil;
mod gone;
mod health;
mod import;
mod intake;
mod linking;
mod listing;
mod lookup;
mod mail;
mod mend;
mod merge;
mod notify;
mod numbers;
mod one_order;
mod orders;
mod oversold;
mod people;
mod platforms;
mod poll;
mod ports;
mod privacy;
mod range;
mod recheck;
mod reconcile;
mod reconcile_parts;
mod reconcile_stock;
mod refund;
mod report;
mod retention;
mod review;
mod schedule;
mod settings;
mod snapshot;
mod stock;
mod stock_start;
mod sync_stock;
mod tell_channel;
mod trouble;
mod undo;
mod unlinked;
mod webhook;

use std::sync::Arc;

use storage::Storage;

use gone::Seen;
use lookup::Lookups;
use numbers::Numbers;

pub use attention::AttentionSummary;
pub use backfill::{BackfillError, MAX_BACKFILL_DAYS};
pub use connections::{ConnectionInput, ConnectionsError};
pub use consent::{Asking, ConsentInput, ConsentPage, VERIFIER};
pub use costs::{Costs, MAX_COST_DAYS};
pub use dry_run::{DryRun, ForeseenMove, MAX_PAST_DAYS, PastOrder, PastRange, PastRun, Would};
pub use error::{AppError, Outcome};
pub use events::{DomainEvent, EVENT_VERSION, EventDetail, Events, Side, Trouble};
pub use exposure::{ExposedOrder, Exposure};
pub use fold::{Folded, LONG_LOG};
pub use health::ConnectionHealth;
pub use linking::{BulkLinkReport, LinkError, MatchBy};
pub use listing::{ListQuery, OrderList, TabTotals};
pub use mail::{Letterhead, Mail, Mailer};
pub use orders::{OrderView, ShipByHandError};
pub use people::{MAX_ORDERS, SendAnswer};
pub use platforms::PlatformView;
pub use ports::{
    Clock, Connectors, FulfilJob, ImportJob, Job, Offer, PollJob, PortError, PrivacyJob, Queue, ReconcileJob, StockJob,
};
pub use range::{Range, RangeError};
pub use reconcile::ReconcileReport;
pub use report::{ProductsReport, ReportError, ReportQuery, SalesReport};
pub use schedule::Tick;
pub use settings::SettingsView;
pub use stock_start::{ListingStock, StockError, StockPreview};
pub use undo::{ReimportAnswer, UndoAnswer, UndoEntry};
pub use unlinked::{Unlinked, UnlinkedCause};
pub use webhook::WebhookOutcome;

/// Everything that the use cases stand on.
#[derive(Clone)]
pub struct App {
    pub storage: Storage,
    pub queue: Arc<dyn Queue>,
    pub events: Arc<dyn Events>,
    pub clock: Arc<dyn Clock>,
    pub connectors: Arc<dyn Connectors>,
    numbers: Arc<Numbers>,
    lookups: Arc<Lookups>,
    seen: Arc<Seen>,
}

impl App {
    pub fn new(
        storage: Storage,
        queue: Arc<dyn Queue>,
        events: Arc<dyn Events>,
        clock: Arc<dyn Clock>,
        connectors: Arc<dyn Connectors>,
    ) -> Self {
        Self {
            storage,
            queue,
            events,
            clock,
            connectors,
            numbers: Arc::default(),
            lookups: Arc::default(),
            seen: Arc::default(),
        }
    }

    /// The next human order number.
    pub(crate) async fn next_number(&self) -> Result<u64, AppError> {
        self.numbers.next(&self.storage).await
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
