//! R17: kept, converted at a stated rate, or refused; converted parts add up to the converted total.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::{Scene, currency, information, money, sale, time, woocommerce};
use tributary_domain::capabilities::StoreCapabilities;
use tributary_domain::drafting::{self, Drafting};
use tributary_domain::exchange::{Exchange, exchange};
use tributary_domain::plan::Step;
use tributary_domain::settings::{ChannelSettings, CurrencySettings, StatedRate};
use tributary_domain::trace::{Event, NotImported};
use tributary_domain::{Currency, Money};

const RATE_AT: &str = "2026-11-18T00:00:00Z";

fn stated(from: &str, to: &str, rate: &str) -> StatedRate {
    StatedRate {
        from: currency(from),
        to: currency(to),
        rate: rate.parse().unwrap(),
        source: "ECB".to_owned(),
        at: time(RATE_AT),
    }
}

/// An order of these lines, minor units, for a store that takes US dollars.
fn scene(code: &str, lines: &[i64], settings: CurrencySettings) -> Scene {
    let sale = lines.iter().fold(sale(code, lines.iter().sum()), |sale, &gross| sale.line("A", 1, gross));
    let mut scene = Scene::new(sale).with(|all| all.currency = settings);
    scene.store_currency = Some(currency("USD"));
    scene
}

fn convert(from: &str, to: &str, rate: &str) -> CurrencySettings {
    CurrencySettings::Convert { rates: vec![stated(from, to, rate)] }
}

fn nets(scene: &Scene) -> Vec<i64> {
    scene.draft().lines.iter().map(|line| line.net.minor()).collect()
}

#[test]
fn scenario_22_a_total_is_converted_once_and_its_lines_by_largest_remainder() {
    let scene = scene("EUR", &[7900, 4000], convert("EUR", "USD", "1.0850"));
    let draft = scene.draft();
    assert_eq!((draft.total, nets(&scene)), (money(12_912, "USD"), vec![8572, 4340]));
    assert_eq!(information(&draft, "Original total"), Some("119.00 EUR"));
    assert_eq!(information(&draft, "Exchange rate"), Some("1 EUR = 1.0850 USD (ECB, 2026-11-18T00:00:00Z)"));
    let [Event::Converted { original, total, .. }] = draft.remarks.as_slice() else { panic!("{:?}", draft.remarks) };
    assert_eq!((*original, *total), (money(11_900, "EUR"), money(12_912, "USD")));
}

#[test]
fn scenario_22_kept_where_the_store_can() {
    let scene = scene("EUR", &[7900, 4000], CurrencySettings::Keep);
    assert_eq!((scene.draft().total, nets(&scene)), (money(11_900, "EUR"), vec![7900, 4000]));
    assert!(scene.draft().remarks.is_empty());
}

#[test]
fn scenario_22_refused_names_both_currencies() {
    let scene = scene("EUR", &[11_900], CurrencySettings::Refuse);
    let Step::Deduct(_) = scene.next() else { panic!("its linked lines are deducted first (R7)") };
    let links = scene.links();
    let reason = drafting::draft(&Drafting::of(&scene.facts(&links))).unwrap_err();
    assert_eq!(reason, NotImported::ForeignCurrency { order: currency("EUR"), store: currency("USD") });
    assert!(reason.sentence().starts_with("EUR, store takes USD"), "{}", reason.sentence());
}

#[test]
fn scenario_22_yen_become_cents() {
    let scene = scene("JPY", &[5500], convert("JPY", "USD", "0.0067"));
    assert_eq!(scene.draft().total, money(3685, "USD"));
}

#[test]
fn a_store_without_other_currencies_does_not_offer_to_keep_them() {
    let store = StoreCapabilities { any_currency: false, ..woocommerce() };
    let offers = tributary_domain::settings::offers(&support::ebay(), Some(&store));
    let keep = offers.iter().find(|offer| offer.field == "currency" && offer.value == Some("keep")).unwrap();
    assert!(!keep.offered && keep.reason.is_some());
    assert_eq!(CurrencySettings::for_store(Some(&store)), CurrencySettings::Refuse);
    assert_eq!(CurrencySettings::for_store(Some(&woocommerce())), CurrencySettings::Keep);
    let kept = exchange(currency("EUR"), &CurrencySettings::Keep, Some(currency("USD")), false);
    assert!(matches!(kept, Err(NotImported::ForeignCurrency { .. })));
}

#[test]
fn an_order_in_the_stores_own_currency_is_never_touched() {
    for settings in [CurrencySettings::Keep, CurrencySettings::Refuse, convert("EUR", "USD", "1.1")] {
        assert_eq!(exchange(currency("USD"), &settings, Some(currency("USD")), false), Ok(Exchange::AsIs));
    }
}

#[test]
fn a_currency_without_a_rate_waits_and_says_so() {
    let reason = exchange(currency("SEK"), &convert("EUR", "USD", "1.1"), Some(currency("USD")), true).map(|_| ());
    let reason = reason.unwrap_err();
    assert!(reason.sentence().contains("SEK, store takes USD") && reason.sentence().contains("no rate"));
    // A rate into a currency that the store had before is no rate into the one that it has now.
    assert!(exchange(currency("EUR"), &convert("EUR", "GBP", "0.9"), Some(currency("USD")), true).is_err());
}

#[test]
fn every_fault_of_a_rate_is_named() {
    let faults = |settings: CurrencySettings| -> Vec<String> {
        let faults = settings.faults(Some(currency("USD")));
        faults.into_iter().map(|fault| fault.field).collect()
    };
    assert_eq!(faults(convert("EUR", "USD", "1.0850")), [""; 0]);
    assert_eq!(faults(CurrencySettings::Convert { rates: Vec::new() }), ["currency.rates"]);
    assert_eq!(faults(convert("USD", "USD", "1")), ["currency.rates[0].to"]);
    assert_eq!(faults(convert("EUR", "GBP", "1")), ["currency.rates[0].to"]);
    let twice = CurrencySettings::Convert { rates: vec![stated("EUR", "USD", "1"), stated("EUR", "USD", "2")] };
    assert_eq!(faults(twice), ["currency.rates[1].from"]);
    let unsourced =
        CurrencySettings::Convert { rates: vec![StatedRate { source: " ".into(), ..stated("EUR", "USD", "1") }] };
    assert_eq!(faults(unsourced), ["currency.rates[0].source"]);
    for rate in ["0", "-1", "1000000", "1e3", "1,5", "", "0.1234567890123"] {
        assert!(rate.parse::<tributary_domain::settings::ExchangeRate>().is_err(), "{rate}");
    }
}

#[test]
fn the_setting_is_written_as_the_api_reads_it() {
    let read = |json: &str| serde_json::from_str::<ChannelSettings>(json).map(|settings| settings.currency);
    assert_eq!(read(r#"{"currency": {"mode": "refuse"}}"#).unwrap(), CurrencySettings::Refuse);
    let convert = r#"{"currency": {"mode": "convert", "rates": [{"from": "EUR", "to": "USD", "rate": "1.0850", "source": "ECB", "at": "2026-11-18T00:00:00Z"}]}}"#;
    assert_eq!(read(convert).unwrap(), self::convert("EUR", "USD", "1.0850"));
    for wrong in [
        r#"{"currency": {"mode": "keeps"}}"#,
        r#"{"currency": {"mode": "convert"}}"#,
        r#"{"currency": {"mode": "convert", "rates": [{"from": "EUR", "to": "USD", "rate": 1.085, "source": "ECB", "at": "2026-11-18T00:00:00Z"}]}}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

fn codes() -> impl Strategy<Value = Currency> {
    // Every decimal count that there is: 0, 2, 3, 4.
    prop_oneof![Just("JPY"), Just("USD"), Just("EUR"), Just("KWD"), Just("CLF"), Just("HUF")].prop_map(currency)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn converted_parts_add_up_to_the_converted_total(
        from in codes(),
        to in codes(),
        parts in vec(-500_000_i64..10_000_000, 1..15),
        rate in 1_i64..1_000_000,
        decimals in 0_u32..8,
    ) {
        let rate = rust_decimal::Decimal::new(rate, decimals).to_string();
        let row = StatedRate { from, to, rate: rate.parse().unwrap(), source: "ECB".to_owned(), at: time(RATE_AT) };
        let of = |minor: i64| Money::from_minor(minor, from);
        let before: Vec<Money> = parts.iter().map(|&part| of(part)).collect();
        let total = of(parts.iter().sum());
        let exchange = Exchange::At(&row);
        let (converted, after) = exchange.spread(total, &before).unwrap();
        prop_assert_eq!(converted, exchange.amount(total).unwrap());
        prop_assert_eq!(Money::sum(to, after.iter().copied()).unwrap(), converted);
        for (part, alone) in after.iter().zip(&before) {
            let alone = exchange.amount(*alone).unwrap();
            prop_assert!((part.minor() - alone.minor()).abs() <= 1, "{} is not {}", part, alone);
        }
    }
}
