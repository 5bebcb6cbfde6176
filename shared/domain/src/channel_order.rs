//! An order as its channel states it, in the domain's words: what was bought, what was paid, where it goes.

use std::fmt;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{ChannelOrderId, LineId, ListingKey, Sku};
use crate::money::{Currency, Money};
use crate::shipment::Shipment;

/// The channel's own version of an order: its last-modified time in milliseconds. Newer wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub i64);

/// One order, normalised by its connector. Prices are what the buyer paid, never the catalogue's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelOrder {
    pub id: ChannelOrderId,
    /// The order number that the buyer and the seller see on the channel.
    pub number: String,
    pub revision: Revision,
    pub created_at: Timestamp,
    pub currency: Currency,
    /// What the buyer paid or is to pay, all taxes and discounts applied.
    pub buyer_total: Money,
    pub payment: Payment,
    pub fulfilment: Fulfilment,
    #[serde(default, skip_serializing_if = "Cancel::is_none")]
    pub cancel: Cancel,
    /// The channel ships it from its own warehouse (R19): never imported, no stock of ours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fulfilled_by_channel: bool,
    pub buyer: Buyer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_to: Option<Address>,
    pub lines: Vec<Line>,
    pub shipping: Shipping,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    pub tax: TaxKnowledge,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<Shipment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift_message: Option<String>,
    /// What the connector could read only in part, in words for the merchant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    Unpaid,
    /// The channel itself still holds the order back (Amazon `PENDING`): never imported.
    Held,
    Paid {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
}

impl Payment {
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Paid { .. })
    }
}

/// How far the channel says the parcel is. An unknown remote word is `NotStarted` with a warning, never success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    NotStarted,
    Partial,
    Shipped,
    Delivered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cancel {
    #[default]
    None,
    Requested,
    Canceled,
}

impl Cancel {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde's skip_serializing_if asks for")]
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Buyer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The e-mail is the marketplace's forwarding address, not the buyer's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub email_is_relay: bool,
}

#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Address {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub company: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub line1: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub line2: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    /// State, province or county, as the platform writes it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub country: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

impl fmt::Debug for Buyer {
    /// Leaves out who it is: what is debugged may be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buyer").field("email_is_relay", &self.email_is_relay).finish_non_exhaustive()
    }
}

impl fmt::Debug for Address {
    /// Leaves out whose it is: what is debugged may be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("country", &self.country).finish_non_exhaustive()
    }
}

impl Address {
    /// Splits a full name at its last blank; a single word is a first name.
    #[must_use]
    pub fn with_full_name(mut self, full_name: &str) -> Self {
        let full_name = full_name.trim();
        let (first, last) = full_name.rsplit_once(char::is_whitespace).unwrap_or((full_name, ""));
        first.trim().clone_into(&mut self.first_name);
        last.clone_into(&mut self.last_name);
        self
    }
}

/// Something that costs money on an order: a line, the shipping, a fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Before discounts, with every tax that is included in the price, for the whole quantity.
    pub gross: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_discount: Option<Money>,
    /// A discount that the marketplace pays for; the seller still receives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketplace_discount: Option<Money>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
}

impl Charge {
    pub const fn plain(gross: Money) -> Self {
        Self { gross, seller_discount: None, marketplace_discount: None, taxes: Vec::new() }
    }
}

/// One tax amount: its place, who is liable, and its rate if the channel gives it (R1). Its base is the charge it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    pub amount: Money,
    pub place: Place,
    pub liable: Liable,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Percent: 8.25 means 8.25 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Decimal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Included,
    OnTop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Liable {
    Seller,
    Marketplace,
}

/// Whether the channel told what tax is in its prices. Only where it did not may a custom rate be applied (R2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxKnowledge {
    Known,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub id: LineId,
    pub listing: ListingKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    pub title: String,
    /// Ordered, before cancellations. A line of quantity 0 is ignored.
    pub quantity: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub canceled: u32,
    #[serde(flatten)]
    pub charge: Charge,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde's skip_serializing_if asks for")]
const fn is_zero(quantity: &u32) -> bool {
    *quantity == 0
}

impl Line {
    /// The keys by which this line may be linked, the more exact one first (R5).
    pub fn keys(&self) -> impl Iterator<Item = ListingKey> + '_ {
        let by_sku = self.sku.clone().map(ListingKey::Sku).filter(|key| *key != self.listing);
        std::iter::once(self.listing.clone()).chain(by_sku)
    }

    pub const fn open_quantity(&self) -> u32 {
        self.quantity.saturating_sub(self.canceled)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipping {
    /// The channel's name of the service the buyer chose.
    pub service: String,
    #[serde(flatten)]
    pub charge: Charge,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// `Gift wrap`, `Handling`; an adjustment by the seller is a fee too and may be negative.
    pub label: String,
    #[serde(flatten)]
    pub charge: Charge,
}

/// Money that went back to the buyer on the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The line it is for; none: the order as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// Units returned, where the channel says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
}

impl ChannelOrder {
    /// Every charge that counts: lines with a quantity, shipping, fees.
    pub fn charges(&self) -> impl Iterator<Item = &Charge> {
        self.real_lines().map(|l| &l.charge).chain([&self.shipping.charge]).chain(self.fees.iter().map(|f| &f.charge))
    }

    /// The lines that count: those with a quantity.
    pub fn real_lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.quantity > 0)
    }
}
