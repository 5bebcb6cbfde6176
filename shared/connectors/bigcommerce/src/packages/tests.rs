//! Packages as shipments of the store's lines, and back.

use domain::shipment::{Origin, Package, Push};
use serde_json::json;

use super::*;

/// Line L1 is two of the store's, line L2 a bundle: one box and two cups.
fn order(change: impl FnOnce(&mut serde_json::Value)) -> wire::Order {
    let line = |id: u64, product: u64, mark: &str, quantity: u32| {
        json!({
            "id": id, "product_id": product, "variant_id": u8::from(product != 0), "name": "Tea",
            "name_merchant": mark, "quantity": quantity, "quantity_shipped": 0, "total_ex_tax": "1", "total_inc_tax": "1",
        })
    };
    let mut order = json!({
        "id": 357, "status_id": 11, "total_inc_tax": "8.0000", "items_total": 8,
        "consignments": {"shipping": [{"id": 9, "line_items": [
            line(11, 77, "Tea [L1]", 1), line(12, 0, "Tea [L1 = 77/1]", 2),
            line(13, 78, "Box [L2]", 1), line(14, 79, "Cups [L2]", 2),
        ]}]},
    });
    change(&mut order);
    serde_json::from_str(&order.to_string()).unwrap()
}

fn tracking(number: &str, carrier: &str) -> Tracking {
    Tracking { number: number.to_owned(), carrier: Some(carrier.to_owned()).filter(|name| !name.is_empty()) }
}

fn package(tracking: impl Into<Option<Tracking>>, lines: &[(&str, u32)]) -> Package {
    let lines =
        lines.iter().map(|(line, quantity)| ShippedLine { line: line.parse().unwrap(), quantity: *quantity }).collect();
    let shipment = Shipment { remote_id: None, tracking: tracking.into(), shipped_at: None, lines };
    Package { key: key_of(&shipment), origin: Origin::Channel, shipment, push: Push::Wanted }
}

fn units(order: &wire::Order, package: &Package) -> Vec<(u64, u32)> {
    items(order, package, LineNames::OfChannel).iter().map(|item| (item.order_product_id, item.quantity)).collect()
}

/// The store's answer to the request, as it would be listed.
fn answered(id: u64, new: &NewShipment) -> wire::Shipment {
    let mut shipment = serde_json::to_value(new).unwrap();
    shipment["id"] = json!(id);
    serde_json::from_str(&shipment.to_string()).unwrap()
}

#[test]
fn a_package_takes_what_is_left_of_its_lines() {
    let all = order(|_| ());
    assert_eq!(units(&all, &package(None, &[])), [(11, 1), (12, 2), (13, 1), (14, 2)]);
    assert_eq!(units(&all, &package(None, &[("L1", 2)])), [(11, 1), (12, 1)]);
    assert_eq!(units(&all, &package(None, &[("L2", 1)])), [(13, 1), (14, 2)]);
    assert_eq!(units(&all, &package(None, &[("L9", 1)])), []);
    let rest = order(|order| order["consignments"]["shipping"][0]["line_items"][0]["quantity_shipped"] = json!("1"));
    assert_eq!(units(&rest, &package(None, &[("L1", 3)])), [(12, 2)]);
    assert!(new_shipment(&rest, &package(None, &[("L9", 1)]), LineNames::OfChannel).is_none());
    let nowhere = order(|order| order["consignments"]["shipping"] = json!([]));
    assert!(new_shipment(&nowhere, &package(None, &[]), LineNames::OfChannel).is_none());
}

#[test]
fn a_package_reads_back_as_it_was_sent() {
    let order = order(|_| ());
    for (carrier, provider, comments) in
        [("Royal Mail", "royalmail", ""), ("UPS", "ups", ""), ("Evri", "", "Carrier: Evri"), ("", "", "")]
    {
        let package = package(tracking("AB 1", carrier), &[("L1", 2), ("L2", 1)]);
        let new = new_shipment(&order, &package, LineNames::OfChannel).unwrap();
        assert_eq!((new.shipping_provider, new.comments.as_str()), (provider, comments));
        let made = [answered(5, &new)];
        let read = shipments(&order, &made, LineNames::OfChannel).remove(0);
        assert_eq!((read.tracking, read.lines), (package.shipment.tracking.clone(), package.shipment.lines.clone()));
        assert!(holds(&order, &made, &package));
        let spelt = self::package(tracking("ab1", ""), &[]);
        assert!(holds(&order, &made, &spelt));
        assert!(!holds(&order, &made, &self::package(tracking("AB2", carrier), &[])));
    }
}

#[test]
fn a_package_without_a_number_is_known_by_its_name() {
    let order = order(|_| ());
    let mut package = package(None, &[("L1", 3)]);
    package.shipment.remote_id = Some("ebay-9".to_owned());
    let new = new_shipment(&order, &package, LineNames::OfChannel).unwrap();
    assert_eq!(new.comments, "Package: r:ebay-9");
    let made = [answered(5, &new)];
    assert!(holds(&order, &made, &package) && !holds(&order, &[], &package));
    assert_eq!(shipments(&order, &made, LineNames::OfChannel)[0].remote_id.as_deref(), Some("ebay-9"));
    // As the channel's own store nothing is written into its comments.
    assert_eq!(new_shipment(&order, &self::package(None, &[]), LineNames::Own).unwrap().comments, "");
}

/// Nothing is left to be sent, and still the number must be somewhere.
#[test]
fn a_package_of_nothing_is_a_note() {
    let package = package(tracking("1Z 999", "UPS"), &[("L1", 3)]);
    let noted = order(|order| order["staff_notes"] = json!(format!("eBay order 12\n{}", note(&package))));
    assert!(holds(&noted, &[], &package) && !holds(&order(|_| ()), &[], &package));
    let read = shipments(&noted, &[], LineNames::OfChannel);
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].tracking, Some(tracking("1Z999", "UPS")));
    assert!(shipments(&noted, &[], LineNames::Own).is_empty());
}

#[test]
fn only_whole_units_are_units() {
    let whole = |text: &str| whole(text.parse().unwrap());
    assert_eq!((whole("2.0"), whole("0"), whole("1.5"), whole("-1")), (Some(2), Some(0), None, None));
}
