//! The deployed template on the local cloud, with the functions' roles enforced: what `cargo xtask test` runs last.
//!
//! `TRIBUTARY_CLOUD` names the `state.json` of a running local cloud. Without it each test says so and passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod account;
mod amazon;
mod aws;
mod contract;
mod door;
mod flows;
mod owner;
mod roles;
mod stage;
