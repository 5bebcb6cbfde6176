//! Polling one connection: a window of its changes, read to the end before the cursor moves (DESIGN settled 3).

use std::collections::HashSet;
use std::time::Duration;

use connect::{ConnectError, Page, PageToken, StoreChange, Window};
use domain::ConnectionId;
use jiff::{SignedDuration, Timestamp};
use storage::{Connection, ConnectionState, Cursor, OpenWindow, PageRequest, Role, Seen};

use crate::App;
use crate::error::{AppError, Outcome};
use crate::first_listing;
use crate::intake::Source;
use crate::ports::Job;

/// A poller that has not come back after this long is given up.
const CURSOR_LEASE: Duration = Duration::from_mins(5);
/// The schedule rings this often: a platform that has calls left sooner is polled sooner.
const SCHEDULE: Duration = Duration::from_mins(1);
/// Each window begins this long before the last one ended.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);
/// A backlog is read in windows of at most this length, so that each advances the cursor.
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// The main store's list is taken to be complete up to this long ago.
const STORE_LAG: SignedDuration = SignedDuration::from_secs(2);
/// Pages of one window; a platform that never ends is given up and told.
const MAX_PAGES: usize = 2_000;

impl App {
    /// Reads what changed at one connection since the last time. A second poller at the same time does nothing.
    pub async fn poll(&self, id: &ConnectionId) -> Result<Outcome, AppError> {
        let Some(connection) = self.storage.settings.connection(id).await? else { return Ok(Outcome::Done) };
        if connection.state != ConnectionState::Active || self.paused(id).await?.is_some() {
            return Ok(Outcome::Done);
        }
        let now = self.clock.now();
        let holder = self.clock.nonce();
        let lease = now.saturating_add(CURSOR_LEASE).unwrap_or(Timestamp::MAX);
        let Some(cursor) = self.storage.settings.take_cursor(id, &holder, lease, now).await? else {
            return Ok(Outcome::Done);
        };
        let read = match connection.role {
            Role::Channel => self.poll_channel(&connection, &cursor).await,
            Role::MainStore => self.poll_store(&connection, &cursor).await.map(Some),
        };
        match read {
            Ok(None) => {
                self.storage.settings.release_cursor(id, &holder).await?;
                let why = first_listing::sells_nothing(&connection);
                self.storage.settings.record_waiting(id, self.clock.now(), &why).await?;
                Ok(Outcome::Done)
            }
            Ok(Some(Read { cursor, held_back: Some(error), .. })) => {
                self.storage.settings.advance_cursor(id, &holder, &cursor).await?;
                self.poll_after(&connection, error).await
            }
            Ok(Some(read)) => {
                self.storage.settings.advance_cursor(id, &holder, &read.cursor).await?;
                self.storage.settings.record_success(id, self.clock.now()).await?;
                Ok(if read.behind { Outcome::Again(Duration::from_secs(1)) } else { Outcome::Done })
            }
            Err(error) => {
                self.storage.settings.release_cursor(id, &holder).await?;
                let AppError::Connect(error) = error else { return Err(error) };
                self.poll_after(&connection, error).await
            }
        }
    }

    /// What follows from a failed call. The schedule polls again anyway: there is no job to send anew, unless it is for sooner.
    async fn poll_after(&self, connection: &Connection, error: ConnectError) -> Result<Outcome, AppError> {
        if let Outcome::Again(wait) = self.trouble(connection, error).await?
            && wait < SCHEDULE
        {
            self.poll_soon(&connection.id, wait).await?;
        }
        Ok(Outcome::Done)
    }

    /// Brings the next poll forward. Those that are asked for within the time are one.
    pub(crate) async fn poll_soon(&self, id: &ConnectionId, wait: Duration) -> Result<(), AppError> {
        if self.storage.settings.debounce(&format!("poll:{id}"), self.clock.now(), wait).await? {
            self.queue.send(&[Job::poll(id.clone())], wait).await?;
        }
        Ok(())
    }

    /// `None`: the channel sells nothing yet, and nothing was read.
    async fn poll_channel(&self, connection: &Connection, cursor: &Cursor) -> Result<Option<Read>, AppError> {
        let channel = self.connectors.channel(connection).await?;
        if cursor.position.is_none() && !self.sells(connection, channel.as_ref()).await? {
            return Ok(None);
        }
        let (settings, _) = self.storage.settings.channel_settings(&connection.id).await?;
        let capabilities = channel.capabilities();
        let lag = SignedDuration::from_secs(capabilities.list_lag_seconds.into());
        let start = settings.inventory_sync_since.unwrap_or(connection.created_at);
        let mut reading = Reading::new(cursor, start, self.clock.now(), lag);
        let unreadable = self.unreadable_ids(&connection.id).await?;
        let source = Source {
            connection,
            settings: &settings,
            capabilities,
            channel: channel.as_ref(),
            unreadable: &unreadable,
        };
        let mut page = cursor.open.as_ref().map(|open| PageToken(open.page.clone()));
        let mut resumed = page.is_some();
        for _ in 0..MAX_PAGES {
            let answer = match (channel.orders(&reading.window, page.as_ref()).await, page) {
                (Ok(answer), asked) => {
                    page = asked;
                    answer
                }
                // Our own allowance is used up in the middle: it is read on from there, or the same pages would use it up again.
                (Err(error), Some(at)) if error.held_back => return Ok(Some(reading.leave(cursor, at, error))),
                // The platform has forgotten the place: the window is read anew.
                (Err(error), Some(_)) if resumed && !error.kind.is_temporary() && !error.kind.needs_reconnect() => {
                    let again = Cursor { open: None, ..cursor.clone() };
                    reading = Reading::new(&again, start, self.clock.now(), lag);
                    (page, resumed) = (None, false);
                    continue;
                }
                (Err(error), _) => return Err(error.into()),
            };
            resumed = false;
            reading.note(&answer);
            for incoming in answer.items {
                if let connect::Incoming::Order(order) = &incoming {
                    let id = self.order_id(&source, order).await?;
                    let seen = Seen::of(id, order.revision);
                    // Seen by the last poll, or on an earlier page of this one: lists repeat what moves.
                    if cursor.seen.contains(&seen) || reading.has(seen) {
                        reading.keep(seen);
                        continue;
                    }
                }
                if let Some(seen) = self.take_in(&source, incoming).await? {
                    reading.keep(seen);
                }
            }
            match answer.next {
                Some(next) if Some(&next) == page.as_ref() => return Err(endless(connection).into()),
                Some(next) => page = Some(next),
                None => {
                    self.recheck(&source, channel.as_ref()).await?;
                    return Ok(Some(reading.finish()));
                }
            }
        }
        Err(endless(connection).into())
    }

    pub(crate) async fn unreadable_ids(&self, id: &ConnectionId) -> Result<HashSet<String>, AppError> {
        let page = self.storage.orders.unreadable(id, &PageRequest::first(100)).await?;
        Ok(page.items.into_iter().filter_map(|order| order.remote_id).collect())
    }

    /// Rings for our orders that somebody changed in the store, and names every reference that stands there twice.
    async fn poll_store(&self, connection: &Connection, cursor: &Cursor) -> Result<Read, AppError> {
        let store = self.connectors.store(connection).await?;
        let mut reading = Reading::new(cursor, connection.created_at, self.clock.now(), STORE_LAG);
        let mut looked_at = HashSet::new();
        let mut page = None;
        for _ in 0..MAX_PAGES {
            let answer = store.changes(&reading.window, page.as_ref()).await?;
            reading.note(&answer);
            for change in answer.items {
                // A list repeats what moves; as long as it says the same, ringing once is enough.
                if looked_at.insert((change.id.clone(), change.modified_at)) {
                    self.see_in_store(&change).await?;
                }
                let seen = Seen::of_store_order(&change.id, change.modified_at);
                if !cursor.seen.contains(&seen) && !reading.has(seen) {
                    // Ours or not, whoever changed it: its products may have moved.
                    self.ring_stock(change.products, change.reference.map(|reference| reference.order)).await?;
                }
                reading.keep(seen);
            }
            match answer.next {
                Some(next) if Some(&next) == page.as_ref() => return Err(endless(connection).into()),
                Some(next) => page = Some(next),
                None => return Ok(reading.finish()),
            }
        }
        Err(endless(connection).into())
    }

    async fn see_in_store(&self, change: &StoreChange) -> Result<(), AppError> {
        let Some(reference) = change.reference else { return Ok(()) };
        let Some(order) = self.storage.orders.get(reference.order).await? else { return Ok(()) };
        match order.import.store_order() {
            Some(known) if *known == change.id => {}
            Some(_) if reference.generation == order.generation => {
                return self.tell_duplicates(&order, vec![change.number.clone()]).await;
            }
            // An older generation, or an import whose answer is still out: its own worker will find it.
            _ => return Ok(()),
        }
        let Some(seen) = &change.order else { return Ok(()) };
        if Self::is_news(&order, seen) || Self::has_new_packages(&order, seen) {
            self.queue.send(&[Job::fulfil(order.id)], Duration::ZERO).await?;
        }
        Ok(())
    }
}

/// What a poll leaves behind.
struct Read {
    cursor: Cursor,
    /// The window ended before now: there is more.
    behind: bool,
    /// The window was left in the middle, for this.
    held_back: Option<ConnectError>,
}

/// A window while it is being read.
struct Reading {
    window: Window,
    /// Newest moment up to which the platform is certain to have shown everything.
    certain: Timestamp,
    lag: SignedDuration,
    behind: bool,
    seen: HashSet<Seen>,
}

impl Reading {
    fn new(cursor: &Cursor, start: Timestamp, now: Timestamp, lag: SignedDuration) -> Self {
        let position = cursor.position.unwrap_or(start);
        let from = position.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN);
        let certain = now.saturating_sub(lag).unwrap_or(Timestamp::MIN).max(from);
        let longest = position.saturating_add(LONGEST_WINDOW).unwrap_or(Timestamp::MAX);
        if let Some(OpenWindow { from, to, certain, .. }) = cursor.open {
            let window = Window { from, to };
            return Self { window, certain, lag, behind: longest < certain, seen: cursor.seen.clone() };
        }
        Self {
            window: Window { from, to: certain.min(longest) },
            certain,
            lag,
            behind: longest < certain,
            seen: HashSet::new(),
        }
    }

    /// The platform's own clock bounds what a window can have shown.
    fn note<T>(&mut self, page: &Page<T>) {
        if let Some(server) = page.server_time {
            self.certain =
                self.certain.min(server.saturating_sub(self.lag).unwrap_or(Timestamp::MIN)).max(self.window.from);
        }
    }

    fn has(&self, seen: Seen) -> bool {
        self.seen.contains(&seen)
    }

    fn keep(&mut self, seen: Seen) {
        self.seen.insert(seen);
    }

    fn finish(self) -> Read {
        let position = self.window.to.min(self.certain);
        let cursor = Cursor { position: Some(position), seen: self.seen, open: None };
        Read { cursor, behind: self.behind, held_back: None }
    }

    /// Everything up to this page is stored; the position stays where it was.
    fn leave(mut self, cursor: &Cursor, PageToken(page): PageToken, error: ConnectError) -> Read {
        self.seen.extend(cursor.seen.iter().copied());
        let open = OpenWindow { from: self.window.from, to: self.window.to, certain: self.certain, page };
        let cursor = Cursor { position: cursor.position, seen: self.seen, open: Some(open) };
        Read { cursor, behind: self.behind, held_back: Some(error) }
    }
}

fn endless(connection: &Connection) -> ConnectError {
    let message = "The platform's list of orders does not end; it is read again later.";
    ConnectError::new(connect::ErrorKind::Unavailable, "poll.pages", message).with_context(connection.id.as_str())
}
