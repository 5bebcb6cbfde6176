//! How a use case ends when it cannot end well, and what a worker does with a job afterwards.

use std::time::Duration;

use connect::ConnectError;
use domain::MoneyError;
use storage::StorageError;

use crate::ports::PortError;

/// What becomes of a job that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is left to do.
    Done,
    /// Look again after this long; the job is sent anew and this one acknowledged.
    Again(Duration),
}

/// A use case that could not be carried out. What is known about the order has been stored before.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error("amounts: {0}")]
    Money(#[from] MoneyError),
    /// Beyond the calendar.
    #[error("the date is out of range")]
    OutOfRange,
}
