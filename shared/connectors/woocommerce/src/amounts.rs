//! Rounds an order's parts to the currency's decimals so that they add up to its rounded total exactly.
//!
//! A shop may keep more decimals than its currency has (3 x 12.345), and shows each line's tax rounded by itself while
//! its total is rounded once.

use domain::{Currency, Money, MoneyError};
use rust_decimal::Decimal;

/// One amount that counts towards the total.
struct Part {
    exact: Decimal,
    minor: i64,
    is_tax: bool,
    moved: bool,
}

/// The parts of an order, each known by the number that [`Sum::add`] gave.
pub(crate) struct Sum {
    currency: Currency,
    parts: Vec<Part>,
    rounded: bool,
}

impl Sum {
    pub const fn new(currency: Currency) -> Self {
        Self { currency, parts: Vec::new(), rounded: false }
    }

    pub fn add(&mut self, exact: Decimal, is_tax: bool) -> Result<usize, MoneyError> {
        let money = Money::rounded(exact, self.currency)?;
        self.rounded |= money.amount() != exact;
        self.parts.push(Part { exact, minor: money.minor(), is_tax, moved: false });
        Ok(self.parts.len() - 1)
    }

    /// Whether an amount had more decimals than the currency.
    pub const fn were_rounded(&self) -> bool {
        self.rounded
    }

    /// Moves single minor units until the parts add up to `total`: by largest remainder, ties to the first; then, since
    /// the shop rounds them apart, from the largest tax on. What rounding cannot explain stays, for R1 to find.
    pub fn settle(&mut self, total: Money) {
        let sum: i64 = self.parts.iter().map(|part| part.minor).sum();
        let mut missing = total.minor() - sum;
        while missing != 0 {
            let step = missing.signum();
            let Some(part) = self.best(step) else { return };
            part.minor += step;
            part.moved = true;
            missing -= step;
        }
    }

    fn best(&mut self, step: i64) -> Option<&mut Part> {
        let scale = self.currency.decimals();
        let remainder = |part: &Part| (part.exact - Decimal::new(part.minor, scale)) * Decimal::from(step);
        // Ties: the first is raised first, the last is lowered first.
        let better = |best: Option<(usize, Decimal)>, (index, weight): (usize, Decimal)| match best {
            Some((_, least)) if least > weight || (least == weight && step > 0) => best,
            _ => Some((index, weight)),
        };
        let free = || self.parts.iter().enumerate().filter(|(_, part)| !part.moved);
        let by_remainder = free()
            .map(|(index, part)| (index, remainder(part)))
            .filter(|(_, remainder)| *remainder > Decimal::ZERO)
            .fold(None, better);
        let by_tax = || {
            free()
                .filter(|(_, part)| part.is_tax && !part.exact.is_zero())
                .map(|(index, part)| (index, part.exact.abs()))
                .fold(None, better)
        };
        let (index, _) = by_remainder.or_else(by_tax)?;
        self.parts.get_mut(index)
    }

    pub fn money(&self, part: usize) -> Money {
        Money::from_minor(self.parts.get(part).map_or(0, |part| part.minor), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn settled(total: &str, parts: &[&str], taxes: &[&str]) -> Vec<i64> {
        let currency: Currency = "EUR".parse().unwrap();
        let mut all = Sum::new(currency);
        let amounts = parts.iter().map(|part| (part, false)).chain(taxes.iter().map(|tax| (tax, true)));
        let numbers: Vec<usize> =
            amounts.map(|(amount, is_tax)| all.add(amount.parse().unwrap(), is_tax).unwrap()).collect();
        all.settle(Money::rounded(total.parse().unwrap(), currency).unwrap());
        numbers.into_iter().map(|number| all.money(number).minor()).collect()
    }

    /// The peer makes 51.94 of it: it rounds the price before it multiplies.
    #[test]
    fn three_times_12_345_and_14_89_is_51_93() {
        assert_eq!(settled("51.93", &["37.04", "14.89"], &[]), [3704, 1489]);
        assert_eq!(settled("51.925", &["37.035", "14.89"], &[]), [3704, 1489]);
        assert_eq!(settled("51.925", &["12.345", "12.345", "12.345", "14.89"], &[]), [1235, 1235, 1234, 1489]);
    }

    #[test]
    fn a_tax_that_the_shop_rounded_once_is_spread() {
        // Three times 0.0833 of tax, shown as 0.08 each, is 0.25 in the total.
        assert_eq!(settled("3.25", &["1.00", "1.00", "1.00"], &["0.08", "0.08", "0.08"]), [100, 100, 100, 9, 8, 8]);
    }

    #[test]
    fn what_rounding_cannot_explain_stays_as_it_is() {
        assert_eq!(settled("9.00", &["10.00"], &[]), [1000]);
        assert_eq!(settled("9.00", &["9.00"], &["1.00"]), [900, 99]);
    }

    proptest! {
        /// Whatever decimals a shop keeps, the parts of an order add up to its total to the cent.
        #[test]
        fn parts_add_up_to_the_rounded_total(thousandths in prop::collection::vec(-50_000_i64..5_000_000, 1..12)) {
            let exact: Vec<Decimal> = thousandths.iter().map(|amount| Decimal::new(*amount, 3)).collect();
            let total: Decimal = exact.iter().sum();
            let texts: Vec<String> = exact.iter().map(Decimal::to_string).collect();
            let parts = settled(&total.to_string(), &texts.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
            let rounded = Money::rounded(total, "EUR".parse().unwrap()).unwrap().minor();
            prop_assert_eq!(parts.iter().sum::<i64>(), rounded);
            for (part, exact) in parts.iter().zip(&thousandths) {
                prop_assert!((part * 10 - exact).abs() < 20, "{} is far from {}", part, exact);
            }
        }
    }
}
