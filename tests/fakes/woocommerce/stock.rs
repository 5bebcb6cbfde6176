//! Stock as WooCommerce keeps it: taken once per line, noted in the line's `_reduced_stock`, given back by that.

use serde_json::Value;

use super::ledger::{MoveReason, Movement};
use super::shop::Shop;
use super::state::{Line, Meta, Order};

pub(super) const REDUCED: &str = "_reduced_stock";
pub(super) const RESTOCKED: &str = "_restock_refunded_items";

impl Shop {
    /// Takes the stock of every line that is not marked yet, unless the order says that this was done.
    pub fn take_stock(&mut self, order: &mut Order) {
        if order.stock_reduced {
            return;
        }
        let mut changes = Vec::new();
        let mut lines = std::mem::take(&mut order.lines);
        for line in &mut lines {
            if units(&line.meta, REDUCED) != 0 {
                continue;
            }
            let quantity = line.quantity;
            if let Some((from, to)) = self.move_stock(line, -quantity, MoveReason::Order(order.id)) {
                self.set_meta(&mut line.meta, REDUCED, Value::String(quantity.to_string()));
                changes.push(format!("{} ({from}&rarr;{to})", line.name));
            }
        }
        order.lines = lines;
        if !changes.is_empty() {
            self.note(order, format!("Stock levels reduced: {}", changes.join(", ")), false);
        }
        order.stock_reduced = true;
    }

    /// Gives back what the lines' `_reduced_stock` says, whoever wrote it.
    pub fn give_stock_back(&mut self, order: &mut Order) {
        if !order.stock_reduced {
            return;
        }
        let mut changes = Vec::new();
        let mut lines = std::mem::take(&mut order.lines);
        for line in &mut lines {
            let reduced = units(&line.meta, REDUCED);
            if reduced == 0 {
                continue;
            }
            if let Some((from, to)) = self.move_stock(line, reduced, MoveReason::Cancel(order.id)) {
                line.meta.retain(|meta| meta.key != REDUCED);
                changes.push(format!("{} ({from}&rarr;{to})", line.name));
            }
        }
        order.lines = lines;
        if !changes.is_empty() {
            self.note(order, format!("Stock levels increased: {}", changes.join(", ")), false);
        }
        order.stock_reduced = false;
    }

    /// A line was added to, or changed in, an order whose stock is taken (capture 68).
    pub fn adjust_line_stock(&mut self, order: &mut Order, index: usize) {
        if !order.status.takes_stock() {
            return;
        }
        let Some(mut line) = order.lines.get(index).cloned() else { return };
        let wanted = line.quantity - units(&line.meta, RESTOCKED);
        let missing = wanted - units(&line.meta, REDUCED);
        if missing == 0 {
            return;
        }
        if let Some((from, to)) = self.move_stock(&line, -missing, MoveReason::Order(order.id)) {
            self.set_meta(&mut line.meta, REDUCED, Value::String(wanted.to_string()));
            self.note(order, format!("Adjusted stock: {} ({from}&rarr;{to})", line.name), false);
            order.lines[index] = line;
            order.stock_reduced = true;
        }
    }

    /// A line is taken off an order: what it took comes back.
    pub fn give_line_back(&mut self, order: &mut Order, line_id: i64) {
        let Some(line) = order.lines.iter().find(|line| line.id.cast_signed() == line_id).cloned() else { return };
        let reduced = units(&line.meta, REDUCED);
        if reduced != 0 && order.status.takes_stock() {
            self.move_stock(&line, reduced, MoveReason::Order(order.id));
        }
    }

    /// Puts refunded units back; returns whether it did.
    pub fn restock_refunded(&mut self, order: &mut Order, line_id: u64, quantity: i64) -> bool {
        let Some(index) = order.lines.iter().position(|line| line.id == line_id) else { return false };
        let mut line = order.lines[index].clone();
        let reduced = units(&line.meta, REDUCED);
        if reduced == 0 || quantity == 0 {
            return false;
        }
        let Some((from, to)) = self.move_stock(&line, quantity, MoveReason::Refund(order.id)) else { return false };
        let restocked = quantity + units(&line.meta, RESTOCKED);
        self.set_meta(&mut line.meta, REDUCED, Value::String((reduced - quantity).to_string()));
        self.set_meta(&mut line.meta, RESTOCKED, Value::String(restocked.to_string()));
        let product = sold(&line);
        self.note(order, format!("Item #{product} stock increased from {from} to {to}."), false);
        order.lines[index] = line;
        true
    }

    /// `(from, to)`, or `None` where the line has no product or its stock is not managed.
    fn move_stock(&mut self, line: &Line, by: i64, reason: MoveReason) -> Option<(i64, i64)> {
        let from = self.products.get(&sold(line))?.stock?;
        let to = from + by;
        self.set_stock(sold(line), to, reason);
        Some((from, to))
    }

    /// Sets a product's stock and notes the movement.
    pub fn set_stock(&mut self, product_id: u64, to: i64, reason: MoveReason) {
        let at = self.now();
        let Some(product) = self.products.get_mut(&product_id) else { return };
        let from = product.stock.unwrap_or(0);
        product.stock = Some(to);
        product.modified = at;
        if matches!(reason, MoveReason::Order(_)) {
            product.total_sales += from - to;
        }
        let sku = product.sku.clone();
        self.ledger.movements.push(Movement { at, sku, product_id, from, to, reason });
        self.webhooks.product_updated(product_id);
    }
}

/// The product whose stock a line moves.
pub(super) fn sold(line: &Line) -> u64 {
    if line.variation_id == 0 { line.product_id } else { line.variation_id }
}

fn units(metas: &[Meta], key: &str) -> i64 {
    let value = metas.iter().find(|meta| meta.key == key).map(|meta| &meta.value);
    match value {
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        Some(Value::Number(number)) => number.as_i64().unwrap_or(0),
        _ => 0,
    }
}
