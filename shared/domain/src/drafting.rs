//! R1, R4, R12-R16: from the channel's order to the draft of the store's order, to the cent.

use std::collections::BTreeMap;

use crate::allocate::allocate;
use crate::capabilities::StoreCapabilities;
use crate::channel_order::{ChannelOrder, Liable, Line};
use crate::draft::{DraftFee, DraftItem, DraftLine, DraftMails, DraftShipping, DraftTax, Source, StoreOrderDraft};
use crate::exchange::{self, Exchange};
use crate::head::{ImportState, Order};
use crate::link::{Links, Target};
use crate::money::{Currency, Money, MoneyError};
use crate::plan::Facts;
use crate::settings::ChannelSettings;
use crate::stock::StockState;
use crate::tax::{self, BasisPoints, Split, TaxSplit};
use crate::totals::{self, Totals, TotalsError};
use crate::trace::{Event, NotImported};

/// What a draft is made from.
#[derive(Debug, Clone, Copy)]
pub struct Drafting<'a> {
    pub order: &'a Order,
    pub settings: &'a ChannelSettings,
    pub links: &'a Links,
    pub store: &'a StoreCapabilities,
    pub store_currency: Option<Currency>,
    pub channel_name: &'a str,
}

impl<'a> Drafting<'a> {
    pub const fn of(facts: &Facts<'a>) -> Self {
        Self {
            order: facts.order,
            settings: facts.settings,
            links: facts.links,
            store: facts.store,
            store_currency: facts.store_currency,
            channel_name: facts.channel_name,
        }
    }
}

/// Builds the draft, or says why the order cannot arrive: its amounts cannot be trusted, or not in this currency.
pub fn draft(from: &Drafting<'_>) -> Result<StoreOrderDraft, NotImported> {
    if let Some(number) = wanted_number(from)
        && number.chars().count() > usize::from(from.store.max_order_number)
    {
        return Err(NotImported::NumberTooLong { number, most: from.store.max_order_number });
    }
    built(from, exchange_of(from)?).map_err(|error| NotImported::DoesNotAddUp { why: error.to_string() })
}

/// Once a create was meant, the rate that it was meant with holds (R17); before, the setting says.
fn exchange_of<'a>(from: &Drafting<'a>) -> Result<Exchange<'a>, NotImported> {
    let order = from.order;
    match order.import {
        ImportState::Reserved { .. } | ImportState::Unknown { .. } | ImportState::Imported { .. } => {
            Ok(order.after.conversion.exchange())
        }
        ImportState::Received | ImportState::Waiting(_) | ImportState::Failed { .. } | ImportState::Left(_) => {
            let (currency, any) = (order.source.currency, from.store.any_currency);
            exchange::exchange(currency, &from.settings.currency, from.store_currency, any)
        }
    }
}

/// What the order is worth in the channel's currency: without the tax that is left out (R12).
pub fn worth(from: &Drafting<'_>) -> Result<Money, TotalsError> {
    let source = &from.order.source;
    let split = tax::split(source, &from.settings.tax, &line_rates(from))?;
    Ok(totals::totals(source)?.store_total.checked_sub(split.removed)?)
}

fn built(from: &Drafting<'_>, exchange: Exchange<'_>) -> Result<StoreOrderDraft, TotalsError> {
    let source = &from.order.source;
    let totals = totals::totals(source)?;
    let split = tax::split(source, &from.settings.tax, &line_rates(from))?;
    let original = totals.store_total.checked_sub(split.removed)?;
    let discounts = source.lines.iter().zip(&split.lines).map(|(line, split)| untaxed_discount(line, split.net));
    let discounts = discounts.map(|discount| exchange.amount(discount?)).collect::<Result<Vec<_>, _>>()?;
    let removed = split.removed;
    let (total, split) = converted(exchange, original, split)?;

    let mut lines = Vec::new();
    let charged = source.lines.iter().zip(&split.lines).zip(discounts);
    for ((line, split), discount) in charged.filter(|((line, _), _)| line.quantity > 0) {
        draft_lines(from, line, split, discount, &mut lines)?;
    }
    let shipping = DraftShipping {
        title: shipping_title(source, from.settings),
        net: split.shipping.net,
        tax: split.shipping.tax()?,
    };
    let fees = source.fees.iter().zip(&split.fees);
    let fees = fees
        .map(|(fee, split)| Ok(DraftFee { label: fee.label.clone(), net: split.net, tax: split.tax()? }))
        .collect::<Result<Vec<_>, MoneyError>>()?;
    let taxes = taxes(split.lines.iter().chain([&split.shipping]).chain(&split.fees))?;
    let channel_liable = channel_liable(from, exchange)?;
    let total = channel_liable.iter().try_fold(total, |total, tax| total.checked_add(tax.amount))?;

    let nets = lines.iter().map(|l| l.net).chain([shipping.net]).chain(fees.iter().map(|f| f.net));
    let parts = Money::sum(total.currency(), nets.chain(taxes.iter().chain(&channel_liable).map(|tax| tax.amount)))?;
    if parts != total {
        return Err(TotalsError::DoNotAddUp { parts, total });
    }
    let mut remarks = Vec::new();
    if !removed.is_zero() {
        remarks.push(Event::TaxLeftOut { buyer_total: totals.buyer_total, removed });
    }
    let mut information = information(from, &totals, removed);
    if let Exchange::At(row) = exchange {
        let rate = format!("1 {} = {} {} ({}, {})", row.from, row.rate.get(), row.to, row.source, row.at);
        information.push(("Original total".to_owned(), original.to_string()));
        information.push(("Exchange rate".to_owned(), rate.clone()));
        remarks.push(Event::Converted { original, total, rate });
    }
    Ok(StoreOrderDraft {
        reference: from.order.reference(),
        source: origin(from),
        currency: total.currency(),
        total,
        paid: source.payment.is_paid(),
        placed_at: source.created_at,
        lines,
        shipping,
        fees,
        taxes,
        channel_liable,
        billing: source.bill_to.clone().or_else(|| source.ship_to.clone()).unwrap_or_default(),
        ship_to: source.ship_to.clone().or_else(|| source.bill_to.clone()).unwrap_or_default(),
        email: source.buyer.email.clone(),
        email_is_relay: source.buyer.email_is_relay,
        note: note(from),
        information,
        mails: mails(from),
        remarks,
        takes_stock: from.order.moves_stock(),
        conversion: exchange.into(),
    })
}

/// The rates of single products, where their links state one (R2).
fn line_rates(from: &Drafting<'_>) -> BTreeMap<usize, BasisPoints> {
    let lines = from.order.source.lines.iter().enumerate();
    lines.filter_map(|(index, line)| Some((index, from.links.of(line)?.tax_rate?))).collect()
}

/// The total and every part of it in the store's currency; the parts go on adding up to the total.
fn converted(exchange: Exchange<'_>, total: Money, split: TaxSplit) -> Result<(Money, TaxSplit), MoneyError> {
    if exchange == Exchange::AsIs {
        return Ok((total, split));
    }
    let TaxSplit { mut lines, mut shipping, mut fees, removed } = split;
    let parts = |split: &Split| -> Vec<Money> {
        [split.net].into_iter().chain(split.taxes.iter().map(|tax| tax.amount)).collect()
    };
    let all: Vec<Money> = lines.iter().chain([&shipping]).chain(&fees).flat_map(parts).collect();
    let (total, all) = exchange.spread(total, &all)?;
    let mut amounts = all.into_iter();
    for split in lines.iter_mut().chain([&mut shipping]).chain(&mut fees) {
        for amount in [&mut split.net].into_iter().chain(split.taxes.iter_mut().map(|tax| &mut tax.amount)) {
            *amount = amounts.next().unwrap_or(*amount);
        }
    }
    Ok((total, TaxSplit { lines, shipping, fees, removed }))
}

/// One draft line per target of the line's link, its price split by the link's weights (R16); a text line without a link,
/// or where every unit was canceled: such a line keeps its money until that is refunded, but moves no stock.
fn draft_lines(
    from: &Drafting<'_>,
    line: &Line,
    split: &Split,
    discount: Money,
    lines: &mut Vec<DraftLine>,
) -> Result<(), MoneyError> {
    let (net, tax) = (split.net, split.tax()?);
    let open = line.open_quantity();
    let Some(link) = from.links.of(line).filter(|_| open > 0) else {
        lines.push(DraftLine {
            line: line.id.clone(),
            item: DraftItem::Text { sku: line.sku.clone() },
            name: line.title.clone(),
            quantity: if open > 0 { open } else { line.quantity },
            undiscounted: net.checked_add(discount)?,
            net,
            tax,
            already_deducted: 0,
        });
        return Ok(());
    };
    let weights: Vec<i64> = link.targets.iter().map(|t| i64::from(t.weight) * i64::from(t.quantity)).collect();
    // The discount is split, not the price before it: largest remainder could else give a share less than was paid for it.
    let shares = allocate(net, &weights).into_iter().zip(allocate(tax, &weights)).zip(allocate(discount, &weights));
    for (target, ((net, tax), discount)) in link.targets.iter().zip(shares) {
        let quantity = open.saturating_mul(target.quantity);
        lines.push(DraftLine {
            line: line.id.clone(),
            item: DraftItem::Product { id: target.product.clone(), sku: target.sku.clone() },
            name: line.title.clone(),
            quantity,
            undiscounted: net.checked_add(discount)?,
            net,
            tax,
            already_deducted: already_deducted(from.order, line, target).min(quantity),
        });
    }
    Ok(())
}

/// Units that the store must not deduct again: held by us, or possibly so. One in doubt is shown, never taken twice (R7).
fn already_deducted(order: &Order, line: &Line, target: &Target) -> u32 {
    let known = order.stock.iter().filter(|stock| stock.line == line.id && stock.product == target.product);
    known
        .map(|stock| match stock.state {
            StockState::Held => stock.outstanding(),
            StockState::Intended | StockState::Unknown => stock.units,
            StockState::Taken | StockState::Unmanaged | StockState::Restored => 0,
        })
        .sum()
}

/// The seller's discount without the same share of tax that the discounted price has lost.
fn untaxed_discount(line: &Line, net: Money) -> Result<Money, MoneyError> {
    let none = Money::zero(net.currency());
    let Some(discount) = line.charge.seller_discount else { return Ok(none) };
    let included = line.charge.store_gross()?.checked_sub(net)?;
    Ok(allocate(discount, &[net.minor(), included.minor()]).first().copied().unwrap_or(none))
}

fn taxes<'a>(splits: impl Iterator<Item = &'a Split>) -> Result<Vec<DraftTax>, MoneyError> {
    let mut taxes: Vec<DraftTax> = Vec::new();
    for tax in splits.flat_map(|split| &split.taxes) {
        match taxes.iter_mut().find(|known| known.label == tax.label && known.rate == tax.rate) {
            Some(known) => known.amount = known.amount.checked_add(tax.amount)?,
            None => taxes.push(DraftTax { label: tax.label.clone(), amount: tax.amount, rate: tax.rate }),
        }
    }
    Ok(taxes)
}

/// The marketplace's tax as lines of its own (R4). Left out where nothing of tax shall arrive, and of a converted order, whose
/// amounts are the seller's own.
fn channel_liable(from: &Drafting<'_>, exchange: Exchange<'_>) -> Result<Vec<DraftTax>, MoneyError> {
    let tax = &from.settings.tax;
    if !tax.channel_liable || tax.import_without_tax || !from.store.channel_liable_tax || exchange != Exchange::AsIs {
        return Ok(Vec::new());
    }
    let label = format!("Tax collected by {}", from.channel_name);
    let mut liable: Vec<DraftTax> = Vec::new();
    let kept = from.order.source.charges().flat_map(|charge| &charge.taxes);
    for tax in kept.filter(|tax| tax.liable == Liable::Marketplace && !tax.amount.is_zero()) {
        let label = tax.label.as_ref().unwrap_or(&label);
        match liable.iter_mut().find(|known| known.label == *label && known.rate == tax.rate) {
            Some(known) => known.amount = known.amount.checked_add(tax.amount)?,
            None => liable.push(DraftTax { label: label.clone(), amount: tax.amount, rate: tax.rate }),
        }
    }
    Ok(liable)
}

fn shipping_title(source: &ChannelOrder, settings: &ChannelSettings) -> String {
    let service = &source.shipping.service;
    settings.shipping_methods.get(service).unwrap_or(service).clone()
}

fn origin(from: &Drafting<'_>) -> Source {
    let order = &from.order.source;
    Source {
        platform: from.order.platform.clone(),
        channel_name: from.channel_name.to_owned(),
        order: order.id.clone(),
        number: order.number.clone(),
        wanted_number: wanted_number(from),
    }
}

/// R14: the channel's own number behind the prefix, where the merchant wants it and the store can bear it.
fn wanted_number(from: &Drafting<'_>) -> Option<String> {
    let keeps = from.settings.keep_order_number && from.store.keep_order_number;
    keeps.then(|| format!("{}{}", from.settings.order_number_prefix, from.order.source.number))
}

fn note(from: &Drafting<'_>) -> Option<String> {
    let source = &from.order.source;
    let gift = source.gift_message.as_ref().map(|text| format!("Gift message: {text}"));
    let parts: Vec<String> = source.buyer_note.iter().cloned().chain(gift).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

fn information(from: &Drafting<'_>, totals: &Totals, removed: Money) -> Vec<(String, String)> {
    let channel = from.channel_name;
    let mut facts = vec![("Order number".to_owned(), from.order.source.number.clone())];
    if !totals.marketplace_tax.is_zero() {
        facts.push((format!("Tax collected by {channel}"), totals.marketplace_tax.to_string()));
    }
    if !totals.marketplace_discount.is_zero() {
        facts.push((format!("Discount paid by {channel}"), totals.marketplace_discount.to_string()));
    }
    if !removed.is_zero() || totals.store_total != totals.buyer_total {
        facts.push(("Buyer's total".to_owned(), totals.buyer_total.to_string()));
    }
    if !removed.is_zero() {
        facts.push(("Tax left out".to_owned(), removed.to_string()));
    }
    facts
}

const fn mails(from: &Drafting<'_>) -> DraftMails {
    let mails = from.settings.mails;
    if from.order.by_hand.backfill.is_some() {
        // R20: a backfill mails nobody, the owner included.
        return DraftMails {
            receipt: false,
            fulfilment: false,
            marketing: false,
            customer_notifications: false,
            suppress_owner_mail: true,
        };
    }
    DraftMails {
        receipt: mails.receipt,
        fulfilment: mails.fulfilment,
        // R13: marketing consent is never claimed for a forwarding address.
        marketing: mails.marketing && !from.order.source.buyer.email_is_relay,
        customer_notifications: mails.customer_notifications,
        suppress_owner_mail: mails.suppress_owner_mail,
    }
}
