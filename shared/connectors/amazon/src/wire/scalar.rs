//! Texts and counts that may come as the other: a number in quotes, an amount without.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A text, or the digits of a number exactly as they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let raw = raw.get();
        if raw.starts_with('"') {
            return json::from_str(raw).map(Self).map_err(|_| D::Error::custom("not a text"));
        }
        if raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Ok(Self(raw.to_owned()));
        }
        Err(D::Error::custom("neither a text nor a number"))
    }
}

/// A whole number, with or without quotes. Negative ones are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub u32);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        text.0.trim().parse().map(Self).map_err(|_| D::Error::custom("not a count"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_taken_for_each_other_to_the_last_digit() {
        let text = |json: &str| serde_json::from_str::<Text>(json).map(|text| text.0).ok();
        assert_eq!(text("\"19.90\"").as_deref(), Some("19.90"));
        assert_eq!(text("19.90").as_deref(), Some("19.90"));
        assert_eq!(text("-0.005").as_deref(), Some("-0.005"));
        assert_eq!([text("true"), text("{}"), text("[]"), text("null")], [None, None, None, None]);
        let count = |json: &str| serde_json::from_str::<Count>(json).map(|count| count.0).ok();
        assert_eq!([count("2"), count("\"2\"")], [Some(2), Some(2)]);
        assert_eq!([count("-2"), count("2.5"), count("\"two\""), count("{}")], [None; 4]);
    }
}
