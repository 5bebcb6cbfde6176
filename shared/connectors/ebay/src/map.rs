//! eBay's answers in the domain's words. Pure: no clock, no network.

mod money;
mod people;
mod refunds;
mod status;

use connect::{Account, ConnectError, ErrorKind, Incoming, Listing, Response, Unreadable};
use domain::shipment::{ShippedLine, Tracking};
use domain::{
    AccountId, ChannelOrder, ChannelOrderId, Charge, Currency, Line, LineId, ListingKey, MoneyError, Revision,
    Shipment, Shipping, Sku,
};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::{api, wire};
use people::text;

/// Why an order cannot be read. Names fields, never what a buyer entered.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{0}` is not a time")]
    NotATime(&'static str),
    #[error("`{0}`: {1}")]
    Money(&'static str, MoneyError),
    #[error("`{0}` is not given in {1}")]
    Currency(&'static str, Currency),
    #[error(transparent)]
    Sum(#[from] MoneyError),
    #[error(transparent)]
    Id(#[from] domain::ids::InvalidId),
    #[error("JSON {0:?} error at line {1} column {2}")]
    Json(serde_json::error::Category, usize, usize),
}

impl Problem {
    fn sentence(&self) -> String {
        match self {
            Self::Missing(field) => format!("eBay sent this order without `{field}`."),
            Self::NotATime(field) | Self::Money(field, _) | Self::Currency(field, _) => {
                format!("eBay sent this order with a `{field}` that cannot be read.")
            }
            Self::Sum(_) => "The amounts of this eBay order cannot be added up.".to_owned(),
            Self::Id(_) | Self::Json(..) => "eBay sent this order in a form that cannot be read.".to_owned(),
        }
    }
}

/// One order from its own bytes.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    // serde_json may quote the value that it did not expect, so only the place is kept.
    let parsed: Result<wire::Order, _> = json::from_slice(raw);
    let parsed = parsed.map_err(|error| Problem::Json(error.classify(), error.line(), error.column()));
    parsed.and_then(|wire| order(&wire)).map_err(|problem| Unreadable {
        remote_id: remote_id(raw),
        raw: raw.to_vec(),
        why: problem.sentence(),
        context: problem.to_string(),
    })
}

pub fn incoming(raw: &[u8]) -> Incoming {
    read(raw).map_or_else(Incoming::Unreadable, Incoming::Order)
}

/// The answer of `getOrder`. A body that is no JSON at all is no order.
pub fn single(response: &Response) -> Result<Incoming, ConnectError> {
    api::decode::<Box<RawValue>>(response).map(|raw| incoming(raw.get().as_bytes()))
}

/// The immutable user id names the account: the name that people see may change.
pub fn account(user: &wire::UserResponse) -> Result<Account, ConnectError> {
    let id = user.user_id.as_deref().and_then(|id| AccountId::new(id).ok());
    let id = id.ok_or_else(|| {
        let message = "eBay did not say whose account this is.";
        ConnectError::new(ErrorKind::Decode, "ebay.get_user", message).without_effect().with_context("no userId")
    })?;
    let name = text(user.username.as_deref()).unwrap_or_else(|| id.to_string());
    Ok(Account { id, name })
}

fn remote_id(raw: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct OnlyId {
        order_id: String,
    }
    let only: OnlyId = json::from_slice(raw).ok()?;
    text(Some(&only.order_id))
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:Order>
pub fn order(wire: &wire::Order) -> Result<ChannelOrder, Problem> {
    let mut warnings = Vec::new();
    let id = ChannelOrderId::new(wire.order_id.as_deref().ok_or(Problem::Missing("orderId"))?)?;
    let modified = required_time("lastModifiedDate", wire.last_modified_date.as_deref())?;
    let created_at = required_time("creationDate", wire.creation_date.as_deref())?;
    if wire.line_items.is_empty() {
        return Err(Problem::Missing("lineItems"));
    }
    let amounts = money::amounts(wire)?;
    let charged = wire.line_items.iter().zip(amounts.lines);
    let lines = charged.map(|(wire, charge)| line(wire, charge, &mut warnings)).collect::<Result<Vec<_>, _>>()?;
    let (buyer, ship_to, bill_to) = people::people(wire, &mut warnings);
    let gift_messages = wire.line_items.iter().filter_map(|line| text(line.gift_details.as_ref()?.message.as_deref()));
    let gift_message = gift_messages.collect::<Vec<_>>().join("\n");
    Ok(ChannelOrder {
        number: id.as_str().to_owned(),
        id,
        revision: Revision(modified.as_millisecond()),
        created_at,
        currency: amounts.currency,
        buyer_total: amounts.buyer_total,
        payment: status::payment(wire, &mut warnings),
        fulfilment: status::fulfilment(wire, &mut warnings),
        cancel: status::cancel(wire, &mut warnings),
        fulfilled_by_channel: false,
        buyer,
        ship_to,
        bill_to,
        lines,
        shipping: Shipping { service: shipping_service(wire), charge: amounts.shipping },
        fees: amounts.fees,
        tax: amounts.tax,
        refunds: refunds::refunds(wire, amounts.currency, &mut warnings)?,
        shipments: Vec::new(),
        buyer_note: text(wire.buyer_checkout_notes.as_deref()),
        gift_message: Some(gift_message).filter(|message| !message.is_empty()),
        warnings,
    })
}

fn line(wire: &wire::LineItem, charge: Charge, warnings: &mut Vec<String>) -> Result<Line, Problem> {
    let id = LineId::new(wire.line_item_id.as_deref().ok_or(Problem::Missing("lineItems.lineItemId"))?)?;
    let sku = text(wire.sku.as_deref()).and_then(|sku| Sku::new(&sku).ok());
    if sku.is_none() && text(wire.sku.as_deref()).is_some() {
        warnings.push(format!("The SKU of line {id} is no usable SKU."));
    }
    let item = text(wire.legacy_item_id.as_deref());
    // "0" stands for none in eBay's combined item ids.
    let variation = text(wire.legacy_variation_id.as_deref()).filter(|variation| variation != "0");
    let listing = match (item, &sku) {
        (Some(item), _) => ListingKey::listing(&item, variation.as_deref()),
        (None, Some(sku)) => ListingKey::Sku(sku.clone()),
        (None, None) => return Err(Problem::Missing("lineItems.legacyItemId")),
    };
    Ok(Line {
        id,
        listing,
        sku,
        title: text(wire.title.as_deref()).unwrap_or_default(),
        quantity: wire.quantity.ok_or(Problem::Missing("lineItems.quantity"))?,
        canceled: 0,
        charge,
    })
}

fn shipping_service(wire: &wire::Order) -> String {
    let Some(start) = wire.fulfillment_start_instructions.first() else { return String::new() };
    let step = start.shipping_step.as_ref();
    let service = step.and_then(|step| text(step.shipping_service_code.as_deref()));
    let carrier = || step.and_then(|step| text(step.shipping_carrier_code.as_deref()));
    service.or_else(carrier).or_else(|| text(start.fulfillment_instructions_type.as_deref())).unwrap_or_default()
}

/// The packages of an order. Without a tracking number the id is "an arbitrary number such as 999", so one that comes
/// again gets its place in the list.
pub fn shipments(wire: wire::ShippingFulfillmentPagedCollection) -> Result<Vec<Shipment>, Problem> {
    let mut fulfilments = wire.fulfillments;
    fulfilments.sort_by_key(|fulfilment| time(fulfilment.shipped_date.as_deref()));
    let mut shipments: Vec<Shipment> = Vec::new();
    for fulfilment in &fulfilments {
        let mut shipment = shipment(fulfilment)?;
        if let Some(id) = &shipment.remote_id {
            let same =
                |other: &&Shipment| other.remote_id.as_ref().is_some_and(|other| other.split('#').next() == Some(id));
            match shipments.iter().filter(same).count() {
                0 => {}
                earlier => shipment.remote_id = Some(format!("{id}#{}", earlier + 1)),
            }
        }
        shipments.push(shipment);
    }
    Ok(shipments)
}

fn shipment(wire: &wire::ShippingFulfillment) -> Result<Shipment, Problem> {
    let number = text(wire.shipment_tracking_number.as_deref());
    let line = |line: &wire::LineItemReference| -> Result<ShippedLine, Problem> {
        let id = line.line_item_id.as_deref().ok_or(Problem::Missing("fulfillments.lineItems.lineItemId"))?;
        // "Default: 1"
        Ok(ShippedLine { line: LineId::new(id)?, quantity: line.quantity.unwrap_or(1) })
    };
    Ok(Shipment {
        remote_id: text(wire.fulfillment_id.as_deref()),
        tracking: number.map(|number| Tracking { number, carrier: text(wire.shipping_carrier_code.as_deref()) }),
        shipped_at: time(wire.shipped_date.as_deref()),
        lines: wire.line_items.iter().map(line).collect::<Result<_, _>>()?,
    })
}

/// An inventory item names no listing: its SKU is its key. Without a quantity it cannot be published.
pub fn listing(wire: wire::InventoryItem) -> Option<Listing> {
    let sku = Sku::new(wire.sku?).ok()?;
    let product = wire.product.unwrap_or_default();
    let quantity = wire.availability.and_then(|at| at.ship_to_location_availability).and_then(|at| at.quantity);
    Some(Listing {
        key: ListingKey::Sku(sku.clone()),
        sku: Some(sku),
        barcode: product.ean.into_iter().chain(product.upc).chain(product.isbn).find(|code| !code.trim().is_empty()),
        title: product.title.unwrap_or_default(),
        active: quantity.is_some(),
        quantity,
    })
}

/// As eBay wants it: UTC with milliseconds and a `Z`.
pub fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.trim().parse().ok()
}

fn required_time(field: &'static str, text: Option<&str>) -> Result<Timestamp, Problem> {
    text.ok_or(Problem::Missing(field))?.trim().parse().map_err(|_| Problem::NotATime(field))
}
