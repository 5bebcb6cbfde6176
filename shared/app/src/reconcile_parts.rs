//! What each part of the nightly comparison reads: a channel's day, our day, the main store's day. Reading only.

use std::collections::{BTreeMap, HashMap};

use connect::{ConnectError, ErrorKind, Incoming, Window};
use domain::plan::{self, Step};
use domain::readback::StoreOrder;
use domain::reconcile::{Found, Gap, Part, compare, is_forgotten};
use domain::trace::NotImported;
use domain::{ChannelOrder, ChannelSettings, ImportState, Money, Order, OrderId, Reference, echo};
use jiff::{SignedDuration, Timestamp};
use storage::{Connection, PageRequest};

use crate::App;
use crate::context::{Context, ReadyStore};
use crate::error::AppError;
use crate::gone::Gone;
use crate::intake::{Source, is_covered};

/// Our orders read, and references looked up, at once.
const PAGE: u16 = 100;
/// Pages of one day; a platform that never ends is given up and told.
const MAX_PAGES: usize = 2_000;
/// The store's clock and ours may differ by this much.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(10);

impl App {
    /// Whether we have every order, in its newest version, that the channel changed between the two and that was polled already.
    pub(crate) async fn look_at_channel(
        &self,
        connection: &Connection,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Found, AppError> {
        let mut found = Found::default();
        let polled = self.storage.settings.polled_until(&connection.id).await?;
        let Some(to) = polled.map(|polled| polled.min(to)).filter(|to| *to > from) else { return Ok(found) };
        let channel = self.connectors.channel(connection).await?;
        let (settings, _) = self.storage.settings.channel_settings(&connection.id).await?;
        let unreadable = std::collections::HashSet::new();
        let capabilities = channel.capabilities();
        let source = Source {
            connection,
            settings: &settings,
            capabilities,
            channel: channel.as_ref(),
            unreadable: &unreadable,
        };
        let (window, mut page) = (Window { from, to }, None);
        for _ in 0..MAX_PAGES {
            let answer = channel.orders(&window, page.as_ref()).await?;
            let mut theirs: Vec<(OrderId, ChannelOrder)> = Vec::new();
            for incoming in answer.items {
                let Incoming::Order(order) = incoming else { continue };
                if is_covered(&settings, &order) {
                    theirs.push((self.order_id(&source, &order).await?, order));
                }
            }
            self.compare_with_ours(&theirs, &mut found).await?;
            match answer.next {
                Some(next) if Some(&next) == page.as_ref() => break,
                Some(next) => page = Some(next),
                None => return Ok(found),
            }
        }
        Err(endless(connection).into())
    }

    async fn compare_with_ours(&self, theirs: &[(OrderId, ChannelOrder)], found: &mut Found) -> Result<(), AppError> {
        let ids: Vec<OrderId> = theirs.iter().map(|(id, _)| *id).collect();
        let ours: HashMap<OrderId, Order> =
            self.storage.orders.get_many(&ids).await?.into_iter().map(|order| (order.id, order)).collect();
        for (id, order) in theirs {
            found.compared += 1;
            let channel_order = order.id.clone();
            match ours.get(id) {
                None => found.add(Gap::MissingHere { channel_order }),
                Some(known) if is_outdated(known, order) => {
                    found.add(Gap::OutdatedHere { order: *id, channel_order });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Whether the main store has our orders of that day, each once and as it is here.
    pub(crate) async fn look_at_ours(
        &self,
        store: &ReadyStore,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Found, AppError> {
        let mut found = Found::default();
        let mut circumstances = Circumstances::default();
        let since = from.saturating_sub(CLOCK_SLACK).unwrap_or(from);
        let mut page = PageRequest::first(PAGE);
        loop {
            let answer = self.storage.orders.range(from, to, &page).await?;
            self.compare_with_store(store, since, &answer.items, &mut circumstances, &mut found).await?;
            match answer.next {
                Some(next) => page = PageRequest::after(next, PAGE),
                None => return Ok(found),
            }
        }
    }

    async fn compare_with_store(
        &self,
        store: &ReadyStore,
        since: Timestamp,
        ours: &[Order],
        circumstances: &mut Circumstances,
        found: &mut Found,
    ) -> Result<(), AppError> {
        let concerned: Vec<&Order> = ours.iter().filter(|o| !matches!(o.import, ImportState::Left(_))).collect();
        let references: Vec<Reference> = concerned.iter().map(|order| order.reference()).collect();
        let mut stored: BTreeMap<Reference, Vec<StoreOrder>> = BTreeMap::new();
        if references.is_empty() {
            return Ok(());
        }
        for order in store.store.find_by_reference(&references, since).await?.orders {
            if let Some(reference) = order.reference {
                stored.entry(reference).or_default().push(order);
            }
        }
        for order in concerned {
            found.compared += 1;
            let theirs = stored.get(&order.reference()).map_or(&[] as &[_], Vec::as_slice);
            let Some(context) = circumstances.of(self, order).await? else { continue };
            if theirs.is_empty() && self.is_gone(store, order).await? {
                let number = import_number(order);
                found.add(Gap::GoneFromStore { order: order.id, store_number: number });
                continue;
            }
            let gaps = compare(order, theirs, &totals(order, &context, store));
            if gaps.is_empty() && self.is_unseen(order, theirs) {
                found.add(Gap::NotCarriedOut { order: order.id });
                continue;
            }
            if gaps.is_empty() && self.is_left_undone(order, &context, store).await? {
                found.add(Gap::NotCarriedOut { order: order.id });
            }
            for gap in gaps {
                found.add(gap);
            }
        }
        Ok(())
    }

    /// Imported, not under its reference: asked for by its id before it counts as gone.
    async fn is_gone(&self, store: &ReadyStore, order: &Order) -> Result<bool, AppError> {
        let Some(id) = order.import.store_order() else { return Ok(false) };
        match store.store.order(id).await {
            Ok(_) => Ok(false),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// The store ended or shipped it an hour ago or earlier, and nobody took that over.
    fn is_unseen(&self, order: &Order, theirs: &[StoreOrder]) -> bool {
        let hour_ago = self.clock.now().saturating_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN);
        let own =
            theirs.iter().find(|seen| order.import.store_order() == Some(&seen.id) && seen.modified_at <= hour_ago);
        own.is_some_and(|seen| Self::is_news(order, seen) || Self::has_new_packages(order, seen))
    }

    /// Nobody works on it, and something is left to do: the doorbell of a change, or of a person's wish, was lost.
    async fn is_left_undone(&self, order: &Order, context: &Context, store: &ReadyStore) -> Result<bool, AppError> {
        if is_forgotten(order, self.clock.now()) {
            return Ok(true);
        }
        let waits_for_store = matches!(
            order.import,
            ImportState::Waiting(NotImported::StoreUnavailable { .. } | NotImported::NoMainStore)
        );
        if waits_for_store {
            return Ok(true);
        }
        let imported = order.import.store_order().is_some();
        match plan::next_step(&context.facts(order, store)) {
            Step::Done | Step::Stay => Ok(false),
            Step::MarkPaid | Step::CancelInStore | Step::PutBack(_) if imported => Ok(true),
            // Its doorbell may be on its way.
            _ if self.is_fresh(order) || order.import == ImportState::Received => Ok(false),
            Step::Wait(reason) => Ok(waits_otherwise(&order.import, &reason)),
            step => Ok(self.gone_products(store, &step).await?.is_empty()),
        }
    }

    /// The channel changed it, or a person asked for something, within the last hour.
    fn is_fresh(&self, order: &Order) -> bool {
        let hour_ago = self.clock.now().saturating_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN);
        let wishes = [&order.by_hand.send, &order.by_hand.undo];
        order.source.revision.0 > hour_ago.as_millisecond()
            || wishes.into_iter().flatten().any(|asked| asked.at > hour_ago)
    }

    /// Whether we know every order of the main store that carries a reference of ours.
    pub(crate) async fn look_at_store(&self, store: &ReadyStore, part: &Part) -> Result<Found, AppError> {
        let mut found = Found::default();
        let Part::Store { from, to } = part else { return Ok(found) };
        let (window, mut page) = (Window { from: *from, to: *to }, None);
        for _ in 0..MAX_PAGES {
            let answer = store.store.changes(&window, page.as_ref()).await?;
            let ours: Vec<(OrderId, String)> =
                answer.items.into_iter().filter_map(|change| Some((change.reference?.order, change.number))).collect();
            let ids: Vec<OrderId> = ours.iter().map(|(id, _)| *id).collect();
            let known: Vec<OrderId> =
                self.storage.orders.get_many(&ids).await?.into_iter().map(|order| order.id).collect();
            for (id, store_number) in ours {
                found.compared += 1;
                if !known.contains(&id) {
                    found.add(Gap::UnknownHere { order: id, store_number });
                }
            }
            match answer.next {
                Some(next) if Some(&next) == page.as_ref() => break,
                Some(next) => page = Some(next),
                None => return Ok(found),
            }
        }
        Err(endless(&store.connection).into())
    }
}

/// Connections and settings, each read once for a day's orders.
#[derive(Default)]
struct Circumstances(HashMap<domain::ConnectionId, Option<(Connection, ChannelSettings)>>);

impl Circumstances {
    async fn of(&mut self, app: &App, order: &Order) -> Result<Option<Context>, AppError> {
        if !self.0.contains_key(&order.connection) {
            let known = match app.storage.settings.connection(&order.connection).await? {
                Some(connection) => {
                    let (settings, _) = app.storage.settings.channel_settings(&order.connection).await?;
                    Some((connection, settings))
                }
                None => None,
            };
            self.0.insert(order.connection.clone(), known);
        }
        let Some(Some((connection, settings))) = self.0.get(&order.connection) else { return Ok(None) };
        let (connection, settings) = (connection.clone(), settings.clone());
        let links = app.links_of(order).await?;
        Ok(Some(Context { connection, settings, links, gone: Gone::default() }))
    }
}

/// A version that we should have stored: newer, and neither our own work coming back nor the same in all that matters.
fn is_outdated(known: &Order, incoming: &ChannelOrder) -> bool {
    incoming.revision > known.source.revision
        && !echo::is_own_echo(known, incoming)
        && !echo::changes(&known.source, incoming).is_empty()
}

/// The totals that the store's order may have: by the settings of now, and by those of an import before they were changed.
fn totals(order: &Order, context: &Context, store: &ReadyStore) -> Vec<Money> {
    let mut totals = Vec::new();
    for without_tax in [context.settings.tax.import_without_tax, !context.settings.tax.import_without_tax] {
        let mut settings = context.settings.clone();
        settings.tax.import_without_tax = without_tax;
        let facts = plan::Facts { settings: &settings, ..context.facts(order, store) };
        if let Ok((draft, _)) = plan::as_sent(&facts) {
            totals.push(draft.total);
        }
    }
    totals
}

/// Not in the store, for another reason than the one that stands on it.
fn waits_otherwise(import: &ImportState, reason: &NotImported) -> bool {
    matches!(import, ImportState::Waiting(known) if std::mem::discriminant(known) != std::mem::discriminant(reason))
}

fn import_number(order: &Order) -> String {
    match &order.import {
        ImportState::Imported { number, .. } => number.clone(),
        _ => String::new(),
    }
}

fn endless(connection: &Connection) -> ConnectError {
    let message = "The platform's list of orders does not end; it is read again later.";
    ConnectError::new(ErrorKind::Unavailable, "reconcile.pages", message).with_context(connection.id.as_str())
}
