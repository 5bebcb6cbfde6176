//! How the amounts of an eBay order add up, with and without `TAX_BREAKDOWN`.

use super::line_spec::{Collector, LineSpec};
use super::order_spec::OrderSpec;

/// A line's amounts, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineSums {
    /// `lineItemCost`.
    pub cost: i64,
    /// `discountedLineItemCost`.
    pub discounted: i64,
    /// `deliveryCost.shippingCost`: what the buyer pays, after `deliveryCost.discountAmount`.
    /// The description leaves this open; in answers of production accounts `total` is
    /// `discountedLineItemCost + shippingCost`, and `pricingSummary.deliveryCost` is `shippingCost + discountAmount`.
    pub shipping: i64,
    pub seller_tax: i64,
    /// Collected by eBay and in `total`.
    pub collected: i64,
    pub total: i64,
}

/// An order's amounts, in minor units.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:PricingSummary>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    pub price_subtotal: i64,
    /// Zero or negative.
    pub price_discount: i64,
    /// Before the discount.
    pub delivery_cost: i64,
    /// Zero or negative.
    pub delivery_discount: i64,
    pub adjustment: i64,
    pub tax: i64,
    pub fee: i64,
    pub total: i64,
    /// `totalFeeBasisAmount`: with the tax that eBay collects, whatever was asked for.
    pub fee_basis: i64,
    /// `totalMarketplaceFee`.
    pub marketplace_fee: i64,
    /// What leaves the buyer's account.
    pub buyer_paid: i64,
    /// What the order is worth to the seller: RULES R1's `store_total`.
    pub store_total: i64,
}

impl OrderSpec {
    /// `tax_breakdown`: `fieldGroups=TAX_BREAKDOWN` was asked for.
    pub fn sums(&self, tax_breakdown: bool) -> Sums {
        let mut sums = Sums { adjustment: self.adjustment, ..Sums::default() };
        let mut collected_in_all = 0;
        for line in &self.lines {
            sums.price_subtotal += line.cost();
            sums.price_discount -= line.discount;
            sums.delivery_cost += line.shipping;
            sums.delivery_discount -= line.shipping_discount;
            for tax in &line.taxes {
                if tax.collector != Collector::Seller {
                    collected_in_all += tax.amount;
                }
                if !shows(tax.collector, tax_breakdown) {
                    continue;
                }
                // `fee` is given only with TAX_BREAKDOWN; the seller's own fee is in the total all the same.
                if is_fee(&tax.kind) { sums.fee += tax.amount } else { sums.tax += tax.amount }
            }
        }
        let goods =
            sums.price_subtotal + sums.price_discount + sums.delivery_cost + sums.delivery_discount + sums.adjustment;
        let seller_tax: i64 = self.lines.iter().map(|line| line.sums(false).seller_tax).sum();
        sums.total = goods + sums.tax + sums.fee;
        sums.store_total = goods + seller_tax;
        sums.fee_basis = sums.store_total + collected_in_all;
        sums.marketplace_fee = sums.fee_basis * 13 / 100;
        sums.buyer_paid = sums.fee_basis - self.ebay_discount;
        sums
    }
}

impl LineSpec {
    pub fn sums(&self, tax_breakdown: bool) -> LineSums {
        let of = |wanted: fn(Collector, bool) -> bool| -> i64 {
            self.taxes.iter().filter(|tax| wanted(tax.collector, tax_breakdown)).map(|tax| tax.amount).sum()
        };
        let mut sums = LineSums {
            cost: self.cost(),
            discounted: self.cost() - self.discount,
            shipping: self.shipping - self.shipping_discount,
            seller_tax: of(|collector, _| collector == Collector::Seller),
            collected: of(|collector, breakdown| collector != Collector::Seller && shows(collector, breakdown)),
            total: 0,
        };
        sums.total = sums.discounted + sums.shipping + sums.seller_tax + sums.collected;
        sums
    }
}

/// Whether a tax is in the totals and in `taxes`.
pub(super) fn shows(collector: Collector, tax_breakdown: bool) -> bool {
    match collector {
        Collector::Seller => true,
        Collector::Ebay => tax_breakdown,
        Collector::EbayOutsideTotals => false,
    }
}

/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:TaxTypeEnum>
pub(super) fn is_fee(kind: &str) -> bool {
    kind.ends_with("_FEE")
}
