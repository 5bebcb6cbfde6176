//! Etsy's limits of calls, on the fake's own clock: some a second, and a sliding day in twelve buckets.
//! <https://developers.etsy.com/documentation/essentials/rate-limits>

use std::collections::BTreeMap;

use jiff::Timestamp;

const BUCKET_SECONDS: i64 = 2 * 60 * 60;
const BUCKETS: i64 = 12;

#[derive(Debug)]
pub(super) struct Quota {
    per_second: u32,
    per_day: u32,
    second: (i64, u32),
    buckets: BTreeMap<i64, u32>,
}

impl Default for Quota {
    /// So many that a clock that stands still does not matter.
    fn default() -> Self {
        Self { per_second: 100_000, per_day: 10_000_000, second: (0, 0), buckets: BTreeMap::new() }
    }
}

impl Quota {
    pub(super) fn limit(&mut self, per_second: u32, per_day: u32) {
        (self.per_second, self.per_day) = (per_second, per_day);
        (self.second, self.buckets) = ((0, 0), BTreeMap::new());
    }

    /// Counts a call and gives the headers of its answer, or the seconds to stay away: "QPS first, then QPD".
    pub(super) fn take(&mut self, now: Timestamp) -> Result<[(&'static str, String); 4], i64> {
        let second = now.as_second();
        let in_second = if self.second.0 == second { self.second.1 } else { 0 };
        if in_second >= self.per_second {
            return Err(1);
        }
        let bucket = second.div_euclid(BUCKET_SECONDS);
        self.buckets.retain(|known, _| *known > bucket - BUCKETS);
        let today: u32 = self.buckets.values().sum();
        if today >= self.per_day {
            let oldest = self.buckets.keys().next().copied().unwrap_or(bucket);
            return Err((oldest + BUCKETS) * BUCKET_SECONDS - second);
        }
        self.second = (second, in_second + 1);
        *self.buckets.entry(bucket).or_default() += 1;
        Ok([
            ("x-limit-per-second", self.per_second.to_string()),
            ("x-remaining-this-second", (self.per_second - in_second - 1).to_string()),
            ("x-limit-per-day", self.per_day.to_string()),
            ("x-remaining-today", (self.per_day - today - 1).to_string()),
        ])
    }
}
