//! R1, R2, R12, R16: what the store's order is worth, and its taxes, to the cent.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use std::collections::BTreeMap;

use support::{Sale, Scene, information, lines_of, link, money, sale, taxes_of};
use tributary_domain::allocate::allocate;
use tributary_domain::tax::BasisPoints;
use tributary_domain::totals::{self, TotalsError};
use tributary_domain::{Liable, Place, tax};

/// Rates by the index of a line, as a product's reduced rate would give them.
fn split(scene: &Scene, line_rates: &[(usize, u32)]) -> tax::TaxSplit {
    let rates: BTreeMap<usize, BasisPoints> =
        line_rates.iter().map(|&(line, rate)| (line, rate.try_into().unwrap())).collect();
    tax::split(&scene.order.source, &scene.settings.tax, &rates).unwrap()
}

/// (net, tax) of lines, shipping, fees.
fn parts(split: &tax::TaxSplit) -> Vec<(i64, i64)> {
    let all = split.lines.iter().chain([&split.shipping]).chain(&split.fees);
    all.map(|part| (part.net.minor(), part.tax().unwrap().minor())).collect()
}

fn three_of_999() -> Sale {
    sale("GBP", 2997).line("P", 1, 999).line("Q", 1, 999).line("R", 1, 999)
}

#[test]
fn scenario_1_prices_go_over_as_they_were_paid() {
    let draft = Scene::new(sale("GBP", 6897).line("A", 2, 1999).line("B", 1, 2500).shipping(399)).draft();
    assert_eq!(lines_of(&draft), [("A", "A", 2, 3998, 3998, 0), ("B", "B", 1, 2500, 2500, 0)]);
    assert_eq!((draft.shipping.net.minor(), draft.total.minor(), draft.paid), (399, 6897, true));
    assert_eq!(draft.source.channel_name, "eBay");
    assert!(draft.taxes.is_empty() && draft.fees.is_empty());
}

#[test]
fn scenario_3_an_unlinked_line_goes_as_text_at_its_price() {
    let draft = Scene::new(sale("GBP", 3898).line("A", 1, 1999).line("X", 1, 1500).shipping(399)).draft();
    assert_eq!(lines_of(&draft), [("A", "A", 1, 1999, 1999, 0), ("X", "text", 1, 1500, 1500, 0)]);
    assert_eq!(draft.total.minor(), 3898);
}

fn scenario_7() -> Scene {
    let coupon = allocate(money(625, "GBP"), &[5000, 1250]);
    assert_eq!((coupon[0].minor(), coupon[1].minor()), (500, 125));
    let sale = sale("GBP", 6124).line("A", 2, 2500).line("B", 1, 1250).shipping(499);
    Scene::new(sale.seller_discount("A", 500).seller_discount("B", 125)).rate(Some("GB"), 2000, "VAT 20%")
}

#[test]
fn scenario_7_vat_is_taken_out_of_lines_and_shipping() {
    let draft = scenario_7().with(|settings| settings.tax.add_shipping_tax = true).draft();
    let amounts: Vec<_> = draft.lines.iter().map(|line| (line.net.minor(), line.tax.minor())).collect();
    assert_eq!(amounts, [(3750, 750), (937, 188)]);
    assert_eq!((draft.shipping.net.minor(), draft.shipping.tax.minor()), (416, 83));
    assert_eq!(taxes_of(&draft), [("VAT 20%", 1021)]);
    assert_eq!(draft.total.minor(), 6124);
}

#[test]
fn scenario_7_without_add_shipping_tax_the_shipping_keeps_its_price() {
    let draft = scenario_7().draft();
    let amounts: Vec<_> = draft.lines.iter().map(|line| (line.net.minor(), line.tax.minor())).collect();
    assert_eq!(amounts, [(3750, 750), (937, 188)]);
    assert_eq!((draft.shipping.net.minor(), draft.shipping.tax.minor()), (499, 0));
    assert_eq!(taxes_of(&draft), [("VAT 20%", 938)]);
    assert_eq!(draft.total.minor(), 6124);
}

#[test]
fn scenario_8_tax_is_rounded_once_per_order_and_rate() {
    let vat = |sale: Sale| Scene::new(sale).rate(Some("GB"), 2000, "VAT 20%");
    assert_eq!(parts(&split(&vat(sale("GBP", 999).line("P", 1, 999)), &[])), [(832, 167), (0, 0)]);

    let draft = vat(three_of_999()).draft();
    assert_eq!(draft.lines.iter().map(|line| line.tax.minor()).collect::<Vec<_>>(), [167, 167, 166]);
    assert_eq!(draft.lines.iter().map(|line| line.net.minor()).sum::<i64>(), 2497);
    assert_eq!((taxes_of(&draft), draft.total.minor()), (vec![("VAT 20%", 500)], 2997));
}

#[test]
fn scenario_8_a_book_at_zero_per_cent_pays_no_tax() {
    let scene = Scene::new(sale("GBP", 2199).line("P", 1, 999).line("Book", 1, 1200)).rate(Some("GB"), 2000, "VAT 20%");
    assert_eq!(parts(&split(&scene, &[(1, 0)])), [(832, 167), (1200, 0), (0, 0)]);
}

#[test]
fn scenario_8_a_destination_without_a_row_has_no_tax() {
    let draft = Scene::new(three_of_999().to("US")).rate(Some("GB"), 2000, "VAT 20%").draft();
    assert_eq!((taxes_of(&draft), draft.total.minor()), (vec![], 2997));
}

fn scenario_9() -> Scene {
    let sale = sale("USD", 4871).line("A", 1, 4000).shipping(500).to("US");
    Scene::new(sale.tax("A", 371, Place::OnTop, Liable::Marketplace)).rate(None, 2000, "set by mistake")
}

#[test]
fn scenario_9_tax_that_the_marketplace_keeps_is_information_only() {
    let draft = scenario_9().draft();
    assert_eq!((draft.total.minor(), taxes_of(&draft)), (4500, vec![]));
    assert_eq!(information(&draft, "Tax collected by eBay"), Some("3.71 USD"));
    assert_eq!(information(&draft, "Buyer's total"), Some("48.71 USD"));
}

#[test]
fn scenario_9_where_the_store_can_tax_stands_as_the_channels_if_it_is_wanted() {
    let scene = Scene { store: support::platforms::shopify(), ..scenario_9() };
    assert_eq!(scene.draft().total.minor(), 4500, "it was not asked for");
    let draft = scene.with(|settings| settings.tax.channel_liable = true).draft();
    let liable: Vec<_> = draft.channel_liable.iter().map(|tax| (tax.label.as_str(), tax.amount.minor())).collect();
    assert_eq!((draft.total.minor(), liable), (4871, vec![("Tax collected by eBay", 371)]));
    assert!(taxes_of(&draft).is_empty());
    let elsewhere = scenario_9().with(|settings| settings.tax.channel_liable = true).draft();
    assert_eq!((elsewhere.total.minor(), elsewhere.channel_liable), (4500, vec![]));
}

#[test]
fn scenario_9_read_without_the_tax_breakdown_gives_the_same_total() {
    let sale = sale("USD", 4500).line("A", 1, 4000).shipping(500).to("US").tax_known();
    assert_eq!(Scene::new(sale).rate(None, 2000, "set by mistake").draft().total.minor(), 4500);
}

#[test]
fn scenario_10_each_destination_has_its_own_rate() {
    let to = |country: &str| {
        let scene = Scene::new(sale("EUR", 11_900).line("A", 1, 11_900).to(country));
        scene.rate(Some("DE"), 1900, "MwSt 19%").rate(Some("FR"), 2000, "TVA 20%").draft()
    };
    assert_eq!(lines_of(&to("DE")), [("A", "A", 1, 10_000, 10_000, 1900)]);
    assert_eq!(lines_of(&to("FR")), [("A", "A", 1, 9917, 9917, 1983)]);
    assert_eq!(lines_of(&to("CH")), [("A", "A", 1, 11_900, 11_900, 0)]);
    assert_eq!(taxes_of(&to("FR")), [("TVA 20%", 1983)]);
    assert!(["DE", "FR", "CH"].iter().all(|country| to(country).total.minor() == 11_900));
}

#[test]
fn scenario_10_ioss_vat_stays_with_the_marketplace_whether_included_or_on_top() {
    let included = sale("EUR", 12_000).line("A", 1, 12_000).tax("A", 2000, Place::Included, Liable::Marketplace);
    let on_top = sale("EUR", 12_000).line("A", 1, 10_000).tax("A", 2000, Place::OnTop, Liable::Marketplace);
    for sale in [included, on_top] {
        let draft = Scene::new(sale).draft();
        assert_eq!((draft.total.minor(), taxes_of(&draft)), (10_000, vec![]));
        assert_eq!(lines_of(&draft), [("A", "A", 1, 10_000, 10_000, 0)]);
        assert_eq!(information(&draft, "Tax collected by eBay"), Some("20.00 EUR"));
    }
}

#[test]
fn scenario_11_yen_have_two_rates_and_no_decimals() {
    let sale =
        sale("JPY", 2629).line("P", 1, 333).line("Q", 1, 333).line("R", 1, 333).line("Food", 1, 1080).shipping(550);
    let scene = Scene::new(sale.to("JP")).rate(None, 1000, "10%").with(|settings| settings.tax.add_shipping_tax = true);
    let split = split(&scene, &[(3, 800)]);
    assert_eq!(parts(&split), [(302, 31), (303, 30), (303, 30), (1000, 80), (500, 50)]);
    let (net, tax) = parts(&split).iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
    assert_eq!((net, tax), (2408, 221));
    assert_eq!(split.lines[3].taxes[0].amount.to_string(), "80 JPY");
}

#[test]
fn scenario_12_without_tax_the_sellers_tax_on_top_falls_away() {
    let scene = || {
        let sale = sale("USD", 11_880).line("A", 1, 10_000).shipping(1000);
        Scene::new(sale.tax("A", 800, Place::OnTop, Liable::Seller).tax("shipping", 80, Place::OnTop, Liable::Seller))
    };
    let with_tax = scene().draft();
    assert_eq!((with_tax.total.minor(), taxes_of(&with_tax)), (11_880, vec![("Sales tax", 880)]));
    let without = scene().with(|settings| settings.tax.import_without_tax = true).draft();
    assert_eq!((without.total.minor(), taxes_of(&without)), (11_000, vec![]));
    assert_eq!(information(&without, "Buyer's total"), Some("118.80 USD"));
    assert_eq!(information(&without, "Tax left out"), Some("8.80 USD"));
}

#[test]
fn scenario_12_without_tax_120_arrives_as_100_whether_told_or_taken_out() {
    let told = sale("EUR", 12_000).line("A", 1, 12_000).tax("A", 2000, Place::Included, Liable::Seller);
    let unknown = sale("EUR", 12_000).line("A", 1, 12_000);
    for sale in [told, unknown] {
        let scene =
            Scene::new(sale).rate(None, 2000, "VAT 20%").with(|settings| settings.tax.import_without_tax = true);
        let draft = scene.draft();
        assert_eq!((draft.total.minor(), taxes_of(&draft)), (10_000, vec![]));
        assert_eq!(lines_of(&draft), [("A", "A", 1, 10_000, 10_000, 0)]);
        assert_eq!(information(&draft, "Tax left out"), Some("20.00 EUR"));
    }
}

#[test]
fn scenario_12_without_tax_changes_nothing_where_the_marketplace_keeps_it() {
    assert_eq!(scenario_9().with(|settings| settings.tax.import_without_tax = true).draft().total.minor(), 4500);
}

#[test]
fn scenario_13_the_seller_receives_what_the_marketplace_pays() {
    let sale = sale("GBP", 4600).line("A", 3, 1000).line("B", 1, 2000).shipping(600);
    let sale = sale.seller_discount("A", 500).marketplace_discount("A", 300).marketplace_discount("shipping", 200);
    let draft = Scene::new(sale).draft();
    assert_eq!(lines_of(&draft), [("A", "A", 3, 3000, 2500, 0), ("B", "B", 1, 2000, 2000, 0)]);
    assert_eq!((draft.shipping.net.minor(), draft.total.minor()), (600, 5100));
    assert_eq!(information(&draft, "Discount paid by eBay"), Some("5.00 GBP"));
}

#[test]
fn scenario_14_coupon_gift_wrap_and_free_shipping() {
    let sale = sale("EUR", 5030).line("A", 2, 1500).line("B", 1, 2200).fee("Gift wrap", 350).to("DE");
    let sale = sale.seller_discount("A", 300).seller_discount("B", 220).with(|order| {
        order.shipping.service = "Royal Mail".to_owned();
        order.buyer_note = Some("ring twice".to_owned());
        order.gift_message = Some("Happy birthday".to_owned());
    });
    let scene =
        Scene::new(sale).rate(Some("DE"), 1900, "MwSt 19%").with(|settings| settings.tax.add_shipping_tax = true);
    let draft = scene.draft();
    let amounts: Vec<_> = draft.lines.iter().map(|line| (line.net.minor(), line.tax.minor())).collect();
    assert_eq!(amounts, [(2269, 431), (1664, 316)]);
    assert_eq!((draft.fees[0].net.minor(), draft.fees[0].tax.minor()), (294, 56));
    assert_eq!((taxes_of(&draft), draft.total.minor()), (vec![("MwSt 19%", 803)], 5030));
    assert_eq!((draft.shipping.title.as_str(), draft.shipping.net.minor()), ("Royal Mail", 0));
    assert_eq!(draft.note.as_deref(), Some("ring twice\nGift message: Happy birthday"));
    assert_eq!(draft.email, None);
}

#[test]
fn scenario_16_a_bundles_price_is_split_by_its_weights() {
    let mut scene = Scene::new(sale("USD", 13_500).line("Gift box", 3, 4500));
    scene.links = vec![link("Gift box", &[("A", 2, 1000), ("B", 1, 2500)])];
    assert_eq!(lines_of(&scene.draft()), [("Gift box", "A", 6, 6000, 6000, 0), ("Gift box", "B", 3, 7500, 7500, 0)]);
}

#[test]
fn the_price_before_a_discount_loses_the_same_share_of_tax() {
    let sale = || sale("GBP", 6000).line("A", 1, 12_000).seller_discount("A", 6000);
    let scene = Scene::new(sale()).rate(None, 2000, "VAT 20%");
    assert_eq!(lines_of(&scene.draft()), [("A", "A", 1, 10_000, 5000, 1000)]);
    let without_tax = scene.with(|settings| settings.tax.import_without_tax = true);
    assert_eq!(lines_of(&without_tax.draft()), [("A", "A", 1, 10_000, 5000, 0)]);
    let on_top =
        sale().with(|order| order.buyer_total = money(6600, "GBP")).tax("A", 600, Place::OnTop, Liable::Seller);
    assert_eq!(lines_of(&Scene::new(on_top).draft()), [("A", "A", 1, 12_000, 6000, 600)]);
}

#[test]
fn a_line_of_quantity_0_is_ignored_with_its_price() {
    let scene = Scene::new(sale("GBP", 999).line("A", 1, 999).line("B", 0, 0).with(|order| {
        order.lines[1].charge.gross = money(500, "GBP");
    }));
    let draft = scene.rate(None, 2000, "VAT 20%").draft();
    assert_eq!(lines_of(&draft), [("A", "A", 1, 832, 832, 167)]);
}

#[test]
fn an_order_that_is_given_away_stays_an_order_of_0() {
    let draft =
        Scene::new(sale("GBP", 0).line("A", 1, 999).seller_discount("A", 999)).rate(None, 2000, "VAT 20%").draft();
    assert_eq!(lines_of(&draft), [("A", "A", 1, 999, 0, 0)]);
}

#[test]
fn parts_that_do_not_add_up_are_refused_with_both_figures() {
    let order = sale("GBP", 2000).line("A", 1, 1999).0;
    let error = totals::totals(&order).unwrap_err();
    assert_eq!(error, TotalsError::DoNotAddUp { parts: money(1999, "GBP"), total: money(2000, "GBP") });
    assert_eq!(error.to_string(), "the order's parts add up to 19.99 GBP, but its total says 20.00 GBP");
}

#[test]
fn amounts_of_two_currencies_are_never_added() {
    let order = sale("GBP", 1999).line("A", 1, 1999).with(|order| order.lines[0].charge.gross = money(1999, "EUR"));
    assert!(matches!(totals::totals(&order.0), Err(TotalsError::Money(_))));
}
