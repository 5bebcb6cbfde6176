//! What buyers and the seller do at Etsy itself.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;

use super::EtsyFake;
use super::listing::Listing;
use super::receipt::{Receipt, Refund, Shipment};
use super::receipt_spec::{LineSpec, ReceiptSpec};
use super::state::State;
use crate::locked;

/// How much of a receipt is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundOf {
    /// Everything that was not given back yet.
    Rest,
    /// An amount in minor units.
    Amount(i64),
}

impl EtsyFake {
    /// A buyer's order; Etsy lowers the quantity of the listings it knows.
    ///
    /// # Panics
    /// Where the number is taken.
    pub fn place(&self, spec: ReceiptSpec) {
        let now = self.clock().now();
        let mut state = locked(&self.shared.state);
        let sold: Vec<(u64, u64)> = spec.lines.iter().map(|line| sold(&state, line)).collect();
        for ((listing, product), line) in sold.iter().zip(&spec.lines) {
            if let Some(listing) = state.listings.get_mut(listing) {
                listing.sell(*product, line.quantity);
            }
        }
        let id = spec.id;
        assert!(state.receipts.insert(id, Receipt::new(spec, sold, now)).is_none(), "{id} is placed twice");
    }

    pub fn place_all(&self, specs: impl IntoIterator<Item = ReceiptSpec>) {
        for spec in specs {
            self.place(spec);
        }
    }

    /// Lists something, or replaces it.
    pub fn list(&self, listing: Listing) {
        locked(&self.shared.state).listings.insert(listing.id, listing);
    }

    pub fn pay(&self, id: u64) {
        self.change(id, true, |receipt, now| receipt.paid = receipt.paid.or(Some(now)));
    }

    /// Cancelled for good. What was paid goes back to the buyer.
    pub fn cancel(&self, id: u64) {
        if self.receipt(id).is_some_and(|receipt| receipt.paid.is_some()) {
            self.refund(id, RefundOf::Rest);
        }
        let moves = self.moves();
        self.change(id, moves, |receipt, _| receipt.canceled = true);
    }

    pub fn refund(&self, id: u64, refund: RefundOf) {
        let moves = self.moves();
        self.change(id, moves, |receipt, now| {
            let amount = match refund {
                RefundOf::Rest => receipt.spec.grandtotal() - receipt.refunded(),
                RefundOf::Amount(amount) => amount,
            };
            if amount > 0 {
                receipt.refunds.push(Refund { amount, at: now });
            }
        });
    }

    /// The seller enters a package at Etsy, or buys a label there.
    pub fn ship_by_hand(&self, id: u64, carrier: &str, tracking: &str) {
        let number = locked(&self.shared.state).next_number();
        self.change(id, true, |receipt, now| {
            let (carrier, tracking) = (carrier.to_owned(), tracking.to_owned());
            receipt.shipments.push(Shipment { id: 1_600_000_000_000 + number, carrier, tracking, at: now });
            receipt.shipped = receipt.shipped.or(Some(now));
        });
    }

    /// Any other change of what was ordered.
    pub fn edit(&self, id: u64, change: impl FnOnce(&mut ReceiptSpec)) {
        self.change(id, true, |receipt, _| change(&mut receipt.spec));
    }

    /// Only `updated_timestamp` moves.
    pub fn touch(&self, id: u64) {
        self.change(id, true, |_, _| {});
    }

    /// The seller changes a listing at Etsy.
    ///
    /// # Panics
    /// Where there is no such listing.
    pub fn edit_listing(&self, id: u64, change: impl FnOnce(&mut Listing)) {
        let mut state = locked(&self.shared.state);
        let listing = state.listings.get_mut(&id);
        assert!(listing.is_some(), "there is no listing {id}");
        if let Some(listing) = listing {
            change(listing);
        }
    }

    fn moves(&self) -> bool {
        locked(&self.shared.state).cancels_move_the_time
    }

    /// # Panics
    /// Where there is no such receipt.
    fn change(&self, id: u64, moves: bool, change: impl FnOnce(&mut Receipt, Timestamp)) {
        let now = self.clock().now();
        let mut state = locked(&self.shared.state);
        let receipt = state.receipts.get_mut(&id);
        assert!(receipt.is_some(), "there is no receipt {id}");
        if let Some(receipt) = receipt {
            change(receipt, now);
            if moves {
                receipt.updated = now;
            }
        }
    }
}

/// The listing and product that a line is of: the given ones, those with its SKU, or numbers made of it.
fn sold(state: &State, line: &LineSpec) -> (u64, u64) {
    if let Some(listing) = line.listing {
        return listing;
    }
    let sku = line.sku.as_deref().unwrap_or(&line.title);
    let all =
        state.listings.values().flat_map(|listing| listing.products.iter().map(move |product| (listing, product)));
    let mut known = all.filter(|(_, product)| product.sku == sku);
    known.next().map_or_else(
        || {
            let mut hasher = DefaultHasher::new();
            sku.hash(&mut hasher);
            let number = 1_000_000_000 + hasher.finish() % 1_000_000_000;
            (number, number * 10)
        },
        |(listing, product)| (listing.id, product.id),
    )
}
