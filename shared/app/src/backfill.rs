//! E9, R20: past orders by date range, read by pages through a job that goes on where it stopped.

use std::collections::BTreeSet;
use std::time::Duration;

use connect::{Incoming, PageToken, Window};
use domain::backfill::{Backfill, BackfillState, Counts};
use domain::by_hand::{Asked, Backfilled, ByHand};
use domain::foresee::foresee;
use domain::ids::BackfillId;
use domain::plan::Step;
use domain::{Cancel, ChannelOrder, ChannelSettings, ConnectionId, Fulfilment, Order, OrderId, Payment};
use jiff::SignedDuration;
use storage::{Connection, ConnectionState, PageRequest, PageToken as Place, Role};

use crate::App;
use crate::context::{Context, KnownStore};
use crate::error::{AppError, Outcome};
use crate::import::LONGEST_DELAY;
use crate::intake::{Source, new_order};
use crate::ports::Job;
use crate::range::{Range, RangeError};
use crate::undo::UndoEntry;

/// The longest backfill, and how far back it may begin: eBay lists orders up to two years old.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/resources/order/methods/getOrders>
pub const MAX_BACKFILL_DAYS: i32 = 730;
/// Pages that one job reads; it rings for the next.
const PAGES_AT_ONCE: usize = 10;
/// The range is read in windows of this length, each to its end.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// One that got no further for so long is given up when another is asked for.
const STUCK: SignedDuration = SignedDuration::from_mins(30);
/// Orders that one undo of a backfill looks at.
const PAGE: u16 = 200;

/// Why a backfill was not begun.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    #[error("There is no such channel.")]
    NoChannel,
    #[error("Inventory sync is off for this channel (setting inventory_sync); switch it on first.")]
    SyncIsOff,
    #[error("No main store is connected.")]
    NoMainStore,
    #[error("Another backfill of this channel is running; wait for its end.")]
    Running,
    #[error("There is no such backfill.")]
    NotFound,
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<storage::StorageError> for BackfillError {
    fn from(error: storage::StorageError) -> Self {
        Self::App(error.into())
    }
}

impl App {
    /// Begins a backfill, or a dry run of one, and rings for it. The same one asked for twice is one.
    pub async fn start_backfill(
        &self,
        id: &ConnectionId,
        range: Range,
        dry_run: bool,
        by: &str,
    ) -> Result<Backfill, BackfillError> {
        let now = self.clock.now();
        let known = self.storage.settings.connection(id).await?;
        let channel = known.filter(|c| c.role == Role::Channel && c.state != ConnectionState::Disconnected);
        channel.ok_or(BackfillError::NoChannel)?;
        let (settings, _) = self.storage.settings.channel_settings(id).await?;
        if !settings.inventory_sync {
            return Err(BackfillError::SyncIsOff);
        }
        if self.known_store().await?.is_none() {
            return Err(BackfillError::NoMainStore);
        }
        let oldest = now.saturating_sub(SignedDuration::from_hours(24 * i64::from(MAX_BACKFILL_DAYS + 1)));
        let field = |field, message: String| BackfillError::Range(RangeError { field, message });
        if oldest.is_ok_and(|oldest| range.from < oldest) {
            return Err(field("from", format!("A backfill begins at most {MAX_BACKFILL_DAYS} days ago.")));
        }
        if range.from >= now {
            return Err(field("from", "A backfill is of the past: `from` is later than now.".to_owned()));
        }
        if let Some((last, version)) = self.storage.settings.latest_backfill(id).await?
            && last.state == BackfillState::Running
        {
            if (last.from, last.to, last.dry_run) == (range.from, range.to, dry_run) {
                self.ring_backfill(&last).await?;
                return Ok(last);
            }
            if now.duration_since(last.moved_at) < STUCK {
                return Err(BackfillError::Running);
            }
            let stopped = BackfillState::Stopped { why: "It got no further, and another was asked for.".to_owned() };
            self.storage.settings.put_backfill(&Backfill { state: stopped, ..last }, version).await?;
        }
        let nonce = BackfillId::new(self.clock.nonce()).map_err(|_| BackfillError::NotFound)?;
        let backfill = Backfill {
            id: nonce,
            connection: id.clone(),
            from: range.from,
            to: range.to,
            dry_run,
            asked: Asked { by: by.to_owned(), at: now },
            state: BackfillState::Running,
            moved_at: now,
            position: range.from,
            page: None,
            seen: BTreeSet::new(),
            counts: Counts::default(),
            moves: std::collections::BTreeMap::new(),
            results: Vec::new(),
        };
        self.storage.settings.put_backfill(&backfill, 0).await?;
        self.ring_backfill(&backfill).await?;
        Ok(backfill)
    }

    async fn ring_backfill(&self, backfill: &Backfill) -> Result<(), AppError> {
        let job = Job::backfill(backfill.connection.clone(), backfill.id.clone());
        Ok(self.queue.send(&[job], Duration::ZERO).await?)
    }

    /// Reads on. Delivered twice, late or out of order it takes no order in twice: whoever stores a page first counts it.
    pub async fn backfill(&self, connection: &ConnectionId, id: &BackfillId) -> Result<Outcome, AppError> {
        let Some(connection) = self.storage.settings.connection(connection).await? else { return Ok(Outcome::Done) };
        match connection.state {
            ConnectionState::Active => {}
            ConnectionState::NeedsAttention { .. } => return Ok(Outcome::Again(LONGEST_DELAY)),
            ConnectionState::Disconnected => return Ok(Outcome::Done),
        }
        if let Some(paused) = self.paused(&connection.id).await? {
            return Ok(Outcome::Again(paused.wait));
        }
        for _ in 0..PAGES_AT_ONCE {
            let Some((backfill, version)) = self.storage.settings.backfill(&connection.id, id).await? else {
                return Ok(Outcome::Done);
            };
            if backfill.state != BackfillState::Running {
                return Ok(Outcome::Done);
            }
            let read = match self.read_page(&connection, backfill).await {
                Ok(read) => read,
                Err(AppError::Connect(error)) => {
                    return Ok(match self.trouble(&connection, error).await? {
                        Outcome::Again(wait) => Outcome::Again(wait),
                        Outcome::Done => Outcome::Again(LONGEST_DELAY),
                    });
                }
                Err(error) => return Err(error),
            };
            if !self.storage.settings.put_backfill(&read, version).await? {
                // Another worker reads the same one: one of the two is enough.
                return Ok(Outcome::Done);
            }
        }
        Ok(Outcome::Again(Duration::from_secs(1)))
    }

    /// One page, taken in or looked at, and where reading stands after it.
    async fn read_page(&self, connection: &Connection, mut backfill: Backfill) -> Result<Backfill, AppError> {
        let (settings, _) = self.storage.settings.channel_settings(&connection.id).await?;
        let store = self.known_store().await?;
        let (Some(store), true) = (store, settings.inventory_sync) else {
            let why = "Inventory sync was switched off, or the main store disconnected.".to_owned();
            return Ok(Backfill { state: BackfillState::Stopped { why }, ..backfill });
        };
        let channel = self.connectors.channel(connection).await?;
        let lag = SignedDuration::from_secs(channel.capabilities().list_lag_seconds.into());
        let now = self.clock.now();
        let end = backfill.to.min(now.saturating_sub(lag).unwrap_or(now));
        let to = backfill.position.saturating_add(WINDOW).map_or(end, |to| to.min(end));
        if backfill.position >= end {
            return Ok(Backfill { state: BackfillState::Done, seen: BTreeSet::new(), moved_at: now, ..backfill });
        }
        let window = Window { from: backfill.position, to };
        let page = backfill.page.take().map(PageToken);
        let answer = channel.orders_placed(&window, page.as_ref()).await?;
        let unreadable = std::collections::HashSet::new();
        let capabilities = channel.capabilities();
        let source = Source {
            connection,
            settings: &settings,
            capabilities,
            channel: channel.as_ref(),
            unreadable: &unreadable,
        };
        for incoming in answer.items {
            match incoming {
                Incoming::Order(order) if order.created_at >= backfill.from && order.created_at < backfill.to => {
                    let id = self.order_id(&source, &order).await?;
                    if backfill.seen.insert(id) {
                        self.backfill_order(&source, store, &mut backfill, id, order).await?;
                    }
                }
                Incoming::Order(_) => {}
                unreadable @ Incoming::Unreadable(_) => {
                    backfill.counts.unreadable += 1;
                    if !backfill.dry_run {
                        self.take_in(&source, unreadable).await?;
                    }
                }
            }
        }
        backfill.moved_at = now;
        if let Some(next) = answer.next {
            backfill.page = Some(next.0);
        } else {
            backfill.position = to;
            backfill.seen = BTreeSet::new();
            if to >= end {
                backfill.state = BackfillState::Done;
            }
        }
        Ok(backfill)
    }

    async fn backfill_order(
        &self,
        from: &Source<'_>,
        store: KnownStore,
        backfill: &mut Backfill,
        id: OrderId,
        incoming: ChannelOrder,
    ) -> Result<(), AppError> {
        let name = incoming.number.clone();
        if let Some(known) = self.storage.orders.get(id).await? {
            // Taken in by this very backfill before somebody died: counted only now.
            let is_own = known.by_hand.backfill.as_ref().is_some_and(|own| own.id == backfill.id);
            if is_own {
                backfill.counts.imports += 1;
            } else {
                backfill.counts.already_here += 1;
            }
            if !backfill.dry_run {
                let jobs = self.renew(&known, incoming).await?;
                if !jobs.is_empty() {
                    self.queue.send(&jobs, Duration::ZERO).await?;
                }
            }
            return Ok(());
        }
        if let Some(reason) = skips(from.settings, &incoming) {
            backfill.skip(&name, reason);
            return Ok(());
        }
        let shipped = incoming.fulfilment >= Fulfilment::Shipped;
        let by_hand = ByHand { backfill: Some(Backfilled { id: backfill.id.clone(), shipped }), ..ByHand::default() };
        if backfill.dry_run {
            return self.foresee_backfilled(from, store, backfill, new_order(from, id, 0, incoming, by_hand)).await;
        }
        let jobs = self.insert(from, id, incoming, by_hand).await?;
        backfill.counts.imports += 1;
        if !jobs.is_empty() {
            self.queue.send(&jobs, Duration::ZERO).await?;
        }
        Ok(())
    }

    async fn foresee_backfilled(
        &self,
        from: &Source<'_>,
        store: KnownStore,
        backfill: &mut Backfill,
        order: Order,
    ) -> Result<(), AppError> {
        let links = self.links_of(&order).await?;
        let context = Context {
            connection: from.connection.clone(),
            settings: from.settings.clone(),
            links,
            gone: crate::gone::Gone::default(),
        };
        let foreseen = foresee(&context.facts_for(&order, store));
        for (product, units) in foreseen.moves {
            *backfill.moves.entry(product).or_default() += units;
        }
        match foreseen.end {
            Step::Import { .. } => backfill.counts.imports += 1,
            Step::Wait(reason) | Step::Leave(reason) => {
                backfill.counts.waits += 1;
                backfill.tell(&order.source.number, &reason.sentence());
            }
            _ => backfill.counts.waits += 1,
        }
        Ok(())
    }

    /// The backfill that was asked for last.
    pub async fn latest_backfill(&self, id: &ConnectionId) -> Result<Option<Backfill>, AppError> {
        Ok(self.storage.settings.latest_backfill(id).await?.map(|(backfill, _)| backfill))
    }

    /// Undoes (or previews undoing) the orders that a backfill took in, 200 of its range at a time; `next` goes on.
    pub async fn undo_backfill(
        &self,
        connection: &ConnectionId,
        id: &BackfillId,
        after: Option<OrderId>,
        (dry_run, by): (bool, &str),
    ) -> Result<(Vec<UndoEntry>, Option<OrderId>), BackfillError> {
        let found = self.storage.settings.backfill(connection, id).await?;
        let (backfill, _) = found.ok_or(BackfillError::NotFound)?;
        if backfill.state == BackfillState::Running {
            return Err(BackfillError::Running);
        }
        let page = match after {
            Some(after) => PageRequest::after(Place::from_text(after.to_string()), PAGE),
            None => PageRequest::first(PAGE),
        };
        let page = self.storage.orders.range(backfill.from, backfill.to, &page).await?;
        let next = page.next.is_some().then(|| page.items.last().map(|order| order.id)).flatten();
        let own = page.items.iter().filter(|order| order.by_hand.backfill.as_ref().is_some_and(|own| own.id == *id));
        let ids: Vec<OrderId> = own.map(|order| order.id).collect();
        let entries = if dry_run { self.preview_undo(&ids).await? } else { self.undo(&ids, by).await? };
        Ok((entries, next))
    }
}

/// R20: what a backfill leaves out.
fn skips(settings: &ChannelSettings, incoming: &ChannelOrder) -> Option<&'static str> {
    if incoming.cancel == Cancel::Canceled {
        return Some("canceled");
    }
    (settings.skip_unpaid && incoming.payment == Payment::Unpaid).then_some("not paid (setting skip_unpaid)")
}
