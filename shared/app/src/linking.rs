//! Links by hand and by SKU; linking rings for every order that waited for it.

use std::collections::BTreeMap;
use std::time::Duration;

use connect::{Listing, Product};
use domain::link::{InvalidLink, Target};
use domain::{ConnectionId, Link, ListingKey, Sku};
use serde::Serialize;
use storage::{Connection, Role};

use crate::App;
use crate::context::Store;
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

/// What linking by SKU did, and what stayed open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LinkBySkuReport {
    pub linked: Vec<String>,
    pub already_linked: usize,
    pub no_sku: Vec<String>,
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
        let Store::Ready(store) = self.main_store().await? else { return Err(LinkError::NoStore) };
        let products: Vec<_> = link.targets.iter().map(|target| target.product.clone()).collect();
        let levels = store.store.stock(&products).await.map_err(AppError::from)?;
        if let Some(missing) = products.iter().find(|product| levels.iter().all(|level| level.product != **product)) {
            return Err(LinkError::NoProduct(missing.to_string()));
        }
        Ok(self.store_link(&link).await?)
    }

    pub async fn unlink(&self, connection: &ConnectionId, listing: &ListingKey) -> Result<(), AppError> {
        Ok(self.storage.links.delete(connection, listing).await?)
    }

    /// Links every unlinked listing of a channel whose SKU exactly one product of the main store has.
    pub async fn link_by_sku(&self, id: &ConnectionId) -> Result<LinkBySkuReport, LinkError> {
        let connection = self.channel_connection(id).await?;
        let Store::Ready(store) = self.main_store().await? else { return Err(LinkError::NoStore) };
        let mut report = LinkBySkuReport::default();
        let mut open: Vec<(ListingKey, Sku)> = Vec::new();
        for listing in self.listings(&connection).await? {
            let keys: Vec<ListingKey> =
                [Some(listing.key.clone()), listing.sku.clone().map(ListingKey::Sku)].into_iter().flatten().collect();
            if !self.storage.links.get_many(id, &keys).await.map_err(AppError::from)?.is_empty() {
                report.already_linked += 1;
            } else if let Some(sku) = listing.sku {
                open.push((listing.key, sku));
            } else {
                report.no_sku.push(listing.title);
            }
        }
        let skus: Vec<Sku> = open.iter().map(|(_, sku)| sku.clone()).collect();
        let products = store.store.products_by_sku(&skus).await.map_err(AppError::from)?;
        let mut by_sku: BTreeMap<&Sku, Vec<&Product>> = BTreeMap::new();
        for product in &products {
            if let Some(sku) = &product.sku {
                by_sku.entry(sku).or_default().push(product);
            }
        }
        for (listing, sku) in open {
            match by_sku.get(&sku).map_or(&[] as &[_], Vec::as_slice) {
                [] => report.no_match.push(sku.to_string()),
                [product] => {
                    let target = Target { product: product.id.clone(), sku: Some(sku.clone()), quantity: 1, weight: 1 };
                    let link = Link { connection: id.clone(), listing, targets: vec![target], tax_rate: None };
                    report.orders_rung += self.store_link(&link).await?;
                    report.linked.push(sku.to_string());
                }
                _ => report.several_matches.push(sku.to_string()),
            }
        }
        Ok(report)
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
        Ok(jobs.len())
    }
}
