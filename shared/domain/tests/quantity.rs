//! R7: the quantity that a listing shows never promises more than there is, whatever is linked, held, kept back or capped.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of #[test] functions")]

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use tributary_domain::link::Target;
use tributary_domain::quantity::{Available, HANDFUL, NotTold, StoreStock, Telling, shown, too_many_zeros};
use tributary_domain::stock_settings::StockSettings;
use tributary_domain::{ConnectionId, Link, ListingKey, ProductId, Sku};

fn product(n: usize) -> ProductId {
    ProductId::new(n.to_string()).unwrap()
}

/// A link to products 0, 1 ... in these quantities.
fn link(quantities: &[u32]) -> Link {
    let targets = quantities.iter().enumerate();
    let targets =
        targets.map(|(n, quantity)| Target { product: product(n), sku: None, quantity: *quantity, weight: 1 });
    Link {
        tax_rate: None,
        connection: ConnectionId::new("etsy").unwrap(),
        listing: ListingKey::Sku(Sku::new("BOX").unwrap()),
        targets: targets.collect(),
    }
}

fn managed(stock: i64, held: u32) -> Available {
    Available { stock: StoreStock::Managed(stock), held }
}

fn show(quantities: &[u32], there: &[Available], settings: StockSettings) -> Result<u32, NotTold> {
    let there: BTreeMap<ProductId, Available> = there.iter().enumerate().map(|(n, a)| (product(n), *a)).collect();
    shown(&link(quantities), |id| there.get(id).copied(), &settings)
}

#[test]
fn r7_every_case_of_the_quantity_a_listing_shows() {
    let all = StockSettings::default();
    for (quantities, there, settings, wanted) in [
        (&[1][..], &[managed(50, 0)][..], all, Ok(50)),
        (&[1], &[managed(50, 3)], all, Ok(47)),
        (&[2], &[managed(9, 0)], all, Ok(4)),
        // Scenario 16: a box of two A and one B; the scarcest counts.
        (&[2, 1], &[managed(50, 0), managed(20, 0)], all, Ok(20)),
        (&[2, 1], &[managed(50, 0), managed(-1, 0)], all, Ok(0)),
        (&[1], &[managed(2, 5)], all, Ok(0)),
        (&[1], &[managed(50, 0)], StockSettings { buffer: 2, maximum: None }, Ok(48)),
        (&[1], &[managed(1, 0)], StockSettings { buffer: 2, maximum: None }, Ok(0)),
        (&[1], &[managed(50, 0)], StockSettings { buffer: 2, maximum: Some(5) }, Ok(5)),
        (&[1], &[managed(i64::MAX, 0)], all, Ok(u32::MAX)),
        (&[1], &[managed(i64::MIN, u32::MAX)], all, Ok(0)),
        (&[1, 1], &[managed(7, 0), Available { stock: StoreStock::Unmanaged, held: 0 }], all, Ok(7)),
        (&[1], &[Available { stock: StoreStock::Unmanaged, held: 3 }], all, Err(NotTold::Unmanaged)),
        (&[1], &[Available { stock: StoreStock::Gone, held: 0 }], all, Err(NotTold::Gone(product(0)))),
        (&[1, 1], &[managed(7, 0)], all, Err(NotTold::Unread(product(1)))),
    ] {
        assert_eq!(show(quantities, there, settings), wanted, "{quantities:?} {there:?} {settings:?}");
    }
}

#[test]
fn r7_more_than_a_fifth_and_more_than_a_handful_of_zeros_pauses() {
    assert!(!too_many_zeros(HANDFUL, HANDFUL), "a handful may always sell out");
    assert!(too_many_zeros(6, 29));
    assert!(!too_many_zeros(6, 30), "exactly 20 % is not more than 20 %");
    assert!(too_many_zeros(6, 6));

    let start: Timestamp = "2026-11-18T08:00:00Z".parse().unwrap();
    let later = |minutes| start.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    let on = Telling::started(start).with_zeros(4, 10, later(10));
    assert!(matches!(on, Telling::On { zeros: 4, .. }));
    assert!(matches!(on.with_zeros(4, 10, later(50)), Telling::Paused { zeros: 8, listings: 10, .. }));
    assert!(matches!(on.with_zeros(4, 10, later(80)), Telling::On { zeros: 4, .. }), "an hour later it is not at once");
    let paused = on.with_zeros(4, 10, later(50));
    assert_eq!(paused.with_zeros(1, 10, later(51)), paused);
    assert_eq!(Telling::NotStarted.with_zeros(9, 9, start), Telling::NotStarted);
}

#[test]
fn a_buffer_or_maximum_out_of_range_is_named() {
    let fields = |buffer, maximum| -> Vec<String> {
        StockSettings { buffer, maximum }.faults().into_iter().map(|fault| fault.field).collect()
    };
    assert_eq!(fields(10_000, Some(100_000)), [""; 0]);
    assert_eq!(fields(10_001, None), ["stock.buffer"]);
    assert_eq!(fields(0, Some(0)), ["stock.maximum"]);
    assert_eq!(fields(10_001, Some(100_001)), ["stock.buffer", "stock.maximum"]);
}

fn available() -> impl Strategy<Value = Available> {
    let stock = prop_oneof![4 => (-20_i64..2_000).prop_map(StoreStock::Managed), 1 => Just(StoreStock::Unmanaged)];
    (stock, 0_u32..50).prop_map(|(stock, held)| Available { stock, held })
}

proptest! {
    #[test]
    fn what_is_shown_can_be_sold_of_every_product(
        parts in vec((1_u32..12, available()), 1..5),
        buffer in 0_u32..30,
        maximum in proptest::option::of(1_u32..100),
    ) {
        let (quantities, there): (Vec<u32>, Vec<Available>) = parts.into_iter().unzip();
        match show(&quantities, &there, StockSettings { buffer, maximum }) {
            Ok(shown) => {
                for (quantity, there) in quantities.iter().zip(&there) {
                    let Some(units) = there.units() else { continue };
                    let promised = i64::from(shown) * i64::from(*quantity);
                    prop_assert!(promised <= units.max(0), "{promised} of {units}");
                    prop_assert!(shown == 0 || i64::from(shown + buffer) * i64::from(*quantity) <= units);
                }
                prop_assert!(maximum.is_none_or(|maximum| shown <= maximum));
            }
            Err(NotTold::Unmanaged) => prop_assert!(there.iter().all(|there| there.units().is_none())),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn one_unit_more_held_never_shows_more(
        stock in -5_i64..200, held in 0_u32..50, quantity in 1_u32..5, buffer in 0_u32..5,
    ) {
        let settings = StockSettings { buffer, maximum: None };
        let now = show(&[quantity], &[managed(stock, held)], settings).unwrap();
        let after = show(&[quantity], &[managed(stock, held + 1)], settings).unwrap();
        prop_assert!(after <= now && now - after <= 1);
    }
}
