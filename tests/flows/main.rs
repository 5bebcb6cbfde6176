//! The use cases end to end on the embedded DynamoDB, with real connectors against the fakes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../world/mod.rs"]
mod world;

mod after_import;
mod alerts;
mod amounts;
mod backfill;
mod converted;
mod cost;
mod dry_run;
mod edits;
mod events;
mod exactly_once;
mod first_listing;
mod lag;
mod lookup;
mod merges;
mod packages;
mod pages;
mod paper;
mod people;
mod reconcile;
mod scenarios;
mod stock;
mod stock_troubles;
mod trouble;
mod undo;
