//! Lists in pages.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{ErrorKind, StorageError};

/// Where the next page begins. Opaque; valid for the list that gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(pub(crate) String);

impl PageToken {
    /// A token as a caller brought it back. One that no list gave is refused when it is used.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn parse_as<T: FromStr>(&self, operation: &'static str) -> Result<T, StorageError> {
        let refused = |_| StorageError::new(ErrorKind::Unexpected, operation, "the page token is not one of this list");
        self.0.parse().map_err(refused)
    }
}

/// Which page of a list, and how many entries it holds at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    pub after: Option<PageToken>,
    pub limit: u16,
}

impl PageRequest {
    pub const fn first(limit: u16) -> Self {
        Self { after: None, limit }
    }

    pub const fn after(token: PageToken, limit: u16) -> Self {
        Self { after: Some(token), limit }
    }
}

/// Some entries of a list. It may be empty and still not be the last: only `next` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<PageToken>,
}
