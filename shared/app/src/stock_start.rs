//! R7: nothing is pushed to a channel before its merchant has seen what would be, and started it.

use std::collections::BTreeSet;

use connect::{Listing, PageToken};
use domain::quantity::{Telling, shown};
use domain::{ConnectionId, Link, ListingKey, ProductId, Sku};
use serde::Serialize;
use storage::{Connection, ConnectionState, PageRequest, Role};
use utoipa::ToSchema;

use crate::App;
use crate::error::AppError;
use crate::ports::{Job, StockJob};
use crate::sync_stock::{GATHER, Known};

/// Whether a channel is told quantities, and what a page of its listings would be set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StockPreview {
    #[serde(flatten)]
    pub telling: Telling,
    /// The state in one sentence.
    pub says: String,
    pub listings: Vec<ListingStock>,
    /// Where the next page begins, in the channel's own terms.
    #[schema(required)]
    pub next: Option<String>,
}

/// One linked listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListingStock {
    pub listing: ListingKey,
    #[schema(required)]
    pub sku: Option<Sku>,
    pub title: String,
    pub active: bool,
    /// What the channel shows now, where it says so.
    #[schema(required)]
    pub quantity: Option<i64>,
    /// What it is to show; `None`: it is left alone.
    #[schema(required)]
    pub will_be: Option<u32>,
    /// Why it is left alone, or why the channel did not take the quantity.
    #[schema(required)]
    pub why: Option<String>,
}

/// Why a channel is not started or shown.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    #[error("There is no such channel.")]
    NoChannel,
    #[error("This channel does not let anybody set quantities.")]
    NotOffered,
    #[error("Inventory sync is off for this channel (setting inventory_sync); switch it on first.")]
    SyncIsOff,
    #[error("The channel does not work just now; reconnect it first.")]
    NotActive,
    #[error(transparent)]
    App(#[from] AppError),
}

impl App {
    /// One page of the channel's linked listings as they are and as they would be. Changes nothing.
    pub async fn preview_stock(&self, id: &ConnectionId, page: Option<&PageToken>) -> Result<StockPreview, StockError> {
        let connection = self.working_channel(id).await?;
        let connector = self.connectors.channel(&connection).await.map_err(AppError::from)?;
        let answer = connector.listings(page).await.map_err(AppError::from)?;
        let mut keys: Vec<ListingKey> = answer.items.iter().flat_map(keys_of).collect();
        keys.sort_unstable();
        keys.dedup();
        let links = self.storage.links.get_many(id, &keys).await.map_err(AppError::from)?;
        let targets = links.iter().flat_map(|link| &link.targets);
        let products: BTreeSet<ProductId> = targets.map(|target| target.product.clone()).collect();
        let known = self.known_stock(&products, self.remembered(&products).await?).await?;
        let (settings, _) = self.storage.settings.channel_settings(id).await.map_err(AppError::from)?;
        let telling = self.storage.settings.telling(id).await.map_err(AppError::from)?;
        let listings = answer.items.into_iter().filter_map(|listing| {
            let link = keys_of(&listing).find_map(|key| links.iter().find(|link| link.listing == key))?;
            let wanted = shown(link, |product| known.available.get(product).copied(), &settings.stock);
            Some(preview(listing, link, &known, wanted.map_err(|why| why.sentence())))
        });
        let (listings, next) = (listings.collect(), answer.next.map(|PageToken(next)| next));
        Ok(StockPreview { telling, says: telling.sentence(), listings, next })
    }

    /// Tells the channel from now on, also after it was paused: every linked listing is looked at. Repeating it looks again.
    pub async fn start_stock(&self, id: &ConnectionId) -> Result<(Telling, usize), StockError> {
        let connection = self.working_channel(id).await?;
        let offer = self.connectors.offer(&connection.platform, &connection.probed).and_then(|offer| offer.channel);
        if !offer.is_some_and(|capabilities| capabilities.set_quantity) {
            return Err(StockError::NotOffered);
        }
        let (settings, _) = self.storage.settings.channel_settings(id).await.map_err(AppError::from)?;
        if !settings.inventory_sync {
            return Err(StockError::SyncIsOff);
        }
        let before = self.storage.settings.telling(id).await.map_err(AppError::from)?;
        let started = Telling::started(self.clock.now());
        self.storage.settings.put_telling(id, before, started).await.map_err(AppError::from)?;
        let rung = self.ring_linked(id, true).await?;
        Ok((started, rung))
    }

    async fn working_channel(&self, id: &ConnectionId) -> Result<Connection, StockError> {
        let found = self.storage.settings.connection(id).await.map_err(AppError::from)?;
        let channel = found.filter(|connection| connection.role == Role::Channel).ok_or(StockError::NoChannel)?;
        match channel.state {
            ConnectionState::Active => Ok(channel),
            ConnectionState::NeedsAttention { .. } => Err(StockError::NotActive),
            ConnectionState::Disconnected => Err(StockError::NoChannel),
        }
    }

    /// Rings for every product that a listing of the channel is linked to, if the channel is told at all.
    pub(crate) async fn ring_linked(&self, id: &ConnectionId, approved: bool) -> Result<usize, AppError> {
        if !matches!(self.storage.settings.telling(id).await?, Telling::On { .. }) {
            return Ok(0);
        }
        let mut products: BTreeSet<ProductId> = BTreeSet::new();
        let mut page = PageRequest::first(1_000);
        loop {
            let links = self.storage.links.list(id, &page).await?;
            products.extend(links.items.into_iter().flat_map(|link| link.targets).map(|target| target.product));
            match links.next {
                Some(next) => page = PageRequest::after(next, 1_000),
                None => break,
            }
        }
        let approved_for = approved.then(|| id.clone());
        let job = |product_id| Job::Stock(StockJob { product_id, order_id: None, approved_for: approved_for.clone() });
        let jobs: Vec<Job> = products.into_iter().map(job).collect();
        if !jobs.is_empty() {
            self.queue.send(&jobs, GATHER).await?;
        }
        Ok(jobs.len())
    }

    /// The main store works again: what its stock did meanwhile nobody told.
    pub(crate) async fn ring_all_linked(&self) -> Result<(), AppError> {
        for connection in self.storage.settings.connections().await? {
            if connection.role == Role::Channel && connection.state == ConnectionState::Active {
                self.ring_linked(&connection.id, false).await?;
            }
        }
        Ok(())
    }
}

fn keys_of(listing: &Listing) -> impl Iterator<Item = ListingKey> {
    [Some(listing.key.clone()), listing.sku.clone().map(ListingKey::Sku)].into_iter().flatten()
}

fn preview(listing: Listing, link: &Link, known: &Known, wanted: Result<u32, String>) -> ListingStock {
    let refused = known.told(link).and_then(|told| {
        let why = told.refused.as_ref().filter(|_| wanted.as_ref() == Ok(&told.quantity))?;
        Some(format!("The channel did not take {}: {why}", told.quantity))
    });
    let (will_be, why) = match wanted {
        Ok(quantity) => (Some(quantity), refused),
        Err(why) => (None, Some(why)),
    };
    ListingStock {
        listing: link.listing.clone(),
        sku: listing.sku,
        title: listing.title,
        active: listing.active,
        quantity: listing.quantity,
        will_be,
        why,
    }
}
