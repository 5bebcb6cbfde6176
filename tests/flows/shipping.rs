//! Scenarios 17 and 18: packages travel both ways, each once, with their lines and numbers.

use domain::status::OrderStatus;
use fakes::ebay::OrderSpec;
use fakes::woocommerce::MailKind;
use jiff::SignedDuration;

use crate::scenarios::{order_1, status_of};
use crate::world::World;

/// Packages with their lines, as Advanced Shipment Tracking notes them: (number, id of the package, [(store line, quantity)]).
fn packages(world: &World, store_id: u64, packages: &[(&str, &str, &[(usize, u32)])]) {
    let json = world.woo.order_json(store_id).unwrap();
    let items = packages.iter().map(|(number, id, lines)| {
        let lines = lines.iter().map(|(line, quantity)| {
            let line = &json["line_items"][*line];
            serde_json::json!({"product": line["product_id"], "item_id": line["id"], "qty": quantity})
        });
        serde_json::json!({
            "tracking_provider": "ups", "custom_tracking_provider": "", "custom_tracking_link": "",
            "tracking_number": number, "date_shipped": world.now().as_second().to_string(), "tracking_id": id,
            "products_list": lines.collect::<Vec<_>>(),
        })
    });
    let items = serde_json::Value::Array(items.collect());
    world.woo.set_order_meta(store_id, "_wc_shipment_tracking_items", &items).unwrap();
}

#[tokio::test]
async fn scenario_17_split_shipments_reach_the_channel_once_each() {
    let world = World::new().await;
    let id = "12-00017-00001";
    world.ebay.place(OrderSpec::new(id).line("A", 3, 1999).line("B", 1, 2500).shipping(399));
    world.pass(SignedDuration::from_mins(5)).await;
    let store_id: u64 = world.woo.orders()[0].id;
    assert_eq!(world.woo.order_json(store_id).unwrap()["total"], "88.96");

    packages(&world, store_id, &[("1Z 999 AA1", "p1", &[(0, 2)])]);
    // The first answer is lost: the next look finds the package on the channel and does not send it again.
    world.ebay.faults().on("POST */shipping_fulfillment").drop_response(1);
    world.pass(SignedDuration::from_mins(10)).await;
    let sent = world.ebay.fulfilments(id);
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].carrier.as_deref(), sent[0].tracking.as_deref()), (Some("UPS"), Some("1Z999AA1")));
    assert_eq!(status_of(&world, id).await, OrderStatus::Shipping);

    packages(&world, store_id, &[("1Z 999 AA1", "p1", &[(0, 2)]), ("JD014", "p2", &[(0, 1), (1, 1)])]);
    world.woo.complete(store_id).unwrap();
    world.pass(SignedDuration::from_mins(10)).await;
    let spec = world.ebay.order(id).unwrap().spec;
    let of = |n: usize| {
        let mut lines = world.ebay.fulfilments(id)[n].lines.clone();
        lines.sort();
        lines
    };
    assert_eq!(of(0), [(spec.line_id(0), 2)]);
    let mut second = vec![(spec.line_id(0), 1), (spec.line_id(1), 1)];
    second.sort();
    assert_eq!(of(1), second);
    assert_eq!(status_of(&world, id).await, OrderStatus::Completed);
    world.replay().await;
    assert_eq!(world.ebay.fulfilments(id).len(), 2);

    // The number of the first package is corrected in the store: eBay cannot change it.
    packages(&world, store_id, &[("1Z999AA9", "p1", &[(0, 2)]), ("JD014", "p2", &[(0, 1), (1, 1)])]);
    world.pass(SignedDuration::from_mins(10)).await;
    world.replay().await;
    assert_eq!(world.ebay.fulfilments(id).len(), 2);
    let story = world.story(id).await;
    assert!(story.iter().any(|line| line.contains("1Z999AA9") && line.contains("cannot change tracking")), "{story:?}");
    assert_eq!(world.ebay.violations(), Vec::new());
}

#[tokio::test]
async fn scenario_18_shipped_on_the_channel_completes_the_store_and_mails_nobody() {
    let world = World::new().await;
    world.ebay.place(order_1());
    world.pass(SignedDuration::from_mins(3)).await;
    let spec_lines = world.ebay.order("12-00001-00001").unwrap();
    let lines: Vec<(String, u32)> = spec_lines.spec.line_ids().into_iter().zip([2, 1]).collect();
    let lines: Vec<(&str, u32)> = lines.iter().map(|(id, quantity)| (id.as_str(), *quantity)).collect();
    world.ebay.ship_by_label("12-00001-00001", "RoyalMail", "RM1", &lines);
    world.pass(SignedDuration::from_mins(10)).await;
    world.replay().await;

    let json = world.woo.order_json(world.woo.orders()[0].id).unwrap();
    assert_eq!(json["status"], "completed");
    assert_eq!(json.to_string().matches("RM1").count(), 1, "the tracking stands there once: {json}");
    assert!(world.woo.mails_to_buyers().is_empty());
    let own = world.ebay.fulfilments("12-00001-00001");
    assert_eq!(own.len(), 1, "nothing was written back to the channel");
    assert_eq!(status_of(&world, "12-00001-00001").await, OrderStatus::Completed);
    assert!(world.woo.mails().iter().any(|mail| mail.kind == MailKind::OwnerNewOrder));
}

#[tokio::test]
async fn scenario_18_the_owners_new_order_mail_is_kept_back_when_so_set() {
    let world = World::new().await;
    world.set(|settings| settings.mails.suppress_owner_mail = true).await;
    world.ebay.place(order_1());
    world.pass(SignedDuration::from_mins(3)).await;
    assert_eq!(world.woo.orders().len(), 1);
    assert!(world.woo.mails().is_empty(), "{:?}", world.woo.mails());
}

#[tokio::test]
async fn scenario_18_part_of_the_order_shipped_on_the_channel_writes_tracking_only() {
    let world = World::new().await;
    world.ebay.place(order_1());
    world.pass(SignedDuration::from_mins(3)).await;
    let first_line = world.ebay.order("12-00001-00001").unwrap().spec.line_id(0);
    world.ebay.ship_by_label("12-00001-00001", "RoyalMail", "RM1", &[(&first_line, 1)]);
    world.pass(SignedDuration::from_mins(10)).await;
    let json = world.woo.order_json(world.woo.orders()[0].id).unwrap();
    assert_eq!(json["status"], "processing");
    assert!(json.to_string().contains("RM1"));
    assert_eq!(status_of(&world, "12-00001-00001").await, OrderStatus::Shipping);
}

#[tokio::test]
async fn a_package_of_a_two_pack_counts_in_the_channels_units() {
    let world = World::new().await;
    world.link("X", "A", 2).await;
    let id = "12-00016-00001";
    world.ebay.place(OrderSpec::new(id).line("X", 3, 1500));
    world.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(world.woo.stock("A"), Some(44));
    let store_id = world.woo.orders()[0].id;
    packages(&world, store_id, &[("JD0160", "p1", &[(0, 4)])]);
    world.pass(SignedDuration::from_mins(5)).await;
    let line = world.ebay.order(id).unwrap().spec.line_id(0);
    assert_eq!(world.ebay.fulfilments(id)[0].lines, [(line, 2)]);
}
