//! One stored value, kept small: most are a state number, a stamp, a `sys_id` or a short word.

/// Sixteen bytes, written as 32 lower-case hexadecimal digits.
pub type SysId = [u8; 16];

/// Room in which a value that is not stored as text is written out.
pub type Scratch = [u8; 32];

const INLINE_BYTES_MAX: usize = 22;

/// A value of a record. Every one is a text to the client (sheet 0, decision 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Up to 22 bytes, in place.
    Short {
        /// Bytes used.
        length: u8,
        /// The bytes.
        bytes: [u8; INLINE_BYTES_MAX],
    },
    /// A `sys_id`.
    Id(SysId),
    /// Anything longer.
    Long(Box<str>),
}

impl Value {
    /// Stores a text in the smallest form.
    pub fn new(text: &str) -> Self {
        if text.len() <= INLINE_BYTES_MAX {
            let mut bytes = [0; INLINE_BYTES_MAX];
            bytes[..text.len()].copy_from_slice(text.as_bytes());
            return Self::Short { length: text.len() as u8, bytes };
        }
        match parse_id(text) {
            Some(id) => Self::Id(id),
            None => Self::Long(text.into()),
        }
    }

    /// The text; `scratch` holds it when it is not stored as text.
    pub fn text<'a>(&'a self, scratch: &'a mut Scratch) -> &'a str {
        match self {
            Self::Short { length, bytes } => {
                std::str::from_utf8(&bytes[..usize::from(*length)]).expect("stored from a text")
            }
            Self::Id(id) => write_id(id, scratch),
            Self::Long(text) => text,
        }
    }
}

/// Reads 32 lower-case hexadecimal digits.
pub fn parse_id(text: &str) -> Option<SysId> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return None;
    }
    let mut id = [0; 16];
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
    }
    Some(id)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Writes a `sys_id` into the scratch room.
pub fn write_id<'a>(id: &SysId, scratch: &'a mut Scratch) -> &'a str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in scratch.chunks_exact_mut(2).zip(id) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    std::str::from_utf8(scratch).expect("digits are ASCII")
}

/// A `sys_id` as a string.
pub fn id_text(id: &SysId) -> String {
    write_id(id, &mut [0; 32]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Value, id_text, parse_id};

    #[test]
    fn texts_go_in_and_out_unchanged() {
        let long = "x".repeat(23);
        let id = "6816f79cc0a8016401c5a33be04be441";
        for text in ["", "7", "2026-05-04 10:00:01", "exactly twenty-two by.", long.as_str(), id, "Inês\u{0}"]
        {
            assert_eq!(Value::new(text).text(&mut [0; 32]), text);
        }
        assert!(matches!(Value::new(id), Value::Id(_)));
        assert_eq!(std::mem::size_of::<Value>(), 24);
    }

    #[test]
    fn only_lower_case_hex_is_an_id() {
        let id = "6816f79cc0a8016401c5a33be04be441";
        assert_eq!(id_text(&parse_id(id).unwrap()), id);
        assert!(parse_id(&id.to_uppercase()).is_none());
        assert!(parse_id("abc").is_none());
    }
}
