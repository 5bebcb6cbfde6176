//! What healthy orders of one to seven lines cost: write units, calls at the store, bytes; eBay to WooCommerce, on the fakes.

use anyhow::{Result, anyhow, ensure};
use fakes::ebay::{Address, LineSpec, OrderSpec, StockedItem};
use fakes::woocommerce::Tracking;
use iso_currency::Currency;
use jiff::SignedDuration;
use rust_decimal::Decimal;

use crate::report::{Row, ratio};
use crate::world::World;

/// A multiple of seven: as many orders of each length.
const ORDERS: u32 = 210;
/// Of the template's queue `orders`.
const BATCH: usize = 10;

const TITLES: [&str; 12] = [
    "Vintage Leather Messenger Bag Brown 15 inch Laptop",
    "Stainless Steel Water Bottle 750ml Insulated Blue",
    "Ceramic Coffee Mug Hand Painted Set of 4",
    "Wireless Bluetooth Headphones Over Ear Black",
    "Men's Merino Wool Hiking Socks Size L 3 Pairs",
    "Bamboo Cutting Board with Juice Groove Large",
    "LED Desk Lamp Dimmable USB Charging Port White",
    "Cotton Baby Blanket Organic Knit Grey 80x100cm",
    "Replacement Filter for Vacuum Cleaner V11 (2 pack)",
    "Watercolour Paint Set 36 Colours with Brushes",
    "Garden Hose Connector Brass 1/2 Inch Quick Release",
    "Board Game Expansion English Edition 2024",
];
const NAMES: [&str; 5] = ["Margaret Thompson", "José Hernández", "Wei Zhang", "Christopher O'Neill", "Ewa Przykład"];
const TOWNS: [(&str, &str); 4] =
    [("Stoke-on-Trent", "ST4"), ("Milton Keynes", "MK9"), ("Cardiff", "CF10"), ("Wolverhampton", "WV1")];

/// Prints what an order and its shipment cost.
pub fn measure() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run())
}

/// What was counted between two looks.
#[derive(Clone, Copy)]
struct Counted {
    write_units: u64,
    store_calls: u64,
}

async fn run() -> Result<()> {
    let mut world = World::new().await;
    world.orders_at_once = BATCH;
    let units = stock(&world);
    let channel = world.channel.clone();
    ensure!(
        world.app.link_in_bulk(&channel, app::MatchBy::Sku).await?.linked.len() == units,
        "not every item was linked"
    );
    // The first order of a month opens its month, once.
    world.ebay.place(order(0, 1));
    world.pass(SignedDuration::from_mins(5)).await;

    let before = counted(&world);
    for number in 1..=ORDERS {
        world.ebay.place(order(number, 1 + number % 7));
    }
    world.pass(SignedDuration::from_mins(10)).await;
    let imported = counted(&world);
    let orders = world.woo.orders();
    ensure!(orders.len() == usize::try_from(ORDERS)? + 1, "{} orders of {ORDERS} arrived", orders.len());
    let imported_bytes = largest_head(&world);

    for order in orders.iter().skip(1) {
        let number = format!("{:02}{:07}GB", order.id % 89 + 10, order.id * 7919 % 10_000_000);
        let package = Tracking { provider: "Royal Mail".to_owned(), number };
        world
            .woo
            .ship(order.id, &[package])
            .and_then(|()| world.woo.complete(order.id))
            .map_err(|answer| anyhow!("the fake store refused: {answer}"))?;
    }
    world.pass(SignedDuration::from_mins(10)).await;
    let shipped = counted(&world);
    let fulfilled = world.ebay.orders().iter().filter(|order| !order.fulfilments.is_empty()).count();
    ensure!(fulfilled == usize::try_from(ORDERS)?, "{fulfilled} packages of {ORDERS} reached the channel");
    world.assert_no_duplicates();

    let orders = u64::from(ORDERS);
    let row = |metric, target, measured, unit| Row { metric, target: Some(target), measured, unit }.print();
    let written = ratio(imported.write_units - before.write_units, orders, 3);
    row("write_units_per_order", Decimal::from(3), written, "write units")?;
    let written = ratio(shipped.write_units - imported.write_units, orders, 3);
    row("write_units_per_shipment", Decimal::ONE, written, "write units")?;
    let called = ratio(imported.store_calls - before.store_calls, orders, 3);
    row("store_calls_per_order", Decimal::new(102, 2), called, "calls")?;
    let bytes = imported_bytes.max(largest_head(&world));
    row("item_bytes_per_order", Decimal::from(1024), Some(Decimal::from(bytes)), "bytes, the largest")
}

/// Lists and stocks every title; tells how many.
pub fn stock(world: &World) -> usize {
    for (number, title) in TITLES.iter().enumerate() {
        let (sku, price) = (sku(number), price(number));
        world.ebay.stock(StockedItem::new(&sku, title, price, Currency::GBP, 9_000));
        world.woo.add_product(&sku, title, Decimal::new(price, 2), 9_000);
    }
    TITLES.len()
}

fn sku(item: usize) -> String {
    format!("SKU-{}", 10_007 + item * 7_919)
}

fn price(item: usize) -> i64 {
    [999, 1_250, 4_499, 8_990, 1_499, 2_375][item % 6]
}

/// A paid order as buyers place it: no two alike.
pub fn order(number: u32, lines: u32) -> OrderSpec {
    let seed = usize::try_from(number).unwrap_or_default();
    let (town, district) = TOWNS[seed % TOWNS.len()];
    let postcode = format!("{district} {}{}", seed % 9 + 1, ["AB", "PQ", "TW", "XZ"][seed / 3 % 4]);
    let street = format!("{} Willow Creek Drive", 100 + seed * 37 % 900);
    let mut spec = OrderSpec::new(&format!("12-{:05}-{:05}", 34_000 + seed * 7, (10_007 + seed * 4_931) % 100_000))
        .buyer(&format!("buyer_{}", 100_000 + seed * 7_919 % 900_000), NAMES[seed % NAMES.len()])
        .ship_to(Address::new(&street, town, &postcode, "GB").line2(&format!("Flat {}", seed % 40 + 1)));
    for line in 0..usize::try_from(lines).unwrap_or_default() {
        let item = (seed * 5 + line * 7) % TITLES.len();
        let quantity = [1, 1, 2, 1, 3][(seed + line) % 5];
        spec = spec.line_of(LineSpec::new(&sku(item), quantity, price(item)).title(TITLES[item]));
    }
    spec.shipping(399)
}

/// Write units on the orders and links tables, and the store's calls that are about orders. Beside them stand the polls and
/// the budget, which are on the settings table and go by time, not by orders.
fn counted(world: &World) -> Counted {
    let operations = world.dynamo.meter.operations();
    let on_path = operations.iter().filter(|(name, _)| name.starts_with("orders.") || name.starts_with("links."));
    let is_poll = |query: &Option<String>| query.as_deref().is_some_and(|query| query.contains("modified_after="));
    let store_calls = world.woo.calls().all().iter().filter(|call| !is_poll(&call.query)).count();
    Counted {
        write_units: on_path.map(|(_, operation)| operation.write_units).sum(),
        store_calls: u64::try_from(store_calls).unwrap_or(u64::MAX),
    }
}

fn largest_head(world: &World) -> u64 {
    let sizes = world.dynamo.item_sizes("orders");
    let heads = sizes.iter().filter(|(key, _)| key.starts_with("O#")).map(|(_, bytes)| *bytes);
    u64::try_from(heads.max().unwrap_or_default()).unwrap_or(u64::MAX)
}
