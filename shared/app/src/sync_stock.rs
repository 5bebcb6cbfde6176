//! R7: every linked listing of every started channel follows the main store's stock, a batch of products at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::quantity::{Available, StoreStock, shown};
use domain::{ImportState, Link, OrderId, ProductId};
use futures_util::future::join_all;
use jiff::Timestamp;
use storage::{ProductStock, StockLease, Told};

use crate::App;
use crate::context::Store;
use crate::error::{AppError, Outcome};
use crate::import::LONGEST_DELAY;
use crate::ports::{Job, StockJob};
use crate::tell_channel::{Answer, Row, ToldChannel};

/// Longer than a worker can live: whoever finds an older lease knows that its holder is dead.
const LEASE: Duration = Duration::from_secs(90);
/// A batch takes seconds; who finds the lease taken comes back soon.
const BUSY: Duration = Duration::from_secs(5);
/// What moves stock is looked at this much later, so that a burst is one look.
pub(crate) const GATHER: Duration = Duration::from_secs(5);

/// Units of one product that orders keep.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    /// Still in the store's stock.
    open: u32,
    /// Out of it already.
    applied: u32,
}

/// What is known of some products.
pub(crate) struct Known {
    pub available: BTreeMap<ProductId, Available>,
    pub remembered: BTreeMap<ProductId, ProductStock>,
    /// The store could not be read: look again after this long.
    again: Option<Duration>,
}

impl App {
    /// Rings for products whose stock or holds moved, because of this order if one is given.
    ///
    /// It is rung before what moved them is stored as done: a worker that dies in between has rung, or does it all again.
    pub(crate) async fn ring_stock(
        &self,
        products: impl IntoIterator<Item = ProductId>,
        order: Option<OrderId>,
    ) -> Result<(), AppError> {
        let products: BTreeSet<ProductId> = products.into_iter().collect();
        let jobs: Vec<Job> = products.into_iter().map(|product| Job::stock(product, order)).collect();
        if !jobs.is_empty() {
            self.queue.send(&jobs, GATHER).await?;
        }
        Ok(())
    }

    /// Looks at the products of a batch together and tells each started channel what its listings shall show. What comes
    /// back is to be looked at again after its time. Delivered twice, late or out of order it changes nothing.
    pub async fn sync_stock(&self, jobs: &[StockJob]) -> Result<Vec<(StockJob, Duration)>, AppError> {
        let channels = self.told_channels().await?;
        if channels.is_empty() {
            return Ok(Vec::new());
        }
        let mut products: BTreeSet<ProductId> = jobs.iter().map(|job| job.product_id.clone()).collect();
        let (now, holder) = (self.clock.now(), self.clock.nonce());
        let until = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX);
        let lease = self.storage.settings.take_stock_lease(&holder, until, now, &products).await?;
        let unfinished = match lease {
            StockLease::Taken { unfinished } => unfinished,
            StockLease::Busy { until } => {
                let wait = self.until(until).min(BUSY);
                return Ok(together(jobs).into_iter().map(|job| (job, wait)).collect());
            }
        };
        products.extend(unfinished.iter().cloned());
        // Boxed, as below: the layers of futures from here down to the sockets are too deep for the compiler otherwise.
        let looked = Box::pin(self.tell_channels(jobs, &channels, &products, &unfinished, until)).await;
        // What a failure left open, the next holder takes up.
        self.storage.settings.release_stock_lease(&holder, looked.is_ok()).await?;
        looked
    }

    async fn tell_channels(
        &self,
        jobs: &[StockJob],
        channels: &[ToldChannel],
        products: &BTreeSet<ProductId>,
        unfinished: &BTreeSet<ProductId>,
        until: Timestamp,
    ) -> Result<Vec<(StockJob, Duration)>, AppError> {
        let links = self.links_to_tell(products, channels).await?;
        if links.is_empty() {
            return Ok(Vec::new());
        }
        let involved: BTreeSet<ProductId> =
            links.iter().flat_map(|link| &link.targets).map(|target| target.product.clone()).collect();
        let loaded = self.remembered(&involved).await?;
        let mut known = self.known_stock(&involved, loaded.clone()).await?;
        self.tell_oversold(jobs, &links, &mut known).await?;
        for link in &links {
            // Of what a dead worker had in hand nobody knows what it shows; what was approved is set in any case.
            if link.targets.iter().any(|target| unfinished.contains(&target.product)) || is_approved(jobs, link) {
                set_told(&mut known.remembered, link, None);
            }
        }
        let told = channels.iter().map(|channel| {
            let own = links.iter().filter(|link| link.connection == channel.connection.id);
            let rows: Vec<Row<'_>> = own.filter_map(|link| row(link, channel, &known, jobs)).collect();
            Box::pin(self.tell_channel(channel, rows, until))
        });
        let mut again: BTreeMap<ProductId, Duration> = BTreeMap::new();
        if let Some(wait) = known.again {
            again.extend(products.iter().map(|product| (product.clone(), wait)));
        }
        let mut failure = None;
        for answers in join_all(told).await {
            for (link, answer) in answers.of_listings {
                if let Some(wait) = answers.again.filter(|_| answer.is_open()) {
                    let own = link.targets.iter().map(|target| target.product.clone());
                    again.extend(own.filter(|product| products.contains(product)).map(|product| (product, wait)));
                }
                match answer {
                    Answer::Shown(quantity) => set_told(&mut known.remembered, link, Some((quantity, None))),
                    Answer::Refused(quantity, why) => {
                        set_told(&mut known.remembered, link, Some((quantity, Some(why))));
                    }
                    Answer::Unsure => set_told(&mut known.remembered, link, None),
                    Answer::NotSent => {}
                }
            }
            failure = failure.or(answers.failure);
        }
        for stock in known.remembered.values().filter(|stock| loaded.get(&stock.product) != Some(*stock)) {
            self.storage.settings.put_product_stock(stock).await?;
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(looked_at_again(jobs, &again)),
        }
    }

    /// The links of the products on the channels that are told, each once.
    async fn links_to_tell(
        &self,
        products: &BTreeSet<ProductId>,
        channels: &[ToldChannel],
    ) -> Result<Vec<Link>, AppError> {
        let mut links = Vec::new();
        for product in products {
            let found = self.storage.links.of_product(product).await?;
            links.extend(found.into_iter().filter(|link| channels.iter().any(|c| c.connection.id == link.connection)));
        }
        links.sort_unstable_by(|a, b| (&a.connection, &a.listing).cmp(&(&b.connection, &b.listing)));
        links.dedup();
        Ok(links)
    }

    pub(crate) async fn remembered(
        &self,
        products: &BTreeSet<ProductId>,
    ) -> Result<BTreeMap<ProductId, ProductStock>, AppError> {
        let stored = self.storage.settings.product_stock(products).await?;
        let mut remembered: BTreeMap<ProductId, ProductStock> =
            products.iter().map(|product| (product.clone(), ProductStock::new(product.clone()))).collect();
        remembered.extend(stored.into_iter().map(|stock| (stock.product.clone(), stock)));
        Ok(remembered)
    }

    /// The holds first, then the store: a race between the two shows too little for a moment, never too much.
    pub(crate) async fn known_stock(
        &self,
        products: &BTreeSet<ProductId>,
        mut remembered: BTreeMap<ProductId, ProductStock>,
    ) -> Result<Known, AppError> {
        let store = self.main_store().await?;
        let held = self.held(products, matches!(store, Store::Ready(_))).await?;
        let (levels, again) = match store {
            Store::Ready(store) => {
                let asked: Vec<ProductId> = products.iter().cloned().collect();
                match store.store.stock(&asked).await {
                    Ok(levels) => (Some(levels), None),
                    Err(error) => match self.trouble(&store.connection, error).await? {
                        Outcome::Again(wait) => (None, Some(wait)),
                        Outcome::Done => (None, None),
                    },
                }
            }
            Store::Paused { wait, .. } => (None, Some(wait.min(LONGEST_DELAY))),
            // Reconnecting rings for every linked product.
            Store::Missing | Store::NeedsAttention { .. } => (None, None),
        };
        let mut available = BTreeMap::new();
        for (product, known) in &mut remembered {
            let held = held.get(product).copied().unwrap_or_default();
            if let Some(levels) = &levels {
                let level = levels.iter().find(|level| level.product == *product).map(|level| level.quantity);
                known.stock = Some(match level {
                    Some(Some(units)) => StoreStock::Managed(units),
                    Some(None) => StoreStock::Unmanaged,
                    None => StoreStock::Gone,
                });
                known.applied = held.applied;
            }
            // Of what was last read, holds that left the stock since then are still in it.
            let since = held.applied.saturating_sub(known.applied);
            if let Some(stock) = known.stock {
                available.insert(product.clone(), Available { stock, held: held.open.saturating_add(since) });
            }
        }
        Ok(Known { available, remembered, again })
    }

    /// What orders hold of each product. A hold whose order is in the store, or never will be, was left behind by a worker
    /// that died: it is not counted and goes.
    async fn held(
        &self,
        products: &BTreeSet<ProductId>,
        store_works: bool,
    ) -> Result<BTreeMap<ProductId, Held>, AppError> {
        let mut holds = Vec::new();
        for product in products {
            holds.extend(self.storage.links.holds(product).await?);
        }
        // While the store is out of reach no order gets into it.
        let suspects = holds.iter().filter(|hold| store_works && !hold.applied).map(|hold| hold.order);
        let suspects: Vec<OrderId> = suspects.collect::<BTreeSet<_>>().into_iter().collect();
        let orders = self.storage.orders.get_many(&suspects).await?;
        let is_over = |id: OrderId| {
            let order = orders.iter().find(|order| order.id == id);
            order.is_some_and(|order| matches!(order.import, ImportState::Imported { .. } | ImportState::Left(_)))
        };
        let mut held: BTreeMap<ProductId, Held> = BTreeMap::new();
        for hold in holds {
            let of_product = held.entry(hold.product.clone()).or_default();
            if hold.applied {
                of_product.applied = of_product.applied.saturating_add(hold.units);
            } else if is_over(hold.order) {
                self.storage.links.release(&hold.product, hold.order).await?;
            } else {
                of_product.open = of_product.open.saturating_add(hold.units);
            }
        }
        Ok(held)
    }
}

/// What a listing shall show, if its channel has to be told; nothing if it shows that already, or nobody counts its products.
fn row<'a>(link: &'a Link, channel: &ToldChannel, known: &Known, jobs: &[StockJob]) -> Option<Row<'a>> {
    let wanted = shown(link, |product| known.available.get(product).copied(), &channel.settings.stock);
    let quantity = match wanted {
        Ok(quantity) => quantity,
        Err(why) => {
            tracing::debug!(listing = %link.listing, ?why, "Listing `{}` is left alone", link.listing);
            return None;
        }
    };
    let before = known.told(link).map(|told| told.quantity);
    (before != Some(quantity)).then(|| Row { link, quantity, before, approved: is_approved(jobs, link) })
}

/// The merchant has seen what this listing would be set to, and started.
fn is_approved(jobs: &[StockJob], link: &Link) -> bool {
    let approves = |job: &StockJob| {
        job.approved_for.as_ref() == Some(&link.connection)
            && link.targets.iter().any(|target| target.product == job.product_id)
    };
    jobs.iter().any(approves)
}

impl Known {
    pub(crate) fn told(&self, link: &Link) -> Option<&Told> {
        let owner = link.targets.first()?;
        self.remembered.get(&owner.product)?.told(&link.connection, &link.listing)
    }
}

/// Notes what a listing shows, with the reason if it was refused; `None`: nobody knows. It is kept with its first product.
fn set_told(remembered: &mut BTreeMap<ProductId, ProductStock>, link: &Link, shows: Option<(u32, Option<String>)>) {
    let owner = link.targets.first().and_then(|target| remembered.get_mut(&target.product));
    let Some(owner) = owner else { return };
    owner.told.retain(|told| told.connection != link.connection || told.listing != link.listing);
    if let Some((quantity, refused)) = shows {
        let (connection, listing) = (link.connection.clone(), link.listing.clone());
        owner.told.push(Told { connection, listing, quantity, refused });
    }
}

/// Each job once, whatever number of times it was sent.
fn together(jobs: &[StockJob]) -> Vec<StockJob> {
    let mut once: Vec<StockJob> = Vec::new();
    for job in jobs {
        if !once.contains(job) {
            once.push(job.clone());
        }
    }
    once
}

/// The jobs whose products are to be looked at again, and jobs for products that only a dead worker had.
fn looked_at_again(jobs: &[StockJob], again: &BTreeMap<ProductId, Duration>) -> Vec<(StockJob, Duration)> {
    let mut jobs = together(jobs);
    for product in again.keys() {
        if jobs.iter().all(|job| job.product_id != *product) {
            jobs.push(StockJob { product_id: product.clone(), order_id: None, approved_for: None });
        }
    }
    let waits = |job: StockJob| again.get(&job.product_id).map(|wait| (job, (*wait).min(LONGEST_DELAY)));
    jobs.into_iter().filter_map(waits).collect()
}
