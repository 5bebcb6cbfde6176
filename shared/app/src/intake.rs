//! Taking one order in: stored once, replaced only by a newer version, and its doorbells rung.

use std::collections::HashSet;
use std::time::Duration;

use connect::{ChannelCapabilities, CreationTime, Incoming, SalesChannel, Unreadable};
use domain::Cancel;
use domain::echo;
use domain::head::{After, Lease, StoreSide};
use domain::trace::{Event, NotImported};
use domain::{ByHand, ChannelOrder, ChannelSettings, Fulfilment, ImportState, Order, OrderId, Payment};
use storage::{Change, Connection, Inserted, Kept, Replaced, Seen, UnreadableKey, UnreadableOrder, Updated};

use crate::App;
use crate::error::AppError;
use crate::events::{DomainEvent, Side};
use crate::ports::Job;

/// The channel whose orders come in.
pub(crate) struct Source<'a> {
    pub connection: &'a Connection,
    pub settings: &'a ChannelSettings,
    pub capabilities: &'a ChannelCapabilities,
    pub channel: &'a dyn SalesChannel,
    /// Remote ids of orders that could not be read before.
    pub unreadable: &'a HashSet<String>,
}

impl App {
    /// Takes one order in and rings for it. Repeating it reads once and writes nothing.
    pub(crate) async fn take_in(&self, from: &Source<'_>, incoming: Incoming) -> Result<Option<Seen>, AppError> {
        match incoming {
            Incoming::Order(order) => self.take_in_order(from, order).await,
            Incoming::Unreadable(unreadable) => self.keep_unreadable(from, unreadable).await.map(|()| None),
        }
    }

    async fn take_in_order(&self, from: &Source<'_>, incoming: ChannelOrder) -> Result<Option<Seen>, AppError> {
        let id = self.order_id(from, &incoming).await?;
        let revision = incoming.revision;
        let mut canceled = false;
        let jobs = match self.storage.orders.get(id).await? {
            Some(known) => {
                canceled = incoming.cancel == Cancel::Canceled && known.source.cancel != Cancel::Canceled;
                self.renew(&known, incoming).await?
            }
            None if is_covered(from.settings, &incoming) => self.insert(from, id, incoming, ByHand::default()).await?,
            None => return Ok(None),
        };
        if !jobs.is_empty() {
            self.queue.send(&jobs, Duration::ZERO).await?;
        }
        // After its doorbell: an event that cannot be told must not keep the cancellation from the main store.
        if canceled {
            let (order_id, connection_id) = (id, from.connection.id.clone());
            self.events.publish(DomainEvent::OrderCanceled { order_id, connection_id, by: Side::Channel }).await?;
        }
        Ok(Some(Seen::of(id, revision)))
    }

    pub(crate) async fn order_id(&self, from: &Source<'_>, incoming: &ChannelOrder) -> Result<OrderId, AppError> {
        let (platform, account) = (&from.connection.platform, &from.connection.account);
        let id = OrderId::derive(incoming.created_at, platform, account, &incoming.id);
        match from.capabilities.creation_time {
            CreationTime::Immutable => Ok(id),
            CreationTime::Editable => {
                let identity = OrderId::identity_hash(platform, account, &incoming.id);
                Ok(self.storage.orders.claim_identity(&identity, id).await?)
            }
        }
    }

    pub(crate) async fn insert(
        &self,
        from: &Source<'_>,
        id: OrderId,
        incoming: ChannelOrder,
        by_hand: ByHand,
    ) -> Result<Vec<Job>, AppError> {
        let supersedes = self.merged_from(from, id, &incoming).await?;
        let mut order = new_order(from, id, self.next_number().await?, incoming, by_hand);
        order.after.supersedes = supersedes;
        match self.storage.orders.insert(&order).await? {
            Inserted::New => {
                tracing::info!(order.id = %id, connection = %from.connection.id, "Took in order `{id}`");
                if from.unreadable.contains(order.source.id.as_str()) {
                    let key = UnreadableKey::of_remote_id(order.source.id.as_str());
                    self.storage.orders.remove_unreadable(&from.connection.id, &key).await?;
                }
                Ok(vec![Job::import(id)])
            }
            Inserted::Exists(known) => self.renew(&known, order.source).await,
        }
    }

    /// A version of an order that is known already.
    pub(crate) async fn renew(&self, known: &Order, incoming: ChannelOrder) -> Result<Vec<Job>, AppError> {
        let waits = matches!(known.import, ImportState::Received);
        if incoming.revision <= known.source.revision {
            // Stored, but perhaps never queued: whoever stored it may have died in between.
            return Ok(if waits { vec![Job::import(known.id)] } else { Vec::new() });
        }
        let incoming = self.without_erased(known, incoming).await?;
        if echo::is_own_echo(known, &incoming) {
            return Ok(Vec::new());
        }
        let edited = echo::is_edited(&known.source, &incoming);
        let Replaced::Yes(renewed) = self.storage.orders.replace_source(known.id, &incoming, edited).await? else {
            return Ok(Vec::new());
        };
        let changes = echo::changes(&known.source, &incoming);
        if changes.is_empty() && !waits {
            return Ok(Vec::new());
        }
        if !changes.is_empty() {
            self.trace_changes(&renewed, changes).await?;
        }
        let mut jobs = vec![Job::import(known.id)];
        if incoming.fulfilment != Fulfilment::NotStarted && incoming.fulfilment != known.source.fulfilment {
            jobs.push(Job::fulfil(known.id));
        }
        Ok(jobs)
    }

    /// The trace is told by whoever may write it now; while somebody works on the order, it goes untold.
    async fn trace_changes(&self, order: &Order, changes: Vec<String>) -> Result<(), AppError> {
        let trace = self.traced(order, Event::Changed { what: changes.join(", ") });
        match self.storage.orders.update(order, Change { trace: Some(trace), ..Change::default() }).await? {
            Updated::Done(_) | Updated::Conflict(_) | Updated::Gone => Ok(()),
        }
    }

    async fn keep_unreadable(&self, from: &Source<'_>, unreadable: Unreadable) -> Result<(), AppError> {
        let connection = from.connection.id.clone();
        let remote_id = unreadable.remote_id.clone();
        let kept = UnreadableOrder {
            connection: connection.clone(),
            remote_id: unreadable.remote_id,
            raw: unreadable.raw,
            cut: false,
            why: unreadable.why,
            context: unreadable.context,
            seen_at: self.clock.now(),
        };
        if self.storage.orders.put_unreadable(&kept).await? == Kept::New {
            tracing::error!(connection = %connection, context = %kept.context, "Cannot read an order of `{connection}`");
            self.events.publish(DomainEvent::OrderUnreadable { connection_id: connection, remote_id }).await?;
        }
        Ok(())
    }
}

/// An order as it comes in.
pub(crate) fn new_order(from: &Source<'_>, id: OrderId, number: u64, source: ChannelOrder, by_hand: ByHand) -> Order {
    // What the store took by itself is never sent there (B8), and its stock is the store's matter.
    let in_store = from.channel.placed_in_store(&source);
    let import =
        in_store.map_or(ImportState::Received, |number| ImportState::Left(NotImported::AlreadyInStore { number }));
    Order {
        id,
        connection: from.connection.id.clone(),
        platform: from.connection.platform.clone(),
        number,
        source,
        generation: 1,
        import,
        store: StoreSide::default(),
        stock: Vec::new(),
        packages: Vec::new(),
        lease: Lease::default(),
        by_hand,
        trace: Vec::new(),
        after: After::default(),
    }
}

/// R5: what comes in at all. Orders placed or first paid since the switch went on; unpaid ones stay out if so set.
pub(crate) fn is_covered(settings: &ChannelSettings, incoming: &ChannelOrder) -> bool {
    if !settings.inventory_sync {
        return false;
    }
    if settings.skip_unpaid && incoming.payment == Payment::Unpaid {
        return false;
    }
    let paid_at = match incoming.payment {
        Payment::Paid { at } => at,
        Payment::Unpaid | Payment::Held => None,
    };
    settings
        .inventory_sync_since
        .is_none_or(|since| incoming.created_at >= since || paid_at.is_some_and(|at| at >= since))
}
