//! __Title__'s answers in the domain's words, and back. Pure: no clock, no network.

use connect::{Account, ConnectError, ErrorKind, Incoming, Listing, Page, PageToken, Response, Unreadable};
use domain::shipment::{ShippedLine, Tracking};
use domain::{
    AccountId, Address, Buyer, Cancel, ChannelOrder, ChannelOrderId, Charge, Currency, Fulfilment, Line, LineId,
    ListingKey, Money, Payment, Refund, Revision, Shipment, Shipping, Sku, TaxKnowledge,
};
use serde_json::value::RawValue;

use crate::{api, wire};

/// The place of what cannot be read: field names, never what a buyer entered.
#[derive(Debug)]
struct Problem(String);

fn at<E>(place: &str) -> impl FnOnce(E) -> Problem {
    let place = place.to_owned();
    move |_| Problem(place)
}

/// One order from its own bytes.
pub fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    parse(raw).and_then(order).map_err(|Problem(place)| Unreadable {
        remote_id: id_of(raw),
        raw: raw.to_vec(),
        why: format!("__Title__ sent this order with a `{place}` that cannot be read."),
        context: format!("at `{place}`"),
    })
}

/// serde may quote the value that it did not expect, so only the place is kept.
fn parse(raw: &[u8]) -> Result<wire::Order, Problem> {
    let mut order = serde_json::Deserializer::from_slice(raw);
    serde_path_to_error::deserialize(json::strict(&mut order)).map_err(|error| {
        let missing = error.inner().to_string();
        let missing = missing.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
        Problem(missing.map_or_else(|| error.path().to_string(), |(field, _)| field.to_owned()))
    })
}

fn id_of(raw: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct OnlyId {
        id: String,
    }
    json::from_slice(raw).ok().map(|OnlyId { id }| id)
}

// CHANGE: what each field means, with the vendor's page. The rules of money are in `domain::totals`: the lines, shipping
// and fees must reach the total, or the order is shown with both figures and not imported.
fn order(wire: wire::Order) -> Result<ChannelOrder, Problem> {
    let mut warnings = Vec::new();
    let currency: Currency = wire.currency.parse().map_err(at("currency"))?;
    let money = |place: &str, text: &str| Money::parse(text, currency).map_err(at(place));
    if wire.lines.is_empty() {
        return Err(Problem("lines".to_owned()));
    }
    let line = |line: wire::Line| -> Result<Line, Problem> {
        let sku = Sku::new(line.sku).map_err(at("lines.sku"))?;
        Ok(Line {
            id: LineId::new(line.id).map_err(at("lines.id"))?,
            listing: ListingKey::Sku(sku.clone()),
            sku: Some(sku),
            title: line.title,
            quantity: line.quantity,
            canceled: 0,
            charge: Charge::plain(money("lines.total", &line.total)?),
        })
    };
    let refund = |refund: wire::Refund| -> Result<Refund, Problem> {
        let amount = money("refunds.amount", &refund.amount)?;
        Ok(Refund { id: refund.id, amount, at: Some(refund.at), line: None, quantity: None })
    };
    Ok(ChannelOrder {
        id: ChannelOrderId::new(wire.id).map_err(at("id"))?,
        number: wire.number,
        revision: Revision(wire.changed_at.as_millisecond()),
        created_at: wire.created_at,
        currency,
        buyer_total: money("total", &wire.total)?,
        payment: match wire.payment.as_str() {
            "paid" => Payment::Paid { at: wire.paid_at },
            "unpaid" => Payment::Unpaid,
            word => unknown(&mut warnings, "payment", word, Payment::Unpaid),
        },
        fulfilment: match wire.fulfilment.as_str() {
            "none" => Fulfilment::NotStarted,
            "partial" => Fulfilment::Partial,
            "sent" => Fulfilment::Shipped,
            word => unknown(&mut warnings, "fulfilment", word, Fulfilment::NotStarted),
        },
        cancel: match wire.state.as_str() {
            "open" => Cancel::None,
            "cancel_requested" => Cancel::Requested,
            "canceled" => Cancel::Canceled,
            word => unknown(&mut warnings, "state", word, Cancel::None),
        },
        fulfilled_by_channel: false,
        buyer: Buyer {
            username: None,
            name: wire.ship_to.as_ref().map(|address| address.name.clone()),
            email: wire.email,
            email_is_relay: false,
        },
        ship_to: wire.ship_to.map(address),
        bill_to: None,
        lines: wire.lines.into_iter().map(line).collect::<Result<_, _>>()?,
        shipping: Shipping {
            charge: Charge::plain(money("shipping.total", &wire.shipping.total)?),
            service: wire.shipping.service,
        },
        fees: Vec::new(),
        // `Known` once the vendor tells the taxes of each charge (`Charge::taxes`).
        tax: TaxKnowledge::Unknown,
        refunds: wire.refunds.into_iter().map(refund).collect::<Result<_, _>>()?,
        shipments: Vec::new(),
        buyer_note: wire.note,
        gift_message: None,
        warnings,
    })
}

/// A word that the vendor has added since: the safe state, and somebody is told.
fn unknown<T>(warnings: &mut Vec<String>, field: &str, word: &str, safe: T) -> T {
    warnings.push(format!("__Title__ gives the {field} `{word}`, which is not known here."));
    safe
}

fn address(wire: wire::Address) -> Address {
    let address = Address {
        line1: wire.street,
        city: wire.city,
        postcode: wire.postcode,
        country: wire.country,
        phone: wire.phone.unwrap_or_default(),
        ..Address::default()
    };
    address.with_full_name(&wire.name)
}

fn incoming(raw: &RawValue) -> Incoming {
    read(raw.get().as_bytes()).map_or_else(Incoming::Unreadable, Incoming::Order)
}

pub fn single(response: &Response) -> Result<Incoming, ConnectError> {
    api::decode::<Box<RawValue>>(response).map(|raw| incoming(&raw))
}

pub fn orders(response: &Response) -> Result<Page<Incoming>, ConnectError> {
    let page: wire::Orders = api::decode(response)?;
    Ok(Page {
        items: page.orders.iter().map(|raw| incoming(raw)).collect(),
        next: page.next.map(PageToken),
        server_time: response.date(),
    })
}

pub fn listings(response: &Response) -> Result<Page<Listing>, ConnectError> {
    let page: wire::Listings = api::decode(response)?;
    let listing = |wire: wire::Listing| {
        let sku = Sku::new(wire.sku).ok()?;
        Some(Listing {
            key: ListingKey::Sku(sku.clone()),
            sku: Some(sku),
            barcode: None,
            title: wire.title,
            active: wire.active,
            quantity: Some(wire.quantity),
        })
    };
    Ok(Page {
        items: page.listings.into_iter().filter_map(listing).collect(),
        next: page.next.map(PageToken),
        server_time: response.date(),
    })
}

pub fn account(wire: wire::Account) -> Result<Account, ConnectError> {
    let id = AccountId::new(wire.id).map_err(|_| unreadable("__snake__.get_account", "id"))?;
    Ok(Account { id, name: wire.name })
}

pub fn shipments(wire: wire::Packages) -> Result<Vec<Shipment>, ConnectError> {
    let line = |line: wire::PackedLine| -> Result<ShippedLine, ConnectError> {
        let id = LineId::new(line.line).map_err(|_| unreadable("__snake__.get_packages", "lines.line"))?;
        Ok(ShippedLine { line: id, quantity: line.quantity })
    };
    let shipment = |package: wire::Package| {
        let carrier = package.carrier;
        Ok(Shipment {
            remote_id: Some(package.id),
            tracking: package.number.map(|number| Tracking { number, carrier }),
            shipped_at: Some(package.sent_at),
            lines: package.lines.into_iter().map(line).collect::<Result<_, _>>()?,
        })
    };
    wire.packages.into_iter().map(shipment).collect()
}

pub fn new_package(shipment: &Shipment) -> wire::NewPackage {
    let line = |line: &ShippedLine| wire::PackedLine { line: line.line.to_string(), quantity: line.quantity };
    wire::NewPackage {
        carrier: shipment.tracking.as_ref().and_then(|tracking| tracking.carrier.clone()),
        number: shipment.tracking.as_ref().map(Tracking::normalised).filter(|number| !number.is_empty()),
        lines: shipment.lines.iter().map(line).collect(),
    }
}

fn unreadable(operation: &'static str, place: &str) -> ConnectError {
    let message = "__Title__ sent an answer that could not be read.";
    ConnectError::new(ErrorKind::Decode, operation, message).without_effect().with_context(format!("at `{place}`"))
}

#[cfg(test)]
mod tests {
    use domain::totals::totals;

    use super::*;

    // CHANGE: orders as the vendor really sends them, one for each thing that can be different, in `tests/fixtures`.
    const ORDER: &str = r#"{
        "id": "7001", "number": "A-7001", "created_at": "2026-10-27T12:00:00Z", "changed_at": "2026-10-27T12:00:00.250Z",
        "currency": "GBP", "total": "43.97", "payment": "paid", "paid_at": "2026-10-27T12:00:00Z",
        "fulfilment": "none", "state": "open", "email": "ada@example.com", "note": null,
        "ship_to": {"name": "Ada Example", "street": "1 High Street", "city": "Leeds", "postcode": "LS1 1AA",
            "country": "GB", "phone": null},
        "lines": [{"id": "1", "sku": "MUG-1", "title": "A mug", "quantity": 2, "total": "39.98"}],
        "shipping": {"service": "Tracked", "total": "3.99"}, "refunds": []
    }"#;

    #[test]
    fn an_order_is_read_to_the_cent() {
        let order = read(ORDER.as_bytes()).unwrap();
        assert_eq!(totals(&order).unwrap().store_total, Money::from_minor(4397, "GBP".parse().unwrap()));
        assert_eq!((order.lines[0].quantity, order.revision), (2, Revision(1_793_102_400_250)));
        assert_eq!(order.warnings, Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_read_is_named_and_kept() {
        let broken = |from: &str, to: &str| read(ORDER.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(broken("\"43.97\"", "\"43.971\"").context, "at `total`");
        assert_eq!(broken("\"quantity\": 2", "\"quantity\": \"Ada\"").context, "at `lines[0].quantity`");
        let without = broken("\"created_at\"", "\"made_at\"");
        assert_eq!((without.context.as_str(), without.remote_id.as_deref()), ("at `created_at`", Some("7001")));
    }
}
