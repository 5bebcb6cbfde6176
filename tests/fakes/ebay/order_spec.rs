//! A buyer's order as a test describes it. Amounts are in minor units of the order's currency, as in SCENARIOS.

use iso_currency::Currency;
use jiff::Timestamp;
use serde_json::Value;

use super::buyer::{Address, Buyer, Field};
use super::line_spec::{Collector, LineSpec};
use super::money::split;

/// An order to place with [`super::EbayFake::place`].
///
/// ```
/// use fakes::ebay::{LineSpec, OrderSpec};
/// let order = OrderSpec::new("12-34567-89012")
///     .line("SKU-A", 2, 1999)
///     .line_of(LineSpec::new("SKU-B", 1, 2500).variation("667", &[("Colour", "Red")]))
///     .shipping(399);
/// assert_eq!(order.sums(false).total, 2 * 1999 + 2500 + 399);
/// ```
#[derive(Debug, Clone)]
pub struct OrderSpec {
    pub id: String,
    pub currency: Currency,
    pub lines: Vec<LineSpec>,
    pub buyer: Buyer,
    pub payment: Payment,
    pub canceled: bool,
    pub note: Option<String>,
    /// What buyer and seller agreed on after the sale; may be negative.
    pub adjustment: i64,
    /// A coupon that eBay pays. The seller's order does not show it: only the buyer paid less.
    pub ebay_discount: i64,
    /// `shippingServiceCode`.
    pub service: String,
    /// When the buyer committed. `None`: when it is placed.
    pub created: Option<Timestamp>,
    /// Done to the JSON at the very end, in order.
    pub patches: Vec<Patch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    Paid,
    Pending,
    Failed,
}

/// A change to the finished JSON: statuses and fields of the future, or what makes an order unreadable.
#[derive(Debug, Clone)]
pub enum Patch {
    Set(String, Value),
    Remove(String),
}

impl OrderSpec {
    /// A paid order in GBP to a buyer in London, without lines.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            currency: Currency::GBP,
            lines: Vec::new(),
            buyer: Buyer {
                username: "test_buyer".to_owned(),
                name: Some("Ada Example".to_owned()),
                email: Some("0123456789abcdef0123@members.ebay.com".to_owned()),
                phone: Some("02079460000".to_owned()),
                address: Address::new("1 Example Street", "London", "N1 1AA", "GB"),
            },
            payment: Payment::Paid,
            canceled: false,
            note: None,
            adjustment: 0,
            ebay_discount: 0,
            service: "UK_RoyalMailTracked48".to_owned(),
            created: None,
            patches: Vec::new(),
        }
    }

    #[must_use]
    pub fn currency(mut self, currency: Currency) -> Self {
        self.currency = currency;
        self
    }

    /// `unit_price` in minor units.
    #[must_use]
    pub fn line(self, sku: &str, quantity: u32, unit_price: i64) -> Self {
        self.line_of(LineSpec::new(sku, quantity, unit_price))
    }

    #[must_use]
    pub fn line_of(mut self, line: LineSpec) -> Self {
        self.lines.push(line);
        self
    }

    /// eBay puts the order's shipping on its first line.
    #[must_use]
    pub fn shipping(self, amount: i64) -> Self {
        self.on_first_line(|line| line.shipping(amount))
    }

    #[must_use]
    pub fn shipping_discount(self, amount: i64) -> Self {
        self.on_first_line(|line| line.shipping_discount(amount))
    }

    /// A coupon of the seller on the order, spread over the lines by their cost. Call it after the lines.
    #[must_use]
    pub fn seller_discount(mut self, amount: i64) -> Self {
        let costs: Vec<i64> = self.lines.iter().map(LineSpec::cost).collect();
        for (line, part) in self.lines.iter_mut().zip(split(amount, &costs)) {
            line.discount += part;
        }
        self
    }

    #[must_use]
    pub fn ebay_discount(mut self, amount: i64) -> Self {
        self.ebay_discount = amount;
        self
    }

    #[must_use]
    pub fn adjustment(mut self, amount: i64) -> Self {
        self.adjustment = amount;
        self
    }

    /// On the first line.
    #[must_use]
    pub fn tax(self, kind: &str, amount: i64, collector: Collector) -> Self {
        self.on_first_line(|line| line.tax(kind, amount, collector))
    }

    #[must_use]
    pub fn unpaid(mut self) -> Self {
        self.payment = Payment::Pending;
        self
    }

    #[must_use]
    pub fn payment_failed(mut self) -> Self {
        self.payment = Payment::Failed;
        self
    }

    #[must_use]
    pub fn canceled(mut self) -> Self {
        self.canceled = true;
        self
    }

    #[must_use]
    pub fn created(mut self, at: Timestamp) -> Self {
        self.created = Some(at);
        self
    }

    #[must_use]
    pub fn buyer(mut self, username: &str, name: &str) -> Self {
        username.clone_into(&mut self.buyer.username);
        self.buyer.name = Some(name.to_owned());
        self
    }

    #[must_use]
    pub fn ship_to(mut self, address: Address) -> Self {
        self.buyer.address = address;
        self
    }

    #[must_use]
    pub fn without_email(mut self) -> Self {
        self.buyer.email = None;
        self
    }

    /// As for orders whose personal data eBay has withdrawn.
    #[must_use]
    pub fn null_address_lines(mut self) -> Self {
        (self.buyer.address.line1, self.buyer.address.line2) = (Field::Null, Field::Null);
        self
    }

    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.note = Some(note.to_owned());
        self
    }

    #[must_use]
    pub fn service(mut self, code: &str) -> Self {
        code.clone_into(&mut self.service);
        self
    }

    /// Puts `value` at a JSON pointer of the finished order: an unknown status, a new field, a wrong type.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: Value) -> Self {
        self.patches.push(Patch::Set(pointer.to_owned(), value));
        self
    }

    /// Removes what is at a JSON pointer of the finished order.
    #[must_use]
    pub fn remove(mut self, pointer: &str) -> Self {
        self.patches.push(Patch::Remove(pointer.to_owned()));
        self
    }

    /// eBay's line id: the given one, or one made of the order's id.
    pub fn line_id(&self, at: usize) -> String {
        self.lines.get(at).and_then(|line| line.id.clone()).unwrap_or_else(|| {
            let digits: String = self.id.chars().filter(char::is_ascii_digit).collect();
            format!("10{digits:0>12}{at:02}")
        })
    }

    pub fn line_ids(&self) -> Vec<String> {
        (0..self.lines.len()).map(|at| self.line_id(at)).collect()
    }

    fn on_first_line(mut self, change: impl FnOnce(LineSpec) -> LineSpec) -> Self {
        if !self.lines.is_empty() {
            let line = change(self.lines.remove(0));
            self.lines.insert(0, line);
        }
        self
    }
}
