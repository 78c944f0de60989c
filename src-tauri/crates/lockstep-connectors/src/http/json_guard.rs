//! What an answer's JSON has to be before anything parses it: bounded in values, for a small body can grow a hundredfold
//! in memory, and free of half characters, for one cut emoji must not hide a whole page (reliability.md T9).

use bytes::Bytes;
use memchr::{memchr, memmem};

/// What an answer may take once it is parsed, bytes: itself, and so much for each value.
const ROOM_BYTES_MAX: usize = 64 << 20;
/// A thousand records have some 50,000 values; a page of long descriptions, a few hundred thousand.
const VALUE_BYTES: usize = 64;
/// Shorter answers cannot grow to anything that matters and are not counted.
const COUNTED_FROM_BYTES: usize = 256 * 1024;

/// Whether a body that looks like JSON holds more values than memory should be given for.
pub(super) fn has_too_many_values(body: &[u8]) -> bool {
    let begins = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if body.len() < COUNTED_FROM_BYTES || !matches!(begins, Some(b'{' | b'[')) {
        return false;
    }
    let (mut values, mut in_text, mut at) = (0usize, false, 0);
    while let Some(byte) = body.get(at) {
        match byte {
            // Whatever is escaped, it is not the end of the text.
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => values += 1,
            _ => {}
        }
        at += 1;
    }
    values * VALUE_BYTES + body.len() > ROOM_BYTES_MAX
}

/// The body with the replacement character for every lone half of a surrogate pair (`\ud83d` without its second half),
/// which platforms send where they cut a text by length. Rust's text has no place for one.
pub(super) fn without_half_characters(body: Bytes) -> Bytes {
    if memmem::find(&body, b"\\ud").is_none() && memmem::find(&body, b"\\uD").is_none() {
        return body;
    }
    let halves = lone_halves(&body);
    if halves.is_empty() {
        return body;
    }
    let mut mended = body.to_vec();
    for at in halves {
        mended[at..at + 6].copy_from_slice(b"\\ufffd");
    }
    mended.into()
}

fn lone_halves(body: &[u8]) -> Vec<usize> {
    let (mut lone, mut at) = (Vec::new(), 0);
    while let Some(found) = memchr(b'\\', &body[at.min(body.len())..]) {
        let here = at + found;
        match (unit(body, here), unit(body, here + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at = here + 12,
            (Some(0xd800..=0xdfff), _) => {
                lone.push(here);
                at = here + 6;
            }
            (Some(_), _) => at = here + 6,
            // Another escape: its second character stands for itself, a backslash too.
            (None, _) => at = here + 2,
        }
    }
    lone
}

/// The number of a `\uXXXX` at `at`.
fn unit(body: &[u8], at: usize) -> Option<u32> {
    let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mended(text: &str) -> String {
        let body = without_half_characters(Bytes::copy_from_slice(text.as_bytes()));
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn t9_half_an_emoji_is_replaced_and_a_whole_one_kept() {
        for (text, good) in [
            (r#"{"a":"cut \ud83d"}"#, r#"{"a":"cut \ufffd"}"#),
            (r#"{"a":"\uDE00 tail"}"#, r#"{"a":"\ufffd tail"}"#),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, r#"{"a":"\ufffd\ud83d\ude00"}"#),
            (r#"{"a":"\ud83d\ude00 \u00e9"}"#, r#"{"a":"\ud83d\ude00 \u00e9"}"#),
            (r#"{"a":"C:\\ud83d\\new"}"#, r#"{"a":"C:\\ud83d\\new"}"#),
            (r#"{"a":"\\\ud83d"}"#, r#"{"a":"\\\ufffd"}"#),
            (r"\ud8", r"\ud8"),
            (r"\ud83d\", r"\ufffd\"),
        ] {
            assert_eq!(mended(text), good, "{text}");
        }
    }

    #[test]
    fn t9_values_are_counted_and_text_is_not() {
        let rows = |count: usize| format!("[{}{{}}]", "{},".repeat(count));
        assert!(!has_too_many_values(rows(400_000).as_bytes()));
        assert!(has_too_many_values(rows(600_000).as_bytes()));
        let text = format!(r#"{{"a":"{}"}}"#, r#"\",[{"#.repeat(2_000_000));
        assert!(!has_too_many_values(text.as_bytes()));
        assert!(!has_too_many_values(&vec![b','; 2_000_000]), "a picture, say");
    }

    proptest! {
        #[test]
        fn t9_any_units_parse_after_the_mending(units in prop::collection::vec(prop_oneof![
            any::<u16>().prop_map(|unit| format!("\\u{unit:04x}")),
            (0xd7f0u16..0xe010).prop_map(|unit| format!("\\u{unit:04X}")),
            Just("\\\\".to_owned()), Just("u".to_owned()), Just("d800".to_owned()),
        ], 0..12)) {
            let text = format!("\"{}\"", units.concat());
            let read: Result<String, _> = serde_json::from_str(&mended(&text));
            prop_assert!(read.is_ok(), "{}", text);
            if let Ok(whole) = serde_json::from_str::<String>(&text) {
                prop_assert_eq!(read.unwrap(), whole);
            }
        }
    }
}
