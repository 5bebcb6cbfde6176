//! Whatever is packed comes out; what does not fit is an error.

use domain::{AccountId, ChannelOrderId, Platform};
use proptest::prelude::*;

use super::*;

fn row(seed: u64, millis: i64) -> OrderRow {
    let id = OrderId::derive(
        jiff::Timestamp::from_millisecond(millis).unwrap(),
        &Platform::new("ebay").unwrap(),
        &AccountId::new("seller").unwrap(),
        &ChannelOrderId::new(seed.to_string()).unwrap(),
    );
    let odd = |bit: u64| seed >> bit & 1 == 1;
    let currency: Currency = if odd(1) { "JPY" } else { "EUR" }.parse().unwrap();
    let part = |shift: u64| usize::try_from(seed >> shift & 0xff).unwrap();
    let figures = Figures {
        channel: ConnectionId::new(format!("channel-{}", seed % 3)).unwrap(),
        status: STATUSES[part(3) % 5],
        unlinked: odd(4),
        error: odd(5),
        superseded: odd(6),
        sale: Sale {
            currency,
            kind: KINDS[part(9) % 3],
            fulfilled_by_channel: odd(7),
            gross: i64::try_from(seed % 1_000_000).unwrap() - 500,
            refunds: i64::from(odd(8)) * 77,
            tax: i64::from(odd(9)) * 19,
            collected_tax: i64::from(odd(10)) * 8,
            units: u32::try_from(seed % 7).unwrap(),
        },
    };
    let lines = (0..part(12) % 4).map(|n| SoldLine {
        item: Item { sku: odd(13).then(|| format!("SKU-{n}")), title: format!("Título {n}") },
        units: u32::try_from(n).unwrap(),
        revenue: -5 + i64::try_from(n).unwrap(),
    });
    let words = Words {
        number: seed,
        channel_number: format!("{seed:05}-x"),
        store_number: odd(2).then(|| seed.to_string()),
        names: if odd(3) { vec!["王小明".to_owned(), "Zoë\n\"M\"".to_owned()] } else { Vec::new() },
        lines: lines.collect(),
    };
    OrderRow { id, figures, words }
}

proptest! {
    #[test]
    fn whatever_is_packed_comes_out(seeds in prop::collection::vec(any::<u64>(), 0..60)) {
        let mut rows: Vec<OrderRow> = seeds
            .iter()
            .map(|seed| row(*seed, 1_795_000_000_000 + i64::try_from(seed % 86_400_000).unwrap()))
            .collect();
        rows.sort_by_key(|row| row.id);
        let figures: Vec<_> = rows.iter().map(|row| (row.id, row.figures.clone())).collect();
        prop_assert_eq!(unpack_figures(&pack_figures(&rows).unwrap()).unwrap(), figures);
        let words: Vec<_> = rows.iter().map(|row| row.words.clone()).collect();
        prop_assert_eq!(unpack_words(&pack_words(&rows).unwrap()).unwrap(), words);
        let mut quarters = Quarters::default();
        for row in &rows {
            quarters.add(row.id, &row.figures).unwrap();
        }
        prop_assert_eq!(unpack_quarters(&pack_quarters(&quarters).unwrap()).unwrap(), quarters);
    }
}

#[test]
fn columns_that_do_not_fit_are_an_error() {
    for torn in [
        r#"{"t":[1],"i":"","cs":[],"c":[],"us":[],"u":[],"f":[],"g":[],"r":[],"x":[],"m":[],"n":[]}"#,
        r#"{"t":[1],"i":"0000000000000000","cs":["a"],"c":[1],"us":["EUR"],"u":[0],"f":[0],"g":[0],"r":[0],"x":[0],"m":[0],"n":[0]}"#,
    ] {
        assert!(unpack_figures(&codec::deflate(torn.as_bytes()).unwrap()).is_err());
    }
    let torn = r#"{"n":[1],"c":["a"],"s":[null],"b":[[]],"is":[],"i":[],"l":[1],"u":[],"r":[]}"#;
    assert!(unpack_words(&codec::deflate(torn.as_bytes()).unwrap()).is_err());
}
