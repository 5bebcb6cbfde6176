//! Bad days: crashes between two steps, poison, outages, malformed orders, withdrawn access.

use std::sync::atomic::Ordering;

use app::PollJob;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use domain::ImportState;
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;

use crate::world::{Death, QueueName, World};

fn order(n: u32) -> OrderSpec {
    OrderSpec::new(&format!("12-00700-{n:05}")).line("A", 1, 1999)
}

#[tokio::test]
async fn a_crash_between_storing_and_queueing_is_made_good_by_the_next_poll() {
    let world = World::new().await;
    world.ebay.place(order(1));
    world.advance(SignedDuration::from_mins(3));
    world.ring().await;
    let polls = world.queue.take_due();
    world.queue.refuses.store(true, Ordering::Relaxed);
    for message in polls {
        world.deliver(&world.app, message, Death::default()).await;
    }
    world.queue.refuses.store(false, Ordering::Relaxed);
    assert_eq!(world.order("12-00700-00001").await.import, ImportState::Received);
    world.queue.clear();
    world.advance(SignedDuration::from_mins(6));
    world.pass(SignedDuration::from_mins(3)).await;
    assert!(matches!(world.order("12-00700-00001").await.import, ImportState::Imported { .. }));
}

#[tokio::test]
async fn poison_among_a_batch_of_ten_stops_nobody() {
    let world = World::new().await;
    let mut event = SqsEvent::default();
    for n in 0..10 {
        let mut record = SqsMessage::default();
        record.message_id = Some(n.to_string());
        let body = if n == 4 {
            "{\"nonsense\": true}".to_owned()
        } else {
            format!("{{\"connection_id\":\"{}\"}}", world.channel)
        };
        record.body = Some(body);
        event.records.push(record);
    }
    let app = &world.app;
    let queue = app.queue.as_ref();
    let response = runtime::sqs::batch(queue, &|job: PollJob| poll_orders::handle(app, job), event).await;
    let failed: Vec<_> = response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    assert_eq!(failed, ["4"]);
}

#[tokio::test]
async fn a_message_that_cannot_be_read_ends_in_the_dead_letter_queue() {
    let world = World::new().await;
    world.queue.push_raw(QueueName::Orders, "not a job");
    for _ in 0..6 {
        world.drain().await;
        world.advance(SignedDuration::from_mins(4));
    }
    assert_eq!(world.queue.dead(), 1);
}

#[tokio::test]
async fn a_store_down_for_six_hours_dead_letters_nothing_and_all_are_imported_after() {
    let world = World::new().await;
    let down = world.woo.php_down();
    for n in 1..=12 {
        world.ebay.place(order(n));
        world.pass(SignedDuration::from_mins(30)).await;
    }
    assert_eq!(world.queue.dead(), 0);
    assert!(world.woo.orders().is_empty());
    let calls = world.woo.calls().all().len();
    assert!(calls < 400, "a store that is down is left alone; it was called {calls} times");
    down.off();
    world.pass(SignedDuration::from_hours(1)).await;
    assert_eq!(world.woo.orders().len(), 12);
    world.assert_no_duplicates();
    assert_eq!(world.queue.dead(), 0);
    assert_eq!(world.woo.stock("A"), Some(38));
}

#[tokio::test]
async fn limits_and_errors_on_a_third_of_all_calls_lose_nothing() {
    let world = World::new().await;
    let limited = world.woo.faults().fail_each(20, 1, fakes_status(429));
    let broken = world.woo.faults().fail_each(10, 2, fakes_status(500));
    let channel = world.ebay.faults().fail_each(20, 3, fakes_status(503));
    for n in 1..=50 {
        world.ebay.place(order(n));
    }
    world.pass(SignedDuration::from_hours(6)).await;
    limited.off();
    broken.off();
    channel.off();
    world.pass(SignedDuration::from_hours(1)).await;
    world.assert_no_duplicates();
    assert_eq!(world.woo.orders().len(), 50);
    assert_eq!(world.queue.dead(), 0);
}

fn fakes_status(code: u16) -> axum::http::StatusCode {
    axum::http::StatusCode::from_u16(code).unwrap()
}

#[tokio::test]
async fn a_malformed_order_is_kept_and_the_others_go_on() {
    let world = World::new().await;
    world.ebay.place(order(1));
    world.ebay.place(order(2).set("/lineItems", serde_json::json!("not a list")));
    world.ebay.place(order(3));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 2);
    let kept =
        world.app.storage.orders.unreadable(&world.channel, &storage::PageRequest::first(10)).await.unwrap().items;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].remote_id.as_deref(), Some("12-00700-00002"));
    assert!(String::from_utf8_lossy(&kept[0].raw).contains("not a list"));
    assert_eq!(world.events.named("OrderUnreadable"), 1);
    world.replay().await;
    assert_eq!(world.events.named("OrderUnreadable"), 1, "told once");
}

#[tokio::test]
async fn five_hundred_orders_of_one_second_all_come_in() {
    let world = World::new().await;
    for n in 1..=500 {
        world.ebay.place(order(n));
    }
    world.ebay.faults().page_size(Some(50));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 500);
    world.assert_no_duplicates();
}

#[tokio::test]
async fn withdrawn_access_to_the_channel_alerts_once_and_the_gap_is_filled_after_reconnecting() {
    let world = World::new().await;
    world.ebay.faults().revoke();
    world.ebay.faults().expire_token();
    world.ebay.place(order(1));
    world.pass(SignedDuration::from_hours(2)).await;
    assert_eq!(world.events.named("ConnectionNeedsAttention"), 1);
    assert!(world.woo.orders().is_empty());
    world.ebay.faults().grant();
    world.app.reconnect(&world.channel, &connect::Credentials::default()).await.unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 1);
}

#[tokio::test]
async fn a_reference_that_stands_in_the_store_twice_is_named() {
    let world = World::new().await;
    world.ebay.place(order(1));
    world.pass(SignedDuration::from_mins(5)).await;
    let reference = world.order("12-00700-00001").await.reference().to_string();
    let twin = serde_json::json!({
        "status": "processing",
        "meta_data": [{"key": "_tributary_reference", "value": reference}],
        "line_items": [{"product_id": world.product("A").as_str().parse::<u64>().unwrap(), "quantity": 1}],
    });
    world.woo.place_checkout_order(&twin).unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    assert!(world.events.named("DuplicateInStore") >= 1);
}

#[tokio::test]
async fn an_order_canceled_while_the_store_is_down_is_left_and_holds_nothing() {
    let world = World::new().await;
    let down = world.woo.maintenance();
    world.ebay.place(order(1));
    world.pass(SignedDuration::from_mins(10)).await;
    let product = world.product("A");
    assert_eq!(world.app.storage.links.holds(&product).await.unwrap().len(), 1);
    world.ebay.cancel("12-00700-00001");
    world.pass(SignedDuration::from_mins(10)).await;
    down.off();
    world.pass(SignedDuration::from_mins(40)).await;
    assert!(matches!(world.order("12-00700-00001").await.import, ImportState::Left(_)));
    assert!(world.woo.orders().is_empty());
    assert_eq!(world.woo.stock("A"), Some(50));
    assert!(world.app.storage.links.holds(&product).await.unwrap().is_empty());
}

#[tokio::test]
async fn orders_of_a_parked_store_leave_no_message_behind() {
    let world = World::new().await;
    world.woo.faults().revoke();
    for n in 1..=5 {
        world.ebay.place(order(n));
    }
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(world.queue.len(), 0, "{:?}", world.queue.bodies());
}

#[tokio::test]
async fn a_store_that_fails_and_recovers_each_minute_leaves_one_message_for_each_order_that_waits() {
    let world = World::new().await;
    for n in 1..=20 {
        world.ebay.place(order(n));
    }
    let fail_once = || world.woo.faults().on("POST */orders").fail_next(fakes_status(503), None);
    fail_once();
    world.pass(SignedDuration::from_mins(2)).await;
    for _ in 0..10 {
        world.advance(SignedDuration::from_secs(61));
        // Its poll succeeds before the messages that wait for it are seen, and then the first of them fails.
        world.app.poll(&world.store).await.unwrap();
        fail_once();
        world.drain().await;
        let messages = world.queue.bodies().into_iter().filter(|body| body.starts_with("{\"order_id")).count();
        assert!((10..=20).contains(&messages), "{messages} messages for 20 orders");
    }
    world.pass(SignedDuration::from_mins(30)).await;
    // One that got no clear answer three times is left to a person.
    let failed = world.orders().await.into_iter().filter(|order| matches!(order.import, ImportState::Failed { .. }));
    assert_eq!(world.woo.orders().len() + failed.count(), 20);
    assert!(world.queue.len() < 20, "{:?}", world.queue.bodies());
}

#[tokio::test]
async fn two_pollers_at_once_read_once() {
    let world = World::new().await;
    world.ebay.place(order(1));
    world.advance(SignedDuration::from_mins(5));
    let (one, two) = (world.worker(), world.worker());
    let lists = |world: &World| world.ebay.calls().all().iter().filter(|call| call.path.ends_with("/order")).count();
    let before = lists(&world);
    let (first, second) = tokio::join!(one.poll(&world.channel), two.poll(&world.channel));
    first.unwrap();
    second.unwrap();
    assert_eq!(lists(&world) - before, 1);
}

#[tokio::test]
async fn a_wrong_key_at_reconnecting_does_not_replace_the_one_that_works() {
    let world = World::new().await;
    let wrong = crate::world::credentials(&[("consumer_key", "ck_wrong"), ("consumer_secret", "cs_wrong")]);
    assert!(world.app.reconnect(&world.store, &wrong).await.is_err());
    world.ebay.place(order(1));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), 1);
}
