//! Polling within what a platform allows: soon after calls are left again, and at no more than a query may cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::Job;
use async_trait::async_trait;
use connect::{Allowance, Budget, Told};
use domain::ConnectionId;
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;
use runtime::LeasedBudget;
use storage::Role;

use crate::shopify_store::on_shopify;
use crate::world::{TickingClock, World};

/// Refuses so many takings.
struct Refuses {
    left: AtomicU32,
    wait: Duration,
}

#[async_trait]
impl Budget for Refuses {
    async fn take(&self, _: &ConnectionId, _: &Allowance, _: u32) -> Result<(), Duration> {
        let refused = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        refused.map_or(Ok(()), |_| Err(self.wait))
    }

    async fn told(&self, _: &ConnectionId, _: &Allowance, _: Told) {}

    async fn pause(&self, _: &ConnectionId, _: Duration) {}
}

fn polls(world: &World) -> usize {
    let is_poll = |body: &String| matches!(serde_json::from_str(body), Ok(Job::Poll(_)));
    world.queue.bodies().iter().filter(|body| is_poll(body)).count()
}

#[tokio::test]
async fn a_poll_that_is_held_back_for_seconds_comes_again_then_and_not_with_the_next_minute() {
    let world = World::new().await;
    world.drain().await;
    let wait = Duration::from_secs(7);
    world.connectors.paid_from(Arc::new(Refuses { left: AtomicU32::new(4), wait }));
    // Both connections are rung for twice.
    world.poll().await;
    let due = world.now() + wait;
    world.advance(SignedDuration::from_secs(1));
    world.poll().await;
    assert_eq!(polls(&world), 2, "one each: {:?}", world.queue.bodies());
    assert_eq!(world.queue.next_due(), Some(due));
    world.advance(SignedDuration::from_secs(6));
    world.drain().await;
    let health = world.app.storage.settings.health(&world.channel).await.unwrap();
    assert_eq!((polls(&world), health.last_success), (0, Some(world.now())));
    assert_eq!(health.last_failure, None, "the platform was in no trouble");
}

#[tokio::test]
async fn a_poll_that_is_held_back_for_minutes_waits_for_the_schedule() {
    let world = World::new().await;
    world.drain().await;
    world.connectors.paid_from(Arc::new(Refuses { left: AtomicU32::new(2), wait: Duration::from_mins(3) }));
    world.poll().await;
    assert_eq!(polls(&world), 0);
}

#[tokio::test]
async fn what_a_query_did_not_cost_is_left_for_the_next_ones() {
    const POINTS: Allowance = Allowance { name: "points", burst: 1_000, per_hour: 360_000 };
    let world = World::new().await;
    let budget = LeasedBudget::new(world.dynamo.storage(), Arc::new(TickingClock::new(world.clock.clone())));
    // Each may cost 200 and costs 20.
    for _ in 0..40 {
        budget.take(&world.store, &POINTS, 200).await.unwrap();
        budget.told(&world.store, &POINTS, Told { unused: 180, ..Told::default() }).await;
    }
    // What may be needed is there before each.
    for _ in 0..60 {
        if let Err(wait) = budget.take(&world.store, &POINTS, 200).await {
            assert!(wait <= Duration::from_secs(3), "{wait:?}");
            return;
        }
    }
    panic!("more was taken than there is");
}

/// Thirty orders at once, then eight packages: every one is there within two minutes, and Shopify throttles nothing.
#[tokio::test]
async fn a_busy_shopify_is_read_within_its_points() {
    let (world, shop) = on_shopify("GBP").await;
    shop.metered();
    let clock = Arc::new(TickingClock::new(world.clock.clone()));
    world.connectors.paid_from(Arc::new(LeasedBudget::new(world.dynamo.storage(), clock)));
    let id = |n: u32| format!("12-00800-{n:05}");
    for n in 0..30 {
        world.ebay.place(OrderSpec::new(&id(n)).line("A", 1, 1999));
    }
    world.pass(SignedDuration::from_mins(6)).await;
    let booked = shop.orders();
    assert_eq!((booked.len(), shop.stock("A")), (30, Some(20)));
    for order in booked.iter().take(8) {
        shop.ship(order.id, "Royal Mail", &format!("RM{:09}GB", order.id)).unwrap();
    }
    world.pass(SignedDuration::from_mins(2)).await;
    let told: usize = (0..30).map(|n| world.ebay.fulfilments(&id(n)).len()).sum();
    assert_eq!(told, 8);
    let connections = world.app.storage.settings.connections().await.unwrap();
    let store = connections.iter().find(|c| c.role == Role::MainStore && c.platform.as_str() == "shopify").unwrap();
    let health = world.app.storage.settings.health(&store.id).await.unwrap();
    assert_eq!(health.last_failure, None, "Shopify throttled a call");
}
