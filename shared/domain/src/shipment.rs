//! R8: packages and their tracking, which travel both ways, each package once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::head::Order;
use crate::ids::LineId;

/// One package as a platform states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The platform's id of the package, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Timestamp>,
    /// By channel line. Empty: all that was not in an earlier package.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ShippedLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Tracking {
    pub number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
}

impl Tracking {
    /// Letters and digits only, upper case: two spellings of one number are one package.
    pub fn normalised(&self) -> String {
        self.number.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct ShippedLine {
    pub line: LineId,
    pub quantity: u32,
}

/// A package that Tributary knows, and how far it is on its way to the other side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Names the package across both sides; see [`key_of`].
    pub key: String,
    pub origin: Origin,
    pub shipment: Shipment,
    pub push: Push,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Channel,
    Store,
    /// Entered by a person in Tributary; goes to both sides.
    Person,
}

impl Package {
    /// Its number before it was changed on the side that it comes from, normalised: its name keeps it.
    pub fn number_before(&self) -> Option<&str> {
        let named = self.key.strip_prefix("t:").filter(|name| !name.contains('/'))?;
        let tracking = self.shipment.tracking.as_ref()?;
        (tracking.normalised() != named).then_some(named)
    }
}

/// Whether the other side has the package.
///
/// `Sending` is written before the call and is the only write of a healthy package: success changes nothing, so a later
/// look at a `Sending` whose `send_by` has passed asks the platform before it sends again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Push {
    Wanted,
    Sending {
        attempt: u8,
        send_by: Timestamp,
    },
    Sent,
    /// The other side cannot take it; the text says why and what to do.
    Refused {
        reason: String,
    },
}

impl Push {
    /// The other side has the package or is being told now.
    pub const fn counts_as_sent(&self) -> bool {
        matches!(self, Self::Sending { .. } | Self::Sent)
    }
}

/// The name of a package: its tracking number; without one, the platform's id; else the lines it holds.
pub fn key_of(shipment: &Shipment) -> String {
    let tracking = shipment.tracking.as_ref().map(Tracking::normalised).filter(|number| !number.is_empty());
    match (tracking, &shipment.remote_id) {
        (Some(number), _) => format!("t:{number}"),
        (None, Some(id)) => format!("r:{id}"),
        (None, None) if shipment.lines.is_empty() => "rest".to_owned(),
        (None, None) => {
            let mut lines: Vec<_> = shipment.lines.iter().map(|l| format!("{}x{}", l.line, l.quantity)).collect();
            lines.sort_unstable();
            format!("l:{}", lines.join(","))
        }
    }
}

/// The packages of `seen` (as the side `origin` states them) that `known` lacks.
///
/// What we told that side ourselves comes back from it and is no new package: known by its tracking number; without one,
/// by its lines.
pub fn new_packages(known: &[Package], seen: &[Shipment], origin: Origin) -> Vec<Package> {
    let mut fresh: Vec<Package> = Vec::new();
    for shipment in seen {
        let all = || known.iter().chain(&fresh);
        if all().any(|package| is_same(package, shipment, origin)) {
            continue;
        }
        let mut key = key_of(shipment);
        if all().any(|package| package.key == key) {
            // Two packages under one number, or two platforms that count alike.
            key = format!("{key}/{origin:?}:{}", shipment.remote_id.as_deref().unwrap_or_default());
        }
        fresh.push(Package { key, origin, shipment: shipment.clone(), push: Push::Wanted });
    }
    fresh
}

fn is_same(package: &Package, shipment: &Shipment, origin: Origin) -> bool {
    let key = key_of(shipment);
    if package.origin == origin {
        // One side's ids tell its packages apart, even two under one tracking number.
        return match (&package.shipment.remote_id, &shipment.remote_id) {
            (Some(known), Some(seen)) => known == seen,
            _ => package.key == key,
        };
    }
    if is_unnumbered(shipment) {
        return is_unnumbered(&package.shipment) && is_same_content(&package.shipment, shipment);
    }
    key_of(&package.shipment) == key
}

fn is_unnumbered(shipment: &Shipment) -> bool {
    !key_of(shipment).starts_with("t:")
}

/// The same lines; a package without lines stands for any.
fn is_same_content(one: &Shipment, other: &Shipment) -> bool {
    one.lines.is_empty() || other.lines.is_empty() || has_same_lines(one, other)
}

fn has_same_lines(one: &Shipment, other: &Shipment) -> bool {
    let sorted = |shipment: &Shipment| {
        let mut lines = shipment.lines.clone();
        lines.sort_unstable_by(|a, b| (&a.line, a.quantity).cmp(&(&b.line, b.quantity)));
        lines
    };
    sorted(one) == sorted(other)
}

/// Whether a side shows the package: under its name, or, where it has no number, as one that holds the same.
///
/// The side names a package without a number as it likes. Of those that look alike each accounts for one of `all`, the
/// order's packages, in their order; one without lines is whatever the others leave over.
pub fn is_shown(package: &Package, all: &[Package], shown: &[Shipment]) -> bool {
    let renamed = package.number_before().map(|_| key_of(&package.shipment));
    if shown.iter().map(key_of).any(|key| key == package.key || Some(&key) == renamed.as_ref()) {
        return true;
    }
    if !is_unnumbered(&package.shipment) {
        return false;
    }
    let others = || all.iter().filter(|other| other.key != package.key && is_unnumbered(&other.shipment));
    let unnumbered = || shown.iter().filter(|shipment| is_unnumbered(shipment));
    if package.shipment.lines.is_empty() {
        return unnumbered().count() > others().filter(|other| other.push.counts_as_sent()).count();
    }
    let alike = |shipment: &Shipment| has_same_lines(shipment, &package.shipment);
    let before = all.iter().take_while(|other| other.key != package.key);
    let before = before.filter(|other| is_unnumbered(&other.shipment) && alike(&other.shipment)).count();
    unnumbered().filter(|shipment| alike(shipment)).count() > before
}

fn is_same_remote(package: &Package, shipment: &Shipment) -> bool {
    shipment.remote_id.is_some() && package.shipment.remote_id == shipment.remote_id
}

/// Packages whose tracking number was changed on the side they came from.
pub fn edited_tracking<'a>(known: &'a [Package], seen: &'a [Shipment]) -> Vec<(&'a Package, &'a Tracking)> {
    seen.iter()
        .filter_map(|shipment| {
            let tracking = shipment.tracking.as_ref()?;
            let package = known.iter().find(|package| is_same_remote(package, shipment))?;
            let before = package.shipment.tracking.as_ref()?;
            (before.normalised() != tracking.normalised()).then_some((package, tracking))
        })
        .collect()
}

/// The store counts units of its products, the channel units of its listings: a package of two from a 2-pack is one.
pub fn in_channel_units(order: &Order, seen: &[Shipment]) -> Vec<Shipment> {
    seen.iter().map(|shipment| converted(shipment, |line| units(order, line))).collect()
}

/// The other way round: what a package of the channel is to the store.
pub fn in_store_units(order: &Order, shipment: &Shipment) -> Shipment {
    converted(shipment, |line| units(order, line).map(|(listed, in_store)| (in_store, listed)))
}

/// Units of a line on the channel, and in the store.
fn units(order: &Order, line: &LineId) -> Option<(u32, u32)> {
    let listed = order.source.lines.iter().find(|known| known.id == *line)?;
    // Of a bundle, the store tells the line's smallest number: compare it with the smallest.
    let stock = order.stock.iter().filter(|stock| stock.line == *line).min_by_key(|stock| stock.units)?;
    let of = if stock.of == 0 { listed.quantity } else { stock.of };
    (of > 0 && stock.units > 0).then_some((of, stock.units))
}

/// `ratio` gives (to, from) of a line.
fn converted(shipment: &Shipment, ratio: impl Fn(&LineId) -> Option<(u32, u32)>) -> Shipment {
    let line = |shipped: &ShippedLine| {
        let quantity = ratio(&shipped.line).map_or(shipped.quantity, |(to, from)| {
            let exact = u64::from(shipped.quantity) * u64::from(to) / u64::from(from);
            u32::try_from(exact).unwrap_or(to).max(1)
        });
        ShippedLine { line: shipped.line.clone(), quantity }
    };
    Shipment { lines: shipment.lines.iter().map(line).collect(), ..shipment.clone() }
}
