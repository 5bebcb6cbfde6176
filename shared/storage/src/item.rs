//! Keys, and typed access to an item's attributes.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec;
use crate::error::{ErrorKind, StorageError};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The primary key of an item, the same two attributes in every table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// The key in an item that has one; empty parts otherwise, which only ever shows in a message.
    pub(crate) fn of(item: &Item) -> Self {
        let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        Self { pk: part("pk"), sk: part("sk") }
    }

    pub(crate) fn to_item(&self) -> Item {
        Item::from([("pk".to_owned(), s(&self.pk)), ("sk".to_owned(), s(&self.sk))])
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl fmt::Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A point in time, exact, as a number that conditions can compare.
pub(crate) fn time(at: Timestamp) -> AttributeValue {
    n(at.as_nanosecond())
}

/// When `DynamoDB` may delete the item: epoch seconds, never before `at`.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>
pub(crate) fn expiry(at: Timestamp) -> AttributeValue {
    n(at.as_second().saturating_add(1))
}

pub(crate) fn bytes(bytes: Vec<u8>) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

/// A value as deflated JSON.
pub(crate) fn packed<T: Serialize>(operation: &'static str, value: &T) -> Result<AttributeValue, StorageError> {
    let packed = codec::pack(value)
        .map_err(|error| StorageError::new(ErrorKind::Unexpected, operation, "cannot be written").because(error))?;
    Ok(bytes(packed))
}

/// A value as readable JSON, for small and rare items.
pub(crate) fn document<T: Serialize>(operation: &'static str, value: &T) -> Result<AttributeValue, StorageError> {
    let json = serde_json::to_string(value)
        .map_err(|error| StorageError::new(ErrorKind::Unexpected, operation, "cannot be written").because(error))?;
    Ok(s(json))
}

/// Reads one item's attributes and says which one is wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    operation: &'static str,
    item: &'a Item,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(operation: &'static str, item: &'a Item) -> Self {
        Self { operation, item }
    }

    pub(crate) fn corrupt(self, attribute: &str, problem: impl fmt::Display) -> StorageError {
        StorageError::corrupt(self.operation, format!("{}: attribute `{attribute}` {problem}", Key::of(self.item)))
    }

    fn attribute(self, name: &str) -> Result<&'a AttributeValue, StorageError> {
        self.item.get(name).ok_or_else(|| self.corrupt(name, "is missing"))
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.item.contains_key(name)
    }

    pub(crate) fn text(self, name: &str) -> Result<&'a str, StorageError> {
        self.attribute(name)?.as_s().map(String::as_str).map_err(|_| self.corrupt(name, "is not text"))
    }

    pub(crate) fn texts(self, name: &str) -> Result<&'a [String], StorageError> {
        self.attribute(name)?.as_ss().map(Vec::as_slice).map_err(|_| self.corrupt(name, "is not a set of texts"))
    }

    pub(crate) fn parsed<T: FromStr>(self, name: &str) -> Result<T, StorageError> {
        self.text(name)?.parse().map_err(|_| self.corrupt(name, "does not parse"))
    }

    pub(crate) fn number<T: FromStr>(self, name: &str) -> Result<T, StorageError> {
        let number = self.attribute(name)?.as_n().map_err(|_| self.corrupt(name, "is not a number"))?;
        number.parse().map_err(|_| self.corrupt(name, "is out of range"))
    }

    /// The number, or its default if the attribute is absent.
    pub(crate) fn number_or_zero<T: FromStr + Default>(self, name: &str) -> Result<T, StorageError> {
        if self.has(name) { self.number(name) } else { Ok(T::default()) }
    }

    pub(crate) fn time(self, name: &str) -> Result<Option<Timestamp>, StorageError> {
        if !self.has(name) {
            return Ok(None);
        }
        Timestamp::from_nanosecond(self.number(name)?).map(Some).map_err(|_| self.corrupt(name, "is out of range"))
    }

    pub(crate) fn flag(self, name: &str) -> Result<bool, StorageError> {
        self.attribute(name)?.as_bool().copied().map_err(|_| self.corrupt(name, "is not a flag"))
    }

    pub(crate) fn bytes(self, name: &str) -> Result<&'a [u8], StorageError> {
        self.attribute(name)?.as_b().map(AsRef::as_ref).map_err(|_| self.corrupt(name, "is not binary"))
    }

    pub(crate) fn packed<T: DeserializeOwned>(self, name: &str) -> Result<T, StorageError> {
        codec::unpack(self.bytes(name)?).map_err(|error| self.corrupt(name, "cannot be read").because(error))
    }

    /// The packed value, or its default if the attribute is absent.
    pub(crate) fn packed_or_default<T: DeserializeOwned + Default>(self, name: &str) -> Result<T, StorageError> {
        if self.has(name) { self.packed(name) } else { Ok(T::default()) }
    }

    pub(crate) fn document<T: DeserializeOwned>(self, name: &str) -> Result<T, StorageError> {
        let json = self.text(name)?;
        json::from_str(json).map_err(|error| self.corrupt(name, codec::without_content(&error)))
    }
}
