//! How eBay's orders are read: facts-only orders by scenario, and the whole reading of each as a snapshot.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use connector_ebay::read;
use domain::totals::{Totals, TotalsError, totals};
use domain::{Cancel, ChannelOrder, Fulfilment, Liable, Payment, TaxKnowledge};

fn fixture(name: &str) -> ChannelOrder {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).with_extension("json");
    read(&fs::read(path).unwrap()).unwrap()
}

fn sums(name: &str) -> Totals {
    totals(&fixture(name)).unwrap()
}

#[test]
fn every_scenario_reads_as_its_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert!(names.len() >= 20, "only {} fixtures", names.len());
    for name in names {
        insta::assert_json_snapshot!(name.as_str(), fixture(&name));
    }
}

#[test]
fn scenario_1_adds_up() {
    let order = fixture("two_lines_paid");
    assert_eq!(totals(&order).unwrap().store_total.to_string(), "68.97 GBP");
    assert_eq!(order.tax, TaxKnowledge::Unknown);
    assert!(order.payment.is_paid());
}

#[test]
fn scenario_9_gives_the_same_store_total_with_and_without_the_breakdown() {
    for name in
        ["tax_collected_by_ebay", "tax_collected_by_ebay_without_breakdown", "tax_collected_by_ebay_without_type"]
    {
        let sums = sums(name);
        assert_eq!(sums.store_total.to_string(), "45.00 USD", "{name}");
        assert_eq!(sums.buyer_total.to_string(), "48.71 USD", "{name}");
        assert_eq!(sums.marketplace_tax.to_string(), "3.71 USD", "{name}");
        assert!(sums.seller_tax.is_zero(), "{name}");
        assert_eq!(fixture(name).tax, TaxKnowledge::Known, "{name}");
    }
}

#[test]
fn every_readable_total_is_reached_to_the_cent() {
    let expected = [
        ("discounts_of_the_seller", "256.51 EUR"),
        ("coupon_that_no_line_shows", "61.24 GBP"),
        ("vat_collected_by_ebay_inside_the_price", "100.00 EUR"),
        ("payout_in_another_currency", "116.26 EUR"),
        ("tax_of_the_seller_on_top", "118.80 USD"),
        ("tax_of_the_seller_inside_the_price", "120.00 GBP"),
        ("recycling_fees", "346.50 USD"),
        ("price_adjusted_after_the_sale", "19.50 GBP"),
        ("price_adjustment_without_sign", "19.50 GBP"),
        ("yen_without_decimals", "9300 JPY"),
    ];
    for (name, store_total) in expected {
        assert_eq!(sums(name).store_total.to_string(), store_total, "{name}");
    }
}

#[test]
fn amounts_that_do_not_add_up_are_shown_not_mended() {
    let error = totals(&fixture("amounts_that_do_not_add_up")).unwrap_err();
    assert!(matches!(error, TotalsError::DoNotAddUp { .. }));
    assert_eq!(error.to_string(), "the order's parts add up to 6.00 GBP, but its total says 7.00 GBP");
}

#[test]
fn tax_that_ebay_keeps_is_never_the_sellers() {
    let order = fixture("recycling_fees");
    let kept: Vec<_> = order.lines[0].charge.taxes.iter().map(|tax| (tax.liable, tax.amount.minor())).collect();
    assert_eq!(kept, [(Liable::Marketplace, 2433), (Liable::Marketplace, 600)]);
    let own: Vec<_> = order.fees.iter().map(|fee| (fee.label.as_str(), fee.charge.gross.minor())).collect();
    assert_eq!(own, [("Tire recycling fee", 250)]);
}

#[test]
fn unknown_words_are_the_safe_state_with_a_warning() {
    let order = fixture("words_of_the_future");
    assert_eq!(order.payment, Payment::Unpaid);
    assert_eq!(order.fulfilment, Fulfilment::NotStarted);
    assert_eq!(order.cancel, Cancel::Requested);
    assert!(order.refunds.is_empty());
    for word in ["PAID_IN_STARS", "TELEPORTED", "RECONSIDERED", "HALFWAY"] {
        assert!(order.warnings.iter().any(|warning| warning.contains(word)), "{word}: {:?}", order.warnings);
    }
}

#[test]
fn a_pending_refund_does_not_unpay_an_order() {
    let order = fixture("refund_pending_is_still_paid");
    assert!(order.payment.is_paid());
    assert_eq!(order.cancel, Cancel::Requested);
    assert_eq!(fixture("cancel_request_rejected").cancel, Cancel::None);
}

#[test]
fn a_refund_told_on_line_and_order_counts_once() {
    let refunds = fixture("line_refund_told_twice").refunds;
    let told = refunds.iter().map(|refund| (refund.id.as_str(), refund.amount.minor(), refund.line.is_some()));
    assert_eq!(told.collect::<Vec<_>>(), [("5002", 4000, true), ("5003", 700, false)]);
}

#[test]
fn masked_and_relayed_addresses_are_told_apart() {
    assert_eq!(fixture("yen_without_decimals").buyer.email, None);
    let relayed = fixture("two_lines_paid").buyer;
    assert!(relayed.email_is_relay && relayed.email.is_some());
}
