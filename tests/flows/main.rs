//! The use cases end to end on the embedded DynamoDB, with real connectors against the fakes.

#[path = "../world/mod.rs"]
mod world;

mod cost;
mod exactly_once;
mod lag;
mod scenarios;
mod trouble;
