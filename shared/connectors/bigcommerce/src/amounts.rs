//! Rounds an order's parts to the currency's decimals so that they add up to its rounded total exactly.
//!
//! The store keeps four decimals, and rounds its total once.

use domain::{Currency, Money, MoneyError};
use rust_decimal::Decimal;

/// One amount that counts towards the total.
struct Part {
    exact: Decimal,
    minor: i64,
    moved: bool,
}

/// The parts of an order, each known by the number that [`Sum::add`] gave.
pub(crate) struct Sum {
    currency: Currency,
    parts: Vec<Part>,
}

impl Sum {
    pub const fn new(currency: Currency) -> Self {
        Self { currency, parts: Vec::new() }
    }

    pub fn add(&mut self, exact: Decimal) -> Result<usize, MoneyError> {
        let money = Money::rounded(exact, self.currency)?;
        self.parts.push(Part { exact, minor: money.minor(), moved: false });
        Ok(self.parts.len() - 1)
    }

    pub fn exact(&self) -> Decimal {
        self.parts.iter().map(|part| part.exact).sum()
    }

    /// Moves single minor units until the parts add up to `total`: by largest remainder, ties to the first. What rounding
    /// cannot explain stays, for R1 to find.
    pub fn settle(&mut self, total: Money) {
        let sum: i64 = self.parts.iter().map(|part| part.minor).sum();
        let mut missing = total.minor().saturating_sub(sum);
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
        let free = self.parts.iter_mut().filter(|part| !part.moved && remainder(part) > Decimal::ZERO);
        free.reduce(|best, part| {
            let (one, other) = (remainder(best), remainder(part));
            // Ties: the first is raised first, the last is lowered first.
            if one > other || (one == other && step > 0) { best } else { part }
        })
    }

    pub fn money(&self, part: usize) -> Money {
        Money::from_minor(self.parts.get(part).map_or(0, |part| part.minor), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn settled(total: &str, parts: &[String]) -> Vec<i64> {
        let currency: Currency = "EUR".parse().unwrap();
        let mut all = Sum::new(currency);
        let numbers: Vec<usize> = parts.iter().map(|amount| all.add(amount.parse().unwrap()).unwrap()).collect();
        all.settle(Money::rounded(total.parse().unwrap(), currency).unwrap());
        numbers.into_iter().map(|number| all.money(number).minor()).collect()
    }

    #[test]
    fn four_decimals_are_rounded_once() {
        let parts = ["12.345", "12.345", "12.345", "14.89"].map(str::to_owned);
        assert_eq!(settled("51.925", &parts), [1235, 1235, 1234, 1489]);
    }

    #[test]
    fn what_rounding_cannot_explain_stays_as_it_is() {
        assert_eq!(settled("9.00", &["10.00".to_owned()]), [1000]);
    }

    proptest! {
        /// Whatever decimals a store keeps, the parts of an order add up to its total to the cent.
        #[test]
        fn parts_add_up_to_the_rounded_total(amounts in prop::collection::vec(-50_000_i64..5_000_000, 1..12)) {
            let exact: Vec<Decimal> = amounts.iter().map(|amount| Decimal::new(*amount, 4)).collect();
            let total: Decimal = exact.iter().sum();
            let texts: Vec<String> = exact.iter().map(Decimal::to_string).collect();
            let parts = settled(&total.to_string(), &texts);
            let rounded = Money::rounded(total, "EUR".parse().unwrap()).unwrap().minor();
            prop_assert_eq!(parts.iter().sum::<i64>(), rounded);
        }
    }
}
