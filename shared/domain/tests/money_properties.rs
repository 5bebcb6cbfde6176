//! R1, R2, R12, R16 for any order: the draft is worth what the seller receives, to the cent.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

mod support;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use support::{Scene, link, sale};
use tributary_domain::draft::StoreOrderDraft;
use tributary_domain::settings::TaxRate;
use tributary_domain::{Charge, Liable, Link, Money, Place, Tax, TaxKnowledge};

/// A price and, in per cent of it, what is taken off and what is put on.
#[derive(Debug, Clone)]
struct Price {
    gross: i64,
    seller_discount: Option<i64>,
    marketplace_discount: Option<i64>,
    /// Seller included, seller on top, marketplace included, marketplace on top.
    taxes: [Option<i64>; 4],
}

const TAXES: [(Liable, Place); 4] = [
    (Liable::Seller, Place::Included),
    (Liable::Seller, Place::OnTop),
    (Liable::Marketplace, Place::Included),
    (Liable::Marketplace, Place::OnTop),
];

impl Price {
    /// An order's taxes are told, or they are not: then the seller's are missing.
    fn tax(&self, index: usize, known: bool) -> i64 {
        let told = known || TAXES[index].0 == Liable::Marketplace;
        let after_discount = self.gross - self.discount();
        self.taxes[index].filter(|_| told).map_or(0, |per_cent| after_discount * per_cent / 100)
    }

    fn discount(&self) -> i64 {
        self.seller_discount.map_or(0, |per_cent| self.gross * per_cent / 100)
    }

    fn paid_by_marketplace(&self) -> i64 {
        self.marketplace_discount.map_or(0, |per_cent| (self.gross - self.discount()) * per_cent / 100)
    }

    /// What the seller receives, tax on top left out.
    fn received(&self, known: bool) -> i64 {
        self.gross - self.discount() - self.tax(2, known)
    }

    fn charge(&self, known: bool, money: impl Fn(i64) -> Money) -> Charge {
        let taxes = TAXES.iter().enumerate().map(|(index, (liable, place))| Tax {
            amount: money(self.tax(index, known)),
            place: *place,
            liable: *liable,
            label: None,
            rate: None,
        });
        Charge {
            gross: money(self.gross),
            seller_discount: self.seller_discount.map(|_| money(self.discount())),
            marketplace_discount: self.marketplace_discount.map(|_| money(self.paid_by_marketplace())),
            taxes: taxes.filter(|tax| !tax.amount.is_zero()).collect(),
        }
    }
}

#[derive(Debug, Clone)]
struct Bought {
    price: Price,
    quantity: u32,
    canceled: u32,
    /// (quantity, weight) of each product.
    targets: Option<Vec<(u32, u32)>>,
}

#[derive(Debug, Clone)]
struct Case {
    code: &'static str,
    lines: Vec<Bought>,
    shipping: Price,
    fees: Vec<Price>,
    known: bool,
    /// Destination and default row, in basis points.
    rates: (Option<u32>, Option<u32>),
    add_shipping_tax: bool,
    without_tax: bool,
}

fn price(gross: std::ops::Range<i64>) -> impl Strategy<Value = Price> {
    let taxes = [option::of(0..20_i64), option::of(0..20_i64), option::of(0..20_i64), option::of(0..20_i64)];
    (gross, option::of(0..=100_i64), option::of(0..=50_i64), taxes).prop_map(
        |(gross, seller_discount, marketplace_discount, taxes)| Price {
            gross,
            seller_discount,
            marketplace_discount,
            taxes,
        },
    )
}

fn bought() -> impl Strategy<Value = Bought> {
    let targets = option::of(vec((1..5_u32, 0..6_u32), 1..4));
    (price(0..100_000), 0..5_u32, 0..5_u32, targets).prop_map(|(price, quantity, canceled, targets)| Bought {
        price,
        quantity,
        canceled: canceled.saturating_sub(2).min(quantity),
        targets,
    })
}

fn case() -> impl Strategy<Value = Case> {
    let code = prop_oneof![Just("USD"), Just("GBP"), Just("EUR"), Just("JPY"), Just("KWD")];
    let rate = || option::of(prop_oneof![Just(0_u32), Just(800), Just(1900), Just(2000), 0..9999_u32]);
    let charges = (vec(bought(), 1..7), price(0..5000), vec(price(-500..3000), 0..3));
    (code, charges, any::<bool>(), (rate(), rate()), any::<bool>(), any::<bool>()).prop_map(
        |(code, (lines, shipping, fees), known, rates, add_shipping_tax, without_tax)| Case {
            code,
            lines,
            shipping,
            fees,
            known,
            rates,
            add_shipping_tax,
            without_tax,
        },
    )
}

impl Case {
    fn real_lines(&self) -> impl Iterator<Item = &Bought> {
        self.lines.iter().filter(|line| line.quantity > 0)
    }

    fn prices(&self) -> impl Iterator<Item = &Price> {
        self.real_lines().map(|line| &line.price).chain([&self.shipping]).chain(&self.fees)
    }

    fn sum(&self, of: impl Fn(&Price) -> i64) -> i64 {
        self.prices().map(of).sum()
    }

    fn store_total(&self) -> i64 {
        self.sum(|price| price.received(self.known) + price.tax(1, self.known))
    }

    fn buyer_total(&self) -> i64 {
        let kept = self.sum(|price| price.tax(2, self.known) + price.tax(3, self.known));
        self.store_total() + kept - self.sum(Price::paid_by_marketplace)
    }

    /// The seller's tax: as told, or half-up(base x r / (1 + r)) in whole numbers. Nothing comes out of a negative base.
    fn seller_tax(&self) -> i64 {
        if self.known {
            return self.sum(|price| price.tax(0, true) + price.tax(1, true));
        }
        let rate = i64::from(self.rates.0.or(self.rates.1).unwrap_or(0));
        let untaxed = if self.add_shipping_tax { 0 } else { self.shipping.received(false) };
        let base = self.sum(|price| price.received(false)) - untaxed;
        let whole = 10_000 + rate;
        (2 * base.max(0) * rate + whole) / (2 * whole)
    }

    fn scene(&self) -> Scene {
        let sale = self.lines.iter().enumerate().fold(sale(self.code, self.buyer_total()), |sale, (index, line)| {
            sale.line(&format!("L{index}"), line.quantity, 0)
        });
        let mut scene = Scene::new(sale);
        let source = &mut scene.order.source;
        let currency = source.currency;
        let money = |minor| Money::from_minor(minor, currency);
        for (line, bought) in source.lines.iter_mut().zip(&self.lines) {
            line.charge = bought.price.charge(self.known, money);
            line.canceled = bought.canceled;
        }
        source.shipping.charge = self.shipping.charge(self.known, money);
        source.fees.extend(
            self.fees
                .iter()
                .map(|fee| tributary_domain::Fee { label: "Fee".to_owned(), charge: fee.charge(self.known, money) }),
        );
        source.tax = if self.known { TaxKnowledge::Known } else { TaxKnowledge::Unknown };
        let row = |country: Option<&str>, rate: Option<u32>| {
            let country = country.map(str::to_owned);
            rate.map(|basis_points| TaxRate { country, basis_points, label: "VAT".to_owned() })
        };
        let tax = &mut scene.settings.tax;
        tax.rates = row(None, self.rates.1).into_iter().chain(row(Some("GB"), self.rates.0)).collect();
        (tax.add_shipping_tax, tax.import_without_tax) = (self.add_shipping_tax, self.without_tax);
        scene.links = self.lines.iter().enumerate().filter_map(|(index, line)| link_of(index, line)).collect();
        scene
    }
}

fn link_of(index: usize, line: &Bought) -> Option<Link> {
    let names = ["P", "Q", "R"];
    let targets: Vec<(&str, u32, u32)> =
        line.targets.as_ref()?.iter().zip(names).map(|(&(quantity, weight), name)| (name, quantity, weight)).collect();
    Some(link(&format!("L{index}"), &targets))
}

/// Nets of lines, shipping and fees, and the taxes on them.
fn parts(draft: &StoreOrderDraft) -> (i64, i64) {
    let lines = draft.lines.iter().map(|line| (line.net, line.tax));
    let fees = draft.fees.iter().map(|fee| (fee.net, fee.tax));
    let all = lines.chain([(draft.shipping.net, draft.shipping.tax)]).chain(fees);
    all.fold((0, 0), |sum, (net, tax)| (sum.0 + net.minor(), sum.1 + tax.minor()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn the_draft_is_worth_what_the_seller_receives_less_what_is_left_out(case in case()) {
        let scene = case.scene();
        let draft = scene.draft();
        let removed = if case.without_tax { case.seller_tax() } else { 0 };
        prop_assert_eq!(draft.total.minor(), case.store_total() - removed);

        let (net, tax) = parts(&draft);
        let stated: i64 = draft.taxes.iter().map(|tax| tax.amount.minor()).sum();
        prop_assert_eq!(net + stated, draft.total.minor());
        prop_assert_eq!(tax, stated, "the taxes are those of the parts");
        prop_assert_eq!(tax, case.seller_tax() - removed);
        if case.without_tax {
            prop_assert!(draft.taxes.is_empty());
        }
    }

    #[test]
    fn each_line_keeps_its_own_money_over_all_its_products(case in case()) {
        let scene = Case { rates: (None, None), without_tax: false, ..case.clone() }.scene();
        let draft = scene.draft();
        for (index, line) in case.lines.iter().enumerate().filter(|(_, line)| line.quantity > 0) {
            let id = format!("L{index}");
            let of_line: Vec<_> = draft.lines.iter().filter(|drafted| drafted.line.as_str() == id).collect();
            let open = line.quantity - line.canceled;
            let products = line.targets.as_ref().filter(|_| open > 0).map_or(1, Vec::len);
            prop_assert_eq!(of_line.len(), products);
            let paid: i64 = of_line.iter().map(|drafted| drafted.net.minor() + drafted.tax.minor()).sum();
            prop_assert_eq!(paid, line.price.received(case.known) + line.price.tax(1, case.known));
            for drafted in of_line {
                prop_assert!(drafted.quantity > 0);
                prop_assert!(drafted.undiscounted.minor() >= drafted.net.minor(), "a discount is never negative: {:?}", drafted);
            }
        }
        prop_assert!(draft.lines.iter().all(|drafted| case.lines[drafted.line.as_str()[1..].parse::<usize>().unwrap()].quantity > 0));
    }

    #[test]
    fn no_amount_has_more_decimals_than_its_currency(case in case()) {
        let draft = case.scene().draft();
        let decimals = match case.code { "JPY" => 0, "KWD" => 3, _ => 2 };
        let amounts = draft.lines.iter().map(|line| line.net).chain(draft.taxes.iter().map(|tax| tax.amount)).chain([draft.total]);
        for amount in amounts {
            let text = amount.to_string();
            let (number, code) = text.split_once(' ').unwrap();
            prop_assert_eq!(number.split_once('.').map_or(0, |(_, fraction)| fraction.len()), decimals);
            prop_assert_eq!(code, case.code);
        }
    }

    #[test]
    fn a_total_that_is_off_by_one_is_refused(case in case(), off in prop_oneof![Just(-1_i64), Just(1)]) {
        let mut order = case.scene().order.source;
        order.buyer_total = Money::from_minor(order.buyer_total.minor() + off, order.currency);
        let error = tributary_domain::totals::totals(&order).unwrap_err().to_string();
        let right = Money::from_minor(case.store_total(), order.currency);
        let wrong = Money::from_minor(case.store_total() + off, order.currency);
        prop_assert!(error.contains(&right.to_string()) && error.contains(&wrong.to_string()), "{}", error);
    }
}
