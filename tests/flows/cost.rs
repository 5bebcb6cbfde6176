//! What an order costs: write units and calls, read from the consumed capacity and the fakes' call logs.

use fakes::ebay::OrderSpec;
use fakes::woocommerce::Tracking;
use jiff::SignedDuration;

use crate::world::World;

/// Write units on the orders and links tables: the order path. Polls and budgets are on the settings table.
pub fn order_path_units(world: &World) -> u64 {
    let operations = world.dynamo.meter.operations();
    let on_path = operations.iter().filter(|(name, _)| name.starts_with("orders.") || name.starts_with("links."));
    on_path.map(|(_, operation)| operation.write_units).sum()
}

#[tokio::test]
async fn a_healthy_order_costs_three_write_units_and_four_with_a_shipment() {
    for lines in 1..=7_u32 {
        let world = World::new().await;
        // The first order of a month opens its month, once.
        world.ebay.place(OrderSpec::new("12-00800-00000").line("A", 1, 1999));
        world.pass(SignedDuration::from_mins(5)).await;
        let mut spec = OrderSpec::new("12-00800-00001").shipping(399);
        for n in 0..lines {
            spec = spec.line(if n % 2 == 0 { "A" } else { "B" }, 1 + n, 1999);
        }
        world.ebay.place(spec);
        let before = order_path_units(&world);
        world.pass(SignedDuration::from_mins(10)).await;
        assert_eq!(world.woo.orders().len(), 2);
        let imported = order_path_units(&world) - before;
        assert_eq!(imported, 3, "{lines} lines: {:?}", world.dynamo.meter.operations());

        let store_id = world.woo.orders().iter().map(|order| order.id).max().unwrap();
        let package = Tracking { provider: "Royal Mail".to_owned(), number: "RM123456789GB".to_owned() };
        world.woo.ship(store_id, &[package]).unwrap();
        world.woo.complete(store_id).unwrap();
        world.pass(SignedDuration::from_mins(10)).await;
        assert_eq!(world.ebay.fulfilments("12-00800-00001").len(), 1);
        let shipped = order_path_units(&world) - before;
        assert_eq!(shipped, 4, "{lines} lines: {:?}", world.dynamo.meter.operations());
    }
}

/// A list of more than a page is read with its first page twice: each order is rung for once all the same.
#[tokio::test]
async fn a_hundred_and_twenty_packages_of_one_minute_cost_one_write_unit_each() {
    let world = World::new().await;
    for n in 1..=120 {
        world.ebay.place(OrderSpec::new(&format!("12-00802-{n:05}")).line("A", 1, 1999));
    }
    world.pass(SignedDuration::from_mins(10)).await;
    let imported = order_path_units(&world);
    for order in world.woo.orders() {
        let package =
            Tracking { provider: "Royal Mail".to_owned(), number: format!("RM{:09}GB", 100_000_000 + order.id) };
        world.woo.ship(order.id, &[package]).unwrap();
        world.woo.complete(order.id).unwrap();
    }
    world.pass(SignedDuration::from_mins(10)).await;
    assert!(world.ebay.orders().iter().all(|order| order.fulfilments.len() == 1));
    assert_eq!(order_path_units(&world) - imported, 120);
}

#[tokio::test]
async fn an_order_costs_one_call_at_the_store() {
    let world = World::new().await;
    for n in 1..=40 {
        world.ebay.place(OrderSpec::new(&format!("12-00801-{n:05}")).line("A", 1, 1999));
    }
    world.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(world.woo.orders().len(), 40);
    let calls = world.woo.calls().all();
    let about_orders = calls.iter().filter(|call| call.method == "POST" && call.path.contains("/orders")).count();
    assert_eq!(about_orders, 40);
}
