//! The SDK's client with our errors and the meter; nothing else in this crate handles an SDK error.

use std::sync::Arc;

use crate::meter::Meter;

#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) sdk: aws_sdk_dynamodb::Client,
    pub(crate) meter: Option<Meter>,
}

impl Client {
    pub(crate) const fn new(sdk: aws_sdk_dynamodb::Client, meter: Option<Meter>) -> Self {
        Self { sdk, meter }
    }

    pub(crate) fn table(&self, name: String) -> Table {
        Table { client: self.clone(), name: Arc::from(name) }
    }
}

/// One table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    client: Client,
    name: Arc<str>,
}
