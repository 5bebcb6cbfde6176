//! A plugin of the shop that makes something else of the orders that come over the API.

use rust_decimal::Decimal;

use super::WooFake;
use super::shop::Shop;
use super::state::{FeeLine, Line, Order};
use crate::locked;

/// What the plugin does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meddling {
    /// Each product costs what the catalogue says.
    CataloguePrice,
    /// A fee on top.
    Fee { name: String, total: Decimal },
    /// A line of text in front of the others, for free or not.
    Gift { name: String, total: Decimal },
    /// The order is taxed as the shop's own are.
    OwnTax,
}

/// The plugin, and whether it does so at each later change as well.
#[derive(Debug, Clone)]
pub(super) struct Plugin {
    pub does: Meddling,
    pub stubborn: bool,
}

impl Shop {
    pub fn meddle(&mut self, order: &mut Order, creating: bool) {
        let Some(plugin) = self.plugin.clone().filter(|plugin| creating || plugin.stubborn) else { return };
        match plugin.does {
            Meddling::CataloguePrice => {
                for line in order.lines.iter_mut().filter(|line| line.product_id != 0) {
                    let Some(product) = self.products.get(&super::stock::sold(line)) else { continue };
                    line.total = product.price * Decimal::from(line.quantity);
                    line.subtotal = line.total;
                }
            }
            Meddling::Fee { name, total } => {
                if let Some(known) = order.fees.iter_mut().find(|fee| fee.name == name) {
                    known.total = total;
                    return;
                }
                let id = self.new_item_id();
                order.fees.push(FeeLine { id, name, taxable: false, total, taxes: Vec::new(), meta: Vec::new() });
            }
            Meddling::Gift { name, total } if order.lines.iter().all(|line| line.name != name) => {
                let gift = Line {
                    id: self.new_item_id(),
                    name,
                    product_id: 0,
                    variation_id: 0,
                    quantity: 1,
                    subtotal: total,
                    total,
                    taxes: Vec::new(),
                    meta: Vec::new(),
                };
                order.lines.insert(0, gift);
            }
            Meddling::Gift { .. } => {}
            Meddling::OwnTax => order.meta.retain(|meta| meta.key != "is_vat_exempt"),
        }
    }
}

impl WooFake {
    /// From now on a plugin does this to every order that is created over the API; a stubborn one also to every change.
    pub fn meddle(&self, does: Meddling, stubborn: bool) {
        locked(&self.inside.shop).plugin = Some(Plugin { does, stubborn });
    }

    /// The plugin is switched off.
    pub fn stop_meddling(&self) {
        locked(&self.inside.shop).plugin = None;
    }
}
