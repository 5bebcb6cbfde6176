//! What people see, as snapshots that docs/cli.md shows, and what each part of it promises.

use serde_json::{Value, json};

use super::*;

fn order(changes: &Value) -> Detail {
    let mut order = json!({
        "error": null, "differences": [], "id": "01KB1Q3V8F0C7R5M2X9D4T6W8Y", "number": 1042,
        "order_date": "2026-11-18T09:00:00Z", "status": "ready_to_ship", "refund": "none",
        "dot": { "color": "green", "units_held": 2, "units": 2 },
        "push": { "state": "sent", "why": null },
        "channel": { "connection_id": "ebay-01kb2", "name": "eBay UK", "platform": "ebay", "order_number": "12-34567-89012" },
        "channel_side": { "order_id": "12-34567-89012", "buyer": { "name": "Zoë Müller" }, "warnings": [] },
        "store_side": { "import": "imported", "order_number": "815", "canceled": false },
        "totals": { "buyer": { "amount": "42.48", "currency": "GBP" } },
        "lines": [{ "listing": "id:4711/blue", "title": "Mug, blue", "unlinked": null }],
        "packages": [],
        "trace": [{ "at": "2026-11-18T09:01:00Z", "text": "Imported into the main store as order 815." }],
    });
    let (Some(fields), Some(changes)) = (order.as_object_mut(), changes.as_object()) else { unreachable!() };
    fields.extend(changes.clone());
    serde_json::from_value(order).unwrap()
}

fn side(import: &str) -> Value {
    json!({ "import": import, "order_number": null, "canceled": false })
}

#[test]
fn an_unlinked_order_says_which_link_to_make() {
    let why = "Not linked: Mug, blue. Link each to a product of the main store and the order imports by itself (setting auto_import = linked).";
    let unlinked = json!({
        "error": why, "push": { "state": "error", "why": why }, "store_side": side("waiting"),
        "dot": { "color": "red", "units_held": 0, "units": 3 },
        "lines": [
            { "listing": "id:4711/blue", "title": "Mug, blue",
              "unlinked": { "cause": "not_linked", "product": "10", "text": "The main store has a product with this SKU: link them." } },
            { "listing": "sku:OLD POSTER", "title": "Old poster",
              "unlinked": { "cause": "no_product", "text": "The main store has no product with this SKU: add one, then link them." } },
        ],
        "trace": [{ "at": "2026-11-18T09:01:00Z", "text": why }],
    });
    insta::assert_snapshot!(tell(&order(&unlinked)));
}

#[test]
fn an_imported_order_with_a_package_that_was_refused_says_so() {
    let shipped = json!({
        "status": "shipping", "refund": "partial",
        "packages": [
            { "key": "t:RM1", "tracking": { "number": "RM123456785GB" }, "push": "refused", "why": "eBay does not know the carrier." },
            { "key": "t:RM2", "tracking": null, "push": "wanted", "why": null },
            { "key": "t:RM3", "tracking": null, "push": "sent", "why": null },
        ],
    });
    insta::assert_snapshot!(tell(&order(&shipped)));
}

#[test]
fn a_healthy_order_waits_for_nothing_and_needs_nothing() {
    let healthy = order(&json!({}));
    assert_eq!((waits(&healthy), advice(&healthy)), (Vec::<String>::new(), Vec::new()));
}

#[test]
fn each_state_says_what_it_waits_for_and_what_to_do() {
    let told = |changes: Value| {
        let order = order(&changes);
        (waits(&order).join(" "), advice(&order).join(" "))
    };
    for (import, waits_for) in [("received", "Its turn"), ("being_created", "being created"), ("unknown", "by itself")]
    {
        let (waits, advice) = told(json!({ "store_side": side(import) }));
        assert!(waits.contains(waits_for), "{import}: {waits}");
        assert_eq!(advice, "", "{import}");
    }
    let off = "Automatic import is off for this channel (setting auto_import); press Send to import it.";
    let (waits, advice) = told(json!({ "store_side": side("waiting"), "push": { "state": "not_sent", "why": off } }));
    assert_eq!(waits, off);
    assert!(advice.ends_with("tributary send 1042"), "{advice}");
    let (waits, advice) = told(json!({ "store_side": side("failed"), "error": "No such product." }));
    assert_eq!(waits, "No such product.");
    assert!(advice.ends_with("tributary sync 1042"), "{advice}");
    let canceled = "The order was canceled on the channel before it was imported.";
    let left = json!({ "store_side": side("not_to_be_imported"), "push": { "state": "not_sent", "why": canceled } });
    assert_eq!(told(left), (canceled.to_owned(), String::new()));
    let differs = "The order was edited on the channel.";
    let (waits, advice) = told(json!({ "differences": [differs], "error": differs }));
    assert_eq!(waits, "");
    assert!(advice.starts_with(differs) && advice.ends_with("tributary sync 1042"), "{advice}");
}

#[test]
fn a_command_can_be_pasted_into_a_shell() {
    assert_eq!(quoted("id:4711/blue"), "id:4711/blue");
    assert_eq!(quoted("sku:OLD POSTER"), "'sku:OLD POSTER'");
    assert_eq!(quoted("sku:$(rm -r ~)"), "'sku:$(rm -r ~)'");
    assert_eq!(quoted("it's"), r"'it'\''s'");
    assert_eq!(quoted(""), "''");
}
