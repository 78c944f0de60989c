//! Addresses: which characters they may hold, which schemes are refused, and where a bare one sits in text.
//! A link whose text is its own address is kept as bare text, since platforms link and unlink those at will
//! (`linear.md` §6.1; Jira does not link them by itself, `jira.md` §6).

use std::borrow::Cow;
use std::ops::Range;

/// Characters that end a bare address; `clean` encodes them.
fn is_foreign(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '`' | '|' | '\\')
}

/// The address with everything encoded that Markdown cannot spell plainly.
pub(crate) fn clean(href: &str) -> Cow<'_, str> {
    let trimmed = href.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if !trimmed.contains(is_foreign) {
        return Cow::Borrowed(trimmed);
    }
    let mut out = String::with_capacity(trimmed.len() + 8);
    let mut bytes = [0; 4];
    for c in trimmed.chars() {
        if c == '\n' || c == '\r' || c == '\t' {
            continue; // browsers drop these within an address
        }
        if is_foreign(c) {
            for b in c.encode_utf8(&mut bytes).bytes() {
                out.push('%');
                out.push(char::from(b"0123456789ABCDEF"[usize::from(b >> 4)]));
                out.push(char::from(b"0123456789ABCDEF"[usize::from(b & 15)]));
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether following the address could run or reveal something (threat T1).
pub(crate) fn is_unsafe(href: &str) -> bool {
    let Some(colon) = href.find(':') else { return false };
    let scheme: String = href[..colon].chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    ["javascript", "vbscript", "data", "file", "blob"].iter().any(|bad| scheme.eq_ignore_ascii_case(bad))
}

/// Where bare http(s) addresses sit. Depends on the text alone.
pub(crate) fn detect(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("http") {
        let start = from + at;
        let rest = &text[start..];
        let scheme = if rest.starts_with("https://") {
            8
        } else if rest.starts_with("http://") {
            7
        } else {
            from = start + 4;
            continue;
        };
        let joined = text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
        let host = rest[scheme..].chars().next().is_some_and(|c| c.is_alphanumeric() || c == '[');
        if joined || !host {
            from = start + scheme;
            continue;
        }
        let stop = |c: char| is_foreign(c) || matches!(c, '"' | '{' | '}' | '^');
        let mut end = start + rest.find(stop).unwrap_or(rest.len());
        let floor = start + scheme + 1;
        let mut open = count(&text[start..end]);
        while let Some(last) = text[start..end].chars().next_back() {
            let cut = match last {
                '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' => true,
                ')' if open.0 < 0 => {
                    open.0 += 1;
                    true
                }
                ']' if open.1 < 0 => {
                    open.1 += 1;
                    true
                }
                _ => false,
            };
            if !cut || end - last.len_utf8() < floor {
                break;
            }
            end -= last.len_utf8();
        }
        found.push(start..end);
        from = end;
    }
    found
}

/// Opened minus closed round and square brackets.
fn count(text: &str) -> (i32, i32) {
    text.bytes().fold((0, 0), |(round, square), b| match b {
        b'(' => (round + 1, square),
        b')' => (round - 1, square),
        b'[' => (round, square + 1),
        b']' => (round, square - 1),
        _ => (round, square),
    })
}
