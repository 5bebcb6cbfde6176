//! The role *main store*: a draft as the shop is asked to hold it, and the shop's order as the domain states it.

use connect::{ConnectError, ErrorKind};
use domain::channel_order::Address;
use domain::draft::{DraftItem, DraftLine, StoreOrderDraft};
use domain::readback::{StoreLine, StoreOrder, StoreOrderState};
use domain::{Currency, LineId, Money, Reference, StoreOrderId};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use crate::body::{self, NewFee, NewLine, NewMeta, NewOrder, NewShippingLine, amount};
use crate::error::refused;
use crate::ids::Item;
use crate::{tracking, wire};

/// Our reference, also where `created_via` is not kept.
pub(crate) const REFERENCE: &str = "_tributary_reference";
/// The buyer's address, where the shop must not write to it (R13).
pub(crate) const EMAIL: &str = "_tributary_email";
/// The channel's line that a line stands for.
pub(crate) const LINE: &str = "_tributary_line";
/// WooCommerce's own: the shop's tax is kept out of the order (R4).
pub(crate) const VAT_EXEMPT: &str = "is_vat_exempt";
/// WooCommerce's own: units of a line that have left the stock.
const REDUCED_STOCK: &str = "_reduced_stock";
/// The SKU of nothing. A line must name a product or an SKU (capture 29); an unknown SKU leaves a line of text (81).
/// The channel's own SKU is not sent there: where a product bears it, the shop would link the line and take its stock.
const NO_PRODUCT: &str = "tributary-text-line";

/// The body of the one request that creates the order.
pub(crate) fn new_order(
    operation: &'static str,
    draft: &StoreOrderDraft,
    customer: Option<u64>,
) -> Result<NewOrder, ConnectError> {
    let lines = draft.lines.iter().map(|line| new_line(operation, line)).collect::<Result<_, _>>()?;
    let email = draft.email.as_deref().filter(|email| draft.mails.customer_notifications && is_mail_address(email));
    let mut billing = new_address(&draft.billing);
    billing.email = email.map(str::to_owned);
    let number = draft.source.wanted_number.as_deref().unwrap_or(&draft.source.number);
    let transaction = if draft.source.number.is_empty() { draft.source.order.as_str() } else { &draft.source.number };
    Ok(NewOrder {
        created_via: draft.reference.to_string(),
        customer_id: customer,
        // `on-hold` would mail the buyer and the owner (R6).
        status: if draft.paid { "processing" } else { "pending" },
        currency: draft.currency.code(),
        billing,
        shipping: new_address(&draft.ship_to),
        payment_method: draft.source.platform.to_string(),
        payment_method_title: draft.source.channel_name.clone(),
        transaction_id: transaction.to_owned(),
        customer_note: note(draft, number),
        line_items: lines,
        shipping_lines: vec![NewShippingLine {
            method_id: "other",
            method_title: draft.shipping.title.clone(),
            total: amount(draft.shipping.net),
        }],
        fee_lines: new_fees(draft),
        meta_data: new_metas(draft, email.is_none()),
    })
}

/// What the buyer wrote, and where the order came from: the only number that the shop keeps is its own (R14).
fn note(draft: &StoreOrderDraft, number: &str) -> String {
    let origin = format!("{} order {number}", draft.source.channel_name);
    match &draft.note {
        Some(note) if !note.trim().is_empty() => format!("{note}\n\n{origin}"),
        _ => origin,
    }
}

fn new_line(operation: &'static str, line: &DraftLine) -> Result<NewLine, ConnectError> {
    if line.quantity == 0 {
        // The shop answers 500, which looks like an outage (capture 28).
        return Err(refused(operation, ErrorKind::InvalidOrder, "A line of quantity 0 cannot be sent to WooCommerce."));
    }
    let mut metas = vec![NewMeta::new(LINE, line.line.as_str())];
    if line.already_deducted > 0 {
        metas.push(NewMeta::new(REDUCED_STOCK, line.already_deducted.to_string()));
    }
    let (item, name) = match &line.item {
        DraftItem::Product { id, .. } => (Some(Item::of(operation, id)?), None),
        DraftItem::Text { sku } => {
            metas.extend(sku.as_ref().map(|sku| NewMeta::new("SKU", sku.as_str())));
            (None, Some(line.name.clone()))
        }
    };
    Ok(NewLine {
        product_id: item.map(|item| item.product),
        variation_id: item.and_then(|item| item.variation),
        sku: item.is_none().then_some(NO_PRODUCT),
        name,
        quantity: line.quantity,
        subtotal: amount(line.undiscounted),
        total: amount(line.net),
        meta_data: metas,
    })
}

/// R4: the shop's own tax is kept out, so each tax stands as a fee that is itself not taxed.
pub(crate) fn new_fees(draft: &StoreOrderDraft) -> Vec<NewFee> {
    let fees = draft.fees.iter().map(|fee| (&fee.label, fee.net));
    let taxes = draft.taxes.iter().map(|tax| (&tax.label, tax.amount));
    let all = fees.chain(taxes);
    // The shop refuses a fee without a name.
    let named = |name: &str| if name.trim().is_empty() { "Fee".to_owned() } else { name.to_owned() };
    all.map(|(name, total)| NewFee { name: named(name), total: amount(total), tax_status: "none" }).collect()
}

fn new_metas(draft: &StoreOrderDraft, email_is_kept_back: bool) -> Vec<NewMeta> {
    let mut metas = vec![
        NewMeta::new(REFERENCE, draft.reference.to_string()),
        // Without it the shop taxes the order again (captures 14f, 14i).
        NewMeta::new(VAT_EXEMPT, "yes"),
        NewMeta::new("_tributary_channel", draft.source.platform.as_str()),
        NewMeta::new("_tributary_channel_order", draft.source.order.as_str()),
        NewMeta::new("_tributary_channel_number", draft.source.number.as_str()),
        NewMeta::new("_tributary_placed_at", draft.placed_at.to_string()),
    ];
    if let Some(email) = draft.email.as_deref().filter(|_| email_is_kept_back) {
        metas.push(NewMeta::new(EMAIL, email));
    }
    if draft.mails.suppress_owner_mail {
        metas.push(NewMeta::new("_new_order_email_sent", "true"));
    }
    // Marked as taken without a line that was: the shop then neither takes nor, at a cancel, gives back.
    if is_deducted(draft) || !draft.takes_stock {
        metas.push(NewMeta::new("_order_stock_reduced", "yes"));
    }
    metas.extend(draft.information.iter().map(|(label, fact)| NewMeta::new(label.as_str(), fact.as_str())));
    metas
}

/// Whether the order as a whole counts as deducted, so that a cancel puts its lines back (R7).
///
/// An unpaid order takes nothing by itself, so that whatever can be deducted has been, by us. Of a paid one the shop takes
/// those lines that are not marked.
fn is_deducted(draft: &StoreOrderDraft) -> bool {
    let mut products = draft.lines.iter().filter(|line| matches!(line.item, DraftItem::Product { .. }));
    let any = draft.lines.iter().any(|line| line.already_deducted > 0);
    any && (!draft.paid || products.all(|line| line.already_deducted >= line.quantity))
}

fn new_address(address: &Address) -> body::Party {
    body::Party {
        first_name: address.first_name.clone(),
        last_name: address.last_name.clone(),
        company: address.company.clone(),
        address_1: address.line1.clone(),
        address_2: address.line2.clone(),
        city: address.city.clone(),
        state: address.region.clone(),
        postcode: address.postcode.clone(),
        country: address.country.clone(),
        phone: address.phone.clone(),
        email: None,
    }
}

/// Whether the shop would take it: one that it does not take makes it refuse the whole order (capture 33).
pub(crate) fn is_mail_address(text: &str) -> bool {
    let allowed = |part: &str, also: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || also.as_bytes().contains(&byte))
    };
    let Some((local, host)) = text.split_once('@') else { return false };
    let mut labels = host.split('.');
    allowed(local, "!#$%&'*+/=?^_`{|}~.-")
        && host.contains('.')
        && labels.all(|label| allowed(label, "-") && !label.starts_with('-') && !label.ends_with('-'))
}

/// The reference that an order carries, if it is one of ours.
pub(crate) fn reference(order: &wire::Order) -> Option<Reference> {
    let in_meta = || wire::meta_text(&order.meta_data, REFERENCE)?.parse().ok();
    order.created_via.parse().ok().or_else(in_meta)
}

/// The shop's order in the domain's words. The error names the place, never the content.
pub(crate) fn store_order(order: &wire::Order) -> Result<StoreOrder, String> {
    let currency: Currency = order.currency.parse().map_err(|_| "its currency is not an ISO 4217 one".to_owned())?;
    let money = |amount: wire::Amount, what: &str| {
        Money::rounded(amount.0, currency).map_err(|_| format!("its {what} is out of range"))
    };
    let lines = order.line_items.iter().map(|line| {
        let product = Item::from_wire(line.product_id, line.variation_id).and_then(Item::product_id);
        Ok(StoreLine {
            id: line.id.to_string(),
            line: wire::meta_text(&line.meta_data, LINE).and_then(|line| LineId::new(line).ok()),
            quantity: units(line.quantity.0).ok_or("a line's quantity is not a whole number")?,
            net: money(line.total, "line total")?,
            deducted: product.is_some().then(|| deducted(line)),
            product,
        })
    });
    Ok(StoreOrder {
        id: StoreOrderId::new(order.id.to_string()).map_err(|error| error.to_string())?,
        number: order.number.clone(),
        reference: reference(order),
        state: state(&order.status).unwrap_or_else(|| {
            tracing::warn!(
                order.id = order.id,
                "the shop's order {} has a status that Tributary does not know",
                order.id
            );
            StoreOrderState::Open
        }),
        paid: is_paid(order),
        total: money(order.total, "total")?,
        modified_at: order.date_modified_gmt.or(order.date_created_gmt).ok_or("it has no date")?.0,
        lines: lines.collect::<Result<_, String>>()?,
        ship_to: crate::map_channel::address(&order.shipping, ""),
        shipments: tracking::shipments(order, tracking::LineNames::OfChannel),
    })
}

/// The shop writes `_reduced_stock` when it, or we, took a line's stock, and takes it away with a cancel.
fn deducted(line: &wire::LineItem) -> u32 {
    let units = wire::meta(&line.meta_data, REDUCED_STOCK).and_then(|value| match value {
        Value::String(text) => text.parse::<Decimal>().ok(),
        Value::Number(number) => number.to_string().parse::<Decimal>().ok(),
        _ => None,
    });
    units.and_then(|units| units.to_u32()).unwrap_or(0)
}

/// A whole number of units, 0 or more.
pub(crate) fn units(quantity: Decimal) -> Option<u32> {
    if quantity.fract().is_zero() { quantity.to_u32() } else { None }
}

/// `None`: a plugin's own status.
fn state(status: &str) -> Option<StoreOrderState> {
    Some(match status {
        "pending" | "processing" | "on-hold" | "failed" | "checkout-draft" | "auto-draft" => StoreOrderState::Open,
        "completed" => StoreOrderState::Completed,
        "cancelled" => StoreOrderState::Canceled,
        "refunded" => StoreOrderState::Refunded,
        "trash" => StoreOrderState::Trashed,
        _ => return None,
    })
}

pub(crate) fn is_paid(order: &wire::Order) -> bool {
    order.date_paid_gmt.is_some() || matches!(order.status.as_str(), "processing" | "completed" | "refunded")
}

/// What was begun and refused, or is still in somebody's cart: no order yet.
pub(crate) fn is_draft(order: &wire::Order) -> bool {
    matches!(order.status.as_str(), "checkout-draft" | "auto-draft")
}

#[cfg(test)]
mod tests;
