//! R8: packages and completion travel between the two sides, each package once.

use std::time::Duration;

use connect::{ConnectError, Effect, SalesChannel};
use domain::head::StoreSide;
use domain::readback::{StoreOrder, StoreOrderState};
use domain::shipment::{self, Origin, Package, Push};
use domain::status::packages_hold_everything;
use domain::stock::LineStock;
use domain::trace::{Event, TraceEntry};
use domain::{ChannelSettings, Fulfilment, Order, OrderId, Shipment};
use jiff::Timestamp;
use storage::{Change, Connection};

use crate::App;
use crate::after::SeenInStore;
use crate::carriers;
use crate::context::{ReadyStore, Store};
use crate::create::SEND_WITHIN;
use crate::error::{AppError, Outcome};
use crate::events::{DomainEvent, Side};
use crate::import::LONGEST_DELAY;
use crate::ports::Job;

const MAX_STEPS: usize = 6;
/// After this many attempts whose answers were lost a person decides.
const MAX_ATTEMPTS: u8 = 5;

/// The order as it shall be before anything is sent, and what is to be sent then.
#[derive(Default)]
struct Wanted {
    packages: Vec<Package>,
    store: StoreSide,
    stock: Vec<LineStock>,
    trace: Vec<TraceEntry>,
    /// Indexes of packages to tell the channel.
    to_channel: Vec<usize>,
    /// Indexes of packages to write on the store's order.
    to_store: Vec<usize>,
    /// The store's order is to be completed.
    completes: bool,
}

impl App {
    /// Looks at one order's packages on both sides. Delivered twice, late or out of order it changes nothing.
    pub async fn fulfil(&self, id: OrderId) -> Result<Outcome, AppError> {
        for _ in 0..MAX_STEPS {
            let Some(order) = self.storage.orders.get(id).await? else { return Ok(Outcome::Done) };
            let Some(store_order) = order.import.store_order().cloned() else { return Ok(Outcome::Done) };
            if let Some(wait) = self.held_for(&order) {
                return Ok(Outcome::Again(wait));
            }
            let Some(connection) = self.storage.settings.connection(&order.connection).await? else {
                return Ok(Outcome::Done);
            };
            let store = match self.main_store().await? {
                Store::Ready(store) => store,
                Store::Missing => return Ok(Outcome::Done),
                Store::NeedsAttention { .. } => return Ok(Outcome::Again(LONGEST_DELAY)),
                Store::Paused { wait, .. } => return Ok(Outcome::Again(wait)),
            };
            if let Some(paused) = self.paused(&connection.id).await? {
                return Ok(Outcome::Again(paused.wait));
            }
            let seen = match store.store.order(&store_order).await {
                Ok(seen) => seen,
                Err(error) => return self.trouble(&store.connection, error).await,
            };
            let channel = match self.connectors.channel(&connection).await {
                Ok(channel) => channel,
                Err(error) => return self.trouble(&connection, error).await,
            };
            if let Some(outcome) = self.fulfil_step(&order, &connection, channel.as_ref(), &store, &seen).await? {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Again(Duration::from_secs(1)))
    }

    /// The store shows packages that the order does not know.
    pub(crate) fn has_new_packages(order: &Order, seen: &StoreOrder) -> bool {
        let in_store = shipment::in_channel_units(order, &seen.shipments);
        !shipment::new_packages(&order.packages, &in_store, Origin::Store).is_empty()
            || !shipment::edited_tracking(&order.packages, &seen.shipments).is_empty()
    }

    async fn fulfil_step(
        &self,
        order: &Order,
        connection: &Connection,
        channel: &dyn SalesChannel,
        store: &ReadyStore,
        seen: &StoreOrder,
    ) -> Result<Option<Outcome>, AppError> {
        let (settings, _) = self.storage.settings.channel_settings(&connection.id).await?;
        let unsure = order.packages.iter().any(|p| matches!(p.push, Push::Sending { .. }));
        let on_channel = if unsure || order.source.fulfilment != Fulfilment::NotStarted {
            match channel.shipments(&order.source.id).await {
                Ok(shipments) => shipments,
                Err(error) if error.kind == connect::ErrorKind::Unsupported => order.source.shipments.clone(),
                Err(error) => return self.trouble(connection, error).await.map(Some),
            }
        } else {
            Vec::new()
        };
        let send_by = self.clock.now().saturating_add(SEND_WITHIN).unwrap_or(Timestamp::MAX);
        let restocks = store.store.capabilities().restocks_on_cancel;
        let seen_in_store = Self::seen_in_store(order, seen, restocks, &connection.name);
        let mut wanted = self.wanted(order, channel, (seen, seen_in_store), &on_channel, send_by);
        self.flag_carriers(order, channel, &settings, &on_channel, &mut wanted);
        let sends = !wanted.to_channel.is_empty() || !wanted.to_store.is_empty() || wanted.completes;
        let changed = wanted.packages != order.packages || wanted.store != order.store || wanted.stock != order.stock;
        if !sends && !changed {
            return self.leave_feedback(order, connection, channel).await.map(Some);
        }
        let change = Change {
            lease: sends.then(|| self.lease(order, send_by)),
            packages: (wanted.packages != order.packages).then(|| wanted.packages.clone()),
            store: (wanted.store != order.store).then_some(wanted.store),
            stock: (wanted.stock != order.stock).then(|| wanted.stock.clone()),
            trace: (wanted.trace != order.trace).then(|| wanted.trace.clone()),
            ..Change::default()
        };
        let known_canceled = order.store.canceled;
        let Some(order) = self.write(order, change).await? else { return Ok(None) };
        if order.store.canceled && !known_canceled {
            let (order_id, connection_id) = (order.id, order.connection.clone());
            self.events.publish(DomainEvent::OrderCanceled { order_id, connection_id, by: Side::MainStore }).await?;
        }
        if sends {
            let sent = self.send_packages(&order, (connection, &settings), channel, store, &wanted, send_by).await?;
            if sent != Outcome::Done {
                return Ok(Some(sent));
            }
        }
        self.leave_feedback(&order, connection, channel).await.map(Some)
    }

    /// What both sides together say the order should be. Pure but for the clock in the trace.
    fn wanted(
        &self,
        order: &Order,
        channel: &dyn SalesChannel,
        (seen, changed): (&StoreOrder, Option<SeenInStore>),
        on_channel: &[Shipment],
        send_by: Timestamp,
    ) -> Wanted {
        let mut wanted = Wanted {
            packages: order.packages.clone(),
            store: order.store,
            stock: order.stock.clone(),
            trace: order.trace.clone(),
            ..Wanted::default()
        };
        if let Some(SeenInStore { side, stock, event }) = changed {
            wanted.store = side;
            wanted.stock = stock;
            // A completed order says so itself; only what a person must know is worth bytes.
            if matches!(event, Event::Flag { .. }) {
                domain::trace::append(&mut wanted.trace, self.clock.now(), event);
            }
        }
        let in_store = shipment::in_channel_units(order, &seen.shipments);
        // A number that was changed is told until the channel shows the new one.
        let can_edit = channel.capabilities().edit_tracking;
        let old_number = |package: &Package| {
            let new = shipment::key_of(&package.shipment);
            can_edit && package.number_before().is_some() && on_channel.iter().all(|s| shipment::key_of(s) != new)
        };
        let lacks = |package: &Package| Lacking {
            channel: package.origin != Origin::Channel
                && (!shipment::is_shown(package, &order.packages, on_channel) || old_number(package)),
            store: package.origin != Origin::Store && !shipment::is_shown(package, &order.packages, &in_store),
        };
        for package in &mut wanted.packages {
            if matches!(package.push, Push::Sending { .. }) && lacks(package) == Lacking::default() {
                package.push = Push::Sent;
            }
        }
        wanted.packages.extend(shipment::new_packages(&wanted.packages, on_channel, Origin::Channel));
        wanted.packages.extend(shipment::new_packages(&wanted.packages, &in_store, Origin::Store));
        let complete_without_package = wanted.store.completed && !order.store.completed && wanted.packages.is_empty();
        if complete_without_package && order.source.fulfilment == Fulfilment::NotStarted {
            let rest = Shipment { remote_id: None, tracking: None, shipped_at: None, lines: Vec::new() };
            wanted.packages.extend(shipment::new_packages(&[], &[rest], Origin::Store));
        }
        self.flag_edited(order, seen, channel, &mut wanted);
        mark_pushes(channel, send_by, lacks, &mut wanted);
        let shipped = order.source.fulfilment >= Fulfilment::Shipped && !is_sent_in_part(order, &wanted, on_channel);
        // Asked of the store itself: a completion that was meant but never arrived is made good here.
        wanted.completes = shipped && seen.state == StoreOrderState::Open && !wanted.store.canceled;
        if wanted.completes {
            wanted.store.completed = true;
        }
        wanted
    }

    /// Packages that go out under a carrier's name that the channel does not know, and those that it then shows with another.
    fn flag_carriers(
        &self,
        order: &Order,
        channel: &dyn SalesChannel,
        settings: &ChannelSettings,
        on_channel: &[Shipment],
        wanted: &mut Wanted,
    ) {
        let first = |index: &&usize| matches!(wanted.packages[**index].push, Push::Sending { attempt: 1, .. });
        let leaving = wanted.to_channel.iter().filter(first).map(|&index| &wanted.packages[index]);
        let unmapped = leaving.filter_map(|package| carriers::unmapped(channel, settings, package));
        let was_out = |package: &&Package| {
            let known = order.packages.iter().find(|known| known.key == package.key);
            package.push == Push::Sent && known.is_some_and(|known| matches!(known.push, Push::Sending { .. }))
        };
        let arrived = wanted.packages.iter().filter(was_out).filter(|package| package.origin != Origin::Channel);
        let otherwise = arrived.filter_map(|package| carriers::shown_otherwise(channel, settings, package, on_channel));
        let flags: Vec<Event> = unmapped.chain(otherwise).collect();
        for flag in flags {
            domain::trace::append(&mut wanted.trace, self.clock.now(), flag);
        }
    }

    /// A tracking number that was edited after its package went out.
    fn flag_edited(&self, order: &Order, seen: &StoreOrder, channel: &dyn SalesChannel, wanted: &mut Wanted) {
        for (package, tracking) in shipment::edited_tracking(&order.packages, &seen.shipments) {
            let Some(own) = wanted.packages.iter_mut().find(|own| own.key == package.key) else { continue };
            let number = tracking.normalised();
            own.shipment.tracking = Some(tracking.clone());
            if !own.push.counts_as_sent() {
                // Nobody was told yet: it goes under its new number.
                own.key = shipment::key_of(&own.shipment);
                own.push = Push::Wanted;
            } else if channel.capabilities().edit_tracking {
                own.push = Push::Wanted;
            } else {
                let what =
                    format!("tracking changed to {number}; the channel cannot change tracking, correct it there");
                domain::trace::append(&mut wanted.trace, self.clock.now(), Event::Flag { what });
            }
        }
    }

    /// Sends what was stored as being sent. Success writes nothing: it is what a later look expects to find.
    async fn send_packages(
        &self,
        order: &Order,
        (connection, settings): (&Connection, &ChannelSettings),
        channel: &dyn SalesChannel,
        store: &ReadyStore,
        wanted: &Wanted,
        send_by: Timestamp,
    ) -> Result<Outcome, AppError> {
        for &index in &wanted.to_channel {
            if self.clock.now() >= send_by {
                return Ok(Outcome::Again(Duration::from_secs(1)));
            }
            let package = carriers::in_channel_words(settings, &wanted.packages[index]);
            let told = match (package.number_before(), &package.shipment.tracking) {
                (Some(before), Some(tracking)) => channel.edit_tracking(&order.source.id, before, tracking).await,
                _ => channel.ship(&order.source, &package).await.map(drop),
            };
            match told {
                Ok(()) => self.tell_shipment(order, Side::Channel, index).await?,
                Err(error) => return self.package_failed(order, connection, wanted, index, error).await,
            }
        }
        let Some(store_order) = order.import.store_order() else { return Ok(Outcome::Done) };
        for (position, &index) in wanted.to_store.iter().enumerate() {
            let completes = wanted.completes && position + 1 == wanted.to_store.len();
            let package = &wanted.packages[index];
            let package = Package { shipment: shipment::in_store_units(order, &package.shipment), ..package.clone() };
            if let Err(error) = store.store.ship(store_order, &package, completes).await {
                return self.package_failed(order, &store.connection, wanted, index, error).await;
            }
            self.tell_shipment(order, Side::MainStore, index).await?;
        }
        if wanted.completes
            && wanted.to_store.is_empty()
            && let Err(error) = store.store.complete(store_order).await
        {
            return self.completion_failed(order, store, error).await;
        }
        Ok(Outcome::Done)
    }

    async fn tell_shipment(&self, order: &Order, to: Side, index: usize) -> Result<(), AppError> {
        tracing::info!(order.id = %order.id, ?to, "Sent a package of order `{}`", order.id);
        let (order_id, connection_id) = (order.id, order.connection.clone());
        let package = u32::try_from(index + 1).unwrap_or(u32::MAX);
        Ok(self.events.publish(DomainEvent::ShipmentSent { order_id, connection_id, to, package }).await?)
    }

    /// A package that did not go out: refused for good, or to be looked up and sent again later.
    async fn package_failed(
        &self,
        order: &Order,
        connection: &Connection,
        wanted: &Wanted,
        index: usize,
        error: ConnectError,
    ) -> Result<Outcome, AppError> {
        let told_already = error.kind == connect::ErrorKind::AlreadyExists;
        let refused = error.effect == Effect::None && !error.kind.is_temporary() && !error.kind.needs_reconnect();
        if !refused && !told_already {
            let after_lease = order.lease.until.map_or(Duration::from_secs(1), |until| self.until(until));
            return match self.trouble(connection, error).await {
                Ok(Outcome::Again(wait)) => Ok(Outcome::Again(wait.max(after_lease))),
                // Nobody knows whether it arrived: the next look asks the platform before it sends again.
                Ok(Outcome::Done) | Err(AppError::Connect(_)) => Ok(Outcome::Again(after_lease)),
                Err(other) => Err(other),
            };
        }
        let mut packages = wanted.packages.clone();
        let why = error.public_message.clone();
        let package = packages[index].key.clone();
        packages[index].push = if told_already { Push::Sent } else { Push::Refused { reason: why.clone() } };
        let trace = (!told_already).then(|| self.traced(order, Event::ShipmentRefused { package, why }));
        let change =
            Change { packages: Some(packages), lease: Some(Self::released(order)), trace, ..Change::default() };
        tracing::warn!(order.id = %order.id, error = %error, "A package of order `{}` was not taken", order.id);
        self.write(order, change).await?;
        // The others of the order are looked at anew.
        self.queue.send(&[Job::fulfil(order.id)], Duration::from_secs(1)).await?;
        Ok(Outcome::Done)
    }

    async fn completion_failed(
        &self,
        order: &Order,
        store: &ReadyStore,
        error: ConnectError,
    ) -> Result<Outcome, AppError> {
        let side = StoreSide { completed: false, ..order.store };
        let change = Change { store: Some(side), lease: Some(Self::released(order)), ..Change::default() };
        self.write(order, change).await?;
        self.trouble(&store.connection, error).await
    }
}

/// The channel does not know what is in a package and calls the order sent since we told it of the first one (Etsy): as
/// long as our packages do not hold everything, that says nothing.
fn is_sent_in_part(order: &Order, wanted: &Wanted, on_channel: &[Shipment]) -> bool {
    let ours = |shown: &Shipment| {
        let mut own = wanted.packages.iter().filter(|package| package.origin != Origin::Channel);
        shown.lines.is_empty() && own.any(|package| shipment::key_of(&package.shipment) == shipment::key_of(shown))
    };
    order.source.fulfilment == Fulfilment::Shipped
        && !on_channel.is_empty()
        && on_channel.iter().all(ours)
        && !packages_hold_everything(&Order { packages: wanted.packages.clone(), ..order.clone() })
}

/// The sides that do not have a package yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Lacking {
    channel: bool,
    store: bool,
}

/// Which packages go where now: those not sent yet, and those whose earlier sending nobody can find on the other side.
fn mark_pushes(
    channel: &dyn SalesChannel,
    send_by: Timestamp,
    lacks: impl Fn(&Package) -> Lacking,
    wanted: &mut Wanted,
) {
    let capabilities = channel.capabilities();
    for (index, package) in wanted.packages.iter_mut().enumerate() {
        let attempt = match package.push {
            Push::Wanted => 1,
            Push::Sending { attempt, .. } => attempt.saturating_add(1),
            Push::Sent | Push::Refused { .. } => continue,
        };
        // A side that has it already is not told again; a package that nobody was told of yet goes to both.
        let first = matches!(package.push, Push::Wanted);
        let lacking = lacks(package);
        let to_channel = package.origin != Origin::Channel && (first || lacking.channel);
        let to_store = package.origin != Origin::Store && (first || lacking.store);
        let refusal = if attempt > MAX_ATTEMPTS {
            Some("The other side never confirmed it; look there and enter it by hand.")
        } else if to_channel && !capabilities.ship {
            Some("The channel does not take shipments.")
        } else if to_channel && package.shipment.tracking.is_none() && !capabilities.ship_without_tracking {
            Some("The channel needs carrier and tracking number; enter them in the main store.")
        } else {
            None
        };
        if let Some(reason) = refusal {
            package.push = Push::Refused { reason: reason.to_owned() };
            continue;
        }
        package.push = Push::Sending { attempt, send_by };
        if to_channel {
            wanted.to_channel.push(index);
        }
        if to_store {
            wanted.to_store.push(index);
        }
    }
}
