//! Packages and their tracking in the metas of the known tracking plugins; WooCommerce itself has no place for them.
//!
//! WooCommerce Shipment Tracking (<https://woocommerce.com/document/shipment-tracking/>) and Advanced Shipment Tracking
//! (<https://docs.zorem.com/docs/ast-free/>) both keep a list in `_wc_shipment_tracking_items`. They know no package without
//! a number, so those stand in a list of our own, in which a later look finds them again.

use domain::LineId;
use domain::shipment::{Package, Shipment, ShippedLine, Tracking, key_of};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::body;
use crate::map_store::LINE;
use crate::wire::{self, meta, meta_text, value_text};

const ITEMS: &str = "_wc_shipment_tracking_items";
/// Our own list: packages without a number.
const UNNUMBERED: &str = "_tributary_packages";
/// In an item of that list: what the package holds. Plugins leave keys alone that they do not know.
const LINES: &str = "tributary_lines";

/// Whose names the lines of a package bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineNames {
    /// The shop is the main store: its lines carry the channel's line in a meta.
    OfChannel,
    /// The shop is the channel itself.
    Own,
}

/// The packages that the shop's order holds.
pub(crate) fn shipments(order: &wire::Order, names: LineNames) -> Vec<Shipment> {
    let mut all: Vec<Shipment> = list(order, ITEMS).iter().filter_map(|item| shipment(item, order, names)).collect();
    if let Some(plain) = plain(order)
        && !all.iter().any(|known| key_of(known) == key_of(&plain))
    {
        all.push(plain);
    }
    all.extend(list(order, UNNUMBERED).iter().filter_map(unnumbered));
    all
}

fn list<'a>(order: &'a wire::Order, key: &str) -> &'a [Value] {
    meta(&order.meta_data, key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn unnumbered(item: &Value) -> Option<Shipment> {
    Some(Shipment {
        remote_id: item.get("remote_id").and_then(value_text),
        tracking: None,
        shipped_at: Some(date_shipped(item)?),
        lines: own_lines(item).unwrap_or_default(),
    })
}

fn date_shipped(item: &Value) -> Option<Timestamp> {
    Timestamp::from_second(value_text(item.get("date_shipped")?)?.parse().ok()?).ok()
}

fn shipment(item: &Value, order: &wire::Order, names: LineNames) -> Option<Shipment> {
    let text = |name: &str| item.get(name).and_then(value_text);
    let number = text("tracking_number")?;
    Some(Shipment {
        remote_id: text("tracking_id"),
        tracking: Some(Tracking {
            number,
            carrier: text("custom_tracking_provider").or_else(|| text("tracking_provider")),
        }),
        shipped_at: date_shipped(item),
        lines: own_lines(item).or_else(|| plugin_lines(item, order, names)).unwrap_or_default(),
    })
}

/// What Tributary wrote itself.
fn own_lines(item: &Value) -> Option<Vec<ShippedLine>> {
    let lines = item.get(LINES)?.as_object()?;
    let line = |(line, quantity): (&String, &Value)| {
        Some(ShippedLine { line: LineId::new(line).ok()?, quantity: u32::try_from(quantity.as_u64()?).ok()? })
    };
    lines.iter().map(line).collect()
}

/// Advanced Shipment Tracking's "tracking per item": `[{product, item_id, qty}]`.
fn plugin_lines(item: &Value, order: &wire::Order, names: LineNames) -> Option<Vec<ShippedLine>> {
    let listed = item.get("products_list")?.as_array()?;
    let mut lines: Vec<ShippedLine> = Vec::new();
    for entry in listed {
        let id: u64 = entry.get("item_id").and_then(value_text)?.parse().ok()?;
        let quantity: u32 = entry.get("qty").and_then(value_text)?.parse().ok()?;
        let line = order.line_items.iter().find(|line| line.id == id)?;
        let name = match names {
            LineNames::Own => Some(id.to_string()),
            LineNames::OfChannel => meta_text(&line.meta_data, LINE),
        };
        let name = LineId::new(name?).ok()?;
        match lines.iter_mut().find(|known| known.line == name) {
            // A bundle is one line of the channel and several of the store: what is in all of them counts.
            Some(known) => known.quantity = known.quantity.min(quantity),
            None => lines.push(ShippedLine { line: name, quantity }),
        }
    }
    Some(lines)
}

/// One number in plain metas, as older plugins and many scripts write it (capture 53).
fn plain(order: &wire::Order) -> Option<Shipment> {
    let text = |key: &str| meta_text(&order.meta_data, key);
    let tracking = Tracking {
        number: text("_tracking_number")?,
        carrier: text("_custom_tracking_provider").or_else(|| text("_tracking_provider")),
    };
    Some(Shipment { remote_id: None, tracking: Some(tracking), shipped_at: None, lines: Vec::new() })
}

/// Whether the order holds the package already, however its number is spelt.
pub(crate) fn holds(order: &wire::Order, package: &Package) -> bool {
    let key = key_of(&package.shipment);
    shipments(order, LineNames::Own).iter().any(|known| key_of(known) == key)
}

/// A whole list with the package added: the plugins', or our own of packages without a number. It replaces what the order has.
pub(crate) fn items_with(order: &wire::Order, package: &Package, now: Timestamp) -> body::NewMeta {
    let date_shipped = package.shipment.shipped_at.unwrap_or(now).as_second().to_string();
    let (key, mut item) = match &package.shipment.tracking {
        Some(tracking) => {
            let item = json!({
                // The providers' own keys are the plugins' business; a name of one's own is shown as it is.
                "tracking_provider": "",
                "custom_tracking_provider": tracking.carrier.as_deref().unwrap_or_default(),
                "custom_tracking_link": "",
                "tracking_number": tracking.number,
                "date_shipped": date_shipped,
                "tracking_id": remote_id(package),
            });
            (ITEMS, item)
        }
        // By the name that it has where it comes from, for it has none of its own.
        None => (UNNUMBERED, json!({"remote_id": package.shipment.remote_id, "date_shipped": date_shipped})),
    };
    let mut items = list(order, key).to_vec();
    if !package.shipment.lines.is_empty() {
        let lines = package.shipment.lines.iter().map(|line| (line.line.to_string(), line.quantity.into()));
        item[LINES] = Value::Object(lines.collect::<Map<String, Value>>());
    }
    items.push(item);
    body::NewMeta::new(key, items)
}

/// Names the package as the plugins name theirs: 32 hexadecimal digits.
pub(crate) fn remote_id(package: &Package) -> String {
    let hash: [u8; 32] = Sha256::digest(key_of(&package.shipment).as_bytes()).into();
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    format!("{:032x}", u128::from_be_bytes(half))
}

/// The sentence for whoever opens the order: what is seen where no plugin shows the metas.
pub(crate) fn note(package: &Package) -> String {
    match &package.shipment.tracking {
        Some(Tracking { number, carrier: Some(carrier) }) => {
            format!("Shipped with {carrier}, tracking number {number}.")
        }
        Some(Tracking { number, carrier: None }) => format!("Shipped, tracking number {number}."),
        None => format!("Shipped without tracking (package {}).", key_of(&package.shipment)),
    }
}

/// Whether one of the notes is about the package. The shop may have changed the text's markup, so the name decides.
pub(crate) fn is_noted(notes: &[wire::Note], package: &Package) -> bool {
    let name = package
        .shipment
        .tracking
        .as_ref()
        .map_or_else(|| key_of(&package.shipment), |tracking| tracking.number.clone());
    notes.iter().any(|note| note.note.contains(&name))
}

#[cfg(test)]
mod tests;
