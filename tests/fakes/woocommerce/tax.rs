//! The shop's own tax engine: every order is taxed by its table unless `is_vat_exempt` says otherwise.

use rust_decimal::Decimal;
use serde_json::Value;

use super::money;
use super::shop::Shop;
use super::state::{ItemTax, Order, TaxLine, TaxRate, Totals};

impl Shop {
    /// Recomputes taxes and totals from the lines, as `calculate_totals` does.
    pub fn calculate_totals(&mut self, order: &mut Order) {
        let exempt = matches!(order.meta_value("is_vat_exempt"), Some(Value::String(text)) if text == "yes");
        let rate = if exempt { None } else { self.rate_for(order).cloned() };
        self.tax_lines(order, rate.as_ref());
        limit_negative_fees(order);
        self.sum_tax_lines(order);

        let line_subtotal: Decimal = order.lines.iter().map(|line| money::round(line.subtotal)).sum();
        let line_total: Decimal = order.lines.iter().map(|line| money::round(line.total)).sum();
        let subtotal_tax: Decimal =
            order.lines.iter().flat_map(|line| &line.taxes).filter_map(|tax| tax.subtotal).sum();
        let line_tax: Decimal = order.lines.iter().flat_map(|line| &line.taxes).map(|tax| tax.total).sum();
        let fees: Decimal = order.fees.iter().map(|fee| fee.total).sum();
        let fee_tax: Decimal = order.fees.iter().flat_map(|fee| &fee.taxes).map(|tax| tax.total).sum();
        let shipping: Decimal = money::round(order.shipping_lines.iter().map(|line| line.total).sum());
        let shipping_tax: Decimal = order.shipping_lines.iter().flat_map(|line| &line.taxes).map(|tax| tax.total).sum();
        order.totals = Totals {
            discount: line_subtotal - line_total,
            discount_tax: subtotal_tax - line_tax,
            shipping,
            shipping_tax,
            cart_tax: line_tax + fee_tax,
            total: money::round(line_total + fees + shipping + line_tax + fee_tax + shipping_tax),
        };
    }

    /// The rate of the shipping address, else of the billing address, else of the shop's own.
    fn rate_for(&self, order: &Order) -> Option<&TaxRate> {
        let (country, state) = [&order.shipping, &order.billing]
            .into_iter()
            .find(|address| !address.country.is_empty())
            .map_or((&self.config.base_country, &self.config.base_state), |address| (&address.country, &address.state));
        let matching = |rate: &&TaxRate| {
            (rate.country.is_empty() || rate.country.eq_ignore_ascii_case(country))
                && (rate.state.is_empty() || rate.state.eq_ignore_ascii_case(state))
        };
        let narrowness = |rate: &&TaxRate| (!rate.country.is_empty(), !rate.state.is_empty());
        self.config.rates.iter().filter(matching).max_by_key(narrowness)
    }

    fn tax_lines(&self, order: &mut Order, rate: Option<&TaxRate>) {
        for line in &mut order.lines {
            let sold = if line.variation_id == 0 { line.product_id } else { line.variation_id };
            let taxable = self.products.get(&sold).is_none_or(|product| product.taxable);
            line.taxes = rate.filter(|_| taxable).map_or_else(Vec::new, |rate| {
                let subtotal = Some(tax_of(line.subtotal, rate));
                vec![ItemTax { rate_id: rate.id, total: tax_of(line.total, rate), subtotal }]
            });
        }
        for fee in &mut order.fees {
            fee.taxes = taxes_of(fee.total, rate.filter(|_| fee.taxable));
        }
        for line in &mut order.shipping_lines {
            line.taxes = taxes_of(line.total, rate.filter(|rate| rate.shipping));
        }
    }

    /// One tax line per rate that any line names, also when it comes to 0.00 (capture 20).
    fn sum_tax_lines(&mut self, order: &mut Order) {
        let goods: Vec<ItemTax> = order
            .lines
            .iter()
            .flat_map(|line| &line.taxes)
            .chain(order.fees.iter().flat_map(|fee| &fee.taxes))
            .copied()
            .collect();
        let shipping: Vec<ItemTax> = order.shipping_lines.iter().flat_map(|line| &line.taxes).copied().collect();
        let mut rate_ids: Vec<u64> = goods.iter().chain(&shipping).map(|tax| tax.rate_id).collect();
        rate_ids.sort_unstable();
        rate_ids.dedup();
        let before = std::mem::take(&mut order.tax_lines);
        for rate_id in rate_ids {
            let sum = |taxes: &[ItemTax]| taxes.iter().filter(|tax| tax.rate_id == rate_id).map(|tax| tax.total).sum();
            let id = before.iter().find(|line| line.rate_id == rate_id).map(|line| line.id);
            let id = id.unwrap_or_else(|| self.new_item_id());
            let (tax_total, shipping_tax_total) = (sum(&goods), sum(&shipping));
            order.tax_lines.push(TaxLine { id, rate_id, tax_total, shipping_tax_total });
        }
    }
}

fn tax_of(amount: Decimal, rate: &TaxRate) -> Decimal {
    money::round(amount * rate.percent / Decimal::ONE_HUNDRED)
}

fn taxes_of(amount: Decimal, rate: Option<&TaxRate>) -> Vec<ItemTax> {
    rate.map_or_else(Vec::new, |rate| vec![ItemTax { rate_id: rate.id, total: tax_of(amount, rate), subtotal: None }])
}

/// A discount given as a negative fee cannot exceed what the order is worth.
fn limit_negative_fees(order: &mut Order) {
    let goods: Decimal = order.lines.iter().map(|line| money::round(line.total)).sum();
    let shipping: Decimal = order.shipping_lines.iter().map(|line| line.total).sum();
    let mut fees = Decimal::ZERO;
    for fee in &mut order.fees {
        let floor = -money::round(goods + fees + shipping);
        if fee.total < Decimal::ZERO && floor < Decimal::ZERO && fee.total < floor {
            fee.total = floor;
        }
        fees += fee.total;
    }
}
