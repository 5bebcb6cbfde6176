//! The import from one `WooCommerce` into another, and what the second one takes when the same orders are posted to it directly.
//!
//! The real use cases and connectors work in this process, on threads that stand for the functions' sandboxes; the stores and
//! `DynamoDB` are other processes, reached over HTTP, so that this process's CPU time is Tributary's own.

mod import;
mod orders;
pub mod ports;
mod process;
mod queue;
mod rehearsal;
mod shop;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use rust_decimal::Decimal;

use crate::report::{Row, ratio};
use import::Deployment;
use process::Fake;
use shop::Shop;

/// The source's list is read up to this long ago, and a little.
const CHANNEL_LAG: Duration = Duration::from_secs(7);

#[derive(Debug, Args)]
pub struct Options {
    /// Where the orders come from: `fake`, or `URL,KEY,SECRET`.
    source: Place,
    /// Where they go to: `fake` (a shop as fast as a recorded real one, then one that answers at once),
    /// `fake:WORKERS:MILLISECONDS` (so many creates at a time, so long each), or `URL,KEY,SECRET`.
    destination: Place,
    #[arg(long, default_value_t = 500)]
    orders: u32,
    /// The program that serves fakes.
    #[arg(long)]
    fakes: PathBuf,
    #[arg(long)]
    template: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Fake(Option<(u32, u64)>),
    Real { url: String, key: String, secret: String },
}

impl std::str::FromStr for Place {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "fake" {
            return Ok(Self::Fake(None));
        }
        if let Some(pace) = text.strip_prefix("fake:") {
            let (workers, takes) = pace.split_once(':').context("a paced fake is written fake:WORKERS:MILLISECONDS")?;
            return Ok(Self::Fake(Some((workers.parse()?, takes.parse()?))));
        }
        match text.split(',').collect::<Vec<_>>()[..] {
            [url, key, secret] if url.starts_with("http") => {
                Ok(Self::Real { url: url.to_owned(), key: key.to_owned(), secret: secret.to_owned() })
            }
            _ => bail!("a store is `fake`, `fake:WORKERS:MILLISECONDS` or `URL,KEY,SECRET`"),
        }
    }
}

/// What the rows of a fake that answers at once end with.
const UNPACED: &str = "_unpaced";

impl Place {
    /// The ways in which this destination is measured: what its rows' names end with, and the fake's own arguments.
    fn variants(&self) -> Vec<(&'static str, Vec<String>)> {
        let arguments = |list: &[&str]| list.iter().map(|&argument| argument.to_owned()).collect();
        match self {
            Self::Real { .. } => vec![("", Vec::new())],
            Self::Fake(None) => vec![("", arguments(&["--as-recorded"])), (UNPACED, Vec::new())],
            Self::Fake(Some((workers, takes))) => {
                let (workers, takes) = (workers.to_string(), takes.to_string());
                vec![("", arguments(&["--as-recorded", "--workers", &workers, "--create-takes", &takes]))]
            }
        }
    }

    /// The shop, and the process that serves it if it is a fake.
    fn open(&self, fakes: &std::path::Path, arguments: &[String]) -> Result<(Shop, Option<Fake>)> {
        match self {
            Self::Real { url, key, secret } => Ok((Shop::new(url, key, secret)?, None)),
            Self::Fake(_) => {
                let fake = Fake::start(fakes, "woocommerce", arguments)?;
                let shop = Shop::new(&fake.said("url")?, &fake.said("consumer_key")?, &fake.said("consumer_secret")?)?;
                Ok((shop, Some(fake)))
            }
        }
    }
}

pub fn measure(options: &Options) -> Result<()> {
    ensure!(options.orders > 0, "at least one order is needed");
    log_as_the_functions_do()?;
    for (suffix, arguments) in options.destination.variants() {
        variant(options, suffix, &arguments)?;
    }
    Ok(())
}

/// Fills one destination, directly and by importing, and prints both.
fn variant(options: &Options, suffix: &str, arguments: &[String]) -> Result<()> {
    let shape = import::Shape::of_template(&options.template)?;
    let (source, source_process) = options.source.open(&options.fakes, &[])?;
    let (destination, destination_process) = options.destination.open(&options.fakes, arguments)?;
    let tables = Fake::start(&options.fakes, "dynamo", &[])?;
    let deployment = Deployment::new(&tables.said("url")?);

    note("products, connections and links");
    let products = orders::PRODUCTS;
    let sold = shop::block_on(async {
        source.ensure_products(&products).await?;
        destination.ensure_products(&products).await
    })?;
    let channel = shop::block_on(deployment.connect(&source, &destination))?;
    let rehearsal = rehearsal::Rehearsal::begin(&source, &sold)?;
    // The shop dates orders by whole seconds, and only those count that came after its connection.
    std::thread::sleep(Duration::from_secs(1));
    note(&format!("{} orders are placed at the source", options.orders));
    let bodies: Vec<_> = (0..options.orders).map(|number| orders::body(number, &source.sold())).collect();
    shop::post_all(&source, &bodies, shape)?;
    std::thread::sleep(CHANNEL_LAG);
    note("the same orders are prepared as direct creates");
    let creates = rehearsal.creates(options.orders)?;
    drop(rehearsal);

    // Directly before and after, so that a store that grows slower counts on both sides.
    let quarter = creates.len().div_ceil(4).max(shape.at_once().min(creates.len()));
    note(&format!("{quarter} orders are posted directly"));
    let first = shop::post_all(&destination, &rehearsal::as_nobodys(&creates[..quarter], "before")?, shape)?;
    let before = shop::block_on(destination.orders())?;
    note(&format!("{} orders are imported", options.orders));
    let import = import::run(&deployment, &channel, options.orders, shape)?;
    let after = shop::block_on(destination.orders())?;
    note(&format!("{quarter} orders are posted directly"));
    let second = shop::post_all(&destination, &rehearsal::as_nobodys(&creates[..quarter], "after")?, shape)?;
    drop((source_process, destination_process));

    let direct = rate(2 * quarter, first + second);
    let imported = rate(usize::try_from(options.orders)?, import.took);
    let share = imported.zip(direct).and_then(|(ours, theirs)| (ours * Decimal::ONE_HUNDRED).checked_div(theirs));
    let orders = u64::from(options.orders);
    let row = |metric: &str, target: Option<Decimal>, measured: Option<Decimal>, unit: &str| {
        Row { metric: &format!("{metric}{suffix}"), target, measured, unit }.print()
    };
    row("orders_per_second_direct", None, direct, "orders a second, posted directly")?;
    row("orders_per_second_imported", None, imported, "orders a second, imported")?;
    // No store answers at once: there it is told and not judged.
    let least = (suffix != UNPACED).then(|| Decimal::from(90));
    row("import_rate_percent", least, share.map(|share| share.round_dp(1)), "% of what the store takes")?;
    row("store_requests_per_order", Some(Decimal::new(102, 2)), ratio(import.requests, orders, 3), "requests")?;
    row("store_polls_per_order", None, ratio(import.polls, orders, 3), "requests, by time and not by order")?;
    let cpu = ratio(u64::try_from(import.cpu.as_micros())?, orders * 1_000, 2);
    row("cpu_ms_per_order", Some(Decimal::from(5)), cpu, "ms of ours")?;
    let arrived = Decimal::from(after) - Decimal::from(before);
    let lost_or_doubled = (Decimal::from(orders) - arrived).abs();
    row("orders_lost_or_doubled", Some(Decimal::ZERO), Some(lost_or_doubled), "orders")
}

/// The same lines as on AWS, so that writing them counts; nobody reads them here.
fn log_as_the_functions_do() -> Result<()> {
    let nowhere = std::fs::OpenOptions::new().write(true).open("/dev/null").context("cannot open /dev/null")?;
    let subscriber =
        tracing_subscriber::fmt().json().with_max_level(tracing::Level::INFO).with_target(false).without_time();
    tracing::subscriber::set_global_default(subscriber.with_writer(nowhere).finish()).context("cannot log")
}

fn rate(orders: usize, took: Duration) -> Option<Decimal> {
    let orders = u64::try_from(orders).ok()?;
    ratio(orders * 1_000_000, u64::try_from(took.as_micros()).ok()?, 2)
}

fn note(what: &str) {
    eprintln!("{what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_told_by_its_text() {
        let place = |text: &str| text.parse::<Place>();
        assert_eq!(place("fake").unwrap(), Place::Fake(None));
        assert_eq!(place("fake:16:225").unwrap(), Place::Fake(Some((16, 225))));
        let (url, key, secret) = ("https://a.example".to_owned(), "ck_1".to_owned(), "cs_2".to_owned());
        assert_eq!(place("https://a.example,ck_1,cs_2").unwrap(), Place::Real { url, key, secret });
        assert!(place("https://a.example").is_err());
    }
}
