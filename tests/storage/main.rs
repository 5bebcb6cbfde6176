//! Storage on the embedded DynamoDB: nothing is lost or overwritten, and each write costs what it should.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cost;
mod dictionary;
mod leases;
mod links;
mod lists;
mod orders;
mod pages;
mod samples;
mod settings;
mod stock;
mod unreadable;
mod usage;
