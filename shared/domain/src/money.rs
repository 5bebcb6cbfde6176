//! Money: an amount in minor units together with its currency. No floats, no mixing of currencies.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// What cannot be done with an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("`{0}` is not an amount")]
    NotAnAmount(String),
    #[error("`{0}` is not an ISO 4217 currency")]
    UnknownCurrency(String),
    #[error("{0} has more decimals than {1} has")]
    TooPrecise(Decimal, Currency),
    #[error("the amount is out of range")]
    OutOfRange,
    #[error("{0} and {1} cannot be combined")]
    CurrencyMismatch(Currency, Currency),
}

/// An ISO 4217 currency that knows how many decimals it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ToSchema)]
#[schema(value_type = String, examples("GBP"))]
pub struct Currency(iso_currency::Currency);

impl Currency {
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code).map(Self).ok_or_else(|| MoneyError::UnknownCurrency(code.to_owned()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    /// By its code alone: an enum of all currencies would be read from numbers and objects as well.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Code)
    }
}

struct Code;

impl Visitor<'_> for Code {
    type Value = Currency;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the code of an ISO 4217 currency")
    }

    fn visit_str<E: Error>(self, code: &str) -> Result<Currency, E> {
        code.parse().map_err(E::custom)
    }
}

/// An amount in the minor units of its currency (cents; yen for JPY). Written `19.99 GBP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The exact amount; an error if it has more decimals than the currency.
    pub fn exact(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let money = Self::rounded(amount, currency)?;
        if money.amount() == amount { Ok(money) } else { Err(MoneyError::TooPrecise(amount, currency)) }
    }

    /// The amount rounded half-up to the currency's decimals.
    pub fn rounded(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let scale = Decimal::from(10_i64.pow(currency.decimals()));
        let minor = amount
            .checked_mul(scale)
            .ok_or(MoneyError::OutOfRange)?
            .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        let minor = i64::try_from(minor).map_err(|_| MoneyError::OutOfRange)?;
        Ok(Self { minor, currency })
    }

    /// Parses the plain decimal text that platforms send (`"19.99"`), exactly.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let decimal = Decimal::from_str_exact(amount.trim()).map_err(|_| MoneyError::NotAnAmount(amount.to_owned()))?;
        Self::exact(decimal, currency)
    }

    pub const fn minor(self) -> i64 {
        self.minor
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in major units, with the currency's decimals.
    pub fn amount(self) -> Decimal {
        Decimal::new(self.minor, self.currency.decimals())
    }

    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// Adds up amounts that must all be in `currency`.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    fn combine(self, other: Self, op: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        let minor = op(self.minor, other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, currency: self.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

impl From<Money> for String {
    fn from(money: Money) -> Self {
        money.to_string()
    }
}

impl TryFrom<String> for Money {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, MoneyError> {
        let (amount, currency) = text.split_once(' ').ok_or_else(|| MoneyError::NotAnAmount(text.clone()))?;
        Self::parse(amount, currency.parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_keep_the_decimals_of_their_currency() {
        assert_eq!(Money::from_minor(1999, currency("GBP")).to_string(), "19.99 GBP");
        assert_eq!(Money::from_minor(5500, currency("JPY")).to_string(), "5500 JPY");
        assert_eq!(Money::from_minor(-5, currency("KWD")).to_string(), "-0.005 KWD");
    }

    #[test]
    fn text_that_is_not_exact_is_refused() {
        let usd = currency("USD");
        assert!(matches!(Money::parse("12.345", usd), Err(MoneyError::TooPrecise(..))));
        assert!(matches!(Money::parse("10,50", usd), Err(MoneyError::NotAnAmount(_))));
        assert!(matches!(Money::parse("1e3", usd), Err(MoneyError::NotAnAmount(_))));
        assert_eq!(Money::parse("12.3400", usd).unwrap().minor(), 1234);
        assert_eq!(
            Money::parse("0.5", currency("JPY")),
            Err(MoneyError::TooPrecise("0.5".parse().unwrap(), currency("JPY")))
        );
    }

    #[test]
    fn currencies_are_never_mixed() {
        let error = Money::from_minor(1, currency("USD")).checked_add(Money::from_minor(1, currency("EUR")));
        assert!(matches!(error, Err(MoneyError::CurrencyMismatch(..))));
    }

    proptest! {
        #[test]
        fn text_round_trips(minor in -1_000_000_000_000_i64..1_000_000_000_000, code in "(USD|JPY|KWD|GBP)") {
            let money = Money::from_minor(minor, currency(&code));
            prop_assert_eq!(Money::try_from(money.to_string()).unwrap(), money);
        }
    }
}
