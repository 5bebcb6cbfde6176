//! The role *main store*: a draft as the store is asked to hold it, and the store's order as the domain states it.

use connect::{ConnectError, ErrorKind};
use domain::channel_order::Address;
use domain::draft::StoreOrderDraft;
use domain::readback::{StoreLine, StoreOrder, StoreOrderState};
use domain::{Currency, Money, MoneyError, Reference, StoreOrderId};

use crate::body::{self, Fee, NewOrder, NewProduct, ShippingAddress, amount};
use crate::config::{Config, Stock};
use crate::error::refused;
use crate::ids::Item;
use crate::packages::{LineNames, shipments, whole};
use crate::pieces::{self, Mark, Units};
use crate::status::{self, Status};
use crate::wire;

/// "The ZIP code must be two or more characters": where a country has none.
const NO_ZIP: &str = "00";
/// What the vendor shows as the order's source.
const SOURCE: &str = "Tributary";

/// The body of the one request that creates the order.
pub(crate) fn new_order(
    operation: &'static str,
    config: &Config,
    draft: &StoreOrderDraft,
    customer: u64,
) -> Result<NewOrder, ConnectError> {
    if !config.takes(draft.currency) {
        let says =
            format!("The store takes no payment in {}: switch that currency on there, or convert.", draft.currency);
        return Err(refused(operation, ErrorKind::InvalidOrder, says));
    }
    let costs = Costs::of(draft).map_err(|error| refused(operation, ErrorKind::InvalidOrder, error.to_string()))?;
    let billing = if is_empty(&draft.billing) { &draft.ship_to } else { &draft.billing };
    let ship_to = if is_empty(&draft.ship_to) { billing } else { &draft.ship_to };
    let shipping = ShippingAddress { address: address(ship_to), shipping_method: draft.shipping.title.clone() };
    Ok(NewOrder {
        external_order_id: draft.reference.to_string(),
        external_source: SOURCE,
        status_id: if draft.paid { status::AWAITING_FULFILLMENT } else { status::AWAITING_PAYMENT },
        customer_id: customer,
        default_currency_code: draft.currency.code(),
        billing_address: address(billing),
        shipping_addresses: if is_empty(ship_to) { Vec::new() } else { vec![shipping] },
        products: new_products(operation, draft)?,
        shipping_cost_ex_tax: amount(costs.shipping_ex),
        shipping_cost_inc_tax: amount(costs.shipping_inc),
        discount_amount: (!costs.discount.is_zero()).then(|| amount(costs.discount)),
        fees: costs.fees,
        payment_method: draft.source.channel_name.clone(),
        customer_message: draft.note.clone().unwrap_or_default(),
        staff_notes: staff_notes(draft),
    })
}

pub(crate) fn new_products(operation: &'static str, draft: &StoreOrderDraft) -> Result<Vec<NewProduct>, ConnectError> {
    let mut all = Vec::new();
    for line in &draft.lines {
        all.extend(pieces::products(operation, line, draft.takes_stock)?);
    }
    Ok(all)
}

/// What an order costs beside its lines.
pub(crate) struct Costs {
    pub shipping_ex: Money,
    pub shipping_inc: Money,
    /// What the draft's parts below zero come to: a cost of the store can't be negative.
    pub discount: Money,
    pub fees: Vec<Fee>,
}

impl Costs {
    pub fn of(draft: &StoreOrderDraft) -> Result<Self, MoneyError> {
        let mut fees = Vec::new();
        let mut discount = Money::zero(draft.currency);
        for fee in &draft.fees {
            let inc_tax = fee.net.checked_add(fee.tax)?;
            if inc_tax.is_negative() {
                discount = discount.checked_sub(inc_tax)?;
            } else if !inc_tax.is_zero() {
                fees.push(custom_fee(&fee.label, fee.net, inc_tax));
            }
        }
        // Each tax stands in the prices with and without it (R4). What belongs to none of them is a fee of its name.
        let of_parts = draft.lines.iter().map(|line| line.tax).chain([draft.shipping.tax]);
        let of_parts = Money::sum(draft.currency, of_parts.chain(draft.fees.iter().map(|fee| fee.tax)))?;
        let mut missing =
            Money::sum(draft.currency, draft.taxes.iter().map(|tax| tax.amount))?.checked_sub(of_parts)?;
        for tax in &draft.taxes {
            let share = if missing.minor() < tax.amount.minor() { missing } else { tax.amount };
            if share.minor() > 0 {
                fees.push(custom_fee(&tax.label, share, share));
                missing = missing.checked_sub(share)?;
            }
        }
        Ok(Self {
            shipping_ex: draft.shipping.net,
            shipping_inc: draft.shipping.net.checked_add(draft.shipping.tax)?,
            discount,
            fees,
        })
    }
}

fn custom_fee(label: &str, ex_tax: Money, inc_tax: Money) -> Fee {
    let label = if label.trim().is_empty() { "Fee" } else { label };
    Fee {
        kind: "custom_fee",
        display_name_customer: label.to_owned(),
        display_name_merchant: label.to_owned(),
        source: SOURCE,
        cost_ex_tax: amount(ex_tax),
        cost_inc_tax: amount(inc_tax),
    }
}

/// Where the order came from, and what the store has no place for: the channel's number (R14), the names of the taxes, the
/// buyer's e-mail address, which the store would write to (R13).
fn staff_notes(draft: &StoreOrderDraft) -> String {
    let number = draft.source.wanted_number.as_deref().unwrap_or(&draft.source.number);
    let number = if number.is_empty() { draft.source.order.as_str() } else { number };
    let mut lines = vec![format!("{} order {number}, placed {}", draft.source.channel_name, draft.placed_at)];
    lines.extend(draft.email.as_ref().map(|email| format!("E-mail: {email}")));
    lines.extend(draft.taxes.iter().map(|tax| format!("{}: {}", tax.label, tax.amount)));
    lines.extend(draft.information.iter().map(|(label, fact)| format!("{label}: {fact}")));
    lines.join("\n")
}

fn address(from: &Address) -> body::Address {
    let zip = from.postcode.trim();
    body::Address {
        first_name: from.first_name.clone(),
        last_name: from.last_name.clone(),
        company: from.company.clone(),
        street_1: from.line1.clone(),
        street_2: from.line2.clone(),
        city: from.city.clone(),
        state: from.region.clone(),
        zip: if zip.chars().count() < NO_ZIP.len() { NO_ZIP.to_owned() } else { zip.to_owned() },
        country_iso2: from.country.clone(),
        phone: from.phone.clone(),
    }
}

fn is_empty(address: &Address) -> bool {
    *address == Address::default()
}

/// The reference that an order carries, if it is one of ours.
pub(crate) fn reference(order: &wire::Order) -> Option<Reference> {
    order.external_order_id.trim().parse().ok()
}

/// What shoppers pay in; what was shown to them where the answer says no more.
pub(crate) fn currency(order: &wire::Order) -> Result<Currency, MoneyError> {
    let code = [&order.default_currency_code, &order.currency_code].into_iter().find(|code| !code.trim().is_empty());
    code.map_or("", |code| code.trim()).parse()
}

/// The store's order in the domain's words. The error names the place, never the content.
pub(crate) fn store_order(config: &Config, order: &wire::Order, made: &[wire::Shipment]) -> Result<StoreOrder, String> {
    let currency = currency(order).map_err(|_| "its currency is not an ISO 4217 one".to_owned())?;
    let status = Status::of(order);
    if status.is_unknown() {
        tracing::warn!(order.id = order.id, "the store's order {} has a status that Tributary does not know", order.id);
    }
    Ok(StoreOrder {
        id: StoreOrderId::new(order.id.to_string()).map_err(|error| error.to_string())?,
        number: order.id.to_string(),
        reference: reference(order),
        state: state(order, status),
        paid: status.is_paid(),
        total: Money::rounded(order.total_inc_tax.0, currency).map_err(|_| "its total is out of range".to_owned())?,
        modified_at: order.date_modified.or(order.date_created).ok_or("it has no date")?.0,
        lines: lines(config, order, currency)?,
        ship_to: order.consignments.shipping.first().and_then(|group| crate::people::address(&group.address)),
        shipments: shipments(order, made, LineNames::OfChannel),
    })
}

/// An archived order that was open is gone; archiving what is over only tidies up.
pub(crate) fn state(order: &wire::Order, status: Status) -> StoreOrderState {
    match status {
        Status::Completed => StoreOrderState::Completed,
        Status::Canceled => StoreOrderState::Canceled,
        Status::Refunded => StoreOrderState::Refunded,
        _ if order.is_deleted => StoreOrderState::Trashed,
        // It says nothing of the goods any more.
        Status::PartiallyRefunded if all_shipped(order) => StoreOrderState::Completed,
        _ => StoreOrderState::Open,
    }
}

pub(crate) fn all_shipped(order: &wire::Order) -> bool {
    let total = order.items_total.0;
    !total.is_zero() && order.items_shipped.0 >= total
}

/// One line of ours may be several of the store's: they are one again here, in the draft's order.
fn lines(config: &Config, order: &wire::Order, currency: Currency) -> Result<Vec<StoreLine>, String> {
    let is_ours = reference(order).is_some();
    let mut all: Vec<StoreLine> = Vec::new();
    for product in order.lines().ok_or("its lines are not in it")? {
        let mark = Mark::read(&product.name_merchant).filter(|_| is_ours);
        let net = Money::rounded(product.total_ex_tax.0, currency)
            .map_err(|_| "a line's total is out of range".to_owned())?;
        let quantity = whole(product.quantity.0).ok_or("a line's quantity is not a whole number")?;
        let (item, deducted) = if let Some((item, units)) = mark.as_ref().and_then(|mark| mark.product) {
            (Some(item), Some(if units == Units::Deducted { quantity } else { 0 }))
        } else {
            let item = Item::from_wire(product.product_id, product.variant_id);
            (item, item.and_then(|_| taken(config, order, quantity)))
        };
        let line = StoreLine {
            id: product.id.to_string(),
            line: mark.map(|mark| mark.line),
            product: item.and_then(Item::product_id),
            quantity,
            net,
            deducted,
        };
        match all.iter_mut().find(|known| is_same(known, &line)) {
            Some(known) => join(known, &line)?,
            None => all.push(line),
        }
    }
    Ok(all)
}

fn is_same(one: &StoreLine, other: &StoreLine) -> bool {
    one.line.is_some() && one.line == other.line && one.product == other.product
}

fn join(known: &mut StoreLine, more: &StoreLine) -> Result<(), String> {
    known.id = format!("{}+{}", known.id, more.id);
    known.quantity = known.quantity.checked_add(more.quantity).ok_or("a line's quantity is out of range")?;
    known.net = known.net.checked_add(more.net).map_err(|error| error.to_string())?;
    known.deducted = match (known.deducted, more.deducted) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        _ => None,
    };
    Ok(())
}

/// Units that the store itself has out of stock for a catalogue product, as its settings say; no answer tells it.
fn taken(config: &Config, order: &wire::Order, quantity: u32) -> Option<u32> {
    let is_back = Status::of(order) == Status::Canceled && config.restocks;
    match config.stock {
        _ if is_back => Some(0),
        Stock::OnPlacing => Some(quantity),
        Stock::Later => None,
    }
}

#[cfg(test)]
mod tests;
