//! A buyer's order as a test describes it. Amounts are in minor units of the order's currency, as in SCENARIOS.

use iso_currency::Currency;
use jiff::Timestamp;
use serde_json::Value;

/// An order to place with [`super::AmazonFake::place`].
///
/// ```
/// use fakes::amazon::OrderSpec;
/// let order = OrderSpec::new("202-1234567-1234567").line("SKU-A", 2, 1999).shipping(399);
/// assert_eq!(order.total(), 2 * 1999 + 399);
/// ```
#[derive(Debug, Clone)]
pub struct OrderSpec {
    pub id: String,
    pub marketplace_id: String,
    pub currency: Currency,
    pub lines: Vec<LineSpec>,
    pub placed: Placed,
    pub by_amazon: bool,
    pub canceled: bool,
    pub buyer_name: String,
    pub email: Option<String>,
    pub company: Option<String>,
    pub purchase_order: Option<String>,
    /// `None`: the application lacks the role for it.
    pub address: Option<Value>,
    /// `addressInstruction`.
    pub instruction: Option<String>,
    pub tip: i64,
    pub tax_style: TaxStyle,
    pub service: String,
    pub payment_method: String,
    pub programs: Vec<String>,
    /// Whether Amazon tells amounts while the order is pending.
    pub pending_amounts: bool,
    /// When the buyer ordered. `None`: when it is placed.
    pub created: Option<Timestamp>,
    /// Done to the JSON at the very end, in order.
    pub patches: Vec<Patch>,
}

/// The state in which an order appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    Pending,
    PendingAvailability,
    Unshipped,
    Unfulfillable,
}

/// How the taxes of an order relate to its prices and its total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxStyle {
    /// As in the description's example: every category adds up.
    OnTop,
    /// The prices hold the tax.
    Included,
    /// The buyer pays it, and the total leaves it out.
    Outside,
}

/// A change to the finished JSON: words and fields of the future, or what makes an order unreadable.
#[derive(Debug, Clone)]
pub enum Patch {
    Set(String, Value),
    Remove(String),
}

#[derive(Debug, Clone)]
pub struct LineSpec {
    /// `None`: derived from the order's id.
    pub id: Option<String>,
    pub sku: String,
    pub title: String,
    pub quantity: u32,
    pub unit_price: i64,
    /// For the whole line, as everything below.
    pub shipping: i64,
    pub discount: i64,
    pub shipping_discount: i64,
    pub cod_fee: i64,
    pub tax: i64,
    pub shipping_tax: i64,
    pub collector: Collector,
    pub gift: Option<Gift>,
}

/// Who collects a line's tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collector {
    Seller,
    /// As a marketplace facilitator.
    Amazon,
    /// Under the EU's import scheme.
    Ioss,
}

#[derive(Debug, Clone)]
pub struct Gift {
    pub price: i64,
    pub tax: i64,
    pub message: Option<String>,
}

impl LineSpec {
    pub fn new(sku: &str, quantity: u32, unit_price: i64) -> Self {
        Self {
            id: None,
            sku: sku.to_owned(),
            title: format!("Item {sku}"),
            quantity,
            unit_price,
            shipping: 0,
            discount: 0,
            shipping_discount: 0,
            cod_fee: 0,
            tax: 0,
            shipping_tax: 0,
            collector: Collector::Seller,
            gift: None,
        }
    }

    #[must_use]
    pub fn shipping(mut self, amount: i64) -> Self {
        self.shipping = amount;
        self
    }

    #[must_use]
    pub fn discount(mut self, amount: i64) -> Self {
        self.discount = amount;
        self
    }

    #[must_use]
    pub fn shipping_discount(mut self, amount: i64) -> Self {
        self.shipping_discount = amount;
        self
    }

    #[must_use]
    pub fn tax(mut self, amount: i64, collector: Collector) -> Self {
        (self.tax, self.collector) = (amount, collector);
        self
    }

    #[must_use]
    pub fn shipping_tax(mut self, amount: i64) -> Self {
        self.shipping_tax = amount;
        self
    }

    #[must_use]
    pub fn cod_fee(mut self, amount: i64) -> Self {
        self.cod_fee = amount;
        self
    }

    #[must_use]
    pub fn gift(mut self, price: i64, message: &str) -> Self {
        self.gift = Some(Gift { price, tax: 0, message: Some(message.to_owned()) });
        self
    }

    /// All units, before discounts.
    pub fn price(&self) -> i64 {
        self.unit_price * i64::from(self.quantity)
    }

    pub fn discounts(&self) -> i64 {
        self.discount + self.shipping_discount
    }

    pub fn taxes(&self) -> i64 {
        self.tax + self.shipping_tax + self.gift.as_ref().map_or(0, |gift| gift.tax)
    }

    fn charges(&self) -> i64 {
        self.price() + self.shipping + self.cod_fee + self.gift.as_ref().map_or(0, |gift| gift.price)
    }

    /// What the line adds to the order's total.
    pub fn proceeds(&self, style: TaxStyle) -> i64 {
        let taxes = if style == TaxStyle::OnTop { self.taxes() } else { 0 };
        self.charges() - self.discounts() + taxes
    }
}

impl OrderSpec {
    /// An order in GBP from a buyer in London, ready to be shipped by the merchant, without lines.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            marketplace_id: super::MARKETPLACES[0].to_owned(),
            currency: Currency::GBP,
            lines: Vec::new(),
            placed: Placed::Unshipped,
            by_amazon: false,
            canceled: false,
            buyer_name: "Ada Example".to_owned(),
            email: Some("0123456789abcdef@marketplace.amazon.co.uk".to_owned()),
            company: None,
            purchase_order: None,
            address: Some(serde_json::json!({
                "name": "Ada Example", "addressLine1": "1 Example Street", "city": "London", "postalCode": "N1 1AA",
                "countryCode": "GB", "phone": "02079460000", "addressType": "RESIDENTIAL",
            })),
            instruction: None,
            tip: 0,
            tax_style: TaxStyle::OnTop,
            service: "STANDARD".to_owned(),
            payment_method: "CreditCard".to_owned(),
            programs: Vec::new(),
            pending_amounts: true,
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
    pub fn marketplace(mut self, id: &str) -> Self {
        id.clone_into(&mut self.marketplace_id);
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

    /// On the first line.
    #[must_use]
    pub fn shipping(mut self, amount: i64) -> Self {
        if let Some(line) = self.lines.first_mut() {
            line.shipping = amount;
        }
        self
    }

    /// On the first line.
    #[must_use]
    pub fn tax(mut self, amount: i64, collector: Collector) -> Self {
        if let Some(line) = self.lines.first_mut() {
            (line.tax, line.collector) = (amount, collector);
        }
        self
    }

    #[must_use]
    pub fn taxed(mut self, style: TaxStyle) -> Self {
        self.tax_style = style;
        self
    }

    #[must_use]
    pub fn placed(mut self, placed: Placed) -> Self {
        self.placed = placed;
        self
    }

    #[must_use]
    pub fn pending(self) -> Self {
        self.placed(Placed::Pending)
    }

    #[must_use]
    pub fn without_pending_amounts(mut self) -> Self {
        self.pending_amounts = false;
        self
    }

    #[must_use]
    pub fn by_amazon(mut self) -> Self {
        self.by_amazon = true;
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
    pub fn program(mut self, program: &str) -> Self {
        self.programs.push(program.to_owned());
        self
    }

    #[must_use]
    pub fn paid_by(mut self, method: &str) -> Self {
        method.clone_into(&mut self.payment_method);
        self
    }

    #[must_use]
    pub fn tip(mut self, amount: i64) -> Self {
        self.tip = amount;
        self
    }

    /// As Amazon shows an order to an application without the role for personal data.
    #[must_use]
    pub fn without_personal_data(mut self) -> Self {
        (self.email, self.address) = (None, None);
        self
    }

    /// Puts `value` at a JSON pointer of the finished order.
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

    /// `proceeds.grandTotal`.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.proceeds(self.tax_style)).sum::<i64>() + self.tip
    }

    /// What the seller is to have: the total without the tax that Amazon keeps.
    pub fn sellers_total(&self) -> i64 {
        let kept = self.lines.iter().filter(|line| line.collector != Collector::Seller).map(LineSpec::taxes);
        match self.tax_style {
            TaxStyle::Outside => self.total(),
            TaxStyle::OnTop | TaxStyle::Included => self.total() - kept.sum::<i64>(),
        }
    }

    /// Amazon's id of an item: the given one, or one made of the order's id.
    pub fn item_id(&self, at: usize) -> String {
        self.lines.get(at).and_then(|line| line.id.clone()).unwrap_or_else(|| {
            let digits: String = self.id.chars().filter(char::is_ascii_digit).collect();
            format!("{digits:0>12}{at:02}")
        })
    }

    pub fn item_ids(&self) -> Vec<String> {
        (0..self.lines.len()).map(|at| self.item_id(at)).collect()
    }
}
