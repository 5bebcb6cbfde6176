//! R5: a line is linked only while each product of its link exists. Asked of the store before an order is built on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use connect::ConnectError;
use domain::draft::DraftItem;
use domain::plan::Step;
use domain::trace::NotImported;
use domain::{ConnectionId, Order, ProductId};
use jiff::Timestamp;

use crate::App;
use crate::context::{Context, ReadyStore};
use crate::error::{AppError, Outcome};
use crate::import::Next;

/// A product that was there is taken to be there for this long, so that a burst of orders asks once.
const TRUSTED: Duration = Duration::from_mins(5);
/// The orders of a batch come within this time of each other, and are asked about together.
const GATHERED: Duration = Duration::from_millis(25);
/// Products that every store tells of in one request.
const ONE_CALL: usize = 100;
/// Products remembered by one process.
const MOST: usize = 10_000;

/// Products that the main store was seen to have, by this process, and when.
#[derive(Default)]
pub(crate) struct Seen {
    products: Mutex<BTreeMap<(ConnectionId, ProductId), Timestamp>>,
    /// Products of orders that are about to be created: who asks, asks for those of all.
    wanted: Mutex<BTreeSet<(ConnectionId, ProductId)>>,
    /// One asks at a time: the orders of a batch are of much the same products.
    asking: tokio::sync::Mutex<()>,
}

impl Seen {
    fn not_since(&self, store: &ConnectionId, then: Timestamp, products: &BTreeSet<ProductId>) -> Vec<ProductId> {
        let seen = self.products.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |product: &ProductId| seen.get(&(store.clone(), product.clone())).is_some_and(|at| *at >= then);
        products.iter().filter(|product| !is_fresh(product)).cloned().collect()
    }

    fn note(&self, store: &ConnectionId, at: Timestamp, products: impl Iterator<Item = ProductId>) {
        let mut seen = self.products.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.clear();
        }
        seen.extend(products.map(|product| ((store.clone(), product), at)));
    }

    fn want(&self, store: &ConnectionId, products: &[ProductId]) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.extend(products.iter().map(|product| (store.clone(), product.clone())));
    }

    /// `first`, and as many more of this store's that others wait for as one call takes.
    fn take_wanted(&self, store: &ConnectionId, first: Vec<ProductId>) -> BTreeSet<ProductId> {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked: BTreeSet<ProductId> = first.into_iter().collect();
        let others = wanted.iter().filter(|(of, product)| of == store && !asked.contains(product));
        let room = ONE_CALL.saturating_sub(asked.len());
        let others: Vec<ProductId> = others.take(room).map(|(_, product)| product.clone()).collect();
        asked.extend(others);
        wanted.retain(|(of, product)| of != store || !asked.contains(product));
        asked
    }
}

impl App {
    /// Products of the order that is to be created that the store does not have. Any other step needs none.
    pub(crate) async fn gone_products(&self, store: &ReadyStore, step: &Step) -> Result<BTreeSet<ProductId>, AppError> {
        let Step::Import { draft, .. } = step else { return Ok(BTreeSet::new()) };
        let needed = draft.lines.iter().filter_map(|line| match &line.item {
            DraftItem::Product { id, .. } => Some(id.clone()),
            DraftItem::Text { .. } => None,
        });
        let needed: BTreeSet<ProductId> = needed.collect();
        let now = self.clock.now();
        let trusted = now.saturating_sub(TRUSTED).unwrap_or(Timestamp::MIN);
        let id = &store.connection.id;
        let unknown = || self.seen.not_since(id, trusted, &needed);
        let wanted = unknown();
        if wanted.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.seen.want(id, &wanted);
        let _asking = self.seen.asking.lock().await;
        let unknown = unknown();
        if unknown.is_empty() {
            return Ok(BTreeSet::new());
        }
        tokio::time::sleep(GATHERED).await;
        let asked: Vec<ProductId> = self.seen.take_wanted(id, unknown).into_iter().collect();
        let levels = store.store.stock(&asked).await?;
        self.seen.note(id, now, levels.iter().map(|level| level.product.clone()));
        let is_gone = |product: &ProductId| levels.iter().all(|level| level.product != *product);
        Ok(asked.into_iter().filter(|product| needed.contains(product) && is_gone(product)).collect())
    }

    /// The store does not answer: the order waits for it, and what it holds is kept from the other channels.
    pub(crate) async fn store_is_out(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
        error: ConnectError,
    ) -> Result<Next, AppError> {
        if !error.kind.is_temporary() && !error.kind.needs_reconnect() {
            return self.trouble(&store.connection, error).await.map(Next::End);
        }
        let reason = NotImported::StoreUnavailable { why: error.public_message.clone() };
        if error.kind.needs_reconnect() {
            self.needs_attention(&store.connection, &error).await?;
            return self.wait(order, context, reason, None).await;
        }
        let Outcome::Again(wait) = self.trouble(&store.connection, error).await? else {
            return self.wait(order, context, reason, None).await;
        };
        self.wait(order, context, reason, Some(wait)).await
    }
}

impl Context {
    /// The same, with lines of these products counted as not linked.
    pub(crate) fn without(&self, order: &Order, gone: BTreeSet<ProductId>) -> Self {
        let mut all = self.gone.clone();
        for line in order.source.real_lines() {
            let targets = self.links.of(line).into_iter().flat_map(|link| &link.targets);
            let name = || line.sku.as_ref().map_or_else(|| line.title.clone(), ToString::to_string);
            all.items.extend(targets.filter(|t| gone.contains(&t.product)).map(|t| (name(), t.product.clone())));
        }
        all.products.extend(gone);
        Self {
            connection: self.connection.clone(),
            settings: self.settings.clone(),
            links: self.links.without(&all.products),
            gone: all,
        }
    }
}

/// Products that are gone, and the items that are linked to them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gone {
    pub products: BTreeSet<ProductId>,
    items: Vec<(String, ProductId)>,
}

impl Gone {
    /// The reason with what the rules cannot know: that an item has a link, whose product is gone.
    pub(crate) fn explained(&self, reason: NotImported) -> NotImported {
        let explain = |item: String| match self.items.iter().find(|(name, _)| *name == item) {
            Some((_, product)) => format!("{item} (its product {product} is no longer in the main store)"),
            None => item,
        };
        match reason {
            NotImported::Unlinked { items } => {
                NotImported::Unlinked { items: items.into_iter().map(explain).collect() }
            }
            NotImported::NoTextLines { items } => {
                NotImported::NoTextLines { items: items.into_iter().map(explain).collect() }
            }
            other => other,
        }
    }
}
