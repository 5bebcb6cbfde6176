//! The Shopify fake against Shopify's own schema: its answers, its refusals, its stock, its keys, its tokens.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails its test by panicking")]

#[path = "shopify/answers.rs"]
mod answers;
#[path = "shopify/caller.rs"]
mod caller;
#[path = "shopify/creates.rs"]
mod creates;
#[path = "shopify/refusals.rs"]
mod refusals;
#[path = "shopify/served.rs"]
mod served;
#[path = "shopify/shape.rs"]
mod shape;
#[path = "shopify/stock.rs"]
mod stock;
#[path = "shopify/tokens.rs"]
mod tokens;
#[path = "shopify/webhooks.rs"]
mod webhooks;
