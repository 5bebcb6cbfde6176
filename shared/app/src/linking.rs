//! Links by hand and in bulk, by SKU or barcode; linking rings for every order that waited for it.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use connect::{ConnectError, ErrorKind, Listing, Product};
use domain::link::{InvalidLink, Target};
use domain::{ConnectionId, Link, ListingKey, Sku};
use serde::Serialize;
use storage::{Connection, Role};
use utoipa::ToSchema;

use crate::App;
use crate::context::{ReadyStore, Store};
use crate::error::AppError;
use crate::ports::Job;

/// Pages of listings read in one go.
const MAX_PAGES: usize = 500;

/// Why a link was not made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("There is no such channel.")]
    NoChannel,
    #[error("No main store is connected and working.")]
    NoStore,
    #[error(transparent)]
    Invalid(#[from] InvalidLink),
    #[error("The main store has no product {0}.")]
    NoProduct(String),
    #[error(transparent)]
    App(#[from] AppError),
}

/// What listings and products are matched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchBy {
    Sku,
    Barcode,
}

/// What linking in bulk did, and what stayed open. Listings are named by what they were matched by, else by their title.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct BulkLinkReport {
    pub linked: Vec<String>,
    pub already_linked: usize,
    /// Listings without an SKU, or without a barcode.
    pub no_key: Vec<String>,
    pub no_match: Vec<String>,
    pub several_matches: Vec<String>,
    /// Orders that waited and are looked at again now.
    pub orders_rung: usize,
}

impl App {
    /// Stores a link whose products exist, and rings for the orders that waited for it.
    pub async fn link(&self, link: Link) -> Result<usize, LinkError> {
        link.validate()?;
        self.channel_connection(&link.connection).await?;
        let store = self.store_of_links().await?;
        let products: Vec<_> = link.targets.iter().map(|target| target.product.clone()).collect();
        let levels = store.store.stock(&products).await.map_err(AppError::from)?;
        if let Some(missing) = products.iter().find(|product| levels.iter().all(|level| level.product != **product)) {
            return Err(LinkError::NoProduct(missing.to_string()));
        }
        Ok(self.store_link(&link).await?)
    }

    /// A store that is let alone for a moment is there: whoever asks may ask again.
    async fn store_of_links(&self) -> Result<ReadyStore, LinkError> {
        match self.main_store().await? {
            Store::Ready(store) => Ok(store),
            Store::Paused { wait, why } => {
                let busy = ConnectError::new(ErrorKind::Unavailable, "links.store", why).with_retry_after(Some(wait));
                Err(AppError::from(busy.without_effect()).into())
            }
            Store::Missing | Store::NeedsAttention { .. } => Err(LinkError::NoStore),
        }
    }

    pub async fn unlink(&self, connection: &ConnectionId, listing: &ListingKey) -> Result<(), AppError> {
        Ok(self.storage.links.delete(connection, listing).await?)
    }

    /// Links every unlinked listing of a channel, active or not, that exactly one product of the main store matches.
    pub async fn link_in_bulk(&self, id: &ConnectionId, by: MatchBy) -> Result<BulkLinkReport, LinkError> {
        let connection = self.channel_connection(id).await?;
        let store = self.store_of_links().await?;
        let mut report = BulkLinkReport::default();
        let mut open: Vec<(Listing, String)> = Vec::new();
        let listings = self.listings(&connection).await?;
        let linked = self.linked(id, &listings).await?;
        for listing in listings {
            if keys_of(&listing).iter().any(|key| linked.contains(key)) {
                report.already_linked += 1;
                continue;
            }
            match by.of(listing.sku.as_ref(), listing.barcode.as_ref()) {
                Some(key) => open.push((listing, key)),
                None => report.no_key.push(listing.title),
            }
        }
        let products = self.candidates(&store, by, &open).await?;
        let mut by_key: BTreeMap<String, Vec<&Product>> = BTreeMap::new();
        for product in &products {
            if let Some(key) = by.of(product.sku.as_ref(), product.barcode.as_ref()) {
                by_key.entry(key).or_default().push(product);
            }
        }
        for (listing, key) in open {
            match by_key.get(&key).map_or(&[] as &[_], Vec::as_slice) {
                [] => report.no_match.push(key),
                [product] => {
                    let target =
                        Target { product: product.id.clone(), sku: product.sku.clone(), quantity: 1, weight: 1 };
                    let link =
                        Link { connection: id.clone(), listing: listing.key, targets: vec![target], tax_rate: None };
                    report.orders_rung += self.store_link(&link).await?;
                    report.linked.push(key);
                }
                _ => report.several_matches.push(key),
            }
        }
        Ok(report)
    }

    /// The keys of the listings that have a link, read in batches.
    async fn linked(&self, id: &ConnectionId, listings: &[Listing]) -> Result<HashSet<ListingKey>, AppError> {
        let keys: Vec<ListingKey> = listings.iter().flat_map(keys_of).collect();
        Ok(self.storage.links.get_many(id, &keys).await?.into_iter().map(|link| link.listing).collect())
    }

    /// The products that may match. No store looks barcodes up, so all of them are read for those.
    async fn candidates(
        &self,
        store: &ReadyStore,
        by: MatchBy,
        open: &[(Listing, String)],
    ) -> Result<Vec<Product>, AppError> {
        if open.is_empty() {
            return Ok(Vec::new());
        }
        if by == MatchBy::Sku {
            let skus: Vec<Sku> = open.iter().filter_map(|(listing, _)| listing.sku.clone()).collect();
            return Ok(store.store.products_by_sku(&skus).await?);
        }
        let mut products = Vec::new();
        let mut page = None;
        for _ in 0..MAX_PAGES {
            let answer = store.store.products(page.as_ref()).await?;
            products.extend(answer.items);
            match answer.next {
                Some(next) => page = Some(next),
                None => return Ok(products),
            }
        }
        let message = "The main store's list of products does not end; try again later.";
        Err(ConnectError::new(ErrorKind::Unavailable, "link.products", message).without_effect().into())
    }

    async fn channel_connection(&self, id: &ConnectionId) -> Result<Connection, LinkError> {
        let found = self.storage.settings.connection(id).await.map_err(AppError::from)?;
        found.filter(|connection| connection.role == Role::Channel).ok_or(LinkError::NoChannel)
    }

    async fn listings(&self, connection: &Connection) -> Result<Vec<Listing>, AppError> {
        let channel = self.connectors.channel(connection).await?;
        let mut listings = Vec::new();
        let mut page = None;
        for _ in 0..MAX_PAGES {
            let answer = channel.listings(page.as_ref()).await?;
            listings.extend(answer.items);
            match answer.next {
                Some(next) => page = Some(next),
                None => break,
            }
        }
        Ok(listings)
    }

    /// The link first, then the strongly consistent look at who waits: an order that is just beginning to wait sees the link.
    async fn store_link(&self, link: &Link) -> Result<usize, AppError> {
        self.storage.links.put(link).await?;
        let waiting = self.storage.links.waiting(&link.connection, &link.listing).await?;
        let jobs: Vec<Job> = waiting.into_iter().map(Job::import).collect();
        if !jobs.is_empty() {
            self.queue.send(&jobs, Duration::ZERO).await?;
        }
        self.ring_stock(link.targets.iter().map(|target| target.product.clone()), None).await?;
        Ok(jobs.len())
    }
}

impl MatchBy {
    fn of(self, sku: Option<&Sku>, barcode: Option<&String>) -> Option<String> {
        match self {
            Self::Sku => sku.map(ToString::to_string),
            Self::Barcode => barcode.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty()),
        }
    }
}

/// The keys by which a listing may be linked.
fn keys_of(listing: &Listing) -> Vec<ListingKey> {
    let by_sku = listing.sku.clone().map(ListingKey::Sku).filter(|key| *key != listing.key);
    [listing.key.clone()].into_iter().chain(by_sku).collect()
}
