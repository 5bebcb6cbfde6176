//! R10, R11: status and dot, as full tables.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use support::{Scene, imported, line_id, package, product, sale, shipment};
use tributary_domain::shipment::Origin;
use tributary_domain::status::{DotColor, OrderStatus, RefundStatus, dot, refund_status, status};
use tributary_domain::stock::{LineStock, StockState};
use tributary_domain::trace::NotImported;
use tributary_domain::{Cancel, Fulfilment, ImportState, Liable, Order, Payment, Place};

use OrderStatus::{AwaitingPayment, Canceled, Completed, ReadyToShip, Shipping};

/// Two units of A and one of B.
fn base() -> Order {
    let mut order = Scene::new(sale("GBP", 6498).line("A", 2, 1999).line("B", 1, 2500)).order;
    order.import = imported();
    order
}

#[derive(Debug, Clone, Copy)]
enum Packages {
    None,
    Some,
    All,
}

fn with_packages(order: &mut Order, packages: Packages) {
    order.packages = match packages {
        Packages::None => Vec::new(),
        Packages::Some => vec![package(Origin::Store, shipment(None, Some("T1"), &[("A", 1), ("B", 1)]))],
        Packages::All => vec![
            package(Origin::Store, shipment(None, Some("T1"), &[("A", 1), ("B", 1)])),
            package(Origin::Store, shipment(None, Some("T2"), &[("A", 1)])),
        ],
    };
}

/// Columns: unpaid, held, paid, paid where the channel reports delivery.
const MATRIX: [(Fulfilment, bool, Packages, [OrderStatus; 4]); 24] = [
    (Fulfilment::NotStarted, false, Packages::None, [AwaitingPayment, AwaitingPayment, ReadyToShip, ReadyToShip]),
    (Fulfilment::NotStarted, false, Packages::Some, [Shipping, Shipping, Shipping, Shipping]),
    (Fulfilment::NotStarted, false, Packages::All, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::NotStarted, true, Packages::None, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::NotStarted, true, Packages::Some, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::NotStarted, true, Packages::All, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Partial, false, Packages::None, [Shipping, Shipping, Shipping, Shipping]),
    (Fulfilment::Partial, false, Packages::Some, [Shipping, Shipping, Shipping, Shipping]),
    (Fulfilment::Partial, false, Packages::All, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Partial, true, Packages::None, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Partial, true, Packages::Some, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Partial, true, Packages::All, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Shipped, false, Packages::None, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Shipped, false, Packages::Some, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Shipped, false, Packages::All, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Shipped, true, Packages::None, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Shipped, true, Packages::Some, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Shipped, true, Packages::All, [Completed, Completed, Completed, Shipping]),
    (Fulfilment::Delivered, false, Packages::None, [Completed; 4]),
    (Fulfilment::Delivered, false, Packages::Some, [Completed; 4]),
    (Fulfilment::Delivered, false, Packages::All, [Completed; 4]),
    (Fulfilment::Delivered, true, Packages::None, [Completed; 4]),
    (Fulfilment::Delivered, true, Packages::Some, [Completed; 4]),
    (Fulfilment::Delivered, true, Packages::All, [Completed; 4]),
];

#[test]
fn r11_every_cell_of_the_status_matrix() {
    let columns = [
        (Payment::Unpaid, false),
        (Payment::Held, false),
        (Payment::Paid { at: None }, false),
        (Payment::Paid { at: None }, true),
    ];
    for (fulfilment, store_completed, packages, expected) in MATRIX {
        for ((payment, reports_delivery), expected) in columns.into_iter().zip(expected) {
            for cancel in [Cancel::None, Cancel::Requested, Cancel::Canceled] {
                for (store_canceled, refunded) in [(false, 0), (false, 100), (false, 6498), (true, 0), (true, 6498)] {
                    let mut order = base();
                    order.source.payment = payment;
                    order.source.fulfilment = fulfilment;
                    order.source.cancel = cancel;
                    order.source.refunds = sale("GBP", 0).refunded(refunded).0.refunds;
                    order.store.completed = store_completed;
                    order.store.canceled = store_canceled;
                    with_packages(&mut order, packages);
                    let ended = cancel == Cancel::Canceled || store_canceled || refunded == 6498;
                    let expected = if ended { Canceled } else { expected };
                    let cell =
                        format!("{fulfilment:?} {store_completed} {packages:?} {payment:?} {cancel:?} {refunded}");
                    assert_eq!(status(&order, reports_delivery), expected, "{cell} store canceled {store_canceled}");
                }
            }
        }
    }
}

#[test]
fn r11_a_full_refund_is_all_that_the_seller_received() {
    let refunded = |minors: &[i64]| {
        let sale = sale("USD", 4871).line("A", 1, 4500).tax("A", 371, Place::OnTop, Liable::Marketplace);
        let sale = minors.iter().fold(sale, |sale, minor| sale.refunded(*minor));
        refund_status(&Scene::new(sale).order)
    };
    assert_eq!(refunded(&[]), RefundStatus::None);
    assert_eq!(refunded(&[700]), RefundStatus::Partial);
    assert_eq!(refunded(&[700, 3799]), RefundStatus::Partial);
    assert_eq!(refunded(&[700, 3800]), RefundStatus::Full);
    assert_eq!(refunded(&[4871]), RefundStatus::Full);
}

#[test]
fn scenario_13_what_the_marketplace_paid_need_not_be_refunded() {
    let sale = sale("GBP", 4300).line("A", 1, 5000).seller_discount("A", 500).marketplace_discount("A", 200);
    assert_eq!(refund_status(&Scene::new(sale.clone().refunded(4299)).order), RefundStatus::Partial);
    assert_eq!(refund_status(&Scene::new(sale.refunded(4300)).order), RefundStatus::Full);
}

#[test]
fn scenario_15_refunds_by_amount_end_as_canceled_only_when_all_is_back() {
    let order = |refunds: &[i64]| {
        let sale = sale("USD", 10_500).line("A", 2, 3000).line("B", 1, 4000).shipping(500);
        Scene::new(refunds.iter().fold(sale, |sale, minor| sale.refunded(*minor))).order
    };
    assert_eq!(status(&order(&[700, 4000]), false), ReadyToShip);
    assert_eq!(status(&order(&[700, 4000, 5800]), false), Canceled);
}

#[test]
fn r11_two_sides_telling_of_the_same_units_do_not_add_up() {
    let mut order = base();
    order.packages = vec![
        package(Origin::Store, shipment(None, Some("T1"), &[("A", 1), ("B", 1)])),
        package(Origin::Channel, shipment(Some("F1"), None, &[("A", 1), ("B", 1)])),
    ];
    assert_eq!(status(&order, false), Shipping);
}

#[test]
fn r11_canceled_units_need_no_package() {
    let mut order = base();
    order.source.lines[0].canceled = 1;
    with_packages(&mut order, Packages::Some);
    assert_eq!(status(&order, false), Completed);
}

/// How A and B stand; `None`: no stock is known of the line, as for an unlinked one.
fn dot_of(import: ImportState, a: Option<StockState>, b: Option<StockState>) -> (DotColor, u32) {
    let mut order = base();
    order.import = import;
    for (name, units, state) in [("A", 2, a), ("B", 1, b)] {
        let Some(state) = state else { continue };
        let restored = if state == StockState::Restored { units } else { 0 };
        order.stock.push(LineStock { line: line_id(name), product: product(name), units, state, restored, of: 0 });
    }
    let dot = dot(&order);
    assert_eq!(dot.units, 3);
    (dot.color, dot.units_held)
}

#[test]
fn r10_every_color_of_the_dot() {
    use StockState::{Held, Intended, Restored, Taken, Unknown, Unmanaged};
    // A's state, B's state; the dot and the units held before the import; the dot after it.
    let table = [
        (Some(Held), Some(Held), DotColor::Orange, 3, DotColor::Green),
        (Some(Held), Some(Taken), DotColor::Orange, 3, DotColor::Green),
        (Some(Taken), Some(Taken), DotColor::Orange, 3, DotColor::Green),
        (Some(Held), Some(Unmanaged), DotColor::Orange, 3, DotColor::Green),
        (Some(Held), Some(Restored), DotColor::Red, 2, DotColor::Green),
        (Some(Held), None, DotColor::Red, 2, DotColor::Green),
        (None, Some(Held), DotColor::Red, 1, DotColor::Green),
        (None, None, DotColor::Red, 0, DotColor::Green),
        (Some(Held), Some(Unknown), DotColor::Red, 2, DotColor::Partial),
        (Some(Taken), Some(Intended), DotColor::Red, 2, DotColor::Partial),
        (Some(Unknown), Some(Unknown), DotColor::Red, 0, DotColor::Partial),
    ];
    let at = support::time("2026-11-18T09:05:00Z");
    for (a, b, before, held, after) in table {
        let not_imported = [
            ImportState::Received,
            ImportState::Waiting(NotImported::AwaitingPayment),
            ImportState::Reserved { attempt: 1, send_by: at },
            ImportState::Unknown { attempt: 1, look_after: at },
            ImportState::Failed { why: "refused".to_owned(), refused: false },
        ];
        for import in not_imported {
            assert_eq!(dot_of(import.clone(), a, b), (before, held), "{import:?} {a:?} {b:?}");
        }
        assert_eq!(dot_of(imported(), a, b), (after, held), "imported {a:?} {b:?}");
    }
}

#[test]
fn r10_a_bundle_is_held_when_all_of_its_products_are() {
    let mut order = Scene::new(sale("GBP", 4500).line("Gift box", 1, 4500)).order;
    let stock = |name: &str, units, state| LineStock {
        line: line_id("Gift box"),
        product: product(name),
        units,
        state,
        restored: 0,
        of: 0,
    };
    order.stock = vec![stock("A", 2, StockState::Held), stock("B", 1, StockState::Unknown)];
    assert_eq!((dot(&order).color, dot(&order).units_held), (DotColor::Red, 0));
    order.stock[1].state = StockState::Held;
    assert_eq!((dot(&order).color, dot(&order).units_held), (DotColor::Orange, 1));
}
