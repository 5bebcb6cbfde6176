//! Reading what platforms send, where they send it in other forms than they say.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A text as it stands in the JSON, copied only if it is written with escapes: for what is read once and not kept.
///
/// A struct of such texts says `#[serde(bound(deserialize = "'de: 'a"))]`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text<'a>(Cow<'a, str>);

impl fmt::Debug for Text<'_> {
    /// Leaves the text out: it may be what a buyer entered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("bytes", &self.len()).finish()
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AsItStands).map(Self)
    }
}

struct AsItStands;

impl<'de> Visitor<'de> for AsItStands {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// A field, or its default where the platform writes that it is not set: `unset` is asked of the JSON as it stands.
///
/// Read from the text a second time: from a `Value` each type would be read by other code than from an answer. No value is quoted.
pub fn unless<'de, T, D>(deserializer: D, unset: impl FnOnce(&str) -> bool) -> Result<T, D::Error>
where
    T: Default + for<'a> Deserialize<'a>,
    D: Deserializer<'de>,
{
    let json = <&RawValue>::deserialize(deserializer)?.get();
    if unset(json) {
        return Ok(T::default());
    }
    json::from_str(json).map_err(|_| D::Error::custom("a field is of another type"))
}

/// A list that may be null and may hold nulls; for `#[serde(default, deserialize_with = "connect::wire::list")]`.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_option(Items(PhantomData))
}

/// Pushes each item where it stays: a list of options, flattened afterwards, would move every one twice.
struct Items<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list or null")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while sequence.next_element_seed(Push(&mut items))?.is_some() {}
        Ok(items)
    }
}

/// Where the next item goes, unless it is null.
struct Push<'a, T>(&'a mut Vec<T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Push<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Push<'_, T> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an item or null")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.push(T::deserialize(deserializer)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Holder {
        #[serde(deserialize_with = "super::list")]
        items: Vec<u8>,
    }

    #[test]
    fn a_text_is_read_with_and_without_escapes() {
        let text = |json: &'static str| serde_json::from_str::<super::Text<'_>>(json).map(|text| text.to_string());
        assert_eq!(text(r#""as it stands""#).unwrap(), "as it stands");
        assert_eq!(text(r#""\u00e9\n""#).unwrap(), "é\n");
        assert!(text("null").is_err() && text("1").is_err());
        let buyer = serde_json::from_str::<super::Text<'_>>(r#""Jo Doe""#).unwrap();
        assert_eq!(format!("{buyer:?}"), "Text { bytes: 6 }");
    }

    #[test]
    fn a_list_may_be_missing_or_null_and_may_hold_nulls_and_is_nothing_else() {
        let read = |text: &str| serde_json::from_str::<Holder>(text).map(|holder| holder.items);
        assert_eq!(read("{}").unwrap(), [0; 0]);
        assert_eq!(read(r#"{"items": null}"#).unwrap(), [0; 0]);
        assert_eq!(read(r#"{"items": [1, null, 2]}"#).unwrap(), [1, 2]);
        for other in [r#"{"items": {}}"#, r#"{"items": "1"}"#, r#"{"items": [1, "2"]}"#] {
            assert!(read(other).is_err(), "{other}");
        }
    }
}
