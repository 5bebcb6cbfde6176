//! R18: sale reports by the owner's day, one currency at a time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use support::{Sale, Scene, currency, sale, time};
use tributary_domain::report::{Row, RowKey, bounds, day_of, row_of, rows};
use tributary_domain::status::{OrderStatus, status};
use tributary_domain::{Cancel, ConnectionId, Liable, Order, Place};

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn orders() -> Vec<Order> {
    let usd = |id: &str, at: &str, minor: i64| sale("USD", minor).line("A", 1, minor).named(id).at(at);
    let sales: [Sale; 8] = [
        usd("o1", "2026-11-01T03:59:59Z", 1000),
        usd("o2", "2026-11-01T04:00:00Z", 2000),
        usd("o3", "2026-11-02T04:59:59Z", 3000),
        usd("o4", "2026-11-02T05:00:00Z", 4000),
        usd("o5", "2026-11-01T15:00:00Z", 5000).with(|order| order.cancel = Cancel::Canceled),
        usd("o6", "2026-11-01T16:00:00Z", 6000).unpaid(),
        usd("o7", "2026-11-01T17:00:00Z", 7000).refunded(2500).with(|order| {
            order.refunds[0].at = Some(time("2026-11-05T12:00:00Z"));
        }),
        sale("EUR", 8000).line("A", 1, 8000).named("o8").at("2026-11-01T18:00:00Z"),
    ];
    sales.into_iter().map(|sale| Scene::new(sale).order).collect()
}

fn row(orders: &[Order], day: Date, zone_name: &str, code: &str) -> Row {
    let key = RowKey { day, channel: ConnectionId::new("conn-ebay").unwrap(), currency: code.to_owned() };
    rows(orders, &zone(zone_name)).unwrap().remove(&key).unwrap_or_else(|| Row::empty(currency(code)))
}

/// count, gross, canceled, unpaid, refunds, net.
fn figures(row: &Row) -> (u64, [i64; 5]) {
    (row.count, [row.gross, row.canceled, row.unpaid, row.refunds, row.net].map(tributary_domain::Money::minor))
}

const NOVEMBER_1: Date = date(2026, 11, 1);

#[test]
fn scenario_23_a_day_in_new_york_has_25_hours_when_the_clock_goes_back() {
    let (start, end) = bounds(NOVEMBER_1, NOVEMBER_1, &zone("America/New_York")).unwrap();
    assert_eq!((start, end), (time("2026-11-01T04:00:00Z"), time("2026-11-02T05:00:00Z")));
    let row = row(&orders(), NOVEMBER_1, "America/New_York", "USD");
    assert_eq!(figures(&row), (5, [23_000, 5000, 6000, 2500, 9500]));
}

#[test]
fn scenario_23_the_same_orders_fall_on_another_day_in_berlin() {
    let row = row(&orders(), NOVEMBER_1, "Europe/Berlin", "USD");
    assert_eq!(figures(&row), (5, [21_000, 5000, 6000, 2500, 7500]));
}

#[test]
fn scenario_23_currencies_stand_in_rows_of_their_own() {
    let row = row(&orders(), NOVEMBER_1, "America/New_York", "EUR");
    assert_eq!(figures(&row), (1, [8000, 0, 0, 0, 8000]));
    assert!(Row::empty(currency("USD")).add(&row).is_err());
}

#[test]
fn scenario_23_the_status_filter_canceled_counts_one() {
    let canceled = |order: &Order| status(order, false) == OrderStatus::Canceled;
    let orders: Vec<Order> = orders().into_iter().filter(canceled).collect();
    assert_eq!(figures(&row(&orders, NOVEMBER_1, "America/New_York", "USD")), (1, [5000, 5000, 0, 0, 0]));
}

#[test]
fn r18_the_day_in_spring_has_23_hours_and_every_instant_has_one_day() {
    let new_york = zone("America/New_York");
    let (start, end) = bounds(date(2026, 3, 8), date(2026, 3, 8), &new_york).unwrap();
    assert_eq!(end.duration_since(start).as_hours(), 23);
    let mut at = time("2026-10-31T00:30:00Z");
    while at < time("2026-11-03T00:30:00Z") {
        let day = day_of(at, &new_york);
        let (start, end) = bounds(day, day, &new_york).unwrap();
        assert!(start <= at && at < end, "{at} is not on {day}");
        at += jiff::SignedDuration::from_mins(30);
    }
}

#[test]
fn r18_a_range_of_days_has_no_gaps() {
    let (start, end) = bounds(date(2026, 10, 31), date(2026, 11, 2), &zone("America/New_York")).unwrap();
    assert_eq!((start, end), (time("2026-10-31T04:00:00Z"), time("2026-11-03T05:00:00Z")));
}

#[test]
fn scenario_9_gross_is_what_the_store_gets_and_collected_tax_stands_beside_it() {
    let sale = sale("USD", 4871).line("A", 1, 4000).shipping(500).tax("A", 371, Place::OnTop, Liable::Marketplace);
    let row = row_of(&Scene::new(sale).order).unwrap();
    assert_eq!((row.gross.minor(), row.collected_tax.minor(), row.tax.minor(), row.net.minor()), (4500, 371, 0, 4500));
}

#[test]
fn scenario_12_the_sellers_tax_is_reported_as_the_channel_told_it() {
    let sale = sale("USD", 11_880).line("A", 1, 10_000).shipping(1000).tax("A", 880, Place::OnTop, Liable::Seller);
    let row = row_of(&Scene::new(sale).order).unwrap();
    assert_eq!((row.gross.minor(), row.tax.minor(), row.collected_tax.minor()), (11_880, 880, 0));
}

#[test]
fn scenario_15_refunds_lower_the_net_until_it_is_0() {
    let net = |refunds: &[i64]| {
        let sale = sale("USD", 10_500).line("A", 2, 3000).line("B", 1, 4000).shipping(500);
        let row = row_of(&Scene::new(refunds.iter().fold(sale, |sale, minor| sale.refunded(*minor))).order).unwrap();
        (row.gross.minor(), row.refunds.minor(), row.net.minor())
    };
    assert_eq!(net(&[700]), (10_500, 700, 9800));
    assert_eq!(net(&[700, 4000]), (10_500, 4700, 5800));
    assert_eq!(net(&[700, 4000, 5800]), (10_500, 10_500, 0));
}

#[test]
fn r18_a_refund_that_returns_the_collected_tax_too_never_makes_the_net_negative() {
    let sale = sale("USD", 4871).line("A", 1, 4500).tax("A", 371, Place::OnTop, Liable::Marketplace).refunded(4871);
    assert_eq!(row_of(&Scene::new(sale).order).unwrap().net.minor(), 0);
}

#[test]
fn r18_canceled_unpaid_and_refunded_are_never_taken_off_twice() {
    let both =
        sale("USD", 5000).line("A", 1, 5000).unpaid().refunded(5000).with(|order| order.cancel = Cancel::Canceled);
    assert_eq!(figures(&row_of(&Scene::new(both).order).unwrap()), (1, [5000, 5000, 0, 0, 0]));
    let unpaid = sale("USD", 5000).line("A", 1, 5000).unpaid();
    assert_eq!(figures(&row_of(&Scene::new(unpaid).order).unwrap()), (1, [5000, 0, 5000, 0, 0]));
}

#[test]
fn r18_an_order_whose_parts_contradict_each_other_counts_with_its_own_total() {
    let row = row_of(&Scene::new(sale("USD", 5000).line("A", 1, 4000)).order).unwrap();
    assert_eq!(figures(&row), (1, [5000, 0, 0, 0, 5000]));
}
