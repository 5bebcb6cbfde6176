//! What is sent for the acceptance scenarios, to the cent.

use domain::draft::{DraftFee, DraftTax};
use rust_decimal::Decimal;

use super::*;
use crate::testing::{draft, line, money, product};

/// Sends the draft; its parts must add up to its total first, and Shopify's sum must be the total too.
fn sent(mut draft: StoreOrderDraft, total: i64) -> OrderCreate {
    draft.total = Money::from_minor(total, draft.currency);
    let order = order_create("test", &draft).unwrap();
    assert_eq!(sum(&order), draft.total.amount());
    order
}

fn amount(value: &impl serde::Serialize) -> Decimal {
    let value = serde_json::to_value(value).unwrap();
    value["shopMoney"]["amount"].as_str().unwrap().parse().unwrap()
}

/// As Shopify adds up: taxes that are not included come on top.
fn sum(create: &OrderCreate) -> Decimal {
    let order = &create.order;
    let lines = order.line_items.iter().map(|line| amount(&line.price_set) * Decimal::from(line.quantity));
    let shipping = order.shipping_lines.iter().map(|line| amount(&line.price_set));
    let taxes = order.line_items.iter().flat_map(|line| &line.tax_lines);
    let taxes = taxes.chain(order.shipping_lines.iter().flat_map(|line| &line.tax_lines));
    let taxes: Decimal = taxes.map(|tax| amount(&tax.price_set)).sum();
    let code = order.discount_code.as_ref().map(|code| amount(&code.item_fixed_discount_code.amount_set));
    let taxes = if order.taxes_included { Decimal::ZERO } else { taxes };
    lines.chain(shipping).sum::<Decimal>() + taxes - code.unwrap_or_default()
}

fn tax(label: &str, amount: i64, rate: &str, currency: &str) -> DraftTax {
    DraftTax { label: label.to_owned(), amount: money(amount, currency), rate: rate.parse().ok() }
}

#[test]
fn scenario_1_a_paid_order_of_two_products() {
    let mut order = draft("GBP");
    order.lines = vec![line("L1", product("101"), 2, 3998, 0, "GBP"), line("L2", product("102"), 1, 2500, 0, "GBP")];
    order.shipping.net = money(399, "GBP");
    order.information = vec![("Order number".into(), "12-34567-89012".into())];
    insta::assert_json_snapshot!(sent(order, 6897));
}

#[test]
fn scenario_3_an_unlinked_line_is_text_that_moves_no_stock() {
    let mut order = draft("GBP");
    let text = DraftItem::Text { sku: "X".parse().ok() };
    order.lines = vec![line("L1", product("101"), 1, 1999, 0, "GBP"), line("L2", text, 1, 1500, 0, "GBP")];
    order.shipping.net = money(399, "GBP");
    insta::assert_json_snapshot!(sent(order, 3898));
}

#[test]
fn scenario_5_an_unpaid_order_waits_for_its_money() {
    let mut order = draft("GBP");
    order.paid = false;
    order.lines = vec![line("L1", product("101"), 3, 5997, 0, "GBP")];
    insta::assert_json_snapshot!(sent(order, 5997));
}

#[test]
fn scenario_7_vat_taken_out_is_a_tax_line_of_its_name() {
    let mut order = draft("GBP");
    order.lines = vec![line("L1", product("101"), 2, 3750, 750, "GBP"), line("L2", product("102"), 1, 937, 188, "GBP")];
    (order.shipping.net, order.shipping.tax) = (money(416, "GBP"), money(83, "GBP"));
    order.taxes = vec![tax("VAT 20%", 1021, "20", "GBP")];
    insta::assert_json_snapshot!(sent(order, 6124));
}

#[test]
fn scenario_9_tax_that_the_marketplace_keeps_is_information() {
    let mut order = draft("USD");
    order.lines = vec![line("L1", product("101"), 1, 4000, 0, "USD")];
    order.shipping.net = money(500, "USD");
    order.ship_to.region = "CA".into();
    order.ship_to.country = "US".into();
    order.information = vec![("Tax collected by eBay".into(), "3.71 USD".into())];
    insta::assert_json_snapshot!(sent(order, 4500));
}

#[test]
fn scenario_9_and_where_it_is_wanted_it_stands_as_the_channels_own() {
    let mut order = draft("USD");
    order.lines = vec![line("L1", product("101"), 1, 4000, 0, "USD")];
    order.shipping.net = money(500, "USD");
    order.channel_liable = vec![tax("Tax collected by eBay", 371, "", "USD")];
    let sent = sent(order, 4871);
    let taxes: Vec<_> =
        sent.order.line_items[0].tax_lines.iter().chain(&sent.order.shipping_lines[0].tax_lines).collect();
    assert!(taxes.iter().all(|tax| tax.channel_liable) && !sent.order.taxes_included);
    assert_eq!(taxes.iter().map(|tax| amount(&tax.price_set)).sum::<Decimal>(), Decimal::new(371, 2));
    insta::assert_json_snapshot!(sent);
}

#[test]
fn scenario_13_a_price_that_does_not_divide_stands_on_two_lines() {
    let mut order = draft("USD");
    order.lines = vec![line("L1", product("101"), 3, 2500, 0, "USD"), line("L2", product("102"), 1, 2000, 0, "USD")];
    order.shipping.net = money(600, "USD");
    order.information = vec![("Discount paid by eBay".into(), "5.00 USD".into())];
    let sent = sent(order, 5100);
    let lines: Vec<_> =
        sent.order.line_items.iter().map(|line| (line.quantity, amount(&line.price_set).to_string())).collect();
    assert_eq!(lines, [(2, "8.33".to_owned()), (1, "8.34".to_owned()), (1, "20.00".to_owned())]);
    assert!(sent.order.discount_code.is_none());
    insta::assert_json_snapshot!(sent);
}

#[test]
fn scenario_25_number_people_and_texts() {
    let mut order = draft("GBP");
    order.source.wanted_number = Some("EB-12-34567-89012".into());
    order.note = Some("ring twice".into());
    order.lines = vec![line("L1", product("101"), 1, 1999, 0, "GBP")];
    let first = sent(order.clone(), 1999);
    assert_eq!((first.order.name.as_deref(), first.order.email), (Some("EB-12-34567-89012"), None));
    insta::assert_json_snapshot!(sent(order.clone(), 1999));
    // The second buyer has a forwarding address: marketing is never claimed for it.
    order.email = Some("abc123@members.ebay.com".into());
    order.email_is_relay = true;
    order.mails.marketing = true;
    let relay = sent(order.clone(), 1999);
    assert!(!relay.order.buyer_accepts_marketing && relay.order.email.is_none());
    // One who gave a real address and consent.
    order.email_is_relay = false;
    let real = sent(order, 1999);
    assert!(real.order.buyer_accepts_marketing && real.order.email.is_some());
}

#[test]
fn what_was_deducted_is_not_taken_again() {
    let mut order = draft("GBP");
    let mut held = line("L1", product("101"), 3, 2500, 0, "GBP");
    held.already_deducted = 3;
    order.lines = vec![held];
    let ours = sent(order.clone(), 2500);
    assert_eq!(ours.options.inventory_behaviour, "BYPASS");
    let deducted =
        |line: &LineInput| line.properties.iter().find(|one| one.name == DEDUCTED).map(|one| one.value.clone());
    assert_eq!(ours.order.line_items.iter().map(deducted).collect::<Vec<_>>(), [Some("2".into()), Some("1".into())]);
    order.lines[0].already_deducted = 0;
    assert_eq!(sent(order.clone(), 2500).options.inventory_behaviour, "DECREMENT_IGNORING_POLICY");
    order.takes_stock = false;
    assert_eq!(sent(order, 2500).options.inventory_behaviour, "BYPASS");
}

#[test]
fn receipts_and_packages_are_mailed_only_where_that_is_wanted() {
    let mut order = draft("GBP");
    order.lines = vec![line("L1", product("101"), 1, 1999, 0, "GBP")];
    let quiet = sent(order.clone(), 1999);
    let flags = |sent: &OrderCreate| {
        (sent.options.send_receipt, sent.options.send_fulfillment_receipt, sent.order.email.is_some())
    };
    assert_eq!(flags(&quiet), (false, false, false));
    order.mails.receipt = true;
    assert_eq!(flags(&sent(order.clone(), 1999)), (true, false, true));
    order.mails.fulfilment = true;
    let loud = sent(order.clone(), 1999);
    assert_eq!(flags(&loud), (true, true, true));
    assert!(loud.order.custom_attributes.iter().any(|attribute| attribute.key == NOTIFY));
    order.email = None;
    assert_eq!(flags(&sent(order, 1999)), (false, false, false));
}

#[test]
fn fees_stand_as_items_and_those_below_zero_as_one_code() {
    let mut order = draft("GBP");
    let fee = |label: &str, net| DraftFee { label: label.into(), net: money(net, "GBP"), tax: money(0, "GBP") };
    order.lines = vec![line("L1", product("101"), 3, 3704, 0, "GBP")];
    order.fees = vec![fee("Gift wrap", 250), fee("Adjustment by the seller", -99), fee("", -1)];
    order.taxes = vec![tax("VAT 20%", 617, "20", "GBP"), tax("Recycling levy", 1, "20", "GBP")];
    order.shipping.net = money(1489, "GBP");
    let sent = sent(order, 5961);
    let code = sent.order.discount_code.as_ref().unwrap();
    assert_eq!(code.item_fixed_discount_code.code, "Adjustment by the seller, Adjustment");
    assert_eq!(sent.order.line_items.last().unwrap().title.as_deref(), Some("Gift wrap"));
}

#[test]
fn what_shopify_cannot_hold_is_refused_before_it_is_sent() {
    let refused = |lines: Vec<DraftLine>| {
        let mut order = draft("GBP");
        order.lines = lines;
        let error = order_create("test", &order).err().unwrap();
        assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, connect::Effect::None));
        error.public_message
    };
    assert!(refused(vec![line("L1", product("101"), 0, 0, 0, "GBP")]).contains("quantity 0"));
    assert!(refused(vec![line("L1", product("101"), 1, -5, 0, "GBP")]).contains("below zero"));
    assert!(
        refused(vec![line("L1", product("gid://other/Product/1"), 1, 5, 0, "GBP")]).contains("link the item again")
    );
    let many = (0..251).map(|number| line(&format!("L{number}"), product("101"), 1, 100, 0, "GBP"));
    assert!(refused(many.collect()).contains("251"));
}

#[test]
fn countries_and_regions_go_in_the_form_that_shopify_takes() {
    let of = |country: &str, region: &str| {
        let address = Address { country: country.into(), region: region.into(), ..Address::default() };
        super::address(&address).map(|sent| (sent.country_code, sent.province_code, sent.province))
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(of("us", "CA"), Some((text("US"), text("CA"), None)));
    assert_eq!(of("GB", "North Yorkshire"), Some((text("GB"), None, text("North Yorkshire"))));
    assert_eq!(of("Germany", ""), Some((None, None, None)));
    assert_eq!(of("", ""), None);
}

proptest::proptest! {
    /// Whatever the price: the parts are the price, and no unit is lost.
    #[test]
    fn a_divided_price_adds_up(minor in 0_i64..10_000_000, quantity in 1_u32..500) {
        let parts = divided(money(minor, "GBP"), quantity);
        proptest::prop_assert!(parts.len() <= 2);
        proptest::prop_assert_eq!(parts.iter().map(|(units, _)| units).sum::<u32>(), quantity);
        let total: i64 = parts.iter().map(|(units, price)| i64::from(*units) * price.minor()).sum();
        proptest::prop_assert_eq!(total, minor);
    }
}
