//! Each order once, whatever dies, is lost, comes late or comes three times (DESIGN settled 2 and 4).

use app::Job;
use domain::ImportState;
use fakes::ebay::OrderSpec;
use fakes::woocommerce::WooShop;
use jiff::SignedDuration;

use crate::world::{Death, Delivered, QueueName, Setup, World, deliver_to};

const SEEDS: u32 = 100;

fn order(n: u32) -> OrderSpec {
    OrderSpec::new(&format!("12-{:05}-{n:05}", n / 100)).line("A", 1, 1999).line("B", 1, 2500).shipping(399)
}

/// Every order is in the store once and the state says so.
async fn assert_all_imported(world: &World, count: usize) {
    world.assert_no_duplicates();
    let orders = world.orders().await;
    let open: Vec<_> = orders.iter().filter(|order| !matches!(order.import, ImportState::Imported { .. })).collect();
    assert!(
        open.is_empty(),
        "not imported: {:?}",
        open.iter().map(|order| (&order.import, &order.trace)).collect::<Vec<_>>()
    );
    assert_eq!(orders.len(), count);
    assert_eq!(world.woo.orders().len(), count, "lost or doubled in the store");
}

#[tokio::test]
async fn a_worker_that_dies_at_any_await_neither_loses_nor_doubles_an_order() {
    for version_9_4 in [false, true] {
        let shop = if version_9_4 { WooShop::new().version_9_4() } else { WooShop::new() };
        let world = World::with(Setup { shop: shop.currency("GBP"), ..Setup::default() }).await;
        let mut deaths = 0;
        let mut placed = 0;
        // Each seed is one order whose worker dies at one await point further on, and again at every later life.
        for seed in 1..=SEEDS {
            placed += 1;
            world.ebay.place(order(placed));
            world.advance(SignedDuration::from_mins(3));
            world.ring().await;
            let mut lives = 0;
            for _ in 0..400 {
                for message in world.queue.take_due() {
                    let dies = message.queue == QueueName::Orders && lives < 2;
                    let death = if dies { Death(Some((seed + lives * 7) % 60 + 1)) } else { Death::default() };
                    let worker = world.worker();
                    if world.deliver(&worker, message, death).await == Delivered::Died {
                        deaths += 1;
                        lives += 1;
                    }
                }
                match world.queue.next_due() {
                    Some(due) => world.clock.set(due.max(world.now())),
                    None => break,
                }
            }
            world.assert_no_duplicates();
        }
        assert!(deaths > 50, "the test must really kill workers; it killed {deaths}");
        world.pass(SignedDuration::from_mins(30)).await;
        assert_all_imported(&world, placed as usize).await;
        assert_eq!(world.woo.stock("A"), Some(50 - i64::from(placed)));
    }
}

#[tokio::test]
async fn a_poller_that_dies_at_any_await_loses_no_order() {
    let world = World::new().await;
    let mut deaths = 0;
    for n in 1..=60 {
        world.ebay.place(order(n));
        world.advance(SignedDuration::from_mins(6));
        world.ring().await;
        for message in world.queue.take_due() {
            let death = if message.queue == QueueName::Polls { Death(Some(n)) } else { Death::default() };
            if world.deliver(&world.worker(), message, death).await == Delivered::Died {
                deaths += 1;
            }
        }
    }
    assert!(deaths > 20, "{deaths}");
    world.pass(SignedDuration::from_mins(20)).await;
    assert_all_imported(&world, 60).await;
}

#[tokio::test]
async fn each_job_delivered_three_times_at_once_makes_one_create() {
    let world = World::new().await;
    for n in 1..=20 {
        world.ebay.place(order(n));
    }
    world.advance(SignedDuration::from_mins(3));
    world.ring().await;
    for _ in 0..30 {
        for message in world.queue.take_due() {
            let (one, two, three) = (world.worker(), world.worker(), world.worker());
            let alive = Death::default();
            tokio::join!(
                deliver_to(&one, &message, alive),
                deliver_to(&two, &message, alive),
                deliver_to(&three, &message, alive)
            );
        }
        world.advance(SignedDuration::from_secs(31));
    }
    assert_all_imported(&world, 20).await;
    assert_eq!(world.woo.creates().len(), 20);
}

#[tokio::test]
async fn lost_answers_and_a_lagging_search_make_no_duplicate_in_2000_imports() {
    let world = World::new().await;
    let lost = world.woo.faults().on("POST */orders").drop_response_each(5, 42);
    world.woo.faults().search_lag(SignedDuration::from_secs(90));
    for n in 1..=2_000 {
        world.ebay.place(order(n));
        if n % 200 == 0 {
            world.pass(SignedDuration::from_mins(2)).await;
        }
    }
    world.pass(SignedDuration::from_mins(20)).await;
    lost.off();
    world.pass(SignedDuration::from_mins(30)).await;
    world.assert_no_duplicates();
    assert_eq!(world.woo.orders().len(), 2_000);
    assert_eq!(world.woo.stock("A"), Some(50 - 2_000));
    assert_eq!(world.queue.dead(), 0);
}

#[tokio::test]
async fn scenario_19_a_lost_answer_is_adopted_and_the_stale_commit_is_refused() {
    let world = World::new().await;
    world.ebay.place(OrderSpec::new("12-00019-00001").line("A", 2, 1999).line("B", 1, 2500).shipping(399));
    world.woo.faults().on("POST */orders").drop_response(1);
    world.woo.faults().search_lag(SignedDuration::from_mins(1));
    world.pass(SignedDuration::from_mins(3)).await;
    let unknown = world.order("12-00019-00001").await;
    assert!(matches!(unknown.import, ImportState::Unknown { attempt: 1, .. }), "{:?}", unknown.import);
    for _ in 0..3 {
        world.queue_now(&[Job::import(unknown.id)]).await;
    }
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(world.woo.orders().len(), 1);
    assert_eq!(world.woo.order_json(world.woo.orders()[0].id).unwrap()["total"], "68.97");
    assert_eq!((world.woo.stock("A"), world.woo.stock("B")), (Some(48), Some(19)));
    assert_all_imported(&world, 1).await;
    // A worker that wakes up with what it read before: its fence is no longer the newest.
    let stale = storage::Change {
        import: Some(ImportState::Failed { why: "a stale worker".into(), refused: false }),
        ..storage::Change::default()
    };
    let updated = world.app.storage.orders.update(&unknown, stale).await.unwrap();
    assert!(matches!(updated, storage::Updated::Conflict(_)), "{updated:?}");
    let story = world.story("12-00019-00001").await;
    assert!(story.iter().any(|line| line.contains("got no clear answer")), "{story:?}");
    assert!(story.iter().any(|line| line.contains("had taken the order although its answer was lost")), "{story:?}");
}

#[tokio::test]
async fn a_zombie_past_its_lease_neither_sends_nor_commits() {
    let world = World::new().await;
    for n in 1..=30 {
        world.ebay.place(order(n));
    }
    world.advance(SignedDuration::from_mins(3));
    world.ring().await;
    // Polls first, so that the orders' doorbells are queued.
    for message in world.queue.take_due() {
        world.deliver(&world.app, message, Death::default()).await;
    }
    // Each worker stops somewhere in the middle, sleeps past its lease, and goes on when another has done the work.
    for (n, message) in world.queue.take_due().into_iter().enumerate() {
        let (zombie, other) = (world.worker(), world.worker());
        let mut sleeper = Box::pin(deliver_to(&zombie, &message, Death::default()));
        let mut points = n + 1;
        let stopped = std::future::poll_fn(|context| {
            let polled = sleeper.as_mut().poll(context);
            points = points.saturating_sub(1);
            match polled {
                std::task::Poll::Ready(_) => std::task::Poll::Ready(false),
                std::task::Poll::Pending if points == 0 => std::task::Poll::Ready(true),
                std::task::Poll::Pending => std::task::Poll::Pending,
            }
        })
        .await;
        world.advance(SignedDuration::from_mins(5));
        deliver_to(&other, &message, Death::default()).await;
        if stopped {
            sleeper.await;
        }
    }
    world.pass(SignedDuration::from_mins(30)).await;
    assert_all_imported(&world, 30).await;
}

#[tokio::test]
async fn dynamodb_losing_answers_is_recognised_as_our_own_write() {
    let world = World::new().await;
    world.dynamo.faults.on("*/orders/UpdateItem").drop_response_each(30, 7);
    world.dynamo.faults.on("*/orders/PutItem").drop_response_each(30, 8);
    for n in 1..=40 {
        world.ebay.place(order(n));
    }
    world.pass(SignedDuration::from_mins(30)).await;
    world.dynamo.faults.clear();
    world.pass(SignedDuration::from_mins(30)).await;
    assert_all_imported(&world, 40).await;
}

#[tokio::test]
async fn a_worker_that_dies_while_holding_stock_never_deducts_twice_and_says_so() {
    let world = World::new().await;
    let mut deaths = 0;
    for n in 1..=40 {
        // X is not linked: the order waits, and A is deducted by us.
        world.ebay.place(OrderSpec::new(&format!("12-00900-{n:05}")).line("A", 1, 1999).line("X", 1, 1500));
        world.advance(SignedDuration::from_mins(3));
        world.ring().await;
        let mut died = false;
        for _ in 0..100 {
            for message in world.queue.take_due() {
                let dies = message.queue == QueueName::Orders && !died;
                let death = if dies { Death(Some(n)) } else { Death::default() };
                if world.deliver(&world.worker(), message, death).await == Delivered::Died {
                    died = true;
                    deaths += 1;
                }
            }
            match world.queue.next_due() {
                Some(due) => world.clock.set(due.max(world.now())),
                None => break,
            }
        }
    }
    assert!(deaths > 20, "{deaths}");
    world.pass(SignedDuration::from_mins(20)).await;
    let moved = world.woo.movements("A");
    for order in world.orders().await {
        assert!(matches!(order.import, ImportState::Waiting(_)), "{:?}", order.import);
        assert_eq!(order.stock.len(), 1, "{:?}", order.stock);
    }
    let orders = world.orders().await;
    let unsure = orders.iter().filter(|o| o.stock[0].state == domain::stock::StockState::Unknown).count();
    let held = orders.iter().filter(|o| o.stock[0].state == domain::stock::StockState::Held).count();
    assert_eq!(held + unsure, 40);
    let deducted = usize::try_from(50 - world.woo.stock("A").unwrap()).unwrap();
    assert!(
        held <= deducted && deducted <= held + unsure,
        "{held} held, {unsure} in doubt, {deducted} deducted: {moved:?}"
    );
    for order in orders.iter().filter(|order| order.stock[0].state == domain::stock::StockState::Unknown) {
        let view = world.app.order(order.id).await.unwrap().unwrap();
        assert!(view.error.is_some_and(|error| error.contains("Nobody knows whether the stock")));
    }
}

#[tokio::test]
async fn a_worker_that_dies_while_shipping_sends_each_package_once() {
    let world = World::new().await;
    for n in 1..=50 {
        world.ebay.place(order(n));
    }
    world.woo.set_stock("A", 1_000);
    world.pass(SignedDuration::from_mins(5)).await;
    for (n, store_order) in world.woo.orders().iter().enumerate() {
        let package = fakes::woocommerce::Tracking { provider: "UPS".to_owned(), number: format!("1Z999AA{n:04}") };
        world.woo.ship(store_order.id, &[package]).unwrap();
        world.woo.complete(store_order.id).unwrap();
    }
    world.advance(SignedDuration::from_mins(1));
    world.ring().await;
    let mut deaths = 0;
    for round in 0..200_u32 {
        for (n, message) in (1_u32..).zip(world.queue.take_due()) {
            let dies = message.queue == QueueName::Fulfilments && message.received == 0;
            let death = if dies { Death(Some((n + round) % 20 + 1)) } else { Death::default() };
            if world.deliver(&world.worker(), message, death).await == Delivered::Died {
                deaths += 1;
            }
        }
        match world.queue.next_due() {
            Some(due) => world.clock.set(due.max(world.now())),
            None => break,
        }
    }
    assert!(deaths > 20, "{deaths}");
    world.pass(SignedDuration::from_mins(30)).await;
    for order in world.ebay.orders() {
        assert_eq!(world.ebay.fulfilments(&order.spec.id).len(), 1, "{}", order.spec.id);
    }
}
