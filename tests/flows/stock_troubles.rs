//! R7 on bad days: whoever dies, is down, refuses or loses answers, the listings end with the right quantity.

use app::Job;
use axum::http::StatusCode;
use domain::OrderId;
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;

use crate::stock::{exposure, fixture};
use crate::world::{Death, Delivered, QueueName};

#[tokio::test]
async fn a_channel_that_is_down_holds_up_no_other_and_is_told_when_it_is_back() {
    let (world, etsy) = fixture().await;
    let down = etsy.shop.maintenance();
    world.ebay.place(OrderSpec::new("12-00300-00001").line("A", 5, 1999));
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(world.ebay.item("A").unwrap().available(), 45);
    assert!(!world.ebay.quantity_updates("A").is_empty());
    assert_eq!(etsy.shop.stock("A"), Some(50));
    down.off();
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!(etsy.shop.stock("A"), Some(45));
    assert_eq!(world.queue.dead(), 0);
}

#[tokio::test]
async fn a_listing_that_its_channel_refuses_is_told_once() {
    let (world, etsy) = fixture().await;
    world.link_parts(&etsy.id, "GONE", &[("B", 1, 1)]).await;
    world.pass(SignedDuration::from_mins(10)).await;
    world.replay().await;
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(world.events.named("ListingRefused"), 1);
    assert_eq!(world.queue.len(), 0, "{:?}", world.queue.bodies());
    // The others of the channel go on.
    world.ebay.place(OrderSpec::new("12-00400-00001").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(etsy.shop.stock("A"), Some(49));
}

#[tokio::test]
async fn a_hold_that_a_dead_worker_left_behind_is_not_counted_and_goes() {
    let (world, etsy) = fixture().await;
    world.ebay.place(OrderSpec::new("12-00500-00001").line("A", 1, 1999));
    world.pass(SignedDuration::from_mins(5)).await;
    let order: OrderId = world.order_id("12-00500-00001").await;
    let hold = storage::Hold { product: world.product("A"), order, units: 1, applied: false };
    world.app.storage.links.hold(&hold).await.unwrap();
    world.queue_now(&[Job::stock(world.product("A"), None)]).await;
    world.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(etsy.shop.stock("A"), Some(49));
    assert!(world.app.storage.links.holds(&world.product("A")).await.unwrap().is_empty());
    assert_eq!(exposure(&world, "A").await, 0);
}

#[tokio::test]
async fn a_worker_that_dies_at_any_await_leaves_the_right_quantity() {
    let (world, etsy) = fixture().await;
    let mut deaths = 0;
    for n in 1..=60_u32 {
        // Every other order waits for a link, so that holds come and go too.
        let spec = OrderSpec::new(&format!("12-00600-{n:05}")).line("A", 1, 1999);
        world.ebay.place(if n % 2 == 0 { spec } else { spec.line("X", 1, 1500) });
        world.advance(SignedDuration::from_mins(3));
        world.ring().await;
        let mut lives = 0;
        for _ in 0..400 {
            for message in world.queue.take_due() {
                let dies = matches!(message.queue, QueueName::Stock | QueueName::Orders) && lives < 2;
                let death = if dies { Death(Some((n + lives * 11) % 50 + 1)) } else { Death::default() };
                if world.deliver(&world.worker(), message, death).await == Delivered::Died {
                    deaths += 1;
                    lives += 1;
                }
            }
            match world.queue.next_due() {
                Some(due) => world.clock.set(due.max(world.now())),
                None => break,
            }
        }
        assert_eq!(etsy.shop.stock("A"), world.woo.stock("A").map(|stock| stock.max(0)), "after order {n}");
    }
    assert!(deaths > 40, "the test must really kill workers; it killed {deaths}");
    assert_eq!(world.queue.dead(), 0);
}

#[tokio::test]
async fn two_workers_at_once_leave_the_newest_quantity() {
    let (world, etsy) = fixture().await;
    for n in 0..20 {
        world.woo.set_stock("A", 40 - n);
        world.queue_now(&[Job::stock(world.product("A"), None), Job::stock(world.product("A"), None)]).await;
        let due = world.queue.take_due();
        let (one, two) = (world.worker(), world.worker());
        let alive = Death::default();
        tokio::join!(world.deliver(&one, due[0].clone(), alive), world.deliver(&two, due[1].clone(), alive));
        world.pass(SignedDuration::from_mins(1)).await;
        assert_eq!(etsy.shop.stock("A"), Some(40 - n));
    }
}

#[tokio::test]
async fn answers_that_are_lost_leave_no_listing_behind() {
    let (world, etsy) = fixture().await;
    let lost = etsy.shop.faults().on("POST */products/batch").drop_response_each(40, 11);
    let broken = etsy.shop.faults().on("POST */products/batch").fail_each(30, 12, StatusCode::BAD_GATEWAY);
    for n in 1..=20 {
        world.ebay.place(OrderSpec::new(&format!("12-00700-{n:05}")).line("A", 1, 1999));
        world.pass(SignedDuration::from_mins(2)).await;
    }
    lost.off();
    broken.off();
    world.pass(SignedDuration::from_hours(1)).await;
    assert_eq!((world.woo.stock("A"), etsy.shop.stock("A")), (Some(30), Some(30)));
    assert_eq!(world.queue.dead(), 0);
}

#[tokio::test]
async fn a_channel_without_working_access_is_told_everything_after_reconnecting() {
    let (world, etsy) = fixture().await;
    etsy.shop.faults().revoke();
    world.ebay.place(OrderSpec::new("12-00800-00001").line("A", 3, 1999));
    world.pass(SignedDuration::from_hours(1)).await;
    assert_eq!(etsy.shop.stock("A"), Some(50));
    assert_eq!(world.queue.len(), 0, "nothing waits for a person: {:?}", world.queue.bodies());
    etsy.shop.faults().grant();
    world.app.reconnect(&etsy.id, &connect::Credentials::default()).await.unwrap();
    world.pass(SignedDuration::from_mins(2)).await;
    assert_eq!(etsy.shop.stock("A"), Some(47));
}
