//! The deterministic order id (DESIGN settled 1) and the reference that the store's order carries.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ulid::Ulid;
use utoipa::ToSchema;

use crate::ids::{AccountId, ChannelOrderId, Platform};

/// A ULID made from the channel's creation time and a hash of where the order came from.
///
/// The same order read twice gets the same id, so the id is the dedupe key; ids sort by order date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, examples("01KB1Q3V8F0C7R5M2X9D4T6W8Y"))]
pub struct OrderId(Ulid);

/// The text is not an order id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an order id")]
pub struct InvalidOrderId(String);

impl OrderId {
    pub fn derive(created_at: Timestamp, platform: &Platform, account: &AccountId, order: &ChannelOrderId) -> Self {
        let hash = Self::identity_hash(platform, account, order);
        let mut random = [0_u8; 16];
        random[6..].copy_from_slice(&hash[..10]);
        let millis = u64::try_from(created_at.as_millisecond()).unwrap_or(0);
        Self(Ulid::from_parts(millis, u128::from_be_bytes(random)))
    }

    /// Names the order independently of its dates, for channels whose creation time can be edited.
    pub fn identity_hash(platform: &Platform, account: &AccountId, order: &ChannelOrderId) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [platform.as_str(), account.as_str(), order.as_str()] {
            // Length first, so that no two different triples feed the same bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }

    /// The channel's creation time, to the millisecond.
    pub fn created_at(self) -> Timestamp {
        let millis = i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
    }

    /// The smallest id that an order created then can have. No order has exactly this one: its hash would be all zeros.
    pub fn first_at(at: Timestamp) -> Self {
        Self(Ulid::from_parts(u64::try_from(at.as_millisecond()).unwrap_or(0), 0))
    }

    /// `yyyymm` of the creation time in UTC: the partition in which the order lives.
    pub fn month(self) -> String {
        self.created_at().strftime("%Y%m").to_string()
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OrderId {
    type Err = InvalidOrderId;

    fn from_str(text: &str) -> Result<Self, InvalidOrderId> {
        Ulid::from_string(text).map(Self).map_err(|_| InvalidOrderId(text.to_owned()))
    }
}

/// What the store's order carries so that it can be found again: `trib-<order id>-<generation>`.
///
/// A re-import after an undo is a new generation, so that it never adopts the order that was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    pub order: OrderId,
    pub generation: u32,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trib-{}-{}", self.order, self.generation)
    }
}

impl FromStr for Reference {
    type Err = InvalidOrderId;

    fn from_str(text: &str) -> Result<Self, InvalidOrderId> {
        let invalid = || InvalidOrderId(text.to_owned());
        let (order, generation) =
            text.strip_prefix("trib-").and_then(|rest| rest.rsplit_once('-')).ok_or_else(invalid)?;
        Ok(Self { order: order.parse()?, generation: generation.parse().map_err(|_| invalid())? })
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

impl TryFrom<String> for Reference {
    type Error = InvalidOrderId;

    fn try_from(text: String) -> Result<Self, InvalidOrderId> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(time: &str, account: &str, order: &str) -> OrderId {
        OrderId::derive(
            time.parse().unwrap(),
            &Platform::new("ebay").unwrap(),
            &AccountId::new(account).unwrap(),
            &ChannelOrderId::new(order).unwrap(),
        )
    }

    #[test]
    fn the_same_order_has_the_same_id_and_no_other_order_has_it() {
        let time = "2026-11-18T09:00:00.250Z";
        assert_eq!(id(time, "seller", "12-345"), id(time, "seller", "12-345"));
        assert_ne!(id(time, "seller", "12-345"), id(time, "seller", "12-346"));
        assert_ne!(id(time, "seller", "12-345"), id(time, "seller1", "2-345"));
    }

    #[test]
    fn ids_sort_by_order_date_and_name_their_partition() {
        let earlier = id("2026-10-31T23:59:59.999Z", "seller", "z");
        let later = id("2026-11-01T00:00:00Z", "seller", "a");
        assert!(earlier < later);
        assert_eq!((earlier.month().as_str(), later.month().as_str()), ("202610", "202611"));
        assert_eq!(later.created_at().to_string(), "2026-11-01T00:00:00Z");
    }

    #[test]
    fn a_reference_reads_back() {
        let reference = Reference { order: id("2026-11-01T00:00:00Z", "seller", "a"), generation: 3 };
        assert_eq!(reference.to_string().parse(), Ok(reference));
        assert!("rest-api".parse::<Reference>().is_err());
        assert!("trib-01KBTEST0001-1".parse::<Reference>().is_err());
    }
}
