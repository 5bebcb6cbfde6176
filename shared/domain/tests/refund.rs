//! R9: what is recorded in the store of a refund, and which units come back with it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use support::world::World;
use support::{Sale, Scene, line_id, link, package, sale, shipment};
use support::{shopify, store_that_leaves_stock_alone, woocommerce};
use tributary_domain::plan::Step;
use tributary_domain::refund::Recorded;
use tributary_domain::settings::RestockRefunds;
use tributary_domain::shipment::Origin;
use tributary_domain::{Cancel, Money, Refund};

/// The order of scenario 15.
fn order_15() -> Sale {
    sale("USD", 10_500).line("A", 2, 3000).line("B", 1, 4000).shipping(500)
}

fn gift_box() -> Scene {
    let mut scene = Scene::new(sale("USD", 13_500).line("Gift box", 3, 4500));
    scene.links = vec![link("Gift box", &[("A", 2, 1000), ("B", 1, 2500)])];
    scene
}

fn refund(world: &mut World, id: &str, minor: i64, of: Option<(&str, Option<u32>)>) {
    let source = &mut world.scene.order.source;
    let amount = Money::from_minor(minor, source.currency);
    let (line, quantity) = of.map_or((None, None), |(line, units)| (Some(line_id(line)), units));
    source.refunds.push(Refund { id: id.to_owned(), amount, at: None, line, quantity });
}

fn imported(scene: Scene) -> World {
    let mut world = World::new(scene);
    world.settle();
    world
}

fn amounts(world: &World) -> Vec<i64> {
    world.scene.order.after.recorded.iter().map(|known| known.amount.minor()).collect()
}

fn out(world: &World) -> (i64, i64) {
    (world.units_out("A"), world.units_out("B"))
}

#[test]
fn scenario_15_a_line_comes_back_when_its_refunds_reach_what_was_paid_for_it() {
    for store in [woocommerce(), shopify(), store_that_leaves_stock_alone()] {
        let mut scene = Scene::new(order_15());
        scene.store = store;
        let mut world = imported(scene);
        refund(&mut world, "a", 700, None);
        world.settle();
        assert_eq!(out(&world), (2, 1));
        refund(&mut world, "b", 3999, Some(("B", None)));
        world.settle();
        assert_eq!(out(&world), (2, 1), "a cent is missing");
        refund(&mut world, "c", 1, Some(("B", None)));
        world.settle();
        assert_eq!(out(&world), (2, 0));
        refund(&mut world, "d", 5800, None);
        world.settle();
        assert_eq!((out(&world), amounts(&world)), ((0, 0), vec![700, 3999, 1, 5800]));
        assert_eq!(world.settle(), 0);
    }
}

#[test]
fn scenario_16_a_canceled_box_brings_each_of_its_products_back() {
    for store in [woocommerce(), shopify(), store_that_leaves_stock_alone()] {
        // Told as a refund of one unit, as a canceled unit, or as both: it is one box.
        for (refunded, canceled) in [(true, false), (false, true), (true, true)] {
            let mut scene = gift_box();
            scene.store = store;
            let mut world = imported(scene);
            assert_eq!(out(&world), (6, 3));
            if refunded {
                refund(&mut world, "r", 4500, Some(("Gift box", Some(1))));
            }
            world.scene.order.source.lines[0].canceled = u32::from(canceled);
            world.settle();
            assert_eq!(out(&world), (4, 2), "refunded {refunded}, canceled {canceled}: {:?}", world.steps);
            assert_eq!(world.settle(), 0);
            // Of the rest, everything is canceled.
            world.scene.order.source.cancel = Cancel::Canceled;
            world.settle();
            assert_eq!(out(&world), (0, 0));
        }
    }
}

#[test]
fn a_refund_carries_the_units_that_came_back_with_it() {
    let mut world = imported(gift_box());
    refund(&mut world, "goodwill", 100, None);
    refund(&mut world, "box", 4500, Some(("Gift box", Some(1))));
    let Step::RecordRefund(first) = world.scene.next() else { panic!("nothing is recorded") };
    assert_eq!((first.key.as_str(), first.restock.len()), ("goodwill", 0));
    world.step();
    let Step::RecordRefund(second) = world.scene.next() else { panic!("nothing is recorded") };
    let units: Vec<_> = second.restock.iter().map(|back| (back.product.as_str(), back.units)).collect();
    assert_eq!((second.key.as_str(), second.amount.minor(), units), ("box", 4500, vec![("A", 2), ("B", 1)]));
}

#[test]
fn a_link_that_was_changed_since_does_not_change_what_comes_back() {
    let mut world = imported(gift_box());
    world.scene.links = vec![link("Gift box", &[("A", 1, 1)])];
    refund(&mut world, "r", 4500, Some(("Gift box", Some(1))));
    world.settle();
    assert_eq!(out(&world), (4, 2));
}

#[test]
fn r12_of_an_order_imported_without_tax_each_refund_leaves_its_share_of_the_tax_out() {
    let scene = Scene::new(sale("GBP", 12_000).line("A", 3, 4000)).rate(None, 2000, "VAT");
    let mut world = imported(scene.with(|settings| settings.tax.import_without_tax = true));
    refund(&mut world, "a", 1001, None);
    refund(&mut world, "b", 4000, None);
    refund(&mut world, "c", 6999, None);
    world.settle();
    assert_eq!(amounts(&world), [834, 3334, 5832]);
    assert_eq!(amounts(&world).iter().sum::<i64>(), 10_000);
}

#[test]
fn more_than_the_order_was_worth_is_never_recorded() {
    let mut world = imported(Scene::new(order_15()));
    refund(&mut world, "all, and the tax that the marketplace had collected", 11_000, None);
    refund(&mut world, "postage for the return", 500, None);
    world.settle();
    assert_eq!((amounts(&world), out(&world)), (vec![10_500, 0], (0, 0)));
}

#[test]
fn unshipped_only_brings_back_what_is_in_no_package() {
    let scene = Scene::new(sale("USD", 9000).line("A", 3, 3000));
    let mut world = imported(scene.with(|settings| settings.restock_refunds = RestockRefunds::UnshippedOnly));
    world.scene.order.packages = vec![package(Origin::Store, shipment(None, Some("1Z"), &[("A", 2)]))];
    refund(&mut world, "r", 9000, None);
    world.settle();
    assert_eq!(world.units_out("A"), 2);
}

#[test]
fn what_the_store_refused_is_not_told_again_and_its_units_come_back_alone() {
    let mut world = imported(Scene::new(order_15()));
    refund(&mut world, "r", 4000, Some(("B", None)));
    let Step::RecordRefund(refused) = world.scene.next() else { panic!("nothing is recorded") };
    world.scene.order.after.recorded.push(tributary_domain::refund::Recording {
        key: refused.key,
        amount: refused.amount,
        state: Recorded::Refused { why: "No.".to_owned() },
    });
    assert_eq!(world.scene.order.attention(), Some(tributary_domain::head::Attention::Error));
    let Step::RecordRefund(units) = world.scene.next() else { panic!("the units do not come back") };
    assert_eq!((units.amount.minor(), units.restock.len()), (0, 1));
    world.settle();
    assert_eq!(out(&world), (2, 0));
}
