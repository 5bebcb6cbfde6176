//! R1 as a property: whatever lines, discounts, taxes, gifts and shipping, the parts reach the store's total to the cent.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use connector_amazon::read;
use domain::totals::totals;
use fakes::SimClock;
use fakes::amazon::{AmazonFake, Collector, Gift, LineSpec, OrderSpec, TaxStyle};
use proptest::prelude::*;

fn line() -> impl Strategy<Value = LineSpec> {
    let amounts = (1_u32..9, 1_i64..100_000, 0_i64..90, 0_i64..5_000, 0_i64..90);
    let taxes = (0_i64..900, 0_i64..300, 0_i64..50);
    (amounts, taxes, prop::option::of(0_i64..900), 0_u8..3).prop_map(|(amounts, taxes, gift, collector)| {
        let (quantity, unit_price, percent, shipping, shipping_percent) = amounts;
        let discount = unit_price * i64::from(quantity) * percent / 100;
        let line = LineSpec::new("A", quantity, unit_price).shipping(shipping);
        let mut line = line.discount(discount).shipping_discount(shipping * shipping_percent / 100);
        line.gift = gift.map(|price| Gift { price, tax: taxes.2, message: None });
        let collector = [Collector::Seller, Collector::Amazon, Collector::Ioss][usize::from(collector)];
        line.tax(taxes.0, collector).shipping_tax(taxes.1)
    })
}

fn orders() -> impl Strategy<Value = OrderSpec> {
    (prop::collection::vec(line(), 1..8), any::<bool>(), any::<bool>()).prop_map(|(lines, yen, included)| {
        let mut order = OrderSpec::new("202-0000000-0000001");
        if yen {
            order = order.currency("JPY".parse().unwrap()).marketplace("A1VC38T7YXB528");
        }
        for line in lines {
            order = order.line_of(line);
        }
        order.taxed(if included { TaxStyle::Included } else { TaxStyle::OnTop })
    })
}

/// As the fake shows it.
fn shown(order: &OrderSpec) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let fake = AmazonFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap();
        fake.place(order.clone());
        fake.shown(&order.id).unwrap().to_string().into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_parts_reach_the_total(order in orders()) {
        let read = read(&shown(&order)).unwrap();
        let sums = totals(&read).unwrap_or_else(|error| panic!("{error}: {order:?}"));
        prop_assert_eq!(sums.store_total.minor(), order.sellers_total());
        prop_assert_eq!(sums.buyer_total.minor(), order.total());
    }
}
