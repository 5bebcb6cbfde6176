//! The store's own stock moves: <https://developer.bigcommerce.com/docs/rest-management/settings/inventory>.

use jiff::Timestamp;

use super::state::{MoveReason, Movement, Product, StockMoves, Store, Tracking};

/// Statuses by which goods have left: shipped, completed.
const LEFT: [u64; 2] = [2, 10];
/// Refunded and cancelled.
const BACK: [u64; 2] = [4, 5];

impl Product {
    /// `None`: its stock is not kept.
    pub fn level_of(&self, variant: u64) -> Option<i64> {
        match self.tracking {
            Tracking::None => None,
            Tracking::Product => Some(self.level),
            Tracking::Variant => self.variants.iter().find(|known| known.id == variant).map(|known| known.level),
        }
    }

    pub(super) fn set_level(&mut self, variant: u64, level: i64) {
        match self.tracking {
            Tracking::None => {}
            Tracking::Product => self.level = level,
            Tracking::Variant => {
                if let Some(known) = self.variants.iter_mut().find(|known| known.id == variant) {
                    known.level = level;
                }
            }
        }
    }
}

impl Store {
    /// Moves one variant's stock; what is not kept does not move.
    pub fn move_stock(
        &mut self,
        (product_id, variant): (u64, u64),
        by: i64,
        reason: MoveReason,
        at: Timestamp,
    ) -> bool {
        let Some(product) = self.products.get_mut(&product_id) else { return false };
        let Some(level) = product.level_of(variant) else { return false };
        product.set_level(variant, level + by);
        self.movements.push(Movement { at, product_id, by, reason });
        true
    }

    /// After an order was created or its status changed.
    pub fn settle_stock(&mut self, order_id: u64, at: Timestamp) {
        let Some(order) = self.orders.get(&order_id) else { return };
        let takes = match self.stock_moves {
            StockMoves::OrderPlaced => order.status != 0 && !BACK.contains(&order.status),
            StockMoves::OrderCompletedOrShipped => LEFT.contains(&order.status),
        };
        let gives_back = self.restocks && BACK.contains(&order.status);
        for (index, line) in order.lines.clone().into_iter().enumerate().filter(|(_, line)| line.product_id > 0) {
            let item = (line.product_id, line.variant_id);
            let taken = if takes && line.taken == 0 {
                let moved = self.move_stock(item, -line.quantity, MoveReason::Order(order_id), at);
                if moved { line.quantity } else { 0 }
            } else if gives_back && line.taken > 0 {
                self.move_stock(item, line.taken, MoveReason::Cancel(order_id), at);
                0
            } else {
                line.taken
            };
            if let Some(line) = self.orders.get_mut(&order_id).and_then(|order| order.lines.get_mut(index)) {
                line.taken = taken;
            }
        }
    }
}
