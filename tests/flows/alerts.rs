//! What the owner is mailed: grouped, once, with what to do, and nothing about buyers.

use std::sync::atomic::Ordering;

use app::DomainEvent;
use domain::alerts::AlertSettings;
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;

use crate::world::World;

/// An order whose listing X has no link.
fn unlinked(n: u32) -> OrderSpec {
    OrderSpec::new(&format!("12-00900-{n:05}")).line("X", 1, 1500)
}

#[tokio::test]
async fn fifty_unlinked_orders_are_one_mail_that_says_what_to_do() {
    let world = World::new().await;
    for n in 1..=50 {
        world.ebay.place(unlinked(n));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.events.named("OrderHasUnlinkedProducts"), 50);
    world.deliver_alerts().await;

    let mails = world.mailbox.all();
    let [mail] = &mails[..] else { panic!("{:?}", world.mailbox.subjects()) };
    assert_eq!(mail.subject, "50 orders from eBay wait for a link");
    for body in [&mail.text, &mail.html] {
        assert!(body.contains("Link each item to a product of the main store"), "{body}");
        assert!(body.contains("and 30 more"), "{body}");
        assert!(body.contains("https://console.example/orders/"), "{body}");
        assert!(body.contains("12-00900-"), "{body}");
    }
    let order = world.order("12-00900-00001").await;
    let address = order.source.ship_to.unwrap();
    for private in [address.last_name, address.line1, address.city, address.postcode] {
        assert!(!private.is_empty() && !mail.text.contains(&private), "{private}");
    }
}

#[tokio::test]
async fn more_of_the_same_trouble_waits_for_the_quiet_hour_and_is_one_mail_then() {
    let world = World::new().await;
    world.ebay.place(unlinked(1));
    world.pass(SignedDuration::from_mins(5)).await;
    world.deliver_alerts().await;
    for n in 2..=4 {
        world.ebay.place(unlinked(n));
        world.pass(SignedDuration::from_mins(10)).await;
        world.deliver_alerts().await;
    }
    assert_eq!(world.mailbox.subjects(), ["1 order from eBay waits for a link"]);
    world.pass(SignedDuration::from_mins(60)).await;
    assert_eq!(world.mailbox.subjects(), ["1 order from eBay waits for a link", "3 orders from eBay wait for a link"]);
    world.pass(SignedDuration::from_hours(3)).await;
    assert_eq!((world.mailbox.all().len(), world.queue.len()), (2, 0));
}

#[tokio::test]
async fn what_was_solved_meanwhile_is_not_mailed() {
    let world = World::new().await;
    world.ebay.place(unlinked(1));
    world.pass(SignedDuration::from_mins(5)).await;
    world.link("X", "C", 1).await;
    world.drain().await;
    assert_eq!(world.events.named("OrderHasUnlinkedProducts"), 1);
    world.deliver_alerts().await;
    assert!(world.mailbox.all().is_empty());
}

#[tokio::test]
async fn each_alert_is_sent_while_its_setting_is_on() {
    for (alerts, subjects) in [
        (AlertSettings::default(), vec!["1 order from eBay could not be read (and 1 more)"]),
        (
            AlertSettings { failed_import: false, ..AlertSettings::default() },
            vec!["1 order from eBay waits for a link"],
        ),
        (
            AlertSettings { unlinked_order: false, ..AlertSettings::default() },
            vec!["1 order from eBay could not be read"],
        ),
        (AlertSettings { unlinked_order: false, failed_import: false }, vec![]),
    ] {
        let world = World::new().await;
        world.set(|settings| settings.alerts = alerts).await;
        world.ebay.place(unlinked(1));
        world.ebay.place(unlinked(2).set("/lineItems", serde_json::json!("not a list")));
        world.pass(SignedDuration::from_mins(5)).await;
        world.deliver_alerts().await;
        assert_eq!(world.mailbox.subjects(), subjects, "{alerts:?}");
    }
}

#[tokio::test]
async fn an_import_that_fails_is_mailed_with_the_reason() {
    let world = World::new().await;
    let lost = world.woo.faults().on("POST */orders").always(fakes::Fault::DropRequest);
    world.ebay.place(OrderSpec::new("12-00900-00100").line("A", 1, 1999));
    world.pass(SignedDuration::from_hours(2)).await;
    lost.off();
    assert_eq!(world.events.named("OrderImportFailed"), 1);
    world.deliver_alerts().await;
    let mails = world.mailbox.all();
    let [mail] = &mails[..] else { panic!("{:?}", world.mailbox.subjects()) };
    assert_eq!(mail.subject, "1 order from eBay could not be imported");
    let order = world.order("12-00900-00100").await;
    let view = world.app.order(order.id).await.unwrap().unwrap();
    let line = format!("- Order {} (12-00900-00100): {}", order.number, view.error.unwrap());
    assert!(mail.text.contains(&line), "{line}\n{}", mail.text);
    assert!(mail.text.contains("press Sync"));
}

#[tokio::test]
async fn scenario_21_three_orders_of_a_store_that_is_down_are_one_mail() {
    let world = World::new().await;
    let down = world.woo.maintenance();
    world.pass(SignedDuration::from_mins(2)).await;
    for n in 1..=3 {
        world.ebay.place(OrderSpec::new(&format!("12-00921-0000{n}")).line("A", 1, 1999));
        world.pass(SignedDuration::from_mins(5)).await;
        world.deliver_alerts().await;
    }
    let subjects = world.mailbox.subjects();
    assert_eq!(subjects, ["Your main store The shop has not answered since 08:10 on 18 November"]);
    assert!(world.mailbox.all()[0].text.contains("Your orders are safe"));
    world.pass(SignedDuration::from_mins(43)).await;
    down.off();
    world.pass(SignedDuration::from_mins(30)).await;
    world.deliver_alerts().await;
    assert_eq!(world.woo.orders().len(), 3);
    assert_eq!(world.mailbox.subjects(), subjects);
}

#[tokio::test]
async fn a_withdrawn_key_is_one_mail_that_says_reconnect() {
    let world = World::new().await;
    world.ebay.faults().revoke();
    world.ebay.faults().expire_token();
    world.pass(SignedDuration::from_hours(2)).await;
    world.deliver_alerts().await;
    assert_eq!(world.mailbox.subjects(), ["eBay must be connected again"]);
}

#[tokio::test]
async fn a_mail_that_is_refused_is_sent_again_and_counts_as_told_only_then() {
    let world = World::new().await;
    world.ebay.place(unlinked(1));
    world.pass(SignedDuration::from_mins(5)).await;
    world.mailbox.refuses.store(true, Ordering::Relaxed);
    world.deliver_alerts().await;
    assert!(world.mailbox.all().is_empty());
    world.mailbox.refuses.store(false, Ordering::Relaxed);
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.mailbox.subjects(), ["1 order from eBay waits for a link"]);
}

#[tokio::test]
async fn a_message_that_is_no_event_comes_back_alone() {
    let world = World::new().await;
    world.ebay.place(unlinked(1));
    world.pass(SignedDuration::from_mins(5)).await;
    world.queue.push_raw(crate::world::QueueName::Alerts, "not an event");
    world.deliver_alerts().await;
    assert_eq!((world.mailbox.all().len(), world.queue.len()), (1, 1));
}

#[tokio::test]
async fn names_from_outside_are_escaped_and_begin_no_header() {
    let world = World::new().await;
    let mut connection = world.app.storage.settings.connection(&world.channel).await.unwrap().unwrap();
    connection.name = "<b>Shop</b>\r\nBcc: all@example.test".to_owned();
    world.app.storage.settings.update_connection(&connection).await.unwrap();
    world.ebay.place(unlinked(1));
    world.pass(SignedDuration::from_mins(5)).await;
    world.deliver_alerts().await;
    let mails = world.mailbox.all();
    assert!(!mails[0].subject.contains(['\r', '\n']), "{}", mails[0].subject);
    assert!(mails[0].html.contains("&lt;b&gt;Shop&lt;/b&gt;") && !mails[0].html.contains("<b>"), "{}", mails[0].html);
}

#[tokio::test]
async fn the_most_urgent_trouble_is_the_subject() {
    let world = World::new().await;
    world.ebay.place(unlinked(1));
    world.pass(SignedDuration::from_mins(5)).await;
    let (order_id, connection_id) = (world.order_id("12-00900-00001").await, world.channel.clone());
    let product = world.product("B");
    world.app.events.publish(DomainEvent::Oversold { order_id, connection_id, product, short: 1 }).await.unwrap();
    world.deliver_alerts().await;
    assert_eq!(world.mailbox.subjects(), ["1 product is oversold on eBay (and 1 more)"]);
    assert!(world.mailbox.all()[0].text.contains("is short by 1"));
}
