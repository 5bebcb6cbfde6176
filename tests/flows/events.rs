//! The events: each as its schema in `docs/events` says, none with buyer data, each told once where it happens.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use app::{DomainEvent, EventDetail};
use fakes::ebay::OrderSpec;
use jiff::SignedDuration;
use serde_json::Value;

use crate::world::World;

/// What an event may hold. Whoever adds a field says here that it holds no buyer data.
const FIELDS: [&str; 26] = [
    "type",
    "version",
    "at",
    "order_id",
    "connection_id",
    "store_order",
    "store_number",
    "store_orders",
    // Our own and the platforms' sentences, which name orders and products only.
    "why",
    "differences",
    // SKU or title of a product.
    "items",
    "product",
    "short",
    "listing",
    "zeros",
    "listings",
    "remote_id",
    "by",
    "to",
    "package",
    "since",
    "run",
    "healed",
    "open",
    // A platform's number of a buyer's question, and of the orders that it is about.
    "request",
    "orders",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events")
}

fn schemas() -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let schema = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_string_lossy().into_owned(), schema)
    };
    entries.map(read).collect()
}

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The variants by the text of their enum, so that a variant without a schema is named.
fn variants() -> BTreeSet<&'static str> {
    let source = include_str!("../../shared/app/src/events.rs");
    let body = source.split_once("pub enum DomainEvent {").unwrap().1.split_once("\n}").unwrap().0;
    let is_variant = |line: &&str| line.starts_with("    ") && line.trim_start().starts_with(char::is_uppercase);
    body.lines().filter(is_variant).map(|line| line.trim().split_once(' ').unwrap().0).collect()
}

#[test]
fn every_event_has_a_schema_and_its_example_is_exactly_the_type() {
    let schemas = schemas();
    let documented: BTreeSet<&str> = schemas.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(documented, variants());
    for (name, schema) in &schemas {
        let example = &schema["examples"][0];
        jsonschema::draft202012::meta::validate(schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        jsonschema::validate(schema, example).unwrap_or_else(|error| panic!("{name}: {error}"));
        // Read as the type and written again it is the same: no field too few, none too many.
        let detail: EventDetail = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(serde_json::to_value(&detail).unwrap(), *example);
        assert_eq!((detail.event.name(), detail.version), (name.as_str(), app::EVENT_VERSION));
        assert_eq!(names(&schema["properties"]), names(example), "{name}");
        let required: BTreeSet<&str> =
            schema["required"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
        assert_eq!(required, names(example), "{name}");
        for field in names(example).into_iter().filter(|field| *field != "remote_id" && *field != "why") {
            let mut without = example.clone();
            without.as_object_mut().unwrap().remove(field);
            assert!(jsonschema::validate(schema, &without).is_err(), "{name} without {field}");
            assert!(serde_json::from_value::<EventDetail>(without).is_err(), "{name} without {field}");
        }
    }
}

#[test]
fn no_event_has_a_field_for_buyer_data() {
    let schemas = schemas();
    let used: BTreeSet<&str> = schemas.iter().flat_map(|(_, schema)| names(&schema["properties"])).collect();
    assert_eq!(used, FIELDS.into_iter().collect());
}

#[test]
fn the_rule_of_the_template_rings_for_exactly_the_troubles() {
    let template = include_str!("../../template.yaml");
    let list = template.split_once("detail-type:\n").unwrap().1.split_once("Targets:").unwrap().0;
    let ruled: BTreeSet<&str> = list.lines().filter_map(|line| line.trim().strip_prefix("- ")).collect();
    let examples = schemas().into_iter().map(|(_, schema)| schema["examples"][0].clone());
    let details = examples.map(|example| serde_json::from_value::<EventDetail>(example).unwrap());
    let troubles: Vec<&str> = details.filter(|d| d.event.trouble().is_some()).map(|d| d.event.name()).collect();
    assert_eq!(ruled, troubles.into_iter().collect());
}

#[tokio::test]
async fn the_sample_of_notify_is_read_and_what_is_over_is_not_mailed() {
    let sample = include_str!("../../events/notify/three-troubles.json");
    let event = serde_json::from_str(sample).unwrap();
    let (world, mailbox) = (World::new().await, crate::world::Mailbox::default());
    let (app, letterhead) = (&world.app, crate::world::letterhead());
    let response = runtime::sqs::together(&|events| notify::handle(app, &mailbox, &letterhead, events), event).await;
    assert!(response.batch_item_failures.is_empty());
    // Its orders and its store do not exist here, so nothing is left to do for anybody.
    assert!(mailbox.all().is_empty());
}

#[test]
fn the_page_names_every_event() {
    let page = std::fs::read_to_string(folder().join("../events.md")).unwrap();
    for name in variants() {
        assert!(page.contains(&format!("| [`{name}`](events/{name}.json) |")), "{name}");
    }
}

#[tokio::test]
async fn an_order_is_told_imported_shipped_and_canceled_once_each() {
    let world = World::new().await;
    for n in 1..=3 {
        world.ebay.place(OrderSpec::new(&format!("12-00800-0000{n}")).line("A", 1, 1999));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    let store_id = async |n: u8| -> u64 {
        let order = world.order(&format!("12-00800-0000{n}")).await;
        order.import.store_order().unwrap().as_str().parse().unwrap()
    };
    let tracking = fakes::woocommerce::Tracking { provider: "Royal Mail".to_owned(), number: "RM1".to_owned() };
    let (first, third) = (store_id(1).await, store_id(3).await);
    world.woo.ship(first, &[tracking]).unwrap();
    world.woo.complete(first).unwrap();
    world.ebay.cancel("12-00800-00002");
    world.woo.cancel(third).unwrap();
    world.pass(SignedDuration::from_mins(5)).await;
    world.replay().await;

    let told = |name: &str| world.events.named(name);
    assert_eq!((told("OrderImported"), told("ShipmentSent"), told("OrderCanceled")), (3, 1, 2));
    let all = world.events.all();
    assert_eq!(all.len(), 6, "{all:?}");
    let canceled_by = |wanted| {
        let found = all.iter().find_map(|event| match event {
            DomainEvent::OrderCanceled { order_id, by, .. } if *by == wanted => Some(*order_id),
            _ => None,
        });
        found.unwrap()
    };
    assert_eq!(canceled_by(app::Side::Channel), world.order_id("12-00800-00002").await);
    assert_eq!(canceled_by(app::Side::MainStore), world.order_id("12-00800-00003").await);

    // Whatever was told says nothing about the buyer.
    let order = world.order("12-00800-00001").await;
    let address = order.source.ship_to.clone().unwrap();
    let text = serde_json::to_string(&all).unwrap();
    for private in [address.last_name, address.line1, address.city, address.postcode] {
        assert!(!private.is_empty() && !text.contains(&private), "{private}");
    }
}
