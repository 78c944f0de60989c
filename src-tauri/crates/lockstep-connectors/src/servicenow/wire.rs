//! What ServiceNow sends: rows of text values, borrowed from the answer's bytes (servicenow.md §3.1).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Visitor};

/// Columns that a record usually has; room is made for them at once.
const COLUMNS_USUAL: usize = 32;
/// Most records taken from one answer; no call asks for as many.
const ROWS_MAX: usize = 20_000;

/// `{"result":[…]}`.
#[derive(Debug, Deserialize)]
pub(super) struct List<'a> {
    #[serde(borrow, deserialize_with = "rows")]
    pub(super) result: Vec<Row<'a>>,
}

/// An answer with more records than asked for could fill the memory (reliability.md T9).
fn rows<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Row<'a>>, D::Error> {
    struct Records;
    impl<'de> Visitor<'de> for Records {
        type Value = Vec<Row<'de>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "at most {ROWS_MAX} records")
        }
        fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Row<'de>>, A::Error> {
            let mut rows = Vec::new();
            while let Some(row) = seq.next_element()? {
                if rows.len() == ROWS_MAX {
                    return Err(de::Error::invalid_length(rows.len() + 1, &self));
                }
                rows.push(row);
            }
            Ok(rows)
        }
    }
    deserializer.deserialize_seq(Records)
}

/// `{"result":{…}}`.
#[derive(Debug, Deserialize)]
pub(super) struct One<'a> {
    #[serde(borrow)]
    pub(super) result: Row<'a>,
}

/// One record: column and value. A column that the ACL hides is missing, not empty (servicenow.md §3.6).
#[derive(Debug, Default, Clone)]
pub(super) struct Row<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Row<'_> {
    /// The column's value; `None` when it is missing.
    pub(super) fn get(&self, column: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, value)| value.as_ref())
    }

    /// The column's value, empty when missing.
    pub(super) fn text(&self, column: &str) -> &str {
        self.get(column).unwrap_or_default()
    }

    /// The columns there are.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;
        impl<'de> Visitor<'de> for Columns {
            type Value = Row<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
                let mut columns = Vec::new();
                while let Some(Text(name)) = map.next_key()? {
                    if columns.is_empty() {
                        columns.reserve(COLUMNS_USUAL);
                    }
                    if let Some(value) = map.next_value::<Cell<'de>>()?.0 {
                        columns.push((name, value));
                    }
                }
                Ok(Row(columns))
            }
        }
        deserializer.deserialize_map(Columns)
    }
}

/// Text that is borrowed where it holds no escape.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Any)
    }
}

/// A value: text as a rule; numbers, booleans and reference objects are taken too. `None`: nothing usable.
struct Cell<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Cell<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Cell<'de>, E> {
                Ok(Cell(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Cell<'de>, E> {
                Ok(Cell(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Cell<'de>, E> {
                Ok(Cell(Some(Cow::Borrowed(if value { "true" } else { "false" }))))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Cell<'de>, E> {
                Ok(Cell(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Cell<'de>, E> {
                Ok(Cell(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Cell<'de>, E> {
                Ok(Cell(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Cell<'de>, E> {
                Ok(Cell(Some(Cow::Borrowed(""))))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell<'de>, A::Error> {
                let mut found = None;
                while let Some(Text(name)) = map.next_key()? {
                    if name == "value" {
                        found = map.next_value::<Cell<'de>>()?.0;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Cell(found))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Cell<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Cell(None))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_several_shapes() {
        let text = r#"{"result":[{"a":"x","b":{"link":"https://h/","value":"id"},"c":null,"d":7,"e":true,
            "f":{"display_value":"L","value":"3"},"g":[{"deep":[1]}],"h":"q\"\u00e9"}]}"#;
        let list: List<'_> = serde_json::from_str(text).unwrap();
        let row = &list.result[0];
        let values: Vec<_> = ["a", "b", "c", "d", "e", "f", "g", "h", "z"].map(|name| row.get(name)).into();
        let expected =
            [Some("x"), Some("id"), Some(""), Some("7"), Some("true"), Some("3"), None, Some("q\"é"), None];
        assert_eq!(values, expected);
    }

    #[test]
    fn wrong_shapes_are_errors() {
        for bad in [r#"{"result":{}}"#, r#"{"result":[1]}"#, r#"{}"#, r#"{"result":["#] {
            assert!(serde_json::from_str::<List<'_>>(bad).is_err(), "{bad}");
        }
    }
}
