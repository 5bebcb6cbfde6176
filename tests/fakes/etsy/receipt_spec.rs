//! A buyer's order as a test describes it. Amounts are in minor units of the shop's currency, as in SCENARIOS.

use iso_currency::Currency;
use jiff::Timestamp;
use serde_json::Value;

/// An order to place with [`super::EtsyFake::place`].
///
/// ```
/// use fakes::etsy::{LineSpec, ReceiptSpec};
/// let order = ReceiptSpec::new(3_000_000_001)
///     .line("SKU-A", 2, 1500)
///     .line_of(LineSpec::new("SKU-B", 1, 2200).variation("Size", "L"))
///     .discount(520)
///     .gift_wrap(350);
/// assert_eq!(order.grandtotal(), 2 * 1500 + 2200 - 520 + 350);
/// ```
#[derive(Debug, Clone)]
pub struct ReceiptSpec {
    pub id: u64,
    pub currency: Currency,
    pub lines: Vec<LineSpec>,
    pub buyer: Buyer,
    pub paid: bool,
    pub canceled: bool,
    pub discount: i64,
    pub shipping: i64,
    pub shipping_method: String,
    pub gift_wrap: i64,
    /// On top of the prices.
    pub sales_tax: i64,
    pub vat: i64,
    /// The VAT is part of the prices.
    pub vat_included: bool,
    pub note: Option<String>,
    pub gift_message: Option<String>,
    /// `None`: when it is placed.
    pub created: Option<Timestamp>,
    /// Done to the JSON at the very end, in order.
    pub patches: Vec<Patch>,
}

/// A change to the finished JSON: words of the future, or what makes a receipt unreadable.
#[derive(Debug, Clone)]
pub enum Patch {
    Set(String, Value),
    Remove(String),
}

#[derive(Debug, Clone)]
pub struct Buyer {
    pub name: String,
    /// Null unless Etsy granted the application access to it.
    pub email: Option<String>,
    pub first_line: String,
    pub second_line: Option<String>,
    pub city: String,
    pub state: Option<String>,
    pub zip: String,
    pub country: String,
}

#[derive(Debug, Clone)]
pub struct LineSpec {
    /// `None`: the seller gave no SKU.
    pub sku: Option<String>,
    pub title: String,
    pub quantity: u32,
    pub unit_price: i64,
    /// `None`: the listing that has the SKU, else one made of it.
    pub listing: Option<(u64, u64)>,
    /// What the buyer chose: (name, value).
    pub variations: Vec<(String, String)>,
    pub personalisation: Option<String>,
    pub digital: bool,
}

impl LineSpec {
    pub fn new(sku: &str, quantity: u32, unit_price: i64) -> Self {
        Self {
            sku: Some(sku.to_owned()),
            title: format!("Item {sku}"),
            quantity,
            unit_price,
            listing: None,
            variations: Vec::new(),
            personalisation: None,
            digital: false,
        }
    }

    /// Of a listing and product by their numbers.
    #[must_use]
    pub fn listing(mut self, listing: u64, product: u64) -> Self {
        self.listing = Some((listing, product));
        self
    }

    #[must_use]
    pub fn variation(mut self, name: &str, value: &str) -> Self {
        self.variations.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn personalised(mut self, text: &str) -> Self {
        self.personalisation = Some(text.to_owned());
        self
    }

    #[must_use]
    pub fn digital(mut self) -> Self {
        self.digital = true;
        self
    }

    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    pub fn cost(&self) -> i64 {
        self.unit_price * i64::from(self.quantity)
    }
}

impl ReceiptSpec {
    /// A paid order in EUR to a buyer in Berlin, without lines.
    pub fn new(id: u64) -> Self {
        Self {
            id,
            currency: Currency::EUR,
            lines: Vec::new(),
            buyer: Buyer {
                name: "Ada Example".to_owned(),
                email: Some("ada@example.com".to_owned()),
                first_line: "Beispielweg 1".to_owned(),
                second_line: None,
                city: "Berlin".to_owned(),
                state: None,
                zip: "10115".to_owned(),
                country: "DE".to_owned(),
            },
            paid: true,
            canceled: false,
            discount: 0,
            shipping: 0,
            shipping_method: "Standard Shipping".to_owned(),
            gift_wrap: 0,
            sales_tax: 0,
            vat: 0,
            vat_included: false,
            note: None,
            gift_message: None,
            created: None,
            patches: Vec::new(),
        }
    }

    #[must_use]
    pub fn currency(mut self, currency: Currency) -> Self {
        self.currency = currency;
        self
    }

    #[must_use]
    pub fn line(self, sku: &str, quantity: u32, unit_price: i64) -> Self {
        self.line_of(LineSpec::new(sku, quantity, unit_price))
    }

    #[must_use]
    pub fn line_of(mut self, line: LineSpec) -> Self {
        self.lines.push(line);
        self
    }

    #[must_use]
    pub fn discount(mut self, amount: i64) -> Self {
        self.discount = amount;
        self
    }

    #[must_use]
    pub fn shipping(mut self, amount: i64) -> Self {
        self.shipping = amount;
        self
    }

    #[must_use]
    pub fn gift_wrap(mut self, amount: i64) -> Self {
        self.gift_wrap = amount;
        self
    }

    #[must_use]
    pub fn sales_tax(mut self, amount: i64) -> Self {
        self.sales_tax = amount;
        self
    }

    /// On top of the prices.
    #[must_use]
    pub fn vat(mut self, amount: i64) -> Self {
        self.vat = amount;
        self
    }

    #[must_use]
    pub fn vat_included(mut self, amount: i64) -> Self {
        (self.vat, self.vat_included) = (amount, true);
        self
    }

    #[must_use]
    pub fn unpaid(mut self) -> Self {
        self.paid = false;
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
    pub fn without_email(mut self) -> Self {
        self.buyer.email = None;
        self
    }

    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.note = Some(note.to_owned());
        self
    }

    #[must_use]
    pub fn gift_message(mut self, message: &str) -> Self {
        self.gift_message = Some(message.to_owned());
        self
    }

    /// Puts `value` at a JSON pointer of the finished receipt.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: Value) -> Self {
        self.patches.push(Patch::Set(pointer.to_owned(), value));
        self
    }

    #[must_use]
    pub fn remove(mut self, pointer: &str) -> Self {
        self.patches.push(Patch::Remove(pointer.to_owned()));
        self
    }

    pub fn total_price(&self) -> i64 {
        self.lines.iter().map(LineSpec::cost).sum()
    }

    /// What the buyer pays.
    pub fn grandtotal(&self) -> i64 {
        let vat = if self.vat_included { 0 } else { self.vat };
        self.total_price() - self.discount + self.shipping + self.gift_wrap + self.sales_tax + vat
    }

    pub fn transaction_id(&self, at: usize) -> u64 {
        self.id * 1000 + u64::try_from(at).unwrap_or_default() + 1
    }
}
