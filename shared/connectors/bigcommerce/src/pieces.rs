//! One of our lines as lines of the store: each with a price per unit in whole cents, and with a mark that names it.
//!
//! The store keeps a price per unit. 2500 for three has none, so it is two lines, 1 x 834 and 2 x 833. And the store takes
//! the stock of each catalogue product when it is told to by its own setting; no call tells it that some units are taken
//! already. Those units are a custom product of the same name and SKU, whose stock no setting moves (R7).

use connect::{ConnectError, ErrorKind};
use domain::draft::{DraftItem, DraftLine};
use domain::{LineId, Money};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::body::{NewProduct, number};
use crate::error::refused;
use crate::ids::Item;

/// The most that the vendor takes for the name of a custom product.
const LONGEST_NAME: usize = 250;
/// What would end a mark, or part it.
const PARTS: &AsciiSet = &CONTROLS.add(b'[').add(b']').add(b' ').add(b'=').add(b'~').add(b'%');

/// Whether the units of a line that the store must not touch have left the stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Units {
    /// We, and we have.
    Deducted,
    /// Nobody, neither now nor later (R20).
    Unmoved,
}

/// What a line of the store stands for, in the name that only the merchant sees: `Tea, 100 g [L1]`; where the product is
/// not the line's own, `Tea, 100 g [L1 = 77/76]`, and `~` where its units left no stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub line: LineId,
    /// `None`: the line's own product is meant, if it has one.
    pub product: Option<(Item, Units)>,
}

impl Mark {
    pub fn read(name: &str) -> Option<Self> {
        let (_, mark) = name.strip_suffix(']')?.rsplit_once('[')?;
        let mut parts = mark.split(' ');
        let line = LineId::new(percent_decode_str(parts.next()?).decode_utf8().ok()?).ok()?;
        let product = match (parts.next(), parts.next()) {
            (None, _) => None,
            (Some(sign), Some(item)) => {
                let units = if sign == "=" { Units::Deducted } else { Units::Unmoved };
                Some((Item::parse(item)?, units))
            }
            (Some(_), None) => return None,
        };
        Some(Self { line, product })
    }

    fn write(&self) -> String {
        let line = utf8_percent_encode(self.line.as_str(), PARTS);
        match self.product {
            None => format!("[{line}]"),
            Some((item, units)) => {
                let sign = if units == Units::Unmoved { '~' } else { '=' };
                format!("[{line} {sign} {}]", item.text())
            }
        }
    }
}

/// So many units at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Priced {
    pub units: u32,
    pub ex_tax: Money,
    pub inc_tax: Money,
}

/// A sum as prices per unit, in whole cents: the larger ones first.
pub(crate) fn prices(units: u32, ex_tax: Money, inc_tax: Money) -> Vec<Priced> {
    let count = i64::from(units);
    if count == 0 {
        return Vec::new();
    }
    let each = |sum: Money| (sum.minor().div_euclid(count), sum.minor().rem_euclid(count));
    let ((ex, ex_more), (inc, inc_more)) = (each(ex_tax), each(inc_tax));
    let mut ends = [ex_more, inc_more, count];
    ends.sort_unstable();
    let mut all = Vec::new();
    let mut from = 0;
    for to in ends.into_iter().filter(|end| *end > 0) {
        if to > from {
            all.push(Priced {
                units: u32::try_from(to - from).unwrap_or(0),
                ex_tax: Money::from_minor(ex + i64::from(from < ex_more), ex_tax.currency()),
                inc_tax: Money::from_minor(inc + i64::from(from < inc_more), inc_tax.currency()),
            });
        }
        from = to;
    }
    all
}

/// The lines of the store that one of ours becomes.
pub(crate) fn products(
    operation: &'static str,
    line: &DraftLine,
    takes_stock: bool,
) -> Result<Vec<NewProduct>, ConnectError> {
    let refuse = |says: &str| Err(refused(operation, ErrorKind::InvalidOrder, says));
    if line.quantity == 0 {
        return refuse("A line of quantity 0 cannot be sent to BigCommerce.");
    }
    let inc_tax = line.net.checked_add(line.tax);
    let Ok(inc_tax) = inc_tax else { return refuse("A line's amounts are of two currencies.") };
    if line.net.is_negative() || inc_tax.is_negative() {
        return refuse("BigCommerce takes no line below zero.");
    }
    let groups = match &line.item {
        DraftItem::Text { sku } => {
            let sku = sku.as_ref().map(|sku| sku.as_str().to_owned());
            vec![(line.quantity, Kind::Custom { mark: None, sku })]
        }
        DraftItem::Product { id, sku } => {
            let item = Item::of(operation, id)?;
            let custom = |units| Kind::Custom {
                mark: Some((item, units)),
                sku: sku.as_ref().map(|sku| sku.as_str().to_owned()),
            };
            let deducted = line.already_deducted.min(line.quantity);
            let rest = line.quantity - deducted;
            let left = if takes_stock { Kind::Catalogue(item) } else { custom(Units::Unmoved) };
            vec![(rest, left), (deducted, custom(Units::Deducted))]
        }
    };
    let mut priced = prices(line.quantity, line.net, inc_tax).into_iter();
    let mut current = priced.next();
    let mut all = Vec::new();
    for (mut units, kind) in groups {
        while units > 0 {
            let Some(price) = current.as_mut() else { break };
            let some = units.min(price.units);
            all.push(product(line, &kind, some, *price));
            units -= some;
            price.units -= some;
            if price.units == 0 {
                current = priced.next();
            }
        }
    }
    Ok(all)
}

enum Kind {
    Catalogue(Item),
    Custom { mark: Option<(Item, Units)>, sku: Option<String> },
}

fn product(line: &DraftLine, kind: &Kind, quantity: u32, price: Priced) -> NewProduct {
    let (item, product, sku) = match kind {
        Kind::Catalogue(item) => (Some(*item), None, None),
        Kind::Custom { mark, sku } => (None, *mark, sku.clone()),
    };
    let mark = Mark { line: line.line.clone(), product }.write();
    let name = shortened(&line.name, LONGEST_NAME);
    let name = if name.trim().is_empty() { "Item".to_owned() } else { name };
    let room = LONGEST_NAME.saturating_sub(mark.chars().count() + 1);
    NewProduct {
        id: None,
        product_id: item.map(|item| item.product),
        variant_id: item.and_then(|item| item.variant),
        name_merchant: format!("{} {mark}", shortened(&name, room)),
        name,
        sku,
        quantity,
        price_ex_tax: number(price.ex_tax),
        price_inc_tax: number(price.inc_tax),
    }
}

fn shortened(text: &str, most: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(most).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests;
