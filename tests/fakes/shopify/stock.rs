//! Stock: claimed by orders, given back by cancels and refunds, and every move written down.
//!
//! <https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps/manage-quantities-states>: an
//! order moves units from available to committed, a package takes them out of committed; on hand is both.

use jiff::Timestamp;

use super::ledger::{MoveReason, Movement};
use super::state::{FulfillmentOrder, FulfillmentOrderLine, Order, Shop};

/// What `orderCreate` does to the stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    Bypass,
    IgnoringPolicy,
    ObeyingPolicy,
}

impl Shop {
    /// Changes what is available of a variant, and tells the webhooks.
    pub fn move_stock(&mut self, variant: u64, location: u64, delta: i64, reason: MoveReason, now: Timestamp) {
        let Some(variant) = self.variants.get_mut(&variant).filter(|variant| variant.tracked) else { return };
        let level = variant.levels.entry(location).or_default();
        let from = level.available;
        level.available += delta;
        level.updated = now;
        variant.updated = now;
        let to = level.available;
        let (sku, item) = (variant.sku.clone(), variant.inventory_item);
        self.ledger.movements.push(Movement { at: now, sku, location, from, to, reason });
        self.webhooks.inventory_changed(item, location, to, now);
    }

    fn commit(&mut self, variant: u64, location: u64, delta: i64) {
        if let Some(variant) = self.variants.get_mut(&variant).filter(|variant| variant.tracked) {
            variant.levels.entry(location).or_default().committed += delta;
        }
    }

    /// The variants of an order that there is not enough of, by index of its lines.
    pub fn short_lines(&self, order: &Order) -> Vec<usize> {
        let short = |(index, line): (usize, &super::state::Line)| {
            let variant = self.variants.get(&line.variant?)?;
            let available = variant.levels.get(&line.location).map_or(0, |level| level.available);
            (variant.tracked && !variant.oversell && available < line.quantity).then_some(index)
        };
        order.lines.iter().enumerate().filter_map(short).collect()
    }

    /// Takes the order's units out of what is available.
    pub fn claim(&mut self, order: &mut Order, now: Timestamp) {
        for line in &mut order.lines {
            if let Some(variant) = line.variant {
                line.committed = line.quantity;
                self.move_stock(variant, line.location, -line.quantity, MoveReason::Order(order.id), now);
                self.commit(variant, line.location, line.quantity);
            }
        }
    }

    /// Units of a line leave in a package.
    pub fn ship_units(&mut self, order: &mut Order, line: u64, quantity: i64) {
        if let Some(line) = order.lines.iter_mut().find(|known| known.id == line)
            && let Some(variant) = line.variant
        {
            let taken = quantity.min(line.committed);
            line.committed -= taken;
            let location = line.location;
            self.commit(variant, location, -taken);
        }
    }

    /// Units of a line go back to the shelf. What the order did not claim is not in `committed`, and yet is added to
    /// what is available: a restock of an order that bypassed the stock makes stock.
    pub fn restock(&mut self, order: &mut Order, line: u64, quantity: i64, reason: MoveReason, now: Timestamp) {
        if let Some(line) = order.lines.iter_mut().find(|known| known.id == line)
            && let Some(variant) = line.variant
        {
            let taken = quantity.min(line.committed);
            line.committed -= taken;
            let location = line.location;
            self.commit(variant, location, -taken);
            self.move_stock(variant, location, quantity, reason, now);
        }
    }

    /// Units of a line are no longer to be sent, and stay where they are.
    pub fn release(&mut self, order: &mut Order, line: u64, quantity: i64) {
        self.ship_units(order, line, quantity);
    }

    /// One for each location that sends something of the order.
    pub fn route(&mut self, order: &mut Order, now: Timestamp) {
        let mut locations: Vec<u64> = order.lines.iter().map(|line| line.location).collect();
        locations.sort_unstable();
        locations.dedup();
        for location in locations {
            let id = self.next_id();
            let own: Vec<(u64, i64)> = order
                .lines
                .iter()
                .filter(|line| line.location == location && line.quantity > 0)
                .map(|line| (line.id, line.quantity))
                .collect();
            let lines = own
                .into_iter()
                .map(|(line, total)| FulfillmentOrderLine { id: self.next_id(), line, total, remaining: total })
                .collect();
            let status = "OPEN".to_owned();
            order.fulfillment_orders.push(FulfillmentOrder { id, at: now, updated: now, status, location, lines });
        }
    }
}
