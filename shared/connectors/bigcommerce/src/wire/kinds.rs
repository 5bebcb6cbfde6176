//! The vendor's ways to write an amount, a number, a date and nothing at all.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use rust_decimal::Decimal;
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer};

/// "Float, Float-As-String, Integer". Null and empty text are 0.
#[derive(Clone, Copy, Default)]
pub(crate) struct Amount(pub Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
        if text.trim().is_empty() {
            return Ok(Amount::default());
        }
        // The text itself stays out of the error: errors are logged.
        Decimal::from_str(text.trim()).map(Amount).map_err(|_| E::custom("not a decimal"))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Amount, E> {
        Ok(Amount(number.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Amount, E> {
        Ok(Amount(number.into()))
    }

    /// By the shortest text that names the number, so that 8.25 stays 8.25.
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Amount, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Amount, E> {
        Ok(Amount::default())
    }
}

/// A whole number, as a number or as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole(pub u64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Whole, E> {
        Ok(Whole(number))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Whole, E> {
        text.trim().parse().map(Whole).map_err(|_| E::custom("not a whole number"))
    }
}

/// `Tue, 05 Mar 2019 21:40:11 +0000`. "This date time is always in UTC in the api response." The payment actions write
/// ISO 8601 instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rfc2822(pub Timestamp);

impl<'de> Deserialize<'de> for Rfc2822 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let text = text.trim();
        let read = rfc2822::parse(text).map(|zoned| zoned.timestamp()).or_else(|_| text.parse());
        read.map(Self).map_err(|_| D::Error::custom("not a date and time"))
    }
}

/// What is not set is null, empty text or an empty list.
pub(crate) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + for<'a> Deserialize<'a>,
    D: Deserializer<'de>,
{
    connect::wire::unless(deserializer, |json| matches!(json, "null" | r#""""# | "[]"))
}
