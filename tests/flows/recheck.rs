//! Channels whose list hides cancels and refunds: known orders are asked for one by one, a few with each poll.

use std::collections::BTreeSet;
use std::sync::Arc;

use connect::ChannelCapabilities;
use domain::{Cancel, ConnectionId};
use jiff::SignedDuration;

use crate::cost::order_path_units;
use crate::world::World;
use crate::world::paper_channel::{PAPER_CHANNEL, PaperChannel, add_line, paper_order};

const HIDES_CANCELS: ChannelCapabilities = ChannelCapabilities { lists_cancels: false, ..PAPER_CHANNEL };

/// A round of looking at every known order takes so many minutes.
const ROUND: usize = 240;

async fn with_channel(can: ChannelCapabilities, orders: usize) -> (World, Arc<PaperChannel>, ConnectionId) {
    let world = World::new().await;
    let channel = Arc::new(PaperChannel::new("shop-1", can, world.clock.clone()));
    let id = world.add_channel("etsy", channel.clone()).await;
    world.link_on(&id, "A", world.product("A")).await;
    world.advance(SignedDuration::from_mins(1));
    for number in 1..=orders {
        let mut order = paper_order(&format!("R{number}"), "GBP", "GB", world.clock.now());
        add_line(&mut order, "A", 1, 1999);
        channel.place(order);
    }
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.orders().len(), orders);
    (world, channel, id)
}

/// Polls as the schedule does, for one round; the looks that it made.
async fn a_round(world: &World, channel: &PaperChannel, id: &ConnectionId) -> usize {
    let before = channel.looks().len();
    for _ in 0..ROUND {
        world.advance(SignedDuration::from_mins(1));
        let looks = channel.looks().len();
        world.app.poll(id).await.unwrap();
        assert!(channel.looks().len() - looks <= 3, "one poll looked at too many orders");
    }
    channel.looks().len() - before
}

#[tokio::test]
async fn a_cancel_that_the_list_hides_is_seen_on_the_order_itself() {
    let (world, channel, id) = with_channel(HIDES_CANCELS, 1).await;
    assert_eq!(world.woo.stock("A"), Some(49));
    channel.edit_unlisted("R1", |order| order.cancel = Cancel::Canceled);
    a_round(&world, &channel, &id).await;
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.order("R1").await.source.cancel, Cancel::Canceled);
    assert!(world.order("R1").await.store.canceled);
    assert_eq!(world.woo.stock("A"), Some(50));
    // What is canceled is not asked for again.
    assert_eq!(a_round(&world, &channel, &id).await, 0);
}

#[tokio::test]
async fn every_order_is_looked_at_and_none_that_is_unchanged_is_written() {
    let (world, channel, id) = with_channel(HIDES_CANCELS, 7).await;
    let before = order_path_units(&world);
    for _ in 0..6 {
        let looks = a_round(&world, &channel, &id).await;
        assert!((1..=9).contains(&looks), "{looks} looks in a round");
    }
    let seen: BTreeSet<String> = channel.looks().iter().map(ToString::to_string).collect();
    assert_eq!(seen.len(), 7, "{seen:?}");
    assert_eq!(order_path_units(&world), before);
}

#[tokio::test]
async fn a_channel_that_lists_its_cancels_is_not_asked() {
    let (world, channel, id) = with_channel(PAPER_CHANNEL, 2).await;
    assert_eq!(a_round(&world, &channel, &id).await, 0);
    assert_eq!(channel.looks().len(), 0);
}
