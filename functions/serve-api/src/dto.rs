//! Shapes that several answers share.

use domain::Money;
use serde::Serialize;

/// Money as the API writes it: `{"amount": "19.99", "currency": "GBP"}`, with the currency's own number of decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Amount {
    amount: String,
    currency: &'static str,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.amount().to_string(), currency: money.currency().code() }
    }
}
