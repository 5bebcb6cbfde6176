//! R1: the amounts of a receipt, so that its parts add up to its total to the cent.

use domain::allocate::allocate;
use domain::{Charge, Currency, Fee, Liable, Money, Place, Tax, TaxKnowledge};

use super::Problem;
use crate::config::Taxes;
use crate::{CAPABILITIES, wire};

/// What the money of a receipt comes to.
pub struct Amounts {
    pub currency: Currency,
    pub buyer_total: Money,
    /// One for each transaction, in their order.
    pub lines: Vec<Charge>,
    pub shipping: Charge,
    pub fees: Vec<Fee>,
    pub tax: TaxKnowledge,
}

/// "The `total_price` minus the coupon discount plus tax and shipping costs": the description leaves open whether VAT is
/// tax that comes on top, and where gift wrap is. Each way of reading them is tried in turn; the first that adds up to
/// `grandtotal` holds. If none does, the first stays and the check of R1 shows both figures.
#[derive(Clone, Copy)]
struct Reading {
    wrap_in_total: bool,
    sales_tax: Place,
    vat: Place,
}

/// The optional amounts of a receipt, zero where it has none.
struct Parts {
    discount: Money,
    shipping: Money,
    wrap: Money,
    sales_tax: Money,
    vat: Money,
}

pub fn amounts(receipt: &wire::ShopReceipt, taxes: Taxes) -> Result<Amounts, Problem> {
    let total = receipt.grandtotal.as_ref().ok_or(Problem::Missing("grandtotal"))?;
    let code = total.currency_code.as_deref().ok_or(Problem::Missing("grandtotal.currency_code"))?;
    let currency = code.trim().parse().map_err(|error| Problem::Money("grandtotal", error))?;
    let total = money("grandtotal", total, currency)?;
    let parts = parts(receipt, currency)?;

    let gross = receipt.transactions.iter().map(|sold| line_gross(sold, currency)).collect::<Result<Vec<_>, _>>()?;
    let goods = Money::sum(currency, gross.iter().copied())?;
    let mut lines: Vec<Charge> = gross.into_iter().map(Charge::plain).collect();
    let mut base = goods.checked_add(parts.shipping)?;
    if !is_discounted(receipt, goods, &parts)? {
        spread_discount(&mut lines, parts.discount)?;
        base = base.checked_sub(parts.discount)?;
    }

    let reading = read(total, base, &parts)?;
    let paid = weights(&lines)?;
    spread_tax(&mut lines, &paid, (parts.sales_tax, "Sales tax"), reading.sales_tax, taxes.sales_tax);
    spread_tax(&mut lines, &paid, (parts.vat, "VAT"), reading.vat, taxes.vat);
    let wrap =
        (!parts.wrap.is_zero()).then(|| Fee { label: "Gift wrap".to_owned(), charge: Charge::plain(parts.wrap) });
    // Etsy tells nothing of the VAT in a seller's own prices: its zero taxes say nothing about them.
    let known = !parts.sales_tax.is_zero() || !parts.vat.is_zero() || !CAPABILITIES.zero_tax_is_unknown;
    Ok(Amounts {
        currency,
        buyer_total: if reading.wrap_in_total { total } else { total.checked_add(parts.wrap)? },
        lines,
        shipping: Charge::plain(parts.shipping),
        fees: wrap.into_iter().collect(),
        tax: if known { TaxKnowledge::Known } else { TaxKnowledge::Unknown },
    })
}

fn parts(receipt: &wire::ShopReceipt, currency: Currency) -> Result<Parts, Problem> {
    let optional = |field, amount: &Option<wire::Money>| match amount {
        Some(amount) => money(field, amount, currency),
        None => Ok(Money::zero(currency)),
    };
    let discount = optional("discount_amt", &receipt.discount_amt)?;
    Ok(Parts {
        discount: Money::from_minor(discount.minor().saturating_abs(), currency),
        shipping: optional("total_shipping_cost", &receipt.total_shipping_cost)?,
        wrap: optional("gift_wrap_price", &receipt.gift_wrap_price)?,
        sales_tax: optional("total_tax_cost", &receipt.total_tax_cost)?,
        vat: optional("total_vat_cost", &receipt.total_vat_cost)?,
    })
}

fn read(total: Money, base: Money, parts: &Parts) -> Result<Reading, Problem> {
    for wrap_in_total in [true, false] {
        for sales_tax in [Place::OnTop, Place::Included] {
            for vat in [Place::OnTop, Place::Included] {
                let mut sum = base;
                if wrap_in_total {
                    sum = sum.checked_add(parts.wrap)?;
                }
                for (place, tax) in [(sales_tax, parts.sales_tax), (vat, parts.vat)] {
                    if place == Place::OnTop {
                        sum = sum.checked_add(tax)?;
                    }
                }
                if sum == total {
                    return Ok(Reading { wrap_in_total, sales_tax, vat });
                }
            }
        }
    }
    Ok(Reading { wrap_in_total: true, sales_tax: Place::OnTop, vat: Place::OnTop })
}

/// Seen on a real receipt: the price of a transaction with its part of the coupon already taken off.
fn is_discounted(receipt: &wire::ShopReceipt, goods: Money, parts: &Parts) -> Result<bool, Problem> {
    let Some(before) = &receipt.total_price else { return Ok(false) };
    let before = money("total_price", before, goods.currency())?;
    Ok(!parts.discount.is_zero() && goods != before && goods == before.checked_sub(parts.discount)?)
}

/// An amount of Etsy, exactly, in the receipt's currency.
pub fn money(field: &'static str, amount: &wire::Money, currency: Currency) -> Result<Money, Problem> {
    let code = amount.currency_code.as_deref().map(str::trim);
    if code != Some(currency.code()) {
        return Err(Problem::Currency(field, currency));
    }
    let (Some(parts), Some(divisor)) = (amount.amount, amount.divisor.filter(|divisor| *divisor > 0)) else {
        return Err(Problem::Parts(field));
    };
    let minor = i128::from(parts) * 10_i128.pow(currency.decimals());
    let divisor = i128::from(divisor);
    if minor % divisor != 0 {
        return Err(Problem::Parts(field));
    }
    let minor = i64::try_from(minor / divisor).map_err(|_| Problem::Parts(field))?;
    Ok(Money::from_minor(minor, currency))
}

/// "A float equal to amount divided by divisor", as the digits of it. `None`: it has no end.
pub fn decimal(amount: &wire::Money) -> Option<String> {
    let (parts, mut divisor) = (amount.amount?, amount.divisor.filter(|divisor| *divisor > 0)?);
    let mut decimals = 0_usize;
    while divisor > 1 {
        if divisor % 10 != 0 {
            return None;
        }
        divisor /= 10;
        decimals += 1;
    }
    let digits = format!("{:0>width$}", parts.unsigned_abs(), width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let sign = if parts < 0 { "-" } else { "" };
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

fn line_gross(sold: &wire::ShopReceiptTransaction, currency: Currency) -> Result<Money, Problem> {
    let price = sold.price.as_ref().ok_or(Problem::Missing("transactions.price"))?;
    let price = money("transactions.price", price, currency)?;
    let quantity = i64::from(sold.quantity.ok_or(Problem::Missing("transactions.quantity"))?);
    let gross = price.minor().checked_mul(quantity).ok_or(Problem::Parts("transactions.price"))?;
    Ok(Money::from_minor(gross, currency))
}

fn weights(lines: &[Charge]) -> Result<Vec<i64>, Problem> {
    Ok(lines.iter().map(|line| line.store_gross().map(Money::minor)).collect::<Result<Vec<_>, _>>()?)
}

/// A coupon is on the receipt as a whole: spread over the lines by what they cost.
fn spread_discount(lines: &mut [Charge], discount: Money) -> Result<(), Problem> {
    let weights = weights(lines)?;
    for (line, part) in lines.iter_mut().zip(allocate(discount, &weights)) {
        line.seller_discount = Some(part).filter(|part| !part.is_zero());
    }
    Ok(())
}

/// A tax is given for the receipt as a whole: spread over the lines by what was paid for them.
fn spread_tax(lines: &mut [Charge], paid: &[i64], (amount, label): (Money, &str), place: Place, liable: Liable) {
    for (line, amount) in lines.iter_mut().zip(allocate(amount, paid)).filter(|(_, part)| !part.is_zero()) {
        line.taxes.push(Tax { amount, place, liable, label: Some(label.to_owned()), rate: None });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(amount: i64, divisor: i64, code: &str) -> wire::Money {
        wire::Money { amount: Some(amount), divisor: Some(divisor), currency_code: Some(code.to_owned()) }
    }

    fn minor(wire: &wire::Money, currency: &str) -> Result<i64, String> {
        let read = money("price", wire, currency.parse().unwrap());
        read.map(Money::minor).map_err(|problem| problem.to_string())
    }

    #[test]
    fn amounts_are_exact_or_refused() {
        assert_eq!(minor(&amount(1999, 100, "EUR"), "EUR"), Ok(1999));
        assert_eq!(minor(&amount(5500, 1, "JPY"), "JPY"), Ok(5500));
        assert_eq!(minor(&amount(55, 1, "EUR"), "EUR"), Ok(5500));
        assert_eq!(minor(&amount(19_990, 1000, "EUR"), "EUR"), Ok(1999));
        assert_eq!(minor(&amount(-700, 100, "EUR"), "EUR"), Ok(-700));
        assert_eq!(minor(&amount(5500, 100, "JPY"), "JPY"), Ok(55));
        let parts = Err("`price` is not a whole number of the currency's parts".to_owned());
        for odd in [amount(1, 1000, "EUR"), amount(1, 3, "EUR"), amount(1, 0, "EUR"), amount(1, -100, "EUR")] {
            assert_eq!(minor(&odd, "EUR"), parts);
        }
        assert_eq!(minor(&amount(i64::MAX, 1, "EUR"), "EUR"), parts);
        assert_eq!(minor(&amount(1, 100, "USD"), "EUR"), Err("`price` is not given in EUR".to_owned()));
    }

    #[test]
    fn prices_are_written_digit_by_digit() {
        let written = |parts, divisor| decimal(&amount(parts, divisor, "EUR"));
        assert_eq!(written(1999, 100).as_deref(), Some("19.99"));
        assert_eq!(written(5, 100).as_deref(), Some("0.05"));
        assert_eq!(written(5500, 1).as_deref(), Some("5500"));
        assert_eq!(written(-5, 100).as_deref(), Some("-0.05"));
        assert_eq!((written(1, 3), written(1, 0)), (None, None));
    }
}
