//! Which tax stands on which charge of a draft: Shopify wants every tax on its line, the draft has the sums.

use domain::allocate::allocate;
use domain::draft::{DraftTax, StoreOrderDraft};
use domain::{Money, MoneyError};
use rust_decimal::Decimal;

use crate::body::TaxLineInput;

/// The taxes of one charge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Taxed(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    title: String,
    /// Percent, where the channel or the settings say it.
    rate: Option<Decimal>,
    amount: Money,
    channel_liable: bool,
}

/// The taxes of a whole draft, charge by charge.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spread {
    pub lines: Vec<Taxed>,
    pub shipping: Taxed,
    pub fees: Vec<Taxed>,
}

impl Taxed {
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn sum(&self, base: Money) -> Result<Money, MoneyError> {
        Money::sum(base.currency(), self.0.iter().map(|part| part.amount))
    }

    /// What Shopify is to show as the price.
    pub fn price(&self, net: Money, taxes_included: bool) -> Result<Money, MoneyError> {
        if taxes_included { net.checked_add(self.sum(net)?) } else { Ok(net) }
    }

    /// The same taxes on the parts of a charge.
    pub fn shares(&self, grosses: &[Money]) -> Vec<Self> {
        let weights: Vec<i64> = grosses.iter().map(|gross| gross.minor()).collect();
        let mut shares = vec![Self::default(); grosses.len()];
        for part in &self.0 {
            for (share, amount) in shares.iter_mut().zip(allocate(part.amount, &weights)) {
                share.0.push(Part { amount, ..part.clone() });
            }
        }
        shares
    }

    /// Shopify insists on a rate: where none is known, it is what the amount makes of the price.
    pub fn lines(&self, price: Money) -> Vec<TaxLineInput> {
        let known = self.0.iter().filter(|part| !part.amount.is_zero());
        let line = |part: &Part| TaxLineInput {
            title: part.title.clone(),
            rate: part
                .rate
                .map_or_else(|| ratio(part.amount, price), |percent| percent / Decimal::ONE_HUNDRED)
                .normalize()
                .to_string(),
            price_set: part.amount.into(),
            channel_liable: part.channel_liable,
        };
        known.map(line).collect()
    }
}

fn ratio(tax: Money, price: Money) -> Decimal {
    tax.amount().checked_div(price.amount()).unwrap_or_default().round_dp(6)
}

/// One charge of the draft: its price without tax, and the tax that is known to be on it.
struct Charge {
    net: Money,
    tax: Money,
    taxed: Taxed,
}

/// Puts each tax on the charges that bear it. A charge's tax goes to the rate that explains it best; what no charge claims, and
/// the marketplace's taxes, are spread by price. Every sum is kept to the cent.
pub(crate) fn spread(draft: &StoreOrderDraft) -> Result<Spread, MoneyError> {
    let charge = |net, tax| Charge { net, tax, taxed: Taxed::default() };
    let mut charges: Vec<Charge> = draft.lines.iter().map(|line| charge(line.net, line.tax)).collect();
    charges.push(charge(draft.shipping.net, draft.shipping.tax));
    charges.extend(draft.fees.iter().map(|fee| charge(fee.net, fee.tax)));

    let mut left: Vec<Money> = draft.taxes.iter().map(|tax| tax.amount).collect();
    for charge in &mut charges {
        claim(charge, &draft.taxes, &mut left)?;
    }
    for (tax, amount) in draft.taxes.iter().zip(left) {
        by_price(&mut charges, tax, amount, false);
    }
    for tax in &draft.channel_liable {
        by_price(&mut charges, tax, tax.amount, true);
    }
    let mut taxed = charges.into_iter().map(|charge| charge.taxed);
    let lines = taxed.by_ref().take(draft.lines.len()).collect();
    let shipping = taxed.next().unwrap_or_default();
    Ok(Spread { lines, shipping, fees: taxed.collect() })
}

fn claim(charge: &mut Charge, taxes: &[DraftTax], left: &mut [Money]) -> Result<(), MoneyError> {
    while charge.tax.minor() > 0 {
        let fits = |index: &usize| left[*index].minor() >= charge.tax.minor();
        let indices = || (0..taxes.len()).filter(|index| left[*index].minor() > 0);
        let best =
            indices().filter(fits).min_by_key(|index| distance(charge, &taxes[*index])).or_else(|| indices().next());
        let Some(index) = best else { return Ok(()) };
        let amount = if left[index].minor() < charge.tax.minor() { left[index] } else { charge.tax };
        put(&mut charge.taxed, &taxes[index], amount, false);
        charge.tax = charge.tax.checked_sub(amount)?;
        left[index] = left[index].checked_sub(amount)?;
    }
    Ok(())
}

/// How far the charge's tax is from what the rate would make of its price.
fn distance(charge: &Charge, tax: &DraftTax) -> Decimal {
    let Some(rate) = tax.rate else { return Decimal::MAX };
    (charge.net.amount() * rate / Decimal::ONE_HUNDRED - charge.tax.amount()).abs()
}

fn by_price(charges: &mut [Charge], tax: &DraftTax, amount: Money, channel_liable: bool) {
    if amount.is_zero() {
        return;
    }
    let weights: Vec<i64> = charges.iter().map(|charge| charge.net.minor()).collect();
    for (charge, share) in charges.iter_mut().zip(allocate(amount, &weights)) {
        put(&mut charge.taxed, tax, share, channel_liable);
    }
}

fn put(taxed: &mut Taxed, tax: &DraftTax, amount: Money, channel_liable: bool) {
    if amount.is_zero() {
        return;
    }
    let title = if tax.label.trim().is_empty() { "Tax".to_owned() } else { tax.label.clone() };
    taxed.0.push(Part { title, rate: tax.rate, amount, channel_liable });
}

#[cfg(test)]
mod tests;
