//! The Etsy fake against Etsy's own description: its answers, its refusals, its list, its inventory and its tokens.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails its test by panicking")]

#[path = "etsy/answers.rs"]
mod answers;
#[path = "etsy/caller.rs"]
mod caller;
#[path = "etsy/inventory.rs"]
mod inventory;
#[path = "etsy/refusals.rs"]
mod refusals;
#[path = "etsy/tokens.rs"]
mod tokens;
