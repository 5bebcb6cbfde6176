//! R1: what Shopify's amounts are in the domain's words. Buyers pay in the presentment currency.

use std::collections::BTreeMap;

use domain::allocate::allocate;
use domain::channel_order::{Charge, Fee, Liable, Line, Place, Shipping};
use domain::{Currency, LineId, ListingKey, Money, MoneyError, Sku, Tax};
use rust_decimal::Decimal;

use super::Unread;
use crate::ids::number;
use crate::products::listing;
use crate::wire;

pub(crate) struct Amounts {
    pub total: Money,
    pub lines: Vec<Line>,
    pub shipping: Shipping,
    pub fees: Vec<Fee>,
    /// Some tax is stated anywhere.
    pub has_tax: bool,
}

/// The amount in the order's currency, to its last digit.
pub(crate) fn exact(bag: &wire::MoneyBag, currency: Currency) -> Result<Money, MoneyError> {
    let stated = &bag.presentment_money;
    let theirs: Currency = stated.currency_code.parse()?;
    if theirs != currency {
        return Err(MoneyError::CurrencyMismatch(theirs, currency));
    }
    Money::exact(stated.amount.0, currency)
}

pub(crate) fn amounts(order: &wire::Order, currency: Currency) -> Result<Amounts, Unread> {
    let total = exact(&order.total_price_set, currency)?;
    let reader = Reader { currency, included: order.taxes_included };
    let refunded = refunded(order);
    let line = |item: &wire::LineItem| reader.line(item, refunded.get(item.id.as_str()).copied().unwrap_or(0));
    let lines = order.line_items.nodes.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let shipping = reader.shipping(&order.shipping_lines.nodes)?;
    let mut fees = Vec::new();
    for fee in &order.additional_fees {
        fees.push(Fee {
            label: fee.name.clone(),
            charge: reader.charge(exact(&fee.price, currency)?, &[], &fee.tax_lines)?,
        });
    }
    fees.extend(unlisted(order, currency, total, &lines, &shipping, &fees)?);
    let taxes = order.line_items.nodes.iter().flat_map(|item| &item.tax_lines);
    let taxes = taxes.chain(order.shipping_lines.nodes.iter().flat_map(|line| &line.tax_lines));
    Ok(Amounts { total, lines, shipping, fees, has_tax: taxes.count() > 0 })
}

/// Units that refunds took off each line.
fn refunded(order: &wire::Order) -> BTreeMap<&str, u32> {
    let mut units = BTreeMap::new();
    for line in order.refunds.iter().flat_map(|refund| &refund.refund_line_items.nodes) {
        *units.entry(line.line_item.id.as_str()).or_insert(0) += line.quantity;
    }
    units
}

/// A tip and duties have no line of their own: they are what the parts lack, if that is what they come to.
fn unlisted(
    order: &wire::Order,
    currency: Currency,
    total: Money,
    lines: &[Line],
    shipping: &Shipping,
    fees: &[Fee],
) -> Result<Vec<Fee>, Unread> {
    let charges =
        lines.iter().map(|line| &line.charge).chain([&shipping.charge]).chain(fees.iter().map(|fee| &fee.charge));
    let parts = charges.map(paid).try_fold(Money::zero(currency), |sum, part| sum.checked_add(part?))?;
    let missing = total.checked_sub(parts)?;
    let tip = exact(&order.total_tip_received_set, currency)?;
    let duties = match &order.original_total_duties_set {
        Some(duties) => exact(duties, currency)?,
        None => Money::zero(currency),
    };
    let named = [("Tip", tip), ("Duties", duties)];
    let all = tip.checked_add(duties)?;
    let fee = |(label, amount): &(&str, Money)| Fee { label: (*label).to_owned(), charge: Charge::plain(*amount) };
    let found = named.iter().filter(|(_, amount)| !amount.is_zero() && (missing == *amount || missing == all));
    Ok(if missing.is_zero() { Vec::new() } else { found.map(fee).collect() })
}

/// What the buyer paid for a charge.
fn paid(charge: &Charge) -> Result<Money, MoneyError> {
    let on_top = charge.taxes.iter().filter(|tax| tax.place == Place::OnTop).map(|tax| tax.amount);
    let discount = charge.seller_discount.unwrap_or(Money::zero(charge.gross.currency()));
    on_top.fold(charge.gross.checked_sub(discount), |sum, tax| sum?.checked_add(tax))
}

struct Reader {
    currency: Currency,
    included: bool,
}

impl Reader {
    /// Units that were edited out of the order are no part of it any more, and neither is their share of the price.
    fn line(&self, item: &wire::LineItem, refunded: u32) -> Result<Line, Unread> {
        let ordered = units(item.quantity)?;
        let kept = units(item.current_quantity)?.saturating_add(refunded).min(ordered);
        let sku = item.sku.as_deref().and_then(|sku| Sku::new(sku).ok());
        let id = LineId::new(number(&item.id)).map_err(|error| Unread(error.to_string()))?;
        let gross = exact(&item.original_total_set, self.currency)?;
        let mut charge = self.charge(gross, &item.discount_allocations, &item.tax_lines)?;
        if kept < ordered {
            let weights = [i64::from(kept), i64::from(ordered - kept)];
            let share = |amount: Money| allocate(amount, &weights).first().copied().unwrap_or(amount);
            charge.gross = share(charge.gross);
            charge.seller_discount = charge.seller_discount.map(share);
            charge.taxes.iter_mut().for_each(|tax| tax.amount = share(tax.amount));
        }
        let listing = key(item, sku.as_ref());
        Ok(Line { id, listing, sku, title: item.name.clone(), quantity: kept, canceled: 0, charge })
    }

    /// Several shipping lines are one shipping.
    fn shipping(&self, lines: &[wire::ShippingLine]) -> Result<Shipping, Unread> {
        let titles: Vec<&str> =
            lines.iter().map(|line| line.title.as_str()).filter(|title| !title.is_empty()).collect();
        let mut gross = lines.iter().map(|line| exact(&line.original_price_set, self.currency));
        let gross = gross.try_fold(Money::zero(self.currency), |sum, price| sum.checked_add(price?))?;
        let discounts = lines.iter().flat_map(|line| &line.discount_allocations);
        let taxes = lines.iter().flat_map(|line| &line.tax_lines);
        Ok(Shipping { service: titles.join(" + "), charge: self.charge(gross, discounts, taxes)? })
    }

    fn charge<'a>(
        &self,
        gross: Money,
        discounts: impl IntoIterator<Item = &'a wire::DiscountAllocation>,
        taxes: impl IntoIterator<Item = &'a wire::TaxLine>,
    ) -> Result<Charge, Unread> {
        let mut discount = discounts.into_iter().map(|discount| exact(&discount.allocated_amount_set, self.currency));
        let discount = discount.try_fold(Money::zero(self.currency), |sum, part| sum.checked_add(part?))?;
        let mut known: Vec<Tax> = Vec::new();
        for line in taxes {
            let tax = self.tax(line)?;
            let same = |one: &&mut Tax| one.label == tax.label && one.rate == tax.rate && one.liable == tax.liable;
            match known.iter_mut().find(same) {
                Some(one) => one.amount = one.amount.checked_add(tax.amount)?,
                None => known.push(tax),
            }
        }
        known.retain(|tax| !tax.amount.is_zero());
        Ok(Charge {
            gross,
            seller_discount: Some(discount).filter(|discount| !discount.is_zero()),
            marketplace_discount: None,
            taxes: known,
        })
    }

    /// A tax of which the channel is liable is the marketplace's; of an unknown one the seller is.
    fn tax(&self, line: &wire::TaxLine) -> Result<Tax, Unread> {
        Ok(Tax {
            amount: exact(&line.price_set, self.currency)?,
            place: if self.included { Place::Included } else { Place::OnTop },
            liable: if line.channel_liable == Some(true) { Liable::Marketplace } else { Liable::Seller },
            label: Some(line.title.clone()).filter(|title| !title.is_empty()),
            rate: line.rate_percentage.map(|percent| percent.0).filter(|percent| *percent > Decimal::ZERO),
        })
    }
}

fn units(quantity: i64) -> Result<u32, Unread> {
    u32::try_from(quantity).map_err(|_| Unread("a line's quantity is no number of units".to_owned()))
}

/// A line whose variant is gone, or never was, is known by its SKU, else by its name.
fn key(item: &wire::LineItem, sku: Option<&Sku>) -> ListingKey {
    match (&item.variant, sku) {
        (Some(variant), _) => listing(&variant.id),
        (None, Some(sku)) => ListingKey::Sku(sku.clone()),
        (None, None) => ListingKey::Listing(format!("text:{}", item.name.chars().take(200).collect::<String>())),
    }
}
