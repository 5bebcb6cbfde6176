//! R7: the stock of each line moves once, and it is always known who moved it.

use serde::{Deserialize, Serialize};

use crate::ids::{LineId, ProductId};

/// How the stock of one linked product of one line stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineStock {
    pub line: LineId,
    pub product: ProductId,
    /// Units of the product (line quantity x link quantity).
    pub units: u32,
    pub state: StockState,
    /// Units that came back already.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub restored: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde's skip_serializing_if asks for")]
const fn is_zero(units: &u32) -> bool {
    *units == 0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

impl LineStock {
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
