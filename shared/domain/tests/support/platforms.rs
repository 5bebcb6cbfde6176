//! What the platforms of the scenarios can and cannot do.

use tributary_domain::capabilities::{ChannelCapabilities, CreationTime, StoreCapabilities};

/// Pending orders take no stock; a cancel puts everything back.
pub fn woocommerce() -> StoreCapabilities {
    StoreCapabilities {
        text_lines: true,
        keep_order_number: false,
        max_order_number: 0,
        tax_label: true,
        customer_notifications: true,
        owner_new_order_mail: true,
        receipt_mail: false,
        fulfilment_mail: false,
        marketing_consent: false,
        any_currency: true,
        deducts_paid: true,
        deducts_unpaid: false,
        restocks_on_cancel: true,
        refunds_restock: true,
        keyed_stock_moves: false,
        mends: false,
        channel_liable_tax: false,
        webhooks: true,
        longest_execution_seconds: 60,
        search_lag_seconds: 0,
    }
}

/// Takes stock from every order, wholly or not at all; moves are keyed.
pub fn shopify() -> StoreCapabilities {
    StoreCapabilities {
        keep_order_number: true,
        max_order_number: 40,
        customer_notifications: false,
        owner_new_order_mail: false,
        receipt_mail: true,
        fulfilment_mail: true,
        marketing_consent: true,
        deducts_unpaid: true,
        keyed_stock_moves: true,
        mends: false,
        channel_liable_tax: true,
        ..woocommerce()
    }
}

/// Holds no line without a product.
pub fn squarespace() -> StoreCapabilities {
    StoreCapabilities {
        text_lines: false,
        customer_notifications: false,
        owner_new_order_mail: false,
        deducts_unpaid: true,
        keyed_stock_moves: true,
        mends: false,
        channel_liable_tax: false,
        ..woocommerce()
    }
}

/// Like a BigCommerce that deducts on shipment: it never moves stock for us.
pub fn store_that_leaves_stock_alone() -> StoreCapabilities {
    StoreCapabilities { deducts_paid: false, restocks_on_cancel: false, refunds_restock: false, ..woocommerce() }
}

pub fn all_stores() -> [StoreCapabilities; 4] {
    [woocommerce(), shopify(), squarespace(), store_that_leaves_stock_alone()]
}

pub fn ebay() -> ChannelCapabilities {
    ChannelCapabilities {
        creation_time: CreationTime::Immutable,
        unpaid_orders: true,
        zero_tax_is_unknown: true,
        reports_delivery: false,
        refund_quantities: false,
        set_quantity: true,
        ship: true,
        ship_without_tracking: true,
        edit_tracking: false,
        merges_orders: false,
        leave_feedback: true,
        webhooks: true,
        list_lag_seconds: 120,
        carriers: &[],
        lists_cancels: true,
        personal_data_days: None,
        fulfils_itself: false,
    }
}

pub fn tiktok() -> ChannelCapabilities {
    ChannelCapabilities { unpaid_orders: false, ..ebay() }
}
