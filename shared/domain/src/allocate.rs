//! Splitting an amount over several shares so that nothing is lost: largest remainder, ties to the first.

use crate::money::Money;

/// Splits `total` in proportion to `weights`; the parts add up to `total` exactly.
///
/// Negative weights count as zero. Where all weights are zero, everything goes to the first share. No shares: nothing.
pub fn allocate(total: Money, weights: &[i64]) -> Vec<Money> {
    let weights: Vec<i128> = weights.iter().map(|w| i128::from(*w.max(&0))).collect();
    let Some(first) = weights.first() else { return Vec::new() };
    let sum: i128 = weights.iter().sum();
    let weights = if sum == 0 {
        let mut only_first = vec![0; weights.len()];
        only_first[0] = (*first).max(1);
        only_first
    } else {
        weights
    };
    let sum: i128 = weights.iter().sum();
    let sign = if total.is_negative() { -1 } else { 1 };
    let whole = i128::from(total.minor()).abs();

    let mut parts: Vec<i128> = weights.iter().map(|w| whole * w / sum).collect();
    let left = whole - parts.iter().sum::<i128>();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_unstable_by_key(|&i| (std::cmp::Reverse(whole * weights[i] % sum), i));
    for &i in by_remainder.iter().cycle().take(usize::try_from(left).unwrap_or(0)) {
        parts[i] += 1;
    }
    // Each part is at most `whole`, which came from an i64.
    parts
        .into_iter()
        .map(|p| Money::from_minor(i64::try_from(p * sign).unwrap_or(i64::MAX), total.currency()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gbp(minor: i64) -> Money {
        Money::from_minor(minor, "GBP".parse().unwrap())
    }

    fn minors(total: i64, weights: &[i64]) -> Vec<i64> {
        allocate(gbp(total), weights).into_iter().map(Money::minor).collect()
    }

    #[test]
    fn scenario_7_coupon_and_8_rounding() {
        assert_eq!(minors(625, &[5000, 1250]), [500, 125]);
        assert_eq!(minors(500, &[999, 999, 999]), [167, 167, 166]);
        assert_eq!(minors(1021, &[4500, 1125, 499]), [750, 188, 83]);
    }

    #[test]
    fn without_weights_the_first_share_takes_all() {
        assert_eq!(minors(5, &[0, 0]), [5, 0]);
        assert_eq!(minors(5, &[]), Vec::<i64>::new());
    }

    proptest! {
        #[test]
        fn parts_always_add_up(total in -10_000_000_i64..10_000_000, weights in prop::collection::vec(0_i64..1_000_000, 1..12)) {
            prop_assert_eq!(minors(total, &weights).iter().sum::<i64>(), total);
        }

        #[test]
        fn a_share_is_never_more_than_one_unit_off(total in 0_i64..10_000_000, weights in prop::collection::vec(1_i64..1_000_000, 1..12)) {
            let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
            for (part, weight) in minors(total, &weights).iter().zip(&weights) {
                let exact_floor = i128::from(total) * i128::from(*weight) / sum;
                prop_assert!((i128::from(*part) - exact_floor).abs() <= 1);
            }
        }
    }
}
