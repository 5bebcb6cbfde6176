//! R1: what the buyer paid for each line, for shipping and for fees, with the tax in it or on top, to the cent.

use domain::channel_order::{Charge, Fee, Liable, Place};
use domain::{Currency, Money, MoneyError, Tax};
use rust_decimal::Decimal;

use super::{Unread, not_negative};
use crate::amounts::Sum;
use crate::wire::{self, OrderProduct, OrderTax};

/// Decimals of the vendor's amounts.
const SCALE: u32 = 4;

pub(super) struct Charges {
    pub buyer_total: Money,
    pub lines: Vec<Charge>,
    pub shipping: Charge,
    pub fees: Vec<Fee>,
}

/// One charge before rounding: what was paid with tax, the tax in that, and what was taken off before.
struct Paid {
    net: usize,
    tax: usize,
    discount: Decimal,
    /// For the tax's name: `item`, `shipping`, and the line's id.
    of: (&'static str, Option<u64>),
}

pub(super) fn charges(
    order: &wire::Order,
    products: &[&OrderProduct],
    taxes: &[OrderTax],
    currency: Currency,
    warnings: &mut Vec<String>,
) -> Result<Charges, Unread> {
    let included = order.is_tax_inclusive_pricing;
    let mut parts = Sum::new(currency);
    let mut paid = |inc_tax: Decimal, tax: Decimal, discount: Decimal, of| {
        Ok::<_, MoneyError>(Paid { net: parts.add(inc_tax - tax)?, tax: parts.add(tax)?, discount, of })
    };
    let lines = products.iter().zip(line_taxes(order, products)).map(|(product, tax)| {
        let inc_tax = product.discounted_total_inc_tax.unwrap_or_else(|| undiscounted(product)).0;
        let tax = tax.round_dp(SCALE).min(inc_tax);
        let before = if included { product.total_inc_tax.0 } else { product.total_ex_tax.0 };
        let after = if included { inc_tax } else { inc_tax - tax };
        paid(inc_tax, tax, (before - after).max(Decimal::ZERO), ("item", Some(product.id)))
    });
    let lines: Vec<Paid> = lines.collect::<Result<_, _>>()?;
    let mut plain = |ex_tax: wire::Amount, inc_tax: wire::Amount, kind| {
        paid(inc_tax.0, inc_tax.0 - ex_tax.0, Decimal::ZERO, (kind, None))
    };
    let shipping = plain(order.shipping_cost_ex_tax, order.shipping_cost_inc_tax, "shipping")?;
    let mut fees = Vec::new();
    for (label, ex_tax, inc_tax, kind) in [
        ("Handling", order.handling_cost_ex_tax, order.handling_cost_inc_tax, "handling"),
        ("Gift wrapping", order.wrapping_cost_ex_tax, order.wrapping_cost_inc_tax, "gift-wrapping"),
    ] {
        if !inc_tax.0.is_zero() {
            fees.push((label.to_owned(), plain(ex_tax, inc_tax, kind)?));
        }
    }
    for fee in &order.fees.0 {
        let names = [&fee.display_name_merchant, &fee.display_name_customer];
        let label = names.into_iter().find(|name| !name.trim().is_empty()).map_or("Fee", |name| name.as_str());
        fees.push((label.to_owned(), plain(fee.cost_ex_tax, fee.cost_inc_tax, "fee")?));
    }

    // Store credit and gift certificates are ways to pay. Should the total be what was left after them, they belong to it.
    let other_means = order.store_credit_amount.0 + order.gift_certificate_amount.0;
    let mut total = order.total_inc_tax.0;
    if !other_means.is_zero() && parts.exact() == total + other_means {
        total += other_means;
    }
    // What was taken off the order and stands on no line (free shipping, a coupon for the whole).
    let taken_off = parts.exact() - total;
    let on_lines: Decimal = lines.iter().map(|line| line.discount).sum();
    let allowed = order.discount_amount.0 + order.coupon_discount.0;
    let smallest = Decimal::new(1, currency.decimals());
    if taken_off >= smallest && taken_off <= allowed.max(on_lines) {
        let paid = Paid {
            net: parts.add(-taken_off)?,
            tax: parts.add(Decimal::ZERO)?,
            discount: Decimal::ZERO,
            of: ("order", None),
        };
        fees.push(("Discount".to_owned(), paid));
    }
    let buyer_total = not_negative(Money::rounded(total, currency)?)?;
    parts.settle(buyer_total);
    if total != buyer_total.amount() {
        warnings.push(format!(
            "The order's total has more decimals than {currency} has; its amounts were rounded to add up to it."
        ));
    }
    let finish = Finish { parts: &parts, currency, included, taxes };
    let lines = lines.iter().map(|line| finish.charge(line));
    let fees = fees.iter().map(|(label, fee)| Ok(Fee { label: label.clone(), charge: finish.charge(fee)? }));
    Ok(Charges {
        buyer_total,
        lines: lines.collect::<Result<_, Unread>>()?,
        shipping: finish.charge(&shipping)?,
        fees: fees.collect::<Result<_, Unread>>()?,
    })
}

/// An answer without the discounted total: what its discounts leave.
fn undiscounted(product: &OrderProduct) -> wire::Amount {
    let discounts: Decimal = product.applied_discounts.iter().map(|discount| discount.amount.0).sum();
    wire::Amount(product.total_inc_tax.0 - discounts)
}

/// The tax in what was paid for each line: the answers state a line's tax of its full price, and the order's tax of what
/// was paid.
fn line_taxes(order: &wire::Order, products: &[&OrderProduct]) -> Vec<Decimal> {
    let full: Vec<Decimal> = products.iter().map(|product| product.total_tax.0).collect();
    let tax = |ex_tax: wire::Amount, inc_tax: wire::Amount| inc_tax.0 - ex_tax.0;
    let of_others = tax(order.shipping_cost_ex_tax, order.shipping_cost_inc_tax)
        + tax(order.handling_cost_ex_tax, order.handling_cost_inc_tax)
        + tax(order.wrapping_cost_ex_tax, order.wrapping_cost_inc_tax)
        + order.fees.0.iter().map(|fee| tax(fee.cost_ex_tax, fee.cost_inc_tax)).sum::<Decimal>();
    let left = order.total_tax.0 - of_others;
    let is_discounted = !order.total_tax.0.is_zero() && left >= Decimal::ZERO && left < full.iter().sum();
    if !is_discounted {
        return full;
    }
    let paid: Vec<Decimal> = products.iter().map(|product| paid_share(product) * product.total_tax.0).collect();
    let paid = if paid.iter().sum::<Decimal>() > Decimal::ZERO { paid } else { full };
    // A discount of the whole order is on no line: it takes its part of every tax.
    let sum: Decimal = paid.iter().sum();
    paid.into_iter().map(|tax| tax * left / sum).collect()
}

/// What part of the line's full price was paid.
fn paid_share(product: &OrderProduct) -> Decimal {
    let paid = product.discounted_total_inc_tax.unwrap_or_else(|| undiscounted(product)).0;
    paid.checked_div(product.total_inc_tax.0).unwrap_or(Decimal::ONE)
}

struct Finish<'a> {
    parts: &'a Sum,
    currency: Currency,
    included: bool,
    taxes: &'a [OrderTax],
}

impl Finish<'_> {
    fn charge(&self, paid: &Paid) -> Result<Charge, Unread> {
        let (net, tax) = (self.parts.money(paid.net), self.parts.money(paid.tax));
        let price = if self.included { net.checked_add(tax)? } else { net };
        let discount = Money::rounded(paid.discount, self.currency)?;
        let seller_discount = (discount.minor() > 0).then_some(discount);
        let gross = price.checked_add(seller_discount.unwrap_or(Money::zero(self.currency)))?;
        Ok(Charge { gross, seller_discount, marketplace_discount: None, taxes: self.taxes(tax, paid.of)? })
    }

    /// One tax for each rate where the rates make up the tax of the charge, else one in all.
    fn taxes(&self, amount: Money, (kind, line): (&str, Option<u64>)) -> Result<Vec<Tax>, Unread> {
        if amount.is_zero() {
            return Ok(Vec::new());
        }
        let is_it = |tax: &&OrderTax| {
            let of_line = line.is_none() || tax.order_product_id.map(|id| id.0) == line;
            tax.line_item_type == kind && of_line && !tax.line_amount.0.is_zero()
        };
        let own: Vec<&OrderTax> = self.taxes.iter().filter(is_it).collect();
        let amounts = own.iter().map(|tax| Money::rounded(tax.line_amount.0, self.currency));
        let amounts: Vec<Money> = amounts.collect::<Result<_, _>>()?;
        if Money::sum(self.currency, amounts.iter().copied())? == amount {
            let named = own.iter().zip(amounts).filter(|(_, amount)| !amount.is_zero());
            return Ok(named.map(|(tax, amount)| self.tax(amount, Some(*tax))).collect());
        }
        // One name for the whole order, where there is but one.
        let mut all = self.taxes.iter().filter(|tax| !tax.line_amount.0.is_zero());
        let first = all.next().filter(|first| all.all(|tax| tax.name == first.name && tax.rate.0 == first.rate.0));
        Ok(vec![self.tax(amount, first)])
    }

    fn tax(&self, amount: Money, said: Option<&OrderTax>) -> Tax {
        Tax {
            amount,
            place: if self.included { Place::Included } else { Place::OnTop },
            liable: Liable::Seller,
            label: said.map(|tax| tax.name.trim().to_owned()).filter(|name| !name.is_empty()),
            rate: said.map(|tax| tax.rate.0.normalize()).filter(|rate| !rate.is_zero()),
        }
    }
}
