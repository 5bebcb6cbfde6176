//! R17: an order in another currency than the main store's is kept, converted at a stated rate, or refused.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money, MoneyError};
use crate::settings::{CurrencySettings, StatedRate};
use crate::trace::NotImported;

/// How an order's amounts arrive in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange<'a> {
    AsIs,
    At(&'a StatedRate),
}

/// What a create made of the order's currency. Kept with the order: whatever the setting says later, everything that
/// follows is told to the store at the same rate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    #[default]
    AsIs,
    At(StatedRate),
}

impl Conversion {
    pub const fn exchange(&self) -> Exchange<'_> {
        match self {
            Self::AsIs => Exchange::AsIs,
            Self::At(row) => Exchange::At(row),
        }
    }
}

impl From<Exchange<'_>> for Conversion {
    fn from(exchange: Exchange<'_>) -> Self {
        match exchange {
            Exchange::AsIs => Self::AsIs,
            Exchange::At(row) => Self::At(row.clone()),
        }
    }
}

/// What the setting makes of an order's currency. A store whose currency is not known is asked to keep the order's.
pub fn exchange(
    order: Currency,
    settings: &CurrencySettings,
    store: Option<Currency>,
    store_takes_any: bool,
) -> Result<Exchange<'_>, NotImported> {
    let Some(store) = store.filter(|store| *store != order) else { return Ok(Exchange::AsIs) };
    match settings {
        CurrencySettings::Keep if store_takes_any => Ok(Exchange::AsIs),
        CurrencySettings::Keep | CurrencySettings::Refuse => Err(NotImported::ForeignCurrency { order, store }),
        CurrencySettings::Convert { rates } => {
            let stated = rates.iter().find(|row| row.from == order && row.to == store);
            stated.map(Exchange::At).ok_or(NotImported::NoExchangeRate { order, store })
        }
    }
}

impl Exchange<'_> {
    pub const fn currency(&self, order: Currency) -> Currency {
        match self {
            Self::AsIs => order,
            Self::At(row) => row.to,
        }
    }

    /// One amount by itself, half-up.
    pub fn amount(&self, amount: Money) -> Result<Money, MoneyError> {
        match self {
            Self::AsIs => Ok(amount),
            Self::At(row) => Money::rounded(exact(amount, row)?, row.to),
        }
    }

    /// A total, half-up, and its parts by largest remainder (ties to the first), so that they add up to it exactly.
    ///
    /// The parts must add up to the total before.
    pub fn spread(&self, total: Money, parts: &[Money]) -> Result<(Money, Vec<Money>), MoneyError> {
        let Self::At(row) = self else { return Ok((total, parts.to_vec())) };
        let total = self.amount(total)?;
        let scale = Decimal::from(10_i64.pow(row.to.decimals()));
        let mut floors = Vec::with_capacity(parts.len());
        let mut remainders = Vec::with_capacity(parts.len());
        for part in parts {
            let exact = exact(*part, row)?.checked_mul(scale).ok_or(MoneyError::OutOfRange)?;
            let floor = exact.floor();
            floors.push(floor.to_i64().ok_or(MoneyError::OutOfRange)?);
            remainders.push(exact - floor);
        }
        // A sum of remainders, rounded: never below zero and never more than there are parts with a remainder.
        let left = floors.iter().try_fold(total.minor(), |left, floor| left.checked_sub(*floor));
        let left = usize::try_from(left.ok_or(MoneyError::OutOfRange)?).unwrap_or(0);
        let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
        by_remainder.sort_unstable_by_key(|&i| (std::cmp::Reverse(remainders[i]), i));
        for &i in by_remainder.iter().take(left) {
            floors[i] += 1;
        }
        Ok((total, floors.into_iter().map(|minor| Money::from_minor(minor, row.to)).collect()))
    }
}

fn exact(amount: Money, row: &StatedRate) -> Result<Decimal, MoneyError> {
    if amount.currency() != row.from {
        return Err(MoneyError::CurrencyMismatch(amount.currency(), row.from));
    }
    amount.amount().checked_mul(row.rate.get()).ok_or(MoneyError::OutOfRange)
}
