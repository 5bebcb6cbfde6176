//! E2: what import would do with an order now, played forward on a copy: nothing is sent and nothing is stored.

use std::collections::BTreeMap;

use crate::head::Order;
use crate::ids::ProductId;
use crate::plan::{self, Facts, Step};
use crate::stock::{LineStock, StockState};

/// More steps than any order takes before its end.
const MAX_STEPS: usize = 10;

/// Where an order would come to rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// The step that is no move of stock: an import, a reason to wait, the end.
    pub end: Step,
    /// Units that the store's stock of each product would change by: -2, two are taken. Products that would not move are left out.
    pub moves: BTreeMap<ProductId, i64>,
}

/// Plays the plan forward as if every move succeeded and every product's stock were managed.
pub fn foresee(facts: &Facts<'_>) -> Foreseen {
    let mut order = facts.order.clone();
    for _ in 0..MAX_STEPS {
        match plan::next_step(&Facts { order: &order, ..*facts }) {
            Step::Deduct(lines) => settle(&mut order, &lines, StockState::Held),
            Step::PutBack(lines) => settle(&mut order, &lines, StockState::Restored),
            Step::Import { draft, stock } => {
                let moves = difference(facts.order, &stock);
                return Foreseen { end: Step::Import { draft, stock }, moves };
            }
            end => return Foreseen { moves: difference(facts.order, &order.stock), end },
        }
    }
    Foreseen { end: Step::Stay, moves: difference(facts.order, &order.stock) }
}

fn settle(order: &mut Order, lines: &[LineStock], state: StockState) {
    for line in lines {
        let restored = if state == StockState::Restored { line.units } else { 0 };
        let moved = LineStock { state, restored, ..line.clone() };
        order.stock.retain(|known| !known.is_same_line(line));
        order.stock.push(moved);
    }
}

fn difference(before: &Order, after: &[LineStock]) -> BTreeMap<ProductId, i64> {
    let mut moves: BTreeMap<ProductId, i64> = BTreeMap::new();
    for stock in &before.stock {
        *moves.entry(stock.product.clone()).or_default() += i64::from(stock.outstanding());
    }
    for stock in after {
        *moves.entry(stock.product.clone()).or_default() -= i64::from(stock.outstanding());
    }
    moves.retain(|_, units| *units != 0);
    moves
}
