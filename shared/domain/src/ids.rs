//! Identifiers as types, so that no two kinds of id can be confused.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

/// Why a text is not the identifier it was offered as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be 1 to {max} characters without control characters")]
pub struct InvalidId {
    kind: &'static str,
    max: usize,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Accepts 1 to a fixed number of bytes of text without control characters; surrounding blanks are dropped.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref().trim();
                if text.is_empty() || text.len() > $max || text.chars().any(char::is_control) {
                    return Err(InvalidId { kind: stringify!($name), max: $max });
                }
                Ok(Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }
    };
}

text_id!(
    /// A kind of system, by its lower-case name: `ebay`, `woocommerce`.
    Platform, 32
);
text_id!(
    /// One authorised account on a platform, as Tributary names it.
    ConnectionId, 64
);
text_id!(
    /// The account as the platform names it: the seller's user id, the shop's address.
    AccountId, 256
);
text_id!(
    /// An order as its channel names it.
    ChannelOrderId, 128
);
text_id!(
    /// One line of a channel order as its channel names it.
    LineId, 128
);
text_id!(
    /// An order as the main store names it.
    StoreOrderId, 128
);
text_id!(
    /// A product variant as the main store names it.
    ProductId, 128
);
text_id!(
    /// One backfill, as Tributary names it; later ones sort after earlier ones.
    BackfillId, 32
);
text_id!(
    /// A stock keeping unit, the merchant's own name of a thing sold.
    Sku, 128
);

/// What a channel line can be linked by: its listing (id and variation), or its SKU.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ListingKey {
    Listing(String),
    Sku(Sku),
}

impl ListingKey {
    /// The listing `id`, or one variation of it.
    pub fn listing(id: &str, variation: Option<&str>) -> Self {
        Self::Listing(variation.map_or_else(|| id.to_owned(), |variation| format!("{id}/{variation}")))
    }
}

impl std::fmt::Display for ListingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listing(id) => write!(f, "id:{id}"),
            Self::Sku(sku) => write!(f, "sku:{sku}"),
        }
    }
}

impl From<ListingKey> for String {
    fn from(key: ListingKey) -> Self {
        key.to_string()
    }
}

impl utoipa::PartialSchema for ListingKey {
    fn schema() -> RefOr<Schema> {
        let says = "What a line of the channel can be linked by: `id:` and the listing's id (with `/` and the variation), or \
                    `sku:` and the SKU.";
        ObjectBuilder::new().schema_type(Type::String).description(Some(says)).examples(["id:4711/blue"]).into()
    }
}

impl ToSchema for ListingKey {}

impl TryFrom<String> for ListingKey {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        match text.split_once(':') {
            Some(("sku", sku)) => Ok(Self::Sku(Sku::new(sku)?)),
            Some(("id", id)) if !id.is_empty() && id.len() <= 256 => Ok(Self::Listing(id.to_owned())),
            _ => Err(InvalidId { kind: "ListingKey (id:... or sku:...)", max: 256 }),
        }
    }
}
