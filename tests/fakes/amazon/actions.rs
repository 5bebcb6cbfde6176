//! What buyers, the seller and Amazon do at Amazon itself, each a change that `lastUpdatedTime` tells of.

use super::AmazonFake;
use super::listings::ListedItem;
use super::order::{Order, Package, millis};
use super::order_spec::OrderSpec;
use crate::locked;

impl AmazonFake {
    /// A buyer's order; Amazon lowers the quantity of a listing that the merchant ships.
    ///
    /// # Panics
    /// Where the test is mistaken: the id is taken.
    pub fn place(&self, spec: OrderSpec) {
        let order = Order::new(spec, self.clock().now());
        let mut state = locked(&self.shared.state);
        if !order.spec.by_amazon {
            for line in &order.spec.lines {
                state.listings.sold(&line.sku, line.quantity);
            }
        }
        let id = order.spec.id.clone();
        assert!(state.orders.insert(id.clone(), order).is_none(), "{id} is placed twice");
    }

    pub fn place_all(&self, specs: impl IntoIterator<Item = OrderSpec>) {
        for spec in specs {
            self.place(spec);
        }
    }

    /// Lists an item, or replaces it.
    pub fn list(&self, mut item: ListedItem) {
        let now = millis(self.clock().now());
        item.created = item.created.or(Some(now));
        locked(&self.shared.state).listings.items.insert(item.sku.clone(), item);
    }

    /// The payment is authorised: the order is ready to be shipped.
    pub fn release(&self, order_id: &str) {
        let now = millis(self.clock().now());
        self.change(order_id, |order| order.released = order.released.or(Some(now)));
    }

    /// The buyer asks for a cancellation; nobody has decided yet.
    pub fn request_cancel(&self, order_id: &str) {
        self.change(order_id, |order| order.cancel_requested = order.spec.item_ids());
    }

    pub fn cancel(&self, order_id: &str) {
        self.change(order_id, |order| order.canceled = true);
    }

    /// Money goes back to the buyer. Amazon's orders show nothing of it, and do not change.
    pub fn refund(&self, order_id: &str) {
        assert!(self.order(order_id).is_some(), "there is no order {order_id}");
    }

    /// The seller buys a label at Amazon, which confirms the package itself. `lines`: (item id, quantity).
    pub fn ship_by_label(&self, order_id: &str, carrier: &str, tracking: &str, lines: &[(&str, u32)]) {
        let now = millis(self.clock().now());
        let number = locked(&self.shared.state).next_number();
        self.change(order_id, |order| {
            order.packages.push(Package {
                reference: format!("label-{number}"),
                carrier: carrier.to_owned(),
                tracking: tracking.to_owned(),
                lines: lines.iter().map(|(id, quantity)| ((*id).to_owned(), *quantity)).collect(),
                shipped: now,
                created: now,
                status: "SHIPPED".to_owned(),
                told: 0,
            });
        });
    }

    /// Every package of the order has arrived.
    pub fn deliver(&self, order_id: &str) {
        self.change(order_id, |order| {
            order.packages.iter_mut().for_each(|package| "DELIVERED".clone_into(&mut package.status));
        });
    }

    /// Sent from Amazon's warehouse.
    pub fn ship_from_warehouse(&self, order_id: &str) {
        self.change(order_id, |order| order.sent_by_amazon = true);
    }

    /// Any other change of what was ordered.
    pub fn edit(&self, order_id: &str, change: impl FnOnce(&mut OrderSpec)) {
        self.change(order_id, |order| change(&mut order.spec));
    }

    /// Only `lastUpdatedTime` moves.
    pub fn touch(&self, order_id: &str) {
        self.change(order_id, |_| {});
    }

    /// # Panics
    /// Where there is no such order.
    fn change(&self, order_id: &str, change: impl FnOnce(&mut Order)) {
        let now = millis(self.clock().now());
        let mut state = locked(&self.shared.state);
        let order = state.orders.get_mut(order_id);
        assert!(order.is_some(), "there is no order {order_id}");
        if let Some(order) = order {
            change(order);
            order.modified = now;
        }
    }
}
