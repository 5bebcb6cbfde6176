//! E12: carriers in the channel's words, and those that it does not know.

use connect::ChannelCapabilities;
use fakes::woocommerce::Tracking;

use crate::paper::{settle, with_channel};
use crate::world::paper_channel::{PAPER_CHANNEL, add_line, paper_order};

/// A shipment needs carrier and number.
const NUMBERED: ChannelCapabilities =
    ChannelCapabilities { ship_without_tracking: false, edit_tracking: false, ..PAPER_CHANNEL };

#[tokio::test]
async fn a_carrier_is_told_to_the_channel_by_the_name_that_the_merchant_mapped() {
    let (world, channel, id) = with_channel("USD", "amazon", NUMBERED).await;
    world.set_on(&id, |settings| drop(settings.carriers.insert("UPS".to_owned(), "UPS_GROUND".to_owned()))).await;
    let mut order = paper_order("AM3", "USD", "US", world.now());
    add_line(&mut order, "A", 1, 2999);
    channel.place(order);
    settle(&world).await;
    let store_id = world.woo.orders()[0].id;
    world.woo.ship(store_id, &[Tracking { provider: "ups".to_owned(), number: "1Z999AA1".to_owned() }]).unwrap();
    settle(&world).await;
    let told = channel.shipments_of("AM3");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].tracking.as_ref().and_then(|tracking| tracking.carrier.as_deref()), Some("UPS_GROUND"));
}

#[tokio::test]
async fn a_carrier_that_the_channel_does_not_know_is_told_before_its_package_goes_out() {
    let can = ChannelCapabilities { carriers: &["UPS", "Royal Mail"], ..NUMBERED };
    let (world, channel, id) = with_channel("USD", "amazon", can).await;
    let nowhere = world.app.settings(&id).await.unwrap().settings;
    let mut nowhere = domain::ChannelSettings { carriers: [("x".to_owned(), "Pigeon".to_owned())].into(), ..nowhere };
    let faults = world.app.setting_faults(&id, &nowhere).await.unwrap();
    assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["carriers[x]"]);
    nowhere.carriers = [("Brown trucks".to_owned(), "ups".to_owned())].into();
    assert!(world.app.setting_faults(&id, &nowhere).await.unwrap().is_empty());
    world.set_on(&id, |settings| settings.carriers.clone_from(&nowhere.carriers)).await;
    for (number, carrier, flagged) in
        [("K1", "royal-mail", false), ("K2", "Brown Trucks", false), ("K3", "Pigeon", true)]
    {
        let mut order = paper_order(number, "USD", "US", world.now());
        add_line(&mut order, "A", 1, 2999);
        channel.place(order);
        settle(&world).await;
        let store_id = world.woo.orders().iter().map(|order| order.id).max().unwrap();
        world.woo.ship(store_id, &[Tracking { provider: carrier.to_owned(), number: format!("1Z{number}") }]).unwrap();
        settle(&world).await;
        assert_eq!(channel.shipments_of(number).len(), 1, "{carrier}");
        let story = world.story(number).await;
        assert_eq!(story.iter().any(|line| line.contains("no carrier called")), flagged, "{story:?}");
    }
}
