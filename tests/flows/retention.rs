//! R19 and scenario 24 (d): buyers' data goes some days after delivery, by an update; what reports need stays.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use app::{ListQuery, ReconcileJob, ReportQuery};
use base64::Engine;
use domain::Order;
use domain::report::{Row, RowKey};
use domain::search::Search;
use domain::tab::Tab;
use fakes::amazon::{AmazonFake, LineSpec, OrderSpec};
use fakes::woocommerce::Tracking;
use flate2::{Decompress, FlushDecompress};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::amazon::{settle, with_amazon};
use crate::doors::put_settings;
use crate::nobody::Log;
use crate::world::{Death, QueueName, World};

const SOLD: &str = "202-0000024-0000001";
const OPEN: &str = "202-0000024-0000002";
/// What tells who bought; each is somewhere in the tables before it is time.
const CANARIES: [&str; 6] =
    ["canaria", "vogelsang", "77 canary wharf", "canary@marketplace.amazon.co.uk", "555 0199887", "zwitschern"];

/// Somebody whose every word would be known again, with a message long enough for an item of its own.
fn of_canaria(id: &str) -> OrderSpec {
    let message = (0..200).fold(String::new(), |text, n| text + &format!("Zwitschern {n} "));
    let line = LineSpec::new("A", 1, 2999).shipping(400).gift(0, &message);
    let mut order = OrderSpec::new(id).line_of(line);
    "Canaria Vogelsang".clone_into(&mut order.buyer_name);
    order.email = Some("canary@marketplace.amazon.co.uk".to_owned());
    order.address = Some(json!({
        "name": "Canaria Vogelsang", "addressLine1": "77 Canary Wharf", "city": "London", "postalCode": "E14 5AA",
        "countryCode": "GB", "phone": "+49 555 0199887", "addressType": "RESIDENTIAL",
    }));
    order
}

fn of_berta(id: &str) -> OrderSpec {
    let mut order = OrderSpec::new(id).line("B", 1, 2500);
    "Berta Bleibt".clone_into(&mut order.buyer_name);
    order.address.as_mut().unwrap()["name"] = json!("Berta Bleibt");
    order
}

async fn night(world: &World) {
    world.queue_now(&[ReconcileJob::default().into()]).await;
    settle(world).await;
}

async fn report(world: &World) -> Vec<(RowKey, Row)> {
    let first = "2026-11-01".parse().unwrap();
    let query = ReportQuery {
        first,
        last: "2026-12-31".parse().unwrap(),
        zone: TimeZone::UTC,
        channels: BTreeSet::new(),
        statuses: BTreeSet::new(),
    };
    world.app.sales(&query).await.unwrap().rows
}

/// What the stream of the table and the nightly fold do.
async fn fold(world: &World) {
    let ids: Vec<_> = world.orders().await.iter().map(|order| order.id).collect();
    world.app.log_changes(&ids).await.unwrap();
    world.unconnected.fold().await.unwrap();
}

/// What the channel calls the orders that a search finds.
async fn found(world: &World, text: &str) -> Vec<String> {
    let search = Search::new(text).ok();
    let query = ListQuery { tab: Tab::All, channels: BTreeSet::new(), range: None, search, before: None, limit: 50 };
    let list = world.app.list(&query).await.unwrap();
    list.orders.iter().map(|view| view.order.source.id.to_string()).collect()
}

/// Every text of every item of every table, what is packed unpacked. An index holds keys of these items and nothing else.
fn stored(world: &World) -> String {
    let mut all = String::new();
    for table in ["orders", "links", "settings"] {
        world.dynamo.items(table).iter().for_each(|item| texts_of(item, &mut all));
    }
    all.to_lowercase()
}

fn texts_of(value: &Value, all: &mut String) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str().filter(|_| name == "B") {
                    Some(text) => *all += &unpacked(&base64::engine::general_purpose::STANDARD.decode(text).unwrap()),
                    None => texts_of(field, all),
                }
                all.push(' ');
            }
        }
        Value::Array(values) => values.iter().for_each(|value| texts_of(value, all)),
        Value::String(text) => *all += text,
        _ => {}
    }
}

/// The first byte names the format: deflated over the committed dictionary.
fn unpacked(bytes: &[u8]) -> String {
    let dictionary = include_bytes!("../../shared/storage/src/dictionary-1.txt");
    let mut plain = Vec::with_capacity(4 * 1024 * 1024);
    let mut inflater = Decompress::new(false);
    inflater.set_dictionary(dictionary).unwrap();
    let done = inflater.decompress_vec(&bytes[1..], &mut plain, FlushDecompress::Finish).unwrap();
    assert_eq!((bytes[0], done), (1, flate2::Status::StreamEnd));
    String::from_utf8(plain).unwrap()
}

fn standing_in(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    CANARIES.into_iter().filter(|canary| text.contains(canary)).collect()
}

fn shown(order: &Order) -> String {
    format!("{} {:?}", serde_json::to_string(&order.source).unwrap(), order.trace)
}

/// The order comes in while nothing can be queued: its poll fails five times and is a dead letter.
async fn sold_while_the_queue_is_down(world: &World, amazon: &AmazonFake) {
    amazon.place(of_canaria(SOLD));
    amazon.place(of_berta(OPEN));
    world.advance(SignedDuration::from_mins(5));
    world.queue.refuses.store(true, Ordering::Relaxed);
    let connections = world.app.storage.settings.connections().await.unwrap();
    let amazon_id = connections.iter().find(|known| known.platform.as_str() == "amazon").unwrap().id.clone();
    world.queue.push_raw(QueueName::Polls, &format!("{{\"connection_id\":\"{amazon_id}\"}}"));
    for _ in 0..6 {
        for message in world.queue.take_due() {
            world.deliver(&world.app, message, Death::default()).await;
        }
        world.advance(SignedDuration::from_mins(4));
    }
    world.queue.refuses.store(false, Ordering::Relaxed);
    assert!(world.queue.dead() > 0);
    settle(world).await;
}

/// Two orders, of which one is sent and delivered on 25 November.
async fn delivered() -> (World, AmazonFake) {
    let (world, amazon, _) = with_amazon("GBP").await;
    Box::pin(sold_while_the_queue_is_down(&world, &amazon)).await;
    let store_order = world.order(SOLD).await.import.store_order().unwrap().as_str().parse().unwrap();
    let tracking = Tracking { provider: "ups".to_owned(), number: "1Z999AA1".to_owned() };
    world.woo.ship(store_order, &[tracking]).unwrap();
    settle(&world).await;
    assert_eq!(amazon.packages(SOLD).len(), 1);
    world.clock.set("2026-11-25T10:00:00Z".parse().unwrap());
    amazon.deliver(SOLD);
    settle(&world).await;
    fold(&world).await;
    (world, amazon)
}

async fn assert_named_nowhere(world: &World) {
    let order = world.order(SOLD).await;
    assert_eq!((standing_in(&shown(&order)), order.after.review.differences), (Vec::new(), Vec::new()));
    assert_eq!(order.source.ship_to.as_ref().unwrap().country, "GB", "taxes go by the country");
    assert_eq!(standing_in(&stored(world)), Vec::<&str>::new(), "in no item and no index");
    for text in ["canaria", "vogelsang", "canaria vogelsang"] {
        assert_eq!(found(world, text).await, Vec::<String>::new());
    }
    assert_eq!(found(world, "berta").await, [OPEN], "an order that is not shipped needs its buyer");
}

async fn assert_a_month_later(world: &World, amazon: &AmazonFake) {
    let before = report(world).await;
    let figures: Vec<_> = before.iter().map(|(_, row)| (row.count, row.gross.minor())).collect();
    assert_eq!(figures, [(2, 2999 + 400 + 2500)]);
    assert_eq!(standing_in(&stored(world)), CANARIES, "what is looked for would be found");
    assert_eq!(found(world, "canaria vogelsang").await, [SOLD]);

    world.clock.set("2026-12-12T10:00:00Z".parse().unwrap());
    night(world).await;
    assert!(world.order(SOLD).await.source.names_a_person(), "not before its time");

    world.clock.set("2026-12-25T10:00:00Z".parse().unwrap());
    night(world).await;
    fold(world).await;
    // Rows of the log expire some days after they were folded.
    world.dynamo.sweep_expired();
    assert_named_nowhere(world).await;
    assert_eq!(report(world).await, before);

    // A later version of the order does not bring the buyer back, and is no edit.
    amazon.touch(SOLD);
    settle(world).await;
    fold(world).await;
    assert_named_nowhere(world).await;
    assert_eq!(report(world).await, before);
}

#[tokio::test]
async fn scenario_24d_thirty_days_after_its_delivery_nothing_names_amazons_buyer_and_reports_stay_as_they_are() {
    let log = Log::default();
    let _listening = log.listen();
    let (world, amazon) = Box::pin(delivered()).await;
    Box::pin(assert_a_month_later(&world, &amazon)).await;
    // Neither what was ever queued, dead letters among it, nor told, mailed or logged.
    world.deliver_alerts().await;
    let lines = log.lines();
    assert!(lines.len() > 20, "{}", lines.len());
    for text in world.told().iter().chain(&lines) {
        assert_eq!(standing_in(text), Vec::<&str>::new(), "{text}");
    }
}

#[tokio::test]
async fn scenario_24d_amazons_cap_cannot_be_exceeded() {
    let (world, _, id) = with_amazon("GBP").await;
    assert_eq!(world.app.settings(&id).await.unwrap().settings.personal_data_days, 25);
    for (days, status) in [(60, 422), (31, 422), (0, 422), (30, 200)] {
        let answer = put_settings(&world, &id, |settings| settings["personal_data_days"] = json!(days)).await;
        assert_eq!(answer.status, status, "{days}: {}", answer.text);
        if status == 422 {
            let fault = &answer.json()["errors"][0];
            assert_eq!(fault["field"], "personal_data_days");
            assert!(fault["detail"].as_str().unwrap().contains("1 to 30 days"), "{fault}");
        }
    }
}

#[tokio::test]
async fn what_could_not_be_read_is_emptied_too_and_stays_shown() {
    let world = World::new().await;
    let unreadable = storage::UnreadableOrder {
        connection: world.channel.clone(),
        remote_id: Some("12-00099-00001".to_owned()),
        raw: b"{\"buyer\": \"Canaria Vogelsang\"}".to_vec(),
        cut: false,
        why: "It has no total.".to_owned(),
        context: "orders[0]".to_owned(),
        seen_at: world.now(),
    };
    world.app.storage.orders.put_unreadable(&unreadable).await.unwrap();
    world.advance(SignedDuration::from_hours(24 * 26));
    night(&world).await;
    let kept = world.app.storage.orders.unreadable(&world.channel, &storage::PageRequest::first(10)).await.unwrap();
    assert_eq!((kept.items.len(), kept.items[0].raw.len()), (1, 0));
    assert_eq!(kept.items[0].why, unreadable.why);
    let again = world.app.storage.orders.put_unreadable(&unreadable).await.unwrap();
    assert_eq!(again, storage::Kept::Known, "the same bytes are not kept anew");
}
