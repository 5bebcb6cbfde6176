//! The documents, one per operation, with what they may cost.

use crate::error::Call;

/// One operation: its document is a file of its own, followed by the fragments that it names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    /// As errors and logs name it.
    pub name: &'static str,
    pub call: Call,
    /// Points that are taken from the bucket for it; what it really costs Shopify says in its answer.
    pub points: u32,
    own: &'static str,
    fragments: &'static [&'static str],
}

impl Operation {
    pub fn document(&self) -> String {
        let parts = std::iter::once(self.own).chain(self.fragments.iter().copied());
        parts.collect::<Vec<_>>().join("\n")
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
    ORDERS_QUERY "orders" Read 400 "orders.graphql" ORDER_FIELDS;
    ORDER "order" Read 100 "order.graphql" ORDER_FIELDS;
    ORDER_TO_SHIP "order_to_ship" Read 200 "order_to_ship.graphql" ORDER_FIELDS;
    ORDER_LINES "order_lines" Read 50 "order_lines.graphql" LINE_FIELDS;
    SHOP "shop" Read 10 "shop.graphql" &[];
    VARIANTS_QUERY "product_variants" Read 40 "variants.graphql" VARIANT_FIELDS;
    VARIANTS_BY_ID "variants_by_id" Read 20 "variants_by_id.graphql" VARIANT_FIELDS;
    CUSTOMER_BY_EMAIL "customer_by_email" Read 1 "customer_by_email.graphql" &[];
    ORDER_CREATE "order_create" Write 100 "order_create.graphql" ORDER_FIELDS;
    ORDER_CUSTOMER_SET "order_customer_set" Write 10 "order_customer_set.graphql" &[];
    ORDER_MARK_AS_PAID "order_mark_as_paid" Write 100 "order_mark_as_paid.graphql" ORDER_FIELDS;
    ORDER_CANCEL "order_cancel" Write 10 "order_cancel.graphql" &[];
    REFUND_CREATE "refund_create" Write 100 "refund_create.graphql" ORDER_FIELDS;
    FULFILLMENT_CREATE "fulfillment_create" Write 10 "fulfillment_create.graphql" &[];
    FULFILLMENT_TRACKING_INFO_UPDATE "fulfillment_tracking_info_update" Write 10 "fulfillment_tracking_info_update.graphql" &[];
    METAFIELDS_SET "metafields_set" Write 10 "metafields_set.graphql" &[];
    INVENTORY_ADJUST_QUANTITIES "inventory_adjust_quantities" Write 10 "inventory_adjust_quantities.graphql" &[];
    INVENTORY_SET_QUANTITIES "inventory_set_quantities" Write 10 "inventory_set_quantities.graphql" &[];
    WEBHOOK_SUBSCRIPTIONS "webhook_subscriptions" Read 10 "webhook_subscriptions.graphql" &[];
    WEBHOOK_SUBSCRIPTION_CREATE "webhook_subscription_create" Write 10 "webhook_subscription_create.graphql" &[];
    WEBHOOK_SUBSCRIPTION_DELETE "webhook_subscription_delete" Write 10 "webhook_subscription_delete.graphql" &[];
}
