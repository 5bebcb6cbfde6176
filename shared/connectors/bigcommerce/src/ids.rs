//! The store's ids in the domain's words: `77/76` is variant 76 of product 77, `77` a product whose variant nobody named.

use connect::{ConnectError, ErrorKind};
use domain::{ListingKey, ProductId};

use crate::error::refused;

/// A variant; every product has at least its base variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Item {
    pub product: u64,
    pub variant: Option<u64>,
}

impl Item {
    /// From the two numbers that the store gives; 0 means none.
    pub const fn from_wire(product: u64, variant: u64) -> Option<Self> {
        match (product, variant) {
            (0, _) => None,
            (product, 0) => Some(Self { product, variant: None }),
            (product, variant) => Some(Self { product, variant: Some(variant) }),
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number > 0);
        match text.split_once('/') {
            None => Some(Self { product: number(text)?, variant: None }),
            Some((product, variant)) => Some(Self { product: number(product)?, variant: Some(number(variant)?) }),
        }
    }

    pub fn of(operation: &'static str, id: &ProductId) -> Result<Self, ConnectError> {
        Self::parse(id.as_str()).ok_or_else(|| {
            let says = "A linked product is not one of this store: link the item again.";
            refused(operation, ErrorKind::InvalidOrder, says)
        })
    }

    /// The same variant, where both name one.
    pub fn fits(self, other: Self) -> bool {
        let same_variant = self.variant.zip(other.variant).is_none_or(|(one, other)| one == other);
        self.product == other.product && same_variant
    }

    pub fn text(self) -> String {
        match self.variant {
            None => self.product.to_string(),
            Some(variant) => format!("{}/{variant}", self.product),
        }
    }

    pub fn product_id(self) -> Option<ProductId> {
        ProductId::new(self.text()).ok()
    }

    pub fn listing(self) -> ListingKey {
        ListingKey::Listing(self.text())
    }
}

/// An order's id is a number; anything else is an order that this store cannot have.
pub(crate) fn order_number(operation: &'static str, id: &str) -> Result<u64, ConnectError> {
    id.parse().map_err(|_| refused(operation, ErrorKind::NotFound, "The store has no such order."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back() {
        for (product, variant, text) in [(10, 0, "10"), (15, 16, "15/16")] {
            let item = Item::from_wire(product, variant).unwrap();
            assert_eq!(item.product_id().unwrap().as_str(), text);
            assert_eq!(Item::parse(text), Some(item));
        }
        assert_eq!(Item::from_wire(0, 7), None);
        for text in ["", "0", "x", "15/", "/16", "15/0", "15/16/17", "-1"] {
            assert_eq!(Item::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_line_that_names_no_variant_fits_any_of_its_product() {
        let item = |text| Item::parse(text).unwrap();
        assert!(item("15").fits(item("15/16")) && item("15/16").fits(item("15")));
        assert!(!item("15/17").fits(item("15/16")) && !item("14").fits(item("15")));
    }
}
