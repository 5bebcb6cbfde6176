//! What a platform can and cannot do, as data: it decides which settings are offered and what is refused.

use serde::Serialize;
use utoipa::ToSchema;

/// Whether an order's creation time on the channel can change (DESIGN settled 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreationTime {
    Immutable,
    Editable,
}

/// What a platform can do in the role *channel*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a table of independent yes/no facts about a platform")]
pub struct ChannelCapabilities {
    pub creation_time: CreationTime,
    /// Orders can appear before they are paid. Without it, `skip_unpaid` is not offered.
    pub unpaid_orders: bool,
    /// An explicit tax of zero means "not told" (R2).
    pub zero_tax_is_unknown: bool,
    pub reports_delivery: bool,
    /// Refunds name lines and quantities, not amounts only (R9).
    pub refund_quantities: bool,
    pub set_quantity: bool,
    pub ship: bool,
    pub ship_without_tracking: bool,
    pub edit_tracking: bool,
    /// Unpaid orders of one buyer may be merged into a new one that takes their lines (R19).
    pub merges_orders: bool,
    pub leave_feedback: bool,
    pub webhooks: bool,
    /// How long a change may stay invisible in the order list; the poll window ends this long before now.
    pub list_lag_seconds: u32,
    /// The names of carriers that it takes, as it spells them; empty: any name.
    pub carriers: &'static [&'static str],
    /// A cancel or a refund moves the order's time of change, so that the list shows it. Without it, open orders are asked
    /// for one by one.
    pub lists_cancels: bool,
    /// The channel's own cap on keeping buyers' data, in days after delivery (R19).
    pub personal_data_days: Option<u16>,
    /// The channel may ship from its own warehouse (R19).
    pub fulfils_itself: bool,
}

impl ChannelCapabilities {
    /// The channel's own spelling of a carrier; blanks, signs and case do not count.
    pub fn carrier_code(&self, name: &str) -> Option<&'static str> {
        let wanted = plain_carrier(name);
        self.carriers.iter().find(|carrier| plain_carrier(carrier) == wanted).copied()
    }
}

/// A carrier's name without what systems write differently: blanks, signs, case.
pub fn plain_carrier(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a platform can do in the role *main store*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a table of independent yes/no facts about a platform")]
pub struct StoreCapabilities {
    /// Lines without a product. Without it, orders with unlinked lines cannot be imported (A6).
    pub text_lines: bool,
    /// The order can carry the channel's own number (R14).
    pub keep_order_number: bool,
    pub max_order_number: u16,
    pub tax_label: bool,
    pub customer_notifications: bool,
    pub owner_new_order_mail: bool,
    pub receipt_mail: bool,
    pub fulfilment_mail: bool,
    pub marketing_consent: bool,
    pub any_currency: bool,
    /// A paid order takes stock by itself when it is created.
    pub deducts_paid: bool,
    /// An unpaid order takes stock by itself when it is created.
    pub deducts_unpaid: bool,
    /// Canceling an order puts its stock back, what we deducted for it included.
    pub restocks_on_cancel: bool,
    /// A recorded refund puts the units that it names back into stock, in the same call and under the same key.
    pub refunds_restock: bool,
    /// A stock move carries a key that makes repeating it harmless.
    pub keyed_stock_moves: bool,
    /// An order that differs from what was meant can be mended in place (R3).
    pub mends: bool,
    /// Tax that the marketplace keeps can stand on the order, marked as the channel's (R4).
    pub channel_liable_tax: bool,
    pub webhooks: bool,
    /// The longest that one create may run on the store's side after we stopped waiting for it.
    pub longest_execution_seconds: u32,
    /// How long a new order may be missing from the look-up by reference.
    pub search_lag_seconds: u32,
}
