//! What is sent for the acceptance scenarios, and how the shop's answer is read back.

use domain::draft::{DraftFee, DraftMails, DraftShipping, DraftTax, Source};
use domain::readback::differences;
use domain::{OrderId, ProductId};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn money(minor: i64, currency: &str) -> Money {
    Money::from_minor(minor, currency.parse().unwrap())
}

fn address() -> Address {
    Address {
        first_name: "Ana".into(),
        last_name: "Núñez".into(),
        line1: "5 Elm St".into(),
        city: "York".into(),
        postcode: "YO1 7HH".into(),
        country: "GB".into(),
        phone: "+44 1904 000000".into(),
        ..Address::default()
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
        billing: address(),
        ship_to: address(),
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

/// Sends the draft; its parts must add up to its total first.
fn sent(mut draft: StoreOrderDraft, total: i64) -> NewOrder {
    draft.total = Money::from_minor(total, draft.currency);
    let order = new_order("test", &draft, None).unwrap();
    assert_eq!(sum(&order), draft.total.amount());
    order
}

/// What the shop will make of it: it adds nothing, since the order is exempt.
fn sum(order: &NewOrder) -> Decimal {
    let lines = order.line_items.iter().map(|line| &line.total);
    let shipping = order.shipping_lines.iter().map(|line| &line.total);
    let fees = order.fee_lines.iter().map(|fee| &fee.total);
    lines.chain(shipping).chain(fees).map(|amount| amount.parse::<Decimal>().unwrap()).sum()
}

#[test]
fn scenario_1_a_paid_order_of_two_products() {
    let mut draft = draft("GBP");
    draft.lines =
        vec![line("L1", product("10"), 2, 3998, 3998, 0, "GBP"), line("L2", product("15/16"), 1, 2500, 2500, 0, "GBP")];
    shipping(&mut draft, 399, 0);
    insta::assert_json_snapshot!(sent(draft, 6897));
}

#[test]
fn scenario_3_an_unlinked_line_is_text_that_moves_no_stock() {
    let mut draft = draft("GBP");
    let text = DraftItem::Text { sku: Some("MUG-01".parse().unwrap()) };
    draft.lines = vec![line("L1", product("10"), 1, 1999, 1999, 0, "GBP"), line("L2", text, 1, 1500, 1500, 0, "GBP")];
    shipping(&mut draft, 399, 0);
    insta::assert_json_snapshot!(sent(draft, 3898));
}

#[test]
fn scenario_5_an_unpaid_order_is_pending_and_its_stock_is_ours() {
    let mut draft = draft("GBP");
    draft.paid = false;
    draft.lines = vec![DraftLine { already_deducted: 3, ..line("L1", product("10"), 3, 5997, 5997, 0, "GBP") }];
    insta::assert_json_snapshot!(sent(draft, 5997));
}

#[test]
fn scenario_7_vat_taken_out_is_a_fee_of_its_name() {
    let mut draft = draft("GBP");
    draft.lines =
        vec![line("L1", product("10"), 2, 4167, 3750, 750, "GBP"), line("L2", product("11"), 1, 1041, 937, 188, "GBP")];
    shipping(&mut draft, 416, 83);
    draft.taxes = vec![DraftTax { label: "VAT 20%".into(), amount: money(1021, "GBP"), rate: Some(Decimal::from(20)) }];
    insta::assert_json_snapshot!(sent(draft, 6124));
}

#[test]
fn scenario_9_tax_that_the_marketplace_keeps_is_information() {
    let mut draft = draft("USD");
    draft.lines = vec![line("L1", product("10"), 1, 4000, 4000, 0, "USD")];
    shipping(&mut draft, 500, 0);
    draft.information = vec![("Tax collected by eBay".into(), "3.71 USD".into())];
    insta::assert_json_snapshot!(sent(draft, 4500));
}

#[test]
fn scenario_13_a_discount_is_the_gap_between_subtotal_and_total() {
    let mut draft = draft("GBP");
    draft.lines =
        vec![line("L1", product("10"), 3, 3000, 2500, 0, "GBP"), line("L2", product("11"), 1, 2000, 2000, 0, "GBP")];
    shipping(&mut draft, 600, 0);
    draft.information = vec![("Discount paid by eBay".into(), "5.00 GBP".into())];
    insta::assert_json_snapshot!(sent(draft, 5100));
}

#[test]
fn scenario_18_mails_are_allowed_and_held_back_one_by_one() {
    let with = |customer_notifications, suppress_owner_mail, email: &str| {
        let mut draft = draft("GBP");
        draft.lines = vec![line("L1", product("10"), 1, 1999, 1999, 0, "GBP")];
        draft.email = Some(email.into());
        draft.mails.customer_notifications = customer_notifications;
        draft.mails.suppress_owner_mail = suppress_owner_mail;
        let order = serde_json::to_value(sent(draft, 1999)).unwrap();
        let meta = |key: &str| order["meta_data"].as_array().unwrap().iter().find(|meta| meta["key"] == key).cloned();
        let kept = meta(EMAIL).map(|meta| meta["value"].clone());
        (order["billing"].get("email").cloned(), kept, meta("_new_order_email_sent").map(|meta| meta["value"].clone()))
    };
    let ana = || Some(json!("ana@example.test"));
    assert_eq!(with(false, false, "ana@example.test"), (None, ana(), None));
    assert_eq!(with(false, true, "ana@example.test"), (None, ana(), Some(json!("true"))));
    assert_eq!(with(true, false, "ana@example.test"), (ana(), None, None));
    // The shop would refuse the whole order for it.
    assert_eq!(with(true, false, "not-an-email"), (None, Some(json!("not-an-email")), None));
}

#[test]
fn the_channels_number_and_the_buyers_words_are_in_the_note() {
    let mut draft = draft("GBP");
    assert_eq!(new_order("test", &draft, None).unwrap().customer_note, "eBay order 12-34567-89012");
    draft.note = Some("ring twice 🔔".into());
    draft.source.wanted_number = Some("EB-12-34567-89012".into());
    let order = new_order("test", &draft, None).unwrap();
    assert_eq!(order.customer_note, "ring twice 🔔\n\neBay order EB-12-34567-89012");
    assert_eq!((order.payment_method_title.as_str(), order.transaction_id.as_str()), ("eBay", "12-34567-89012"));
}

#[test]
fn yen_have_no_decimals_and_dinars_three() {
    let amounts = |currency: &str, minor| {
        let mut draft = draft(currency);
        draft.lines = vec![line("L1", product("10"), 1, minor, minor, 0, currency)];
        sent(draft, minor).line_items.remove(0).total
    };
    assert_eq!(amounts("JPY", 5500), "5500");
    assert_eq!(amounts("KWD", 12_345), "12.345");
    assert_eq!(amounts("USD", 1050), "10.50");
}

#[test]
fn a_line_that_the_shop_would_choke_on_is_refused_before_it_is_sent() {
    let refused = |item: DraftItem, quantity| {
        let mut draft = draft("GBP");
        draft.lines = vec![line("L1", item, quantity, 100, 100, 0, "GBP")];
        let error = new_order("test", &draft, None).map(|_| ()).unwrap_err();
        (error.kind, error.effect)
    };
    let certain = (ErrorKind::InvalidOrder, connect::Effect::None);
    assert_eq!(refused(product("10"), 0), certain);
    assert_eq!(refused(product("gid://shopify/1"), 1), certain);
}

/// R7: an unpaid order of which a line's stock is not managed is deducted as far as it can be.
#[test]
fn only_a_paid_order_leaves_the_rest_to_the_shop() {
    let marked = |paid, deducted: &[u32]| {
        let mut draft = draft("GBP");
        draft.paid = paid;
        draft.lines = deducted
            .iter()
            .map(|units| DraftLine { already_deducted: *units, ..line("L", product("10"), 1, 100, 100, 0, "GBP") })
            .collect();
        is_deducted(&draft)
    };
    assert!(marked(false, &[1, 0]) && marked(false, &[1, 1]) && marked(true, &[1, 1]));
    assert!(!marked(true, &[1, 0]) && !marked(true, &[0, 0]) && !marked(false, &[0, 0]));
}

fn answer(status: &str, product_id: u64, paid: Option<&str>, meta: &serde_json::Value) -> wire::Order {
    let order = json!({
        "id": 357, "number": "357", "status": status, "currency": "USD", "total": "23.98",
        "date_created_gmt": "2026-11-21T22:02:51", "date_modified_gmt": "2026-11-21T22:02:52", "date_paid_gmt": paid,
        "created_via": "rest-api", "meta_data": meta,
        "line_items": [{
            "id": 1109, "name": "Red Tee M", "product_id": product_id, "variation_id": 0, "quantity": 1, "sku": null,
            "subtotal": "19.99", "subtotal_tax": "0.00", "total": "19.99", "total_tax": "0.00", "taxes": [],
            "meta_data": [{"id": 1, "key": "_reduced_stock", "value": "1"}],
        }],
    });
    serde_json::from_str(&order.to_string()).unwrap()
}

#[test]
fn each_status_is_read_as_the_readme_says() {
    for (status, state, paid) in [
        ("pending", StoreOrderState::Open, false),
        ("on-hold", StoreOrderState::Open, false),
        ("failed", StoreOrderState::Open, false),
        ("processing", StoreOrderState::Open, true),
        ("completed", StoreOrderState::Completed, true),
        ("cancelled", StoreOrderState::Canceled, false),
        ("refunded", StoreOrderState::Refunded, true),
        ("trash", StoreOrderState::Trashed, false),
        ("packed-by-a-plugin", StoreOrderState::Open, false),
    ] {
        let order = store_order(&answer(status, 10, None, &json!([]))).unwrap();
        assert_eq!((order.state, order.paid), (state, paid), "{status}");
    }
    assert!(store_order(&answer("cancelled", 10, Some("2026-11-21T22:02:51"), &json!([]))).unwrap().paid);
}

#[test]
fn our_reference_is_found_where_created_via_is_ignored_too() {
    let ours = draft("USD").reference;
    let meta = json!([{"id": 1, "key": REFERENCE, "value": ours.to_string()}]);
    assert_eq!(store_order(&answer("processing", 10, None, &meta)).unwrap().reference, Some(ours));
    let mut order = answer("processing", 10, None, &json!([]));
    assert_eq!(reference(&order), None);
    order.created_via = ours.to_string();
    assert_eq!(reference(&order), Some(ours));
}

/// Findings 1: the shop takes an order of nothing and answers 201.
#[test]
fn a_product_that_the_shop_does_not_have_shows_when_the_answer_is_read() {
    let mut meant = draft("USD");
    meant.lines = vec![line("L1", product("999999"), 1, 1999, 1999, 0, "USD")];
    meant.total = money(2398, "USD");
    let found = differences(&meant, &store_order(&answer("processing", 0, None, &json!([]))).unwrap());
    assert_eq!(found.len(), 1, "{found:?}");
    meant.lines[0].item = product("10");
    let order = store_order(&answer("processing", 10, None, &json!([]))).unwrap();
    assert_eq!(differences(&meant, &order), []);
    assert_eq!((order.lines[0].deducted, order.modified_at.to_string().as_str()), (Some(1), "2026-11-21T22:02:52Z"));
}

#[test]
fn recorded_answers_are_read_back() {
    let read = |name: &str| Some(store_order(&serde_json::from_str(&crate::captures::body(name)?).unwrap()).unwrap());
    let Some(order) = read("14f-created_via-create") else { return };
    assert_eq!((order.total.to_string().as_str(), order.state, order.paid), ("23.98 USD", StoreOrderState::Open, true));
    assert_eq!(order.lines[0].product.as_ref().map(ProductId::as_str), Some("10"));
    let variation = read("25-line-variation").unwrap();
    assert_eq!(variation.lines[0].product.as_ref().map(ProductId::as_str), Some("15/16"));
    assert_eq!(read("20-err-invalid-product-id").unwrap().lines[0].product, None);
    assert_eq!(read("81-bad-sku-with-name-and-total").unwrap().lines[0].net.minor(), 3000);
    assert_eq!(read("72-put-cancelled").unwrap().lines[0].deducted, Some(0));
    assert_eq!(read("78b-get-trashed").unwrap().state, StoreOrderState::Trashed);
    assert_eq!(read("53-order-complete-with-tracking").unwrap().shipments.len(), 1);
}

proptest! {
    /// Whatever a draft holds, the amounts sent add up to its total: the shop's own tax is kept out.
    #[test]
    fn what_is_sent_adds_up_to_the_draft(
        lines in prop::collection::vec((1_u32..50, 0_i64..500_000, 0_i64..10_000), 1..8),
        fees in prop::collection::vec(-5_000_i64..50_000, 0..3),
        taxes in prop::collection::vec(1_i64..50_000, 0..3),
        net in 0_i64..20_000,
        currency in prop::sample::select(vec!["USD", "JPY", "KWD", "EUR"]),
    ) {
        let mut all = draft(currency);
        let of = |minor| money(minor, currency);
        all.lines = lines.iter().map(|(quantity, net, off)| line("L", product("10"), *quantity, net + off, *net, 0, currency)).collect();
        all.fees = fees.iter().map(|net| DraftFee { label: "Gift wrap".into(), net: of(*net), tax: of(0) }).collect();
        all.taxes = taxes.iter().map(|tax| DraftTax { label: "VAT".into(), amount: of(*tax), rate: None }).collect();
        all.shipping.net = of(net);
        let total: i64 = lines.iter().map(|(_, net, _)| net).chain(&fees).chain(&taxes).sum::<i64>() + net;
        prop_assert_eq!(sum(&new_order("test", &all, None).unwrap()), of(total).amount());
    }
}
