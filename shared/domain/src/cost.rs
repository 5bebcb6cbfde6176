//! E17: what measured consumption comes to in money, at prices that stand in one place.

use std::fmt;

use jiff::civil::Date;

/// What the tables say that all calls consumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consumed {
    pub write_units: u64,
    /// Reads are counted in halves: an eventually consistent read of one item costs half a unit.
    pub half_read_units: u64,
    pub requests: u64,
}

/// AWS's list prices of `DynamoDB` on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    pub region: &'static str,
    /// They have stood so since then.
    pub since: Date,
    pub source: &'static str,
    pub write_unit: Usd,
    pub read_unit: Usd,
}

/// $0.625 and $0.125 a million, since DynamoDB's on-demand prices were halved.
pub const PRICES: Prices = Prices {
    region: "us-east-1",
    since: Date::constant(2024, 11, 1),
    source: "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    write_unit: Usd::from_pico(625_000),
    read_unit: Usd::from_pico(125_000),
};

/// US dollars, exact to the millionth of a millionth; shown to the millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Usd(u128);

const PICO: u128 = 1_000_000_000_000;
const PICO_OF_A_MICRO: u128 = 1_000_000;

impl Usd {
    const fn from_pico(pico: u128) -> Self {
        Self(pico)
    }

    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count as u128))
    }

    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// For each thousand of `count`; `None` if there are none.
    pub fn per_thousand(self, count: u64) -> Option<Self> {
        self.0.saturating_mul(1_000).checked_div(count.into()).map(Self)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.saturating_add(PICO_OF_A_MICRO / 2) / PICO_OF_A_MICRO;
        let dollar = PICO / PICO_OF_A_MICRO;
        write!(f, "{}.{:06}", micros / dollar, micros % dollar)
    }
}

impl Prices {
    pub const fn of_writes(&self, consumed: Consumed) -> Usd {
        self.write_unit.times(consumed.write_units)
    }

    pub const fn of_reads(&self, consumed: Consumed) -> Usd {
        Usd(self.read_unit.times(consumed.half_read_units).0 / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_units_cost_what_the_price_list_says() {
        let consumed = Consumed { write_units: 1_000_000, half_read_units: 2_000_000, requests: 0 };
        assert_eq!(PRICES.of_writes(consumed).to_string(), "0.625000");
        assert_eq!(PRICES.of_reads(consumed).to_string(), "0.125000");
        let half = Consumed { half_read_units: 1, ..Consumed::default() };
        assert_eq!(PRICES.of_reads(half).times(16_000_000).to_string(), "1.000000", "half a unit is not lost");
    }

    #[test]
    fn dollars_are_shown_to_the_millionth_half_up() {
        for (pico, shown) in [
            (0, "0.000000"),
            (499_999, "0.000000"),
            (500_000, "0.000001"),
            (1_500_000, "0.000002"),
            (12_345_678_900_000, "12.345679"),
        ] {
            assert_eq!(Usd::from_pico(pico).to_string(), shown, "{pico}");
        }
    }

    #[test]
    fn a_thousand_orders_cost_their_share_and_no_orders_have_none() {
        let four_units_each = PRICES.write_unit.times(4 * 250);
        assert_eq!(four_units_each.per_thousand(250).map(|usd| usd.to_string()).as_deref(), Some("0.002500"));
        assert_eq!(four_units_each.per_thousand(0), None);
    }
}
