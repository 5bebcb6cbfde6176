//! The role *channel*: the shop's order as the domain states it.

use std::collections::BTreeMap;

use connect::{Incoming, Unreadable};
use domain::channel_order::{
    Address, Buyer, Cancel, ChannelOrder, Charge, Fee, Fulfilment, Liable, Line, Payment, Place, Refund,
};
use domain::{
    ChannelOrderId, Currency, LineId, ListingKey, Money, MoneyError, Revision, Shipping, Sku, Tax, TaxKnowledge,
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::amounts::Sum;
use crate::ids::Item;
use crate::map_store::{is_draft, is_paid, reference, units};
use crate::tracking::{LineNames, shipments};
use crate::wire;

/// Why an order cannot be read, in the engineer's words and without its content.
pub(crate) struct Unread(String);

impl From<MoneyError> for Unread {
    fn from(_: MoneyError) -> Self {
        Self("an amount or a currency cannot be read".to_owned())
    }
}

/// One order of a list. `None`: it is no order of this channel, but one that we imported, or a draft.
pub(crate) fn incoming(
    raw: &RawValue,
    refunds: Option<&[wire::Refund]>,
    server_time: Option<Timestamp>,
) -> Option<Incoming> {
    let bytes = raw.get().as_bytes();
    match read_wire(bytes) {
        Ok(order) if reference(&order).is_some() || is_draft(&order) => None,
        Ok(order) => Some(match channel_order(&order, refunds, server_time) {
            Ok(order) => Incoming::Order(order),
            Err(why) => Incoming::Unreadable(unreadable(bytes, Some(order.id), why)),
        }),
        Err(unreadable) => Some(Incoming::Unreadable(unreadable)),
    }
}

/// Reads an order as the shop wrote it.
pub(crate) fn read(raw: &[u8]) -> Result<ChannelOrder, Unreadable> {
    let order = read_wire(raw)?;
    channel_order(&order, None, None).map_err(|why| unreadable(raw, Some(order.id), why))
}

pub(crate) fn read_wire(raw: &[u8]) -> Result<wire::Order, Unreadable> {
    json::from_slice(raw).map_err(|error| {
        // What serde says of a wrong value may quote it, so only the place is kept.
        let place = format!("{:?} at line {} column {}", error.classify(), error.line(), error.column());
        unreadable(raw, id_of(raw), Unread(place))
    })
}

fn id_of(raw: &[u8]) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct OnlyId {
        id: u64,
    }
    json::from_slice::<OnlyId>(raw).ok().map(|order| order.id)
}

fn unreadable(raw: &[u8], id: Option<u64>, why: Unread) -> Unreadable {
    let which = id.map_or_else(|| "An order".to_owned(), |id| format!("Order {id}"));
    Unreadable {
        remote_id: id.map(|id| id.to_string()),
        raw: raw.to_vec(),
        why: format!("{which} came from WooCommerce in a form that Tributary cannot read."),
        context: why.0,
    }
}

/// `refunds`: the refunds with their lines, where they were asked for; the order itself lists amounts only.
fn channel_order(
    order: &wire::Order,
    refunds: Option<&[wire::Refund]>,
    server_time: Option<Timestamp>,
) -> Result<ChannelOrder, Unread> {
    let currency: Currency = order.currency.parse()?;
    let created_at = order.date_created_gmt.ok_or_else(|| Unread("no creation date".to_owned()))?.0;
    let modified_at = order.date_modified_gmt.map_or(created_at, |date| date.0);
    let buyer_total = Money::rounded(order.total.0, currency)?;
    let mut warnings = Vec::new();
    let money = charges(order, currency, buyer_total, &mut warnings)?;
    let shipments = shipments(order, LineNames::Own);
    let (payment, fulfilment, cancel) = status(order, !shipments.is_empty(), &mut warnings);
    Ok(ChannelOrder {
        id: ChannelOrderId::new(order.id.to_string()).map_err(|error| Unread(error.to_string()))?,
        number: order.number.clone(),
        revision: revision(modified_at, server_time),
        created_at,
        currency,
        buyer_total,
        payment,
        fulfilment,
        cancel,
        fulfilled_by_channel: false,
        buyer: buyer(order),
        ship_to: ship_to(order),
        bill_to: address(&order.billing, ""),
        lines: money.lines,
        shipping: money.shipping,
        fees: money.fees,
        // Without a tax line the shop counted no tax; whether its prices hold some, it does not tell.
        tax: if order.tax_lines.is_empty() { TaxKnowledge::Unknown } else { TaxKnowledge::Known },
        refunds: refunds_of(order, refunds, currency)?,
        shipments,
        buyer_note: Some(order.customer_note.clone()).filter(|note| !note.is_empty()),
        gift_message: None,
        warnings,
    })
}

/// An order that was changed within the second in which it was read may change again unseen; a later look must win.
fn revision(modified: Timestamp, server_time: Option<Timestamp>) -> Revision {
    let settled = server_time.is_none_or(|now| now.as_second() > modified.as_second());
    Revision(modified.as_millisecond() - i64::from(!settled))
}

/// The status map of the README.
fn status(order: &wire::Order, has_packages: bool, warnings: &mut Vec<String>) -> (Payment, Fulfilment, Cancel) {
    let at = order.date_paid_gmt.map(|date| date.0);
    let payment = if is_paid(order) { Payment::Paid { at } } else { Payment::Unpaid };
    let mut fulfilment = if has_packages { Fulfilment::Partial } else { Fulfilment::NotStarted };
    let mut cancel = Cancel::None;
    match order.status.as_str() {
        "pending" | "on-hold" | "processing" | "refunded" => {}
        "completed" => fulfilment = Fulfilment::Shipped,
        "cancelled" | "trash" => cancel = Cancel::Canceled,
        "failed" => warnings.push("The payment failed in the shop; the buyer may try again.".to_owned()),
        unknown => {
            let shown: String = unknown.chars().filter(|c| !c.is_control()).take(40).collect();
            warnings.push(format!(
                "The shop says `{shown}`, a status that Tributary does not know: the order counts as not shipped."
            ));
        }
    }
    // In these the shop waits for the money, whatever was paid once.
    let waits = matches!(order.status.as_str(), "pending" | "on-hold" | "failed");
    (if waits { Payment::Unpaid } else { payment }, fulfilment, cancel)
}

struct Charges {
    lines: Vec<Line>,
    shipping: Shipping,
    fees: Vec<Fee>,
}

/// One charge before rounding.
struct Draft {
    net: usize,
    taxes: Vec<(u64, usize)>,
    discount: Decimal,
}

/// R1: the shop states every price net, whatever its buyers see, and the tax beside it.
fn charges(
    order: &wire::Order,
    currency: Currency,
    total: Money,
    warnings: &mut Vec<String>,
) -> Result<Charges, Unread> {
    let included = order.prices_include_tax;
    let mut parts = Sum::new(currency);
    let mut draft = |net: Decimal, tax: Decimal, taxes: &[wire::LineTax], discount: Decimal| {
        let net = parts.add(net, false)?;
        let taxes = per_rate(tax, taxes, currency).into_iter().map(|(rate, tax)| Ok((rate, parts.add(tax, true)?)));
        Ok::<_, MoneyError>(Draft { net, taxes: taxes.collect::<Result<_, MoneyError>>()?, discount })
    };
    let lines = order.line_items.iter().map(|line| {
        let off_tax = if included { line.subtotal_tax.0 - line.total_tax.0 } else { Decimal::ZERO };
        let discount = line.subtotal.0 - line.total.0 + off_tax;
        draft(line.total.0, line.total_tax.0, &line.taxes, discount)
    });
    let lines: Vec<Draft> = lines.collect::<Result<_, _>>()?;
    let shipping =
        order.shipping_lines.iter().map(|line| draft(line.total.0, line.total_tax.0, &line.taxes, Decimal::ZERO));
    let shipping: Vec<Draft> = shipping.collect::<Result<_, _>>()?;
    let fees = order.fee_lines.iter().map(|line| draft(line.total.0, line.total_tax.0, &line.taxes, Decimal::ZERO));
    let fees: Vec<Draft> = fees.collect::<Result<_, _>>()?;
    parts.settle(total);
    if parts.were_rounded() || Money::exact(order.total.0, currency).is_err() {
        warnings.push(format!(
            "The shop keeps more decimals than {currency} has; the amounts were rounded to add up to the total."
        ));
    }

    let finish = Finish { order, parts: &parts, currency, included };
    let lines = order.line_items.iter().zip(&lines).map(|(item, draft)| line(item, finish.charge(&[draft])?));
    let titles: Vec<&str> = order.shipping_lines.iter().map(|line| line.method_title.as_str()).collect();
    let fees = order
        .fee_lines
        .iter()
        .zip(&fees)
        .map(|(fee, draft)| Ok(Fee { label: fee.name.clone(), charge: finish.charge(&[draft])? }));
    Ok(Charges {
        lines: lines.collect::<Result<_, Unread>>()?,
        shipping: Shipping {
            service: titles.join(" + "),
            charge: finish.charge(&shipping.iter().collect::<Vec<_>>())?,
        },
        fees: fees.collect::<Result<_, Unread>>()?,
    })
}

/// The tax of each rate; one sum where the rates do not make up what the shop says the tax is.
fn per_rate(tax: Decimal, taxes: &[wire::LineTax], currency: Currency) -> Vec<(u64, Decimal)> {
    let rates: Vec<_> = taxes.iter().filter(|tax| !tax.total.is_zero()).map(|tax| (tax.id, tax.total)).collect();
    let sum: Decimal = rates.iter().map(|(_, tax)| *tax).sum();
    if (sum - tax).abs() < Decimal::new(1, currency.decimals()) {
        return rates;
    }
    vec![(0, tax)]
}

struct Finish<'a> {
    order: &'a wire::Order,
    parts: &'a Sum,
    currency: Currency,
    included: bool,
}

impl Finish<'_> {
    /// One charge of all the drafts (several shipping lines are one shipping).
    fn charge(&self, drafts: &[&Draft]) -> Result<Charge, Unread> {
        let zero = Money::zero(self.currency);
        let mut paid = zero;
        let mut discount = zero;
        let mut rates: BTreeMap<u64, Money> = BTreeMap::new();
        for draft in drafts {
            paid = paid.checked_add(self.parts.money(draft.net))?;
            discount = discount.checked_add(Money::rounded(draft.discount, self.currency)?)?;
            for (rate, tax) in &draft.taxes {
                let tax = self.parts.money(*tax);
                if self.included {
                    paid = paid.checked_add(tax)?;
                }
                let sum = rates.entry(*rate).or_insert(zero);
                *sum = sum.checked_add(tax)?;
            }
        }
        let discount = Some(discount).filter(|discount| discount.minor() > 0);
        let taxes =
            rates.into_iter().filter(|(_, amount)| !amount.is_zero()).map(|(rate, amount)| self.tax(rate, amount));
        Ok(Charge {
            gross: paid.checked_add(discount.unwrap_or(zero))?,
            seller_discount: discount,
            marketplace_discount: None,
            taxes: taxes.collect(),
        })
    }

    fn tax(&self, rate: u64, amount: Money) -> Tax {
        let line = self.order.tax_lines.iter().find(|line| line.rate_id == rate);
        Tax {
            amount,
            place: if self.included { Place::Included } else { Place::OnTop },
            liable: Liable::Seller,
            label: line.map(|line| line.label.clone()).filter(|label| !label.is_empty()),
            rate: line.and_then(|line| line.rate_percent).map(|percent| percent.0.normalize()),
        }
    }
}

fn line(item: &wire::LineItem, charge: Charge) -> Result<Line, Unread> {
    let sku = Sku::new(&item.sku).ok();
    let listing = match (Item::from_wire(item.product_id, item.variation_id), &sku) {
        (Some(item), _) => item.listing(),
        (None, Some(sku)) => ListingKey::Sku(sku.clone()),
        // A line of text, or of a product that is gone: its name is all that tells it from others.
        (None, None) => ListingKey::Listing(format!("text:{}", item.name.chars().take(60).collect::<String>())),
    };
    Ok(Line {
        id: LineId::new(item.id.to_string()).map_err(|error| Unread(error.to_string()))?,
        listing,
        sku,
        title: item.name.clone(),
        quantity: units(item.quantity.0).ok_or_else(|| Unread("a line's quantity is not a whole number".to_owned()))?,
        canceled: 0,
        charge,
    })
}

/// Each refunded line with its units; what no line explains is a refund of the order as a whole.
fn refunds_of(
    order: &wire::Order,
    refunds: Option<&[wire::Refund]>,
    currency: Currency,
) -> Result<Vec<Refund>, Unread> {
    let whole = |id: String, amount: Decimal, at| {
        Ok::<_, Unread>(Refund { id, amount: Money::rounded(amount.abs(), currency)?, at, line: None, quantity: None })
    };
    let Some(refunds) = refunds else {
        let listed = order.refunds.iter().filter(|refund| !refund.total.0.is_zero());
        return listed.map(|refund| whole(refund.id.to_string(), refund.total.0, None)).collect();
    };
    let mut all = Vec::new();
    for refund in refunds {
        let at = refund.date_created_gmt.map(|date| date.0);
        let mut rest = refund.amount.0.abs();
        for item in &refund.line_items {
            let amount = item.total.0.abs() + item.total_tax.0.abs();
            let quantity = units(item.quantity.0.abs()).filter(|units| *units > 0);
            let of_line = wire::meta_text(&item.meta_data, "_refunded_item_id").and_then(|id| LineId::new(id).ok());
            let Some(line) = of_line.filter(|_| !amount.is_zero() || quantity.is_some()) else { continue };
            let id = format!("{}/{}", refund.id, line);
            all.push(Refund { line: Some(line), quantity, ..whole(id, amount, at)? });
            rest -= amount;
        }
        if rest > Decimal::ZERO {
            all.push(whole(refund.id.to_string(), rest, at)?);
        }
    }
    Ok(all)
}

fn buyer(order: &wire::Order) -> Buyer {
    let name = format!("{} {}", order.billing.first_name, order.billing.last_name).trim().to_owned();
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    Buyer { username: None, name: filled(name), email: filled(order.billing.email.clone()), email_is_relay: false }
}

/// Goods without an address of their own go where the bill goes.
fn ship_to(order: &wire::Order) -> Option<Address> {
    address(&order.shipping, &order.billing.phone).or_else(|| address(&order.billing, ""))
}

/// `None`: neither a name nor a place.
pub(crate) fn address(from: &wire::Party, phone: &str) -> Option<Address> {
    let said =
        [&from.first_name, &from.last_name, &from.company, &from.address_1, &from.city, &from.postcode, &from.country];
    if said.iter().all(|text| text.is_empty()) {
        return None;
    }
    Some(Address {
        first_name: from.first_name.clone(),
        last_name: from.last_name.clone(),
        company: from.company.clone(),
        line1: from.address_1.clone(),
        line2: from.address_2.clone(),
        city: from.city.clone(),
        region: from.state.clone(),
        postcode: from.postcode.clone(),
        country: from.country.clone(),
        phone: if from.phone.is_empty() { phone.to_owned() } else { from.phone.clone() },
    })
}

#[cfg(test)]
mod tests;
