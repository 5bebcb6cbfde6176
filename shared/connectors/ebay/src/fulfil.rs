//! Packages: what is sent to eBay, in the form that it accepts.

use connect::{ConnectError, ErrorKind, ShipmentSent};
use domain::shipment::{ShippedLine, Tracking};
use domain::{ChannelOrder, ChannelOrderId, Package, Shipment};

use crate::CAPABILITIES;
use crate::api::Api;
use crate::{map, wire};

const OPERATION: &str = "ebay.create_shipping_fulfillment";

/// The carriers that eBay names, where their own spelling differs from other systems' only in blanks and case.
/// <https://developer.ebay.com/devzone/xml/docs/reference/ebay/types/ShippingCarrierCodeType.html>
pub const CARRIERS: &[&str] = &[
    "AnPost",
    "AustraliaPost",
    "BPost",
    "Bartolini",
    "ChinaPost",
    "Chronopost",
    "Colissimo",
    "CollectPlus",
    "Correos",
    "DHL",
    "DHLGlobalMail",
    "DPD",
    "DeutschePost",
    "FedEx",
    "GLS",
    "Hermes",
    "HongKongPost",
    "Interlink",
    "JapanPost",
    "LAPOSTE",
    "MRW",
    "MondialRelay",
    "Nacex",
    "Other",
    "Parcelforce",
    "PocztaPolska",
    "PostNL",
    "PosteItaliane",
    "RoyalMail",
    "SDA",
    "Seur",
    "StarTrack",
    "SwissPost",
    "TNT",
    "Toll",
    "UKMail",
    "UPS",
    "USPS",
    "Yodel",
];

/// Other names that carriers go by, in letters and digits only.
const ALIASES: &[(&str, &str)] = &[
    ("brt", "Bartolini"),
    ("dhlexpress", "DHL"),
    ("dhlpaket", "DHL"),
    ("evri", "Hermes"),
    ("federalexpress", "FedEx"),
    ("ontrac", "ONTRACK"),
    ("osterreichischepost", "OsterreichischePostAG"),
    ("unitedparcelservice", "UPS"),
    ("unitedstatespostalservice", "USPS"),
];

/// eBay's code of a carrier. An unknown name goes as it is, because the list is not complete; none is `Other`.
pub fn carrier_code(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    if let Some(code) = known_carrier(name) {
        return code.to_owned();
    }
    let printable: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-')).collect();
    let printable = printable.trim();
    if printable.is_empty() { "Other".to_owned() } else { printable.to_owned() }
}

/// eBay's code of a carrier that it knows by this or another name.
pub fn known_carrier(name: &str) -> Option<&'static str> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let alias = || ALIASES.iter().find(|(alias, _)| *alias == plain).map(|(_, code)| *code);
    CAPABILITIES.carrier_code(name).or_else(alias)
}

/// eBay's fulfilments cannot be edited or taken back: what is sent here stays.
pub async fn ship(api: &Api, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
    let shipment = &package.shipment;
    let refused = |kind, message| Err(ConnectError::new(kind, OPERATION, message).without_effect());
    let tracking = shipment.tracking.as_ref();
    if tracking.is_some_and(|tracking| tracking.normalised().is_empty()) {
        return refused(ErrorKind::InvalidOrder, "eBay accepts tracking numbers of letters and digits only.");
    }
    let lines = if shipment.lines.is_empty() {
        let earlier = shipments(api, &order.id).await?;
        remaining(order, &earlier)
    } else {
        merged(&shipment.lines)
    };
    if lines.is_empty() {
        return refused(ErrorKind::AlreadyExists, "eBay has everything of this order as sent already.");
    }
    let details = wire::ShippingFulfillmentDetails {
        line_items: lines.into_iter().map(reference).collect(),
        shipped_date: shipment.shipped_at.map(map::stamp),
        // "If you include one, you must also include the other."
        shipping_carrier_code: tracking.map(|tracking| carrier_code(tracking.carrier.as_deref())),
        tracking_number: tracking.map(Tracking::normalised),
    };
    let remote_id = api.create_shipping_fulfillment(order.id.as_str(), &details).await?;
    Ok(ShipmentSent { remote_id })
}

pub async fn shipments(api: &Api, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
    let fulfilments = api.get_shipping_fulfillments(order.as_str()).await?;
    map::shipments(fulfilments).map_err(|problem| {
        let message = "eBay sent packages that could not be read.";
        ConnectError::new(ErrorKind::Decode, "ebay.get_shipping_fulfillments", message)
            .without_effect()
            .with_context(problem.to_string())
    })
}

fn reference(line: ShippedLine) -> wire::LineItemReference {
    wire::LineItemReference { line_item_id: Some(line.line.into()), quantity: Some(line.quantity) }
}

/// Each line once: eBay refuses a line that comes twice, and one without a quantity.
fn merged(lines: &[ShippedLine]) -> Vec<ShippedLine> {
    let mut merged: Vec<ShippedLine> = Vec::new();
    for line in lines.iter().filter(|line| line.quantity > 0) {
        match merged.iter_mut().find(|known| known.line == line.line) {
            Some(known) => known.quantity = known.quantity.saturating_add(line.quantity),
            None => merged.push(line.clone()),
        }
    }
    merged
}

/// All that was not in an earlier package.
fn remaining(order: &ChannelOrder, earlier: &[Shipment]) -> Vec<ShippedLine> {
    let sent = |line: &domain::Line| {
        let lines = earlier.iter().flat_map(|shipment| &shipment.lines).filter(|sent| sent.line == line.id);
        lines.map(|sent| sent.quantity).fold(0_u32, u32::saturating_add)
    };
    let left = |line: &domain::Line| {
        let quantity = line.open_quantity().saturating_sub(sent(line));
        ShippedLine { line: line.id.clone(), quantity }
    };
    order.real_lines().map(left).filter(|line| line.quantity > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_get_ebays_code() {
        let codes = ["Royal Mail", "ROYAL-MAIL", "ups", "Evri", "PostNL", "Speedy Bikes (Leeds)", "", "Ölpost", "日本"];
        let expected =
            ["RoyalMail", "RoyalMail", "UPS", "Hermes", "PostNL", "Speedy Bikes Leeds", "Other", "lpost", "Other"];
        assert_eq!(codes.map(|name| carrier_code(Some(name))), expected);
        assert_eq!(carrier_code(None), "Other");
    }

    #[test]
    fn a_line_that_comes_twice_is_sent_once() {
        let line = |id: &str, quantity| ShippedLine { line: id.parse().unwrap(), quantity };
        assert_eq!(merged(&[line("1", 2), line("2", 0), line("1", 1)]), [line("1", 3)]);
    }
}
