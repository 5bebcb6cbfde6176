//! Amazon's answers in the domain's words. Pure: no clock, no network.

mod money;
mod packages;
mod people;
mod status;

use connect::{ConnectError, Incoming, Response, Unreadable};
use domain::{
    ChannelOrder, ChannelOrderId, Charge, Currency, Line, LineId, ListingKey, MoneyError, Revision, Shipping, Sku,
};
use jiff::Timestamp;

pub use packages::shipments;

use crate::api;
use crate::wire::orders as wire;
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
    #[error("`{0}` is negative")]
    Negative(&'static str),
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
            Self::Missing(field) => format!("Amazon sent this order without `{field}`."),
            Self::NotATime(field) | Self::Money(field, _) | Self::Currency(field, _) | Self::Negative(field) => {
                format!("Amazon sent this order with a `{field}` that cannot be read.")
            }
            Self::Sum(_) => "The amounts of this Amazon order cannot be added up.".to_owned(),
            Self::Id(_) | Self::Json(..) => "Amazon sent this order in a form that cannot be read.".to_owned(),
        }
    }
}

/// One order from its own bytes.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    parse(raw).and_then(|wire| order(&wire)).map_err(|problem| unreadable(raw, &problem))
}

fn parse(raw: &[u8]) -> Result<wire::Order, Problem> {
    // serde_json may quote the value that it did not expect, so only the place is kept.
    json::from_slice(raw).map_err(|error| Problem::Json(error.classify(), error.line(), error.column()))
}

fn unreadable(raw: &[u8], problem: &Problem) -> Unreadable {
    Unreadable { remote_id: remote_id(raw), raw: raw.to_vec(), why: problem.sentence(), context: problem.to_string() }
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

pub fn incoming(raw: &[u8]) -> Incoming {
    read(raw).map_or_else(Incoming::Unreadable, Incoming::Order)
}

/// The answer of `getOrder`.
pub fn single(response: &Response) -> Result<Incoming, ConnectError> {
    let answer: wire::GetOrderResponse = api::decode(response)?;
    let order = answer.order.ok_or_else(|| api::lacking(response.operation, "order"))?;
    Ok(incoming(order.get().as_bytes()))
}

/// The answer of `getOrder` where it is asked for packages, not for an order to keep.
pub fn state(response: &Response) -> Result<wire::Order, ConnectError> {
    let answer: wire::GetOrderResponse = api::decode(response)?;
    let order = answer.order.ok_or_else(|| api::lacking(response.operation, "order"))?;
    parse(order.get().as_bytes()).map_err(|problem| problem.into_error(response.operation))
}

impl Problem {
    pub fn into_error(self, operation: &'static str) -> ConnectError {
        let message = "Amazon sent an order that could not be read.";
        ConnectError::new(connect::ErrorKind::Decode, operation, message)
            .without_effect()
            .with_context(self.to_string())
    }
}

pub fn order(wire: &wire::Order) -> Result<ChannelOrder, Problem> {
    let mut warnings = Vec::new();
    let id = ChannelOrderId::new(wire.order_id.as_deref().ok_or(Problem::Missing("orderId"))?)?;
    let modified = required_time("lastUpdatedTime", wire.last_updated_time.as_deref())?;
    let created_at = required_time("createdTime", wire.created_time.as_deref())?;
    if wire.order_items.is_empty() {
        return Err(Problem::Missing("orderItems"));
    }
    let state = status::state(wire, &mut warnings);
    let amounts = money::amounts(wire, state.may_lack_amounts, &mut warnings)?;
    let charged = wire.order_items.iter().zip(amounts.lines);
    let lines = charged.map(|(wire, charge)| line(wire, charge, &mut warnings)).collect::<Result<Vec<_>, _>>()?;
    let people = people::people(wire, state.needs_an_address, &mut warnings);
    programs(wire, &mut warnings);
    Ok(ChannelOrder {
        number: id.as_str().to_owned(),
        id,
        revision: Revision(modified.as_millisecond()),
        created_at,
        currency: amounts.currency,
        buyer_total: amounts.buyer_total,
        payment: state.payment,
        fulfilment: state.fulfilment,
        cancel: state.cancel,
        fulfilled_by_channel: state.fulfilled_by_channel,
        buyer: people.buyer,
        ship_to: people.ship_to,
        // Amazon gives no billing address here.
        bill_to: None,
        lines,
        shipping: Shipping { service: service(wire), charge: amounts.shipping },
        fees: amounts.fees,
        tax: amounts.tax,
        // Amazon's orders do not show what was given back: see the README.
        refunds: Vec::new(),
        shipments: Vec::new(),
        buyer_note: people.note,
        gift_message: gift_message(wire),
        warnings,
    })
}

fn line(wire: &wire::OrderItem, charge: Charge, warnings: &mut Vec<String>) -> Result<Line, Problem> {
    let id = LineId::new(wire.order_item_id.as_deref().ok_or(Problem::Missing("orderItems.orderItemId"))?)?;
    let product = wire.product.as_ref();
    let stated_sku = product.and_then(|product| text(product.seller_sku.as_deref()));
    let sku = stated_sku.as_deref().and_then(|sku| Sku::new(sku).ok());
    if sku.is_none() && stated_sku.is_some() {
        warnings.push(format!("The SKU of line {id} is no usable SKU."));
    }
    let asin = product.and_then(|product| text(product.asin.as_deref()));
    // One ASIN may be several listings of one seller: the SKU is the listing's own name.
    let listing = match (&sku, asin) {
        (Some(sku), _) => ListingKey::Sku(sku.clone()),
        (None, Some(asin)) => ListingKey::listing(&asin, None),
        (None, None) => return Err(Problem::Missing("orderItems.product.sellerSku")),
    };
    let quantity = wire.quantity_ordered.ok_or(Problem::Missing("orderItems.quantityOrdered"))?.0;
    let sent = wire.fulfillment.as_ref().and_then(|fulfillment| fulfillment.quantity_fulfilled);
    let canceled = wire.cancellation.as_ref().is_some_and(|cancellation| cancellation.cancellation_execution.is_some());
    Ok(Line {
        id,
        listing,
        sku,
        title: product.and_then(|product| text(product.title.as_deref())).unwrap_or_default(),
        quantity,
        canceled: if canceled { quantity.saturating_sub(sent.map_or(0, |sent| sent.0)) } else { 0 },
        charge,
    })
}

fn service(wire: &wire::Order) -> String {
    let fulfillment = wire.fulfillment.as_ref();
    fulfillment.and_then(|fulfillment| text(fulfillment.fulfillment_service_level.as_deref())).unwrap_or_default()
}

fn gift_message(wire: &wire::Order) -> Option<String> {
    let options =
        wire.order_items.iter().filter_map(|item| item.fulfillment.as_ref()?.packing.as_ref()?.gift_option.as_ref());
    let messages: Vec<String> = options.filter_map(|option| text(option.gift_message.as_deref())).collect();
    (!messages.is_empty()).then(|| messages.join("\n"))
}

/// What a merchant must know of an order before it is packed.
fn programs(wire: &wire::Order, warnings: &mut Vec<String>) {
    let is_in = |program: &str| wire.programs.iter().any(|known| known == program);
    if is_in("IN_STORE_PICK_UP") {
        warnings.push("The buyer fetches this order at the shop of the address.".to_owned());
    }
    if is_in("FBM_SHIP_PLUS") {
        warnings.push("Amazon confirms the shipment of this Ship+ order itself.".to_owned());
    }
    for other in &wire.associated_orders {
        let original = other.order_id.as_deref().and_then(|id| ChannelOrderId::new(id).ok());
        let Some(original) = original else { continue };
        match other.association_type.as_deref() {
            Some("REPLACEMENT_ORIGINAL_ID") => warnings.push(format!("This order replaces order {original}.")),
            Some("EXCHANGE_ORIGINAL_ID") => warnings.push(format!("This order is an exchange for order {original}.")),
            _ => {}
        }
    }
}

pub fn unknown(what: &str, word: Option<&str>, taken_as: &str) -> String {
    match word {
        Some(word) => format!("Amazon gives the {what} `{word}`, which is not known here: taken as {taken_as}."),
        None => format!("Amazon gives no {what}: taken as {taken_as}."),
    }
}

/// UTC with milliseconds and a `Z`.
/// <https://developer-docs.amazon.com/sp-api/docs/iso-8601>
pub fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

pub fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.trim().parse().ok()
}

fn required_time(field: &'static str, text: Option<&str>) -> Result<Timestamp, Problem> {
    text.ok_or(Problem::Missing(field))?.trim().parse().map_err(|_| Problem::NotATime(field))
}
