//! Stateful platform fakes: each keeps a ledger, refuses what its vendor refuses, and fails on demand.

pub mod amazon;
pub mod bigcommerce;
mod clock;
pub mod dynamo;
pub mod ebay;
pub mod etsy;
mod faults;
mod ledger;
mod our_api;
mod pattern;
mod server;
pub mod shopify;
pub mod spec;
pub mod woocommerce;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use clock::SimClock;
pub use faults::{Fault, Faults, Gate, PageShift, Switch};
pub use ledger::{Call, CallLog};
pub use our_api::our_api;
pub use pattern::Pattern;
pub use server::{Base, FakeServer, FaultBody, Listener};

/// A panic of one test thread must not hide what the fake recorded.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
