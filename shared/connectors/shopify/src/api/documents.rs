//! The documents, one per operation, with what they may cost.

use crate::error::Call;

/// One operation: its document is a file of its own, followed by the fragments that it names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    /// As errors and logs name it.
    pub name: &'static str,
    pub call: Call,
    /// Points that are taken from the bucket for it: what it may cost, at its largest. What it did cost the answer says.
    pub points: u32,
    own: &'static str,
    fragments: &'static [&'static str],
}

impl Operation {
    pub fn document(&self) -> String {
        let parts = std::iter::once(self.own).chain(self.fragments.iter().copied());
        parts.collect::<Vec<_>>().join("\n")
    }

    /// The same with so many of the ids that it may have at most.
    #[must_use]
    pub fn with_ids(self, ids: usize, most: usize) -> Self {
        let part = u32::try_from(ids).unwrap_or(u32::MAX).saturating_mul(self.points);
        Self { points: part.div_ceil(u32::try_from(most).unwrap_or(u32::MAX).max(1)), ..self }
    }

    /// The word behind `query` or `mutation`.
    pub fn operation_name(&self) -> &'static str {
        let rest = self.own.split_whitespace().nth(1).unwrap_or_default();
        rest.split('(').next().unwrap_or(rest)
    }
}

const ORDER_FIELDS: &[&str] = &[include_str!("order_fields.graphql"), include_str!("line_fields.graphql")];
const LINE_FIELDS: &[&str] = &[include_str!("line_fields.graphql")];
const VARIANT_FIELDS: &[&str] = &[include_str!("variant_fields.graphql")];

macro_rules! operations {
    ($($constant:ident $name:literal $call:ident $points:literal $file:literal $fragments:expr;)*) => {
        $(pub(crate) const $constant: Operation = Operation {
            name: concat!("shopify.", $name),
            call: Call::$call,
            points: $points,
            own: include_str!($file),
            fragments: $fragments,
        };)*

        /// Every operation, for the test that holds them to the schema.
        #[cfg_attr(not(test), expect(dead_code, reason = "only the test of the documents needs them all"))]
        pub(crate) const ALL: &[Operation] = &[$($constant),*];
    };
}

operations! {
    ORDERS_QUERY "orders" Read 428 "orders.graphql" ORDER_FIELDS;
    ORDER "order" Read 213 "order.graphql" ORDER_FIELDS;
    ORDER_TO_SHIP "order_to_ship" Read 381 "order_to_ship.graphql" ORDER_FIELDS;
    ORDERS_BY_ID "orders_by_id" Read 426 "orders_by_id.graphql" ORDER_FIELDS;
    STORE_ORDERS "store_orders" Read 90 "store_orders.graphql" &[];
    LINE_PRODUCTS "line_products" Read 22 "line_products.graphql" &[];
    ORDER_LINES "order_lines" Read 92 "order_lines.graphql" LINE_FIELDS;
    SHOP "shop" Read 15 "shop.graphql" &[];
    VARIANTS_QUERY "product_variants" Read 42 "variants.graphql" VARIANT_FIELDS;
    VARIANTS_BY_ID "variants_by_id" Read 250 "variants_by_id.graphql" VARIANT_FIELDS;
    CUSTOMER_BY_EMAIL "customer_by_email" Read 1 "customer_by_email.graphql" &[];
    ORDER_CREATE "order_create" Write 224 "order_create.graphql" ORDER_FIELDS;
    ORDER_CUSTOMER_SET "order_customer_set" Write 12 "order_customer_set.graphql" &[];
    ORDER_MARK_AS_PAID "order_mark_as_paid" Write 224 "order_mark_as_paid.graphql" ORDER_FIELDS;
    ORDER_CANCEL "order_cancel" Write 12 "order_cancel.graphql" &[];
    REFUND_CREATE "refund_create" Write 224 "refund_create.graphql" ORDER_FIELDS;
    FULFILLMENT_CREATE "fulfillment_create" Write 12 "fulfillment_create.graphql" &[];
    FULFILLMENT_TRACKING_INFO_UPDATE "fulfillment_tracking_info_update" Write 12 "fulfillment_tracking_info_update.graphql" &[];
    METAFIELDS_SET "metafields_set" Write 12 "metafields_set.graphql" &[];
    INVENTORY_ADJUST_QUANTITIES "inventory_adjust_quantities" Write 16 "inventory_adjust_quantities.graphql" &[];
    INVENTORY_SET_QUANTITIES "inventory_set_quantities" Write 12 "inventory_set_quantities.graphql" &[];
    WEBHOOK_SUBSCRIPTIONS "webhook_subscriptions" Read 14 "webhook_subscriptions.graphql" &[];
    WEBHOOK_SUBSCRIPTION_CREATE "webhook_subscription_create" Write 12 "webhook_subscription_create.graphql" &[];
    WEBHOOK_SUBSCRIPTION_DELETE "webhook_subscription_delete" Write 11 "webhook_subscription_delete.graphql" &[];
}
