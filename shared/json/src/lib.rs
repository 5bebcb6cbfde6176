//! Reads JSON in which a struct is an object and nothing else.
//!
//! What serde derives for a struct reads it from an array too, which no JSON of ours or of a platform is; that code would be a
//! twentieth of a function's binary. A type that is also read by `serde_json` itself is linked twice.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_json::Value;
use serde_json::value::RawValue;

/// Reads a whole text, as [`serde_json::from_str`] does; a struct written as an array is an error.
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Strict(&mut json))?;
    json.end()?;
    Ok(value)
}

/// Bytes that nobody has looked at, checked as text once for all of them: [`serde_json::from_slice`] checks every string by itself.
pub fn from_slice<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> serde_json::Result<T> {
    from_str(std::str::from_utf8(bytes).map_err(serde_json::Error::custom)?)
}

/// The same of a deserializer that somebody else uses.
pub fn strict<'de, D: Deserializer<'de>>(deserializer: D) -> impl Deserializer<'de, Error = D::Error> {
    Strict(deserializer)
}

/// A value of any shape, for `#[serde(deserialize_with = "json::value")]`: read in one place, for the code that reads it
/// is linked once for each crate that names it.
pub fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    any(<&RawValue>::deserialize(deserializer)?.get()).map_err(Error::custom)
}

fn any(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
}

/// A part of serde's machinery, and all the parts that it hands on.
struct Strict<T>(T);

/// The visitor of a struct, without its way to read an array.
struct Fields<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Fields<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(map))
    }
}

/// Methods whose value holds no other.
macro_rules! scalars {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(visitor)
        })*
    };
}

/// Methods whose value may hold structs.
macro_rules! holders {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($argument,)* Strict(visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    scalars! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier deserialize_ignored_any
    }

    holders! {
        deserialize_any()
        deserialize_option()
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map()
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Fields(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// What a visitor is shown that holds no other value.
macro_rules! shown {
    ($($method:ident: $type:ty)*) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    shown! {
        visit_bool: bool visit_i64: i64 visit_i128: i128 visit_u64: u64 visit_u128: u128 visit_f64: f64
        visit_str: &str visit_borrowed_str: &'de str visit_string: String
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Strict(some))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Strict(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Strict(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Strict(variant))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Strict<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(seed).map(|(name, variant)| (name, Strict(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Strict(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Strict(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Fields(visitor))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::{from_slice, from_str};

    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair {
        left: u8,
        right: Option<Box<Pair>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Shape {
        Unit,
        Newtype(Pair),
        Tuple(u8, Pair),
        Struct { pair: Pair },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        One(Pair),
    }

    fn pair(left: u8) -> Pair {
        Pair { left, right: None }
    }

    #[test]
    fn every_shape_is_read_as_serde_json_reads_it() {
        assert_eq!(from_str::<Pair>(r#"{"left": 1, "right": {"left": 2}}"#).unwrap().right, Some(Box::new(pair(2))));
        let shapes =
            r#"["Unit", {"Newtype": {"left": 1}}, {"Tuple": [1, {"left": 2}]}, {"Struct": {"pair": {"left": 3}}}]"#;
        let read = from_str::<Vec<Shape>>(shapes).unwrap();
        let meant = [Shape::Unit, Shape::Newtype(pair(1)), Shape::Tuple(1, pair(2)), Shape::Struct { pair: pair(3) }];
        assert_eq!(read, meant);
        assert_eq!(from_str::<Tagged>(r#"{"kind": "One", "left": 4}"#).unwrap(), Tagged::One(pair(4)));
        assert_eq!(from_str::<BTreeMap<String, Pair>>(r#"{"a": {"left": 5}}"#).unwrap()["a"], pair(5));
        assert_eq!(from_str::<(i64, f64, bool, char)>(r#"[-1, 0.5, true, "é"]"#).unwrap(), (-1, 0.5, true, 'é'));
        let text = r#"{"a": [1, 2.50, "\u00e9"]}"#;
        let same: Value = serde_json::from_str(text).unwrap();
        assert_eq!(from_slice::<Value>(text.as_bytes()).unwrap(), same);
        assert_eq!(from_str::<&RawValue>(text).unwrap().get(), text);
        assert_eq!(from_str::<BTreeMap<String, Box<RawValue>>>(text).unwrap()["a"].get(), r#"[1, 2.50, "\u00e9"]"#);
    }

    #[test]
    fn a_struct_in_an_array_is_refused_wherever_it_stands() {
        for text in [r"[1, null]", r#"{"left": 1, "right": [2, null]}"#] {
            assert!(serde_json::from_str::<Pair>(text).is_ok());
            assert!(from_str::<Pair>(text).unwrap_err().is_data(), "{text}");
        }
        for text in [r#"{"Newtype": [1, null]}"#, r#"{"Tuple": [1, [2, null]]}"#, r#"{"Struct": [{"left": 3}]}"#] {
            assert!(serde_json::from_str::<Shape>(text).is_ok());
            assert!(from_str::<Shape>(text).unwrap_err().is_data(), "{text}");
        }
    }

    #[test]
    fn a_field_may_have_any_shape() {
        #[derive(Deserialize)]
        struct Holder {
            #[serde(default, deserialize_with = "super::value")]
            any: Value,
        }
        let any = |text: &str| from_str::<Holder>(text).map(|holder| holder.any).unwrap();
        assert_eq!(any("{}"), Value::Null);
        assert_eq!(any(r#"{"any": [1, {"b": null}]}"#), json!([1, {"b": null}]));
    }

    #[test]
    fn what_is_not_all_of_it_or_no_text_is_refused() {
        assert!(from_str::<u8>("1 2").unwrap_err().is_syntax());
        assert!(from_str::<u8>("").unwrap_err().is_eof());
        assert_eq!(from_slice::<String>("\"é\"".as_bytes()).unwrap(), "é");
        assert!(from_slice::<String>(b"\"\xe9\"").unwrap_err().is_data());
    }
}
