//! Packages: Shopify's fulfilments as the domain's shipments, and what we note of those that bear no number.
//!
//! <https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Fulfillment>

use std::collections::BTreeMap;

use domain::LineId;
use domain::shipment::{Shipment, ShippedLine, Tracking};
use serde::{Deserialize, Serialize};

use crate::ids::number;
use crate::map_store::channel_line;
use crate::wire;

/// The metafield that holds the notes.
pub(crate) const KEY: &str = "packages";

/// Whose names the lines of a package bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineNames {
    /// Shopify is the main store: its lines carry the channel's line.
    OfChannel,
    /// Shopify is the channel itself.
    Own,
}

/// What we write on the order before we make a fulfilment without a number, to know it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The package's name where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it holds, by Shopify's own lines.
    pub lines: BTreeMap<String, u32>,
    /// It was to hold all that was left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rest: bool,
    /// No package: it only completes the order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub completes: bool,
}

impl Note {
    /// The same package, whatever was left when it was noted.
    pub fn is_same(&self, other: &Self) -> bool {
        let lines = self.rest && other.rest || self.lines == other.lines;
        self.id == other.id && self.completes == other.completes && self.rest == other.rest && lines
    }
}

pub(crate) fn notes(order: &wire::Order) -> Vec<Note> {
    // Nobody else writes it; what cannot be read is as good as none.
    order.packages.as_ref().and_then(|field| json::from_str(&field.value).ok()).unwrap_or_default()
}

/// A fulfilment that counts: one that was not called off or refused.
fn counts(fulfillment: &wire::Fulfillment) -> bool {
    matches!(fulfillment.status.as_str(), "SUCCESS" | "OPEN" | "PENDING")
}

/// The fulfilments that count, the oldest first, each with the note that it was made by.
pub(crate) fn made(order: &wire::Order) -> Vec<(&wire::Fulfillment, Option<Note>)> {
    let mut fulfillments: Vec<_> = order.fulfillments.iter().filter(|one| counts(one)).collect();
    fulfillments.sort_by_key(|one| one.created_at);
    let mut notes = notes(order);
    let mut all = Vec::new();
    for fulfillment in fulfillments {
        let held = units(fulfillment);
        let place = notes.iter().position(|note| tracking(fulfillment).is_none() && note.lines == held);
        all.push((fulfillment, place.map(|place| notes.remove(place))));
    }
    all
}

/// Units by Shopify's own lines.
pub(crate) fn units(fulfillment: &wire::Fulfillment) -> BTreeMap<String, u32> {
    let mut all = BTreeMap::new();
    for item in &fulfillment.fulfillment_line_items.nodes {
        *all.entry(number(&item.line_item.id).to_owned()).or_insert(0) += item.quantity.unwrap_or(0);
    }
    all.retain(|_, units| *units > 0);
    all
}

pub(crate) fn tracking(fulfillment: &wire::Fulfillment) -> Option<Tracking> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    fulfillment
        .tracking_info
        .iter()
        .find_map(|info| Some(Tracking { number: filled(&info.number)?, carrier: filled(&info.company) }))
}

/// The packages that the order holds. What only completed it is none.
pub(crate) fn shipments(order: &wire::Order, names: LineNames) -> Vec<Shipment> {
    let packages = made(order).into_iter().filter(|(_, note)| !note.as_ref().is_some_and(|note| note.completes));
    let shipment = |(fulfillment, note): (&wire::Fulfillment, Option<Note>)| Shipment {
        remote_id: note.and_then(|note| note.id).or_else(|| Some(number(&fulfillment.id).to_owned())),
        tracking: tracking(fulfillment),
        shipped_at: Some(fulfillment.created_at),
        lines: match names {
            LineNames::Own => own_lines(fulfillment),
            LineNames::OfChannel => channel_lines(order, fulfillment),
        },
    };
    packages.map(shipment).collect()
}

fn own_lines(fulfillment: &wire::Fulfillment) -> Vec<ShippedLine> {
    let line = |(line, quantity): (String, u32)| Some(ShippedLine { line: LineId::new(line).ok()?, quantity });
    units(fulfillment).into_iter().filter_map(line).collect()
}

/// By the channel's lines, in the store's units. A line that stands as two is one; of a bundle, which is one line of the channel
/// and several products of the store, what is in all of them counts.
fn channel_lines(order: &wire::Order, fulfillment: &wire::Fulfillment) -> Vec<ShippedLine> {
    let held = units(fulfillment);
    let mut by_line: Vec<(LineId, BTreeMap<Option<&str>, u32>)> = Vec::new();
    for item in &order.line_items.nodes {
        let Some((name, units)) = channel_line(item).zip(held.get(number(&item.id))) else { continue };
        let product = item.variant.as_ref().map(|variant| variant.id.as_str());
        let place = by_line.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            by_line.push((name, BTreeMap::new()));
            by_line.len() - 1
        });
        *by_line[place].1.entry(product).or_insert(0) += units;
    }
    let smallest = |(line, products): (LineId, BTreeMap<Option<&str>, u32>)| {
        Some(ShippedLine { line, quantity: products.into_values().min()? })
    };
    by_line.into_iter().filter_map(smallest).collect()
}
