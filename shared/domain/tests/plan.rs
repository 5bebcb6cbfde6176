//! R5-R9: what is done next for an order, played against a store that counts its stock.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use support::world::World;
use support::{Sale, Scene, imported, information, line_id, lines_of, link, money, package, product, sale, shipment};
use support::{shopify, squarespace, store_that_leaves_stock_alone, woocommerce};
use tributary_domain::head::Attention;
use tributary_domain::plan::{Step, cancel_came_too_late};
use tributary_domain::settings::{AutoImport, SendWhen};
use tributary_domain::shipment::Origin;
use tributary_domain::status::{self, Dot, DotColor, OrderStatus};
use tributary_domain::stock::{LineStock, StockState, restored};
use tributary_domain::trace::NotImported;
use tributary_domain::{Cancel, Fulfilment, ImportState, Liable, Payment, Place};

fn a2_b1() -> Sale {
    sale("GBP", 6897).line("A", 2, 1999).line("B", 1, 2500).shipping(399)
}

fn mixed() -> Sale {
    sale("GBP", 3898).line("A", 1, 1999).line("X", 1, 1500).shipping(399)
}

fn three_unpaid() -> Sale {
    sale("GBP", 5997).line("A", 3, 1999).unpaid()
}

fn settled(scene: Scene) -> World {
    let mut world = World::new(scene);
    world.settle();
    world
}

fn status_of(world: &World) -> OrderStatus {
    status::status(&world.scene.order, false)
}

fn color(world: &World) -> DotColor {
    status::dot(&world.scene.order).color
}

#[test]
fn scenario_1_a_paid_linked_order_is_imported_in_one_step_and_the_store_takes_its_stock() {
    let mut world = settled(Scene::new(a2_b1()));
    assert_eq!(world.steps, ["import"]);
    assert_eq!((world.units_out("A"), world.units_out("B"), color(&world)), (2, 1, DotColor::Green));
    assert_eq!(status_of(&world), OrderStatus::ReadyToShip);
    for _replayed in 0..3 {
        assert_eq!(world.settle(), 0);
    }
    assert_eq!((world.creates, world.units_out("A"), world.units_out("B")), (1, 2, 1));
}

#[test]
fn scenario_2_an_unlinked_line_waits_with_the_rest_held_and_imports_once_linked() {
    let mut world = settled(Scene::new(mixed()));
    assert_eq!(world.steps, ["deduct", "wait"]);
    assert_eq!((world.creates, world.units_out("A")), (0, 1));
    let reason = NotImported::Unlinked { items: vec!["X".to_owned()] };
    assert_eq!(world.scene.order.import, ImportState::Waiting(reason.clone()));
    assert!(reason.sentence().contains("Not linked: X."), "{}", reason.sentence());
    assert_eq!(status::dot(&world.scene.order), Dot { color: DotColor::Red, units_held: 1, units: 2 });
    assert_eq!(world.scene.order.attention(), Some(Attention::Unlinked));
    assert_eq!(world.settle(), 0);

    world.scene.links.push(link("X", &[("C", 1, 1)]));
    world.settle();
    assert_eq!((world.creates, world.units_out("A"), world.units_out("C")), (1, 1, 1));
    assert_eq!((color(&world), world.scene.order.attention()), (DotColor::Green, None));
}

#[test]
fn scenario_3_with_auto_import_all_a_mixed_order_goes_at_once_and_only_the_linked_line_moves_stock() {
    let mut world = settled(Scene::new(mixed()).with(|settings| settings.auto_import = AutoImport::All));
    assert_eq!((world.steps.as_slice(), world.creates), (["import"].as_slice(), 1));
    assert_eq!((world.units_out("A"), world.out.len(), color(&world)), (1, 1, DotColor::Green));

    let mut canceled_on_channel = world.clone();
    canceled_on_channel.scene.order.source.cancel = Cancel::Canceled;
    canceled_on_channel.settle();
    assert_eq!(canceled_on_channel.steps, ["import", "cancel"]);
    assert_eq!((canceled_on_channel.units_out("A"), status_of(&canceled_on_channel)), (0, OrderStatus::Canceled));
    assert_eq!(canceled_on_channel.settle(), 0);

    // Canceled in the store by its people: seen, and nothing is to be done about it anywhere.
    world.scene.order.store.canceled = true;
    assert_eq!((world.settle(), status_of(&world)), (0, OrderStatus::Canceled));
}

#[test]
fn scenario_4d_a_store_without_text_lines_refuses_a_mixed_order_even_by_hand() {
    for (auto_import, by_hand) in [(AutoImport::All, false), (AutoImport::Linked, true)] {
        let mut scene = Scene::new(mixed()).with(|settings| settings.auto_import = auto_import);
        scene.store = squarespace();
        scene.by_hand = by_hand;
        let world = settled(scene);
        assert_eq!(
            world.scene.order.import,
            ImportState::Waiting(NotImported::NoTextLines { items: vec!["X".to_owned()] })
        );
        assert_eq!((world.creates, world.units_out("A")), (0, 1));
    }
}

#[test]
fn scenario_5a_an_unpaid_order_is_imported_unpaid_and_marked_paid_later() {
    let mut world = settled(Scene::new(three_unpaid()));
    assert_eq!(world.steps, ["deduct", "import"]);
    assert_eq!((world.units_out("A"), world.scene.order.store.paid), (3, false));
    assert_eq!((status_of(&world), color(&world)), (OrderStatus::AwaitingPayment, DotColor::Green));

    world.scene.order.source.payment = Payment::Paid { at: None };
    world.settle();
    assert_eq!(world.steps, ["deduct", "import", "mark paid"]);
    assert_eq!((world.creates, world.units_out("A"), world.scene.order.store.paid), (1, 3, true));
    assert_eq!(status_of(&world), OrderStatus::ReadyToShip);
}

#[test]
fn scenario_5a_the_store_is_told_what_was_deducted_for_it_already() {
    let mut world = World::new(Scene::new(three_unpaid()));
    assert!(world.step());
    let Step::Import { draft, stock } = world.scene.next() else { panic!("not imported") };
    assert_eq!((draft.lines[0].already_deducted, draft.paid, draft.total.minor()), (3, false, 5997));
    assert_eq!(stock[0].state, StockState::Held);
}

#[test]
fn scenario_5b_a_cancel_puts_back_once_whoever_restocks() {
    for store in [woocommerce(), shopify(), store_that_leaves_stock_alone()] {
        let mut scene = Scene::new(three_unpaid());
        scene.store = store;
        let mut world = settled(scene);
        assert_eq!(world.units_out("A"), 3);
        world.scene.order.source.cancel = Cancel::Canceled;
        world.settle();
        assert_eq!((world.units_out("A"), world.scene.order.store.canceled), (0, true), "{:?}", world.steps);
        assert_eq!((world.settle(), color(&world)), (0, DotColor::Green));
    }
}

#[test]
fn scenario_5d_with_send_when_paid_an_unpaid_order_is_held_until_it_is_paid() {
    let mut world = settled(Scene::new(three_unpaid()).with(|settings| settings.send_when = SendWhen::Paid));
    assert_eq!((world.creates, world.units_out("A"), color(&world)), (0, 3, DotColor::Orange));
    assert_eq!(world.scene.order.import, ImportState::Waiting(NotImported::AwaitingPayment));

    world.scene.order.source.payment = Payment::Paid { at: None };
    world.settle();
    assert_eq!((world.creates, world.units_out("A"), color(&world)), (1, 3, DotColor::Green));
    assert!(world.scene.order.store.paid);
}

#[test]
fn r5_send_overrides_auto_import_and_send_when() {
    let mut scene = Scene::new(mixed().unpaid()).with(|settings| {
        settings.auto_import = AutoImport::Off;
        settings.send_when = SendWhen::Paid;
    });
    scene.by_hand = true;
    let world = settled(scene);
    assert_eq!((world.creates, world.units_out("A")), (1, 1));
}

#[test]
fn r5_without_inventory_sync_neither_orders_nor_stock_move_but_by_hand() {
    let off = || {
        Scene::new(mixed()).with(|settings| {
            settings.inventory_sync = false;
            settings.auto_import = AutoImport::Off;
        })
    };
    let world = settled(off());
    assert_eq!((world.creates, world.out.len()), (0, 0));
    assert_eq!(world.scene.order.import, ImportState::Waiting(NotImported::SyncIsOff));

    // Refused for another reason: the stock still stays where it is.
    let mut refused = off();
    (refused.by_hand, refused.store) = (true, squarespace());
    assert_eq!(settled(refused).out.len(), 0);

    let mut sent = off();
    sent.by_hand = true;
    let world = settled(sent);
    assert_eq!((world.creates, world.units_out("A")), (1, 1));
}

#[test]
fn scenario_16_a_bundle_moves_each_of_its_products() {
    let mut scene = Scene::new(sale("USD", 13_500).line("Gift box", 3, 4500));
    scene.links = vec![link("Gift box", &[("A", 2, 1000), ("B", 1, 2500)])];
    let world = settled(scene);
    assert_eq!((world.units_out("A"), world.units_out("B"), color(&world)), (6, 3, DotColor::Green));
}

#[test]
fn scenario_21_while_the_store_is_down_the_order_waits_and_then_imports_by_itself_once() {
    let mut world = World::new(Scene::new(sale("GBP", 1999).line("A", 1, 1999)));
    let reason = NotImported::StoreUnavailable { why: "WooCommerce has not answered since 09:58.".to_owned() };
    world.scene.order.import = ImportState::Waiting(reason.clone());
    assert_eq!((world.scene.order.attention(), color(&world)), (Some(Attention::Parked), DotColor::Red));
    let told = "The main store cannot be reached: WooCommerce has not answered since 09:58. The order waits and imports by itself.";
    assert_eq!(reason.sentence(), told);

    world.settle();
    assert_eq!((world.steps.as_slice(), world.creates), (["import"].as_slice(), 1));
    assert_eq!((world.units_out("A"), color(&world)), (1, DotColor::Green));
    world.scene.by_hand = true;
    assert_eq!((world.settle(), world.creates), (0, 1));
}

#[test]
fn scenario_24a_what_the_channel_still_holds_is_never_imported_but_its_stock_is_kept() {
    let amazon = || sale("USD", 2999).line("A", 1, 2999).payment(Payment::Held);
    let mut by_hand = Scene::new(amazon());
    by_hand.by_hand = true;
    for scene in [Scene::new(amazon()), by_hand] {
        let mut world = settled(scene);
        assert_eq!((world.creates, world.units_out("A")), (0, 1));
        assert_eq!(world.scene.order.import, ImportState::Waiting(NotImported::HeldByChannel));

        let released = sale("USD", 3239).line("A", 1, 2999).tax("A", 240, Place::OnTop, Liable::Marketplace);
        world.scene.order.source = released.0;
        let draft = world.scene.draft();
        assert_eq!((draft.total.minor(), information(&draft, "Tax collected by eBay")), (2999, Some("2.40 USD")));
        world.settle();
        assert_eq!((world.creates, world.units_out("A"), color(&world)), (1, 1, DotColor::Green));
    }
}

#[test]
fn r8_a_cancel_after_a_package_left_changes_nothing_and_can_be_flagged() {
    let mut world = settled(Scene::new(a2_b1()));
    world.scene.order.packages.push(package(Origin::Store, shipment(None, Some("TRK1"), &[("A", 1)])));
    world.scene.order.source.cancel = Cancel::Canceled;
    assert_eq!((world.settle(), world.units_out("A")), (0, 2));
    assert!(cancel_came_too_late(&world.scene.order));

    // The store's people completed it without a package.
    let mut world = settled(Scene::new(a2_b1()));
    world.scene.order.store.completed = true;
    world.scene.order.source.cancel = Cancel::Canceled;
    assert_eq!((world.settle(), world.units_out("A")), (0, 2));

    // The channel says so without telling a package, and the order was never imported.
    let mut world = settled(Scene::new(mixed()));
    world.scene.order.source.fulfilment = Fulfilment::Shipped;
    world.scene.order.source.cancel = Cancel::Canceled;
    world.settle();
    assert_eq!(world.scene.order.import, ImportState::Left(NotImported::Canceled));
    assert_eq!((world.units_out("A"), cancel_came_too_late(&world.scene.order)), (1, true));
}

#[test]
fn r7_a_cancel_before_the_import_puts_back_what_was_held() {
    let mut world = settled(Scene::new(mixed()));
    world.scene.order.source.cancel = Cancel::Canceled;
    world.settle();
    assert_eq!(world.steps, ["deduct", "wait", "put back", "leave"]);
    assert_eq!((world.units_out("A"), status::dot(&world.scene.order).units_held), (0, 0));
    assert_eq!(world.settle(), 0);
}

#[test]
fn r7_a_hold_follows_a_changed_link_and_a_changed_quantity() {
    let mut world = settled(Scene::new(mixed()));
    world.scene.links[0] = link("A", &[("C", 2, 1)]);
    world.settle();
    assert_eq!((world.units_out("A"), world.units_out("C")), (0, 2));

    // The channel cancels the held line's only unit, and takes the cancel back.
    world.scene.order.source.lines[0].canceled = 1;
    world.settle();
    assert_eq!(world.units_out("C"), 0);
    world.scene.order.source.lines[0].canceled = 0;
    world.settle();
    assert_eq!((world.units_out("C"), world.creates), (2, 0));
}

#[test]
fn r7_what_a_store_restocks_by_itself_is_what_was_out_and_nothing_in_doubt() {
    let stock = |state| LineStock { line: line_id("A"), product: product("A"), units: 2, state, restored: 0, of: 0 };
    let back = LineStock { restored: 2, ..stock(StockState::Restored) };
    for state in [StockState::Held, StockState::Taken] {
        assert_eq!(restored(&[stock(state)]).first(), Some(&back));
    }
    for state in [StockState::Intended, StockState::Unknown, StockState::Unmanaged] {
        assert_eq!(restored(&[stock(state)]), [stock(state)]);
    }
    assert_eq!(back.outstanding(), 0);
}

#[test]
fn r7_only_open_units_are_sold_and_a_line_without_any_is_text() {
    let sale = sale("GBP", 11_500).line("A", 3, 3000).line("B", 1, 2500).with(|order| {
        order.lines[0].canceled = 1;
        order.lines[1].canceled = 1;
    });
    let scene = Scene::new(sale);
    let draft = scene.draft();
    assert_eq!(lines_of(&draft), [("A", "A", 2, 9000, 9000, 0), ("B", "text", 1, 2500, 2500, 0)]);
    let world = settled(scene);
    assert_eq!((world.units_out("A"), world.units_out("B")), (2, 0));
}

#[test]
fn r7_a_deduction_in_doubt_is_neither_made_again_nor_left_to_the_store() {
    for state in [StockState::Unknown, StockState::Intended] {
        let mut world = World::new(Scene::new(sale("GBP", 1999).line("A", 1, 1999)));
        let (line, product) = (line_id("A"), product("A"));
        world.scene.order.stock = vec![LineStock { line, product, units: 1, state, restored: 0, of: 0 }];
        world.settle();
        assert_eq!((world.creates, world.units_out("A")), (1, 0));
        assert_eq!((world.scene.order.stock[0].state, color(&world)), (StockState::Unknown, DotColor::Partial));
    }
}

#[test]
fn r7_where_moves_are_keyed_an_unconfirmed_deduction_is_repeated_exactly() {
    let mut scene = Scene::new(mixed());
    scene.store = shopify();
    let mut world = World::new(scene);
    world.dies_after = Some(1);
    assert!(world.step());
    assert_eq!((world.units_out("A"), world.scene.order.stock[0].state), (1, StockState::Intended));
    world.settle();
    assert_eq!((world.units_out("A"), world.scene.order.stock[0].state), (1, StockState::Held));
}

#[test]
fn r7_where_the_store_bypasses_whole_orders_the_rest_is_deducted_by_us() {
    let mut scene = Scene::new(mixed());
    scene.store = shopify();
    let mut world = settled(scene);
    world.scene.links.push(link("X", &[("C", 1, 1)]));
    world.settle();
    assert_eq!(world.steps, ["deduct", "wait", "deduct", "import"]);
    assert_eq!((world.units_out("A"), world.units_out("C"), color(&world)), (1, 1, DotColor::Green));
}

#[test]
fn r1_amounts_that_contradict_each_other_stop_the_import_with_both_figures() {
    let world = settled(Scene::new(sale("GBP", 2000).line("A", 1, 1999)));
    let ImportState::Waiting(reason @ NotImported::DoesNotAddUp { .. }) = &world.scene.order.import else {
        panic!("imported: {:?}", world.scene.order.import)
    };
    let sentence = reason.sentence();
    assert!(sentence.contains("19.99 GBP") && sentence.contains("20.00 GBP"), "{sentence}");
    assert_eq!((world.creates, world.units_out("A")), (0, 1));
    assert_eq!(world.scene.order.attention(), Some(Attention::Error));
}

#[test]
fn settled_2_an_order_in_doubt_is_left_to_the_import_protocol() {
    let mut scene = Scene::new(a2_b1());
    let at = support::time("2026-11-18T09:05:00Z");
    for import in [
        ImportState::Reserved { attempt: 1, send_by: at },
        ImportState::Unknown { attempt: 1, look_after: at },
        ImportState::Failed { why: "refused".to_owned(), refused: false },
    ] {
        scene.order.import = import;
        assert_eq!(scene.next(), Step::Stay);
    }
    scene.order.import = imported();
    scene.order.store.paid = true;
    assert_eq!(scene.next(), Step::Done);
    assert_eq!(scene.draft().total, money(6897, "GBP"));
}

#[test]
fn r20_undo_cancels_what_was_created_puts_back_what_was_moved_and_leaves_the_order() {
    let asked = || Some(tributary_domain::Asked { by: "owner".to_owned(), at: jiff::Timestamp::UNIX_EPOCH });
    for store in [woocommerce(), shopify(), store_that_leaves_stock_alone()] {
        let mut scene = Scene::new(a2_b1());
        scene.store = store;
        let mut world = settled(scene);
        assert_eq!((world.creates, world.units_out("A"), world.units_out("B")), (1, 2, 1));
        world.scene.order.by_hand.undo = asked();
        world.settle();
        assert_eq!((world.units_out("A"), world.units_out("B")), (0, 0), "{:?}", world.steps);
        assert_eq!(world.scene.order.import, ImportState::Left(NotImported::Undone));
        assert_eq!((world.settle(), world.creates), (0, 1), "it stays undone");
    }
    let mut waiting = settled(Scene::new(mixed()));
    assert_eq!(waiting.units_out("A"), 1);
    waiting.scene.order.by_hand.undo = asked();
    waiting.settle();
    assert_eq!((waiting.creates, waiting.units_out("A")), (0, 0));
    assert_eq!(waiting.scene.order.import, ImportState::Left(NotImported::Undone));
}
