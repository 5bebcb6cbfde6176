//! Amounts in minor units, and the way eBay writes them.

use iso_currency::Currency;
use serde_json::{Value, json};

/// eBay writes an amount with as few decimals as it needs, but at least one: "264.8", "0.0", "87.88", "-13.24".
/// Seen in answers of production accounts of 2020 to 2026; the description only says that it is a string.
pub fn written(minor: i64, currency: Currency) -> String {
    let scale = currency.exponent().map_or(2, usize::from);
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
}

/// The container `Amount`.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/ba:Amount>
pub fn amount(minor: i64, currency: Currency) -> Value {
    json!({"value": written(minor, currency), "currency": currency.code()})
}

/// Splits `whole` by `weights`, to the unit: what rounding leaves over goes to the largest remainders, ties to the first.
pub fn split(whole: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i64 = weights.iter().sum();
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        if let Some(first) = parts.first_mut() {
            *first = whole;
        }
        return parts;
    }
    let mut parts: Vec<i64> = weights.iter().map(|weight| whole * weight / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&at| -(whole * weights[at] % sum).abs());
    let left = whole - parts.iter().sum::<i64>();
    for &at in order.iter().take(usize::try_from(left.abs()).unwrap_or(usize::MAX)) {
        parts[at] += left.signum();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_ebay_writes_them() {
        let shown = |minor| written(minor, Currency::EUR);
        assert_eq!(
            [shown(0), shown(5), shown(26480), shown(8788), shown(-1324)],
            ["0.0", "0.05", "264.8", "87.88", "-13.24"]
        );
        assert_eq!(written(5500, Currency::JPY), "5500.0");
    }

    #[test]
    fn a_split_loses_nothing() {
        assert_eq!(split(625, &[5000, 1250]), [500, 125]);
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(7, &[0, 0]), [7, 0]);
    }
}
