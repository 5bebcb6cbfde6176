//! An order's lines, shipping lines and fees as they are posted: without an id they are added, with one changed.

use rust_decimal::Decimal;
use serde_json::Value;

use super::http::Refusal;
use super::money;
use super::orders::Fields;
use super::shop::Shop;
use super::state::{FeeLine, Line, Meta, Order, Product, ShippingLine};
use super::validate::as_integer;

/// What a posted line names.
enum Found<'a> {
    Product(&'a Product),
    Nothing,
    NotNamed,
}

impl Shop {
    pub fn write_items(&mut self, order: &mut Order, body: &Fields) -> Result<(), Refusal> {
        for posted in entries(body, "line_items") {
            self.write_line(order, posted)?;
        }
        for posted in entries(body, "shipping_lines") {
            self.write_shipping_line(order, posted)?;
        }
        for posted in entries(body, "fee_lines") {
            self.write_fee(order, posted)?;
        }
        Ok(())
    }

    fn write_line(&mut self, order: &mut Order, posted: &Fields) -> Result<(), Refusal> {
        let id = posted.get("id").and_then(as_integer).filter(|id| *id != 0);
        if removes(posted) {
            // Without an id PHP has nothing to remove and fails (capture 28).
            let id = id.ok_or_else(Refusal::critical_error)?;
            self.give_line_back(order, id);
            order.lines.retain(|line| line.id.cast_signed() != id);
            return Ok(());
        }
        let index = if let Some(id) = id {
            let own = order.lines.iter().position(|line| line.id.cast_signed() == id).ok_or_else(not_associated)?;
            if let Found::Product(product) = self.find_product(posted) {
                let product = product.clone();
                self.set_product(&mut order.lines[own], &product);
            }
            own
        } else {
            let line = self.new_line(posted)?;
            order.lines.push(line);
            order.lines.len() - 1
        };
        let mut line = order.lines[index].clone();
        if let Some(name) = text(posted, "name") {
            line.name = name;
        }
        if let Some(quantity) = posted.get("quantity").and_then(as_integer) {
            line.quantity = quantity;
        }
        if let Some(total) = posted.get("total").map(money::parse_value) {
            line.total = total;
            line.subtotal = line.subtotal.max(total);
        }
        if let Some(subtotal) = posted.get("subtotal").map(money::parse_value) {
            line.subtotal = subtotal;
        }
        self.write_metas(&mut line.meta, posted);
        order.lines[index] = line;
        self.adjust_line_stock(order, index);
        Ok(())
    }

    /// The SKU wins over the id (capture 23).
    fn find_product(&self, posted: &Fields) -> Found<'_> {
        let found = if let Some(sku) = text(posted, "sku").filter(|sku| !sku.is_empty()) {
            self.products.values().find(|product| product.sku.eq_ignore_ascii_case(&sku))
        } else {
            let id = |name| posted.get(name).and_then(as_integer).filter(|id| *id != 0).map(i64::cast_unsigned);
            match id("variation_id").or_else(|| id("product_id")) {
                Some(id) => self.products.get(&id),
                None => return Found::NotNamed,
            }
        };
        found.map_or(Found::Nothing, Found::Product)
    }

    fn new_line(&mut self, posted: &Fields) -> Result<Line, Refusal> {
        let product = match self.find_product(posted) {
            Found::Product(product) => Some(product.clone()),
            // What is not found leaves a line without a product (captures 20, 21).
            Found::Nothing => None,
            Found::NotNamed => {
                return Err(Refusal::new(
                    400,
                    "woocommerce_rest_required_product_reference",
                    "Product ID or SKU is required.",
                ));
            }
        };
        let quantity = posted.get("quantity").and_then(as_integer).unwrap_or(1);
        let mut line = Line {
            id: self.new_item_id(),
            name: String::new(),
            product_id: 0,
            variation_id: 0,
            quantity,
            subtotal: Decimal::ZERO,
            total: Decimal::ZERO,
            taxes: Vec::new(),
            meta: Vec::new(),
        };
        if let Some(product) = product {
            line.total = (product.price * Decimal::from(quantity)).max(Decimal::ZERO);
            line.subtotal = line.total;
            self.set_product(&mut line, &product);
        }
        Ok(line)
    }

    fn set_product(&mut self, line: &mut Line, product: &Product) {
        line.name = self.full_name(product);
        let (product_id, variation_id) =
            if product.parent_id == 0 { (product.id, 0) } else { (product.parent_id, product.id) };
        line.product_id = product_id;
        line.variation_id = variation_id;
        if let Some((name, option)) = &product.option {
            self.set_meta(&mut line.meta, &name.to_lowercase(), option.clone().into());
        }
    }

    fn write_shipping_line(&mut self, order: &mut Order, posted: &Fields) -> Result<(), Refusal> {
        let id = posted.get("id").and_then(as_integer).filter(|id| *id != 0);
        if removes(posted) {
            let id = id.ok_or_else(Refusal::critical_error)?;
            order.shipping_lines.retain(|line| line.id.cast_signed() != id);
            return Ok(());
        }
        let index = match id {
            Some(id) => {
                let found = order.shipping_lines.iter().position(|line| line.id.cast_signed() == id);
                found.ok_or_else(not_associated)?
            }
            None if text(posted, "method_id").is_none_or(|method| method.is_empty()) => {
                return Err(Refusal::new(
                    400,
                    "woocommerce_rest_invalid_shipping_item",
                    "Shipping method ID is required.",
                ));
            }
            None => {
                order.shipping_lines.push(ShippingLine {
                    id: self.new_item_id(),
                    method_id: String::new(),
                    method_title: String::new(),
                    total: Decimal::ZERO,
                    taxes: Vec::new(),
                    meta: Vec::new(),
                });
                order.shipping_lines.len() - 1
            }
        };
        let line = &mut order.shipping_lines[index];
        if let Some(method) = text(posted, "method_id") {
            line.method_id = method;
        }
        if let Some(title) = text(posted, "method_title") {
            line.method_title = title;
        }
        if let Some(total) = posted.get("total").map(money::parse_value) {
            line.total = total;
        }
        self.write_metas(&mut order.shipping_lines[index].meta, posted);
        Ok(())
    }

    fn write_fee(&mut self, order: &mut Order, posted: &Fields) -> Result<(), Refusal> {
        let id = posted.get("id").and_then(as_integer).filter(|id| *id != 0);
        if removes(posted) {
            let id = id.ok_or_else(Refusal::critical_error)?;
            order.fees.retain(|fee| fee.id.cast_signed() != id);
            return Ok(());
        }
        let index = match id {
            Some(id) => order.fees.iter().position(|fee| fee.id.cast_signed() == id).ok_or_else(not_associated)?,
            None if text(posted, "name").is_none_or(|name| name.is_empty()) => {
                return Err(Refusal::new(400, "woocommerce_rest_invalid_fee_item", "Fee name is required."));
            }
            None => {
                order.fees.push(FeeLine {
                    id: self.new_item_id(),
                    name: String::new(),
                    taxable: true,
                    total: Decimal::ZERO,
                    taxes: Vec::new(),
                    meta: Vec::new(),
                });
                order.fees.len() - 1
            }
        };
        let fee = &mut order.fees[index];
        if let Some(name) = text(posted, "name") {
            fee.name = name;
        }
        if let Some(status) = text(posted, "tax_status") {
            fee.taxable = status != "none";
        }
        if let Some(total) = posted.get("total").map(money::parse_value) {
            fee.total = total;
        }
        self.write_metas(&mut order.fees[index].meta, posted);
        Ok(())
    }

    fn write_metas(&mut self, metas: &mut Vec<Meta>, posted: &Fields) {
        for meta in entries(posted, "meta_data") {
            if let Some(key) = text(meta, "key") {
                self.set_meta(metas, &key, meta.get("value").cloned().unwrap_or_default());
            }
        }
    }
}

fn entries<'a>(body: &'a Fields, name: &str) -> impl Iterator<Item = &'a Fields> {
    body.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn text(posted: &Fields, name: &str) -> Option<String> {
    posted.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// A quantity of 0 or a null in a naming field removes the item.
fn removes(posted: &Fields) -> bool {
    let named_null = ["product_id", "method_id", "method_title", "name", "code"]
        .iter()
        .any(|name| posted.get(*name).is_some_and(Value::is_null));
    named_null || posted.get("quantity").and_then(Value::as_i64) == Some(0)
}

fn not_associated() -> Refusal {
    Refusal::new(400, "woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order.")
}
