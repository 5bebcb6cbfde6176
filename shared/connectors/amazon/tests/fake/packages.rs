//! Packages: told once each, edited in place, refused where Amazon would.

use connect::{Effect, ErrorKind, SalesChannel};
use domain::Fulfilment;
use domain::shipment::Tracking;
use fakes::amazon::OrderSpec;
use jiff::SignedDuration;

use crate::{number, one, package, shop};

#[tokio::test]
async fn two_packages_are_told_once_each_under_numbers_of_ours() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 3, 1999).line("B", 1, 2500).shipping(399);
    let (a, b) = (spec.item_id(0), spec.item_id(1));
    fake.place(spec);
    let order = one(&amazon, &number(1)).await;
    let first = package(Some(("1Z 999 AA1", Some("United Parcel Service"))), &[(&a, 2)]);
    let sent = amazon.ship(&order, &first).await.unwrap();
    assert_eq!(one(&amazon, &number(1)).await.fulfilment, Fulfilment::Partial);
    // A worker that does not know how the last one ended.
    assert_eq!(amazon.ship(&order, &first).await.unwrap(), sent);
    // No lines: all that is left.
    let rest = package(Some(("jd-014", Some("Speedy Bikes"))), &[]);
    amazon.ship(&order, &rest).await.unwrap();
    let told = fake.packages(&number(1));
    assert_eq!(told.len(), 2);
    assert_eq!(told.iter().map(|package| package.told).collect::<Vec<_>>(), [1, 1]);
    assert_eq!((told[0].carrier.as_str(), told[1].carrier.as_str()), ("UPS", "Speedy Bikes"));
    assert_eq!(Some(&told[0].reference), sent.remote_id.as_ref());
    assert_eq!(told[1].lines, [(a.clone(), 1), (b, 1)]);
    assert_eq!(told[0].shipped, fake.clock().now(), "dated by Amazon's clock");
    assert_eq!(one(&amazon, &number(1)).await.fulfilment, Fulfilment::Shipped);
    let again = amazon.ship(&order, &package(Some(("NEW", Some("UPS"))), &[])).await.unwrap_err();
    assert_eq!((again.kind, again.effect), (ErrorKind::AlreadyExists, Effect::None));
    let seen = amazon.shipments(&order.id).await.unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!((&seen[0].remote_id, seen[0].shipped_at), (&sent.remote_id, Some(fake.clock().now())));
    fake.deliver(&number(1));
    assert_eq!(one(&amazon, &number(1)).await.fulfilment, Fulfilment::Delivered);
    assert_eq!(fake.violations(), []);
}

/// The lost answer of one attempt, and the next that does not look first: the number is the same, so it is an edit.
#[tokio::test]
async fn a_package_whose_answer_was_lost_is_no_second_one() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 2, 1999);
    let item = spec.item_id(0);
    fake.place(spec);
    let order = one(&amazon, &number(1)).await;
    let told = package(Some(("1Z1", Some("UPS"))), &[(&item, 1)]);
    fake.faults().on("POST *shipmentConfirmation").drop_response(1);
    let lost = amazon.ship(&order, &told).await.unwrap_err();
    assert_eq!((lost.kind, lost.effect), (ErrorKind::Network, Effect::Possible));
    for _ in 0..3 {
        amazon.ship(&order, &told).await.unwrap();
        assert_eq!(fake.packages(&number(1)).len(), 1);
    }
    assert_eq!(fake.confirmations(), 1);
}

#[tokio::test]
async fn a_tracking_number_is_edited_once_and_stays_one_package() {
    let (fake, amazon) = shop().await;
    let spec = OrderSpec::new(&number(1)).line("A", 2, 1999);
    let item = spec.item_id(0);
    fake.place(spec);
    let order = one(&amazon, &number(1)).await;
    amazon.ship(&order, &package(Some(("1Z999AA1", Some("UPS"))), &[(&item, 2)])).await.unwrap();
    let shipped = fake.clock().now();
    fake.clock().advance(SignedDuration::from_mins(10));
    let other = Tracking { number: "1Z999AA9".to_owned(), carrier: None };
    for _ in 0..3 {
        amazon.edit_tracking(&order.id, "1Z999AA1", &other).await.unwrap();
        let packages = fake.packages(&number(1));
        assert_eq!((packages.len(), packages[0].told), (1, 2));
        assert_eq!((packages[0].tracking.as_str(), packages[0].carrier.as_str()), ("1Z999AA9", "UPS"));
        assert_eq!((packages[0].shipped, packages[0].lines[0].1), (shipped, 2));
    }
    let missing = amazon.edit_tracking(&order.id, "NONE", &Tracking { number: "X".to_owned(), carrier: None }).await;
    let missing = missing.unwrap_err();
    assert_eq!((missing.kind, missing.effect), (ErrorKind::NotFound, Effect::None));
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn what_amazon_does_not_take_is_refused_before_it_is_sent() {
    let (fake, amazon) = shop().await;
    let order = |at: u32| OrderSpec::new(&number(at)).line("A", 1, 1999);
    let cases = [
        (order(1).pending(), "still holds this order back"),
        (order(2).canceled(), "has canceled this order"),
        (order(3).by_amazon(), "ships this order itself"),
        (order(4).program("FBM_SHIP_PLUS"), "Ship+ order itself"),
    ];
    for (spec, reason) in cases {
        let (id, item) = (spec.id.clone(), spec.item_id(0));
        fake.place(spec);
        let order = one(&amazon, &id).await;
        let refused = amazon.ship(&order, &package(Some(("T1", Some("UPS"))), &[(&item, 1)])).await.unwrap_err();
        assert_eq!((refused.kind, refused.effect), (ErrorKind::InvalidOrder, Effect::None), "{id}");
        assert!(refused.public_message.contains(reason), "{}", refused.public_message);
    }
    assert_eq!(fake.refused_packages().len(), 0);
    fake.place(order(5));
    let order = one(&amazon, &number(5)).await;
    let foreign = amazon.ship(&order, &package(Some(("T1", Some("UPS"))), &[("77", 1)])).await.unwrap_err();
    assert_eq!((foreign.kind, foreign.effect), (ErrorKind::InvalidOrder, Effect::None));
    assert_eq!(foreign.context, "status 400, errors [\"InvalidInput\"]");
}
