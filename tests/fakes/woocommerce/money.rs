//! Money as WooCommerce reads and writes it: text in, two decimals out, whatever the currency.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Number, Value};

/// Reads an amount. Everything but digits, dots and minus signs is dropped, so that `"10,50"` is 1050
/// (captures 80b); what is no number is zero.
pub(super) fn parse(text: &str) -> Decimal {
    let kept: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-')).collect();
    let dots = kept.matches('.').count();
    let single = if dots > 1 { kept.replacen('.', "", dots - 1) } else { kept };
    single.parse().unwrap_or(Decimal::ZERO)
}

/// As [`parse`], of a JSON string or number.
pub(super) fn parse_value(value: &Value) -> Decimal {
    match value {
        Value::String(text) => parse(text),
        Value::Number(number) => parse(&number.to_string()),
        _ => Decimal::ZERO,
    }
}

pub(super) fn round(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// `"10.00"`: two decimals also for JPY (capture 80c).
pub(super) fn show(amount: Decimal) -> String {
    format!("{:.2}", round(amount).normalize_zero())
}

trait NormalizeZero {
    fn normalize_zero(self) -> Self;
}

impl NormalizeZero for Decimal {
    fn normalize_zero(self) -> Self {
        if self.is_zero() { Decimal::ZERO } else { self }
    }
}

/// A line's `price`, with the noise of PHP's division: 37.035 / 3 is 12.344999999999999 (capture 80).
#[expect(clippy::float_arithmetic, reason = "the vendor divides floats, and clients must survive what it answers")]
pub(super) fn unit_price(total: Decimal, quantity: i64) -> Value {
    let (Some(total), Some(quantity)) = (total.to_f64(), quantity.to_f64()) else { return Value::from(0) };
    if quantity == 0.0 || total == 0.0 {
        return Value::from(0);
    }
    let price = total / quantity;
    match price.to_i64() {
        Some(whole) if whole.to_f64() == Some(price) => Value::from(whole),
        _ => Number::from_f64(price).map_or(Value::from(0), Value::Number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_the_vendor_reads_them() {
        for (text, read) in
            [("10,50", "1050"), ("1.234.50", "1234.50"), ("abc", "0"), ("-1.005", "-1.005"), ("7 EUR", "7")]
        {
            assert_eq!(parse(text), read.parse().unwrap(), "{text}");
        }
    }

    #[test]
    fn amounts_are_shown_with_two_decimals_rounded_half_up() {
        for (amount, shown) in [("37.035", "37.04"), ("-1.005", "-1.01"), ("1050.75", "1050.75"), ("-0.001", "0.00")] {
            assert_eq!(show(amount.parse().unwrap()), shown);
        }
    }

    #[test]
    fn a_price_has_the_noise_of_a_float() {
        assert_eq!(unit_price("37.035".parse().unwrap(), 3).to_string(), "12.344999999999999");
        assert_eq!(unit_price("39.00".parse().unwrap(), 1).to_string(), "39");
        assert_eq!(unit_price("39.80".parse().unwrap(), 2).to_string(), "19.9");
    }
}
