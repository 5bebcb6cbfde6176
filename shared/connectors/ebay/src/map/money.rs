//! R1: the amounts of an eBay order, so that its parts add up to its total to the cent.

use domain::allocate::allocate;
use domain::{Charge, Currency, Fee, Liable, Money, Place, Tax, TaxKnowledge};

use super::Problem;
use crate::CAPABILITIES;
use crate::wire;

/// What the money of an order comes to.
pub struct Amounts {
    pub currency: Currency,
    pub buyer_total: Money,
    /// One for each line item, in their order.
    pub lines: Vec<Charge>,
    pub shipping: Charge,
    pub fees: Vec<Fee>,
    pub tax: TaxKnowledge,
}

/// The description leaves open where some amounts stand, and real orders of 2020 to 2026 differ. Each way of reading
/// them is tried in turn, the documented one first; the first that adds up to `pricingSummary.total` holds. If none
/// does, the documented one stays and the check of R1 shows both figures.
#[derive(Clone, Copy)]
struct Reading {
    /// `pricingSummary.adjustment` is "subtracted", yet given with its sign.
    adjustment_added: bool,
    seller_tax: Place,
    collected: Collected,
}

/// How the tax that eBay keeps relates to `pricingSummary.total`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collected {
    OnTop,
    Included,
    /// Paid by the buyer on top of the total: so without `TAX_BREAKDOWN`, and where `taxes` does not repeat it.
    Outside,
}

/// The taxes and fees of one line.
struct LineTaxes {
    /// (label, amount) that the seller owes.
    seller: Vec<(Option<String>, Money)>,
    collected: Vec<(Option<String>, Money)>,
    fees: Vec<(String, Money)>,
    /// Every collected tax is repeated in `taxes`: then the total holds it.
    repeated: bool,
}

pub fn amounts(order: &wire::Order) -> Result<Amounts, Problem> {
    let pricing = order.pricing_summary.as_ref().ok_or(Problem::Missing("pricingSummary"))?;
    let total = pricing.total.as_ref().ok_or(Problem::Missing("pricingSummary.total"))?;
    let currency = sale_currency(total)?;
    let total = money("pricingSummary.total", total, currency)?;
    let optional =
        |field, amount: &Option<wire::Amount>| amount.as_ref().map(|amount| money(field, amount, currency)).transpose();

    let mut lines = order.line_items.iter().map(|line| line_charge(line, currency)).collect::<Result<Vec<_>, _>>()?;
    let taxes = order.line_items.iter().map(|line| line_taxes(line, currency)).collect::<Result<Vec<_>, _>>()?;
    let price_discount = optional("pricingSummary.priceDiscount", &pricing.price_discount)?.map(magnitude);
    spread_discount(&mut lines, price_discount, currency)?;
    let shipping = shipping_charge(order, pricing, currency)?;
    let adjustment = optional("pricingSummary.adjustment", &pricing.adjustment)?.unwrap_or(Money::zero(currency));
    let stated_fee = optional("pricingSummary.fee", &pricing.fee)?;
    let mut fees = seller_fees(&taxes, stated_fee, currency)?;

    let sum_of = |amounts: &mut dyn Iterator<Item = Money>| Money::sum(currency, amounts);
    let collected = sum_of(&mut taxes.iter().flat_map(|line| &line.collected).map(|(_, amount)| *amount))?;
    let seller_tax = sum_of(&mut taxes.iter().flat_map(|line| &line.seller).map(|(_, amount)| *amount))?;
    let charges = lines.iter().chain([&shipping]).chain(fees.iter().map(|fee| &fee.charge));
    let base = charges.map(Charge::store_gross).try_fold(Money::zero(currency), |sum, part| sum.checked_add(part?))?;

    let repeated = taxes.iter().all(|line| line.repeated);
    let reading = read(total, base, adjustment, seller_tax, collected, repeated)?;
    if !adjustment.is_zero() {
        let amount = if reading.adjustment_added { adjustment } else { negated(adjustment)? };
        fees.push(Fee { label: "Price adjustment".to_owned(), charge: Charge::plain(amount) });
    }
    let known = taxes.iter().any(LineTaxes::has_tax);
    for (charge, taxes) in lines.iter_mut().zip(taxes) {
        charge.taxes = taxes.into_taxes(reading);
    }
    let buyer_total = if reading.collected == Collected::Outside { total.checked_add(collected)? } else { total };
    // eBay tells nothing of the VAT in a seller's own prices: its empty and zero taxes say nothing about them.
    let tax = if known || !CAPABILITIES.zero_tax_is_unknown { TaxKnowledge::Known } else { TaxKnowledge::Unknown };
    Ok(Amounts { currency, buyer_total, lines, shipping, fees, tax })
}

fn read(
    total: Money,
    base: Money,
    adjustment: Money,
    seller_tax: Money,
    collected: Money,
    repeated: bool,
) -> Result<Reading, Problem> {
    use Collected::{Included, OnTop, Outside};
    let ways = if repeated { [OnTop, Included, Outside] } else { [Outside, OnTop, Included] };
    for adjustment_added in [true, false] {
        for seller_place in [Place::OnTop, Place::Included] {
            for way in ways {
                let mut sum =
                    if adjustment_added { base.checked_add(adjustment)? } else { base.checked_sub(adjustment)? };
                if seller_place == Place::OnTop {
                    sum = sum.checked_add(seller_tax)?;
                }
                if way == OnTop {
                    sum = sum.checked_add(collected)?;
                }
                if sum == total {
                    return Ok(Reading { adjustment_added, seller_tax: seller_place, collected: way });
                }
            }
        }
    }
    Ok(Reading { adjustment_added: true, seller_tax: Place::OnTop, collected: ways[0] })
}

/// The currency before any conversion: that of the sale, while `value` may be in the seller's payout currency.
fn sale_currency(total: &wire::Amount) -> Result<Currency, Problem> {
    let converted = total.converted_from_value.as_ref().and(total.converted_from_currency.as_ref());
    let code = converted.or(total.currency.as_ref()).ok_or(Problem::Missing("pricingSummary.total.currency"))?;
    code.parse().map_err(|error| Problem::Money("pricingSummary.total", error))
}

/// The amount in the sale's currency, whichever side of a conversion that is.
pub fn money(field: &'static str, amount: &wire::Amount, currency: Currency) -> Result<Money, Problem> {
    let sides = [(&amount.currency, &amount.value), (&amount.converted_from_currency, &amount.converted_from_value)];
    let side = sides.into_iter().find(|(code, value)| code.as_deref() == Some(currency.code()) && value.is_some());
    let text = side.and_then(|(_, value)| value.as_deref()).ok_or(Problem::Currency(field, currency))?;
    Money::parse(text, currency).map_err(|error| Problem::Money(field, error))
}

fn line_charge(line: &wire::LineItem, currency: Currency) -> Result<Charge, Problem> {
    let cost = line.line_item_cost.as_ref().ok_or(Problem::Missing("lineItems.lineItemCost"))?;
    let gross = money("lineItems.lineItemCost", cost, currency)?;
    let mut charge = Charge::plain(gross);
    if let Some(discounted) = &line.discounted_line_item_cost {
        let discount = gross.checked_sub(money("lineItems.discountedLineItemCost", discounted, currency)?)?;
        charge.seller_discount = Some(discount).filter(|discount| !discount.is_zero());
    }
    Ok(charge)
}

/// A discount of the order that no line shows is spread over the lines by what they cost.
fn spread_discount(lines: &mut [Charge], stated: Option<Money>, currency: Currency) -> Result<(), Problem> {
    let Some(stated) = stated else { return Ok(()) };
    let shown = Money::sum(currency, lines.iter().filter_map(|line| line.seller_discount))?;
    let rest = stated.checked_sub(shown)?;
    if rest.is_zero() || rest.is_negative() {
        return Ok(());
    }
    let weights = lines.iter().map(|line| line.store_gross().map(Money::minor)).collect::<Result<Vec<_>, _>>()?;
    for (line, part) in lines.iter_mut().zip(allocate(rest, &weights)) {
        let discount = line.seller_discount.unwrap_or(Money::zero(currency)).checked_add(part)?;
        line.seller_discount = Some(discount).filter(|discount| !discount.is_zero());
    }
    Ok(())
}

fn shipping_charge(order: &wire::Order, pricing: &wire::PricingSummary, currency: Currency) -> Result<Charge, Problem> {
    let Some(cost) = &pricing.delivery_cost else { return shipping_of_lines(order, currency) };
    let mut charge = Charge::plain(money("pricingSummary.deliveryCost", cost, currency)?);
    if let Some(discount) = &pricing.delivery_discount {
        let discount = magnitude(money("pricingSummary.deliveryDiscount", discount, currency)?);
        charge.seller_discount = Some(discount).filter(|discount| !discount.is_zero());
    }
    Ok(charge)
}

fn shipping_of_lines(order: &wire::Order, currency: Currency) -> Result<Charge, Problem> {
    let mut net = Money::zero(currency);
    for delivery in order.line_items.iter().filter_map(|line| line.delivery_cost.as_ref()) {
        for part in [&delivery.shipping_cost, &delivery.handling_cost].into_iter().flatten() {
            net = net.checked_add(money("lineItems.deliveryCost", part, currency)?)?;
        }
    }
    Ok(Charge::plain(net))
}

fn line_taxes(line: &wire::LineItem, currency: Currency) -> Result<LineTaxes, Problem> {
    let read = |field, tax: &wire::Tax| -> Result<Option<(Option<String>, Money)>, Problem> {
        // "This amount will only be returned when the line item is subject to" a tax.
        let Some(amount) = &tax.amount else { return Ok(None) };
        Ok(Some((tax.tax_type.as_deref().map(str::to_owned), money(field, amount, currency)?))
            .filter(|(_, amount)| !amount.is_zero()))
    };
    let all = |field, taxes: &[wire::Tax]| -> Result<Vec<_>, Problem> {
        taxes.iter().filter_map(|tax| read(field, tax).transpose()).collect()
    };
    let collected = all("lineItems.ebayCollectAndRemitTaxes", &line.ebay_collect_and_remit_taxes)?;
    let mut stated = all("lineItems.taxes", &line.taxes)?;

    // Without a type, one amount stands for all.
    let sum = Money::sum(currency, collected.iter().map(|(_, amount)| *amount))?;
    let mut repeated = true;
    if let Some(at) = stated.iter().position(|(kind, amount)| kind.is_none() && *amount == sum && !sum.is_zero()) {
        stated.remove(at);
    } else {
        for (kind, amount) in &collected {
            match stated.iter().position(|(other, same)| same == amount && (other == kind || other.is_none())) {
                Some(at) => drop(stated.remove(at)),
                None => repeated = false,
            }
        }
    }
    let (fees, seller): (Vec<_>, Vec<_>) = stated.into_iter().partition(|(kind, _)| is_fee(kind.as_deref()));
    let fees = fees.into_iter().map(|(kind, amount)| (label(&kind.unwrap_or_default()), amount)).collect();
    Ok(LineTaxes { seller, collected, fees, repeated })
}

impl LineTaxes {
    fn has_tax(&self) -> bool {
        self.seller.iter().chain(&self.collected).any(|(kind, _)| !is_fee(kind.as_deref()))
    }

    fn into_taxes(self, reading: Reading) -> Vec<Tax> {
        let collected_place = if reading.collected == Collected::Included { Place::Included } else { Place::OnTop };
        let tax = |liable, place| {
            move |(kind, amount): (Option<String>, Money)| Tax {
                amount,
                place,
                liable,
                label: kind.as_deref().map(label),
                rate: None,
            }
        };
        let seller = self.seller.into_iter().map(tax(Liable::Seller, reading.seller_tax));
        seller.chain(self.collected.into_iter().map(tax(Liable::Marketplace, collected_place))).collect()
    }
}

/// The seller's own fees, and what `pricingSummary.fee` states beyond those that the lines name.
fn seller_fees(taxes: &[LineTaxes], stated: Option<Money>, currency: Currency) -> Result<Vec<Fee>, Problem> {
    let named = taxes.iter().flat_map(|line| &line.fees);
    let mut fees: Vec<Fee> =
        named.map(|(label, amount)| Fee { label: label.clone(), charge: Charge::plain(*amount) }).collect();
    let collected = taxes.iter().flat_map(|line| &line.collected).filter(|(kind, _)| is_fee(kind.as_deref()));
    let shown = fees.iter().map(|fee| fee.charge.gross).chain(collected.map(|(_, amount)| *amount));
    let shown = Money::sum(currency, shown)?;
    if let Some(stated) = stated {
        let rest = stated.checked_sub(shown)?;
        if !rest.is_zero() && !rest.is_negative() {
            fees.push(Fee { label: "Fee".to_owned(), charge: Charge::plain(rest) });
        }
    }
    Ok(fees)
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:TaxTypeEnum>
fn is_fee(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| kind.ends_with("_FEE") || kind == "WHITE_GOODS_DISPOSABLE_TAX")
}

fn label(kind: &str) -> String {
    if matches!(kind, "VAT" | "GST" | "SST") {
        return kind.to_owned();
    }
    let words = kind.to_lowercase().replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn magnitude(amount: Money) -> Money {
    Money::from_minor(amount.minor().saturating_abs(), amount.currency())
}

fn negated(amount: Money) -> Result<Money, Problem> {
    Ok(Money::zero(amount.currency()).checked_sub(amount)?)
}
