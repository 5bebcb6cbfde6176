//! R5, R7 for any course of events: nothing forbidden is imported, every refusal says why, and stock moves exactly once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use support::world::{Key, World};
use support::{Scene, all_stores, link, sale};
use tributary_domain::capabilities::StoreCapabilities;
use tributary_domain::settings::{AutoImport, SendWhen};
use tributary_domain::stock::StockState;
use tributary_domain::trace::NotImported;
use tributary_domain::{Cancel, ImportState, Link, Payment};

/// What happens to an order from outside, between the steps of whoever works on it.
#[derive(Debug, Clone)]
enum Happens {
    Step,
    /// As `Step`, but a deducting worker dies after so many calls.
    DyingStep(usize),
    Paid,
    Canceled,
    UnitsCanceled(Index, u32),
    Linked(Index, Vec<(usize, u32)>),
    Unlinked(Index),
    AutoImport(AutoImport),
    SendWhen(SendWhen),
    InventorySync(bool),
    Sent,
}

const PRODUCTS: [&str; 4] = ["A", "B", "C", "D"];

fn targets() -> impl Strategy<Value = Vec<(usize, u32)>> {
    let distinct = |mut targets: Vec<(usize, u32)>| {
        targets.sort_unstable();
        targets.dedup_by_key(|target| target.0);
        targets
    };
    vec((0..PRODUCTS.len(), 1..4_u32), 1..4).prop_map(distinct)
}

fn link_of(line: usize, targets: &[(usize, u32)]) -> Link {
    let targets: Vec<_> = targets.iter().map(|&(product, quantity)| (PRODUCTS[product], quantity, 1)).collect();
    link(&format!("L{line}"), &targets)
}

fn auto_import() -> impl Strategy<Value = AutoImport> {
    prop_oneof![Just(AutoImport::Off), Just(AutoImport::Linked), Just(AutoImport::All)]
}

fn send_when() -> impl Strategy<Value = SendWhen> {
    prop_oneof![Just(SendWhen::Committed), Just(SendWhen::Paid)]
}

fn payment() -> impl Strategy<Value = Payment> {
    prop_oneof![Just(Payment::Unpaid), Just(Payment::Held), Just(Payment::Paid { at: None })]
}

fn store() -> impl Strategy<Value = StoreCapabilities> {
    (0..all_stores().len()).prop_map(|index| all_stores()[index])
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        6 => Just(Happens::Step),
        2 => Just(Happens::Paid),
        1 => Just(Happens::Canceled),
        1 => (any::<Index>(), 1..3_u32).prop_map(|(line, units)| Happens::UnitsCanceled(line, units)),
        2 => (any::<Index>(), targets()).prop_map(|(line, targets)| Happens::Linked(line, targets)),
        1 => any::<Index>().prop_map(Happens::Unlinked),
        1 => auto_import().prop_map(Happens::AutoImport),
        1 => send_when().prop_map(Happens::SendWhen),
        1 => any::<bool>().prop_map(Happens::InventorySync),
        1 => Just(Happens::Sent),
    ]
}

fn scene() -> impl Strategy<Value = Scene> {
    let lines = vec((1..4_u32, proptest::option::of(targets())), 1..4);
    let settings = (auto_import(), send_when(), proptest::bool::weighted(0.9), any::<bool>());
    // One order in ten contradicts itself by one cent.
    (lines, payment(), settings, store(), proptest::bool::weighted(0.1)).prop_map(
        |(lines, payment, (auto_import, send_when, inventory_sync, by_hand), store, wrong)| {
            let total: i64 = lines.iter().map(|(quantity, _)| 100 * i64::from(*quantity)).sum();
            let empty = sale("GBP", total + i64::from(wrong)).payment(payment);
            let sale = lines
                .iter()
                .enumerate()
                .fold(empty, |sale, (index, (quantity, _))| sale.line(&format!("L{index}"), *quantity, 100));
            let links = lines.iter().enumerate();
            let links = links.filter_map(|(index, (_, targets))| Some(link_of(index, targets.as_ref()?)));
            let mut scene = Scene::new(sale).with(|settings| {
                (settings.auto_import, settings.send_when) = (auto_import, send_when);
                settings.inventory_sync = inventory_sync;
            });
            (scene.links, scene.store, scene.by_hand) = (links.collect(), store, by_hand);
            scene
        },
    )
}

fn apply(world: &mut World, event: &Happens) {
    let scene = &mut world.scene;
    let lines = scene.order.source.lines.len();
    match event {
        Happens::Step => {
            world.step();
        }
        Happens::DyingStep(calls) => {
            world.dies_after = Some(*calls);
            world.step();
            world.dies_after = None;
        }
        Happens::Paid => scene.order.source.payment = Payment::Paid { at: None },
        Happens::Canceled => scene.order.source.cancel = Cancel::Canceled,
        Happens::UnitsCanceled(index, units) => {
            let line = &mut scene.order.source.lines[index.index(lines)];
            line.canceled = (line.canceled + units).min(line.quantity);
        }
        Happens::Linked(index, targets) => {
            let new = link_of(index.index(lines), targets);
            scene.links.retain(|link| link.listing != new.listing);
            scene.links.push(new);
        }
        Happens::Unlinked(index) => {
            let listing = scene.order.source.lines[index.index(lines)].listing.clone();
            scene.links.retain(|link| link.listing != listing);
        }
        Happens::AutoImport(auto_import) => scene.settings.auto_import = *auto_import,
        Happens::SendWhen(send_when) => scene.settings.send_when = *send_when,
        Happens::InventorySync(on) => scene.settings.inventory_sync = *on,
        Happens::Sent => scene.by_hand = true,
    }
}

/// Everything that stands against importing now, by the rules' own words.
fn forbidden_by(scene: &Scene) -> Vec<&'static str> {
    let source = &scene.order.source;
    let links = scene.links();
    let unlinked = source.lines.iter().any(|line| links.of(line).is_none());
    let paid = matches!(source.payment, Payment::Paid { .. });
    let settings = &scene.settings;
    let total: i64 = source.lines.iter().map(|line| line.charge.gross.minor()).sum();
    let checks = [
        ("canceled", source.cancel == Cancel::Canceled),
        ("inventory_sync", !settings.inventory_sync && !scene.by_hand),
        ("held by channel", source.payment == Payment::Held),
        ("auto_import", settings.auto_import == AutoImport::Off && !scene.by_hand),
        ("send_when", settings.send_when == SendWhen::Paid && !paid && !scene.by_hand),
        ("unlinked", unlinked && settings.auto_import != AutoImport::All && !scene.by_hand),
        ("text lines", unlinked && !scene.store.text_lines),
        ("amounts", total != source.buyer_total.minor()),
    ];
    checks.into_iter().filter(|(_, forbids)| *forbids).map(|(name, _)| name).collect()
}

/// The check that a reason answers to, and what its sentence must show of it.
fn evidence(reason: &NotImported, scene: &Scene) -> (&'static str, Vec<String>) {
    let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    match reason {
        NotImported::Canceled => ("canceled", text(&["canceled"])),
        NotImported::Refunded => ("refunded", text(&["returned"])),
        NotImported::SyncIsOff => ("inventory_sync", text(&["setting inventory_sync"])),
        NotImported::HeldByChannel => ("held by channel", text(&["channel still holds"])),
        NotImported::ImportIsOff => ("auto_import", text(&["setting auto_import"])),
        NotImported::AwaitingPayment => ("send_when", text(&["setting send_when = paid", "not paid"])),
        NotImported::Unlinked { items } => {
            let links = scene.links();
            let unlinked = scene.order.source.lines.iter().filter(|line| links.of(line).is_none());
            let names: Vec<String> = unlinked.map(|line| line.id.to_string()).collect();
            assert_eq!(*items, names);
            ("unlinked", names.into_iter().chain(["setting auto_import = linked".to_owned()]).collect())
        }
        NotImported::NoTextLines { items } => {
            let links = scene.links();
            let unlinked = scene.order.source.lines.iter().filter(|line| links.of(line).is_none());
            assert_eq!(*items, unlinked.map(|line| line.id.to_string()).collect::<Vec<_>>());
            let told = text(&["without a product", "setting auto_import"]);
            ("text lines", items.iter().cloned().chain(told).collect())
        }
        NotImported::FulfilledByChannel => ("fulfilled by channel", text(&["own warehouse"])),
        NotImported::DoesNotAddUp { .. } => ("amounts", vec![scene.order.source.buyer_total.to_string()]),
        NotImported::StoreUnavailable { .. }
        | NotImported::NoMainStore
        | NotImported::NoChannel
        | NotImported::ForeignCurrency { .. }
        | NotImported::NoExchangeRate { .. }
        | NotImported::NumberTooLong { .. }
        | NotImported::AlreadyInStore { .. }
        | NotImported::Undone
        | NotImported::Superseded { .. } => {
            panic!("not for the plan to say: {reason:?}")
        }
    }
}

fn units(wanted: &BTreeMap<Key, u32>, key: &Key) -> i64 {
    i64::from(wanted.get(key).copied().unwrap_or(0))
}

/// Each product of each line is out exactly as the order wants it, and got out once more often than it came back.
fn assert_out(world: &World, wanted: &BTreeMap<Key, u32>) {
    for (key, out) in &world.out {
        assert_eq!(*out, units(wanted, key), "{key:?} after {:?}: {:?}", world.steps, world.scene.order);
    }
    for key in wanted.keys() {
        assert!(world.out.contains_key(key), "{key:?} never moved: {:?}", world.scene.order);
    }
}

/// What must be out in the end. `None`: the sync was switched off, what is held stays as it is.
fn wanted_in_the_end(world: &World) -> Option<BTreeMap<Key, u32>> {
    let scene = &world.scene;
    if scene.order.source.cancel == Cancel::Canceled {
        return Some(BTreeMap::new());
    }
    match world.wanted_of_import() {
        Some(wanted) => Some(wanted),
        None => scene.settings.inventory_sync.then(|| world.wanted()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn an_order_is_imported_exactly_when_nothing_forbids_it_and_every_refusal_is_true(scene in scene()) {
        let forbidden = forbidden_by(&scene);
        let mut world = World::new(scene);
        world.settle();
        match &world.scene.order.import {
            ImportState::Imported { .. } => prop_assert!(forbidden.is_empty(), "imported against {:?}", forbidden),
            ImportState::Waiting(reason) | ImportState::Left(reason) => {
                let (name, shown) = evidence(reason, &world.scene);
                prop_assert!(forbidden.contains(&name), "{:?} is not what forbids it: {:?}", reason, forbidden);
                for text in shown {
                    prop_assert!(reason.sentence().contains(&text), "`{}` does not say {}", reason.sentence(), text);
                }
            }
            other => prop_assert!(false, "{:?}", other),
        }
        prop_assert_eq!(world.creates, u32::from(forbidden.is_empty()));
    }

    #[test]
    fn stock_moves_once_and_comes_back_once_whatever_happens(scene in scene(), events in vec(happens(), 0..25)) {
        let mut world = World::new(scene);
        for event in &events {
            apply(&mut world, event);
            prop_assert!(world.creates <= 1);
            prop_assert!(world.out.values().all(|out| *out >= 0), "put back twice: {:?}", world.out);
        }
        world.settle();
        if let Some(wanted) = wanted_in_the_end(&world) {
            assert_out(&world, &wanted);
        }
        prop_assert_eq!(world.settle(), 0, "settled is settled");
    }

    #[test]
    fn where_moves_are_keyed_a_dying_worker_changes_nothing(
        scene in scene(),
        events in vec(prop_oneof![1 => (0..3_usize).prop_map(Happens::DyingStep), 3 => happens()], 0..25),
    ) {
        let mut scene = scene;
        scene.store.keyed_stock_moves = true;
        let mut world = World::new(scene);
        for event in &events {
            apply(&mut world, event);
        }
        world.settle();
        if let Some(wanted) = wanted_in_the_end(&world) {
            assert_out(&world, &wanted);
        }
    }

    #[test]
    fn where_they_are_not_a_doubt_is_shown_and_never_taken_twice(
        scene in scene(),
        calls in 0..3_usize,
        events in vec(prop_oneof![3 => Just(Happens::Step), 1 => Just(Happens::Paid), 1 => Just(Happens::Sent)], 0..10),
    ) {
        let mut scene = scene;
        scene.store.keyed_stock_moves = false;
        let mut world = World::new(scene);
        apply(&mut world, &Happens::DyingStep(calls));
        for event in &events {
            apply(&mut world, event);
        }
        world.settle();
        let wanted = world.wanted_at_import.clone().unwrap_or_else(|| world.wanted());
        for (key, out) in &world.out {
            prop_assert!(*out == 0 || *out == units(&wanted, key), "{:?} moved twice: {:?}", key, world.scene.order);
        }
        for stock in &world.scene.order.stock {
            let key = (stock.line.clone(), stock.product.clone());
            let out = world.out.get(&key).copied().unwrap_or(0);
            let in_doubt = matches!(stock.state, StockState::Intended | StockState::Unknown);
            prop_assert!(in_doubt || out == i64::from(stock.outstanding()), "{:?} is not {} out", stock, out);
        }
    }
}
