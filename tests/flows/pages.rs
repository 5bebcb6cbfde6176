//! Day pages and the log: whatever happens to orders and to workers, lists, counts, search and reports say what the orders say.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::{App, Connectors, Folded, ListQuery, Range, ReportQuery};
use domain::report::rows;
use domain::row::OrderRow;
use domain::search::Search;
use domain::status::OrderStatus;
use domain::tab::Tab;
use domain::{Cancel, ChannelOrder, ImportState, Money, Order, OrderId, Payment, Refund, Revision};
use fakes::SimClock;
use fakes::dynamo::Dynamo;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storage::{Change, Updated};

use crate::world::{Death, TickingClock, World};

mod readers;
#[path = "../storage/samples.rs"]
#[allow(dead_code, reason = "written for the storage suite, which uses all of it")]
mod samples;

/// Nights between which clocks are set back in Berlin.
const NOW: &str = "2026-10-27T12:00:00Z";

/// Tables of their own beside a world's connectors.
struct Tables {
    world: World,
    clock: SimClock,
    dynamo: Dynamo,
    app: App,
    orders: Vec<OrderId>,
    /// Changed since the log was told.
    changed: BTreeSet<OrderId>,
    revision: i64,
}

impl Tables {
    async fn new() -> Self {
        let clock = SimClock::starting_at(NOW.parse().unwrap());
        let world = World::new().await;
        let dynamo = Dynamo::at(clock.clone());
        let app = worker(&world, &dynamo, &clock);
        Self { world, clock, dynamo, app, orders: Vec::new(), changed: BTreeSet::new(), revision: 2_000_000_000_000 }
    }

    fn empty(&mut self) {
        self.dynamo = Dynamo::at(self.clock.clone());
        self.restart();
        self.orders.clear();
        self.changed.clear();
    }

    /// A new process: it remembers nothing.
    fn restart(&mut self) {
        self.app = worker(&self.world, &self.dynamo, &self.clock);
    }

    async fn place(&mut self, source: ChannelOrder) -> OrderId {
        let number = u64::try_from(self.orders.len()).unwrap() + 1;
        let order = Order { number, ..samples::received(source) };
        self.app.storage.orders.insert(&order).await.unwrap();
        self.orders.push(order.id);
        self.changed.insert(order.id);
        order.id
    }

    async fn edit(&mut self, id: OrderId, edit: impl FnOnce(&mut ChannelOrder)) {
        let mut source = self.app.storage.orders.get(id).await.unwrap().unwrap().source;
        edit(&mut source);
        self.revision += 1;
        source.revision = Revision(self.revision);
        self.app.storage.orders.replace_source(id, &source, true).await.unwrap();
        self.changed.insert(id);
    }

    async fn change(&mut self, id: OrderId, change: Change) {
        let order = self.app.storage.orders.get(id).await.unwrap().unwrap();
        assert!(matches!(self.app.storage.orders.update(&order, change).await.unwrap(), Updated::Done(_)));
        self.changed.insert(id);
    }

    async fn tell(&mut self) {
        let changed: Vec<OrderId> = std::mem::take(&mut self.changed).into_iter().collect();
        self.app.log_changes(&changed).await.unwrap();
    }

    /// Long enough for the lease of a worker that died to end.
    fn wait(&self) {
        self.clock.advance(SignedDuration::from_mins(17));
    }

    async fn all(&self) -> Vec<Order> {
        self.app.storage.orders.get_many(&self.orders).await.unwrap()
    }

    async fn ids(&self, query: &ListQuery) -> Vec<OrderId> {
        let (mut ids, mut query) = (Vec::new(), query.clone());
        loop {
            let page = self.app.list(&query).await.unwrap();
            assert!(page.orders.len() <= usize::from(query.limit));
            ids.extend(page.orders.iter().map(|view| view.order.id));
            query.before = page.next;
            if query.before.is_none() {
                return ids;
            }
        }
    }

    /// Every reader against the orders themselves.
    async fn check(&self, zone: &TimeZone, first: Date, last: Date) {
        let orders = self.all().await;
        let query =
            ReportQuery { first, last, zone: zone.clone(), channels: BTreeSet::new(), statuses: BTreeSet::new() };
        let within = Range::of_days(first, last, zone, 400).unwrap();
        let in_range = |order: &&Order| within.from <= order.id.created_at() && order.id.created_at() < within.to;
        let expected = rows(orders.iter().filter(in_range), zone).unwrap();
        let report = self.app.sales(&query).await.unwrap();
        assert_eq!(report.rows, expected.into_iter().collect::<Vec<_>>(), "{first} to {last} in {zone:?}");

        let rows: Vec<OrderRow> = orders.iter().map(|order| OrderRow::of(order, self.reports_delivery())).collect();
        for status in OrderStatus::EVERY {
            let some = ReportQuery { statuses: [status].into(), ..query.clone() };
            let report = self.app.sales(&some).await.unwrap();
            let counted = |row: &&OrderRow| {
                let at = row.id.created_at();
                row.figures.status == status && !row.figures.superseded && within.from <= at && at < within.to
            };
            let expected = rows.iter().filter(counted).count();
            let count: u64 = report.rows.iter().map(|(_, row)| row.count).sum();
            assert_eq!(count, u64::try_from(expected).unwrap(), "{status:?}");
        }
        for range in [None, Some(within)] {
            let counts = self.app.tab_counts(&BTreeSet::new(), range).await.unwrap().counts;
            for (tab, count) in Tab::EVERY.into_iter().zip(counts) {
                let holds = |row: &&OrderRow| {
                    let at = row.id.created_at();
                    tab.holds(&row.figures) && range.is_none_or(|range| range.from <= at && at < range.to)
                };
                let mut expected: Vec<OrderId> = rows.iter().filter(holds).map(|row| row.id).collect();
                expected.sort_unstable_by(|a, b| b.cmp(a));
                assert_eq!(count, u64::try_from(expected.len()).unwrap(), "{tab}");
                assert_eq!(self.ids(&ListQuery { range, ..list(tab) }).await, expected, "{tab}");
            }
        }
        if let Some(order) = orders.first() {
            let search = Search::new(&order.source.number).ok();
            assert_eq!(self.ids(&ListQuery { search, ..list(Tab::All) }).await, [order.id]);
        }
    }

    fn reports_delivery(&self) -> bool {
        let platform = domain::Platform::new("ebay").unwrap();
        let offer = self.world.connectors.offer(&platform, &std::collections::BTreeMap::new());
        offer.unwrap().channel.unwrap().reports_delivery
    }
}

fn worker(world: &World, dynamo: &Dynamo, clock: &SimClock) -> App {
    App::new(
        dynamo.storage(),
        world.queue.clone(),
        world.events.clone(),
        Arc::new(TickingClock::new(clock.clone())),
        Arc::new(runtime::Unconnected),
    )
}

fn list(tab: Tab) -> ListQuery {
    ListQuery { tab, channels: BTreeSet::new(), range: None, search: None, before: None, limit: 3 }
}

/// Repeats the same in every run.
struct Seed(u64);

impl Seed {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn source(number: u64, at: Timestamp, currency: &str) -> ChannelOrder {
    let mut source = samples::ebay_source(number, 1 + number % 3);
    let currency = currency.parse().unwrap();
    let other = |money: Money| Money::from_minor(money.minor(), currency);
    source.id = domain::ChannelOrderId::new(format!("order-{number}")).unwrap();
    source.number = format!("{number:04}-{:05}", number * 7919 % 100_000);
    (source.created_at, source.currency) = (at, currency);
    source.buyer_total = other(source.buyer_total);
    source.shipping.charge.gross = other(source.shipping.charge.gross);
    for line in &mut source.lines {
        line.charge.gross = other(line.charge.gross);
        line.charge.taxes.iter_mut().for_each(|tax| tax.amount = other(tax.amount));
    }
    source
}

async fn something_happens(tables: &mut Tables, seed: &mut Seed, number: u64) {
    let some = |seed: &mut Seed, tables: &Tables| {
        let count = u64::try_from(tables.orders.len()).unwrap();
        tables.orders.get(usize::try_from(seed.next(count.max(1))).unwrap()).copied()
    };
    match seed.next(10) {
        0..=4 => {
            let minute = i64::try_from(seed.next(4 * 24 * 60 * 60)).unwrap();
            let at = samples::at("2026-10-23T00:00:00Z") + SignedDuration::from_secs(minute);
            let currency = ["EUR", "USD", "JPY"][usize::try_from(seed.next(3)).unwrap()];
            tables.place(source(number, at, currency)).await;
        }
        5 => {
            let Some(id) = some(seed, tables) else { return };
            tables.edit(id, |order| order.cancel = Cancel::Canceled).await;
        }
        6 => {
            let Some(id) = some(seed, tables) else { return };
            tables
                .edit(id, |order| {
                    let amount = Money::from_minor(100, order.currency);
                    let id = format!("r{}", order.refunds.len());
                    order.refunds.push(Refund { id, amount, at: None, line: None, quantity: None });
                })
                .await;
        }
        7 => {
            let Some(id) = some(seed, tables) else { return };
            let paid = seed.next(2) == 0;
            tables
                .edit(id, |order| order.payment = if paid { Payment::Paid { at: None } } else { Payment::Unpaid })
                .await;
        }
        8 => {
            let Some(id) = some(seed, tables) else { return };
            let import = ImportState::Failed { why: "No.".to_owned(), refused: true };
            tables.change(id, Change { import: Some(import), ..Change::default() }).await;
        }
        _ => {
            let Some(id) = some(seed, tables) else { return };
            let by = some(seed, tables);
            tables.change(id, Change { superseded_by: by, ..Change::default() }).await;
        }
    }
}

/// Scenario-free: random histories with late edits, refunds, a clock change, several currencies, repeated and late stream
/// records, folds, and workers that die in the middle.
#[tokio::test]
async fn lists_counts_search_and_reports_always_equal_the_orders() {
    let mut tables = Tables::new().await;
    let zones = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"];
    for history in 0..40 {
        let mut seed = Seed(history);
        tables.empty();
        for step in 0..24 {
            something_happens(&mut tables, &mut seed, step).await;
            match seed.next(9) {
                0..=2 => tables.tell().await,
                // The stream gives an old record again.
                3 => {
                    let again: Vec<OrderId> = tables.orders.iter().copied().take(2).collect();
                    tables.app.log_changes(&again).await.unwrap();
                }
                4 => {
                    tables.wait();
                    assert_ne!(tables.app.fold().await.unwrap(), Folded::Busy);
                }
                5 => {
                    let death = Death(u32::try_from(seed.next(40)).ok());
                    tables.wait();
                    if let Some(folded) = crate::world::mortal(death, tables.app.fold()).await {
                        folded.unwrap();
                    }
                    tables.restart();
                }
                6 => {
                    let changed: Vec<OrderId> = tables.changed.iter().copied().collect();
                    let death = Death(u32::try_from(seed.next(6)).ok());
                    let told = crate::world::mortal(death, tables.app.log_changes(&changed)).await;
                    if let Some(told) = told {
                        told.unwrap();
                        tables.changed.clear();
                    }
                }
                7 => {
                    tables.wait();
                    let death = Death(u32::try_from(seed.next(60)).ok());
                    if let Some(rebuilt) = crate::world::mortal(death, tables.app.rebuild_pages()).await {
                        rebuilt.unwrap();
                    }
                }
                _ => {}
            }
        }
        tables.tell().await;
        let zone = TimeZone::get(zones[usize::try_from(seed.next(5)).unwrap()]).unwrap();
        let first =
            date(2026, 10, 23).checked_add(jiff::Span::new().days(i64::try_from(seed.next(3)).unwrap())).unwrap();
        tables.check(&zone, first, date(2026, 10, 26)).await;
        tables.wait();
        tables.app.fold().await.unwrap();
        tables.check(&zone, first, date(2026, 10, 26)).await;
    }
}

#[tokio::test]
async fn a_fold_that_dies_anywhere_is_made_good_by_the_next() {
    let mut tables = Tables::new().await;
    for number in 0..6 {
        tables.place(source(number, samples::at("2026-10-24T10:00:00Z"), "EUR")).await;
    }
    tables.tell().await;
    tables.app.fold().await.unwrap();
    for number in 0..60 {
        let id = tables.orders[usize::try_from(number % 6).unwrap()];
        tables
            .edit(id, |order| {
                order.payment = if number % 2 == 0 { Payment::Unpaid } else { Payment::Paid { at: None } }
            })
            .await;
        if number % 5 == 0 {
            let at = samples::at("2026-10-24T11:00:00Z") + SignedDuration::from_mins(i64::from(number));
            tables.place(source(100 + u64::from(number), at, "EUR")).await;
        }
        tables.tell().await;
        tables.wait();
        if crate::world::mortal(Death(Some(number)), tables.app.fold()).await.is_none() {
            tables.restart();
        }
        tables.check(&TimeZone::UTC, date(2026, 10, 24), date(2026, 10, 24)).await;
    }
    tables.wait();
    tables.app.fold().await.unwrap();
    tables.check(&TimeZone::UTC, date(2026, 10, 24), date(2026, 10, 24)).await;
}

#[tokio::test]
async fn two_workers_that_log_one_order_at_once_leave_its_newest_state() {
    let mut tables = Tables::new().await;
    let id = tables.place(source(1, samples::at("2026-10-24T10:00:00Z"), "EUR")).await;
    tables.tell().await;
    tables.app.fold().await.unwrap();
    let slow = worker(&tables.world, &tables.dynamo, &tables.clock);
    for death in 0..8 {
        // It has looked up its place, and perhaps read the head, when the order changes.
        let mut late = Box::pin(crate::world::mortal(Death(None), slow.log_changes(std::slice::from_ref(&id))));
        for _ in 0..death {
            if futures_util::poll!(&mut late).is_ready() {
                late = Box::pin(crate::world::mortal(Death(None), slow.log_changes(std::slice::from_ref(&id))));
            }
        }
        tables
            .edit(id, |order| order.payment = if death % 2 == 0 { Payment::Unpaid } else { Payment::Paid { at: None } })
            .await;
        tables.tell().await;
        late.await.unwrap().unwrap();
        tables.check(&TimeZone::UTC, date(2026, 10, 24), date(2026, 10, 24)).await;
    }
}

#[tokio::test]
async fn a_log_that_expired_before_it_was_folded_is_noticed_and_everything_made_anew() {
    let mut tables = Tables::new().await;
    for number in 0..3 {
        tables.place(source(number, samples::at("2026-10-24T10:00:00Z"), "EUR")).await;
    }
    tables.tell().await;
    assert_eq!(tables.app.fold().await.unwrap(), Folded::Rebuilt(3));
    let id = tables.orders[0];
    tables.edit(id, |order| order.cancel = Cancel::Canceled).await;
    tables.tell().await;
    tables.clock.advance(SignedDuration::from_hours(100));
    tables.dynamo.sweep_expired();
    let id = tables.orders[1];
    tables.edit(id, |order| order.cancel = Cancel::Canceled).await;
    tables.tell().await;
    assert_eq!(tables.app.fold().await.unwrap(), Folded::Rebuilt(3));
    tables.check(&TimeZone::UTC, date(2026, 10, 24), date(2026, 10, 24)).await;
}
