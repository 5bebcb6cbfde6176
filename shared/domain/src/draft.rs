//! The order as the main store shall hold it: what a connector is asked to create.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::channel_order::Address;
use crate::exchange::Conversion;
use crate::ids::{ChannelOrderId, LineId, Platform, ProductId, Sku};
use crate::money::{Currency, Money};
use crate::order_id::Reference;
use crate::trace::Event;

/// Amounts are net of tax; `taxes` stand beside them, and all of it adds up to `total` exactly.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreOrderDraft {
    pub reference: Reference,
    pub source: Source,
    pub currency: Currency,
    pub total: Money,
    pub paid: bool,
    pub placed_at: Timestamp,
    pub lines: Vec<DraftLine>,
    pub shipping: DraftShipping,
    pub fees: Vec<DraftFee>,
    pub taxes: Vec<DraftTax>,
    /// Taxes that the marketplace keeps and that the settings want on the store's order all the same, marked as the channel's;
    /// they are in `total`. Empty unless the store can tell them apart (R4).
    pub channel_liable: Vec<DraftTax>,
    pub billing: Address,
    pub ship_to: Address,
    pub email: Option<String>,
    /// The e-mail is a marketplace's forwarding address: it names no customer (R15).
    pub email_is_relay: bool,
    pub note: Option<String>,
    /// Facts for whoever opens the order, with no effect on its amounts (the tax that the marketplace keeps ...).
    pub information: Vec<(String, String)>,
    pub mails: DraftMails,
    /// What the settings changed about the amounts, for the order's story.
    pub remarks: Vec<Event>,
    /// False: the store must not take its stock, neither now nor give it back later (R20).
    pub takes_stock: bool,
    /// How the amounts were converted (R17).
    pub conversion: Conversion,
}

/// Where the order came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub platform: Platform,
    /// The channel's name as a person reads it; the payment is named after it (R16).
    pub channel_name: String,
    pub order: ChannelOrderId,
    pub number: String,
    /// The number that the store's order shall bear, where the store can (R14).
    pub wanted_number: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftLine {
    pub line: LineId,
    pub item: DraftItem,
    pub name: String,
    pub quantity: u32,
    /// For the whole quantity, net of tax, before the seller's discount.
    pub undiscounted: Money,
    /// For the whole quantity, net of tax, as paid.
    pub net: Money,
    pub tax: Money,
    /// Units that we have deducted in the store already: it must not deduct them again (R7).
    pub already_deducted: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftItem {
    Product {
        id: ProductId,
        sku: Option<Sku>,
    },
    /// A line that names what was sold but moves no stock.
    Text {
        sku: Option<Sku>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftShipping {
    pub title: String,
    pub net: Money,
    pub tax: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftFee {
    pub label: String,
    pub net: Money,
    pub tax: Money,
}

/// All of one tax on the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftTax {
    pub label: String,
    pub amount: Money,
    /// Percent, where known.
    pub rate: Option<Decimal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "independent levers, passed on as they are")]
pub struct DraftMails {
    pub receipt: bool,
    pub fulfilment: bool,
    pub marketing: bool,
    pub customer_notifications: bool,
    pub suppress_owner_mail: bool,
}
