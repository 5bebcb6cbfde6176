//! How Amazon's orders are read: facts-only orders by scenario, and the whole reading of each as a snapshot.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use connector_amazon::read;
use domain::totals::{Totals, TotalsError, totals};
use domain::{Cancel, ChannelOrder, Fulfilment, Liable, Money, Payment, Place, TaxKnowledge};

fn fixture(name: &str) -> ChannelOrder {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).with_extension("json");
    read(&fs::read(path).unwrap()).unwrap()
}

fn sums(name: &str) -> Totals {
    totals(&fixture(name)).unwrap()
}

/// Buyer's total, store's total, tax that Amazon keeps, tax that the seller owes, in minor units.
fn minors(name: &str) -> [i64; 4] {
    let sums = sums(name);
    [sums.buyer_total, sums.store_total, sums.marketplace_tax, sums.seller_tax].map(Money::minor)
}

#[test]
fn every_scenario_reads_as_its_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert!(names.len() >= 30, "only {} fixtures", names.len());
    for name in names {
        insta::assert_json_snapshot!(name.as_str(), fixture(&name));
    }
}

#[test]
fn scenario_24_a_pending_is_held_and_then_paid() {
    for name in ["pending_without_amounts", "pending_with_amounts"] {
        let order = fixture(name);
        assert_eq!((order.payment, order.fulfilment), (Payment::Held, Fulfilment::NotStarted), "{name}");
        assert_eq!((order.lines[0].quantity, order.ship_to.is_none()), (1, true), "{name}");
    }
    assert_eq!(minors("pending_with_amounts"), [2999, 2999, 0, 0]);
    assert_eq!(minors("pending_without_amounts"), [0, 0, 0, 0]);
    assert_eq!(fixture("pending_without_amounts").currency.code(), "GBP");
    assert_eq!(fixture("pending_with_amounts").warnings, Vec::<String>::new());
    // The buyer pays 32.39, of which Amazon keeps 2.40, whichever total Amazon tells.
    for name in ["facilitator_tax_on_top", "facilitator_tax_outside_the_total"] {
        let order = fixture(name);
        assert_eq!(minors(name), [3239, 2999, 240, 0], "{name}");
        assert_eq!(order.payment, Payment::Paid { at: None });
        assert_eq!(order.tax, TaxKnowledge::Known);
    }
}

#[test]
fn scenario_24_b_what_amazon_ships_is_marked_as_such() {
    let order = fixture("fulfilled_by_amazon");
    assert!(order.fulfilled_by_channel && order.warnings.is_empty(), "{:?}", order.warnings);
    assert_eq!((order.lines[0].quantity, sums("fulfilled_by_amazon").store_total.minor()), (5, 14_995));
}

#[test]
fn scenario_10_d_collected_vat_is_never_the_stores() {
    for (name, place) in [("ioss_vat_on_top", Place::OnTop), ("ioss_vat_inside_the_price", Place::Included)] {
        assert_eq!(minors(name), [12_000, 10_000, 2_000, 0], "{name}");
        let tax = &fixture(name).lines[0].charge.taxes[0];
        assert_eq!((tax.liable, tax.place), (Liable::Marketplace, place), "{name}");
    }
    let order = fixture("ioss_number_without_an_amount");
    assert_eq!(order.tax, TaxKnowledge::Known, "no rate of ours may be taken out of it");
    assert!(order.warnings[0].contains("does not say how much"), "{:?}", order.warnings);
}

#[test]
fn every_readable_total_is_reached_to_the_cent() {
    let expected = [
        ("facilitator_tax_of_shipping_and_gift", [4663, 4097, 566, 0]),
        ("tax_of_the_seller_on_top", [11_880, 11_880, 0, 880]),
        ("tax_of_the_seller_inside_the_price", [12_000, 12_000, 0, 2_000]),
        ("zero_tax_says_nothing", [12_000, 12_000, 0, 0]),
        ("discounts_and_a_gift", [5250, 5250, 0, 0]),
        ("discount_without_sign", [2500, 2500, 0, 0]),
        ("discount_already_in_the_price", [2500, 2500, 0, 0]),
        ("one_of_two_packages_sent", [8497, 8497, 0, 0]),
        ("yen_without_decimals", [2629, 2629, 0, 0]),
        ("numbers_and_texts_swapped", [2498, 2498, 0, 0]),
        ("only_the_order_states_the_rest", [11_300, 11_300, 0, 800]),
        ("replacement_at_no_charge", [0, 0, 0, 0]),
        ("cash_on_delivery", [2330, 2330, 0, 0]),
        ("tip_charged_separately", [1999, 1999, 0, 0]),
        ("tip_in_the_total", [2199, 2199, 0, 0]),
        ("words_of_the_future", [2499, 2499, 0, 0]),
    ];
    for (name, minor) in expected {
        assert_eq!(minors(name), minor, "{name}");
    }
    assert_eq!(fixture("zero_tax_says_nothing").tax, TaxKnowledge::Unknown);
    assert_eq!(fixture("tax_of_the_seller_on_top").tax, TaxKnowledge::Known);
    let order = fixture("discounts_and_a_gift");
    assert_eq!(order.lines[0].charge.seller_discount.unwrap().minor(), 500);
    assert_eq!(order.shipping.charge.seller_discount.unwrap().minor(), 200);
    assert_eq!((order.fees[0].label.as_str(), order.fees[0].charge.gross.minor()), ("Gift wrap", 350));
    assert_eq!(order.gift_message.as_deref(), Some("Happy birthday, Tom!"));
}

#[test]
fn amounts_that_do_not_add_up_show_both_figures() {
    let error = totals(&fixture("amounts_that_do_not_add_up")).unwrap_err();
    let TotalsError::DoNotAddUp { parts, total } = error else { unreachable!("{error}") };
    assert_eq!((parts.to_string().as_str(), total.to_string().as_str()), ("19.99 GBP", "99.99 GBP"));
}

#[test]
fn every_status_is_read_as_the_readme_says() {
    let expected = [
        ("one_of_two_packages_sent", true, Fulfilment::Partial, Cancel::None),
        ("delivered", true, Fulfilment::Delivered, Cancel::None),
        ("fulfilled_by_amazon", true, Fulfilment::Shipped, Cancel::None),
        ("canceled_before_payment", false, Fulfilment::NotStarted, Cancel::Canceled),
        ("canceled_after_payment", true, Fulfilment::NotStarted, Cancel::Canceled),
        ("cancel_requested", true, Fulfilment::NotStarted, Cancel::Requested),
        ("one_line_canceled", true, Fulfilment::NotStarted, Cancel::None),
        ("words_of_the_future", false, Fulfilment::NotStarted, Cancel::None),
        ("not_to_be_fulfilled", false, Fulfilment::NotStarted, Cancel::None),
    ];
    for (name, paid, fulfilment, cancel) in expected {
        let order = fixture(name);
        assert_eq!((order.payment.is_paid(), order.fulfilment, order.cancel), (paid, fulfilment, cancel), "{name}");
    }
    assert_eq!(fixture("words_of_the_future").payment, Payment::Held, "what is not known is never imported");
    let quantities: Vec<_> = fixture("one_line_canceled").lines.iter().map(domain::Line::open_quantity).collect();
    assert_eq!(quantities, [0, 1]);
}

#[test]
fn words_of_the_future_are_each_told_once() {
    let order = fixture("words_of_the_future");
    for word in ["ON_THE_MOON", "ROBOTS", "DRONE_LANDING", "WORLD_FACILITATOR"] {
        assert_eq!(order.warnings.iter().filter(|warning| warning.contains(word)).count(), 1, "{word}");
    }
    assert!(!order.fulfilled_by_channel);
    assert_eq!((order.fees[0].label.as_str(), order.fees[0].charge.gross.minor()), ("Other charge", 500));
}

#[test]
fn what_amazon_withholds_is_told_and_what_it_anonymises_is_known() {
    let order = fixture("personal_data_withheld");
    assert_eq!((order.buyer.email.as_ref(), order.buyer.email_is_relay), (None, false));
    let told = ["no e-mail address", "no street to ship to"];
    assert!(
        told.iter().all(|told| order.warnings.iter().any(|warning| warning.contains(told))),
        "{:?}",
        order.warnings
    );
    assert!(fixture("facilitator_tax_on_top").buyer.email_is_relay);
}

#[test]
fn what_is_for_the_people_who_pack_is_carried() {
    let order = fixture("company_with_notes_for_the_delivery");
    assert_eq!(order.buyer_note.as_deref(), Some("Gate code 17\nDrop-off: Reception\nPurchase order: PO-2026-17"));
    let address = order.ship_to.unwrap();
    assert_eq!((address.company.as_str(), address.line2.as_str()), ("Example Ltd", "Unit 7, Yard B"));
    assert_eq!(address.region, "Greater London");
    let warned = [
        ("fetched_at_the_shop", "fetches this order"),
        ("ship_plus", "Ship+"),
        ("cash_on_delivery", "on delivery"),
        ("replacement_at_no_charge", "replaces order 202-0000000-9999999"),
        ("not_to_be_fulfilled", "cannot fulfil"),
    ];
    for (name, warning) in warned {
        let warnings = fixture(name).warnings;
        assert!(warnings.iter().any(|told| told.contains(warning)), "{name}: {warnings:?}");
    }
}

#[test]
fn a_line_is_known_by_its_sku_and_by_its_asin_without_one() {
    let keys = |name: &str| fixture(name).lines[0].keys().map(|key| key.to_string()).collect::<Vec<_>>();
    assert_eq!(keys("delivered"), ["sku:A"]);
    assert_eq!(keys("without_a_sku"), ["id:B0000000A1"]);
}
