//! E17: what measured consumption comes to in money, at prices that stand in one place.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// What is counted, each with a price of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BilledPart)]
pub enum Part {
    TableWrites,
    /// Counted in halves: an eventually consistent read of one item is half a unit.
    TableReads,
    /// On demand they cost nothing by themselves.
    TableRequests,
    FunctionRequests,
    /// Counted in milliseconds times MiB of memory, as is [`Part::FunctionTimeX86`].
    FunctionTimeArm,
    FunctionTimeX86,
    /// Answered by a function, whatever the answer.
    ApiRequests,
    /// Sent by us, each of up to ten messages.
    QueueRequests,
    Events,
    SecretRequests,
}

/// How much of each part was consumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consumed([u64; Part::EVERY.len()]);

/// One line of AWS's price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// What is billed.
    pub unit: &'static str,
    /// What is counted for one unit.
    pub counted: u64,
    pub usd: Usd,
    pub source: &'static str,
}

/// The price list's region, and the day of the newest change on it that we know of.
pub const REGION: &str = "us-east-1";
pub const SINCE: Date = Date::constant(2024, 11, 1);

const DYNAMODB: &str = "https://aws.amazon.com/dynamodb/pricing/on-demand/";
const LAMBDA: &str = "https://aws.amazon.com/lambda/pricing/";
const API_GATEWAY: &str = "https://aws.amazon.com/api-gateway/pricing/";
const SQS: &str = "https://aws.amazon.com/sqs/pricing/";
const EVENTBRIDGE: &str = "https://aws.amazon.com/eventbridge/pricing/";
const SECRETS_MANAGER: &str = "https://aws.amazon.com/secrets-manager/pricing/";

/// A gigabyte is 1,024 MiB there, a second 1,000 milliseconds.
const GB_SECOND: u64 = 1_024 * 1_000;

impl Part {
    pub const EVERY: [Self; 10] = [
        Self::TableWrites,
        Self::TableReads,
        Self::TableRequests,
        Self::FunctionRequests,
        Self::FunctionTimeArm,
        Self::FunctionTimeX86,
        Self::ApiRequests,
        Self::QueueRequests,
        Self::Events,
        Self::SecretRequests,
    ];

    /// The time of functions that were built for this processor.
    pub const FUNCTION_TIME: Self =
        if cfg!(target_arch = "aarch64") { Self::FunctionTimeArm } else { Self::FunctionTimeX86 };

    /// AWS's list prices, of the first tier where there are several, without any free tier.
    ///
    /// - <https://aws.amazon.com/dynamodb/pricing/on-demand/>: $0.625 and $0.125 a million, since they were halved.
    /// - <https://aws.amazon.com/lambda/pricing/>: $0.20 a million requests; $0.0000133334 (Arm) and $0.0000166667 (x86) a
    ///   GB-second.
    /// - <https://aws.amazon.com/api-gateway/pricing/>: $3.50 a million calls of a REST API.
    /// - <https://aws.amazon.com/sqs/pricing/>: $0.40 a million requests to standard queues, of up to 64 KB each.
    /// - <https://aws.amazon.com/eventbridge/pricing/>: $1.00 a million events of our own, of up to 64 KB each.
    /// - <https://aws.amazon.com/secrets-manager/pricing/>: $0.05 for 10,000 calls.
    pub const fn price(self) -> Price {
        let (unit, counted, pico, source) = match self {
            Self::TableWrites => ("write units", 1, 625_000, DYNAMODB),
            Self::TableReads => ("read units", 2, 125_000, DYNAMODB),
            Self::TableRequests => ("requests", 1, 0, DYNAMODB),
            Self::FunctionRequests => ("requests", 1, 200_000, LAMBDA),
            Self::FunctionTimeArm => ("GB-seconds", GB_SECOND, 13_333_400, LAMBDA),
            Self::FunctionTimeX86 => ("GB-seconds", GB_SECOND, 16_666_700, LAMBDA),
            Self::ApiRequests => ("requests", 1, 3_500_000, API_GATEWAY),
            Self::QueueRequests => ("requests", 1, 400_000, SQS),
            Self::Events => ("events", 1, 1_000_000, EVENTBRIDGE),
            Self::SecretRequests => ("requests", 1, 5_000_000, SECRETS_MANAGER),
        };
        Price { unit, counted, usd: Usd(pico), source }
    }
}

impl Price {
    /// Whole units, begun ones included.
    pub const fn units(&self, counted: u64) -> u64 {
        counted.div_ceil(self.counted)
    }

    /// Parts of a unit are paid as parts.
    pub const fn of(&self, counted: u64) -> Usd {
        Usd(self.usd.times(counted).0 / self.counted as u128)
    }
}

impl Consumed {
    pub fn of(&self, part: Part) -> u64 {
        self.0.get(part as usize).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn with(mut self, part: Part, more: u64) -> Self {
        if let Some(count) = self.0.get_mut(part as usize) {
            *count = count.saturating_add(more);
        }
        self
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Part::EVERY.into_iter().fold(self, |sum, part| sum.with(part, other.of(part)))
    }

    /// What all parts come to.
    pub fn usd(&self) -> Usd {
        Part::EVERY.into_iter().fold(Usd::default(), |sum, part| sum.plus(part.price().of(self.of(part))))
    }
}

/// US dollars, exact to the millionth of a millionth; shown to the millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Usd(u128);

const PICO: u128 = 1_000_000_000_000;
const PICO_OF_A_MICRO: u128 = 1_000_000;

impl Usd {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_units_cost_what_the_price_list_says() {
        for (part, a_million) in [
            (Part::TableWrites, "0.625000"),
            (Part::TableReads, "0.125000"),
            (Part::TableRequests, "0.000000"),
            (Part::FunctionRequests, "0.200000"),
            (Part::FunctionTimeArm, "13.333400"),
            (Part::FunctionTimeX86, "16.666700"),
            (Part::ApiRequests, "3.500000"),
            (Part::QueueRequests, "0.400000"),
            (Part::Events, "1.000000"),
            (Part::SecretRequests, "5.000000"),
        ] {
            let price = part.price();
            assert_eq!(price.of(price.counted * 1_000_000).to_string(), a_million, "{part:?}");
            assert_eq!(price.usd.times(1_000_000).to_string(), a_million, "{part:?}");
        }
    }

    #[test]
    fn parts_of_a_unit_are_paid_and_whole_units_shown() {
        let reads = Part::TableReads.price();
        assert_eq!(reads.of(1).times(16_000_000).to_string(), "1.000000", "half a unit is not lost");
        assert_eq!((reads.units(0), reads.units(1), reads.units(2), reads.units(3)), (0, 1, 1, 2));
        // 128 MiB for 250 ms is a 32nd of a GB-second.
        assert_eq!(Part::FunctionTimeArm.price().of(128 * 250).times(32_000_000).to_string(), "13.333376");
        assert_eq!(Part::FunctionTimeArm.price().units(128 * 250 * 32), 1);
        assert_eq!(Part::FunctionTimeArm.price().units(128 * 250 * 32 + 1), 2);
    }

    #[test]
    fn what_was_consumed_adds_up_by_part_and_in_money() {
        let writes = Consumed::default().with(Part::TableWrites, 1_000_000);
        let more = Consumed::default().with(Part::TableWrites, 1_000_000).with(Part::ApiRequests, 2_000_000);
        let sum = writes.plus(more);
        assert_eq!(
            (sum.of(Part::TableWrites), sum.of(Part::ApiRequests), sum.of(Part::Events)),
            (2_000_000, 2_000_000, 0)
        );
        assert_eq!(sum.usd().to_string(), "8.250000");
        for part in Part::EVERY {
            let one = Consumed::default().with(part, 7);
            assert_eq!((one.of(part), one.usd()), (7, part.price().of(7)), "{part:?}");
            assert!(Part::EVERY.into_iter().all(|other| other == part || one.of(other) == 0), "{part:?} alone");
        }
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
            assert_eq!(Usd(pico).to_string(), shown, "{pico}");
        }
    }

    #[test]
    fn a_thousand_orders_cost_their_share_and_no_orders_have_none() {
        let four_units_each = Part::TableWrites.price().of(4 * 250);
        assert_eq!(four_units_each.per_thousand(250).map(|usd| usd.to_string()).as_deref(), Some("0.002500"));
        assert_eq!(four_units_each.per_thousand(0), None);
    }
}
