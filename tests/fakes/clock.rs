//! The clock that a fake dates everything by: real time, or a time that a test sets.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::locked;

#[derive(Debug, Clone, Copy)]
enum Mode {
    Real { ahead: SignedDuration },
    Set(Timestamp),
}

/// A clock shared by every clone. Fakes read it for each date they give, so that a seeded driver can jump hours.
#[derive(Debug, Clone)]
pub struct SimClock {
    mode: Arc<Mutex<Mode>>,
    /// How far this clone is behind the others.
    behind: SignedDuration,
}

impl SimClock {
    /// Follows the machine's clock.
    pub fn real() -> Self {
        Self::of(Mode::Real { ahead: SignedDuration::ZERO })
    }

    /// Stands still at `start` until it is moved.
    pub fn starting_at(start: Timestamp) -> Self {
        Self::of(Mode::Set(start))
    }

    fn of(mode: Mode) -> Self {
        Self { mode: Arc::new(Mutex::new(mode)), behind: SignedDuration::ZERO }
    }

    /// The same clock as somebody reads it whose own is late.
    #[must_use]
    pub fn behind(&self, late: SignedDuration) -> Self {
        Self { mode: Arc::clone(&self.mode), behind: late }
    }

    pub fn now(&self) -> Timestamp {
        let now = match *locked(&self.mode) {
            Mode::Real { ahead } => Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX),
            Mode::Set(now) => now,
        };
        now.saturating_sub(self.behind).unwrap_or(Timestamp::MIN)
    }

    /// Moves the clock by `step`, which may be negative. A real clock keeps running from there.
    pub fn advance(&self, step: SignedDuration) {
        match &mut *locked(&self.mode) {
            Mode::Real { ahead } => *ahead = ahead.saturating_add(step),
            Mode::Set(now) => *now = now.saturating_add(step).unwrap_or(Timestamp::MAX),
        }
    }

    /// Stops the clock at `now`.
    pub fn set(&self, now: Timestamp) {
        *locked(&self.mode) = Mode::Set(now);
    }
}

impl Default for SimClock {
    fn default() -> Self {
        Self::real()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_clock_moves_only_when_told_and_for_every_clone() {
        let clock = SimClock::starting_at(Timestamp::UNIX_EPOCH);
        let other = clock.clone();
        clock.advance(SignedDuration::from_hours(6));
        assert_eq!(other.now().as_second(), 6 * 3600);
        assert_eq!(other.now(), clock.now());
    }
}
