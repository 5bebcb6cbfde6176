//! What a reader sees: paging, search, products, the tab of unlinked products; and the function that keeps the pages.

use std::collections::BTreeSet;

use app::{ListQuery, Range, ReportQuery};
use domain::search::Search;
use domain::settings::AutoImport;
use domain::status::OrderStatus;
use domain::tab::Tab;
use domain::{Cancel, ConnectionId, Money, OrderId, Payment};
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::{Tables, list, samples, source};
use crate::world::World;

#[tokio::test]
async fn paging_neither_skips_nor_repeats_while_orders_arrive_and_change() {
    let mut tables = Tables::new().await;
    for number in 0..20 {
        let at = samples::at("2026-10-20T10:00:00Z") + SignedDuration::from_hours(7 * i64::try_from(number).unwrap());
        tables.place(source(number, at, "EUR")).await;
    }
    tables.tell().await;
    tables.app.fold().await.unwrap();
    let expected: Vec<OrderId> = tables.orders.iter().rev().copied().collect();
    let mut query = list(Tab::ReadyToShip);
    let mut seen = Vec::new();
    for number in 100.. {
        let page = tables.app.list(&query).await.unwrap();
        seen.extend(page.orders.iter().map(|view| view.order.id));
        tables.place(source(number, samples::at("2026-10-27T11:00:00Z"), "EUR")).await;
        tables.tell().await;
        if number % 2 == 0 {
            tables.wait();
            tables.app.fold().await.unwrap();
        }
        query.before = page.next;
        if query.before.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_search_finds_an_order_wherever_it_stands() {
    let mut tables = Tables::new().await;
    let mut zoe = source(1, samples::at("2026-08-01T10:00:00Z"), "EUR");
    zoe.buyer.name = Some("Zoë Łukasińska".to_owned());
    zoe.ship_to = None;
    let zoe = tables.place(zoe).await;
    let mut wang = source(2, samples::at("2026-10-26T10:00:00Z"), "EUR");
    wang.buyer.name = Some("王小明".to_owned());
    wang.lines[0].title = "Zoetrope, handmade".to_owned();
    let wang = tables.place(wang).await;
    tables.tell().await;
    tables.app.fold().await.unwrap();
    let mut late = source(3, samples::at("2026-10-27T10:00:00Z"), "EUR");
    late.buyer.name = Some("Zoe Late".to_owned());
    let late = tables.place(late).await;
    tables.tell().await;
    for (text, expected) in [
        ("zoe", vec![late, wang, zoe]),
        ("ZOË lukas", vec![zoe]),
        ("小明", vec![wang]),
        ("zoetrope 王", vec![wang]),
        ("0002", vec![wang]),
        ("nobody", vec![]),
    ] {
        let search = Search::new(text).ok();
        assert_eq!(tables.ids(&ListQuery { search, ..list(Tab::All) }).await, expected, "{text}");
    }
    // In some days only, and of a channel that has none.
    let range = Range::of_days(date(2026, 10, 1), date(2026, 10, 26), &TimeZone::UTC, 400).ok();
    let search = Search::new("zoe").ok();
    assert_eq!(tables.ids(&ListQuery { search: search.clone(), range, ..list(Tab::All) }).await, [wang]);
    let channels = [ConnectionId::new("another").unwrap()].into();
    assert_eq!(tables.ids(&ListQuery { search, channels, ..list(Tab::All) }).await, []);
    // A buyer whose name is removed is found no more.
    tables.edit(zoe, |order| order.buyer.name = None).await;
    tables.tell().await;
    let search = Search::new("lukas").ok();
    assert_eq!(tables.ids(&ListQuery { search: search.clone(), ..list(Tab::All) }).await, []);
    tables.wait();
    tables.app.fold().await.unwrap();
    tables.restart();
    assert_eq!(tables.ids(&ListQuery { search, ..list(Tab::All) }).await, []);
}

#[tokio::test]
async fn top_selling_products_count_what_was_sold() {
    let mut tables = Tables::new().await;
    for number in 0..4 {
        let mut order = source(number, samples::at("2026-10-24T10:00:00Z"), "EUR");
        order.lines.truncate(1);
        order.lines[0].sku = domain::Sku::new("MUG").ok();
        order.lines[0].title = format!("Mug {number}");
        (order.lines[0].quantity, order.lines[0].charge.gross) = (3, Money::from_minor(1500, order.currency));
        order.lines[0].charge.taxes.clear();
        tables.place(order).await;
    }
    let (canceled, unpaid) = (tables.orders[0], tables.orders[1]);
    tables.edit(canceled, |order| order.cancel = Cancel::Canceled).await;
    tables.edit(unpaid, |order| order.payment = Payment::Unpaid).await;
    tables.tell().await;
    let (first, last, zone) = (date(2026, 10, 24), date(2026, 10, 24), TimeZone::UTC);
    let query = ReportQuery { first, last, zone, channels: BTreeSet::new(), statuses: BTreeSet::new() };
    let canceled = ReportQuery { statuses: [OrderStatus::Canceled].into(), ..query.clone() };
    for _ in 0..2 {
        let figures = async |query: &ReportQuery| {
            let sold = tables.app.products_sold(query).await.unwrap().products;
            sold.iter().map(|p| (p.sku.clone().unwrap(), p.orders, p.units, p.revenue)).collect::<Vec<_>>()
        };
        assert_eq!(figures(&query).await, [("MUG".to_owned(), 2, 6, 3000)]);
        assert_eq!(figures(&canceled).await, [("MUG".to_owned(), 1, 3, 1500)]);
        tables.wait();
        tables.app.fold().await.unwrap();
    }
}

/// Counts of the tabs Ready to ship, Unlinked and Error, from the orders if nothing was folded, from their pages else.
async fn tabs(world: &World) -> [u64; 3] {
    let counts = world.app.tab_counts(&BTreeSet::new(), None).await.unwrap().counts;
    let of = |wanted: Tab| Tab::EVERY.into_iter().zip(counts).find(|(tab, _)| *tab == wanted).unwrap().1;
    [of(Tab::ReadyToShip), of(Tab::Unlinked), of(Tab::Error)]
}

/// As the stream tells it of every order there is.
async fn fold(world: &World) {
    let ids: Vec<OrderId> = world.orders().await.iter().map(|order| order.id).collect();
    world.app.log_changes(&ids).await.unwrap();
    world.unconnected.fold().await.unwrap();
}

#[tokio::test]
async fn scenarios_2_and_3_the_tab_of_unlinked_products() {
    let mixed = |id: &str| OrderSpec::new(id).line("A", 1, 1999).line("X", 1, 1500).shipping(399);
    let world = World::new().await;
    world.ebay.place(mixed("12-00002-00001"));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(tabs(&world).await, [1, 1, 0]);
    fold(&world).await;
    assert_eq!(tabs(&world).await, [1, 1, 0]);
    world.link("X", "C", 1).await;
    world.drain().await;
    fold(&world).await;
    assert_eq!(tabs(&world).await, [1, 0, 0]);

    let world = World::new().await;
    world.set(|settings| settings.auto_import = AutoImport::All).await;
    for id in ["12-00003-00001", "12-00003-00002", "12-00003-00003"] {
        world.ebay.place(mixed(id));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(tabs(&world).await, [3, 3, 0]);
    fold(&world).await;
    assert_eq!(tabs(&world).await, [3, 3, 0]);
}

#[tokio::test]
async fn the_function_takes_the_stream_and_folds_at_night_what_no_day_has_folded() {
    let world = World::new().await;
    world.ebay.place(OrderSpec::new("12-00001-00001").line("A", 2, 1999).shipping(399));
    world.pass(SignedDuration::from_mins(5)).await;
    let id = world.order_id("12-00001-00001").await;
    let keys =
        |pk: &str, sk: &str| serde_json::json!({ "dynamodb": { "Keys": { "pk": { "S": pk }, "sk": { "S": sk } } } });
    let batch =
        serde_json::json!({ "Records": [keys(&format!("O#{}", id.month()), &id.to_string()), keys("D", "202611")] });
    let batch: fold_orders::Message = serde_json::from_value(batch).unwrap();
    fold_orders::handle(&world.unconnected, &batch).await.unwrap();
    let state = async || world.app.storage.pages.fold_state().await.unwrap().unwrap();
    assert_eq!(state().await.folded, Some(1), "the first batch makes the first pages");
    fold_orders::handle(&world.unconnected, &batch).await.unwrap();
    assert_eq!(state().await.folded, Some(1), "later ones are logged, and folded at night");
    fold_orders::handle(&world.unconnected, &fold_orders::Message::default()).await.unwrap();
    assert_eq!(state().await.folded, Some(1), "not in a night that follows a fold by day");
    world.advance(SignedDuration::from_hours(20));
    fold_orders::handle(&world.unconnected, &fold_orders::Message::default()).await.unwrap();
    assert_eq!(state().await.folded, Some(2));
    // Only records of the pages themselves: nothing to do, so nothing that would call the function again.
    let own = serde_json::json!({ "Records": [keys("L", "0000000002"), keys("P#202611", "R#18#000")] });
    world.dynamo.meter.reset();
    fold_orders::handle(&world.unconnected, &serde_json::from_value(own).unwrap()).await.unwrap();
    assert_eq!(world.dynamo.meter.write_units(), 0);
    // A night was missed.
    world.advance(SignedDuration::from_hours(27));
    fold_orders::handle(&world.unconnected, &batch).await.unwrap();
    assert_eq!(state().await.folded, Some(3));
}
