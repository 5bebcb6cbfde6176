//! R19 and scenario 24 (d): buyers' data goes some days after delivery, by an update; what reports need stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::{ConnectionsError, ListQuery, ReconcileJob, ReportQuery};
use connect::ChannelCapabilities;
use domain::report::{Row, RowKey};
use domain::search::Search;
use domain::shipment::{Shipment, Tracking};
use domain::tab::Tab;
use domain::{ChannelOrder, ConnectionId, Fulfilment, Order};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::world::World;
use crate::world::paper_channel::{PAPER_CHANNEL, PaperChannel, add_line, paper_order, set_shipping};

/// Amazon: its policy caps the keeping of personal data at 30 days after delivery.
const AMAZON: ChannelCapabilities = ChannelCapabilities { personal_data_days: Some(30), ..PAPER_CHANNEL };
const CANARIES: [&str; 5] = ["Canaria", "Vogelsang", "77 Canary Wharf", "canary@example.com", "+49 555 0199887"];

async fn amazon() -> (World, Arc<PaperChannel>, ConnectionId) {
    let world = World::new().await;
    let channel = Arc::new(PaperChannel::new("seller-1", AMAZON, world.clock.clone()));
    let id = world.add_channel("amazon", channel.clone()).await;
    world.link_on(&id, "A", world.product("A")).await;
    world.advance(SignedDuration::from_mins(1));
    (world, channel, id)
}

fn order(world: &World, id: &str) -> ChannelOrder {
    let mut order = paper_order(id, "GBP", "GB", world.now());
    add_line(&mut order, "A", 1, 2999);
    set_shipping(&mut order, 400);
    let place = order.ship_to.take().unwrap().with_full_name("Canaria Vogelsang");
    let place = domain::Address { line1: "77 Canary Wharf".to_owned(), phone: "+49 555 0199887".to_owned(), ..place };
    (order.ship_to, order.bill_to) = (Some(place.clone()), Some(place));
    order.buyer.name = Some("Canaria Vogelsang".to_owned());
    order.buyer.email = Some("canary@example.com".to_owned());
    order.buyer_note = Some("Ask for Canaria".to_owned());
    // Long enough for an item of its own, with the buyer's words in it.
    order.gift_message = Some((0..200).fold(String::new(), |text, n| text + &format!("Canaria {n} ")));
    order
}

fn deliver(channel: &PaperChannel, id: &str, at: Timestamp) {
    channel.edit(id, |order| {
        order.fulfilment = Fulfilment::Delivered;
        let tracking = Tracking { number: "TBA1".to_owned(), carrier: Some("Amazon".to_owned()) };
        order.shipments =
            vec![Shipment { remote_id: None, tracking: Some(tracking), shipped_at: Some(at), lines: Vec::new() }];
    });
}

async fn night(world: &World) {
    world.queue_now(&[ReconcileJob::default().into()]).await;
    world.drain().await;
}

fn shown(order: &Order) -> String {
    format!("{} {:?}", serde_json::to_string(&order.source).unwrap(), order.trace)
}

fn names_somebody(order: &Order) -> bool {
    let shown = shown(order);
    CANARIES.iter().any(|canary| shown.contains(canary))
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

/// What the channel calls the orders that a search by the buyer's name finds, once the stream and the night have passed.
async fn found(world: &World) -> Vec<String> {
    let ids: Vec<_> = world.orders().await.iter().map(|order| order.id).collect();
    world.app.log_changes(&ids).await.unwrap();
    world.app.fold().await.unwrap();
    let search = Search::new("canaria").ok();
    let query = ListQuery { tab: Tab::All, channels: BTreeSet::new(), range: None, search, before: None, limit: 50 };
    let list = world.app.list(&query).await.unwrap();
    list.orders.iter().map(|view| view.order.source.id.to_string()).collect()
}

#[tokio::test]
async fn scenario_24d_buyers_data_goes_after_delivery_and_reports_stay_as_they_are() {
    let (world, channel, _) = amazon().await;
    channel.place(order(&world, "AM-1"));
    channel.place(order(&world, "AM-OPEN"));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 2);
    deliver(&channel, "AM-1", world.now());
    world.pass(SignedDuration::from_mins(5)).await;
    let before = report(&world).await;
    assert_eq!(found(&world).await.len(), 2);

    world.advance(SignedDuration::from_hours(24 * 24));
    night(&world).await;
    assert!(names_somebody(&world.order("AM-1").await), "not before its time");

    world.advance(SignedDuration::from_hours(24 * 2));
    night(&world).await;
    let erased = world.order("AM-1").await;
    assert!(!names_somebody(&erased), "{}", shown(&erased));
    assert_eq!(erased.source.ship_to.as_ref().unwrap().country, "GB", "taxes go by the country");
    assert!(names_somebody(&world.order("AM-OPEN").await), "an order that is not shipped needs its address");
    assert_eq!(found(&world).await, ["AM-OPEN"]);
    assert_eq!(report(&world).await, before);
    assert_eq!(world.queue.len(), 0, "{:?}", world.queue.bodies());

    // A later version of the order does not bring the buyer back, and is no edit.
    channel.edit("AM-1", |order| order.warnings.push("seen again".to_owned()));
    world.pass(SignedDuration::from_mins(5)).await;
    let again = world.order("AM-1").await;
    assert!(!names_somebody(&again), "{}", shown(&again));
    assert_eq!(again.after.review.differences, Vec::<String>::new());
    assert_eq!(report(&world).await, before);
}

#[tokio::test]
async fn scenario_24d_a_channels_cap_cannot_be_exceeded() {
    let (world, _, id) = amazon().await;
    let view = world.app.settings(&id).await.unwrap();
    assert_eq!(view.settings.personal_data_days, 25);
    for (days, allowed) in [(60, false), (31, false), (0, false), (30, true)] {
        let view = world.app.settings(&id).await.unwrap();
        let mut settings = view.settings;
        settings.personal_data_days = days;
        match world.app.put_settings(&id, settings, view.version).await {
            Ok(_) => assert!(allowed, "{days}"),
            Err(ConnectionsError::Invalid(faults)) => {
                assert!(!allowed && faults[0].field == "personal_data_days", "{days}: {faults:?}");
                assert!(faults[0].message.contains("1 to 30 days"), "{faults:?}");
            }
            Err(error) => panic!("{error}"),
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
