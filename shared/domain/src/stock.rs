//! R7: the stock of each line moves once, and it is always known who moved it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::channel_order::Line;
use crate::ids::{LineId, ProductId};
use crate::readback::StoreOrder;

/// How the stock of one linked product of one line stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineStock {
    pub line: LineId,
    pub product: ProductId,
    /// Units of the product (line quantity x link quantity).
    pub units: u32,
    pub state: StockState,
    /// Units that came back already.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub restored: u32,
    /// Units of the line that these units of the product stand for; 0: all that were ordered.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub of: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde's skip_serializing_if asks for")]
const fn is_zero(units: &u32) -> bool {
    *units == 0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StockState {
    /// Stored before the call that moves it: an unanswered call is never mistaken for none.
    Intended,
    /// Deducted in the store by us, because the order is not (yet) imported or the store does not deduct it.
    Held,
    /// Deducted by the store itself when the order was created there.
    Taken,
    /// The call was not answered and the stock does not tell; a person decides.
    Unknown,
    /// The product's stock is not managed in the store: nothing to move.
    Unmanaged,
    /// Everything came back.
    Restored,
}

/// How the lines stand after the store canceled the order and put everything back by itself (R7, R9).
pub fn restored(stock: &[LineStock]) -> Vec<LineStock> {
    let back = |known: &LineStock| LineStock { state: StockState::Restored, restored: known.units, ..known.clone() };
    stock.iter().map(|known| if known.moved() { back(known) } else { known.clone() }).collect()
}

/// How the lines stand by the store's own word. Where it has fewer units deducted for a line than are out of stock for it,
/// somebody put them back there already: that counts (R7, R9).
pub fn read_back(stock: &[LineStock], seen: &StoreOrder) -> Vec<LineStock> {
    let deducted = |known: &LineStock| {
        let mut lines = seen
            .lines
            .iter()
            .filter(|line| line.line.as_ref() == Some(&known.line) && line.product.as_ref() == Some(&known.product));
        let first = lines.next()?.deducted?;
        lines.try_fold(first, |sum, line| Some(sum.saturating_add(line.deducted?)))
    };
    let read = |known: &LineStock| match deducted(known) {
        Some(deducted) if deducted < known.outstanding() => known.with_restored(known.units.saturating_sub(deducted)),
        _ => known.clone(),
    };
    stock.iter().map(read).collect()
}

impl LineStock {
    /// With so many units come back in all.
    #[must_use]
    pub fn with_restored(&self, restored: u32) -> Self {
        let state = if restored >= self.units { StockState::Restored } else { self.state };
        Self { state, restored: restored.min(self.units), ..self.clone() }
    }

    /// Units of the product in one unit of its line, as they were when its stock moved.
    pub fn per_unit(&self, line: &Line) -> Option<u32> {
        let of = if self.of == 0 { line.quantity } else { self.of };
        self.units.checked_div(of).filter(|per| *per > 0 && self.units.is_multiple_of(of))
    }

    /// The same product of the same line.
    pub fn is_same_line(&self, other: &Self) -> bool {
        self.line == other.line && self.product == other.product
    }

    /// The units have left the store's stock, once.
    pub const fn moved(&self) -> bool {
        matches!(self.state, StockState::Held | StockState::Taken)
    }

    /// Nothing more has to happen for this line.
    pub const fn settled(&self) -> bool {
        matches!(self.state, StockState::Held | StockState::Taken | StockState::Unmanaged | StockState::Restored)
    }

    /// Units still out of stock on behalf of the order.
    pub const fn outstanding(&self) -> u32 {
        if self.moved() { self.units.saturating_sub(self.restored) } else { 0 }
    }
}
