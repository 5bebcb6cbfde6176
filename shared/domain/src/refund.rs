//! R9: what the channel returned is recorded in the store once, and the units that came back with it are restocked once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::channel_order::{Fulfilment, Line, Refund};
use crate::drafting::{self, Drafting};
use crate::head::Order;
use crate::ids::{LineId, ProductId};
use crate::money::{Money, MoneyError};
use crate::plan::Facts;
use crate::settings::{ChannelSettings, RestockRefunds};
use crate::stock::LineStock;
use crate::totals::totals;

/// Something that the store's order was told after its import, under a name that makes telling it again harmless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The channel's refund, or what came back without money.
    #[serde(rename = "k")]
    pub key: String,
    /// As the store's order was told.
    #[serde(rename = "a")]
    pub amount: Money,
    #[serde(rename = "s")]
    pub state: Recorded,
}

impl Recording {
    pub const fn is_refused(&self) -> bool {
        matches!(self.state, Recorded::Refused { .. })
    }
}

/// How far a [`Recording`] is. `Sending` is stored before the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recorded {
    /// Told before `send_by`, or never; whether the store took it is asked of the store.
    Sending {
        send_by: Timestamp,
    },
    Done,
    /// The store refused it: a person enters it there.
    Refused {
        why: String,
    },
}

/// A refund as the store is to record it: money that was returned already, and the units that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    pub key: String,
    /// Zero: only the units come back.
    pub amount: Money,
    pub reason: String,
    pub restock: Vec<Back>,
}

impl NewRefund {
    /// Money without goods.
    pub fn of_money(key: &str, amount: Money, reason: &str) -> Self {
        Self { key: key.to_owned(), amount, reason: reason.to_owned(), restock: Vec::new() }
    }
}

/// Units of a product that come back from one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    pub line: LineId,
    pub product: ProductId,
    pub units: u32,
}

/// Units of a line that the channel took back: canceled ones, and those that its refunds say.
///
/// A refund that names no units brings a line back once the line's refunds reach what was paid for it, and every line once
/// all the order's money was returned.
fn units_back(order: &Order, line: &Line, refunds: &[&Refund]) -> u32 {
    let of_line = || refunds.iter().filter(|refund| refund.line.as_ref() == Some(&line.id));
    let named: u32 = of_line().filter_map(|refund| refund.quantity).fold(0, u32::saturating_add);
    let unnamed = || of_line().filter(|refund| refund.quantity.is_none()).map(|refund| refund.amount);
    let reached = unnamed().next().is_some() && paid_for(line).is_ok_and(|paid| reaches(paid, unnamed()));
    let all = !refunds.is_empty() && reaches(received(order), refunds.iter().map(|refund| refund.amount));
    if reached || all { line.quantity } else { named.max(line.canceled).min(line.quantity) }
}

/// What the buyer paid the seller for a line's goods.
fn paid_for(line: &Line) -> Result<Money, MoneyError> {
    line.charge.store_gross()?.checked_add(line.charge.seller_tax_on_top()?)
}

/// All that the seller received: the marketplace returns the tax that it collected by itself.
fn received(order: &Order) -> Money {
    let source = &order.source;
    totals(source).map_or(source.buyer_total, |totals| totals.store_total)
}

fn reaches(all: Money, parts: impl Iterator<Item = Money>) -> bool {
    Money::sum(all.currency(), parts).is_ok_and(|sum| all.minor() > 0 && sum.minor() >= all.minor())
}

/// Units of a line that are in a package, or may be.
fn units_sent(order: &Order, line: &Line) -> u32 {
    let whole = order.store.completed
        || order.source.fulfilment >= Fulfilment::Shipped
        || order.packages.iter().any(|package| package.shipment.lines.is_empty())
        // Something left, and nobody says what.
        || order.source.fulfilment == Fulfilment::Partial && order.packages.is_empty();
    if whole {
        return line.quantity;
    }
    let lines = order.packages.iter().flat_map(|package| &package.shipment.lines).filter(|sent| sent.line == line.id);
    lines.map(|sent| sent.quantity).fold(0, u32::saturating_add).min(line.quantity)
}

/// Units of a line that the order still wants out of stock: those that were not canceled and whose money was not returned.
pub fn units_wanted(order: &Order, settings: &ChannelSettings, line: &Line) -> u32 {
    let refunds: Vec<&Refund> = order.source.refunds.iter().collect();
    wanted_after(order, settings, line, &refunds)
}

fn wanted_after(order: &Order, settings: &ChannelSettings, line: &Line, refunds: &[&Refund]) -> u32 {
    let back = units_back(order, line, refunds);
    let back = match settings.restock_refunds {
        RestockRefunds::Always => back,
        // Canceled units never left.
        RestockRefunds::UnshippedOnly => {
            back.min(line.quantity.saturating_sub(units_sent(order, line))).max(line.canceled.min(line.quantity))
        }
    };
    line.quantity.saturating_sub(back)
}

/// Whether the channel returned everything before anything was sent: there is nothing left to import.
pub fn is_void(order: &Order) -> bool {
    let refunds = &order.source.refunds;
    !refunds.is_empty() && !order.has_left() && reaches(received(order), refunds.iter().map(|refund| refund.amount))
}

/// What is out of stock for the order although these refunds, and the cancellations, took it back.
fn to_restock(facts: &Facts<'_>, refunds: &[&Refund]) -> Vec<Back> {
    let (order, settings) = (facts.order, facts.settings);
    let back = |stock: &LineStock| {
        let line = order.source.real_lines().find(|line| line.id == stock.line)?;
        let wanted = wanted_after(order, settings, line, refunds);
        if wanted == line.quantity {
            return None;
        }
        let out = wanted.saturating_mul(per_unit(facts, line, stock)?);
        let units = stock.outstanding().saturating_sub(out);
        (units > 0).then(|| Back { line: stock.line.clone(), product: stock.product.clone(), units })
    };
    order.stock.iter().filter_map(back).collect()
}

/// Units of the product in one of the line; where the line was edited since, its link says.
fn per_unit(facts: &Facts<'_>, line: &Line, stock: &LineStock) -> Option<u32> {
    let linked = || {
        let mut targets = facts.links.of(line)?.targets.iter();
        targets.find(|target| target.product == stock.product).map(|target| target.quantity)
    };
    stock.per_unit(line).or_else(linked)
}

/// The next thing to tell the store of what the channel returned, if anything.
///
/// Fails where an amount does not fit the store's currency.
pub fn next_recording(facts: &Facts<'_>) -> Result<Option<NewRefund>, MoneyError> {
    let order = facts.order;
    let is_told = |refund: &Refund| {
        let known = order.after.recorded.iter().find(|known| known.key == refund.id);
        known.is_some_and(|known| !matches!(known.state, Recorded::Sending { .. }))
    };
    let told: Vec<&Refund> = order.source.refunds.iter().filter(|refund| is_told(refund)).collect();
    if let Some(refund) = order.source.refunds.iter().find(|refund| !is_told(refund)) {
        let so_far: Vec<&Refund> = told.into_iter().chain([refund]).collect();
        let amount = store_amount(facts, &so_far, &refund.id)?;
        let restock = if facts.store.refunds_restock { to_restock(facts, &so_far) } else { Vec::new() };
        let reason = format!("Refunded on {}", facts.channel_name);
        return Ok(Some(NewRefund { key: refund.id.clone(), amount, reason, restock }));
    }
    let restock = to_restock(facts, &told);
    if restock.is_empty() || !facts.store.refunds_restock {
        return Ok(None);
    }
    // The same name until these units are back, another for those that come back later.
    let restored: u32 = order.stock.iter().map(|stock| stock.restored).sum();
    let back: u32 = restock.iter().map(|back| back.units).sum();
    let amount = Money::zero(order.after.conversion.exchange().currency(order.source.currency));
    let reason = format!("Canceled on {}", facts.channel_name);
    Ok(Some(NewRefund { key: format!("back-{}", restored + back), amount, reason, restock }))
}

/// What came back and has to be put back by moves of ours: the store's refunds do not restock.
pub fn next_restore(facts: &Facts<'_>) -> Option<Vec<Back>> {
    let refunds: Vec<&Refund> = facts.order.source.refunds.iter().collect();
    let restock = to_restock(facts, &refunds);
    (!restock.is_empty() && !facts.store.refunds_restock).then_some(restock)
}

/// The refund's amount in the store's books: where tax was left out at the import, its share is left out here (R12), and what
/// was converted is converted at the same rate (R17); never more than is left.
fn store_amount(facts: &Facts<'_>, so_far: &[&Refund], key: &str) -> Result<Money, MoneyError> {
    let order = facts.order;
    let received = received(order);
    let worth = drafting::worth(&Drafting::of(facts)).unwrap_or(received);
    let returned: i128 = so_far.iter().map(|refund| i128::from(refund.amount.minor())).sum();
    let share = if received.minor() > 0 {
        // Half up, on the sum of all refunds, so that the last one leaves nothing over.
        (2 * returned * i128::from(worth.minor()) + i128::from(received.minor())) / (2 * i128::from(received.minor()))
    } else {
        returned
    };
    let share = share.min(i128::from(worth.minor()));
    let share = Money::from_minor(i64::try_from(share).map_err(|_| MoneyError::OutOfRange)?, worth.currency());
    let share = order.after.conversion.exchange().amount(share)?;
    let told = order.after.recorded.iter().filter(|known| known.key != key).map(|known| known.amount);
    let left = share.checked_sub(Money::sum(share.currency(), told)?)?;
    Ok(if left.minor() > 0 { left } else { Money::zero(share.currency()) })
}

/// What a person has to know of a refund that brings no units back, if anything.
pub fn flag(order: &Order, settings: &ChannelSettings, key: &str) -> Option<String> {
    let refund = order.source.refunds.iter().find(|refund| refund.id == key)?;
    if order.stock.iter().all(|stock| stock.outstanding() == 0) {
        return None;
    }
    let all: Vec<&Refund> = order.source.refunds.iter().collect();
    let of = order.source.real_lines().find(|line| refund.line.as_ref() == Some(&line.id));
    let comes_back = |line: &Line| units_back(order, line, &all) > line.canceled;
    let is_kept = |line: &Line| {
        comes_back(line) && wanted_after(order, settings, line, &all) > line.quantity - units_back(order, line, &all)
    };
    let lines: Vec<&Line> = of.map_or_else(|| order.source.real_lines().collect(), |line| vec![line]);
    if lines.iter().any(|line| is_kept(line)) {
        return Some(format!(
            "{} was refunded for goods that had left; they are not restocked (setting restock_refunds = unshipped_only)",
            refund.amount
        ));
    }
    let unnamed = refund.quantity.is_none() && !lines.iter().any(|line| comes_back(line));
    unnamed.then(|| {
        format!(
            "refund without quantity: {} was refunded and nothing is restocked; if goods came back, correct the stock in the main store",
            refund.amount
        )
    })
}
