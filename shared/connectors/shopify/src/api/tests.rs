//! Every document is held to Shopify's own schema, where that is at hand.

use std::collections::BTreeSet;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::validation::Valid;

use super::documents::ALL;
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
