//! Words in columns: enums kept as the words people and JSON know, and JSON columns read into their types.

use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::error::{Result, StoreError};
use crate::packed::Unpacked;

/// An enum of this crate that stands as one word in a column and in JSON.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// The word in the store and in JSON.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// The other way round; `None` for any other word.
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.word().into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<$name> {
                let word = value.as_str()?;
                $name::from_word(word).ok_or_else(|| {
                    rusqlite::types::FromSqlError::Other(format!("unknown word `{word}`").into())
                })
            }
        }
    };
}
pub(crate) use words;

/// A number that names a row of one table.
macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.0.into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<$name> {
                value.as_i64().map($name)
            }
        }
    };
}
pub(crate) use row_id;

/// The word serde spells for a unit variant of core's enums.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    let spelled = serde_json::to_string(value).expect("a unit variant always has a spelling");
    spelled.trim_matches('"').to_owned()
}

/// Reads column `at` as a unit variant of one of core's enums.
pub(crate) fn read_word<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(at)?.as_str()?;
    T::deserialize(text.into_deserializer()).map_err(|cause: serde::de::value::Error| unreadable(at, cause))
}

/// Reads column `at` as JSON.
pub(crate) fn read_json<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(at)?.as_str()?).map_err(|cause| unreadable(at, cause))
}

/// Reads column `at` as JSON, `None` for NULL.
pub(crate) fn read_json_or_none<T: DeserializeOwned>(
    row: &Row<'_>,
    at: usize,
) -> rusqlite::Result<Option<T>> {
    match row.get_ref(at)?.as_str_or_null()? {
        Some(text) => serde_json::from_str(text).map(Some).map_err(|cause| unreadable(at, cause)),
        None => Ok(None),
    }
}

/// Reads column `at` as packed JSON.
pub(crate) fn read_packed<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> rusqlite::Result<T> {
    row.get::<_, Unpacked<T>>(at).map(|value| value.0)
}

/// Reads column `at` as packed JSON, `None` for NULL.
pub(crate) fn read_packed_or_none<T: DeserializeOwned>(
    row: &Row<'_>,
    at: usize,
) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<Unpacked<T>>>(at)?.map(|value| value.0))
}

/// The id of the row `ordinal` of a plan or run: rows lie in the order in which they are written.
pub(crate) fn ordered_id(of: i64, ordinal: u32) -> i64 {
    (of << 32) | i64::from(ordinal)
}

/// Writes a column's JSON.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|cause| StoreError::data("value", cause))
}

pub(crate) fn unreadable(
    at: usize,
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, Type::Text, cause.into())
}
