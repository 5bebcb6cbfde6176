//! The eBay fake against eBay's own descriptions: its answers, its refusals, its amounts, its paging and its tokens.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails its test by panicking")]

#[path = "ebay/amounts.rs"]
mod amounts;
#[path = "ebay/answers.rs"]
mod answers;
#[path = "ebay/caller.rs"]
mod caller;
#[path = "ebay/lists.rs"]
mod lists;
#[path = "ebay/matrix.rs"]
mod matrix;
#[path = "ebay/refusals.rs"]
mod refusals;
#[path = "ebay/tokens.rs"]
mod tokens;
