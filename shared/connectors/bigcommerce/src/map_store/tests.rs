//! What is sent for the acceptance scenarios, and how the store's answer is read back.

use domain::draft::{DraftFee, DraftItem, DraftLine, DraftMails, DraftShipping, DraftTax, Source};
use domain::{OrderId, ProductId};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::*;
use crate::config::tests::connection;
use crate::config::{CURRENCIES, RESTOCKS, STOCK};

fn money(minor: i64, currency: &str) -> Money {
    Money::from_minor(minor, currency.parse().unwrap())
}

fn config(probed: &[(&str, &str)]) -> Config {
    Config::new(&connection(&[("store_hash", "abc123")], probed)).unwrap()
}

fn address_of(first_name: &str) -> domain::channel_order::Address {
    domain::channel_order::Address {
        first_name: first_name.into(),
        last_name: "Núñez".into(),
        line1: "5 Elm St".into(),
        city: "York".into(),
        postcode: "YO1 7HH".into(),
        country: "GB".into(),
        phone: "+44 1904 000000".into(),
        ..domain::channel_order::Address::default()
    }
}

/// A paid eBay order without lines or shipping, in `currency`.
fn draft(currency: &str) -> StoreOrderDraft {
    let placed_at: jiff::Timestamp = "2026-11-18T09:00:00Z".parse().unwrap();
    let platform = "ebay".parse().unwrap();
    let order = "12-34567-89012".parse().unwrap();
    StoreOrderDraft {
        email_is_relay: false,
        remarks: Vec::new(),
        conversion: domain::exchange::Conversion::AsIs,
        reference: Reference {
            order: OrderId::derive(placed_at, &platform, &"seller".parse().unwrap(), &order),
            generation: 1,
        },
        source: Source { platform, channel_name: "eBay".into(), number: order.to_string(), order, wanted_number: None },
        currency: currency.parse().unwrap(),
        total: money(0, currency),
        paid: true,
        placed_at,
        lines: Vec::new(),
        shipping: DraftShipping {
            title: "Royal Mail Tracked 48".into(),
            net: money(0, currency),
            tax: money(0, currency),
        },
        fees: Vec::new(),
        taxes: Vec::new(),
        channel_liable: Vec::new(),
        billing: address_of("Ana"),
        ship_to: address_of("Ana"),
        email: Some("ana@example.test".into()),
        note: None,
        information: Vec::new(),
        takes_stock: true,
        mails: DraftMails {
            receipt: false,
            fulfilment: false,
            marketing: false,
            customer_notifications: false,
            suppress_owner_mail: false,
        },
    }
}

fn line(id: &str, item: DraftItem, quantity: u32, undiscounted: i64, net: i64, tax: i64, currency: &str) -> DraftLine {
    DraftLine {
        line: id.parse().unwrap(),
        item,
        name: format!("Listing {id}"),
        quantity,
        undiscounted: money(undiscounted, currency),
        net: money(net, currency),
        tax: money(tax, currency),
        already_deducted: 0,
    }
}

fn product(id: &str) -> DraftItem {
    DraftItem::Product { id: ProductId::new(id).unwrap(), sku: None }
}

fn shipping(draft: &mut StoreOrderDraft, net: i64, tax: i64) {
    let currency = draft.currency;
    draft.shipping.net = Money::from_minor(net, currency);
    draft.shipping.tax = Money::from_minor(tax, currency);
}

fn made(draft: &StoreOrderDraft) -> serde_json::Value {
    serde_json::to_value(new_order("test", &config(&[]), draft, 0).unwrap()).unwrap()
}

/// The body for the draft; its parts must add up to its total first.
fn sent(mut draft: StoreOrderDraft, total: i64) -> serde_json::Value {
    draft.total = Money::from_minor(total, draft.currency);
    let order = made(&draft);
    assert_eq!(sum(&order), draft.total.amount());
    order
}

fn decimal(value: &serde_json::Value) -> Decimal {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).parse().unwrap()
}

/// What the store will make of it: it takes every price as it is.
fn sum(order: &serde_json::Value) -> Decimal {
    let list = |name: &str| order[name].as_array().cloned().unwrap_or_default();
    let lines: Decimal = list("products").iter().map(|p| decimal(&p["price_inc_tax"]) * decimal(&p["quantity"])).sum();
    let fees: Decimal = list("fees").iter().map(|fee| decimal(&fee["cost_inc_tax"])).sum();
    let discount = order.get("discount_amount").map_or(Decimal::ZERO, decimal);
    lines + fees + decimal(&order["shipping_cost_inc_tax"]) - discount
}

#[test]
fn scenario_1_a_paid_order_of_two_products() {
    let mut draft = draft("GBP");
    draft.lines =
        vec![line("L1", product("77/76"), 2, 3998, 3998, 0, "GBP"), line("L2", product("78"), 1, 2500, 2500, 0, "GBP")];
    shipping(&mut draft, 399, 0);
    insta::assert_json_snapshot!(sent(draft, 6897));
}

#[test]
fn scenario_3_an_unlinked_line_is_text_that_moves_no_stock() {
    let mut draft = draft("GBP");
    let text = DraftItem::Text { sku: Some("MUG-01".parse().unwrap()) };
    draft.lines =
        vec![line("L1", product("77/76"), 1, 1999, 1999, 0, "GBP"), line("L2", text, 1, 1500, 1500, 0, "GBP")];
    shipping(&mut draft, 399, 0);
    insta::assert_json_snapshot!(sent(draft, 3898));
}

#[test]
fn scenario_5_an_unpaid_order_awaits_payment_and_its_stock_is_ours() {
    let mut draft = draft("GBP");
    draft.paid = false;
    draft.lines = vec![DraftLine { already_deducted: 3, ..line("L1", product("77/76"), 3, 5997, 5997, 0, "GBP") }];
    insta::assert_json_snapshot!(sent(draft, 5997));
}

#[test]
fn scenario_7_vat_is_in_the_prices_and_its_name_in_the_notes() {
    let mut draft = draft("GBP");
    draft.lines = vec![
        line("L1", product("77/76"), 2, 4167, 3750, 750, "GBP"),
        line("L2", product("78/80"), 1, 1041, 937, 188, "GBP"),
    ];
    shipping(&mut draft, 416, 83);
    draft.taxes = vec![DraftTax { label: "VAT 20%".into(), amount: money(1021, "GBP"), rate: Some(Decimal::from(20)) }];
    insta::assert_json_snapshot!(sent(draft, 6124));
}

#[test]
fn scenario_9_tax_that_the_marketplace_keeps_is_information() {
    let mut draft = draft("USD");
    draft.lines = vec![line("L1", product("77/76"), 1, 4000, 4000, 0, "USD")];
    shipping(&mut draft, 500, 0);
    draft.information = vec![("Tax collected by eBay".into(), "3.71 USD".into())];
    insta::assert_json_snapshot!(sent(draft, 4500));
}

#[test]
fn scenario_13_paid_prices_without_an_even_price_per_unit() {
    let mut draft = draft("GBP");
    draft.lines = vec![
        line("L1", product("77/76"), 3, 3000, 2500, 0, "GBP"),
        line("L2", product("78/80"), 1, 2000, 2000, 0, "GBP"),
    ];
    shipping(&mut draft, 600, 0);
    draft.information = vec![("Discount paid by eBay".into(), "5.00 GBP".into())];
    insta::assert_json_snapshot!(sent(draft, 5100));
}

#[test]
fn what_is_below_zero_is_a_discount_and_a_tax_of_no_part_a_fee() {
    let mut draft = draft("GBP");
    draft.lines = vec![line("L1", product("77/76"), 1, 2000, 2000, 0, "GBP")];
    let fee = |label: &str, net| DraftFee { label: label.into(), net: money(net, "GBP"), tax: money(0, "GBP") };
    draft.fees = vec![fee("Voucher", -300), fee("", 150), fee("Nothing", 0)];
    draft.taxes = vec![DraftTax { label: "Sales tax".into(), amount: money(165, "GBP"), rate: None }];
    let order = sent(draft, 2015);
    assert_eq!(order["discount_amount"], "3.00");
    let fees: Vec<String> = order["fees"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fee| format!("{} {} {}", fee["display_name_customer"], fee["cost_ex_tax"], fee["type"]).replace('"', ""))
        .collect();
    assert_eq!(fees, ["Fee 1.50 custom_fee", "Sales tax 1.65 custom_fee"]);
}

/// R13: the store writes to whatever address an order has.
#[test]
fn the_store_never_learns_an_address_to_write_to() {
    let order = made(&draft("GBP"));
    assert!(order["billing_address"].get("email").is_none() && order["shipping_addresses"][0].get("email").is_none());
    let notes = order["staff_notes"].as_str().unwrap();
    assert!(notes.starts_with("eBay order 12-34567-89012, placed 2026-11-18T09:00:00Z\nE-mail: ana@example.test"));
}

#[test]
fn an_address_that_is_missing_is_the_other_one() {
    let names = |billing: &str, ship_to: &str| {
        let mut draft = draft("GBP");
        let of = |name: &str| if name.is_empty() { Address::default() } else { address_of(name) };
        (draft.billing, draft.ship_to) = (of(billing), of(ship_to));
        let order = made(&draft);
        (order["billing_address"]["first_name"].clone(), order["shipping_addresses"][0]["first_name"].clone())
    };
    assert_eq!(names("", "Bo"), (json!("Bo"), json!("Bo")));
    assert_eq!(names("Ana", ""), (json!("Ana"), json!("Ana")));
    assert_eq!(names("Ana", "Bo"), (json!("Ana"), json!("Bo")));
    let mut nowhere = draft("GBP");
    (nowhere.billing, nowhere.ship_to) = (Address::default(), Address::default());
    let order = made(&nowhere);
    assert_eq!(order["billing_address"]["zip"], "00");
    assert!(order.get("shipping_addresses").is_none());
}

#[test]
fn a_currency_that_the_store_does_not_take_is_refused_before_it_is_asked() {
    let config = config(&[(CURRENCIES, "USD,EUR")]);
    let error = new_order("test", &config, &draft("GBP"), 0).map(|_| ()).unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, connect::Effect::None));
    assert!(new_order("test", &config, &draft("EUR"), 0).is_ok());
}

#[test]
fn yen_have_no_decimals() {
    let amounts = |currency: &str, minor| {
        let mut draft = draft(currency);
        draft.lines = vec![line("L1", product("77/76"), 1, minor, minor, 0, currency)];
        sent(draft, minor)["products"][0]["price_inc_tax"].to_string()
    };
    assert_eq!(amounts("JPY", 5500), "5500");
    assert_eq!(amounts("USD", 1050), "10.5");
}

/// An order of the store with two lines of one of ours, and a line of nobody's.
fn answer(status: u64, stock: &[(&str, &str)], change: impl FnOnce(&mut serde_json::Value)) -> StoreOrder {
    let line = |id: u64, product: u64, mark: &str, quantity: u32, total: &str| {
        json!({
            "id": id, "product_id": product, "variant_id": if product == 0 { 0 } else { 76 }, "name": "Tea",
            "name_merchant": mark, "quantity": quantity, "total_ex_tax": total, "total_inc_tax": total,
        })
    };
    let mut order = json!({
        "id": 357, "status_id": status, "default_currency_code": "GBP", "total_inc_tax": "45.0000", "items_total": 5,
        "external_order_id": draft("GBP").reference.to_string(),
        "date_created": "Wed, 18 Nov 2026 09:00:00 +0000", "date_modified": "Wed, 18 Nov 2026 09:00:01 +0000",
        "consignments": {"shipping": [{"id": 9, "first_name": "Ana", "country_iso2": "GB", "line_items": [
            line(11, 77, "Tea [L1]", 1, "8.3400"),
            line(12, 0, "Tea [L1 = 77/76]", 2, "16.6600"),
            line(13, 0, "Tea [L2 ~ 78/80]", 1, "10.0000"),
            line(14, 77, "Tea", 1, "10.0000"),
        ]}]},
    });
    change(&mut order);
    store_order(&config(stock), &serde_json::from_str(&order.to_string()).unwrap(), &[]).unwrap()
}

fn shown(order: &StoreOrder) -> Vec<String> {
    let show = |line: &StoreLine| {
        let name = line.line.as_ref().map_or("-", domain::LineId::as_str);
        let product = line.product.as_ref().map_or("-", ProductId::as_str);
        format!("{} {name} {product} {} {} {:?}", line.id, line.quantity, line.net.minor(), line.deducted)
    };
    order.lines.iter().map(show).collect()
}

#[test]
fn lines_of_one_product_are_one_again_with_what_left_the_stock() {
    let placed = answer(11, &[(STOCK, "order_placed")], |_| ());
    assert_eq!(
        shown(&placed),
        ["11+12 L1 77/76 3 2500 Some(3)", "13 L2 78/80 1 1000 Some(0)", "14 - 77/76 1 1000 Some(1)"]
    );
    assert_eq!(placed.reference, Some(draft("GBP").reference));
    assert_eq!((placed.total.minor(), placed.modified_at.to_string().as_str()), (4500, "2026-11-18T09:00:01Z"));
    // Nobody says whether a store that takes its stock later has done so.
    assert_eq!(shown(&answer(11, &[], |_| ()))[0], "11+12 L1 77/76 3 2500 None");
    // What we took is still taken when the store has put back its own.
    let canceled = answer(5, &[(STOCK, "order_placed"), (RESTOCKS, "yes")], |_| ());
    assert_eq!(shown(&canceled)[0], "11+12 L1 77/76 3 2500 Some(2)");
}

/// A mark that somebody else wrote means nothing.
#[test]
fn an_order_of_the_stores_own_has_no_lines_of_ours() {
    let own = answer(11, &[(STOCK, "order_placed")], |order| order["external_order_id"] = json!("PO 4711"));
    assert_eq!(own.reference, None);
    assert!(own.lines.iter().all(|line| line.line.is_none()));
}

#[test]
fn each_status_is_read_as_the_readme_says() {
    for (status, state, paid) in [
        (0, StoreOrderState::Open, false),
        (1, StoreOrderState::Open, false),
        (2, StoreOrderState::Completed, true),
        (3, StoreOrderState::Open, true),
        (4, StoreOrderState::Refunded, true),
        (5, StoreOrderState::Canceled, false),
        (6, StoreOrderState::Canceled, false),
        (7, StoreOrderState::Open, false),
        (8, StoreOrderState::Open, true),
        (9, StoreOrderState::Open, true),
        (10, StoreOrderState::Completed, true),
        (11, StoreOrderState::Open, true),
        (12, StoreOrderState::Open, false),
        (13, StoreOrderState::Open, true),
        (14, StoreOrderState::Open, true),
        (99, StoreOrderState::Open, false),
    ] {
        let order = answer(status, &[], |_| ());
        assert_eq!((order.state, order.paid), (state, paid), "{status}");
    }
    let sent = |order: &mut serde_json::Value| order["items_shipped"] = json!(5);
    assert_eq!(answer(14, &[], sent).state, StoreOrderState::Completed);
    let archived = |order: &mut serde_json::Value| order["is_deleted"] = json!(true);
    assert_eq!(answer(11, &[], archived).state, StoreOrderState::Trashed);
    assert_eq!(answer(10, &[], archived).state, StoreOrderState::Completed);
}

proptest! {
    /// Whatever a draft holds, the amounts sent add up to its total.
    #[test]
    fn what_is_sent_adds_up_to_the_draft(
        lines in prop::collection::vec((1_u32..50, 0_i64..500_000, 0_i64..10_000), 1..8),
        fees in prop::collection::vec(-5_000_i64..50_000, 0..3),
        taxes in prop::collection::vec(1_i64..50_000, 0..3),
        net in 0_i64..20_000,
        currency in prop::sample::select(vec!["USD", "JPY", "EUR"]),
    ) {
        let mut all = draft(currency);
        let of = |minor| money(minor, currency);
        all.lines = lines
            .iter()
            .map(|(quantity, net, off)| line("L", product("77/76"), *quantity, net + off, *net, 0, currency))
            .collect();
        all.fees = fees.iter().map(|net| DraftFee { label: "Gift wrap".into(), net: of(*net), tax: of(0) }).collect();
        all.taxes = taxes.iter().map(|tax| DraftTax { label: "VAT".into(), amount: of(*tax), rate: None }).collect();
        all.shipping.net = of(net);
        let total: i64 = lines.iter().map(|(_, net, _)| net).chain(&fees).chain(&taxes).sum::<i64>() + net;
        prop_assert_eq!(sum(&made(&all)), of(total).amount());
    }
}
