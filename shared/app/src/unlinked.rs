//! A33: why an item has no link, and what to do: asked of the main store when a person looks, never on an order's way.

use std::collections::BTreeMap;
use std::time::Duration;

use connect::Product;
use domain::link::Links;
use domain::{ImportState, Line, LineId, Order, ProductId, Sku};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::context::Store;
use crate::error::AppError;

/// A person waits for the answer: a store that takes longer is not asked.
const PATIENCE: Duration = Duration::from_secs(4);

/// Why a line has no link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unlinked {
    #[serde(flatten)]
    pub cause: UnlinkedCause,
    /// What is the case and what to do, in plain words.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum UnlinkedCause {
    /// The channel names no SKU to look for.
    NoSku,
    /// The main store has it; only the link is missing.
    NotLinked { product: ProductId },
    /// The main store has more than one product with the SKU.
    SeveralProducts { products: Vec<ProductId> },
    /// The main store has no product with the SKU.
    NoProduct,
    /// The main store could not be asked.
    NotKnown,
}

impl App {
    /// Each line that waits for a link, and why it has none; nothing for an order that is in the main store, or never comes there.
    pub async fn unlinked(&self, order: &Order, links: &Links) -> Result<BTreeMap<LineId, Unlinked>, AppError> {
        let waits =
            matches!(order.import, ImportState::Received | ImportState::Waiting(_) | ImportState::Failed { .. });
        let open = || order.source.real_lines().filter(|line| links.of(line).is_none());
        if !waits || open().next().is_none() {
            return Ok(BTreeMap::new());
        }
        let mut skus: Vec<Sku> = open().filter_map(|line| line.sku.clone()).collect();
        skus.sort_unstable();
        skus.dedup();
        let products = if skus.is_empty() { Some(Vec::new()) } else { self.products_at_hand(&skus).await? };
        Ok(open().map(|line| (line.id.clone(), why(line, products.as_deref()))).collect())
    }

    /// `None`: the store could not be asked, or not soon enough.
    async fn products_at_hand(&self, skus: &[Sku]) -> Result<Option<Vec<Product>>, AppError> {
        let Store::Ready(store) = self.main_store().await? else { return Ok(None) };
        match tokio::time::timeout(PATIENCE, store.store.products_by_sku(skus)).await {
            Ok(Ok(products)) => Ok(Some(products)),
            Ok(Err(error)) => {
                tracing::info!(connection = %store.connection.id, error = %error, "Could not look for products of unlinked items");
                Ok(None)
            }
            Err(_) => Ok(None),
        }
    }
}

fn why(line: &Line, products: Option<&[Product]>) -> Unlinked {
    let Some(sku) = &line.sku else {
        let text = "The channel gives this item no SKU to look for. Link its listing to a product of the main store.";
        return Unlinked { cause: UnlinkedCause::NoSku, text: text.to_owned() };
    };
    let Some(products) = products else {
        let text = format!(
            "This listing is not linked. Link it to a product of the main store; whether one has the SKU {sku} could not be found out just now."
        );
        return Unlinked { cause: UnlinkedCause::NotKnown, text };
    };
    let is_it = |product: &&Product| {
        product.sku.as_ref().is_some_and(|known| known.as_str().eq_ignore_ascii_case(sku.as_str()))
    };
    let found: Vec<&Product> = products.iter().filter(is_it).collect();
    match found.as_slice() {
        [] => Unlinked {
            cause: UnlinkedCause::NoProduct,
            text: format!(
                "The main store has no product with the SKU {sku}. Add it there, or link this listing to another product."
            ),
        },
        [product] => Unlinked {
            cause: UnlinkedCause::NotLinked { product: product.id.clone() },
            text: format!(
                "The main store has a product with the SKU {sku} ({}), but this listing is not linked to it. Link the two.",
                product.name
            ),
        },
        several => Unlinked {
            cause: UnlinkedCause::SeveralProducts { products: several.iter().map(|p| p.id.clone()).collect() },
            text: format!(
                "The main store has {} products with the SKU {sku}. Link this listing to the right one.",
                several.len()
            ),
        },
    }
}
