//! A3-A13, R5, R13, R14: what can be switched on, what is offered, and why not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use support::{Scene, ebay, sale, shopify, squarespace, tiktok, woocommerce};
use tributary_domain::ChannelSettings;
use tributary_domain::capabilities::{ChannelCapabilities, StoreCapabilities};
use tributary_domain::feedback::{FeedbackAfter, FeedbackSettings};
use tributary_domain::settings::{AutoImport, SendWhen, TaxRate, offers};

fn faults(
    channel: ChannelCapabilities,
    store: StoreCapabilities,
    change: impl FnOnce(&mut ChannelSettings),
) -> Vec<String> {
    let mut settings = ChannelSettings::default();
    change(&mut settings);
    settings
        .validate(&channel, Some(&store), Some("GBP".parse().unwrap()))
        .into_iter()
        .map(|fault| fault.field)
        .collect()
}

/// (offered, reason) of a setting.
fn offer(channel: ChannelCapabilities, store: StoreCapabilities, field: &str) -> (bool, Option<&'static str>) {
    let found = offers(&channel, Some(&store)).into_iter().find(|offer| offer.field == field);
    found.map(|offer| (offer.offered, offer.reason)).unwrap()
}

#[test]
fn the_defaults_are_the_fixtures_and_valid_everywhere() {
    let settings = ChannelSettings::default();
    assert_eq!((settings.auto_import, settings.send_when), (AutoImport::Linked, SendWhen::Committed));
    assert!(settings.inventory_sync && !settings.skip_unpaid && settings.tax.rates.is_empty());
    let mails = settings.mails;
    assert!(
        !(mails.receipt
            || mails.fulfilment
            || mails.marketing
            || mails.customer_notifications
            || mails.suppress_owner_mail)
    );
    for (channel, store) in [(ebay(), woocommerce()), (tiktok(), squarespace()), (ebay(), shopify())] {
        assert_eq!(faults(channel, store, |_| {}), [""; 0]);
    }
}

#[test]
fn scenario_4a_and_4b_import_needs_inventory_sync_in_either_order_of_switching() {
    for auto_import in [AutoImport::Linked, AutoImport::All] {
        let found = faults(ebay(), woocommerce(), |settings| {
            settings.inventory_sync = false;
            settings.auto_import = auto_import;
        });
        assert_eq!(found, ["inventory_sync"]);
    }
    let both_off = |settings: &mut ChannelSettings| {
        settings.inventory_sync = false;
        settings.auto_import = AutoImport::Off;
    };
    assert_eq!(faults(ebay(), woocommerce(), both_off), [""; 0]);
}

#[test]
fn scenario_4c_a_rate_of_100_per_cent_is_refused_and_of_20_is_not() {
    let rate = |basis_points: u32| {
        faults(ebay(), woocommerce(), |settings| {
            settings.tax.rates = vec![TaxRate { country: None, basis_points, label: "VAT".to_owned() }];
        })
    };
    assert_eq!(rate(10_000), ["tax.rates[0].basis_points"]);
    assert_eq!(rate(2000), [""; 0]);
    assert_eq!(rate(0), [""; 0]);
}

#[test]
fn one_destination_has_one_rate_with_a_label_and_a_real_country_code() {
    let rows = |rows: &[(Option<&str>, &str)]| {
        faults(ebay(), woocommerce(), |settings| {
            let rate = |&(country, label): &(Option<&str>, &str)| TaxRate {
                country: country.map(str::to_owned),
                basis_points: 2000,
                label: label.to_owned(),
            };
            settings.tax.rates = rows.iter().map(rate).collect();
        })
    };
    assert_eq!(rows(&[(Some("GB"), "VAT"), (Some("GB"), "VAT")]), ["tax.rates[1].country"]);
    assert_eq!(rows(&[(None, "VAT"), (None, "VAT")]), ["tax.rates[1].country"]);
    assert_eq!(rows(&[(Some("gb"), "VAT")]), ["tax.rates[0].country"]);
    assert_eq!(rows(&[(None, " ")]), ["tax.rates[0].label"]);
    assert_eq!(rows(&[(None, &"Ü".repeat(100))]), [""; 0]);
    assert_eq!(rows(&[(None, &"Ü".repeat(101))]), ["tax.rates[0].label"]);
}

#[test]
fn r2_a_custom_rate_is_offered_only_where_the_channel_may_leave_the_tax_unknown() {
    let telling = ChannelCapabilities { zero_tax_is_unknown: false, ..ebay() };
    let (offered, reason) = offer(telling, woocommerce(), "tax.rates");
    assert!(!offered && reason.unwrap().contains("tells the tax of every order"), "{reason:?}");
    assert_eq!(offer(ebay(), woocommerce(), "tax.rates"), (true, None));
}

#[test]
fn r19_buyers_data_is_kept_for_days_that_the_channel_allows() {
    let days = |channel, days: u16| faults(channel, woocommerce(), |settings| settings.personal_data_days = days);
    assert_eq!(days(ebay(), 90), [""; 0]);
    assert_eq!(
        (days(ebay(), 91), days(ebay(), 0)),
        (vec!["personal_data_days".into()], vec!["personal_data_days".into()])
    );
    let amazon = ChannelCapabilities { personal_data_days: Some(30), ..ebay() };
    assert_eq!(days(amazon, 30), [""; 0]);
    assert_eq!(days(amazon, 60), ["personal_data_days"]);
}

#[test]
fn b7_a_feedback_has_a_text_that_the_channel_takes() {
    let telling = ChannelCapabilities { leave_feedback: true, ..ebay() };
    let text = |text: &str| {
        let feedback = FeedbackSettings { after: FeedbackAfter::Completed, text: text.to_owned() };
        faults(telling, woocommerce(), |settings| settings.feedback = feedback)
    };
    assert_eq!(text(&"ü".repeat(500)), [""; 0]);
    for wrong in ["", "  ", &"ü".repeat(501), "two\nlines", "<b>bold</b>"] {
        assert_eq!(text(wrong), ["feedback.text"], "{wrong}");
    }
}

#[test]
fn scenario_4d_a_store_without_text_lines_does_not_offer_all() {
    assert_eq!(faults(ebay(), squarespace(), |settings| settings.auto_import = AutoImport::All), ["auto_import"]);
    let (offered, reason) = offer(ebay(), squarespace(), "auto_import");
    assert!(!offered && reason.unwrap().contains("without a product"), "{reason:?}");
    assert_eq!(offer(ebay(), woocommerce(), "auto_import"), (true, None));
}

#[test]
fn scenario_4e_a_channel_of_paid_orders_does_not_offer_skip_unpaid() {
    assert_eq!(offer(tiktok(), woocommerce(), "skip_unpaid"), (false, Some("This channel only has paid orders")));
    assert_eq!(faults(tiktok(), woocommerce(), |settings| settings.skip_unpaid = true), ["skip_unpaid"]);
    assert_eq!(offer(ebay(), woocommerce(), "skip_unpaid"), (true, None));
}

#[test]
fn scenario_4f_the_channels_number_is_kept_where_the_store_can() {
    assert!(!offer(ebay(), woocommerce(), "keep_order_number").0);
    assert!(offer(ebay(), shopify(), "keep_order_number").0);
    assert_eq!(faults(ebay(), woocommerce(), |settings| settings.keep_order_number = true), ["keep_order_number"]);
}

#[test]
fn scenario_25_a_prefix_that_leaves_no_room_for_the_number_is_refused() {
    let prefix = |store: StoreCapabilities, prefix: &str| {
        faults(ebay(), store, |settings| {
            settings.keep_order_number = true;
            prefix.clone_into(&mut settings.order_number_prefix);
        })
    };
    assert_eq!(prefix(shopify(), "EB-"), [""; 0]);
    assert_eq!(prefix(StoreCapabilities { max_order_number: 3, ..shopify() }, "EB-"), ["order_number_prefix"]);
    assert_eq!(prefix(shopify(), &"E".repeat(21)), ["order_number_prefix"]);
}

#[test]
fn r14_without_keep_number_there_is_no_prefix() {
    let found = faults(ebay(), shopify(), |settings| settings.order_number_prefix = "EB-".to_owned());
    assert_eq!(found, ["order_number_prefix"]);
}

#[test]
fn r13_each_mail_is_offered_only_where_the_platform_has_its_lever() {
    let all_on = |store: StoreCapabilities| {
        faults(ebay(), store, |settings| {
            let mails = &mut settings.mails;
            (mails.receipt, mails.fulfilment, mails.marketing) = (true, true, true);
            (mails.customer_notifications, mails.suppress_owner_mail) = (true, true);
        })
    };
    assert_eq!(all_on(woocommerce()), ["mails.receipt", "mails.fulfilment", "mails.marketing"]);
    assert_eq!(all_on(shopify()), ["mails.customer_notifications", "mails.suppress_owner_mail"]);
}

#[test]
fn what_is_refused_is_what_is_not_offered() {
    let everything = |settings: &mut ChannelSettings| {
        settings.auto_import = AutoImport::All;
        settings.skip_unpaid = true;
        settings.keep_order_number = true;
        settings.tax.channel_liable = true;
        settings.import_fulfilled_by_channel = true;
        settings.tax.rates = vec![TaxRate { country: None, basis_points: 2000, label: "VAT".to_owned() }];
        settings.feedback = FeedbackSettings { after: FeedbackAfter::Completed, text: "Thank you!".to_owned() };
        let mails = &mut settings.mails;
        (mails.receipt, mails.fulfilment, mails.marketing) = (true, true, true);
        (mails.customer_notifications, mails.suppress_owner_mail) = (true, true);
    };
    let telling = ChannelCapabilities { zero_tax_is_unknown: false, leave_feedback: true, ..tiktok() };
    for channel in [ebay(), tiktok(), telling] {
        for store in [woocommerce(), shopify(), squarespace()] {
            let not_offered = offers(&channel, Some(&store)).into_iter().filter(|offer| !offer.offered);
            let fields: Vec<String> = not_offered.map(|offer| offer.field.to_owned()).collect();
            assert_eq!(faults(channel, store, everything), fields);
        }
    }
}

#[test]
fn scenario_25_number_and_shipping_title_on_a_store_that_keeps_numbers() {
    let mut scene = Scene::new(sale("GBP", 1999).line("A", 1, 1999).with(|order| {
        order.shipping.service = "UK_RoyalMailTracked48".to_owned();
        order.buyer_note = Some("ring twice".to_owned());
    }));
    scene.store = shopify();
    let keep = |settings: &mut ChannelSettings| {
        settings.keep_order_number = true;
        settings.order_number_prefix = "EB-".to_owned();
    };
    let scene = scene.with(keep);
    let draft = scene.draft();
    assert_eq!(draft.source.wanted_number.as_deref(), Some("EB-12-34567-89012"));
    assert_eq!((draft.shipping.title.as_str(), draft.note.as_deref()), ("UK_RoyalMailTracked48", Some("ring twice")));

    let mapped = scene.with(|settings| {
        settings.shipping_methods.insert("UK_RoyalMailTracked48".to_owned(), "Tracked 48".to_owned());
    });
    assert_eq!(mapped.draft().shipping.title, "Tracked 48");
}

#[test]
fn r14_where_the_store_numbers_by_itself_the_channels_number_is_information() {
    let draft =
        Scene::new(sale("GBP", 1999).line("A", 1, 1999)).with(|settings| settings.keep_order_number = true).draft();
    assert_eq!(draft.source.wanted_number, None);
    assert_eq!(support::information(&draft, "Order number"), Some("12-34567-89012"));
}

#[test]
fn scenario_25_marketing_is_never_claimed_for_a_relay_address() {
    for (is_relay, expected) in [(true, false), (false, true)] {
        let scene =
            Scene::new(sale("GBP", 1999).line("A", 1, 1999).with(|order| order.buyer.email_is_relay = is_relay));
        let mails = scene.with(|settings| settings.mails.marketing = true).draft().mails;
        assert_eq!(mails.marketing, expected);
    }
}

#[test]
fn scenario_18_no_mail_is_asked_for_by_default_and_exactly_the_chosen_ones_else() {
    let scene = Scene::new(sale("GBP", 1999).line("A", 1, 1999));
    let mails = scene.draft().mails;
    assert!(
        !(mails.receipt
            || mails.fulfilment
            || mails.marketing
            || mails.customer_notifications
            || mails.suppress_owner_mail)
    );
    let mails = scene.with(|settings| settings.mails.suppress_owner_mail = true).draft().mails;
    assert!(mails.suppress_owner_mail && !mails.customer_notifications);
}

#[test]
fn unknown_settings_are_refused_when_read_and_missing_ones_are_the_defaults() {
    assert!(serde_json::from_str::<ChannelSettings>(r#"{"auto_imports": "all"}"#).is_err());
    let settings: ChannelSettings = serde_json::from_str(r#"{"auto_import": "all"}"#).unwrap();
    assert_eq!(settings, ChannelSettings { auto_import: AutoImport::All, ..ChannelSettings::default() });
}

#[test]
fn r9_a_channel_of_amounts_says_what_its_refunds_restock() {
    let (offered, says) = offer(ebay(), woocommerce(), "restock_refunds");
    assert!(offered && says.unwrap().contains("when its refunds reach what was paid for it"), "{says:?}");
    let told = ChannelCapabilities { refund_quantities: true, ..ebay() };
    assert!(offers(&told, Some(&woocommerce())).iter().all(|offer| offer.field != "restock_refunds"));
}
