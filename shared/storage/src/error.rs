//! What can go wrong with the tables, in kinds that a caller can act on.

use std::error::Error;
use std::fmt;

/// What a caller can do about a [`StorageError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// `DynamoDB` asked to slow down; the same call may succeed later.
    Throttled,
    /// No answer, or none of use. The call may have taken effect.
    Unavailable,
    /// Others changed the same items again and again while this call tried.
    Conflict,
    /// A stored item cannot be read.
    Corrupt,
    /// A mistake of ours or of the deployment: refused request, missing table, missing permission.
    Unexpected,
}

/// A failed call on the tables. It names ids and keys, never an order's contents.
#[derive(Debug)]
pub struct StorageError {
    pub kind: ErrorKind,
    /// The failed call, for example `orders.insert`.
    pub operation: &'static str,
    /// Which item, and what about it.
    pub context: String,
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl StorageError {
    /// The same call may succeed when it is made again later.
    pub const fn is_temporary(&self) -> bool {
        matches!(self.kind, ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Conflict)
    }

    /// Others were faster again and again.
    pub fn contended(operation: &'static str) -> Self {
        Self::new(ErrorKind::Conflict, operation, "others were faster again and again")
    }

    pub(crate) fn new(kind: ErrorKind, operation: &'static str, context: impl Into<String>) -> Self {
        Self { kind, operation, context: context.into(), source: None }
    }

    pub(crate) fn corrupt(operation: &'static str, context: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, operation, context)
    }

    #[must_use]
    pub(crate) fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ErrorKind::Throttled => "throttled",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::Conflict => "conflict",
            ErrorKind::Corrupt => "corrupt",
            ErrorKind::Unexpected => "unexpected",
        };
        write!(f, "{}: {kind}: {}", self.operation, self.context)
    }
}

impl Error for StorageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
