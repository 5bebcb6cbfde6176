//! R8: each package travels once, whatever either side tells again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use support::{Scene, package, sale, shipment};
use tributary_domain::shipment::{
    Origin, Push, Tracking, edited_tracking, in_channel_units, in_store_units, is_shown, key_of, new_packages,
};
use tributary_domain::status::{OrderStatus, packages_hold_everything, status};
use tributary_domain::stock::{LineStock, StockState};
use tributary_domain::{Order, Package, Shipment};

fn keys(packages: &[Package]) -> Vec<&str> {
    packages.iter().map(|package| package.key.as_str()).collect()
}

/// A x3 and B x1, shipped by nobody.
fn scenario_17() -> Order {
    Scene::new(sale("GBP", 8896).line("A", 3, 1999).line("B", 1, 2500).shipping(399)).order
}

fn first() -> Shipment {
    shipment(Some("7"), Some("1Z 999 AA1"), &[("A", 2)])
}

fn second() -> Shipment {
    shipment(Some("8"), Some("JD014"), &[("A", 1), ("B", 1)])
}

/// What a side states joins what is known.
fn learn(order: &mut Order, seen: &[Shipment], origin: Origin) -> usize {
    let fresh = new_packages(&order.packages, seen, origin);
    let count = fresh.len();
    order.packages.extend(fresh);
    count
}

#[test]
fn scenario_17_two_packages_are_two_whatever_is_replayed_and_the_order_completes_with_the_second() {
    let mut order = scenario_17();
    assert_eq!(learn(&mut order, &[first()], Origin::Store), 1);
    assert_eq!(keys(&order.packages), ["t:1Z999AA1"]);
    assert_eq!(order.packages[0].push, Push::Wanted);
    assert_eq!(status(&order, false), OrderStatus::Shipping);

    assert_eq!(learn(&mut order, &[first(), second()], Origin::Store), 1);
    assert_eq!(keys(&order.packages), ["t:1Z999AA1", "t:JD014"]);
    assert_eq!(status(&order, false), OrderStatus::Completed);
    for _replayed in 0..3 {
        assert_eq!(learn(&mut order, &[first(), second()], Origin::Store), 0);
    }
}

#[test]
fn scenario_17_a_number_is_the_same_however_it_is_spelled() {
    let spelled = |number: &str| Tracking { number: number.to_owned(), carrier: None }.normalised();
    assert_eq!(spelled("1Z 999 AA1"), "1Z999AA1");
    assert_eq!(spelled("1z-999-aa1"), "1Z999AA1");
    let channel = shipment(Some("F1"), Some("1Z999AA1"), &[("A", 2)]);
    let mut order = scenario_17();
    learn(&mut order, &[first()], Origin::Store);
    assert_eq!(learn(&mut order, &[channel], Origin::Channel), 0);
}

#[test]
fn scenario_17_an_edited_number_is_an_edit_and_no_new_package() {
    let mut order = scenario_17();
    learn(&mut order, &[first(), second()], Origin::Store);
    let edited = [shipment(Some("7"), Some("1Z999AA9"), &[("A", 2)]), second()];
    let found = edited_tracking(&order.packages, &edited);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0.key.as_str(), found[0].1.number.as_str()), ("t:1Z999AA1", "1Z999AA9"));
    assert_eq!(learn(&mut order, &edited, Origin::Store), 0);
    let respelled = [shipment(Some("7"), Some("1z999-aa1"), &[("A", 2)])];
    assert!(edited_tracking(&order.packages, &respelled).is_empty());
}

#[test]
fn scenario_18_the_echo_of_a_package_is_not_a_package() {
    let mut order = scenario_17();
    learn(&mut order, &[shipment(Some("F1"), Some("RM1"), &[])], Origin::Channel);
    assert_eq!(learn(&mut order, &[shipment(Some("12"), Some("RM 1"), &[])], Origin::Store), 0);
    assert_eq!(keys(&order.packages), ["t:RM1"]);
}

#[test]
fn scenario_18_shipped_in_part_on_the_channel_is_not_everything() {
    let mut order = Scene::new(sale("GBP", 6897).line("A", 2, 1999).line("B", 1, 2500).shipping(399)).order;
    learn(&mut order, &[shipment(Some("F1"), Some("RM1"), &[("A", 1)])], Origin::Channel);
    assert!(!packages_hold_everything(&order));
    learn(&mut order, &[shipment(Some("F2"), Some("RM2"), &[])], Origin::Channel);
    assert!(packages_hold_everything(&order), "a package without lines holds the rest");
}

#[test]
fn scenario_13_a_package_of_all_units_of_a_line_covers_it_however_the_store_split_it() {
    let mut order = Scene::new(sale("GBP", 4500).line("A", 3, 1000).line("B", 1, 2000).seller_discount("A", 500)).order;
    // The store's connector names the channel's line, once for each of the lines it made of it.
    learn(&mut order, &[shipment(Some("1"), Some("T1"), &[("A", 2), ("A", 1)])], Origin::Store);
    learn(&mut order, &[shipment(Some("2"), Some("T2"), &[("B", 1)])], Origin::Store);
    assert!(packages_hold_everything(&order));
}

#[test]
fn without_a_number_what_we_told_comes_back_by_its_lines() {
    for (told, shown) in [
        (shipment(None, None, &[]), shipment(Some("F1"), None, &[("A", 3), ("B", 1)])),
        (shipment(Some("7"), None, &[("A", 2)]), shipment(Some("F1"), None, &[("A", 2)])),
        (shipment(Some("7"), None, &[("B", 1), ("A", 2)]), shipment(Some("7"), None, &[("A", 2), ("B", 1)])),
    ] {
        let known = [package(Origin::Store, told)];
        assert_eq!(new_packages(&known, &[shown], Origin::Channel), []);
    }
}

#[test]
fn without_a_number_other_lines_are_another_package() {
    let known = [package(Origin::Store, shipment(Some("7"), None, &[("A", 2)]))];
    // Both platforms call it 7.
    let shown = shipment(Some("7"), None, &[("B", 1)]);
    let fresh = new_packages(&known, &[shown], Origin::Channel);
    assert_eq!(fresh.len(), 1);
    assert_ne!(fresh[0].key, known[0].key);
}

#[test]
fn ids_of_one_platform_say_nothing_about_packages_of_the_other() {
    let known = [package(Origin::Store, first())];
    let channels_own = shipment(Some("7"), Some("RM1"), &[("B", 1)]);
    assert_eq!(keys(&new_packages(&known, &[channels_own], Origin::Channel)), ["t:RM1"]);
}

#[test]
fn two_packages_under_one_number_are_two_and_their_echo_is_none() {
    let seen = [shipment(Some("F1"), Some("T1"), &[("A", 1)]), shipment(Some("F2"), Some("T1"), &[("B", 1)])];
    let fresh = new_packages(&[], &seen, Origin::Channel);
    assert_eq!(fresh.len(), 2);
    assert_ne!(fresh[0].key, fresh[1].key);
    assert_eq!(new_packages(&fresh, &seen, Origin::Channel), []);
    let echo = [shipment(Some("1"), Some("T1"), &[("A", 1)]), shipment(Some("2"), Some("T1"), &[("B", 1)])];
    assert_eq!(new_packages(&fresh, &echo, Origin::Store), []);
}

#[test]
fn a_number_without_letters_or_digits_names_no_package() {
    assert_eq!(key_of(&shipment(Some("F1"), Some("--"), &[])), "r:F1");
    assert_eq!(key_of(&shipment(None, Some("-"), &[])), "rest");
}

#[test]
fn a_side_shows_a_package_by_its_number_or_by_what_it_holds() {
    let one = |lines: &[(&str, u32)]| package(Origin::Person, shipment(None, None, lines));
    let numbered = package(Origin::Store, first());
    let shows = |package: &Package, all: &[Package], shown: &[Shipment]| is_shown(package, all, shown);
    assert!(shows(&numbered, &[], &[shipment(Some("F1"), Some("1z999aa1"), &[])]));
    assert!(!shows(&numbered, &[], &[shipment(Some("F1"), None, &[("A", 2)]), second()]));
    let (a, b, rest) = (one(&[("A", 1)]), one(&[("A", 2), ("B", 1)]), one(&[]));
    let all = [a.clone(), b.clone(), rest.clone()];
    let shown = [shipment(Some("999"), None, &[("A", 1)]), shipment(Some("1000"), None, &[("B", 1), ("A", 2)])];
    assert!(shows(&a, &all, &shown) && shows(&b, &all, &shown));
    assert!(!shows(&b, &all, &shown[..1]) && !shows(&a, &all, &shown[1..]));
    assert!(!shows(&a, &all, &[shipment(Some("F1"), Some("T1"), &[("A", 1)])]), "a number is another package's");
}

#[test]
fn what_is_left_is_shown_when_more_is_there_than_the_others_explain() {
    let mut earlier = package(Origin::Person, shipment(None, None, &[("A", 1)]));
    let rest = package(Origin::Person, shipment(None, None, &[]));
    let shown = [shipment(Some("999"), None, &[("A", 1)]), shipment(Some("1000"), None, &[("A", 2)])];
    earlier.push = Push::Sent;
    let all = [earlier, rest.clone()];
    assert!(is_shown(&rest, &all, &shown));
    assert!(!is_shown(&rest, &all, &shown[..1]));
}

#[test]
fn two_packages_that_hold_the_same_are_shown_when_two_are_there() {
    let alike = |key: &str| {
        let mut package = package(Origin::Person, shipment(None, None, &[("A", 1)]));
        key.clone_into(&mut package.key);
        package
    };
    let all = [alike("first"), alike("second")];
    let shown = [shipment(Some("999"), None, &[("A", 1)]), shipment(Some("1000"), None, &[("A", 1)])];
    assert!(is_shown(&all[0], &all, &shown[..1]) && !is_shown(&all[1], &all, &shown[..1]));
    assert!(is_shown(&all[1], &all, &shown));
}

#[test]
fn a_package_counts_in_the_units_of_the_side_that_it_is_told_to() {
    let mut order = scenario_17();
    let stock = |line: &str, product: &str, units| LineStock {
        line: line.parse().unwrap(),
        product: product.parse().unwrap(),
        units,
        state: StockState::Taken,
        restored: 0,
        of: 0,
    };
    // A is a 2-pack, B a bundle of one and three.
    order.stock = vec![stock("A", "1", 6), stock("B", "2", 1), stock("B", "3", 3)];
    let told = shipment(None, None, &[("A", 2), ("B", 1), ("C", 5)]);
    let in_store = in_store_units(&order, &told);
    assert_eq!(in_store, shipment(None, None, &[("A", 4), ("B", 1), ("C", 5)]));
    assert_eq!(in_channel_units(&order, &[in_store]), [told]);
}
