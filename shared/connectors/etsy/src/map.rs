//! Etsy's answers in the domain's words. Pure: no clock, no network.

mod listings;
mod money;
mod people;
mod refunds;
mod status;

use connect::{Account, ConnectError, ErrorKind, Incoming, Response, Unreadable};
use domain::shipment::Tracking;
use domain::{
    AccountId, ChannelOrder, ChannelOrderId, Charge, Currency, Fulfilment, Line, LineId, ListingKey, MoneyError,
    Revision, Shipment, Shipping, Sku,
};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::config::Taxes;
use crate::{api, wire};

pub use listings::listings;
pub use money::decimal;
pub use status::{cancel, fulfilment};

/// Why a receipt cannot be read. Names fields, never what a buyer entered.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{0}` is not a time")]
    NotATime(&'static str),
    #[error("`{0}`: {1}")]
    Money(&'static str, MoneyError),
    #[error("`{0}` is not a whole number of the currency's parts")]
    Parts(&'static str),
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
            Self::Missing(field) => format!("Etsy sent this order without `{field}`."),
            Self::NotATime(field) | Self::Money(field, _) | Self::Parts(field) | Self::Currency(field, _) => {
                format!("Etsy sent this order with a `{field}` that cannot be read.")
            }
            Self::Sum(_) => "The amounts of this Etsy order cannot be added up.".to_owned(),
            Self::Id(_) | Self::Json(..) => "Etsy sent this order in a form that cannot be read.".to_owned(),
        }
    }
}

/// One receipt from its own bytes.
pub fn read(raw: &[u8], taxes: Taxes) -> Result<ChannelOrder, Unreadable> {
    // serde_json may quote the value that it did not expect, so only the place is kept.
    let parsed: Result<wire::ShopReceipt, _> = json::from_slice(raw);
    let parsed = parsed.map_err(|error| Problem::Json(error.classify(), error.line(), error.column()));
    parsed.and_then(|wire| order(&wire, taxes)).map_err(|problem| Unreadable {
        remote_id: remote_id(raw),
        raw: raw.to_vec(),
        why: problem.sentence(),
        context: problem.to_string(),
    })
}

pub fn incoming(raw: &[u8], taxes: Taxes) -> Incoming {
    read(raw, taxes).map_or_else(Incoming::Unreadable, Incoming::Order)
}

/// The answer of `getShopReceipt`. A body that is no JSON at all is no order.
pub fn single(response: &Response, taxes: Taxes) -> Result<Incoming, ConnectError> {
    api::decode::<Box<RawValue>>(response).map(|raw| incoming(raw.get().as_bytes(), taxes))
}

/// The shop's number names the account: its name may change.
pub fn account(shop: &wire::Shop) -> Result<Account, ConnectError> {
    let id = shop.shop_id.and_then(|id| AccountId::new(id.to_string()).ok());
    let id = id.ok_or_else(|| {
        let message = "Etsy did not say which shop this is.";
        ConnectError::new(ErrorKind::Decode, "etsy.get_shop", message).without_effect().with_context("no shop_id")
    })?;
    let name = text(shop.shop_name.as_deref()).unwrap_or_else(|| id.to_string());
    Ok(Account { id, name })
}

fn remote_id(raw: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct OnlyId {
        #[serde(deserialize_with = "json::value")]
        receipt_id: serde_json::Value,
    }
    let only: OnlyId = json::from_slice(raw).ok()?;
    match &only.receipt_id {
        serde_json::Value::Number(id) => Some(id.to_string()),
        id => text(id.as_str()),
    }
}

/// <https://developers.etsy.com/documentation/reference#tag/Shop-Receipt>
fn order(wire: &wire::ShopReceipt, taxes: Taxes) -> Result<ChannelOrder, Problem> {
    let mut warnings = Vec::new();
    let id = ChannelOrderId::new(wire.receipt_id.ok_or(Problem::Missing("receipt_id"))?.to_string())?;
    let created = wire.created_timestamp.or(wire.create_timestamp).ok_or(Problem::Missing("created_timestamp"))?;
    let created_at = time(created).ok_or(Problem::NotATime("created_timestamp"))?;
    if wire.transactions.is_empty() {
        return Err(Problem::Missing("transactions"));
    }
    let amounts = money::amounts(wire, taxes)?;
    let charged = wire.transactions.iter().zip(amounts.lines);
    let lines = charged.map(|(wire, charge)| line(wire, charge, &mut warnings)).collect::<Result<Vec<_>, _>>()?;
    let (buyer, ship_to) = people::people(wire, &mut warnings);
    status::warn(wire, &mut warnings);
    Ok(ChannelOrder {
        number: id.as_str().to_owned(),
        id,
        revision: revision(wire)?,
        created_at,
        currency: amounts.currency,
        buyer_total: amounts.buyer_total,
        payment: status::payment(wire),
        fulfilment: status::fulfilment(wire),
        cancel: status::cancel(wire),
        fulfilled_by_channel: false,
        buyer,
        ship_to,
        bill_to: None,
        lines,
        shipping: Shipping { service: shipping_service(wire), charge: amounts.shipping },
        fees: amounts.fees,
        tax: amounts.tax,
        refunds: refunds::refunds(wire, amounts.currency, &mut warnings)?,
        shipments: Vec::new(),
        buyer_note: people::note(wire),
        gift_message: text(wire.gift_message.as_deref()),
        warnings,
    })
}

/// Etsy's times are whole seconds, and a refund or a cancel may not move the time of the last change. So whatever is on
/// the receipt and carries a time counts, and what happened to it orders the changes of one second.
fn revision(wire: &wire::ShopReceipt) -> Result<Revision, Problem> {
    let updated = wire.updated_timestamp.or(wire.update_timestamp).ok_or(Problem::Missing("updated_timestamp"))?;
    let refunds = wire.refunds.iter().filter_map(|refund| refund.created_timestamp);
    let packages = wire.shipments.iter().filter_map(|package| package.shipment_notification_timestamp);
    let latest = refunds.chain(packages).fold(updated, i64::max);
    let latest = time(latest).ok_or(Problem::NotATime("updated_timestamp"))?;
    let few = |count: usize| i64::try_from(count.min(20)).unwrap_or(20);
    let mut happened = few(wire.shipments.len()) + 20 * few(wire.refunds.len());
    happened += i64::from(wire.is_shipped == Some(true));
    if !status::payment(wire).is_paid() {
        happened -= 1;
    }
    if status::cancel(wire) == domain::Cancel::Canceled {
        happened += 500;
    }
    Ok(Revision(latest.as_millisecond() + happened))
}

fn line(wire: &wire::ShopReceiptTransaction, charge: Charge, warnings: &mut Vec<String>) -> Result<Line, Problem> {
    let number = wire.transaction_id.ok_or(Problem::Missing("transactions.transaction_id"))?;
    let id = LineId::new(number.to_string())?;
    let sku = text(wire.sku.as_deref()).and_then(|sku| Sku::new(&sku).ok());
    if sku.is_none() && text(wire.sku.as_deref()).is_some() {
        warnings.push(format!("The SKU of line {id} is no usable SKU."));
    }
    let listing = match (wire.listing_id.filter(|id| *id > 0), &sku) {
        (Some(listing), _) => ListingKey::listing(&listing.to_string(), bought_variation(wire).as_deref()),
        (None, Some(sku)) => ListingKey::Sku(sku.clone()),
        (None, None) => {
            warnings.push(format!("Etsy no longer has the listing of line {id}."));
            ListingKey::Listing(format!("transaction/{number}"))
        }
    };
    Ok(Line {
        id,
        listing,
        sku,
        title: title(wire),
        quantity: wire.quantity.ok_or(Problem::Missing("transactions.quantity"))?,
        canceled: 0,
        charge,
    })
}

/// The product of a listing that has several. A listing without variations has one product, whose id says nothing more.
fn bought_variation(wire: &wire::ShopReceiptTransaction) -> Option<String> {
    let chosen = !wire.product_data.is_empty() || wire.variations.iter().any(|chosen| chosen.value_id.is_some());
    wire.product_id.filter(|_| chosen).map(|id| id.to_string())
}

/// The listing's title, with what the buyer chose of it.
fn title(wire: &wire::ShopReceiptTransaction) -> String {
    let title = text(wire.title.as_deref()).unwrap_or_default();
    let chosen = wire.variations.iter().filter(|chosen| chosen.value_id.is_some()).filter_map(people::told);
    let chosen = chosen.collect::<Vec<_>>().join(", ");
    if chosen.is_empty() { title } else { format!("{title} ({chosen})").trim_start().to_owned() }
}

fn shipping_service(wire: &wire::ShopReceipt) -> String {
    let upgrade = wire.transactions.iter().find_map(|sold| text(sold.shipping_upgrade.as_deref()));
    let method = || wire.transactions.iter().find_map(|sold| text(sold.shipping_method.as_deref()));
    upgrade.or_else(method).unwrap_or_default()
}

/// The packages of a receipt. Etsy does not say what is in them; a receipt that is only marked as sent has none, and is
/// one that holds everything.
pub fn shipments(wire: &wire::ShopReceipt) -> Vec<Shipment> {
    let shipment = |shipment: &wire::ShopReceiptShipment| Shipment {
        remote_id: shipment.receipt_shipping_id.map(|id| id.to_string()),
        tracking: text(shipment.tracking_code.as_deref())
            .map(|number| Tracking { number, carrier: text(shipment.carrier_name.as_deref()) }),
        shipped_at: shipment.shipment_notification_timestamp.and_then(time),
        lines: Vec::new(),
    };
    let mut packages: Vec<Shipment> = wire.shipments.iter().map(shipment).collect();
    packages.sort_by_key(|package| package.shipped_at);
    if packages.is_empty() && status::fulfilment(wire) == Fulfilment::Shipped {
        packages.push(Shipment { remote_id: None, tracking: None, shipped_at: None, lines: Vec::new() });
    }
    packages
}

fn time(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

/// The trimmed text, if there is any.
pub fn text(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
