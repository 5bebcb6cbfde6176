//! A platform's own limits of calls: what may be taken from them, and what the platform says is left.

/// One limit: at most `burst` units at once, `per_hour` in the long run. A platform may have several, by what is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Allowance {
    /// Names it among those of one connection.
    pub name: &'static str,
    pub burst: u32,
    pub per_hour: u32,
}

impl Allowance {
    /// What a platform that states no limit takes without complaint; its own `Retry-After` governs beyond that.
    pub const DEFAULT: &'static Self = &Self { name: "calls", burst: 1_000, per_hour: 60_000 };
}

/// What the platform said of an allowance, in its headers or its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// Units left at this moment.
    pub left: Option<u32>,
    pub burst: Option<u32>,
    pub per_hour: Option<u32>,
    /// Units that were taken for the call, in case it needs them, and that it did not need.
    pub unused: u32,
}
