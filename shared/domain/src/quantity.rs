//! R7: the quantity that a listing shall show, and when so many would go to zero that a person is asked first.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{ProductId, Sku};
use crate::link::Link;
use crate::stock_settings::StockSettings;

/// What the main store has of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreStock {
    /// Units, below zero where more were sold than there were.
    Managed(i64),
    /// The store does not count it.
    Unmanaged,
    /// The store has no such product (any more).
    Gone,
}

/// What there is of a product for the channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    pub stock: StoreStock,
    /// Units that orders not yet imported hold and that are still in `stock`.
    pub held: u32,
}

impl Available {
    /// Units that can still be sold, below zero where more were promised than there are; `None` if nobody counts them.
    pub fn units(self) -> Option<i64> {
        match self.stock {
            StoreStock::Managed(stock) => Some(stock.saturating_sub(i64::from(self.held))),
            StoreStock::Unmanaged | StoreStock::Gone => None,
        }
    }

    /// By how many units more were promised than there are.
    pub fn short(self) -> u32 {
        let below = self.units().unwrap_or(0).min(0).unsigned_abs();
        u32::try_from(below).unwrap_or(u32::MAX)
    }
}

/// Why a listing is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTold {
    /// None of its products is counted in the main store.
    Unmanaged,
    /// The main store has no such product (any more).
    Gone(ProductId),
    /// The main store has not been read yet.
    Unread(ProductId),
}

impl NotTold {
    /// One sentence for the merchant.
    pub fn sentence(&self) -> String {
        match self {
            Self::Unmanaged => {
                "The main store does not count the stock of this product, so the listing's quantity is left alone."
                    .to_owned()
            }
            Self::Gone(product) => {
                format!("The main store has no product {product} any more; link the listing to another one.")
            }
            Self::Unread(product) => {
                format!("The stock of product {product} has not been read from the main store yet.")
            }
        }
    }
}

/// The quantity that a listing shall show: as many as its scarcest product allows, less the buffer, up to the maximum.
///
/// A product that nobody counts limits nothing. `available` is `None` for a product that was never read.
pub fn shown(
    link: &Link,
    available: impl Fn(&ProductId) -> Option<Available>,
    settings: &StockSettings,
) -> Result<u32, NotTold> {
    let mut scarcest: Option<i64> = None;
    for target in &link.targets {
        let found = available(&target.product).ok_or_else(|| NotTold::Unread(target.product.clone()))?;
        if found.stock == StoreStock::Gone {
            return Err(NotTold::Gone(target.product.clone()));
        }
        if let Some(units) = found.units() {
            let whole = units.max(0) / i64::from(target.quantity.max(1));
            scarcest = Some(scarcest.map_or(whole, |least| least.min(whole)));
        }
    }
    let whole = scarcest.ok_or(NotTold::Unmanaged)?.saturating_sub(i64::from(settings.buffer)).max(0);
    let whole = u32::try_from(whole).unwrap_or(u32::MAX);
    Ok(settings.maximum.map_or(whole, |maximum| whole.min(maximum)))
}

/// This many listings may always go to zero together: a small channel that sells out is no mistake.
pub const HANDFUL: u32 = 5;
/// "At once" is within this time: a wrong stocktake arrives as a row of changes.
pub const AT_ONCE: SignedDuration = SignedDuration::from_hours(1);

/// Whether so many of a channel's linked listings would go to zero at once that a person is asked: more than 20 %, and more than a handful.
pub const fn too_many_zeros(zeros: u32, listings: u32) -> bool {
    zeros > HANDFUL && zeros as u64 * 5 > listings as u64
}

/// Whether a channel is told quantities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Telling {
    /// Nothing is sent before the merchant has seen what would be, and started it.
    #[default]
    NotStarted,
    On {
        since: Timestamp,
        /// Listings that went to zero since `zeros_since`.
        #[serde(default)]
        zeros: u32,
        zeros_since: Timestamp,
    },
    /// Too many listings would have gone to zero at once; a person is asked.
    Paused { since: Timestamp, zeros: u32, listings: u32 },
}

impl Telling {
    pub const fn started(now: Timestamp) -> Self {
        Self::On { since: now, zeros: 0, zeros_since: now }
    }

    /// With so many listings more going to zero now. `listings`: how many of the channel are linked.
    #[must_use]
    pub fn with_zeros(self, more: u32, listings: u32, now: Timestamp) -> Self {
        let Self::On { since, zeros, zeros_since } = self else { return self };
        let fresh = now.duration_since(zeros_since) > AT_ONCE;
        let (before, zeros_since) = if fresh { (0, now) } else { (zeros, zeros_since) };
        let zeros = before.saturating_add(more);
        if too_many_zeros(zeros, listings) {
            Self::Paused { since: now, zeros, listings }
        } else {
            Self::On { since, zeros, zeros_since }
        }
    }

    /// One sentence for the merchant.
    pub fn sentence(self) -> String {
        match self {
            Self::NotStarted => {
                "No quantity is sent to this channel yet: look at what would be set, then start it.".to_owned()
            }
            Self::On { .. } => "The channel's linked listings follow the main store's stock.".to_owned(),
            Self::Paused { zeros, listings, .. } => format!(
                "Paused: {zeros} of {listings} linked listings would have gone to zero within an hour. Look at the main store's stock, then start again."
            ),
        }
    }
}

/// A product as a merchant knows it: by its SKU where it has one.
pub fn product_name(product: &ProductId, sku: Option<&Sku>) -> String {
    sku.map_or_else(|| format!("product {product}"), ToString::to_string)
}

/// `1 unit of A`, `3 units of A`.
pub fn units_of(units: u32, name: &str) -> String {
    if units == 1 { format!("1 unit of {name}") } else { format!("{units} units of {name}") }
}
