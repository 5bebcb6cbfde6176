//! A line of a buyer's order as a test describes it. Amounts are in minor units.

#[derive(Debug, Clone)]
pub struct LineSpec {
    /// `None`: derived from the order's id.
    pub id: Option<String>,
    /// `None`: the listing has no SKU, as eBay allows.
    pub sku: Option<String>,
    pub title: String,
    pub quantity: u32,
    pub unit_price: i64,
    /// `None`: derived from the SKU, so that one SKU is one listing.
    pub listing_id: Option<String>,
    pub variation: Option<Variation>,
    /// The seller's own promotion on the whole line.
    pub discount: i64,
    /// For the whole line, before the discount.
    pub shipping: i64,
    pub shipping_discount: i64,
    pub taxes: Vec<TaxSpec>,
    pub gift: Option<Gift>,
}

#[derive(Debug, Clone)]
pub struct Variation {
    pub id: String,
    pub aspects: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct TaxSpec {
    /// `STATE_SALES_TAX`, `VAT`, `GST`, `ELECTRONIC_RECYCLING_FEE` ...
    pub kind: String,
    pub amount: i64,
    pub collector: Collector,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collector {
    /// On top of the price, the seller's to pay.
    Seller,
    /// eBay collects and remits it. It is in the totals if, and only if, `TAX_BREAKDOWN` is asked for.
    Ebay,
    /// eBay collects and remits it, and it is in no total, whatever is asked for: then `taxes` does not list it.
    EbayOutsideTotals,
}

#[derive(Debug, Clone)]
pub struct Gift {
    pub message: Option<String>,
    pub recipient_email: String,
    pub sender: String,
}

impl LineSpec {
    pub fn new(sku: &str, quantity: u32, unit_price: i64) -> Self {
        Self {
            id: None,
            sku: Some(sku.to_owned()),
            title: format!("Item {sku}"),
            quantity,
            unit_price,
            listing_id: None,
            variation: None,
            discount: 0,
            shipping: 0,
            shipping_discount: 0,
            taxes: Vec::new(),
            gift: None,
        }
    }

    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// A listing that the seller gave no SKU.
    #[must_use]
    pub fn without_sku(mut self, listing_id: &str) -> Self {
        self.sku = None;
        self.listing_id = Some(listing_id.to_owned());
        self
    }

    #[must_use]
    pub fn listing(mut self, listing_id: &str) -> Self {
        self.listing_id = Some(listing_id.to_owned());
        self
    }

    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    #[must_use]
    pub fn variation(mut self, id: &str, aspects: &[(&str, &str)]) -> Self {
        let aspects = aspects.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.variation = Some(Variation { id: id.to_owned(), aspects });
        self
    }

    /// The seller's own promotion on the whole line.
    #[must_use]
    pub fn discount(mut self, amount: i64) -> Self {
        self.discount += amount;
        self
    }

    /// For all units of the line, before a discount.
    #[must_use]
    pub fn shipping(mut self, amount: i64) -> Self {
        self.shipping = amount;
        self
    }

    #[must_use]
    pub fn shipping_discount(mut self, amount: i64) -> Self {
        self.shipping_discount = amount;
        self
    }

    #[must_use]
    pub fn tax(mut self, kind: &str, amount: i64, collector: Collector) -> Self {
        self.taxes.push(TaxSpec { kind: kind.to_owned(), amount, collector });
        self
    }

    /// A digital gift card; other goods carry no gift details on eBay.
    #[must_use]
    pub fn gift(mut self, sender: &str, message: Option<&str>) -> Self {
        self.gift = Some(Gift {
            message: message.map(str::to_owned),
            recipient_email: "recipient@example.com".to_owned(),
            sender: sender.to_owned(),
        });
        self
    }

    /// All units, before discounts.
    pub fn cost(&self) -> i64 {
        self.unit_price * i64::from(self.quantity)
    }
}
