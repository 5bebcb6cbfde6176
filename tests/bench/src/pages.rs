//! What lists, search and reports read, and what the day pages cost to keep, with 10,000 to 1,000,000 orders.
//!
//! The rows come from a seeded generator and go to the embedded `DynamoDB` through the folding code; there are no heads, so what
//! a list reads of the orders that it shows (one each) is not in its figure.

mod life;
mod made;

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use app::{App, ListQuery, ReportQuery};
use domain::row::OrderRow;
use domain::search::Search;
use domain::tab::Tab;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};
use rust_decimal::Decimal;
use storage::WordsAre;

use crate::report::{Row, ratio};
use crate::world::World;
use made::Maker;

const ZONE: &str = "Europe/Berlin";

/// Prints what is read of so many orders, then what is written.
pub fn measure() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        life::measure("", 10_000, 30).await?;
        for (name, orders, days, targets) in [
            ("10k", 10_000, 30, Targets { search: None, cold: Some(30), warm: Some(12) }),
            ("100k", 100_000, 365, Targets { search: Some(700), cold: None, warm: None }),
            ("1m", 1_000_000, 365, Targets { search: None, cold: None, warm: Some(300) }),
        ] {
            read(name, orders, days, &targets).await?;
        }
        life::measure("_100k", 100_000, 30).await
    })
}

struct Targets {
    search: Option<u64>,
    cold: Option<u64>,
    warm: Option<u64>,
}

/// So many orders over so many days up to today, of which the newest changes are still in the log, as many as it holds.
async fn read(name: &str, orders: u64, days: i32, targets: &Targets) -> Result<()> {
    let world = World::new().await;
    let today = world.now().to_zoned(TimeZone::UTC).date();
    let first = today.checked_sub(Span::new().days(days - 1))?;
    let mut maker = Maker::new(20_261_118);
    let mut day = first;
    let a_day = orders / u64::from(days.unsigned_abs());
    while day <= today {
        let rows = maker.day(day, a_day, today);
        write(&world, day, &rows).await?;
        day = day.tomorrow()?;
    }
    let lease = world.app.storage.pages.lease_fold("bench", world.now(), world.now()).await?;
    let lease = lease.ok_or_else(|| anyhow::anyhow!("the fold's lease is taken"))?;
    world.app.storage.pages.finish_fold(&lease, 1, world.now(), world.now()).await?;
    life::unfolded(&world, &mut maker, today, a_day).await?;

    let print = |metric: String, target: Option<u64>, units: Decimal, unit: &'static str| {
        Row { metric: &metric, target: target.map(Decimal::from), measured: Some(units), unit }.print()
    };
    let list = ListQuery {
        tab: Tab::ReadyToShip,
        channels: BTreeSet::new(),
        range: None,
        search: None,
        before: None,
        limit: 50,
    };
    let units = counted(&world, &world.worker(), &list).await?;
    print(format!("list_read_units_{name}"), None, units, "read units, first page of Ready to ship, and its hits")?;
    let search = Search::new("nobody zzyzx").ok();
    ensure!(search.is_some(), "the search is none");
    let units = counted(&world, &world.worker(), &ListQuery { search, tab: Tab::All, ..list }).await?;
    print(format!("search_read_units_{name}"), targets.search, units, "read units, nothing found, one request")?;

    let query = ReportQuery {
        first,
        last: today,
        zone: TimeZone::get(ZONE)?,
        channels: BTreeSet::new(),
        statuses: BTreeSet::new(),
    };
    let worker = world.worker();
    world.dynamo.meter.reset();
    let report = worker.sales(&query).await?;
    let cold = read_units(&world);
    let counted: u64 = report.rows.iter().map(|(_, row)| row.count).sum();
    ensure!(counted > orders * 9 / 10, "only {counted} of {orders} orders are in the report");
    print(format!("report_read_units_{name}_cold"), targets.cold, cold, "read units, all of its days")?;
    // Five minutes later.
    world.advance(SignedDuration::from_mins(5));
    let sequence = worker.storage.pages.last_sequence().await? + 1;
    let fresh = maker.day(today, 3, today);
    ensure!(worker.storage.pages.append(sequence, world.now(), &fresh).await?, "the log is not ours alone");
    world.dynamo.meter.reset();
    worker.sales(&query).await?;
    print(format!("report_read_units_{name}_warm"), targets.warm, read_units(&world), "read units, five minutes later")
}

async fn write(world: &World, day: Date, rows: &[OrderRow]) -> Result<()> {
    let pages = &world.app.storage.pages;
    let mut month = pages.month(day).await?;
    month.days.insert(day, pages.write_day(day, 1, rows, WordsAre::Changed).await?);
    Ok(pages.put_month(&month).await?)
}

async fn counted(world: &World, worker: &App, query: &ListQuery) -> Result<Decimal> {
    world.dynamo.meter.reset();
    worker.list(query).await?;
    Ok(read_units(world))
}

/// Of the pages and the log.
fn read_units(world: &World) -> Decimal {
    let operations = world.dynamo.meter.operations();
    let halves = operations.iter().filter(|(name, _)| name.starts_with("pages.")).map(|(_, one)| one.half_read_units);
    ratio(halves.sum(), 2, 1).unwrap_or_default()
}
