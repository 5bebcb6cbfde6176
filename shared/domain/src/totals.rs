//! R1: what the store's order must total, and the penny-exact check before every create.

use crate::channel_order::{ChannelOrder, Charge, Liable, Place, Tax};
use crate::money::{Money, MoneyError};

/// The amounts of an order that decide what the store's order is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub buyer_total: Money,
    /// Tax that the marketplace collects and remits: in the buyer's total, never in the store's.
    pub marketplace_tax: Money,
    /// Discounts that the marketplace pays: missing in the buyer's total, received by the seller.
    pub marketplace_discount: Money,
    /// `buyer_total - marketplace_tax + marketplace_discount`
    pub store_total: Money,
    /// Tax that the seller owes, as the channel states it.
    pub seller_tax: Money,
}

/// Why the amounts of an order cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TotalsError {
    #[error("the order's parts add up to {parts}, but its total says {total}")]
    DoNotAddUp { parts: Money, total: Money },
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Charge {
    fn taxes_where(&self, wanted: impl Fn(&Tax) -> bool) -> Result<Money, MoneyError> {
        Money::sum(self.gross.currency(), self.taxes.iter().filter(|tax| wanted(tax)).map(|tax| tax.amount))
    }

    /// What this charge is worth to the seller, tax on top left out: gross - seller discount - the marketplace's included tax.
    pub fn store_gross(&self) -> Result<Money, MoneyError> {
        let discount = self.seller_discount.unwrap_or(Money::zero(self.gross.currency()));
        let collected = self.taxes_where(|t| t.liable == Liable::Marketplace && t.place == Place::Included)?;
        self.gross.checked_sub(discount)?.checked_sub(collected)
    }

    pub fn seller_tax_on_top(&self) -> Result<Money, MoneyError> {
        self.taxes_where(|t| t.liable == Liable::Seller && t.place == Place::OnTop)
    }

    pub fn seller_tax_included(&self) -> Result<Money, MoneyError> {
        self.taxes_where(|t| t.liable == Liable::Seller && t.place == Place::Included)
    }
}

/// Works out what the store's order must total and checks that the parts add up to it, to the cent.
pub fn totals(order: &ChannelOrder) -> Result<Totals, TotalsError> {
    let sum = |part: &dyn Fn(&Charge) -> Result<Money, MoneyError>| {
        order.charges().map(part).try_fold(Money::zero(order.currency), |sum, amount| sum.checked_add(amount?))
    };
    let marketplace_tax = sum(&|c| c.taxes_where(|t| t.liable == Liable::Marketplace))?;
    let marketplace_discount = sum(&|c| Ok(c.marketplace_discount.unwrap_or(Money::zero(c.gross.currency()))))?;
    let store_total = order.buyer_total.checked_sub(marketplace_tax)?.checked_add(marketplace_discount)?;
    let on_top = sum(&Charge::seller_tax_on_top)?;
    let seller_tax = sum(&Charge::seller_tax_included)?.checked_add(on_top)?;
    let parts = sum(&Charge::store_gross)?.checked_add(on_top)?;
    if parts != store_total {
        return Err(TotalsError::DoNotAddUp { parts, total: store_total });
    }
    Ok(Totals { buyer_total: order.buyer_total, marketplace_tax, marketplace_discount, store_total, seller_tax })
}
