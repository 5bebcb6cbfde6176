//! How far the channels are behind: what the alarm on a stalled channel goes by.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::SignedDuration;

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
