//! Storage on the embedded DynamoDB: nothing is lost or overwritten, and each write costs what it should.

mod cost;
mod dictionary;
mod leases;
mod links;
mod lists;
mod orders;
mod samples;
mod settings;
mod unreadable;
