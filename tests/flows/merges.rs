//! R19: orders that eBay merges into a new one: imported in their place, the stock moved over and never told as more.

use std::collections::BTreeSet;

use app::ReportQuery;
use domain::ImportState;
use domain::settings::SendWhen;
use domain::status::{OrderStatus, status};
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;

use crate::world::{Death, Delivered, QueueName, World};

const O1: &str = "12-00020-00001";
const O2: &str = "12-00020-00002";
const O3: &str = "12-00020-00003";

fn unpaid(world: &World) {
    world.ebay.place(OrderSpec::new(O1).line("A", 1, 1999).shipping(399).unpaid());
    world.ebay.place(OrderSpec::new(O2).line("B", 1, 2500).shipping(399).unpaid());
}

fn stock(world: &World) -> (i64, i64) {
    (world.woo.stock("A").unwrap(), world.woo.stock("B").unwrap())
}

/// The most that the store ever held of A and B after the orders had taken theirs.
fn most_since(world: &World, before: (usize, usize)) -> (i64, i64) {
    let most = |sku: &str, skip: usize, now: i64| {
        world.woo.movements(sku).iter().skip(skip).map(|movement| movement.to).fold(now, i64::max)
    };
    (most("A", before.0, 0), most("B", before.1, 0))
}

fn movements(world: &World) -> (usize, usize) {
    (world.woo.movements("A").len(), world.woo.movements("B").len())
}

async fn assert_merged(world: &World) {
    let totals: Vec<_> = world.woo.orders().iter().map(|order| (order.status.as_str().to_owned(), order.id)).collect();
    let open: Vec<_> = totals.iter().filter(|(status, _)| status != "cancelled").collect();
    assert_eq!(open.len(), 1, "{totals:?}");
    assert_eq!(world.woo.order_json(open[0].1).unwrap()["total"], "49.98");
    assert_eq!(stock(world), (49, 19));
    for old in [O1, O2] {
        let order = world.order(old).await;
        assert_eq!(status(&order, false), OrderStatus::Canceled);
        assert!(world.story(old).await.iter().any(|line| line.contains(O3)), "{:?}", world.story(old).await);
    }
    let story = world.story(O3).await;
    assert!(story.iter().any(|line| line.contains(O1) && line.contains(O2)), "{story:?}");
    let day = jiff::civil::date(2026, 11, 18);
    let query = ReportQuery {
        first: day,
        last: day,
        zone: jiff::tz::TimeZone::UTC,
        channels: BTreeSet::new(),
        statuses: BTreeSet::new(),
    };
    let report = world.app.sales(&query).await.unwrap();
    assert_eq!(report.rows.len(), 1);
    assert_eq!((report.rows[0].1.count, report.rows[0].1.gross.minor()), (1, 4998));
}

#[tokio::test]
async fn scenario_20_a_combined_order_takes_the_place_of_its_parts() {
    let world = World::new().await;
    unpaid(&world);
    world.pass(SignedDuration::from_mins(5)).await;
    let totals: Vec<_> = world.woo.orders().iter().map(|order| order.totals.total.to_string()).collect();
    assert_eq!((totals, stock(&world)), (vec!["23.98".to_owned(), "28.99".to_owned()], (49, 19)));
    let before = movements(&world);
    world.ebay.combine(&[O1, O2], O3, 499);
    world.pass(SignedDuration::from_mins(10)).await;
    assert_merged(&world).await;
    world.replay().await;
    assert_merged(&world).await;
    assert_eq!(world.woo.orders().len(), 3);
    let most = most_since(&world, before);
    assert!(most.0 <= 49 && most.1 <= 19, "a channel could have been told {most:?}");
    for sku in ["A", "B"] {
        let limit = if sku == "A" { 49 } else { 19 };
        assert!(world.ebay.quantity_updates(sku).iter().all(|update| update.quantity <= limit));
    }
    assert!(world.woo.mails_to_buyers().is_empty());
}

#[tokio::test]
async fn parts_that_were_only_held_give_their_units_to_the_combined_order() {
    let world = World::new().await;
    world.set(|settings| settings.send_when = SendWhen::Paid).await;
    unpaid(&world);
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!((world.woo.orders().len(), stock(&world)), (0, (49, 19)));
    let before = movements(&world);
    world.ebay.combine(&[O1, O2], O3, 499);
    world.pass(SignedDuration::from_mins(10)).await;
    world.replay().await;
    assert_merged(&world).await;
    assert_eq!(world.woo.orders().len(), 1);
    let most = most_since(&world, before);
    assert!(most.0 <= 49 && most.1 <= 19, "a channel could have been told {most:?}");
    for (sku, old) in [("A", O1), ("B", O2)] {
        assert!(matches!(world.order(old).await.import, ImportState::Left(_)));
        assert!(world.app.storage.links.holds(&world.product(sku)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_worker_that_dies_while_orders_merge_neither_loses_nor_doubles_anything() {
    let mut deaths = 0;
    for point in 1..=28 {
        let world = World::new().await;
        unpaid(&world);
        world.pass(SignedDuration::from_mins(5)).await;
        let before = movements(&world);
        world.ebay.combine(&[O1, O2], O3, 499);
        world.advance(SignedDuration::from_mins(3));
        world.ring().await;
        let mut lives = 0;
        for _ in 0..200 {
            for message in world.queue.take_due() {
                let dies = lives < 2 && message.queue != QueueName::Fulfilments;
                let death = if dies { Death(Some((point + lives * 11) % 28 + 1)) } else { Death::default() };
                if world.deliver(&world.worker(), message, death).await == Delivered::Died {
                    lives += 1;
                    deaths += 1;
                }
            }
            match world.queue.next_due() {
                Some(due) => world.clock.set(due.max(world.now())),
                None => break,
            }
        }
        world.pass(SignedDuration::from_mins(30)).await;
        assert_merged(&world).await;
        let most = most_since(&world, before);
        assert!(most.0 <= 49 && most.1 <= 19, "died at {point}: a channel could have been told {most:?}");
    }
    assert!(deaths > 28, "the test must really kill workers; it killed {deaths}");
}

#[tokio::test]
async fn an_unpaid_order_that_is_paid_by_itself_is_nobodys_part() {
    let world = World::new().await;
    unpaid(&world);
    world.pass(SignedDuration::from_mins(5)).await;
    world.ebay.pay(O1);
    world.ebay.pay(O2);
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    assert_eq!((world.woo.orders().len(), stock(&world)), (2, (49, 19)));
    assert!(world.orders().await.iter().all(|order| order.after.superseded_by.is_none()));
}
