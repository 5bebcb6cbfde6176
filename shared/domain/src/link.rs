//! Links: which products of the main store a listing stands for, and in what quantities.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::channel_order::Line;
use crate::ids::{ConnectionId, ListingKey, ProductId, Sku};
use crate::tax::BasisPoints;

/// A listing of one channel and the products it stands for. A 2-pack or a bundle is one link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub connection: ConnectionId,
    pub listing: ListingKey,
    pub targets: Vec<Target>,
    /// R2: the rate of this product, where a destination has one at all; 0: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<BasisPoints>,
}

/// One product of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Target {
    pub product: ProductId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// Units of the product in one unit of the listing.
    pub quantity: u32,
    /// How much of the price this target takes, relative to the others (R16). One target: any value.
    #[serde(default = "one")]
    pub weight: u32,
}

const fn one() -> u32 {
    1
}

/// Why a link cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLink {
    #[error("a link needs at least one product")]
    NoTarget,
    #[error("a link holds at most {MAX_TARGETS} products")]
    TooManyTargets,
    #[error("the quantity of product {0} must be between 1 and {MAX_QUANTITY}")]
    Quantity(ProductId),
    #[error("product {0} stands in the link twice")]
    Twice(ProductId),
}

pub const MAX_TARGETS: usize = 20;
pub const MAX_QUANTITY: u32 = 10_000;

impl Link {
    pub fn validate(&self) -> Result<(), InvalidLink> {
        if self.targets.is_empty() {
            return Err(InvalidLink::NoTarget);
        }
        if self.targets.len() > MAX_TARGETS {
            return Err(InvalidLink::TooManyTargets);
        }
        for (i, target) in self.targets.iter().enumerate() {
            if target.quantity == 0 || target.quantity > MAX_QUANTITY {
                return Err(InvalidLink::Quantity(target.product.clone()));
            }
            if self.targets[..i].iter().any(|earlier| earlier.product == target.product) {
                return Err(InvalidLink::Twice(target.product.clone()));
            }
        }
        Ok(())
    }
}

/// The links found for an order's lines.
#[derive(Debug, Clone, Default)]
pub struct Links(HashMap<ListingKey, Link>);

impl Links {
    /// The link of a line: by its listing, else by its SKU (R5).
    pub fn of(&self, line: &Line) -> Option<&Link> {
        line.keys().find_map(|key| self.0.get(&key))
    }
}

impl Links {
    /// The same without the links to any of these products: a line whose product is gone counts as not linked (R5).
    #[must_use]
    pub fn without(&self, gone: &BTreeSet<ProductId>) -> Self {
        let whole = |link: &&Link| link.targets.iter().all(|target| !gone.contains(&target.product));
        self.0.values().filter(whole).cloned().collect()
    }
}

impl FromIterator<Link> for Links {
    fn from_iter<I: IntoIterator<Item = Link>>(links: I) -> Self {
        Self(links.into_iter().map(|link| (link.listing.clone(), link)).collect())
    }
}
