//! What may be said about a request: its shape, never a secret, a value or a body (reliability.md T7, T15).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// A query with every value masked: `a=…&b=…`.
pub fn masked_query(query: &str) -> String {
    let mut masked = String::with_capacity(query.len().min(256));
    for (index, part) in query.split('&').enumerate() {
        if index > 0 {
            masked.push('&');
        }
        let name = part.split('=').next().unwrap_or_default();
        masked.push_str(&printable(name, 60));
        if part.len() > name.len() {
            masked.push_str("=…");
        }
    }
    masked
}

/// The path of an address with its query masked; no user, no fragment.
pub(crate) fn masked_target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{}", url.path(), masked_query(query)),
        None => url.path().to_owned(),
    }
}

/// Shorter secrets cannot be told from ordinary words.
const CONCEALED_CHARS_MIN: usize = 6;

/// `words` without `secrets`, as they are or encoded for an address, a form or a header.
pub fn concealed<'a>(words: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut words = words.to_owned();
    for secret in secrets.into_iter().filter(|secret| secret.chars().count() >= CONCEALED_CHARS_MIN) {
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let address = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        for spelling in [secret, &form, &address, &STANDARD.encode(secret)] {
            if words.contains(spelling) {
                words = words.replace(spelling, "…");
            }
        }
    }
    words
}

/// A platform's own words made safe to show: one line, no control or direction characters, cut to `chars_max`.
pub fn printable(text: &str, chars_max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(chars_max.saturating_add(4)));
    let mut chars = 0;
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() || character.is_control() {
            gap = chars > 0;
            continue;
        }
        if matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        {
            continue;
        }
        if chars >= chars_max {
            line.push('…');
            break;
        }
        if gap {
            line.push(' ');
            chars += 1;
            gap = false;
        }
        line.push(character);
        chars += 1;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_show() {
        assert_eq!(masked_query("token=abc&user&q=a%3Db"), "token=…&user&q=…");
        let url = Url::parse("https://u:p@h/x?secret=1#frag").unwrap();
        assert_eq!(masked_target(&url), "/x?secret=…");
    }

    #[test]
    fn t7_secrets_are_taken_out_of_foreign_words_in_every_spelling() {
        let words = "no: p&w s3cret, p%26w+s3cret, p%26w%20s3cret, cCZ3IHMzY3JldA== short";
        assert_eq!(concealed(words, ["p&w s3cret", "short"]), "no: …, …, …, … short");
    }

    #[test]
    fn foreign_words_are_tamed() {
        assert_eq!(printable("a\u{1b}[31m\r\n b\u{202e}c", 80), "a [31m bc");
        assert_eq!(printable("abcdef", 3), "abc…");
    }
}
