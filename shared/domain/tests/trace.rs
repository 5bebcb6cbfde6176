//! E1: an order's trace stays short, tells nothing twice in a row, and is kept as codes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use support::{order, sale, time};
use tributary_domain::Cancel;
use tributary_domain::echo::{changes, is_own_echo};
use tributary_domain::shipment::Origin;
use tributary_domain::trace::{Event, MAX_ENTRIES, NotImported, TraceEntry, append};
use tributary_domain::{Fulfilment, Payment, Revision};

fn imported(number: usize) -> Event {
    Event::Imported { number: number.to_string() }
}

#[test]
fn repeating_the_last_event_adds_nothing_and_coming_back_to_it_does() {
    let (mut trace, at) = (Vec::new(), time("2026-11-18T09:00:00Z"));
    let waits = || Event::NotImported(NotImported::AwaitingPayment);
    append(&mut trace, at, waits());
    append(&mut trace, time("2026-11-18T10:00:00Z"), waits());
    assert_eq!(trace, [TraceEntry { at, event: waits() }]);
    append(&mut trace, at, imported(1));
    append(&mut trace, at, waits());
    assert_eq!(trace.len(), 3);
}

#[test]
fn of_a_long_history_the_newest_entries_stay() {
    let (mut trace, at) = (Vec::new(), time("2026-11-18T09:00:00Z"));
    for number in 0..MAX_ENTRIES + 5 {
        append(&mut trace, at, imported(number));
    }
    assert_eq!(trace.len(), MAX_ENTRIES);
    assert_eq!(trace[0].event, imported(5));
    assert_eq!(trace[MAX_ENTRIES - 1].event, imported(MAX_ENTRIES + 4));
}

#[test]
fn an_entry_reads_back_from_what_is_stored() {
    let event = Event::NotImported(NotImported::Unlinked { items: vec!["X".to_owned()] });
    let entry = TraceEntry { at: time("2026-11-18T09:00:00Z"), event };
    let stored = serde_json::to_string(&entry).unwrap();
    assert_eq!(serde_json::from_str::<TraceEntry>(&stored).unwrap(), entry);
}

#[test]
fn scenario_18_what_we_told_the_channel_is_recognised_when_it_comes_back() {
    let mut order = order(sale("GBP", 3998).line("A", 2, 1999).0);
    let package = support::shipment(None, Some("TRK 1"), &[("A", 2)]);
    order.packages = vec![support::package(Origin::Store, package)];
    let mut incoming = order.source.clone();
    incoming.revision = Revision(2);
    incoming.fulfilment = Fulfilment::Shipped;
    incoming.shipments = vec![support::shipment(Some("F1"), Some("TRK1"), &[("A", 2)])];
    assert!(is_own_echo(&order, &incoming));

    let mut paid_too = incoming.clone();
    paid_too.payment = Payment::Unpaid;
    assert!(!is_own_echo(&order, &paid_too));
    let mut another_package = incoming.clone();
    another_package.shipments.push(support::shipment(Some("F2"), Some("TRK2"), &[("A", 1)]));
    assert!(!is_own_echo(&order, &another_package));
    let mut delivered = incoming;
    delivered.fulfilment = Fulfilment::Delivered;
    assert!(!is_own_echo(&order, &delivered));
}

#[test]
fn a_channels_own_shipment_is_no_echo() {
    let order = order(sale("GBP", 3998).line("A", 2, 1999).0);
    let mut incoming = order.source.clone();
    incoming.fulfilment = Fulfilment::Shipped;
    assert!(!is_own_echo(&order, &incoming));
}

#[test]
fn what_changed_on_the_channel_is_told_in_words() {
    let before = sale("GBP", 3998).line("A", 2, 1999).unpaid().0;
    let mut after = before.clone();
    assert_eq!(changes(&before, &after), [""; 0]);
    after.payment = Payment::Paid { at: None };
    after.cancel = Cancel::Requested;
    after.buyer_total = support::money(4998, "GBP");
    assert_eq!(changes(&before, &after), ["paid", "cancellation requested", "total 49.98 GBP instead of 39.98 GBP"]);
}
