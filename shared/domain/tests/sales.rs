//! R18: sales added up from day pages, from single orders, or from both, are what the orders themselves add up to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use support::{Scene, currency, sale, time};
use tributary_domain::report::{Row, RowKey, day_of, row_of};
use tributary_domain::row::OrderRow;
use tributary_domain::sales::{Days, Filter, Quarters, Sums};
use tributary_domain::status::{OrderStatus, status};
use tributary_domain::{
    AccountId, Cancel, ChannelOrderId, ConnectionId, Fulfilment, Order, OrderId, Payment, Platform, Refund,
};

const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "UTC",
];

/// What happens to an order, at its creation or days later.
#[derive(Debug, Clone, Copy)]
enum Edit {
    Cancel,
    CancelRequested,
    Pay,
    Unpay,
    Refund(i64),
    RefundAll,
    Ship,
    Deliver,
    Supersede,
    LessUnits,
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![
        Just(Edit::Cancel),
        Just(Edit::CancelRequested),
        Just(Edit::Pay),
        Just(Edit::Unpay),
        (1_i64..900).prop_map(Edit::Refund),
        Just(Edit::RefundAll),
        Just(Edit::Ship),
        Just(Edit::Deliver),
        Just(Edit::Supersede),
        Just(Edit::LessUnits),
    ]
}

fn apply(order: &mut Order, edit: Edit) {
    let refund = |order: &mut Order, minor: i64| {
        let amount = tributary_domain::Money::from_minor(minor, order.source.currency);
        let id = format!("r{}", order.source.refunds.len());
        order.source.refunds.push(Refund { id, amount, at: None, line: None, quantity: None });
    };
    match edit {
        Edit::Cancel => order.source.cancel = Cancel::Canceled,
        Edit::CancelRequested => order.source.cancel = Cancel::Requested,
        Edit::Pay => order.source.payment = Payment::Paid { at: None },
        Edit::Unpay => order.source.payment = Payment::Unpaid,
        Edit::Refund(minor) => refund(order, minor),
        Edit::RefundAll => {
            let all = order.source.buyer_total.minor();
            refund(order, all);
        }
        Edit::Ship => order.source.fulfilment = Fulfilment::Shipped,
        Edit::Deliver => order.source.fulfilment = Fulfilment::Delivered,
        Edit::Supersede => order.after.superseded_by = Some(order.id),
        Edit::LessUnits => order.source.lines[0].canceled = 1,
    }
}

/// A placed order: second after the beginning, amount, currency, channel, edits before its page was written, edits after.
type Placed = (i64, i64, usize, u8, Vec<Edit>, Vec<Edit>);

fn placed() -> impl Strategy<Value = Placed> {
    let some = || prop::collection::vec(edits(), 0..3);
    (0_i64..6 * 86_400, 1_000_i64..50_000, 0_usize..4, 0_u8..3, some(), some())
}

fn order(number: usize, placed: &Placed) -> Order {
    let (second, minor, code, channel, ..) = placed;
    // In one half of the year clocks go forward here and back there.
    let begin = if number.is_multiple_of(2) { "2026-10-23T00:00:00Z" } else { "2026-03-06T00:00:00Z" };
    let at = time(begin) + SignedDuration::from_secs(*second) + SignedDuration::from_millis(137);
    let code = ["EUR", "USD", "JPY", "KWD"][*code];
    let sale = sale(code, 2 * *minor).line("A", 2, *minor).named(&format!("o{number}")).at(&at.to_string());
    let mut order = Scene::new(sale).order;
    order.connection = ConnectionId::new(format!("channel-{channel}")).unwrap();
    order.id = OrderId::derive(
        at,
        &Platform::new("ebay").unwrap(),
        &AccountId::new("seller").unwrap(),
        &ChannelOrderId::new(number.to_string()).unwrap(),
    );
    order
}

/// From the orders alone, one by one, as R18 says it.
fn recomputed(orders: &[Order], zone: &TimeZone, first: Date, last: Date, filter: &Filter) -> BTreeMap<RowKey, Row> {
    let mut rows: BTreeMap<RowKey, Row> = BTreeMap::new();
    for order in orders {
        let day = day_of(order.source.created_at, zone);
        let counts = order.after.superseded_by.is_none() && (first..=last).contains(&day);
        if counts && filter.takes(&order.connection, status(order, true)) {
            let code = order.source.currency.code().to_owned();
            let key = RowKey { day, channel: order.connection.clone(), currency: code };
            rows.entry(key).or_insert_with(|| Row::empty(order.source.currency)).add(&row_of(order).unwrap()).unwrap();
        }
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r18_a_report_equals_recomputing_from_the_orders(
        history in prop::collection::vec(placed(), 1..25),
        zone in 0..ZONES.len(),
        (first, length) in (0_i64..6, 0_i64..6),
        autumn in any::<bool>(),
        statuses in prop::collection::btree_set(prop::sample::select(&OrderStatus::EVERY[..]), 0..3),
        channel in prop::option::of(0_u8..3),
    ) {
        let zone = TimeZone::get(ZONES[zone]).unwrap();
        let begin = if autumn { date(2026, 10, 22) } else { date(2026, 3, 5) };
        let first = begin.checked_add(jiff::Span::new().days(first)).unwrap();
        let last = first.checked_add(jiff::Span::new().days(length)).unwrap();
        let channels: BTreeSet<ConnectionId> =
            channel.map(|channel| ConnectionId::new(format!("channel-{channel}")).unwrap()).into_iter().collect();
        let filter = Filter { channels, statuses };
        let days = Days::new(first, last, &zone).unwrap();
        prop_assert!(days.are_full_quarters());

        // Pages are written, then some orders are edited: their days are read order by order, the others as they stand.
        let mut orders = Vec::new();
        let mut pages: BTreeMap<Date, (Quarters, bool)> = BTreeMap::new();
        for (number, placed) in history.iter().enumerate() {
            let mut order = order(number, placed);
            placed.4.iter().for_each(|edit| apply(&mut order, *edit));
            let row = OrderRow::of(&order, true);
            let page = pages.entry(day_of(order.id.created_at(), &TimeZone::UTC)).or_default();
            page.0.add(row.id, &row.figures).unwrap();
            page.1 |= !placed.5.is_empty();
            placed.5.iter().for_each(|edit| apply(&mut order, *edit));
            orders.push(order);
        }
        let mut sums = Sums::default();
        for (day, (quarters, is_touched)) in &pages {
            let midnight = day.to_zoned(TimeZone::UTC).unwrap().timestamp();
            if !is_touched {
                sums.add_quarters(&days, &filter, midnight, quarters).unwrap();
                continue;
            }
            for order in orders.iter().filter(|order| day_of(order.id.created_at(), &TimeZone::UTC) == *day) {
                sums.add_order(&days, &filter, order.id, &OrderRow::of(order, true).figures).unwrap();
            }
        }
        let expected = recomputed(&orders, &zone, first, last, &filter);
        prop_assert_eq!(&sums.rows, &expected);
        let by_status: u64 = sums.by_status.values().map(|row| row.count).sum();
        prop_assert_eq!(by_status, expected.values().map(|row| row.count).sum::<u64>());
    }
}

#[test]
fn a_day_that_has_23_or_25_hours_begins_and_ends_where_its_zone_says() {
    let days = |name: &str, day: Date| Days::new(day, day, &TimeZone::get(name).unwrap()).unwrap();
    let autumn = days("America/New_York", date(2026, 11, 1));
    assert_eq!(autumn.bounds(), (time("2026-11-01T04:00:00Z"), time("2026-11-02T05:00:00Z")));
    for (at, day) in [
        ("2026-11-01T03:59:59.999Z", None),
        ("2026-11-01T04:00:00Z", Some(date(2026, 11, 1))),
        ("2026-11-02T04:59:59.999Z", Some(date(2026, 11, 1))),
        ("2026-11-02T05:00:00Z", None),
    ] {
        assert_eq!(autumn.day_of(time(at)), day, "{at}");
    }
    // Before 1972 Liberia was 44 minutes and a half behind: such a day goes order by order.
    assert!(!days("Africa/Monrovia", date(1971, 6, 1)).are_full_quarters());
    assert!(days("Africa/Monrovia", date(2026, 6, 1)).are_full_quarters());
}

#[test]
fn money_is_never_added_across_currencies() {
    assert!(Row::empty(currency("EUR")).add(&Row::empty(currency("USD"))).is_err());
}
