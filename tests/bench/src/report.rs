//! What was measured, as it is printed: one JSON object a line.

use rust_decimal::Decimal;
use serde_json::{Value, json};

/// One figure beside what it should be.
#[derive(Debug)]
pub struct Row<'a> {
    pub metric: &'a str,
    pub target: Option<Decimal>,
    /// `None`: it could not be measured, and `unit` says why.
    pub measured: Option<Decimal>,
    pub unit: &'a str,
}

impl Row<'_> {
    pub fn print(&self) -> anyhow::Result<()> {
        let number =
            |figure: Option<Decimal>| figure.map_or(Ok(Value::Null), |it| serde_json::from_str(&it.to_string()));
        let (target, measured) = (number(self.target)?, number(self.measured)?);
        println!("{}", json!({"metric": self.metric, "target": target, "measured": measured, "unit": self.unit}));
        Ok(())
    }
}

/// `whole / parts`, to so many decimals.
pub fn ratio(whole: u64, parts: u64, decimals: u32) -> Option<Decimal> {
    Decimal::from(whole).checked_div(Decimal::from(parts)).map(|ratio| ratio.round_dp(decimals).normalize())
}
