//! An order before anything is known of it.

use jiff::Timestamp;

use super::money::Currencies;
use super::state::{Order, Shop};

impl Shop {
    /// With the next number, placed now.
    pub fn blank_order(&mut self, money: Currencies, now: Timestamp) -> Order {
        let (id, number) = (self.next_id(), self.next_number());
        Order {
            id,
            number,
            name: format!("#{number}"),
            money,
            created: now,
            updated: now,
            processed: now,
            closed: None,
            canceled: None,
            source_name: None,
            source_identifier: None,
            source_url: None,
            note: None,
            email: None,
            phone: None,
            tags: Vec::new(),
            attributes: Vec::new(),
            customer: None,
            shipping_address: None,
            billing_address: None,
            taxes_included: false,
            accepts_marketing: false,
            lines: Vec::new(),
            shipping: Vec::new(),
            discounts: Vec::new(),
            declared: None,
            transactions: Vec::new(),
            refunds: Vec::new(),
            fulfillments: Vec::new(),
            fulfillment_orders: Vec::new(),
            metafields: Vec::new(),
            test: false,
            edited: false,
            over_api: false,
            patches: Vec::new(),
        }
    }
}
