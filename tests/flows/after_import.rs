//! After the import: what the channel returned, canceled, or edited, in the store and in the books, each once.

use std::collections::BTreeSet;

use app::{Job, ReportQuery};
use domain::report::Row;
use domain::settings::RestockRefunds;
use domain::status::{OrderStatus, RefundStatus, refund_status, status};
use domain::tab::Tab;
use fakes::ebay::{OrderSpec, RefundOf};
use fakes::woocommerce::{Tracking, WooShop};
use jiff::SignedDuration;

use crate::scenarios_whole::count;
use crate::world::{Death, Delivered, QueueName, Setup, World};

async fn in_usd() -> World {
    World::with(Setup { shop: WooShop::new().currency("USD"), ..Setup::default() }).await
}

/// The order of scenario 15: A x2 at 3000, B x1 4000, shipping 500, total 10500.
fn order_15(id: &str) -> OrderSpec {
    let order = OrderSpec::new(id).currency("USD".parse().unwrap());
    order.line("A", 2, 3000).line("B", 1, 4000).shipping(500)
}

async fn imported(world: &World, spec: OrderSpec) -> u64 {
    let id = spec.id.clone();
    world.ebay.place(spec);
    world.pass(SignedDuration::from_mins(5)).await;
    world.order(&id).await.import.store_order().unwrap().as_str().parse().unwrap()
}

async fn settle(world: &World) {
    world.pass(SignedDuration::from_mins(5)).await;
}

fn stock(world: &World) -> (i64, i64) {
    (world.woo.stock("A").unwrap(), world.woo.stock("B").unwrap())
}

/// The amounts that the store's books hold as refunded, oldest first.
fn recorded(world: &World) -> Vec<String> {
    world.woo.refunds().iter().map(|refund| refund.amount.to_string()).collect()
}

async fn report(world: &World) -> Row {
    let day = jiff::civil::date(2026, 11, 18);
    let query = ReportQuery {
        first: day,
        last: day,
        zone: jiff::tz::TimeZone::UTC,
        channels: BTreeSet::new(),
        statuses: BTreeSet::new(),
    };
    world.app.sales(&query).await.unwrap().rows[0].1.clone()
}

fn money(row: &Row) -> (i64, i64, i64) {
    (row.gross.minor(), row.refunds.minor(), row.net.minor())
}

#[tokio::test]
async fn scenario_15_refunds_by_amount_are_recorded_and_restock_what_is_paid_back() {
    let world = in_usd().await;
    let id = "12-00015-00001";
    let store_id = imported(&world, order_15(id)).await;
    assert_eq!(stock(&world), (48, 19));

    // (a) goodwill on the order.
    world.ebay.refund(id, RefundOf::Amount(700));
    settle(&world).await;
    world.replay().await;
    assert_eq!((recorded(&world), stock(&world)), (vec!["7.00".to_owned()], (48, 19)));
    assert!(world.story(id).await.iter().any(|line| line.contains("refund without quantity")));
    assert_eq!(money(&report(&world).await), (10500, 700, 9800));
    assert_eq!(refund_status(&world.order(id).await), RefundStatus::Partial);

    // (b) the whole of B.
    let line_b = world.ebay.order(id).unwrap().spec.line_id(1);
    world.ebay.refund(id, RefundOf::Line { line_id: line_b, amount: 4000 });
    settle(&world).await;
    world.replay().await;
    assert_eq!(stock(&world), (48, 20));
    assert_eq!(money(&report(&world).await), (10500, 4700, 5800));

    // (c) the rest.
    world.ebay.refund(id, RefundOf::Amount(5800));
    settle(&world).await;
    world.replay().await;
    assert_eq!((recorded(&world).join(" "), stock(&world)), ("7.00 40.00 58.00".to_owned(), (50, 20)));
    assert_eq!(money(&report(&world).await), (10500, 10500, 0));
    assert_eq!(world.woo.order(store_id).unwrap().status.as_str(), "refunded");
    let order = world.order(id).await;
    assert_eq!((status(&order, false), count(&world, Tab::Canceled).await), (OrderStatus::Canceled, 1));
    assert!(order.stock.iter().all(|line| line.outstanding() == 0), "{:?}", order.stock);
    assert!(world.woo.refunds().iter().all(|refund| !refund.gateway_called));
    assert!(world.woo.mails_to_buyers().is_empty());
    assert_eq!(world.ebay.refund_requests(), 0);
}

#[tokio::test]
async fn scenario_15d_shipped_goods_stay_out_of_stock_where_only_unshipped_ones_come_back() {
    let world = in_usd().await;
    world.set(|settings| settings.restock_refunds = RestockRefunds::UnshippedOnly).await;
    let id = "12-00015-00002";
    let store_id = imported(&world, order_15(id)).await;
    let package = Tracking { provider: "UPS".to_owned(), number: "1Z999AA1".to_owned() };
    world.woo.ship(store_id, &[package]).unwrap();
    world.woo.complete(store_id).unwrap();
    settle(&world).await;
    let line_b = world.ebay.order(id).unwrap().spec.line_id(1);
    world.ebay.refund(id, RefundOf::Line { line_id: line_b, amount: 4000 });
    settle(&world).await;
    world.replay().await;
    assert_eq!((recorded(&world), stock(&world)), (vec!["40.00".to_owned()], (48, 19)));
    let story = world.story(id).await;
    assert!(story.iter().any(|line| line.contains("restock_refunds = unshipped_only")), "{story:?}");
}

#[tokio::test]
async fn scenario_18_a_refund_of_a_shipped_order_is_recorded_and_mails_nobody() {
    let world = World::new().await;
    let id = "12-00018-00001";
    let spec = OrderSpec::new(id).line("A", 2, 1999).line("B", 1, 2500).shipping(399);
    let (a, b) = (spec.line_id(0), spec.line_id(1));
    imported(&world, spec).await;
    world.ebay.ship_by_label(id, "RoyalMail", "RM1", &[(&a, 2), (&b, 1)]);
    settle(&world).await;
    world.ebay.refund(id, RefundOf::Amount(100));
    settle(&world).await;
    world.replay().await;
    assert_eq!(recorded(&world), ["1.00"]);
    assert!(world.woo.mails_to_buyers().is_empty(), "{:?}", world.woo.mails());
}

#[tokio::test]
async fn a_refund_of_an_order_with_an_unlinked_line_brings_only_linked_units_back() {
    let world = World::new().await;
    world.set(|settings| settings.auto_import = domain::settings::AutoImport::All).await;
    let id = "12-00003-00001";
    imported(&world, OrderSpec::new(id).line("A", 1, 1999).line("X", 1, 1500).shipping(399)).await;
    assert_eq!(world.woo.stock("A"), Some(49));
    world.ebay.refund(id, RefundOf::Rest);
    settle(&world).await;
    world.replay().await;
    assert_eq!((recorded(&world), world.woo.stock("A")), (vec!["38.98".to_owned()], Some(50)));
    assert_eq!(world.woo.orders()[0].status.as_str(), "refunded");
}

#[tokio::test]
async fn units_that_the_shops_people_put_back_themselves_count() {
    let world = in_usd().await;
    let id = "12-00015-00003";
    let store_id = imported(&world, order_15(id)).await;
    let json = world.woo.order_json(store_id).unwrap();
    let line = &json["line_items"][1]["id"];
    world
        .woo
        .refund(
            store_id,
            &serde_json::json!({
                "amount": "0", "api_refund": false, "api_restock": true,
                "line_items": [{"id": line, "quantity": 1, "refund_total": "0"}],
            }),
        )
        .unwrap();
    assert_eq!(stock(&world), (48, 20));
    let line_b = world.ebay.order(id).unwrap().spec.line_id(1);
    world.ebay.refund(id, RefundOf::Line { line_id: line_b, amount: 4000 });
    settle(&world).await;
    world.replay().await;
    assert_eq!(stock(&world), (48, 20));
    assert_eq!(recorded(&world), ["0", "40.00"]);
}

#[tokio::test]
async fn a_canceled_order_whose_lines_came_back_before_is_not_restocked_again() {
    let world = in_usd().await;
    let id = "12-00015-00004";
    imported(&world, order_15(id)).await;
    let line_b = world.ebay.order(id).unwrap().spec.line_id(1);
    world.ebay.refund(id, RefundOf::Line { line_id: line_b, amount: 4000 });
    settle(&world).await;
    assert_eq!(stock(&world), (48, 20));
    world.ebay.cancel(id);
    settle(&world).await;
    world.replay().await;
    assert_eq!(stock(&world), (50, 20));
}

#[tokio::test]
async fn held_units_of_a_refunded_line_come_back_before_the_import() {
    let world = World::new().await;
    let id = "12-00015-00005";
    world.ebay.place(OrderSpec::new(id).line("A", 1, 1999).line("B", 1, 2500).line("X", 1, 1500));
    settle(&world).await;
    assert_eq!(stock(&world), (49, 19));
    let line_b = world.ebay.order(id).unwrap().spec.line_id(1);
    world.ebay.refund(id, RefundOf::Line { line_id: line_b, amount: 2500 });
    settle(&world).await;
    world.replay().await;
    assert_eq!((stock(&world), world.woo.orders().len()), ((49, 20), 0));
    // Linked, it is imported as it was sold, and the refund is recorded on it.
    world.link("X", "C", 1).await;
    settle(&world).await;
    world.replay().await;
    assert_eq!((stock(&world), world.woo.stock("C")), ((49, 20), Some(9)));
    assert_eq!(recorded(&world), ["25.00"]);
    assert_eq!(world.woo.order_json(world.woo.orders()[0].id).unwrap()["total"], "59.99");
}

#[tokio::test]
async fn an_order_refunded_in_full_before_its_import_is_left_and_holds_nothing() {
    let world = World::new().await;
    let id = "12-00015-00006";
    world.ebay.place(OrderSpec::new(id).line("A", 1, 1999).line("X", 1, 1500));
    settle(&world).await;
    assert_eq!(world.woo.stock("A"), Some(49));
    world.ebay.refund(id, RefundOf::Rest);
    settle(&world).await;
    world.link("X", "C", 1).await;
    world.replay().await;
    assert_eq!((world.woo.stock("A"), world.woo.orders().len()), (Some(50), 0));
    let product = world.product("A");
    assert!(world.app.storage.links.holds(&product).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_looked_up_and_recorded_once() {
    let world = in_usd().await;
    let id = "12-00015-00007";
    imported(&world, order_15(id)).await;
    world.woo.faults().on("POST */refunds").drop_response(1);
    let line_b = world.ebay.order(id).unwrap().spec.line_id(1);
    world.ebay.refund(id, RefundOf::Line { line_id: line_b, amount: 4000 });
    world.pass(SignedDuration::from_mins(3)).await;
    let posts =
        || world.woo.calls().all().iter().filter(|c| c.method == "POST" && c.path.ends_with("/refunds")).count();
    world.pass(SignedDuration::from_mins(15)).await;
    world.replay().await;
    assert_eq!((recorded(&world), stock(&world)), (vec!["40.00".to_owned()], (48, 20)));
    assert_eq!(posts(), 1, "what was taken is not sent again");
}

#[tokio::test]
async fn a_worker_that_dies_while_recording_a_refund_records_and_restocks_once() {
    let world = in_usd().await;
    let mut deaths = 0;
    for n in 1..=40 {
        let id = format!("12-01500-{n:05}");
        imported(&world, order_15(&id)).await;
        let line_b = world.ebay.order(&id).unwrap().spec.line_id(1);
        world.ebay.refund(&id, RefundOf::Line { line_id: line_b, amount: 4000 });
        world.advance(SignedDuration::from_mins(3));
        world.ring().await;
        let mut lives = 0;
        for _ in 0..200 {
            for message in world.queue.take_due() {
                let dies = message.queue == QueueName::Orders && lives < 2;
                let death = if dies { Death(Some((n + lives * 7) % 40 + 1)) } else { Death::default() };
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
        let order = world.order(&id).await;
        assert_eq!(order.stock.iter().map(|line| line.restored).sum::<u32>(), 1, "{:?} {:?}", order.stock, order.after);
    }
    assert!(deaths > 40, "the test must really kill workers; it killed {deaths}");
    assert_eq!(recorded(&world), vec!["40.00"; 40]);
    assert_eq!(stock(&world), (50 - 80, 20));
}

#[tokio::test]
async fn two_workers_at_once_record_a_refund_once() {
    let world = in_usd().await;
    let id = "12-00015-00008";
    imported(&world, order_15(id)).await;
    world.ebay.refund(id, RefundOf::Rest);
    world.advance(SignedDuration::from_mins(3));
    world.ring().await;
    for message in world.queue.take_due() {
        world.deliver(&world.app, message, Death::default()).await;
    }
    let order = world.order(id).await.id;
    for _ in 0..3 {
        world.queue_now(&[Job::import(order)]).await;
    }
    let messages = world.queue.take_due();
    let workers: Vec<_> = messages.iter().map(|_| world.worker()).collect();
    let all = messages.iter().zip(&workers).map(|(m, worker)| crate::world::deliver_to(worker, m, Death::default()));
    futures_util::future::join_all(all).await;
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!((recorded(&world), stock(&world)), (vec!["105.00".to_owned()], (50, 20)));
}
