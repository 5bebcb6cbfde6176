//! The proceeds of an order, taken apart by what they were charged for.

use domain::{Currency, Money};

use super::{magnitude, money, spread};
use crate::map::{Problem, unknown};
use crate::wire::orders as wire;

/// What can be charged for. Items have each their own part; the rest is the order's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Item,
    Shipping,
    GiftWrap,
    CodFee,
    Other,
}

impl Kind {
    /// Among the order's own parts; an item's part is nowhere there.
    const fn place(self) -> usize {
        match self {
            Self::Shipping => 0,
            Self::GiftWrap => 1,
            Self::CodFee => 2,
            Self::Other | Self::Item => 3,
        }
    }

    fn named(word: Option<&str>) -> Option<Self> {
        match word {
            Some("ITEM") => Some(Self::Item),
            Some("SHIPPING") => Some(Self::Shipping),
            Some("GIFT_WRAP") => Some(Self::GiftWrap),
            Some("COD_FEE") => Some(Self::CodFee),
            Some("OTHER") => Some(Self::Other),
            _ => None,
        }
    }
}

/// One thing charged for.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub gross: Money,
    pub discount: Money,
    /// Tax that the seller owes.
    pub owed: Money,
    /// Tax that Amazon collects.
    pub collected: Money,
}

impl Part {
    const fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { gross: zero, discount: zero, owed: zero, collected: zero }
    }

    pub const fn is_zero(&self) -> bool {
        self.gross.is_zero() && self.discount.is_zero() && self.owed.is_zero() && self.collected.is_zero()
    }

    const fn tax_mut(&mut self, is_amazons: bool) -> &mut Money {
        if is_amazons { &mut self.collected } else { &mut self.owed }
    }

    fn add_tax(&mut self, amount: Money, is_amazons: bool) -> Result<(), Problem> {
        let sum = self.tax_mut(is_amazons);
        *sum = sum.checked_add(amount)?;
        Ok(())
    }
}

/// Everything that an order states, sorted.
pub struct Sums {
    currency: Currency,
    pub items: Vec<Part>,
    /// By [`Kind::place`].
    of_order: [Part; 4],
    pub tip: Money,
    /// Amazon collects the tax of at least one item.
    pub is_marketplace_liable: bool,
}

/// One item's own parts.
struct ItemParts {
    item: Part,
    of_order: [Part; 4],
    is_amazons: bool,
}

impl Sums {
    pub fn of(order: &wire::Order, currency: Currency, warnings: &mut Vec<String>) -> Result<Self, Problem> {
        let mut sums = Self {
            currency,
            items: Vec::with_capacity(order.order_items.len()),
            of_order: [Part::zero(currency); 4],
            tip: Money::zero(currency),
            is_marketplace_liable: false,
        };
        for item in &order.order_items {
            let parts = ItemParts::of(item, currency, warnings)?;
            for (sum, part) in sums.of_order.iter_mut().zip(parts.of_order) {
                sum.gross = sum.gross.checked_add(part.gross)?;
                sum.discount = sum.discount.checked_add(part.discount)?;
                sum.owed = sum.owed.checked_add(part.owed)?;
                sum.collected = sum.collected.checked_add(part.collected)?;
            }
            sums.items.push(parts.item);
            sums.is_marketplace_liable |= parts.is_amazons;
        }
        sums.add_what_only_the_order_states(order, warnings)?;
        Ok(sums)
    }

    pub fn of_order(&self, kind: Kind) -> &Part {
        &self.of_order[kind.place()]
    }

    pub fn total(&self, of: impl Fn(&Part) -> Money) -> Result<Money, Problem> {
        Ok(Money::sum(self.currency, self.items.iter().chain(&self.of_order).map(of))?)
    }

    /// "Proceed categories are either aggregated across all order items or applied at the order level."
    fn add_what_only_the_order_states(
        &mut self,
        order: &wire::Order,
        warnings: &mut Vec<String>,
    ) -> Result<(), Problem> {
        let mut others: Option<Money> = None;
        for breakdown in order.proceeds.iter().flat_map(|proceeds| &proceeds.breakdowns) {
            let Some(subtotal) = &breakdown.subtotal else { continue };
            let amount = money("proceeds.breakdowns.subtotal", subtotal, self.currency)?;
            match breakdown.kind.as_deref() {
                Some("DELIVERY_TIP") => self.tip = self.tip.checked_add(amount)?,
                Some("TAX") => {
                    let shown = self.total(|part| part.owed)?.checked_add(self.total(|part| part.collected)?)?;
                    let amazons = self.is_marketplace_liable;
                    spread(&mut self.items, amount.checked_sub(shown)?, |part| part.tax_mut(amazons))?;
                }
                Some("DISCOUNT") => {
                    let rest = magnitude(amount).checked_sub(self.total(|part| part.discount)?)?;
                    spread(&mut self.items, rest, |part| &mut part.discount)?;
                }
                word => match named(word, warnings) {
                    Kind::Item => {}
                    Kind::Other => {
                        let sum = others.unwrap_or(Money::zero(self.currency));
                        others = Some(sum.checked_add(amount)?);
                    }
                    kind => self.of_order_mut(kind).gross = amount,
                },
            }
        }
        if let Some(others) = others {
            self.of_order_mut(Kind::Other).gross = others;
        }
        Ok(())
    }

    fn of_order_mut(&mut self, kind: Kind) -> &mut Part {
        &mut self.of_order[kind.place()]
    }
}

/// A word that Amazon added since is another charge, and is told once.
fn named(word: Option<&str>, warnings: &mut Vec<String>) -> Kind {
    Kind::named(word).unwrap_or_else(|| {
        let warning = unknown("charge", word, "another charge");
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
        Kind::Other
    })
}

impl ItemParts {
    fn of(item: &wire::OrderItem, currency: Currency, warnings: &mut Vec<String>) -> Result<Self, Problem> {
        let mut parts = Self {
            item: Part::zero(currency),
            of_order: [Part::zero(currency); 4],
            is_amazons: is_amazons(item, warnings),
        };
        let mut has_price = false;
        for breakdown in item.proceeds.iter().flat_map(|proceeds| &proceeds.breakdowns) {
            let field = "orderItems.proceeds.breakdowns.subtotal";
            let Some(subtotal) = &breakdown.subtotal else { continue };
            let amount = money(field, subtotal, currency)?;
            match breakdown.kind.as_deref() {
                Some("TAX") => parts.add_taxes(breakdown, amount)?,
                Some("DISCOUNT") => parts.add_discounts(breakdown, magnitude(amount))?,
                word => {
                    let kind = named(word, warnings);
                    has_price |= kind == Kind::Item;
                    if amount.is_negative() && kind != Kind::Other {
                        return Err(Problem::Negative(field));
                    }
                    let part = parts.part(kind);
                    part.gross = part.gross.checked_add(amount)?;
                }
            }
        }
        if !has_price {
            parts.item.gross = price(item, currency)?;
        }
        Ok(parts)
    }

    fn part(&mut self, kind: Kind) -> &mut Part {
        if kind == Kind::Item { &mut self.item } else { &mut self.of_order[kind.place()] }
    }

    /// The details name what is taxed. What they leave over, a discount's tax among it, is the item's.
    fn add_taxes(&mut self, breakdown: &wire::Breakdown, amount: Money) -> Result<(), Problem> {
        let is_amazons = self.is_amazons;
        let mut rest = amount;
        for detail in &breakdown.detailed_breakdowns {
            let (Some(kind), Some(value)) = (Kind::named(detail.subtype.as_deref()), &detail.value) else { continue };
            let value = money("orderItems.proceeds.breakdowns.detailedBreakdowns", value, amount.currency())?;
            if kind != Kind::Item {
                self.part(kind).add_tax(value, is_amazons)?;
                rest = rest.checked_sub(value)?;
            }
        }
        self.item.add_tax(rest, is_amazons)
    }

    /// As the taxes. The description leaves the sign open.
    fn add_discounts(&mut self, breakdown: &wire::Breakdown, amount: Money) -> Result<(), Problem> {
        let mut rest = amount;
        for detail in &breakdown.detailed_breakdowns {
            let (Some(kind), Some(value)) = (Kind::named(detail.subtype.as_deref()), &detail.value) else { continue };
            let field = "orderItems.proceeds.breakdowns.detailedBreakdowns";
            let value = magnitude(money(field, value, amount.currency())?);
            if kind != Kind::Item {
                let part = self.part(kind);
                part.discount = part.discount.checked_add(value)?;
                rest = rest.checked_sub(value)?;
            }
        }
        self.item.discount = self.item.discount.checked_add(rest)?;
        Ok(())
    }
}

/// Without a breakdown: what the item brings in all, else its price times its units.
fn price(item: &wire::OrderItem, currency: Currency) -> Result<Money, Problem> {
    let proceeds = item.proceeds.as_ref();
    let unbroken = proceeds.filter(|proceeds| proceeds.breakdowns.is_empty());
    if let Some(total) = unbroken.and_then(|proceeds| proceeds.proceeds_total.as_ref()) {
        return money("orderItems.proceeds.proceedsTotal", total, currency);
    }
    let unit = item.product.as_ref().and_then(|product| product.price.as_ref()?.unit_price.as_ref());
    let (Some(unit), Some(quantity)) = (unit, item.quantity_ordered) else { return Ok(Money::zero(currency)) };
    let unit = money("orderItems.product.price.unitPrice", unit, currency)?;
    let minor = unit.minor().checked_mul(quantity.0.into()).ok_or(domain::MoneyError::OutOfRange)?;
    Ok(Money::from_minor(minor, currency))
}

/// Whether Amazon collects the tax of the item: as a marketplace facilitator, or as the deemed seller of the EU's schemes
/// (IOSS, Union OSS). An IOSS number is given "when Amazon has collected the VAT on the sale".
fn is_amazons(item: &wire::OrderItem, warnings: &mut Vec<String>) -> bool {
    let tax = item.tax.as_ref();
    for collection in tax.into_iter().flat_map(|tax| &tax.tax_collections) {
        let model = collection.model.as_deref();
        if model != Some("MARKETPLACE_FACILITATOR") {
            warnings.push(unknown("way of collecting tax", model, "collected by Amazon"));
        }
    }
    let collected = tax.is_some_and(|tax| !tax.tax_collections.is_empty());
    let mut schemes = tax.into_iter().flat_map(|tax| &tax.tax_calculation_breakdowns);
    let deemed = schemes.any(|scheme| matches!(scheme.reporting_scheme.as_deref(), Some("IOSS" | "UOSS")));
    let shipping = item.fulfillment.as_ref().and_then(|fulfillment| fulfillment.shipping.as_ref());
    let international = shipping.and_then(|shipping| shipping.international_shipping.as_ref());
    let number = international.and_then(|international| international.ioss_number.as_deref());
    collected || deemed || number.is_some_and(|number| !number.trim().is_empty())
}
