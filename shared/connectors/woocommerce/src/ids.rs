//! The shop's ids in the domain's words: `10` is a product, `15/16` variation 16 of product 15.

use connect::{ConnectError, ErrorKind};
use domain::{ListingKey, ProductId};

use crate::error::refused;

/// A product, or one variation of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Item {
    pub product: u64,
    pub variation: Option<u64>,
}

impl Item {
    /// From the two numbers that the shop gives; 0 means none.
    pub const fn from_wire(product: u64, variation: u64) -> Option<Self> {
        match (product, variation) {
            (0, _) => None,
            (product, 0) => Some(Self { product, variation: None }),
            (product, variation) => Some(Self { product, variation: Some(variation) }),
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number > 0);
        match text.split_once('/') {
            None => Some(Self { product: number(text)?, variation: None }),
            Some((product, variation)) => Some(Self { product: number(product)?, variation: Some(number(variation)?) }),
        }
    }

    pub fn of(operation: &'static str, id: &ProductId) -> Result<Self, ConnectError> {
        Self::parse(id.as_str()).ok_or_else(|| {
            refused(
                operation,
                ErrorKind::InvalidOrder,
                "A linked product is not one of this shop: link the item again.",
            )
        })
    }

    fn text(self) -> String {
        match self.variation {
            None => self.product.to_string(),
            Some(variation) => format!("{}/{variation}", self.product),
        }
    }

    pub fn product_id(self) -> Option<ProductId> {
        ProductId::new(self.text()).ok()
    }

    pub fn listing(self) -> ListingKey {
        ListingKey::Listing(self.text())
    }
}

/// An order's id is a number; anything else is an order that this shop cannot have.
pub(crate) fn order_number(operation: &'static str, id: &str) -> Result<u64, ConnectError> {
    id.parse().map_err(|_| refused(operation, ErrorKind::NotFound, "The shop has no such order."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back() {
        for (product, variation, text) in [(10, 0, "10"), (15, 16, "15/16")] {
            let item = Item::from_wire(product, variation).unwrap();
            assert_eq!(item.product_id().unwrap().as_str(), text);
            assert_eq!(Item::parse(text), Some(item));
        }
        assert_eq!(Item::from_wire(0, 0), None);
        for text in ["", "0", "x", "15/", "/16", "15/0", "15/16/17", "-1"] {
            assert_eq!(Item::parse(text), None, "{text}");
        }
    }
}
