//! R17 as a setting: what becomes of an order whose currency is not the main store's.

use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MAX_TEXT, SettingError};
use crate::capabilities::StoreCapabilities;
use crate::money::Currency;

/// Keep (the default where the store can), convert at a stated rate, or refuse.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum CurrencySettings {
    #[default]
    Keep,
    Convert {
        rates: Vec<StatedRate>,
    },
    Refuse,
}

/// A rate that the merchant states, with where it comes from and since when it holds: both stand on every converted order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedRate {
    pub from: Currency,
    pub to: Currency,
    /// Units of `to` for one unit of `from`.
    pub rate: ExchangeRate,
    pub source: String,
    pub at: Timestamp,
}

/// Above zero, below a million, at most twelve decimals. Written as text: `"1.0850"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, examples("1.0850"))]
pub struct ExchangeRate(Decimal);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a decimal text above 0 and below 1000000 with at most 12 decimals, such as \"1.0850\"")]
pub struct InvalidRate;

const MAX_DECIMALS: u32 = 12;
const MAX_RATES: usize = 200;

impl ExchangeRate {
    pub const fn get(self) -> Decimal {
        self.0
    }
}

impl FromStr for ExchangeRate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let rate = Decimal::from_str_exact(text).map_err(|_| InvalidRate)?;
        let in_range = rate > Decimal::ZERO && rate < Decimal::from(1_000_000);
        if in_range && rate.scale() <= MAX_DECIMALS { Ok(Self(rate)) } else { Err(InvalidRate) }
    }
}

impl TryFrom<String> for ExchangeRate {
    type Error = InvalidRate;

    fn try_from(text: String) -> Result<Self, InvalidRate> {
        text.parse()
    }
}

impl From<ExchangeRate> for String {
    fn from(rate: ExchangeRate) -> Self {
        rate.0.to_string()
    }
}

impl CurrencySettings {
    /// Keep where the store can.
    pub fn for_store(store: Option<&StoreCapabilities>) -> Self {
        if store.is_none_or(|store| store.any_currency) { Self::Keep } else { Self::Refuse }
    }

    /// Every fault, given the main store's currency where it is known.
    pub fn faults(&self, store: Option<Currency>) -> Vec<SettingError> {
        let Self::Convert { rates } = self else { return Vec::new() };
        let mut faults = Vec::new();
        let mut add = |field: String, message: String| faults.push(SettingError { field, message });
        if rates.is_empty() || rates.len() > MAX_RATES {
            add("currency.rates".to_owned(), format!("Converting needs 1 to {MAX_RATES} rates"));
        }
        for (i, row) in rates.iter().enumerate() {
            if row.from == row.to {
                add(format!("currency.rates[{i}].to"), "A rate is between two different currencies".to_owned());
            } else if let Some(store) = store.filter(|store| *store != row.to) {
                add(format!("currency.rates[{i}].to"), format!("The main store takes {store}"));
            }
            if rates[..i].iter().any(|earlier| (earlier.from, earlier.to) == (row.from, row.to)) {
                add(format!("currency.rates[{i}].from"), "This currency has a rate already".to_owned());
            }
            if row.source.trim().is_empty() || row.source.chars().count() > MAX_TEXT {
                add(
                    format!("currency.rates[{i}].source"),
                    "Say where the rate is from, in 1 to 100 characters".to_owned(),
                );
            }
        }
        faults
    }
}
