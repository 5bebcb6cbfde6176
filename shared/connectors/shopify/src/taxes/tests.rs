//! Each tax on its charge, and every sum to the cent.

use proptest::prelude::*;

use super::*;
use crate::testing::{draft, line, money, product};

fn tax(label: &str, amount: i64, rate: Option<i64>, currency: &str) -> DraftTax {
    DraftTax { label: label.to_owned(), amount: money(amount, currency), rate: rate.map(Decimal::from) }
}

fn shown(taxed: &Taxed) -> Vec<(&str, i64)> {
    taxed.0.iter().map(|part| (part.title.as_str(), part.amount.minor())).collect()
}

/// Scenario 11: the rate that explains a line's tax is the one that it is given.
#[test]
fn two_rates_find_their_lines() {
    let mut order = draft("JPY");
    let ten = |id: &str, tax| line(id, product("101"), 1, 333 - tax, tax, "JPY");
    order.lines = vec![ten("L1", 31), ten("L2", 30), ten("L3", 30), line("L4", product("102"), 1, 1000, 80, "JPY")];
    (order.shipping.net, order.shipping.tax) = (money(500, "JPY"), money(50, "JPY"));
    order.taxes = vec![tax("8%", 80, Some(8), "JPY"), tax("10%", 141, Some(10), "JPY")];
    let spread = spread(&order).unwrap();
    let lines: Vec<_> = spread.lines.iter().map(shown).collect();
    assert_eq!(lines, [vec![("10%", 31)], vec![("10%", 30)], vec![("10%", 30)], vec![("8%", 80)]]);
    assert_eq!(shown(&spread.shipping), [("10%", 50)]);
}

#[test]
fn a_tax_that_no_line_claims_is_spread_by_price() {
    let mut order = draft("GBP");
    order.lines = vec![line("L1", product("101"), 1, 300, 0, "GBP"), line("L2", product("102"), 1, 100, 0, "GBP")];
    order.taxes = vec![tax("Levy", 41, None, "GBP")];
    let spread = spread(&order).unwrap();
    assert_eq!((shown(&spread.lines[0]), shown(&spread.lines[1])), (vec![("Levy", 31)], vec![("Levy", 10)]));
    // Shopify insists on a rate.
    assert_eq!(spread.lines[1].lines(money(100, "GBP"))[0].rate, "0.1");
}

#[test]
fn a_free_order_has_no_rate_and_does_not_divide_by_nothing() {
    let mut order = draft("GBP");
    order.lines = vec![line("L1", product("101"), 1, 0, 0, "GBP")];
    order.taxes = vec![tax("", 5, None, "GBP")];
    let spread = spread(&order).unwrap();
    let lines = spread.lines[0].lines(money(0, "GBP"));
    assert_eq!((lines[0].title.as_str(), lines[0].rate.as_str()), ("Tax", "0"));
}

proptest! {
    #[test]
    fn no_cent_is_lost(
        nets in prop::collection::vec((0_i64..10_000, 0_i64..2_000), 1..6),
        shipping in 0_i64..500,
        extra in 0_i64..500,
        split in 0_u8..=100,
        liable in 0_i64..900,
    ) {
        let mut order = draft("GBP");
        let lines = nets.iter().enumerate();
        order.lines = lines.map(|(at, (net, tax))| line(&format!("L{at}"), product("1"), 1, *net, *tax, "GBP")).collect();
        order.shipping.tax = money(shipping, "GBP");
        let all: i64 = nets.iter().map(|(_, tax)| tax).sum::<i64>() + shipping + extra;
        let first = all * i64::from(split) / 100;
        order.taxes = vec![tax("A", first, Some(20), "GBP"), tax("B", all - first, None, "GBP")];
        order.channel_liable = vec![tax("C", liable, None, "GBP")];
        let spread = spread(&order).unwrap();
        let of = |title: &str| -> i64 {
            let charges = spread.lines.iter().chain([&spread.shipping]).chain(&spread.fees);
            charges.flat_map(shown).filter(|(known, _)| *known == title).map(|(_, amount)| amount).sum()
        };
        prop_assert_eq!((of("A"), of("B"), of("C")), (first, all - first, liable));
        let two = [money(833, "GBP"), money(834, "GBP")];
        for charge in &spread.lines {
            let shares = charge.shares(&two);
            let sum: i64 = shares.iter().flat_map(shown).map(|(_, amount)| amount).sum();
            prop_assert_eq!(sum, shown(charge).iter().map(|(_, amount)| amount).sum::<i64>());
        }
    }
}
