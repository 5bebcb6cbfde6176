//! Packages: the store's shipments in the domain's words, and back.
//!
//! A shipment knows its units by the order's own lines, and a carrier only if the vendor integrates it:
//! <https://developer.bigcommerce.com/docs/rest-management/orders/order-shipments#create-order-shipment>. What has no place
//! stands in the shipment's comments, one fact a line: the name of another carrier, and the name of a package that has no
//! number of its own.

use std::collections::BTreeMap;

use domain::LineId;
use domain::shipment::{Package, Shipment, ShippedLine, Tracking, key_of};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::body::{NewShipment, ShipmentChanges, ShipmentItem};
use crate::pieces::Mark;
use crate::wire::{self, OrderProduct};

const CARRIER: &str = "Carrier: ";
const PACKAGE: &str = "Package: ";
/// What the vendor takes for a tracking number.
pub(crate) const LONGEST_NUMBER: usize = 50;

/// The carriers among the "acceptable values for `shipping_provider`", and what people call them.
const PROVIDERS: [(&str, &str); 7] = [
    ("auspost", "Australia Post"),
    ("canadapost", "Canada Post"),
    ("endicia", "Endicia"),
    ("fedex", "FedEx"),
    ("royalmail", "Royal Mail"),
    ("ups", "UPS"),
    ("usps", "USPS"),
];

/// Whose names the lines of a package bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineNames {
    /// The store is the main store: the mark of its lines names the channel's.
    OfChannel,
    /// The store is the channel itself.
    Own,
}

/// The packages that the store's order holds.
pub(crate) fn shipments(order: &wire::Order, made: &[wire::Shipment], names: LineNames) -> Vec<Shipment> {
    let lines = order.lines().unwrap_or_default();
    let mut all: Vec<Shipment> = made.iter().map(|shipment| read(shipment, &lines, names)).collect();
    if names == LineNames::OfChannel {
        all.extend(noted(&order.staff_notes));
    }
    all
}

fn read(shipment: &wire::Shipment, lines: &[&OrderProduct], names: LineNames) -> Shipment {
    let number = shipment.tracking_number.trim();
    let tracking = (!number.is_empty()).then(|| Tracking { number: number.to_owned(), carrier: carrier(shipment) });
    let own_name = fact(&shipment.comments, PACKAGE).filter(|_| tracking.is_none() && names == LineNames::OfChannel);
    let remote_id = match own_name {
        // By the name that it has where it comes from.
        Some(name) => name.strip_prefix("r:").map(str::to_owned),
        None => Some(shipment.id.to_string()),
    };
    let lines = if own_name == Some("rest") { Vec::new() } else { shipped(shipment, lines, names) };
    Shipment { remote_id, tracking, shipped_at: shipment.date_created.map(|date| date.0), lines }
}

/// Units of each line. One line of the channel may be several here: of one product they are added up, of the products of a
/// bundle the smallest number counts.
fn shipped(shipment: &wire::Shipment, lines: &[&OrderProduct], names: LineNames) -> Vec<ShippedLine> {
    let mut units: Vec<(LineId, BTreeMap<String, u32>)> = Vec::new();
    for item in &shipment.items {
        let Some(line) = lines.iter().find(|line| line.id == item.order_product_id) else { continue };
        let (Some((name, product)), Some(quantity)) = (name_of(line, names), whole(item.quantity.0)) else { continue };
        let known = if let Some(at) = units.iter().position(|(known, _)| *known == name) {
            units.get_mut(at)
        } else {
            units.push((name, BTreeMap::new()));
            units.last_mut()
        };
        if let Some((_, products)) = known {
            let sum = products.entry(product).or_default();
            *sum = sum.saturating_add(quantity);
        }
    }
    let smallest = |products: BTreeMap<String, u32>| products.into_values().min().unwrap_or(0);
    let lines = units.into_iter().map(|(line, products)| ShippedLine { line, quantity: smallest(products) });
    lines.filter(|line| line.quantity > 0).collect()
}

/// The line's name, and which product of it.
fn name_of(line: &OrderProduct, names: LineNames) -> Option<(LineId, String)> {
    match names {
        LineNames::Own => Some((LineId::new(line.id.to_string()).ok()?, String::new())),
        LineNames::OfChannel => {
            let mark = Mark::read(&line.name_merchant)?;
            let product = match mark.product {
                Some((item, _)) => item.text(),
                None if line.product_id > 0 => format!("{}/{}", line.product_id, line.variant_id),
                None => String::new(),
            };
            Some((mark.line, product))
        }
    }
}

/// What is left of each line to be sent.
fn left(line: &OrderProduct) -> u32 {
    whole(line.quantity.0).unwrap_or(0).saturating_sub(whole(line.quantity_shipped.0).unwrap_or(0))
}

/// A whole number of units, 0 or more.
pub(crate) fn whole(quantity: Decimal) -> Option<u32> {
    if quantity.fract().is_zero() { quantity.to_u32() } else { None }
}

/// The units that a package holds, as far as they are left; a package without lines holds all that are.
pub(crate) fn items(order: &wire::Order, package: &Package, names: LineNames) -> Vec<ShipmentItem> {
    let lines = order.lines().unwrap_or_default();
    let mut left: Vec<(&OrderProduct, u32)> = lines.into_iter().map(|line| (line, left(line))).collect();
    let mut taken: BTreeMap<u64, u32> = BTreeMap::new();
    if package.shipment.lines.is_empty() {
        taken.extend(left.iter().map(|(line, units)| (line.id, *units)));
    }
    for wanted in &package.shipment.lines {
        for (product, units) in units_of_products(&left, wanted, names) {
            let mut missing = units;
            for (line, units) in &mut left {
                let is_it = name_of(line, names).is_some_and(|name| name == (wanted.line.clone(), product.clone()));
                let some = if is_it { missing.min(*units) } else { 0 };
                if some > 0 {
                    *taken.entry(line.id).or_default() += some;
                    *units -= some;
                    missing -= some;
                }
            }
        }
    }
    let items = taken.into_iter().filter(|(_, quantity)| *quantity > 0);
    items.map(|(order_product_id, quantity)| ShipmentItem { order_product_id, quantity }).collect()
}

/// Of each product of the line so many: a bundle's line counts the product of which there are fewest.
fn units_of_products(lines: &[(&OrderProduct, u32)], wanted: &ShippedLine, names: LineNames) -> BTreeMap<String, u32> {
    let mut ordered: BTreeMap<String, u32> = BTreeMap::new();
    for (line, _) in lines {
        if let Some((name, product)) = name_of(line, names)
            && name == wanted.line
        {
            let sum = ordered.entry(product).or_default();
            *sum = sum.saturating_add(whole(line.quantity.0).unwrap_or(0));
        }
    }
    let fewest = u64::from(ordered.values().copied().filter(|units| *units > 0).min().unwrap_or(1));
    let share = |units: u32| {
        let exact = u64::from(wanted.quantity) * u64::from(units) / fewest;
        u32::try_from(exact).unwrap_or(u32::MAX)
    };
    ordered.into_iter().map(|(product, units)| (product, share(units))).collect()
}

/// The request that makes the package; `None`: there is nothing left to put into it, or nowhere to send it.
pub(crate) fn new_shipment(order: &wire::Order, package: &Package, names: LineNames) -> Option<NewShipment> {
    let items = items(order, package, names);
    let order_address_id = order.consignments.shipping.first()?.id;
    if items.is_empty() {
        return None;
    }
    let tracking = package.shipment.tracking.as_ref();
    let mut comments = other_carrier(tracking).into_iter().collect::<Vec<_>>();
    if tracking.is_none() && names == LineNames::OfChannel {
        comments.push(format!("{PACKAGE}{}", key_of(&package.shipment)));
    }
    Some(NewShipment {
        order_address_id,
        tracking_number: tracking.map(|tracking| tracking.number.clone()),
        shipping_provider: provider(tracking),
        comments: comments.join("\n"),
        items,
    })
}

/// The same package under another number.
pub(crate) fn changes(tracking: &Tracking) -> ShipmentChanges {
    ShipmentChanges {
        tracking_number: tracking.number.clone(),
        shipping_provider: provider(Some(tracking)),
        comments: other_carrier(Some(tracking)).unwrap_or_default(),
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The vendor's word for a carrier that it integrates, else none.
fn provider(tracking: Option<&Tracking>) -> &'static str {
    let Some(name) = tracking.and_then(|tracking| tracking.carrier.as_deref()).map(plain) else { return "" };
    PROVIDERS.iter().find(|(code, called)| *code == name || plain(called) == name).map_or("", |(code, _)| *code)
}

fn other_carrier(tracking: Option<&Tracking>) -> Option<String> {
    let name = tracking?.carrier.as_deref()?.trim();
    let is_other = !name.is_empty() && provider(tracking).is_empty();
    is_other.then(|| format!("{CARRIER}{}", one_line(name)))
}

fn carrier(shipment: &wire::Shipment) -> Option<String> {
    let (provider, carrier) = (shipment.shipping_provider.trim(), shipment.tracking_carrier.trim());
    let known = PROVIDERS.iter().find(|(code, _)| *code == provider).map(|(_, called)| (*called).to_owned());
    let named = fact(&shipment.comments, CARRIER).map(str::to_owned);
    let said = [carrier, provider].into_iter().find(|text| !text.is_empty()).map(str::to_owned);
    known.or(named).or(said)
}

fn one_line(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

fn fact<'a>(comments: &'a str, name: &str) -> Option<&'a str> {
    comments.lines().find_map(|line| line.trim().strip_prefix(name)).filter(|fact| !fact.is_empty())
}

/// Whether the order holds the package already, however its number is spelt.
pub(crate) fn holds(order: &wire::Order, made: &[wire::Shipment], package: &Package) -> bool {
    let key = key_of(&package.shipment);
    let of_number = |shipment: &Shipment| shipment.tracking.is_some() && key_of(shipment) == key;
    shipments(order, made, LineNames::OfChannel).iter().any(of_number)
        || made.iter().any(|shipment| fact(&shipment.comments, PACKAGE) == Some(key.as_str()))
        || notes(&order.staff_notes).any(|(noted, _)| noted == key)
}

/// A line for the staff's notes: of a package that cannot be a shipment, because nothing is left to send.
pub(crate) fn note(package: &Package) -> String {
    let key = key_of(&package.shipment);
    let number = package.shipment.tracking.as_ref().map(|tracking| {
        let carrier = tracking.carrier.as_deref().unwrap_or_default();
        format!(" ({} {})", tracking.normalised(), one_line(carrier)).replace(" )", ")")
    });
    format!("{PACKAGE}{}{}", one_line(&key), number.unwrap_or_default())
}

/// The packages of the staff's notes: name, and number with carrier.
fn notes(staff_notes: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let noted = staff_notes.lines().filter_map(|line| line.trim().strip_prefix(PACKAGE));
    noted.map(|note| match note.split_once(" (") {
        Some((key, rest)) => (key, rest.strip_suffix(')')),
        None => (note, None),
    })
}

fn noted(staff_notes: &str) -> impl Iterator<Item = Shipment> {
    notes(staff_notes).map(|(key, tracking)| {
        let tracking = tracking.map(|text| match text.split_once(' ') {
            Some((number, carrier)) => Tracking { number: number.to_owned(), carrier: Some(carrier.to_owned()) },
            None => Tracking { number: text.to_owned(), carrier: None },
        });
        let remote_id = key.strip_prefix("r:").map(str::to_owned);
        Shipment { remote_id, tracking, shipped_at: None, lines: Vec::new() }
    })
}

#[cfg(test)]
mod tests;
