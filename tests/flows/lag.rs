//! How far the channels are behind: what the alarm on a stalled channel goes by.

use std::time::Duration;

use axum::http::StatusCode;
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;
use storage::ConnectionState;

use crate::world::World;

#[tokio::test]
async fn the_lag_is_the_time_since_the_most_overdue_channel_was_last_polled_completely() {
    let world = World::new().await;
    let since_connected = world.app.schedule_polls().await.unwrap().channel_lag;
    assert!(since_connected >= Duration::from_mins(10), "never polled: since it was connected, {since_connected:?}");

    world.drain().await;
    world.advance(SignedDuration::from_secs(45));
    assert_eq!(world.app.schedule_polls().await.unwrap().channel_lag, Duration::from_secs(45));

    let down = world.ebay.faults().fail_while(StatusCode::SERVICE_UNAVAILABLE, None);
    world.pass(SignedDuration::from_mins(40)).await;
    let lag = world.app.schedule_polls().await.unwrap().channel_lag;
    assert!(lag >= Duration::from_mins(40), "{lag:?}");

    down.off();
    world.pass(SignedDuration::from_mins(11)).await;
    let lag = world.app.schedule_polls().await.unwrap().channel_lag;
    assert!(lag <= Duration::from_mins(1), "{lag:?}");
}

#[tokio::test]
async fn a_channel_that_a_person_must_reconnect_does_not_count_as_behind() {
    let world = World::new().await;
    world.ebay.faults().revoke();
    world.pass(SignedDuration::from_mins(5)).await;
    let tick = world.app.schedule_polls().await.unwrap();
    assert_eq!((tick.rung, tick.channel_lag), (1, Duration::ZERO));
}

#[tokio::test]
async fn a_channel_that_stalls_is_told_of_once_and_again_when_it_is_read() {
    let world = World::new().await;
    world.pass(SignedDuration::from_mins(2)).await;
    let down = world.ebay.faults().fail_while(StatusCode::SERVICE_UNAVAILABLE, None);
    world.pass(SignedDuration::from_mins(28)).await;
    assert_eq!(world.events.named("ChannelStalled"), 0, "not yet half an hour");
    world.pass(SignedDuration::from_hours(5)).await;
    assert_eq!((world.events.named("ChannelStalled"), world.events.named("ChannelRecovered")), (1, 0));

    down.off();
    world.pass(SignedDuration::from_mins(15)).await;
    assert_eq!((world.events.named("ChannelStalled"), world.events.named("ChannelRecovered")), (1, 1));

    // A second stall is another one.
    let down = world.ebay.faults().fail_while(StatusCode::SERVICE_UNAVAILABLE, None);
    world.pass(SignedDuration::from_mins(40)).await;
    down.off();
    assert_eq!(world.events.named("ChannelStalled"), 2);
}

#[tokio::test]
async fn a_main_store_that_is_down_is_told_of_once_however_many_orders_wait() {
    let world = World::new().await;
    let down = world.woo.maintenance();
    world.pass(SignedDuration::from_mins(2)).await;
    for n in 1..=3 {
        world.ebay.place(OrderSpec::new(&format!("12-00850-0000{n}")).line("A", 1, 1999));
        world.pass(SignedDuration::from_mins(5)).await;
    }
    assert_eq!(world.events.named("MainStoreUnavailable"), 1);
    world.pass(SignedDuration::from_mins(43)).await;
    down.off();
    world.pass(SignedDuration::from_mins(15)).await;
    let names: Vec<&str> = world.events.all().iter().map(app::DomainEvent::name).collect();
    assert_eq!(
        names,
        ["MainStoreUnavailable", "OrderImported", "OrderImported", "OrderImported", "MainStoreRecovered"]
    );
}

#[tokio::test]
async fn a_store_that_fails_for_a_moment_is_not_told_of() {
    let world = World::new().await;
    let down = world.woo.maintenance();
    world.pass(SignedDuration::from_mins(3)).await;
    down.off();
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!(world.events.all(), Vec::new());
}

#[tokio::test]
async fn withdrawn_access_that_a_dying_worker_could_not_tell_is_told_by_the_schedule_once() {
    let world = World::new().await;
    let state = ConnectionState::NeedsAttention { why: "Reconnect eBay.".to_owned(), since: world.now() };
    assert!(world.app.storage.settings.set_connection_state(&world.channel, &state).await.unwrap());
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!(world.events.named("ConnectionNeedsAttention"), 1);
}
