//! Shopify's global ids in the domain's words: `gid://shopify/Order/123` is `123`.
//!
//! <https://shopify.dev/docs/api/usage/gids>

use connect::{ConnectError, ErrorKind};

use crate::error::refused;

const PREFIX: &str = "gid://shopify/";

/// The number in a global id; parameters behind it are dropped. Anything else stays what it is.
pub(crate) fn number(gid: &str) -> &str {
    let last = gid.rsplit('/').next().unwrap_or(gid);
    last.split('?').next().unwrap_or(last)
}

/// The global id of a thing, by its number. `None`: it is no number, so nothing has it.
pub(crate) fn gid(kind: &str, number: &str) -> Option<String> {
    let is_number = !number.is_empty() && number.len() <= 20 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("{PREFIX}{kind}/{number}"))
}

/// Anything but a number is an order that Shopify cannot have.
pub(crate) fn order_gid(operation: &'static str, id: &str) -> Result<String, ConnectError> {
    gid("Order", id).ok_or_else(|| refused(operation, ErrorKind::NotFound, "Shopify has no such order."))
}

/// A linked product that is not a number was linked in another store.
pub(crate) fn variant_gid(operation: &'static str, id: &str) -> Result<String, ConnectError> {
    gid("ProductVariant", id).ok_or_else(|| {
        refused(operation, ErrorKind::InvalidOrder, "A linked product is not one of this shop: link the item again.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back() {
        assert_eq!(number("gid://shopify/Order/450789469"), "450789469");
        assert_eq!(number("gid://shopify/InventoryLevel/1?inventory_item_id=2"), "1");
        assert_eq!(gid("Order", "450789469").as_deref(), Some("gid://shopify/Order/450789469"));
        for text in ["", "../../x?y#z", "gid://other/Product/1", "1 OR id:2", "123456789012345678901"] {
            assert_eq!(gid("Order", text), None, "{text}");
        }
    }
}
