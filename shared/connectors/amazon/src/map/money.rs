//! R1: the amounts of an Amazon order, so that its parts add up to its total to the cent.

mod parts;

use domain::allocate::allocate;
use domain::{Charge, Currency, Fee, Liable, Money, Place, Tax, TaxKnowledge};

use super::Problem;
use crate::marketplaces;
use crate::wire::orders as wire;
use parts::{Kind, Part, Sums};

/// What the money of an order comes to.
pub struct Amounts {
    pub currency: Currency,
    pub buyer_total: Money,
    /// One for each item, in their order.
    pub lines: Vec<Charge>,
    pub shipping: Charge,
    pub fees: Vec<Fee>,
    pub tax: TaxKnowledge,
}

/// How the parts relate to `proceeds.grandTotal`. The description's own example adds every category up, tax included; it
/// leaves open whether that holds in marketplaces whose prices contain the tax, and of what Amazon keeps for itself.
/// Each way of reading is tried in turn, the described one first; the first that adds up to the total holds. If none
/// does, the described one stays and the check of R1 shows both figures.
#[derive(Clone, Copy)]
struct Reading {
    /// Else the prices are what was paid already.
    discounts_count: bool,
    /// A tip is "charged separately".
    tip_counts: bool,
    owed: Place,
    collected: Collected,
}

/// How the tax that Amazon keeps relates to the total.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collected {
    OnTop,
    Included,
    /// Paid by the buyer on top of the total, which is what the seller receives.
    Outside,
}

pub fn amounts(order: &wire::Order, may_lack: bool, warnings: &mut Vec<String>) -> Result<Amounts, Problem> {
    let currency = currency(order)?;
    let sums = Sums::of(order, currency, warnings)?;
    let stated = order.proceeds.as_ref().and_then(|proceeds| proceeds.grand_total.as_ref());
    let total = match stated {
        Some(total) => money("proceeds.grandTotal", total, currency)?,
        None if may_lack => {
            warnings.push("Amazon does not tell all amounts of this order yet.".to_owned());
            sums.added_up(DESCRIBED)?
        }
        None => return Err(Problem::Missing("proceeds.grandTotal")),
    };
    let reading = read(&sums, total, tax_on_top(order))?;
    if reading.collected == Collected::Outside {
        warnings.push("Amazon's total leaves out the tax that it collected.".to_owned());
    }
    let collected = sums.total(|part| part.collected)?;
    let owed = sums.total(|part| part.owed)?;
    let untold = sums.is_marketplace_liable && collected.is_zero();
    if untold && !may_lack {
        warnings.push("Amazon collects the tax of this order, but does not say how much it is.".to_owned());
    }
    // Amazon tells 0.00 where it does not know: <https://github.com/amzn/selling-partner-api-models/issues/3004>
    let known = !collected.is_zero() || !owed.is_zero() || untold;
    let buyer_total = if reading.collected == Collected::Outside { total.checked_add(collected)? } else { total };
    let charge = |part: &Part| part.charge(reading);
    let mut fees: Vec<Fee> = Vec::new();
    let stated_fees =
        [(Kind::GiftWrap, "Gift wrap"), (Kind::CodFee, "Cash on delivery"), (Kind::Other, "Other charge")];
    for (kind, label) in stated_fees {
        let part = sums.of_order(kind);
        if !part.is_zero() {
            fees.push(Fee { label: label.to_owned(), charge: charge(part) });
        }
    }
    if !sums.tip.is_zero() && reading.tip_counts {
        fees.push(Fee { label: "Delivery tip".to_owned(), charge: Charge::plain(sums.tip) });
    }
    Ok(Amounts {
        currency,
        buyer_total,
        lines: sums.items.iter().map(charge).collect(),
        shipping: charge(sums.of_order(Kind::Shipping)),
        fees,
        tax: if known { TaxKnowledge::Known } else { TaxKnowledge::Unknown },
    })
}

const DESCRIBED: Reading =
    Reading { discounts_count: true, tip_counts: true, owed: Place::OnTop, collected: Collected::OnTop };

fn read(sums: &Sums, total: Money, tax_on_top: bool) -> Result<Reading, Problem> {
    let other = if tax_on_top { Collected::Outside } else { Collected::Included };
    for discounts_count in [true, false] {
        for tip_counts in [true, false] {
            for owed in [Place::OnTop, Place::Included] {
                for collected in [Collected::OnTop, other] {
                    let reading = Reading { discounts_count, tip_counts, owed, collected };
                    if sums.added_up(reading)? == total {
                        return Ok(reading);
                    }
                }
            }
        }
    }
    Ok(DESCRIBED)
}

impl Sums {
    fn added_up(&self, reading: Reading) -> Result<Money, Problem> {
        let mut sum = self.total(|part| part.gross)?;
        if reading.discounts_count {
            sum = sum.checked_sub(self.total(|part| part.discount)?)?;
        }
        if reading.tip_counts {
            sum = sum.checked_add(self.tip)?;
        }
        if reading.owed == Place::OnTop {
            sum = sum.checked_add(self.total(|part| part.owed)?)?;
        }
        if reading.collected == Collected::OnTop {
            sum = sum.checked_add(self.total(|part| part.collected)?)?;
        }
        Ok(sum)
    }
}

impl Part {
    fn charge(&self, reading: Reading) -> Charge {
        let collected_place = if reading.collected == Collected::Included { Place::Included } else { Place::OnTop };
        let taxes = [(self.owed, Liable::Seller, reading.owed), (self.collected, Liable::Marketplace, collected_place)];
        let taxes = taxes.into_iter().filter(|(amount, ..)| !amount.is_zero());
        Charge {
            gross: self.gross,
            seller_discount: Some(self.discount).filter(|discount| reading.discounts_count && !discount.is_zero()),
            marketplace_discount: None,
            taxes: taxes
                .map(|(amount, liable, place)| Tax { amount, place, liable, label: None, rate: None })
                .collect(),
        }
    }
}

/// Of the total; while Amazon tells none, of a price, else the marketplace's own.
fn currency(order: &wire::Order) -> Result<Currency, Problem> {
    let total = order.proceeds.as_ref().and_then(|proceeds| proceeds.grand_total.as_ref());
    let of_items = order.order_items.iter().flat_map(|item| {
        let price = item.product.as_ref().and_then(|product| product.price.as_ref()?.unit_price.as_ref());
        item.proceeds.as_ref().and_then(|proceeds| proceeds.proceeds_total.as_ref()).into_iter().chain(price)
    });
    let stated = total.into_iter().chain(of_items).find_map(|amount| amount.currency_code.as_deref());
    let of_marketplace = || {
        let id = order.sales_channel.as_ref()?.marketplace_id.as_deref()?;
        marketplaces::marketplace(id).map(|marketplace| marketplace.currency)
    };
    let code = stated.or_else(of_marketplace).ok_or(Problem::Missing("proceeds.grandTotal.currencyCode"))?;
    code.trim().parse().map_err(|error| Problem::Money("proceeds.grandTotal", error))
}

fn tax_on_top(order: &wire::Order) -> bool {
    let id = order.sales_channel.as_ref().and_then(|channel| channel.marketplace_id.as_deref());
    id.and_then(marketplaces::marketplace).is_some_and(|marketplace| marketplace.tax_on_top)
}

fn money(field: &'static str, amount: &wire::Money, currency: Currency) -> Result<Money, Problem> {
    let code = amount.currency_code.as_deref().map(str::trim);
    if code.is_some_and(|code| code != currency.code()) {
        return Err(Problem::Currency(field, currency));
    }
    let text = amount.amount.as_ref().ok_or(Problem::Missing(field))?;
    Money::parse(&text.0, currency).map_err(|error| Problem::Money(field, error))
}

fn magnitude(amount: Money) -> Money {
    Money::from_minor(amount.minor().saturating_abs(), amount.currency())
}

/// Adds to each part its share of an amount that only the order states.
fn spread(items: &mut [Part], amount: Money, field: impl Fn(&mut Part) -> &mut Money) -> Result<(), Problem> {
    let weights: Vec<i64> = items.iter().map(|part| part.gross.minor()).collect();
    for (part, share) in items.iter_mut().zip(allocate(amount, &weights)) {
        let sum = field(part);
        *sum = sum.checked_add(share)?;
    }
    Ok(())
}
