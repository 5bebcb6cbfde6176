//! Measures what an order costs, what reading many costs, and how fast a store is filled; one JSON object a line.
//!
//! `cargo xtask bench` builds it, runs it and prints what it measured as a table.

mod order;
mod pages;
mod parse;
mod report;
mod stores;
#[path = "../../world/mod.rs"]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    unused_imports,
    reason = "written for tests, which stop at once when it cannot be made, and of which none uses all of it"
)]
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "tributary-bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Write units, store calls and bytes of an order, on the embedded `DynamoDB`.
    Order,
    /// What lists, search and reports read, and what their pages cost to keep.
    Pages,
    /// Writes an eBay order of 6 KB, for `parse`.
    Order6kb { file: PathBuf },
    /// Reads an eBay order, so many times.
    Parse {
        file: PathBuf,
        #[arg(long)]
        times: u32,
        /// And writes the request that creates it in the store.
        #[arg(long)]
        create: bool,
    },
    /// The import from one `WooCommerce` into another, beside what the second one takes when it is filled directly.
    Stores(stores::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::Order => order::measure(),
        What::Pages => pages::measure(),
        What::Order6kb { file } => parse::write(&file),
        What::Parse { file, times, create: false } => parse::read(&file, times),
        What::Parse { file, times, create: true } => parse::read_and_draft(&file, times),
        What::Stores(options) => stores::measure(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
