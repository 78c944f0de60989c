//! JSON in a column, packed: a plan's row says the same names and values three times over, and every byte is encrypted,
//! logged and written twice.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, StoreError};

/// Begins a packed value; JSON never does.
const PACKED: u8 = 1;
/// Shorter texts are kept as they are.
const PACK_BYTES_MIN: usize = 200;
/// Nothing that Lockstep keeps is longer, unpacked, in bytes: a value that claims to be is damaged.
const BYTES_MAX: usize = 256 << 20;

/// A value as the store keeps it: JSON, compressed where that pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// Packs a value; fails when JSON cannot say it.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Packed> {
        let json = serde_json::to_vec(value).map_err(|cause| StoreError::data("value", cause))?;
        if json.len() < PACK_BYTES_MIN {
            return Ok(Packed(json));
        }
        let mut bytes = vec![0; 5 + lz4_flex::block::get_maximum_output_size(json.len())];
        bytes[0] = PACKED;
        let length = u32::try_from(json.len()).map_err(|cause| StoreError::data("value", cause))?;
        bytes[1..5].copy_from_slice(&length.to_le_bytes());
        let written = lz4_flex::block::compress_into(&json, &mut bytes[5..])
            .map_err(|cause| StoreError::data("value", cause))?;
        bytes.truncate(5 + written);
        bytes.shrink_to_fit();
        Ok(Packed(bytes))
    }

    /// The value; fails when it is damaged or of another type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        unpack(&self.0).map_err(|cause| StoreError::data("value", cause))
    }
}

fn unpack<T: DeserializeOwned>(
    bytes: &[u8],
) -> std::result::Result<T, Box<dyn std::error::Error + Send + Sync>> {
    let Some((&PACKED, rest)) = bytes.split_first() else {
        return Ok(serde_json::from_slice(bytes)?);
    };
    let (length, packed) = rest.split_first_chunk::<4>().ok_or("a packed value is cut off")?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > BYTES_MAX {
        return Err("a packed value claims to be too long".into());
    }
    Ok(serde_json::from_slice(&lz4_flex::block::decompress(packed, length)?)?)
}

impl rusqlite::ToSql for Packed {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

/// A column of packed JSON, read into its type.
pub(crate) struct Unpacked<T>(pub T);

impl<T: DeserializeOwned> FromSql for Unpacked<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Unpacked<T>> {
        unpack(value.as_blob()?).map(Unpacked).map_err(FromSqlError::Other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_packed_is_read_back() {
        let long: Vec<Value> =
            (0..50).map(|at| json!({ "kind": "text", "value": format!("line {at}") })).collect();
        for value in [json!(null), json!({ "a": 1 }), json!(long), json!("ä".repeat(5_000))] {
            let packed = Packed::of(&value).unwrap();
            assert_eq!(packed.read::<Value>().unwrap(), value);
        }
        let packed = Packed::of(&long).unwrap();
        assert!(packed.0.len() * 3 < serde_json::to_vec(&long).unwrap().len(), "{}", packed.0.len());
    }

    #[test]
    fn a_damaged_value_is_an_error_and_nothing_else() {
        let whole = Packed::of(&json!("x".repeat(1_000))).unwrap();
        for at in 0..whole.0.len() {
            let cut = Packed(whole.0[..at].to_vec());
            assert!(cut.read::<Value>().is_err(), "cut at {at}");
        }
        let huge = Packed([&[PACKED][..], &u32::MAX.to_le_bytes(), &[0; 8]].concat());
        assert!(huge.read::<Value>().is_err());
        assert!(whole.read::<Vec<u32>>().is_err());
    }
}
