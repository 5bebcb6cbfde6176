//! The scenarios about amounts, asserted on what the store's ledger holds at the end.

use domain::settings::{CurrencySettings, StatedRate, TaxRate};
use fakes::ebay::{Address, Collector, LineSpec, OrderSpec};
use fakes::woocommerce::WooShop;
use jiff::SignedDuration;
use serde_json::Value;

use crate::world::{Setup, World};

const ID: &str = "12-00100-00001";

async fn world_in(currency: &str) -> World {
    World::with(Setup { shop: WooShop::new().currency(currency), ..Setup::default() }).await
}

fn rate(country: Option<&str>, basis_points: u32, label: &str) -> TaxRate {
    TaxRate { country: country.map(str::to_owned), basis_points, label: label.to_owned() }
}

/// What the store's ledger says an order comes to: text as the shop writes it.
#[derive(Debug, PartialEq, Eq)]
struct Books {
    total: String,
    lines: Vec<String>,
    shipping: String,
    fees: Vec<(String, String)>,
    /// The shop's own tax: none, ever.
    store_tax: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The one order of the store.
fn the_order(world: &World) -> Value {
    let orders = world.woo.orders();
    assert_eq!(orders.len(), 1, "the store holds one order");
    world.woo.order_json(orders[0].id).unwrap()
}

fn books(world: &World) -> Books {
    let json = the_order(world);
    let of = |list: &str, field: &str| -> Vec<String> {
        json[list].as_array().unwrap().iter().map(|entry| text(&entry[field])).collect()
    };
    Books {
        total: text(&json["total"]),
        lines: of("line_items", "total"),
        shipping: of("shipping_lines", "total").concat(),
        fees: of("fee_lines", "name").into_iter().zip(of("fee_lines", "total")).collect(),
        store_tax: text(&json["total_tax"]),
    }
}

fn expected(total: &str, lines: &[&str], shipping: &str, fees: &[(&str, &str)]) -> Books {
    Books {
        total: total.to_owned(),
        lines: lines.iter().map(|&line| line.to_owned()).collect(),
        shipping: shipping.to_owned(),
        fees: fees.iter().map(|&(name, amount)| (name.to_owned(), amount.to_owned())).collect(),
        store_tax: "0.00".to_owned(),
    }
}

/// Everything that the store's order says beside its amounts.
fn metas(world: &World) -> Vec<(String, String)> {
    let json = the_order(world);
    let metas = json["meta_data"].as_array().unwrap().iter();
    metas.map(|meta| (text(&meta["key"]), meta["value"].as_str().unwrap_or_default().to_owned())).collect()
}

fn information(world: &World, label: &str) -> Option<String> {
    metas(world).into_iter().find(|(key, _)| key == label).map(|(_, value)| value)
}

async fn import(world: &World, order: OrderSpec) {
    world.ebay.place(order);
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;
    world.assert_no_duplicates();
    assert_eq!(world.ebay.violations(), Vec::new());
}

fn order_7() -> OrderSpec {
    OrderSpec::new(ID).line("A", 2, 2500).line("B", 1, 1250).seller_discount(625).shipping(499)
}

#[tokio::test]
async fn scenario_7_vat_with_discount_and_shipping() {
    let world = World::new().await;
    world
        .set(|settings| {
            settings.tax.rates = vec![rate(None, 2000, "VAT 20%")];
            settings.tax.add_shipping_tax = true;
        })
        .await;
    import(&world, order_7()).await;
    assert_eq!(books(&world), expected("61.24", &["37.50", "9.37"], "4.16", &[("VAT 20%", "10.21")]));
}

#[tokio::test]
async fn scenario_7_without_add_shipping_tax() {
    let world = World::new().await;
    world.set(|settings| settings.tax.rates = vec![rate(None, 2000, "VAT 20%")]).await;
    import(&world, order_7()).await;
    assert_eq!(books(&world), expected("61.24", &["37.50", "9.37"], "4.99", &[("VAT 20%", "9.38")]));
}

#[tokio::test]
async fn scenario_8a_tax_of_one_line_is_rounded_half_up() {
    let world = World::new().await;
    world.set(|settings| settings.tax.rates = vec![rate(Some("GB"), 2000, "VAT")]).await;
    import(&world, OrderSpec::new(ID).line("A", 1, 999)).await;
    assert_eq!(books(&world), expected("9.99", &["8.32"], "0.00", &[("VAT", "1.67")]));
}

fn three_of_999() -> OrderSpec {
    OrderSpec::new(ID).line("A", 1, 999).line_of(LineSpec::new("A", 1, 999)).line_of(LineSpec::new("A", 1, 999))
}

#[tokio::test]
async fn scenario_8b_tax_is_rounded_once_per_order_and_rate() {
    let world = World::new().await;
    world.set(|settings| settings.tax.rates = vec![rate(Some("GB"), 2000, "VAT")]).await;
    import(&world, three_of_999()).await;
    assert_eq!(books(&world), expected("29.97", &["8.32", "8.32", "8.33"], "0.00", &[("VAT", "5.00")]));
}

#[tokio::test]
async fn scenario_8d_a_destination_without_a_row_has_no_tax() {
    let world = World::new().await;
    world.set(|settings| settings.tax.rates = vec![rate(Some("GB"), 2000, "VAT")]).await;
    let address = Address::new("1 Main Street", "Oakland", "94601", "US").state("CA");
    import(&world, three_of_999().ship_to(address)).await;
    assert_eq!(books(&world), expected("29.97", &["9.99", "9.99", "9.99"], "0.00", &[]));
}

#[tokio::test]
async fn scenario_10_each_destination_has_its_own_rate() {
    for (country, net, fees) in [
        ("DE", "100.00", vec![("VAT DE", "19.00")]),
        ("FR", "99.17", vec![("VAT FR", "19.83")]),
        ("CH", "119.00", Vec::new()),
    ] {
        let world = world_in("EUR").await;
        world
            .set(|settings| {
                settings.tax.rates = vec![rate(Some("DE"), 1900, "VAT DE"), rate(Some("FR"), 2000, "VAT FR")];
            })
            .await;
        let address = Address::new("Street 1", "Town", "10115", country);
        let order = OrderSpec::new(ID).currency("EUR".parse().unwrap()).line("A", 1, 11_900).ship_to(address);
        import(&world, order).await;
        assert_eq!(books(&world), expected("119.00", &[net], "0.00", &fees), "to {country}");
    }
}

fn order_12a() -> OrderSpec {
    let line = LineSpec::new("A", 1, 10_000).shipping(1000).tax("STATE_SALES_TAX", 880, Collector::Seller);
    OrderSpec::new(ID).currency("USD".parse().unwrap()).line_of(line)
}

#[tokio::test]
async fn scenario_12a_the_sellers_tax_on_top_is_imported_or_left_away() {
    let world = world_in("USD").await;
    import(&world, order_12a()).await;
    let held = books(&world);
    assert_eq!((held.total.as_str(), held.shipping.as_str(), held.store_tax.as_str()), ("118.80", "10.00", "0.00"));
    assert_eq!(held.fees.iter().map(|(_, amount)| amount.as_str()).collect::<Vec<_>>(), ["8.80"]);

    let world = world_in("USD").await;
    world.set(|settings| settings.tax.import_without_tax = true).await;
    import(&world, order_12a()).await;
    assert_eq!(books(&world), expected("110.00", &["100.00"], "10.00", &[]));
    assert_eq!(information(&world, "Buyer's total").as_deref(), Some("118.80 USD"));
    assert_eq!(information(&world, "Tax left out").as_deref(), Some("8.80 USD"));
    let story = world.story(ID).await;
    assert!(story.iter().any(|line| line.contains("118.80 USD") && line.contains("8.80 USD")), "{story:?}");
}

#[tokio::test]
async fn scenario_12c_without_tax_the_marketplaces_tax_still_stays_out() {
    let world = world_in("USD").await;
    world
        .set(|settings| {
            settings.tax.rates = vec![rate(None, 2000, "by mistake")];
            settings.tax.import_without_tax = true;
        })
        .await;
    let line = LineSpec::new("A", 1, 4000).shipping(500).tax("STATE_SALES_TAX", 371, Collector::Ebay);
    import(&world, OrderSpec::new(ID).currency("USD".parse().unwrap()).line_of(line)).await;
    assert_eq!(books(&world), expected("45.00", &["40.00"], "5.00", &[]));
    assert_eq!(information(&world, "Tax collected by eBay").as_deref(), Some("3.71 USD"));
    assert_eq!(information(&world, "Buyer's total").as_deref(), Some("48.71 USD"));
    assert_eq!(information(&world, "Tax left out"), None);
    let story = world.story(ID).await;
    assert!(story.iter().any(|line| line.contains("48.71 USD") && line.contains("3.71 USD")), "{story:?}");
}

#[tokio::test]
async fn scenario_12d_tax_taken_out_is_left_away_too() {
    let world = World::new().await;
    world
        .set(|settings| {
            settings.tax.rates = vec![rate(None, 2000, "VAT")];
            settings.tax.import_without_tax = true;
        })
        .await;
    import(&world, OrderSpec::new(ID).line("A", 1, 12_000)).await;
    assert_eq!(books(&world), expected("100.00", &["100.00"], "0.00", &[]));
    assert_eq!(information(&world, "Buyer's total").as_deref(), Some("120.00 GBP"));
    assert_eq!(information(&world, "Tax left out").as_deref(), Some("20.00 GBP"));
    let story = world.story(ID).await;
    assert!(story.iter().any(|line| line.contains("120.00 GBP") && line.contains("20.00 GBP")), "{story:?}");
}

#[tokio::test]
async fn scenario_8c_a_links_own_rate_overrides_the_destinations() {
    let world = World::new().await;
    world.set(|settings| settings.tax.rates = vec![rate(Some("GB"), 2000, "VAT")]).await;
    world.link_with_rate("X", "C", 0).await;
    import(&world, OrderSpec::new(ID).line("A", 1, 999).line("X", 1, 1200)).await;
    assert_eq!(books(&world), expected("21.99", &["8.32", "12.00"], "0.00", &[("VAT", "1.67")]));
}

fn order_22() -> OrderSpec {
    OrderSpec::new(ID).currency("EUR".parse().unwrap()).line("A", 1, 7900).line("B", 1, 4000)
}

fn at_rate(from: &str, to: &str, rate: &str) -> CurrencySettings {
    let at = "2026-11-18T00:00:00Z".parse().unwrap();
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    CurrencySettings::Convert {
        rates: vec![StatedRate { from, to, rate: rate.parse().unwrap(), source: "ECB".to_owned(), at }],
    }
}

#[tokio::test]
async fn scenario_22_an_order_keeps_its_currency_by_default() {
    let world = world_in("USD").await;
    import(&world, order_22()).await;
    assert_eq!(books(&world), expected("119.00", &["79.00", "40.00"], "0.00", &[]));
    assert_eq!(the_order(&world)["currency"], "EUR");
}

#[tokio::test]
async fn scenario_22_an_order_is_converted_at_the_stated_rate() {
    let world = world_in("USD").await;
    world.set(|settings| settings.currency = at_rate("EUR", "USD", "1.0850")).await;
    import(&world, order_22()).await;
    assert_eq!(books(&world), expected("129.12", &["85.72", "43.40"], "0.00", &[]));
    assert_eq!(the_order(&world)["currency"], "USD");
    assert_eq!(information(&world, "Original total").as_deref(), Some("119.00 EUR"));
    assert_eq!(information(&world, "Exchange rate").as_deref(), Some("1 EUR = 1.0850 USD (ECB, 2026-11-18T00:00:00Z)"));
    let story = world.story(ID).await;
    assert!(story.iter().any(|line| line.contains("119.00 EUR") && line.contains("129.12 USD")), "{story:?}");
    // Nothing differs: what the store answered is what was meant.
    assert!(story.iter().all(|line| !line.contains("differs")), "{story:?}");
}

#[tokio::test]
async fn scenario_22_yen_become_cents() {
    let world = world_in("USD").await;
    world.set(|settings| settings.currency = at_rate("JPY", "USD", "0.0067")).await;
    import(&world, OrderSpec::new(ID).currency("JPY".parse().unwrap()).line("A", 1, 5500)).await;
    assert_eq!(books(&world), expected("36.85", &["36.85"], "0.00", &[]));
}

#[tokio::test]
async fn scenario_22_a_refused_currency_is_an_error_that_names_both() {
    let world = world_in("USD").await;
    world.set(|settings| settings.currency = CurrencySettings::Refuse).await;
    import(&world, order_22()).await;
    assert!(world.woo.orders().is_empty());
    let order = world.order(ID).await;
    assert_eq!(order.attention(), Some(domain::head::Attention::Error));
    let view = world.app.order(order.id).await.unwrap().unwrap();
    assert!(view.error.is_some_and(|error| error.starts_with("EUR, store takes USD")));
    assert_eq!(world.events.named("OrderImportFailed"), 1);
    // Its stock is held, and it imports once the setting lets it.
    assert_eq!(world.woo.stock("A"), Some(49));
    world.set(|settings| settings.currency = CurrencySettings::Keep).await;
    world.app.sync(&[order.id], "owner").await.unwrap();
    world.drain().await;
    assert_eq!(books(&world).total, "119.00");
    assert_eq!(world.woo.stock("A"), Some(49));
}

#[tokio::test]
async fn scenario_22_reports_never_add_two_currencies() {
    let world = world_in("USD").await;
    world.ebay.place(order_22());
    let dollars = OrderSpec::new("12-00100-00002").currency("USD".parse().unwrap()).line("A", 1, 1999);
    import(&world, dollars).await;
    let day = jiff::civil::date(2026, 11, 18);
    let query = app::ReportQuery {
        first: day,
        last: day,
        zone: jiff::tz::TimeZone::UTC,
        channels: [].into(),
        statuses: [].into(),
    };
    let rows = world.app.sales(&query).await.unwrap().rows;
    let rows: Vec<_> = rows.iter().map(|(key, row)| (key.currency.as_str(), row.count, row.gross.minor())).collect();
    assert_eq!(rows, [("EUR", 1, 11_900), ("USD", 1, 1999)]);
}

#[tokio::test]
async fn the_stores_order_names_the_buyer_the_address_the_method_the_payment_and_the_number() {
    let world = World::new().await;
    import(&world, OrderSpec::new(ID).line("A", 1, 1999).shipping(399).note("ring twice")).await;
    let json = the_order(&world);
    for party in ["billing", "shipping"] {
        let of = |field: &str| text(&json[party][field]);
        assert_eq!((of("first_name"), of("last_name")), ("Ada".to_owned(), "Example".to_owned()), "{party}");
        assert_eq!((of("address_1"), of("city")), ("1 Example Street".to_owned(), "London".to_owned()), "{party}");
        assert_eq!((of("postcode"), of("country")), ("N1 1AA".to_owned(), "GB".to_owned()), "{party}");
    }
    assert_eq!(json["customer_id"], 0, "a marketplace's buyer is a guest");
    assert_eq!(json["shipping_lines"][0]["method_title"], "UK_RoyalMailTracked48");
    assert_eq!((&json["payment_method_title"], &json["transaction_id"]), (&"eBay".into(), &ID.into()));
    let note = text(&json["customer_note"]);
    assert!(note.contains("ring twice") && note.contains(ID), "{note}");
}
