//! How Etsy's receipts are read: facts-only receipts by scenario, and the whole reading of each as a snapshot. The
//! description itself has no example of a receipt.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use connector_etsy::read;
use domain::tax::split;
use domain::totals::{Totals, TotalsError, totals};
use domain::{Cancel, ChannelOrder, Fulfilment, Liable, Payment, Place, TaxKnowledge};

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
    assert!(names.len() >= 25, "only {} fixtures", names.len());
    for name in names {
        insta::assert_json_snapshot!(name.as_str(), fixture(&name));
    }
}

#[test]
fn scenario_14_is_right_to_the_cent() {
    let order = fixture("coupon_gift_wrap_and_free_shipping");
    let discounts: Vec<_> = order.lines.iter().map(|line| line.charge.seller_discount.unwrap().minor()).collect();
    assert_eq!(discounts, [300, 220]);
    assert_eq!(totals(&order).unwrap().store_total.to_string(), "50.30 EUR");
    assert_eq!(order.tax, TaxKnowledge::Unknown);
    assert_eq!((order.fees[0].label.as_str(), order.fees[0].charge.gross.minor()), ("Gift wrap", 350));
    assert_eq!((order.shipping.service.as_str(), order.shipping.charge.gross.minor()), ("Deutsche Post Brief", 0));
    assert_eq!(order.buyer_note.as_deref(), Some("Please ring twice"));
    assert_eq!(order.gift_message.as_deref(), Some("Happy birthday, Grace!"));
    assert_eq!(order.buyer.email, None);
    // DE 19 %, with the tax on shipping: 803 = 431 + 316 + 56, net 4227 = 2269 + 1664 + 294.
    let settings = serde_json::from_value(serde_json::json!({
        "rates": [{"country": "DE", "basis_points": 1900, "label": "VAT 19%"}], "add_shipping_tax": true,
    }));
    let taxed = split(&order, &settings.unwrap(), &BTreeMap::new()).unwrap();
    let shares = taxed.lines.iter().chain([&taxed.shipping]).chain(&taxed.fees);
    let shares: Vec<_> = shares.map(|share| (share.net.minor(), share.tax().unwrap().minor())).collect();
    assert_eq!(shares, [(2269, 431), (1664, 316), (0, 0), (294, 56)]);
}

#[test]
fn every_readable_total_is_reached_to_the_cent() {
    // (name, what the store's order is worth, tax that Etsy keeps)
    let expected = [
        ("price_with_the_coupon_taken_off", "18.67 EUR", "0.00 EUR"),
        ("sales_tax_of_the_marketplace", "85.98 USD", "6.60 USD"),
        ("vat_on_top", "45.00 EUR", "8.55 EUR"),
        ("vat_inside_the_prices", "44.20 EUR", "8.40 EUR"),
        ("sales_tax_and_vat", "45.00 EUR", "8.60 EUR"),
        ("gift_wrap_beside_the_total", "28.00 EUR", "0.00 EUR"),
        ("yen_without_parts", "10700 JPY", "0 JPY"),
        ("free_of_charge", "0.00 EUR", "0.00 EUR"),
    ];
    for (name, store_total, kept) in expected {
        let sums = sums(name);
        assert_eq!(
            (sums.store_total.to_string(), sums.marketplace_tax.to_string()),
            (store_total.into(), kept.into()),
            "{name}"
        );
    }
}

#[test]
fn amounts_that_do_not_add_up_are_shown_not_mended() {
    let error = totals(&fixture("amounts_that_do_not_add_up")).unwrap_err();
    assert!(matches!(error, TotalsError::DoNotAddUp { .. }));
    assert_eq!(error.to_string(), "the order's parts add up to 6.00 EUR, but its total says 7.00 EUR");
}

#[test]
fn tax_is_etsys_and_zero_tax_says_nothing() {
    let order = fixture("sales_tax_of_the_marketplace");
    let taxes = order.lines.iter().flat_map(|line| &line.charge.taxes);
    let taxes: Vec<_> = taxes.map(|tax| (tax.amount.minor(), tax.liable, tax.place)).collect();
    assert_eq!(taxes, [(495, Liable::Marketplace, Place::OnTop), (165, Liable::Marketplace, Place::OnTop)]);
    assert_eq!(order.tax, TaxKnowledge::Known);
    let included = fixture("vat_inside_the_prices");
    assert_eq!(included.lines[0].charge.taxes[0].place, Place::Included);
    assert_eq!(fixture("two_packages").tax, TaxKnowledge::Unknown);
}

#[test]
fn words_are_read_in_any_case_and_unknown_ones_are_the_safe_state() {
    let refunded = fixture("fully_refunded");
    assert!(refunded.payment.is_paid() && refunded.warnings.is_empty(), "{:?}", refunded.warnings);
    assert_eq!(fixture("canceled_after_payment").cancel, Cancel::Canceled);
    assert_eq!(fixture("canceled_before_payment").payment, Payment::Unpaid);
    assert_eq!(fixture("payment_processing").payment, Payment::Unpaid);
    assert_eq!(fixture("price_with_the_coupon_taken_off").fulfilment, Fulfilment::Shipped);
    for name in ["words_of_the_future", "no_status_at_all"] {
        let order = fixture(name);
        assert_eq!((order.payment, order.cancel), (Payment::Unpaid, Cancel::None), "{name}");
        assert_eq!((order.fulfilment, order.warnings.len()), (Fulfilment::NotStarted, 1), "{name}");
    }
    assert!(fixture("words_of_the_future").warnings[0].contains("in orbit"));
}

#[test]
fn refunds_are_amounts_each_with_a_name_of_its_own() {
    let told = |name: &str| {
        let refunds = fixture(name).refunds;
        refunds.into_iter().map(|refund| (refund.id, refund.amount.minor())).collect::<Vec<_>>()
    };
    assert_eq!(
        told("partially_refunded_twice_alike"),
        [("1795078800-700".to_owned(), 700), ("1795078800-700#2".to_owned(), 700)]
    );
    assert_eq!(told("canceled_after_payment"), [("1795078800-2500".to_owned(), 2500)]);
    assert_eq!(told("refund_with_an_unknown_word"), []);
    assert!(fixture("refund_with_an_unknown_word").warnings[0].contains("under review"));
}

#[test]
fn a_variation_is_a_listing_of_its_own_and_a_wish_is_a_note() {
    let order = fixture("variation_and_personalisation");
    let keys = |at: usize| order.lines[at].keys().map(|key| key.to_string()).collect::<Vec<_>>();
    assert_eq!(keys(0), ["id:1200000001/7700000001", "sku:SKU-1"]);
    assert_eq!(keys(1), ["id:1200000002", "sku:SKU-2"]);
    assert_eq!(order.lines[0].title, "Mug (Size: 350 ml)");
    assert_eq!(order.buyer_note.as_deref(), Some("Thank you\nMug: Personalization: For Grace"));
    assert_eq!(order.shipping.service, "DHL Express");
    let plain = fixture("personalised_without_variation");
    assert_eq!(plain.lines[0].keys().map(|key| key.to_string()).collect::<Vec<_>>(), ["id:1200000001"]);
}

#[test]
fn what_is_withheld_is_told_and_what_is_downloaded_goes_nowhere() {
    assert_eq!(fixture("address_withheld").warnings.len(), 2);
    assert_eq!(fixture("address_withheld").ship_to, None);
    let digital = fixture("digital_item");
    assert_eq!((digital.ship_to, digital.warnings), (None, Vec::new()));
    assert_eq!(fixture("listing_that_is_gone").lines[0].listing.to_string(), "id:transaction/5100000001");
}

#[test]
fn what_happened_to_a_receipt_makes_it_newer_though_its_time_stands_still() {
    let revision = |name: &str| fixture(name).revision;
    let fresh = revision("vat_on_top");
    assert_eq!(fresh.0, 1_794_992_405_000);
    assert!(revision("payment_processing") < fresh);
    for later in ["marked_as_sent_only", "two_packages", "partially_refunded_twice_alike", "canceled_before_payment"] {
        assert!(revision(later) > fresh, "{later}");
    }
    assert!(revision("fully_refunded") < revision("canceled_after_payment"));
}
