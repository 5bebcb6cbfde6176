//! Every answer of the fake is as Etsy's description says; amounts add up as it says.

use fakes::etsy::{DESCRIPTIONS, LineSpec, Listing, ReceiptSpec, RefundOf, demo_listings, demo_orders};
use fakes::spec::{Reading, SpecSet};
use reqwest::{Method, StatusCode};

use crate::caller::{Answered, Caller, of_shop, one_product, path};

fn assert_described(specs: &SpecSet, method: &Method, path: &str, answered: &Answered) {
    let path = path.split('?').next().unwrap();
    let violations = specs.check_answer((method, path), answered.status, &answered.body, Reading::Imitated);
    let shown: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(shown.is_empty(), "{method} {path} {}: {shown:#?}", answered.status);
}

#[tokio::test]
async fn every_kind_of_answer_is_as_described() {
    let specs = SpecSet::load(&DESCRIPTIONS).unwrap();
    let caller = Caller::start().await;
    for listing in demo_listings() {
        caller.fake.list(listing);
    }
    caller.fake.list(Listing::in_colours(7, "A scarf", &[("RED", "Red", 3999, 7), ("BLUE", "Blue", 4250, 9)]));
    caller.fake.list(Listing::single(8, "A", "An item", 749, 5));
    caller.fake.place_all(demo_orders());
    let sold = LineSpec::new("RED", 1, 3999).variation("Primary color", "Red").personalised("Grace");
    caller.fake.place(ReceiptSpec::new(5).line_of(sold).note("n").gift_message("g").gift_wrap(100));
    caller.fake.refund(5, RefundOf::Amount(100));

    let tracked = caller.track(5, &[("tracking_code", "1Z"), ("carrier_name", "ups")]).await;
    assert_described(&specs, &Method::POST, &of_shop("/receipts/5/tracking"), &tracked);
    let put = caller.put(&path("/listings/8/inventory"), &one_product(3)).await;
    assert_described(&specs, &Method::PUT, &path("/listings/8/inventory"), &put);
    let patched = caller.form(Method::PATCH, &of_shop("/listings/8"), &[("state", "inactive")]).await;
    assert_described(&specs, &Method::PATCH, &of_shop("/listings/8"), &patched);
    let paths = [
        of_shop(""),
        of_shop("/receipts?limit=100"),
        of_shop("/receipts?was_canceled=true"),
        of_shop("/receipts/5"),
        of_shop("/listings?state=active&includes=Inventory"),
        of_shop("/listings?state=inactive"),
        path("/listings/7/inventory?includes=Listing"),
        path("/users/me"),
        path("/shipping-carriers?origin_country_iso=DE"),
    ];
    for path in paths {
        let answered = caller.get(&path).await;
        assert_eq!(answered.status, StatusCode::OK, "{path}: {}", answered.error());
        assert_described(&specs, &Method::GET, &path, &answered);
    }
    assert_eq!(caller.fake.violations(), []);
}

/// "A number equal to the `total_price` minus the coupon discount plus tax and shipping costs."
#[tokio::test]
async fn amounts_are_what_the_description_says() {
    let caller = Caller::start().await;
    caller.fake.place(
        ReceiptSpec::new(5)
            .line("A", 2, 1500)
            .line("B", 1, 2200)
            .discount(520)
            .gift_wrap(350)
            .shipping(90)
            .sales_tax(7),
    );
    let shown = caller.get(&of_shop("/receipts/5")).await.json();
    let amount = |field: &str| shown[field]["amount"].as_i64().unwrap();
    assert_eq!((amount("total_price"), amount("subtotal"), amount("grandtotal")), (5200, 4680, 5127));
    let yen = ReceiptSpec::new(6).currency("JPY".parse().unwrap()).line("A", 1, 5500);
    caller.fake.place(yen);
    let shown = caller.get(&of_shop("/receipts/6")).await.json();
    assert_eq!(shown["grandtotal"], serde_json::json!({"amount": 5500, "divisor": 1, "currency_code": "JPY"}));
}

#[tokio::test]
async fn the_list_shows_what_its_filters_say() {
    let caller = Caller::start().await;
    let at = |time: &str| time.parse().unwrap();
    caller.fake.place(ReceiptSpec::new(1).line("A", 1, 100).created(at("2026-11-01T00:00:00Z")));
    caller.fake.place(ReceiptSpec::new(2).line("A", 1, 100).created(at("2026-11-02T00:00:00Z")).unpaid());
    caller.fake.place(ReceiptSpec::new(3).line("A", 1, 100).created(at("2026-11-03T00:00:00Z")).canceled());
    let seconds = |time: &str| at(time).as_second();
    let second = seconds("2026-11-02T00:00:00Z");
    let listed = async |query: &str| caller.get(&of_shop(&format!("/receipts?{query}"))).await.receipts();
    assert_eq!(listed("").await, [2, 1]);
    assert_eq!(listed("sort_order=asc").await, [1, 2]);
    assert_eq!(listed("was_canceled=true").await, [3]);
    assert_eq!(listed("was_paid=false").await, [2]);
    assert_eq!(listed(&format!("min_created={second}&max_created={second}")).await, [2]);
    assert_eq!(listed("limit=1&offset=1").await, [1]);
    // A cancel or a refund does not move the time of change, unless the switch says so.
    let now = caller.fake.clock().now().as_second();
    caller.fake.refund(1, RefundOf::Rest);
    assert_eq!(listed(&format!("min_last_modified={now}")).await, Vec::<u64>::new());
    caller.fake.cancels_move_the_time(true);
    caller.fake.refund(1, RefundOf::Amount(1));
    caller.fake.cancel(2);
    assert_eq!(listed(&format!("min_last_modified={now}")).await, [1]);
    assert_eq!(listed(&format!("min_last_modified={now}&was_canceled=true")).await, [2]);
}
