//! Counts what `DynamoDB` says each call consumed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What one kind of call has consumed so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Operation {
    pub calls: u64,
    pub write_units: u64,
    /// Reads are counted in halves: an eventually consistent read of one item costs half a unit.
    pub half_read_units: u64,
}

/// Consumed capacity by operation name (`orders.insert`), shared by every clone.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<BTreeMap<&'static str, Operation>>>);

impl Meter {
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything since the last [`Meter::reset`].
    pub fn total(&self) -> Operation {
        self.counts().values().fold(Operation::default(), |sum, one| sum.plus(*one))
    }

    pub fn write_units(&self) -> u64 {
        self.total().write_units
    }

    pub fn of(&self, operation: &str) -> Operation {
        self.counts().get(operation).copied().unwrap_or_default()
    }

    /// Every operation since the last [`Meter::reset`], by name.
    pub fn operations(&self) -> BTreeMap<&'static str, Operation> {
        self.counts().clone()
    }

    /// Forgets what was counted and gives it back.
    pub fn reset(&self) -> Operation {
        let total = self.total();
        self.counts().clear();
        total
    }

    pub(crate) fn add(&self, operation: &'static str, consumed: Operation) {
        let mut counts = self.counts();
        let count = counts.entry(operation).or_default();
        *count = count.plus(consumed);
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<&'static str, Operation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operation {
    pub(crate) const ONE_CALL: Self = Self { calls: 1, write_units: 0, half_read_units: 0 };

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            write_units: self.write_units + other.write_units,
            half_read_units: self.half_read_units + other.half_read_units,
        }
    }
}
