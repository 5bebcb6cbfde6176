//! The use cases end to end on the embedded DynamoDB, with real connectors against the fakes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../world/mod.rs"]
mod world;

mod after_import;
mod alerts;
mod amazon;
mod amounts;
mod backfill;
mod bigcommerce_store;
mod carriers;
mod connecting;
mod converted;
mod cost;
mod customers;
mod discounts;
mod doors;
mod dry_run;
mod edits;
mod etsy;
mod events;
mod exactly_once;
mod feedback;
mod first_listing;
mod gone;
mod japan;
mod lag;
mod lookup;
mod mend;
mod merges;
mod nobody;
mod numbers;
mod own_checkout;
mod packages;
mod pages;
mod paper;
mod people;
mod polling;
mod privacy;
mod recheck;
mod reconcile;
mod reconcile_healed;
mod retention;
mod retention_late;
mod scenarios;
mod scenarios_whole;
mod shipping;
mod shopify_channel;
mod shopify_people;
mod shopify_store;
mod stall_alarm;
mod stock;
mod stock_troubles;
mod trouble;
mod undo;
mod work;
