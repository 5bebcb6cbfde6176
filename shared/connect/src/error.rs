//! The one error of everything that talks to a platform. Connectors classify; only `runtime` decides what follows.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// What went wrong, in the terms that decide what happens next (DESIGN, Errors).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    RateLimited,
    Unavailable,
    Timeout,
    Network,
    Unauthorized,
    ConfigInvalid,
    InvalidOrder,
    NotFound,
    Decode,
    AlreadyExists,
    /// The platform lacks what was asked for.
    Unsupported,
    Unexpected,
}

impl ErrorKind {
    /// Will pass by itself: the job comes again later.
    pub const fn is_temporary(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable | Self::Timeout | Self::Network)
    }

    /// The whole connection does not work until a person mends it.
    pub const fn needs_reconnect(self) -> bool {
        matches!(self, Self::Unauthorized | Self::ConfigInvalid)
    }
}

/// Whether a failed call may have changed something on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Certainly nothing happened: it was never sent, or the answer is a refusal on the connector's allow-list.
    None,
    /// It may have happened.
    Possible,
}

/// A failed call to a platform.
///
/// The text for the merchant and the context for the engineer are two fields, and nothing joins them.
#[derive(Debug)]
pub struct ConnectError {
    pub kind: ErrorKind,
    pub effect: Effect,
    /// Our own allowance held the call back: the platform was not asked, and is in no trouble.
    pub held_back: bool,
    /// How long the platform asked us to stay away.
    pub retry_after: Option<Duration>,
    /// The call, as the connector names it: `ebay.get_orders`.
    pub operation: &'static str,
    /// For the log: status, vendor codes. Never secrets, names, addresses or bodies.
    pub context: String,
    /// One sentence a merchant understands.
    pub public_message: String,
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl ConnectError {
    pub fn new(kind: ErrorKind, operation: &'static str, public_message: impl Into<String>) -> Self {
        Self {
            kind,
            effect: Effect::Possible,
            held_back: false,
            retry_after: None,
            operation,
            context: String::new(),
            public_message: public_message.into(),
            source: None,
        }
    }

    /// The platform lacks the capability; nothing was sent.
    pub fn unsupported(operation: &'static str, platform: &str) -> Self {
        Self::new(ErrorKind::Unsupported, operation, format!("{platform} does not offer this.")).without_effect()
    }

    #[must_use]
    pub const fn without_effect(mut self) -> Self {
        self.effect = Effect::None;
        self
    }

    /// Our own allowance is used up for `wait`; nothing was sent.
    pub fn held_back(operation: &'static str, wait: Duration) -> Self {
        let message = "The platform's limit of calls is used up for the moment.";
        let error = Self::new(ErrorKind::RateLimited, operation, message).without_effect();
        Self { held_back: true, ..error.with_retry_after(Some(wait)) }
    }

    #[must_use]
    pub const fn with_retry_after(mut self, after: Option<Duration>) -> Self {
        self.retry_after = after;
        self
    }

    #[must_use]
    pub fn with_context(mut self, context: impl Into<String>) -> Self {
        self.context = context.into();
        self
    }

    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for ConnectError {
    /// For logs: operation, kind and context, not the merchant's sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.operation, self.kind)?;
        if self.context.is_empty() { Ok(()) } else { write!(f, " ({})", self.context) }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}
