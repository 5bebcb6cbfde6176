//! The Amazon fake against Amazon's own descriptions: its answers, its refusals, its limits, its paging and its tokens.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails its test by panicking")]

#[path = "amazon/answers.rs"]
mod answers;
#[path = "amazon/caller.rs"]
mod caller;
#[path = "amazon/limits.rs"]
mod limits;
#[path = "amazon/lists.rs"]
mod lists;
#[path = "amazon/refusals.rs"]
mod refusals;
#[path = "amazon/tokens.rs"]
mod tokens;
