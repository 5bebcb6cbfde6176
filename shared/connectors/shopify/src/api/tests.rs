//! Every document is held to Shopify's own schema, where that is at hand.

use std::collections::BTreeSet;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::validation::Valid;

use super::documents::ALL;
use super::lists::whole_second;
use super::*;

#[test]
fn every_document_is_valid_against_the_schema() {
    let Some(admin) = fakes::shopify::admin_schema() else {
        println!("skipped: the schema of the Admin API is not here");
        return;
    };
    let schema = Valid::assume_valid_ref(admin.schema());
    for operation in ALL {
        let checked = ExecutableDocument::parse_and_validate(schema, operation.document(), operation.name);
        let document = checked.unwrap_or_else(|failed| panic!("{}: {}", operation.name, failed.errors));
        let named = document.operations.named.keys().map(apollo_compiler::Name::as_str).collect::<Vec<_>>();
        assert_eq!(named, [operation.operation_name()], "{}", operation.name);
        let writes = document.operations.iter().any(|one| one.is_mutation());
        assert_eq!(writes, operation.call == Call::Write, "{}", operation.name);
    }
    let names: BTreeSet<_> = ALL.iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), ALL.len());
}

/// Half of the dearest query that Shopify takes, a quarter of a standard shop's bucket.
const DEAREST: u32 = 500;

/// What is taken from the bucket before a query is what it may cost at its largest, so that it is neither refused nor starved
/// by cheaper ones.
#[test]
fn every_query_may_cost_what_is_taken_for_it_and_none_is_dear() {
    let ids = |count: usize| vec!["gid://shopify/Order/1"; count];
    let (mut taken, mut asked) = (Vec::new(), Vec::new());
    for operation in ALL {
        let variables = match operation.name {
            "shopify.orders" => json!({"first": lists::ORDERS[0]}),
            "shopify.store_orders" => json!({"first": lists::GLANCES[0]}),
            "shopify.orders_by_id" => json!({"ids": ids(lists::TOGETHER)}),
            "shopify.product_variants" => json!({"first": VARIANTS}),
            "shopify.variants_by_id" => json!({"ids": ids(VARIANTS_TOGETHER)}),
            _ => json!({}),
        };
        let name = operation.operation_name();
        let cost = fakes::shopify::requested_cost(&operation.document(), name, &variables).unwrap();
        assert!(cost <= DEAREST, "{}: {cost}", operation.name);
        taken.push((operation.name, operation.points));
        asked.push((operation.name, cost));
    }
    assert_eq!(taken, asked);
    assert_eq!(DEAREST * 2, fakes::shopify::DEAREST_QUERY);
}

#[test]
fn a_filter_cannot_be_left_by_what_it_looks_for() {
    let all = ["A".to_owned(), "x\" OR id:>0 OR \"".to_owned(), "b\\".to_owned()];
    assert_eq!(any_of("sku", &all), r#"sku:"A" OR sku:"x\" OR id:>0 OR \"" OR sku:"b\\""#);
}

#[test]
fn a_window_is_never_too_narrow() {
    let at = |text: &str, up| whole_second(text.parse().unwrap(), up);
    assert_eq!(at("2026-11-21T20:59:03.9Z", false), "2026-11-21T20:59:03Z");
    assert_eq!(at("2026-11-21T20:59:03.1Z", true), "2026-11-21T20:59:04Z");
    assert_eq!(at("2026-11-21T20:59:03Z", true), "2026-11-21T20:59:03Z");
}
