//! A buyer's order as a test describes it. Amounts are in minor units of the presentment currency.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use super::money::{Bag, Currencies};
use super::read::spread;
use super::state::{
    Address, Allocation, Discount, DiscountKind, DiscountValue, Line, Order, Patch, ShippingLine, Shop, Tax,
    Transaction,
};

/// An order to place with [`super::ShopifyFake::place`].
///
/// ```
/// use fakes::shopify::OrderSpec;
/// let order = OrderSpec::new("GBP").line("SKU-A", 2, 1999).shipping(399).code("SUMMER", 500);
/// assert_eq!(order.lines.len(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct OrderSpec {
    pub currency: String,
    /// The buyer's currency, and how many units of the shop's one unit of it is.
    pub presentment: Option<(String, Decimal)>,
    pub lines: Vec<LineSpec>,
    pub shipping: Option<(String, i64)>,
    pub shipping_taxes: Vec<TaxSpec>,
    pub taxes_included: bool,
    pub discount: Option<(DiscountKind, i64)>,
    pub paid: bool,
    pub gateway: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub ship_to: Option<Address>,
    pub note: Option<String>,
    pub tags: Vec<String>,
    pub source_name: String,
    /// When it was placed. `None`: now.
    pub created: Option<Timestamp>,
    pub test: bool,
    /// Done to the JSON at the very end, in order.
    pub patches: Vec<Patch>,
}

#[derive(Debug, Clone)]
pub struct LineSpec {
    pub sku: String,
    pub title: Option<String>,
    pub quantity: i64,
    pub unit: i64,
    pub taxes: Vec<TaxSpec>,
    pub properties: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct TaxSpec {
    pub title: String,
    /// 0.2 for 20 %.
    pub rate: Decimal,
    /// Of the whole line.
    pub amount: i64,
    pub channel_liable: bool,
}

impl OrderSpec {
    /// A paid order of nobody in particular, to London, without lines.
    pub fn new(currency: &str) -> Self {
        Self {
            currency: currency.to_owned(),
            presentment: None,
            lines: Vec::new(),
            shipping: None,
            shipping_taxes: Vec::new(),
            taxes_included: false,
            discount: None,
            paid: true,
            gateway: "shopify_payments".to_owned(),
            email: Some("ada@example.com".to_owned()),
            phone: None,
            ship_to: Some(Address::new("Ada", "Example", "12 High Street", "London", "N1 1AA", "GB")),
            note: None,
            tags: Vec::new(),
            source_name: "web".to_owned(),
            created: None,
            test: false,
            patches: Vec::new(),
        }
    }

    #[must_use]
    pub fn line(self, sku: &str, quantity: i64, unit: i64) -> Self {
        self.line_of(LineSpec::new(sku, quantity, unit))
    }

    #[must_use]
    pub fn line_of(mut self, line: LineSpec) -> Self {
        self.lines.push(line);
        self
    }

    #[must_use]
    pub fn shipping(mut self, price: i64) -> Self {
        self.shipping = Some(("Standard".to_owned(), price));
        self
    }

    /// A code that takes so much off the goods, spread over the lines.
    #[must_use]
    pub fn code(mut self, code: &str, amount: i64) -> Self {
        self.discount = Some((DiscountKind::Code(code.to_owned()), amount));
        self
    }

    /// Prices hold their taxes.
    #[must_use]
    pub fn taxes_included(mut self) -> Self {
        self.taxes_included = true;
        self
    }

    #[must_use]
    pub fn unpaid(mut self) -> Self {
        self.paid = false;
        self
    }

    #[must_use]
    pub fn ship_to(mut self, address: Address) -> Self {
        self.ship_to = Some(address);
        self
    }

    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.note = Some(note.to_owned());
        self
    }

    /// The buyer pays in another currency than the shop's.
    #[must_use]
    pub fn presented_in(mut self, currency: &str, rate: Decimal) -> Self {
        self.presentment = Some((currency.to_owned(), rate));
        self
    }

    /// A member of the finished JSON, by its JSON pointer.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: Value) -> Self {
        self.patches.push(Patch { pointer: pointer.to_owned(), value });
        self
    }
}

impl LineSpec {
    pub fn new(sku: &str, quantity: i64, unit: i64) -> Self {
        Self { sku: sku.to_owned(), title: None, quantity, unit, taxes: Vec::new(), properties: Vec::new() }
    }

    #[must_use]
    pub fn tax(mut self, title: &str, rate: Decimal, amount: i64) -> Self {
        self.taxes.push(TaxSpec { title: title.to_owned(), rate, amount, channel_liable: false });
        self
    }
}

impl Address {
    pub fn new(first: &str, last: &str, street: &str, city: &str, zip: &str, country: &str) -> Self {
        let given = |text: &str| Some(text.to_owned());
        Self {
            first_name: given(first),
            last_name: given(last),
            company: None,
            address1: given(street),
            address2: None,
            city: given(city),
            province: None,
            province_code: None,
            zip: given(zip),
            country_code: given(country),
            phone: None,
        }
    }
}

impl Shop {
    /// The buyer's order as the shop keeps it. Lines of unknown SKUs are custom items.
    pub fn order_of(&mut self, spec: &OrderSpec, now: Timestamp) -> Order {
        let shop = spec.currency.clone();
        let presentment = spec.presentment.as_ref().map_or_else(|| shop.clone(), |(currency, _)| currency.clone());
        let money = Currencies { shop, presentment };
        let rate = spec.presentment.as_ref().map_or(Decimal::ONE, |(_, rate)| *rate);
        let bag = |minor: i64| {
            let presentment = money.minor(minor).presentment;
            money.rounded(Bag { shop: presentment * rate, presentment })
        };
        let tax = |tax: &TaxSpec| Tax {
            title: tax.title.clone(),
            rate: Some(tax.rate),
            amount: bag(tax.amount),
            channel_liable: Some(tax.channel_liable),
        };
        let main = self.main_location();
        let mut lines = Vec::new();
        for line in &spec.lines {
            let variant = self.variants.values().find(|variant| variant.sku == line.sku).cloned();
            let title = line.title.clone().or_else(|| variant.as_ref().map(|variant| variant.product_title.clone()));
            let location = variant.as_ref().and_then(|variant| variant.levels.keys().next().copied());
            lines.push(Line {
                id: self.next_id(),
                variant: variant.as_ref().map(|variant| variant.id),
                title: title.unwrap_or_else(|| line.sku.clone()),
                variant_title: None,
                sku: (!line.sku.is_empty()).then(|| line.sku.clone()),
                vendor: None,
                quantity: line.quantity,
                removed: 0,
                unit: bag(line.unit),
                allocations: Vec::new(),
                taxes: line.taxes.iter().map(tax).collect(),
                taxable: true,
                requires_shipping: true,
                gift_card: false,
                properties: line.properties.clone(),
                committed: 0,
                location: location.unwrap_or(main),
            });
        }
        let mut discounts = Vec::new();
        if let Some((kind, amount)) = &spec.discount {
            let weights: Vec<Bag> = lines.iter().map(Line::original_total).collect();
            for (line, amount) in lines.iter_mut().zip(spread(bag(*amount), &weights, &money)) {
                line.allocations.push(Allocation { discount: 0, amount });
            }
            let value = DiscountValue::Amount(bag(*amount));
            discounts.push(Discount { kind: kind.clone(), value, whole_order: true, on_shipping: false });
        }
        let shipping = spec.shipping.iter().map(|(title, price)| ShippingLine {
            id: self.next_id(),
            title: title.clone(),
            code: Some(title.clone()),
            source: Some("shopify".to_owned()),
            price: bag(*price),
            allocations: Vec::new(),
            taxes: spec.shipping_taxes.iter().map(tax).collect(),
        });
        let shipping: Vec<ShippingLine> = shipping.collect();
        let created = spec.created.unwrap_or(now);
        let customer = spec
            .email
            .clone()
            .map(|email| self.customer_by_email(&email).unwrap_or_else(|| self.add_customer(Some(email), now)));
        let mut order = Order {
            created,
            updated: created,
            processed: created,
            source_name: Some(spec.source_name.clone()),
            note: spec.note.clone(),
            email: spec.email.clone(),
            phone: spec.phone.clone(),
            tags: spec.tags.clone(),
            customer,
            shipping_address: spec.ship_to.clone(),
            billing_address: spec.ship_to.clone(),
            taxes_included: spec.taxes_included,
            lines,
            shipping,
            discounts,
            test: spec.test,
            patches: spec.patches.clone(),
            ..self.blank_order(money, now)
        };
        if spec.paid {
            order.transactions.push(Transaction {
                id: self.next_id(),
                at: created,
                kind: "SALE".to_owned(),
                status: "SUCCESS".to_owned(),
                gateway: spec.gateway.clone(),
                amount: order.total(),
                parent: None,
                test: spec.test,
            });
        }
        order
    }
}
