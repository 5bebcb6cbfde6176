//! The order, its money and the merchant's rules: pure, no I/O, no clock.

pub mod access;
pub mod alerts;
pub mod allocate;
pub mod backfill;
pub mod by_hand;
pub mod capabilities;
pub mod channel_order;
pub mod cost;
mod debug;
pub mod draft;
pub mod drafting;
pub mod echo;
pub mod exchange;
pub mod feedback;
pub mod foresee;
pub mod head;
pub mod ids;
pub mod link;
pub mod money;
pub mod order_id;
pub mod plan;
pub mod quantity;
pub mod readback;
pub mod reconcile;
pub mod refund;
pub mod report;
pub mod retention;
pub mod review;
pub mod row;
pub mod sales;
pub mod search;
pub mod settings;
pub mod shipment;
pub mod status;
pub mod stock;
pub mod stock_settings;
pub mod tab;
pub mod tax;
pub mod totals;
pub mod trace;

pub use by_hand::{Asked, ByHand};
pub use channel_order::{
    Address, Buyer, Cancel, ChannelOrder, Charge, Fee, Fulfilment, Liable, Line, Payment, Place, Refund, Revision,
    Shipping, Tax, TaxKnowledge,
};
pub use draft::StoreOrderDraft;
pub use head::{ImportState, Order};
pub use ids::{
    AccountId, BackfillId, ChannelOrderId, ConnectionId, LineId, ListingKey, Platform, ProductId, Sku, StoreOrderId,
};
pub use link::Link;
pub use money::{Currency, Money, MoneyError};
pub use order_id::{OrderId, Reference};
pub use settings::ChannelSettings;
pub use shipment::{Package, Shipment};
