//! R2 and R12: the seller's tax of each charge, as the channel gave it or taken out of the price, or left away.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::allocate::allocate;
use crate::channel_order::{ChannelOrder, Charge, Liable, Place, TaxKnowledge};
use crate::money::{Money, MoneyError};
use crate::settings::{TaxRate, TaxSettings};

/// A tax rate below 100 %: 2000 is 20 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u32", into = "u32")]
pub struct BasisPoints(u32);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a rate is between 0 and {MAX_RATE} basis points (below 100 %)")]
pub struct InvalidBasisPoints;

pub const MAX_RATE: u32 = 9_999;

impl TryFrom<u32> for BasisPoints {
    type Error = InvalidBasisPoints;

    fn try_from(rate: u32) -> Result<Self, InvalidBasisPoints> {
        if rate <= MAX_RATE { Ok(Self(rate)) } else { Err(InvalidBasisPoints) }
    }
}

impl From<BasisPoints> for u32 {
    fn from(rate: BasisPoints) -> Self {
        rate.0
    }
}

/// A charge split into what it is worth without tax and the taxes on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    pub net: Money,
    pub taxes: Vec<SplitTax>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitTax {
    pub label: String,
    pub rate: Option<Decimal>,
    pub amount: Money,
}

impl Split {
    pub fn tax(&self) -> Result<Money, MoneyError> {
        Money::sum(self.net.currency(), self.taxes.iter().map(|tax| tax.amount))
    }
}

/// The splits of an order's lines, shipping and fees, in that order, and what `import_without_tax` took away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxSplit {
    pub lines: Vec<Split>,
    pub shipping: Split,
    pub fees: Vec<Split>,
    pub removed: Money,
}

/// Splits every charge. `line_rates` overrides the destination's rate for single lines, by line index.
pub fn split(
    order: &ChannelOrder,
    settings: &TaxSettings,
    line_rates: &BTreeMap<usize, BasisPoints>,
) -> Result<TaxSplit, MoneyError> {
    let nothing = Split { net: Money::zero(order.currency), taxes: Vec::new() };
    let lines =
        order.lines.iter().map(|line| if line.quantity > 0 { as_given(&line.charge) } else { Ok(nothing.clone()) });
    let others = [&order.shipping.charge].into_iter().chain(order.fees.iter().map(|fee| &fee.charge)).map(as_given);
    let mut splits = lines.chain(others).collect::<Result<Vec<_>, _>>()?;
    if order.tax == TaxKnowledge::Unknown {
        take_out(order, settings, line_rates, &mut splits)?;
    }
    let mut removed = Money::zero(order.currency);
    if settings.import_without_tax {
        for split in &mut splits {
            removed = removed.checked_add(split.tax()?)?;
            split.taxes.clear();
        }
    }
    let fees = splits.split_off(order.lines.len() + 1);
    // What is left are the lines and, last, the one shipping.
    let shipping = splits.pop().unwrap_or(nothing);
    Ok(TaxSplit { lines: splits, shipping, fees, removed })
}

fn as_given(charge: &Charge) -> Result<Split, MoneyError> {
    let net = charge.store_gross()?.checked_sub(charge.seller_tax_included()?)?;
    let taxes = charge.taxes.iter().filter(|tax| tax.liable == Liable::Seller && !tax.amount.is_zero());
    let taxes = taxes.map(|tax| SplitTax {
        label: tax.label.clone().unwrap_or_else(|| default_label(tax.place)),
        rate: tax.rate,
        amount: tax.amount,
    });
    Ok(Split { net, taxes: taxes.collect() })
}

fn default_label(place: Place) -> String {
    match place {
        Place::Included => "VAT".to_owned(),
        Place::OnTop => "Sales tax".to_owned(),
    }
}

fn take_out(
    order: &ChannelOrder,
    settings: &TaxSettings,
    line_rates: &BTreeMap<usize, BasisPoints>,
    splits: &mut [Split],
) -> Result<(), MoneyError> {
    let Some(row) = row_for(order, &settings.rates) else { return Ok(()) };
    let shipping_index = order.lines.len();
    let mut by_rate: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for index in 0..splits.len() {
        if index == shipping_index && !settings.add_shipping_tax {
            continue;
        }
        let own = line_rates.get(&index).filter(|_| index < shipping_index).copied();
        let rate = own.map_or(row.basis_points, u32::from);
        by_rate.entry(rate).or_default().push(index);
    }
    for (rate, charges) in by_rate.into_iter().filter(|(rate, _)| *rate > 0) {
        let base = Money::sum(order.currency, charges.iter().map(|&i| splits[i].net))?;
        if base.is_negative() {
            // More was given back than sold: there is no price to take tax out of.
            continue;
        }
        let weights: Vec<i64> = charges.iter().map(|&i| splits[i].net.minor()).collect();
        for (&index, amount) in charges.iter().zip(allocate(included_tax(base, rate)?, &weights)) {
            if amount.is_zero() {
                continue;
            }
            let rate_percent = Decimal::new(i64::from(rate), 2).normalize();
            let label = if rate == row.basis_points { row.label.clone() } else { format!("{rate_percent} %") };
            splits[index].net = splits[index].net.checked_sub(amount)?;
            splits[index].taxes.push(SplitTax { label, rate: Some(rate_percent), amount });
        }
    }
    Ok(())
}

/// The row for the order's destination, else the default row.
fn row_for<'a>(order: &ChannelOrder, rates: &'a [TaxRate]) -> Option<&'a TaxRate> {
    let country = order.ship_to.as_ref().or(order.bill_to.as_ref()).map(|address| address.country.as_str());
    rates
        .iter()
        .find(|row| row.country.is_some() && row.country.as_deref() == country)
        .or_else(|| rates.iter().find(|row| row.country.is_none()))
}

/// half-up(base x r / (1 + r))
fn included_tax(base: Money, basis_points: u32) -> Result<Money, MoneyError> {
    let (minor, rate) = (Decimal::from(base.minor()), Decimal::from(basis_points));
    let scale = Decimal::new(1, base.currency().decimals());
    let tax = minor * rate / (Decimal::from(10_000) + rate);
    Money::rounded(tax * scale, base.currency())
}
