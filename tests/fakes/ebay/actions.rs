//! What buyers and the seller do at eBay itself, each a change that `lastModifiedDate` tells of.

use super::order::{Cancel, Fulfilment, Order, Refund, ShippedBy};
use super::order_spec::{OrderSpec, Payment};
use super::time::millis;
use super::{EbayFake, StockedItem};
use crate::locked;

/// How much of an order is given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOf {
    /// Everything that was not given back yet.
    Rest,
    /// An amount in minor units on the order, as goodwill.
    Amount(i64),
    /// An amount in minor units on one line.
    Line { line_id: String, amount: i64 },
}

impl EbayFake {
    /// A buyer's order; eBay lowers the quantity of the SKUs it knows.
    ///
    /// # Panics
    /// Where the test is mistaken: the id is taken, or a patch names a place that the order lacks.
    pub fn place(&self, spec: OrderSpec) {
        let order = Order::new(spec, self.clock().now());
        assert_eq!(order.idle_patch().map(|patch| format!("{patch:?}")), None, "a patch that changes nothing");
        let mut state = locked(&self.shared.state);
        for line in &order.spec.lines {
            if let Some(sku) = &line.sku {
                state.inventory.sold(sku, line.quantity);
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
    pub fn stock(&self, item: StockedItem) {
        locked(&self.shared.state).inventory.items.insert(item.sku.clone(), item);
    }

    pub fn pay(&self, order_id: &str) {
        self.change(order_id, |order, now| order.paid = order.paid.or(Some(now)));
    }

    /// The buyer asks; the seller has not agreed yet.
    pub fn request_cancel(&self, order_id: &str) {
        self.change(order_id, |order, now| order.cancel = Cancel::Requested(now));
    }

    /// Cancelled for good. What was paid goes back to the buyer.
    pub fn cancel(&self, order_id: &str) {
        if self.order(order_id).is_some_and(|order| order.paid.is_some()) {
            self.refund(order_id, RefundOf::Rest);
        }
        self.change(order_id, |order, now| order.cancel = Cancel::Canceled(now));
    }

    pub fn refund(&self, order_id: &str, refund: RefundOf) {
        let number = locked(&self.shared.state).next_number();
        self.change(order_id, |order, now| {
            let rest = order.spec.sums(false).store_total - order.refunded();
            let (line, amount) = match refund {
                RefundOf::Rest => (None, rest),
                RefundOf::Amount(amount) => (None, amount),
                RefundOf::Line { line_id, amount } => (Some(line_id), amount),
            };
            if amount > 0 {
                order.refunds.push(Refund { id: format!("5{number:09}"), amount, line, at: now });
            }
        });
    }

    /// The seller buys a label on eBay, which reports the package itself. `lines`: (line id, quantity).
    pub fn ship_by_label(&self, order_id: &str, carrier: &str, tracking: &str, lines: &[(&str, u32)]) {
        self.change(order_id, |order, now| {
            order.fulfilments.push(Fulfilment {
                id: tracking.to_owned(),
                carrier: Some(carrier.to_owned()),
                tracking: Some(tracking.to_owned()),
                lines: lines.iter().map(|(id, quantity)| ((*id).to_owned(), *quantity)).collect(),
                shipped: now,
                by: ShippedBy::Label,
            });
        });
    }

    /// The seller marks lines as shipped at eBay itself, without a number. `lines`: (line id, quantity).
    pub fn ship_unnumbered(&self, order_id: &str, lines: &[(&str, u32)]) {
        let number = locked(&self.shared.state).next_number();
        self.change(order_id, |order, now| {
            order.fulfilments.push(Fulfilment {
                id: (999 + number).to_string(),
                carrier: None,
                tracking: None,
                lines: lines.iter().map(|(id, quantity)| ((*id).to_owned(), *quantity)).collect(),
                shipped: now,
                by: ShippedBy::Label,
            });
        });
    }

    /// Any other change of what was ordered: an address, a note, a price.
    pub fn edit(&self, order_id: &str, change: impl FnOnce(&mut OrderSpec)) {
        self.change(order_id, |order, _| change(&mut order.spec));
    }

    /// Only `lastModifiedDate` moves.
    pub fn touch(&self, order_id: &str) {
        self.change(order_id, |_, _| {});
    }

    /// The buyer pays several unpaid orders as one: a new order holds their lines under the same line ids, and the old
    /// ones vanish from every list and look-up.
    ///
    /// # Panics
    /// Where an order is not there.
    pub fn combine(&self, order_ids: &[&str], new_id: &str, shipping: i64) {
        let now = self.clock().now();
        let mut state = locked(&self.shared.state);
        let old: Vec<Order> = order_ids.iter().filter_map(|id| state.orders.remove(*id)).collect();
        assert_eq!(old.len(), order_ids.len(), "an order to combine is not there");
        let mut spec = OrderSpec { id: new_id.to_owned(), lines: Vec::new(), created: None, ..old[0].spec.clone() };
        for order in &old {
            for (at, line) in order.spec.lines.iter().enumerate() {
                let mut line = line.clone().id(&order.spec.line_id(at));
                (line.shipping, line.shipping_discount) = (0, 0);
                spec = spec.line_of(line);
            }
        }
        spec.payment = Payment::Paid;
        state.combined_away.extend(old);
        state.orders.insert(new_id.to_owned(), Order::new(spec.shipping(shipping), now));
    }

    /// # Panics
    /// Where there is no such order.
    fn change(&self, order_id: &str, change: impl FnOnce(&mut Order, jiff::Timestamp)) {
        let now = millis(self.clock().now());
        let mut state = locked(&self.shared.state);
        let order = state.orders.get_mut(order_id);
        assert!(order.is_some(), "there is no order {order_id}");
        if let Some(order) = order {
            change(order, now);
            order.modified = now;
        }
    }
}
