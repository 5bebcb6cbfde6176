//! Prices add up to the cent, and marks read back.

use domain::Currency;
use proptest::prelude::*;

use super::*;

fn money(minor: i64) -> Money {
    Money::from_minor(minor, "GBP".parse::<Currency>().unwrap())
}

fn minors(units: u32, ex: i64, inc: i64) -> Vec<(u32, i64, i64)> {
    prices(units, money(ex), money(inc)).iter().map(|p| (p.units, p.ex_tax.minor(), p.inc_tax.minor())).collect()
}

fn line(quantity: u32, already_deducted: u32) -> DraftLine {
    DraftLine {
        line: "L1".parse().unwrap(),
        item: DraftItem::Product { id: "77/76".parse().unwrap(), sku: "A".parse().ok() },
        name: "Tea".to_owned(),
        quantity,
        undiscounted: money(2500),
        net: money(2500),
        tax: money(0),
        already_deducted,
    }
}

/// SCENARIOS 13: 2500 for three is 2 x 833 + 1 x 834.
#[test]
fn a_sum_without_a_price_per_unit_is_two_lines() {
    assert_eq!(minors(3, 2500, 2500), [(1, 834, 834), (2, 833, 833)]);
    assert_eq!(minors(3, 3704, 3704), [(2, 1235, 1235), (1, 1234, 1234)]);
    assert_eq!(minors(2, 3998, 3998), [(2, 1999, 1999)]);
    assert_eq!(minors(3, 2083, 2500), [(1, 695, 834), (2, 694, 833)]);
    assert_eq!(minors(3, 2084, 2500), [(1, 695, 834), (1, 695, 833), (1, 694, 833)]);
    assert_eq!(minors(7, 3, 3), [(3, 1, 1), (4, 0, 0)]);
    assert_eq!(minors(2000, 0, 0), [(2000, 0, 0)]);
    assert_eq!(minors(0, 5, 5), []);
}

#[test]
fn units_that_we_deducted_are_custom_products_that_name_theirs() {
    let shown = |line: &DraftLine, takes_stock| -> Vec<String> {
        let products = products("test", line, takes_stock).unwrap();
        products
            .iter()
            .map(|p| format!("{} x {:?} {} {}", p.quantity, p.product_id, p.price_ex_tax, p.name_merchant))
            .collect()
    };
    assert_eq!(shown(&line(3, 0), true), ["1 x Some(77) 8.34 Tea [L1]", "2 x Some(77) 8.33 Tea [L1]"]);
    assert_eq!(shown(&line(3, 2), true), ["1 x Some(77) 8.34 Tea [L1]", "2 x None 8.33 Tea [L1 = 77/76]"]);
    assert_eq!(shown(&line(1, 1), true), ["1 x None 25.00 Tea [L1 = 77/76]"]);
    // What shipped long ago moves nothing, now or later.
    assert_eq!(shown(&line(1, 0), false), ["1 x None 25.00 Tea [L1 ~ 77/76]"]);
}

#[test]
fn what_the_vendor_does_not_take_is_refused_for_certain() {
    let mut wrong = [line(0, 0), line(1, 0), line(1, 0)];
    wrong[1].net = money(-1);
    wrong[2].item = DraftItem::Product { id: "gid://other/Product/1".parse().unwrap(), sku: None };
    for line in wrong {
        let error = products("test", &line, true).map(|_| ()).unwrap_err();
        assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, connect::Effect::None));
    }
}

#[test]
fn a_name_is_never_too_long_or_empty() {
    let mut long = line(1, 0);
    long.name = "\u{e9}".repeat(400);
    let product = products("test", &long, true).unwrap().remove(0);
    assert_eq!((product.name.chars().count(), product.name_merchant.chars().count()), (250, 250));
    assert!(product.name_merchant.ends_with(" [L1]"));
    long.name = " \n ".to_owned();
    assert_eq!(products("test", &long, true).unwrap()[0].name_merchant, "Item [L1]");
}

#[test]
fn marks_read_back_whatever_the_lines_name() {
    for name in ["L1", "10052473838", "a b]c[d", "x = 1/2", "100%", "\u{e9}~"] {
        for product in [
            None,
            Some((Item::parse("77/76").unwrap(), Units::Deducted)),
            Some((Item::parse("5").unwrap(), Units::Unmoved)),
        ] {
            let mark = Mark { line: name.parse().unwrap(), product };
            assert_eq!(Mark::read(&format!("Tea [100 g] {}", mark.write())), Some(mark));
        }
    }
}

#[test]
fn a_name_that_a_person_wrote_bears_no_mark() {
    for name in ["", "Tea", "Tea]", "Tea [", "Tea []", "Tea [L1 = x]", "Tea [L1 =]", "Tea [L1 = ]"] {
        assert_eq!(Mark::read(name), None, "{name}");
    }
}

proptest! {
    #[test]
    fn prices_add_up_to_the_cent(units in 1_u32..3000, net in 0_i64..10_000_000, tax in 0_i64..2_000_000) {
        let all = prices(units, money(net), money(net + tax));
        let sum = |price: fn(&Priced) -> Money| all.iter().map(|p| price(p).minor() * i64::from(p.units)).sum::<i64>();
        prop_assert_eq!(sum(|p| p.ex_tax), net);
        prop_assert_eq!(sum(|p| p.inc_tax), net + tax);
        prop_assert_eq!(all.iter().map(|p| p.units).sum::<u32>(), units);
        prop_assert!(all.len() <= 3);
        prop_assert!(all.iter().all(|p| p.inc_tax.minor() >= p.ex_tax.minor()));
    }
}
