//! Quantities against the fake: one changes, nothing else does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use axum::http::StatusCode;
use connect::{Effect, ErrorKind, QuantityUpdate, SalesChannel};
use connector_etsy::Etsy;
use domain::{ListingKey, Sku};
use fakes::SimClock;
use fakes::etsy::{EtsyFake, Listing};
use shop::connected;

const MUG: u64 = 1_200_000_001;
const SCARF: u64 = 1_200_000_002;

/// A mug, and a scarf in two colours that differ in everything.
async fn shop() -> (EtsyFake, Etsy) {
    let fake = EtsyFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap();
    fake.list(Listing::single(MUG, "MUG", "A mug", 749, 5));
    fake.list(Listing::in_colours(SCARF, "A scarf", &[("RED", "Red", 3999, 7), ("BLUE", "Blue", 4250, 9)]));
    let etsy = connected(&fake);
    (fake, etsy)
}

fn update(key: &str, sku: Option<&str>, quantity: u32) -> QuantityUpdate {
    let sku = sku.map(|sku| sku.parse::<Sku>().unwrap());
    QuantityUpdate { listing: ListingKey::Listing(key.to_owned()), sku, quantity }
}

async fn set(etsy: &Etsy, updates: &[QuantityUpdate]) -> Vec<Option<ErrorKind>> {
    let answers = etsy.set_quantities(updates).await.unwrap();
    answers.into_iter().map(|answer| answer.err().map(|error| error.kind)).collect()
}

#[tokio::test]
async fn one_quantity_changes_and_prices_and_the_other_variations_stay() {
    let (fake, etsy) = shop().await;
    let before = fake.listing(SCARF).unwrap();
    assert_eq!(set(&etsy, &[update(&format!("{SCARF}/{}", SCARF * 10), None, 3)]).await, [None]);
    let mut expected = before;
    expected.products[0].quantity = 3;
    assert_eq!(fake.listing(SCARF).unwrap(), expected);
    assert_eq!(fake.violations(), []);
}

#[tokio::test]
async fn several_variations_of_a_listing_are_one_write() {
    let (fake, etsy) = shop().await;
    let (red, blue) = (format!("{SCARF}/{}", SCARF * 10), format!("{SCARF}/{}", SCARF * 10 + 1));
    let updates = [update(&red, None, 3), update(&MUG.to_string(), None, 2), update(&blue, None, 0)];
    assert_eq!(set(&etsy, &updates).await, [None, None, None]);
    assert_eq!(["RED", "BLUE", "MUG"].map(|sku| fake.for_sale(sku)), [Some(3), Some(0), Some(2)]);
    assert_eq!(fake.calls().count("PUT *"), 2);
    assert_eq!(fake.listing(SCARF).unwrap().state, "active");
}

#[tokio::test]
async fn the_last_piece_leaves_the_shop_and_new_ones_come_back() {
    let (fake, etsy) = shop().await;
    let mug = MUG.to_string();
    for (quantity, state) in [(0, "inactive"), (0, "inactive"), (4, "active"), (0, "inactive"), (1, "active")] {
        assert_eq!(set(&etsy, &[update(&mug, None, quantity)]).await, [None]);
        assert_eq!((fake.for_sale("MUG"), fake.listing(MUG).unwrap().state.as_str()), (Some(quantity), state));
        let listed = etsy.listings(None).await.unwrap().items;
        let shown = listed.iter().find(|listing| listing.key == ListingKey::Listing(mug.clone()));
        assert_eq!(shown.map(|listing| listing.quantity), (state == "active").then_some(Some(i64::from(quantity))));
    }
    assert_eq!(fake.listing(MUG).unwrap().products[0].price, 749);
}

#[tokio::test]
async fn what_the_owner_took_out_of_the_shop_stays_out() {
    let (fake, etsy) = shop().await;
    fake.edit_listing(MUG, |listing| "inactive".clone_into(&mut listing.state));
    assert_eq!(set(&etsy, &[update(&MUG.to_string(), None, 8)]).await, [None]);
    // Its own mark is put on no listing that the owner took out.
    assert_eq!(set(&etsy, &[update(&MUG.to_string(), None, 0)]).await, [None]);
    assert_eq!(set(&etsy, &[update(&MUG.to_string(), None, 9)]).await, [None]);
    let listing = fake.listing(MUG).unwrap();
    assert_eq!((listing.state.as_str(), listing.products[0].quantity), ("inactive", 9));
}

#[tokio::test]
async fn taking_out_that_broke_off_half_way_is_finished_and_still_known_as_our_own() {
    let (fake, etsy) = shop().await;
    let mug = MUG.to_string();
    for method in ["PUT *", "PATCH *"] {
        fake.faults().on(method).drop_response(1);
        assert_eq!(set(&etsy, &[update(&mug, None, 0)]).await, [Some(ErrorKind::Network)], "{method}");
        assert_eq!(set(&etsy, &[update(&mug, None, 0)]).await, [None]);
        assert_eq!((fake.for_sale("MUG"), fake.listing(MUG).unwrap().state.as_str()), (Some(0), "inactive"));
        assert_eq!(set(&etsy, &[update(&mug, None, 4)]).await, [None]);
        assert_eq!((fake.for_sale("MUG"), fake.listing(MUG).unwrap().state.as_str()), (Some(4), "active"));
    }
    // If Etsy would not take the mark, the listing leaves the shop all the same, and the refusal is told.
    fake.faults().on("PUT *").fail_next(StatusCode::BAD_REQUEST, None);
    assert_eq!(set(&etsy, &[update(&mug, None, 0)]).await, [Some(ErrorKind::InvalidOrder)]);
    assert_eq!(fake.for_sale("MUG"), Some(0));
}

#[tokio::test]
async fn what_is_sold_out_is_left_to_the_owner_who_pays_for_renewing_it() {
    let (fake, etsy) = shop().await;
    fake.edit_listing(MUG, |listing| {
        "sold_out".clone_into(&mut listing.state);
        listing.products[0].quantity = 0;
    });
    assert_eq!(set(&etsy, &[update(&MUG.to_string(), None, 0)]).await, [None]);
    assert_eq!(fake.calls().count("PUT *") + fake.calls().count("PATCH *"), 0);
    assert_eq!(set(&etsy, &[update(&MUG.to_string(), None, 6)]).await, [None]);
    assert_eq!(fake.listing(MUG).unwrap().state, "sold_out");
}

#[tokio::test]
async fn a_listing_that_changed_meanwhile_is_read_once_more() {
    let (fake, etsy) = shop().await;
    let conflict = StatusCode::CONFLICT;
    fake.faults().on("PUT *").fail_next(conflict, None);
    assert_eq!(set(&etsy, &[update(&MUG.to_string(), None, 8)]).await, [None]);
    assert_eq!((fake.for_sale("MUG"), fake.calls().count("GET */inventory")), (Some(8), 2));
    for _ in 0..2 {
        fake.faults().on("PUT *").fail_next(conflict, None);
    }
    let error = etsy.set_quantities(&[update(&MUG.to_string(), None, 9)]).await.unwrap().remove(0).unwrap_err();
    assert_eq!((error.kind, error.effect, fake.for_sale("MUG")), (ErrorKind::Unavailable, Effect::None, Some(8)));
}

#[tokio::test]
async fn a_sku_alone_is_found_wherever_it_is_sold() {
    let (fake, etsy) = shop().await;
    fake.list(Listing::single(MUG + 5, "MUG", "The mug once more", 799, 5));
    fake.list(Listing::single(MUG + 6, "GONE", "No more", 799, 0));
    let by_sku = |sku: &str, quantity| QuantityUpdate {
        listing: ListingKey::Sku(sku.parse().unwrap()),
        sku: Some(sku.parse().unwrap()),
        quantity,
    };
    let answers = set(&etsy, &[by_sku("MUG", 3), by_sku("BLUE", 1), by_sku("NONE", 1), by_sku("GONE", 0)]).await;
    assert_eq!(answers, [None, None, Some(ErrorKind::NotFound), None]);
    let quantity = |id: u64, at: usize| fake.listing(id).unwrap().products[at].quantity;
    assert_eq!((quantity(MUG, 0), quantity(MUG + 5, 0), quantity(SCARF, 1), quantity(SCARF, 0)), (3, 3, 1, 7));
}

#[tokio::test]
async fn what_cannot_be_told_apart_is_not_set() {
    let (fake, etsy) = shop().await;
    let updates = [
        update(&SCARF.to_string(), None, 1),
        update("SCARF", None, 1),
        update(&format!("{MUG}/7"), None, 1),
        update(&format!("{SCARF}/7"), Some("RED"), 2),
    ];
    let kinds = [Some(ErrorKind::InvalidOrder), Some(ErrorKind::NotFound), Some(ErrorKind::NotFound), None];
    assert_eq!(set(&etsy, &updates).await, kinds);
    assert_eq!(["RED", "BLUE", "MUG"].map(|sku| fake.for_sale(sku)), [Some(2), Some(9), Some(5)]);
}

#[tokio::test]
async fn every_variation_is_listed_with_its_own_key() {
    let (_fake, etsy) = shop().await;
    let listed = etsy.listings(None).await.unwrap().items;
    let shown: Vec<_> =
        listed.iter().map(|listing| (listing.key.to_string(), listing.title.as_str(), listing.quantity)).collect();
    assert_eq!(
        shown,
        [
            (format!("id:{SCARF}/{}", SCARF * 10), "A scarf (Red)", Some(7)),
            (format!("id:{SCARF}/{}", SCARF * 10 + 1), "A scarf (Blue)", Some(9)),
            (format!("id:{MUG}"), "A mug", Some(5)),
        ]
    );
}
