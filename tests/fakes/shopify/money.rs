//! Amounts in the two currencies of an order, as the Admin API writes them.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

use iso_currency::Currency;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

/// One amount in the shop's currency and in the buyer's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bag {
    pub shop: Decimal,
    pub presentment: Decimal,
}

impl Bag {
    /// The same in both currencies.
    pub fn same(amount: Decimal) -> Self {
        Self { shop: amount, presentment: amount }
    }

    #[must_use]
    pub fn times(self, count: i64) -> Self {
        let count = Decimal::from(count);
        Self { shop: self.shop * count, presentment: self.presentment * count }
    }

    /// The share `part` of `whole`, cut to the currencies' own decimals.
    #[must_use]
    pub(super) fn share(self, part: i64, whole: i64, money: &Currencies) -> Self {
        if whole == 0 {
            return Self::default();
        }
        let ratio = |amount: Decimal| amount * Decimal::from(part) / Decimal::from(whole);
        money.rounded(Self { shop: ratio(self.shop), presentment: ratio(self.presentment) })
    }

    pub fn is_zero(&self) -> bool {
        self.shop.is_zero() && self.presentment.is_zero()
    }
}

impl Add for Bag {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { shop: self.shop + other.shop, presentment: self.presentment + other.presentment }
    }
}

impl Sub for Bag {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { shop: self.shop - other.shop, presentment: self.presentment - other.presentment }
    }
}

impl AddAssign for Bag {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Bag {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Bag {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// An order's two currencies, mostly one and the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currencies {
    pub shop: String,
    pub presentment: String,
}

impl Currencies {
    pub fn one(code: &str) -> Self {
        Self { shop: code.to_owned(), presentment: code.to_owned() }
    }

    pub(super) fn json(&self, bag: Bag) -> Value {
        json!({
            "__typename": "MoneyBag",
            "shopMoney": money_json(bag.shop, &self.shop),
            "presentmentMoney": money_json(bag.presentment, &self.presentment),
        })
    }

    pub(super) fn rounded(&self, bag: Bag) -> Bag {
        Bag { shop: round(bag.shop, &self.shop), presentment: round(bag.presentment, &self.presentment) }
    }

    /// A bag in minor units of the presentment currency, for shops that sell in one currency.
    pub fn minor(&self, amount: i64) -> Bag {
        Bag {
            shop: Decimal::new(amount, exponent(&self.shop)),
            presentment: Decimal::new(amount, exponent(&self.presentment)),
        }
    }
}

pub(super) fn money_json(amount: Decimal, currency: &str) -> Value {
    json!({"__typename": "MoneyV2", "amount": text(amount), "currencyCode": currency})
}

/// A `Decimal`: at least one digit after the point, none that is not needed ("19.99", "10.0", also "100.0" JPY).
pub(super) fn text(amount: Decimal) -> String {
    let text = amount.normalize().to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

pub(super) fn round(amount: Decimal, currency: &str) -> Decimal {
    amount.round_dp_with_strategy(exponent(currency), RoundingStrategy::MidpointAwayFromZero)
}

/// The decimals of a currency; two where it is not of ISO 4217.
pub(super) fn exponent(currency: &str) -> u32 {
    Currency::from_code(currency).and_then(Currency::exponent).map_or(2, u32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_shopify_writes_them() {
        let written = |minor, scale| text(Decimal::new(minor, scale));
        assert_eq!(
            [written(1999, 2), written(1000, 2), written(100, 0), written(0, 2)],
            ["19.99", "10.0", "100.0", "0.0"]
        );
    }

    #[test]
    fn a_share_is_cut_to_the_currency() {
        let yen = Currencies::one("JPY");
        assert_eq!(yen.minor(100).share(1, 3, &yen), yen.minor(33));
    }
}
