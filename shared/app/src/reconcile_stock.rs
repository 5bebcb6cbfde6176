//! The nightly look at the main store's stock: a level that somebody typed in there is heard of here.

use std::collections::BTreeSet;

use connect::{ConnectError, ErrorKind};
use domain::ProductId;
use domain::quantity::StoreStock;
use domain::reconcile::{Found, Gap};

use crate::App;
use crate::context::ReadyStore;
use crate::error::AppError;

/// Pages of products; a store that never ends is given up and told.
const MAX_PAGES: usize = 1_000;

impl App {
    /// The products whose level is another than when their listings were told. A product that was never told is not looked at.
    pub(crate) async fn look_at_stock(&self, store: &ReadyStore) -> Result<Found, AppError> {
        let mut found = Found::default();
        if self.told_channels().await?.is_empty() {
            return Ok(found);
        }
        let mut page = None;
        for _ in 0..MAX_PAGES {
            let answer = store.store.products(page.as_ref()).await?;
            let ids: BTreeSet<ProductId> = answer.items.iter().map(|product| product.id.clone()).collect();
            for known in self.storage.settings.product_stock(&ids).await? {
                let level = answer.items.iter().find(|product| product.id == known.product);
                let now = level.map(|product| product.stock.map_or(StoreStock::Unmanaged, StoreStock::Managed));
                let (Some(told), Some(now)) = (known.stock, now) else { continue };
                if told != now && !known.told.is_empty() {
                    found.add(Gap::LevelChanged { product: known.product, told, found: now });
                }
            }
            match answer.next {
                Some(next) if Some(&next) == page.as_ref() => break,
                Some(next) => page = Some(next),
                None => return Ok(found),
            }
        }
        let message = "The main store's list of products does not end; it is read again later.";
        Err(ConnectError::new(ErrorKind::Unavailable, "reconcile.products", message).without_effect().into())
    }
}
