//! A shop's days: orders come, are shipped the next day and arrive after some more; the log is folded when it is long, and at night.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use app::{Folded, LONG_LOG};
use domain::row::OrderRow;
use domain::status::OrderStatus;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};

use super::made::Maker;
use crate::report::{Row, ratio};
use crate::world::World;

/// The template's window is five minutes.
const WINDOWS: u64 = 288;
/// Days before counting, until as many orders arrive as come in.
const BEFORE: i32 = 7;

/// Prints the write units of the log, the folds and the pages for each order, beside 500 a day and 0.4 for each.
pub async fn measure(name: &str, orders: u64, days: i32) -> Result<()> {
    let world = World::new().await;
    let mut maker = Maker::new(20_261_119);
    let a_day = orders / u64::from(days.unsigned_abs());
    let first = world.now().to_zoned(TimeZone::UTC).date();
    let mut due: BTreeMap<(i32, u64), Vec<OrderRow>> = BTreeMap::new();
    for day in 0..BEFORE + days {
        if day == BEFORE {
            world.dynamo.meter.reset();
        }
        let date = first.checked_add(Span::new().days(day))?;
        for row in maker.rows(date, a_day, date) {
            come(&mut maker, &mut due, day, row);
        }
        for window in 0..WINDOWS {
            world
                .clock
                .set(date.to_zoned(TimeZone::UTC)?.timestamp() + SignedDuration::from_mins(5) * i32::try_from(window)?);
            log(&world, due.remove(&(day, window)).unwrap_or_default()).await?;
            if world.app.is_fold_due().await? {
                world.app.fold().await?;
            }
        }
        ensure!(world.app.fold_nightly().await? != Folded::Busy, "somebody else folds");
    }
    let operations = world.dynamo.meter.operations();
    let written: u64 = operations.values().map(|operation| operation.write_units).sum();
    let days = u64::from(days.unsigned_abs());
    let target = ratio(days * 5_000 + 4 * a_day * days, 10 * a_day * days, 2);
    Row {
        metric: &format!("derived_writes_per_order{name}"),
        target,
        measured: ratio(written, a_day * days, 3),
        unit: "write units, 500 a day and 0.4 for each order",
    }
    .print()
}

/// When an order's row changes: taken in and imported, sometimes in two windows; shipped; delivered.
fn come(maker: &mut Maker, due: &mut BTreeMap<(i32, u64), Vec<OrderRow>>, day: i32, mut row: OrderRow) {
    let second = row.id.created_at().as_second().rem_euclid(86_400);
    let window = u64::try_from(second / 300).unwrap_or_default();
    let mut at = |day: i32, window: u64, row: &OrderRow| {
        due.entry((day, window.min(WINDOWS - 1))).or_default().push(row.clone());
    };
    at(day, window, &row);
    if maker.below(10) < 3 {
        at(day, window + 1, &row);
    }
    if row.figures.status == OrderStatus::Canceled {
        return;
    }
    row.figures.status = OrderStatus::Shipping;
    at(day + 1, maker.below(WINDOWS), &row);
    row.figures.status = OrderStatus::Completed;
    let travels = i32::try_from(2 + maker.below(4)).unwrap_or(3);
    at(day + 1 + travels, maker.below(WINDOWS), &row);
}

/// The changes that no fold has seen yet, as many as there ever are: new orders, and those that were shipped and delivered.
pub async fn unfolded(world: &World, maker: &mut Maker, today: Date, a_day: u64) -> Result<()> {
    let mut changes = Vec::new();
    for (ago, status) in [(1, OrderStatus::Shipping), (4, OrderStatus::Completed)] {
        let day = today.checked_sub(Span::new().days(ago))?;
        let month = world.app.storage.pages.month(day).await?;
        let rows = world.app.storage.pages.rows(&month, &[day]).await?.remove(&day);
        changes.extend(rows.into_iter().flat_map(|page| page.rows).map(|mut row| {
            row.figures.status = status;
            row
        }));
    }
    changes.extend(maker.rows(today, a_day, today));
    let mut windows: BTreeMap<u64, Vec<OrderRow>> = BTreeMap::new();
    for row in changes {
        windows.entry(maker.below(WINDOWS)).or_default().push(row);
    }
    // What came before was folded when the log was as long as this.
    for rows in windows.split_off(&(WINDOWS - LONG_LOG)).into_values() {
        log(world, rows).await?;
    }
    Ok(())
}

/// As `fold-orders` does it, without reading heads.
async fn log(world: &World, mut rows: Vec<OrderRow>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    let pages = &world.app.storage.pages;
    let sequence = pages.last_sequence().await? + 1;
    ensure!(pages.append(sequence, world.now(), &rows).await?, "the log is not ours alone");
    Ok(())
}
