//! Packages told to a channel: each once, whatever becomes of the answers.

use connect::{ChannelCapabilities, ConnectError, Effect, ErrorKind, SalesChannel};
use domain::shipment::{Origin, key_of, new_packages};
use domain::{ChannelOrder, Fulfilment, Package};
use fakes::Fault;

use crate::drafts::package;
use crate::kit::Channel;
use crate::subject::NewOrder;
use crate::suite::{Promise, promises};

pub fn promises(can: &ChannelCapabilities) -> Vec<Promise<Channel>> {
    let mut all = promises![
        a_package_arrives_with_its_tracking,
        shipping_twice_is_harmless,
        a_lost_answer_makes_no_second_package,
        packages_go_one_by_one_until_all_is_sent,
        a_package_without_lines_holds_all_that_is_left,
        a_number_is_known_however_it_is_spelt,
        what_the_channel_cannot_take_is_refused_for_certain,
    ];
    if can.ship_without_tracking {
        all.extend(promises![a_package_without_tracking_is_known_again]);
    } else {
        all.extend(promises![a_package_without_tracking_is_refused]);
    }
    all
}

async fn placed(channel: &Channel) -> ChannelOrder {
    let id = channel.fake.place(NewOrder::default());
    channel.wait(60);
    channel.order(&id).await
}

/// Whether the channel shows the package, as the use cases ask: by name, or as what it holds.
async fn is_shown(connector: &dyn SalesChannel, order: &ChannelOrder, package: &Package) -> bool {
    let shown = connector.shipments(&order.id).await.unwrap();
    let known = std::slice::from_ref(package);
    shown.iter().any(|shipment| {
        key_of(shipment) == package.key
            || new_packages(known, std::slice::from_ref(shipment), Origin::Channel).is_empty()
    })
}

/// What a worker does that does not know how the last one ended: it asks before it tells.
async fn tell_once(connector: &dyn SalesChannel, order: &ChannelOrder, package: &Package) -> Result<(), ConnectError> {
    if is_shown(connector, order, package).await {
        return Ok(());
    }
    connector.ship(order, package).await.map(drop)
}

async fn a_package_arrives_with_its_tracking(channel: Channel) {
    let order = placed(&channel).await;
    let line = order.lines[0].id.to_string();
    let told = package(Some("1Z999AA10123456784"), &[(&line, 2)]);
    let sent = channel.connector.ship(&order, &told).await.unwrap();
    assert_eq!(channel.fake.packages(&order.id), [Some("1Z999AA10123456784".to_owned())]);
    let shown = channel.other_worker().shipments(&order.id).await.unwrap();
    assert_eq!(shown.len(), 1);
    let lines = if channel.fake.knows_parts() { told.shipment.lines.clone() } else { Vec::new() };
    assert_eq!((&shown[0].remote_id, &shown[0].lines), (&sent.remote_id, &lines));
    let tracking = shown[0].tracking.clone().unwrap();
    assert_eq!((tracking.normalised().as_str(), tracking.carrier.as_deref()), ("1Z999AA10123456784", Some("UPS")));
    channel.wait(60);
    assert_eq!(channel.order(&order.id).await.fulfilment, in_part(&channel));
}

/// What a platform makes of an order of which some is sent.
fn in_part(channel: &Channel) -> Fulfilment {
    if channel.fake.knows_parts() { Fulfilment::Partial } else { Fulfilment::Shipped }
}

async fn shipping_twice_is_harmless(channel: Channel) {
    let order = placed(&channel).await;
    let line = order.lines[0].id.to_string();
    let told = package(Some("1Z999AA1"), &[(&line, 1)]);
    for _ in 0..3 {
        tell_once(&*channel.other_worker(), &order, &told).await.unwrap();
        assert_eq!(channel.fake.packages(&order.id), [Some("1Z999AA1".to_owned())]);
    }
}

async fn a_lost_answer_makes_no_second_package(channel: Channel) {
    for (number, fault) in [("LOST1", Fault::DropResponse), ("LOST2", Fault::DropRequest)] {
        let order = placed(&channel).await;
        let line = order.lines[0].id.to_string();
        let told = package(Some(number), &[(&line, 1)]);
        for on in ["POST *", "PUT *"] {
            channel.fake.faults().on(on).next(1, fault.clone());
        }
        let lost = channel.connector.ship(&order, &told).await.unwrap_err();
        assert_eq!((lost.kind, lost.effect), (ErrorKind::Network, Effect::Possible), "{fault:?}");
        channel.fake.faults().clear();
        for _ in 0..2 {
            tell_once(&*channel.connector, &order, &told).await.unwrap();
            assert_eq!(channel.fake.packages(&order.id), [Some(number.to_owned())], "{fault:?}");
        }
    }
}

async fn packages_go_one_by_one_until_all_is_sent(channel: Channel) {
    let order = placed(&channel).await;
    let line = order.lines[0].id.to_string();
    for (number, quantity, after) in [("AA1", 1, in_part(&channel)), ("BB2", 2, Fulfilment::Shipped)] {
        tell_once(&*channel.connector, &order, &package(Some(number), &[(&line, quantity)])).await.unwrap();
        channel.wait(60);
        assert_eq!(channel.order(&order.id).await.fulfilment, after);
    }
    assert_eq!(channel.fake.packages(&order.id), [Some("AA1".to_owned()), Some("BB2".to_owned())]);
}

async fn a_package_without_lines_holds_all_that_is_left(channel: Channel) {
    let order = placed(&channel).await;
    let line = order.lines[0].id.to_string();
    tell_once(&*channel.connector, &order, &package(Some("AA1"), &[(&line, 1)])).await.unwrap();
    tell_once(&*channel.connector, &order, &package(Some("BB2"), &[])).await.unwrap();
    channel.wait(60);
    assert_eq!(channel.order(&order.id).await.fulfilment, Fulfilment::Shipped);
    assert_eq!(channel.fake.packages(&order.id).len(), 2);
}

async fn a_number_is_known_however_it_is_spelt(channel: Channel) {
    let order = placed(&channel).await;
    let line = order.lines[0].id.to_string();
    tell_once(&*channel.connector, &order, &package(Some("1z 999-aa 1"), &[(&line, 1)])).await.unwrap();
    tell_once(&*channel.connector, &order, &package(Some("1Z999AA1"), &[(&line, 1)])).await.unwrap();
    assert_eq!(channel.fake.packages(&order.id), [Some("1Z999AA1".to_owned())]);
}

/// Nothing of these reaches the channel's ledger, and nobody is left in doubt.
async fn what_the_channel_cannot_take_is_refused_for_certain(channel: Channel) {
    let order = placed(&channel).await;
    let mut foreign = order.clone();
    foreign.id = channel.fake.unknown_order();
    let line = order.lines[0].id.to_string();
    let told = package(Some("1Z999AA1"), &[(&line, 1)]);
    let error = channel.connector.ship(&foreign, &told).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::NotFound, Effect::None), "{error}");
    channel.fake.cancel(&order.id);
    channel.wait(60);
    let error = channel.connector.ship(&order, &told).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None), "{error}");
    assert!(error.public_message.ends_with('.'), "{}", error.public_message);
    assert_eq!(channel.fake.packages(&order.id).len(), 0);
}

/// It has no number to be known by: the channel must show what it holds, or the next look would tell it again.
async fn a_package_without_tracking_is_known_again(channel: Channel) {
    for lines in [1, 0] {
        let order = placed(&channel).await;
        let line = order.lines[0].id.to_string();
        let all = [(line.as_str(), 2)];
        let told = package(None, &all[..lines]);
        channel.connector.ship(&order, &told).await.unwrap();
        assert!(is_shown(&*channel.connector, &order, &told).await, "{lines} lines");
        for _ in 0..2 {
            tell_once(&*channel.connector, &order, &told).await.unwrap();
            assert_eq!(channel.fake.packages(&order.id), [None]);
        }
    }
}

async fn a_package_without_tracking_is_refused(channel: Channel) {
    let order = placed(&channel).await;
    let error = channel.connector.ship(&order, &package(None, &[])).await.unwrap_err();
    assert_eq!(error.effect, Effect::None);
    assert_eq!(channel.fake.packages(&order.id).len(), 0);
}
