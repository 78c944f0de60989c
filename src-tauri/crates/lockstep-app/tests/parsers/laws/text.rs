//! Rich text, plain text, markers: canonical forms are fixed points, and writing and reading settle in one step.

use lockstep_core::marker::{PairKey, ref_in_first_line, ref_tag};
use lockstep_core::text::doc::{parse, to_markdown};
use lockstep_core::text::limit::{cut_at_chars, cut_markdown};
use lockstep_core::text::{adf as rich, html as page, journal as log, markdown as mark, plain as bare};
use serde_json::Value;

use super::bits::Bits;

/// The bytes as text: as they are, or as choices among what is special somewhere.
fn text_of(bytes: &[u8]) -> String {
    match bytes.split_first() {
        Some((0, rest)) => Bits::new(rest).lines(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn by_adf(markdown: &str) -> String {
    rich::from_adf(&rich::to_adf(markdown, &rich::AdfOptions::default()).value).text
}

fn is_canonical(text: &str) {
    assert_eq!(mark::canonical(text), text, "not a fixed point");
}

pub fn markdown(bytes: &[u8]) {
    let text = text_of(bytes);
    is_canonical(&mark::canonical(&text));
    let doc = parse(&text);
    let written = to_markdown(&doc);
    assert_eq!(parse(&written), doc, "{written}");
    let once = by_adf(&text);
    assert_eq!(by_adf(&once), once, "by way of ADF");
    is_canonical(&once);
}

pub fn html(bytes: &[u8]) {
    let text = text_of(bytes);
    let once = page::from_html(&text).text;
    is_canonical(&once);
    let by_html = |text: &str| page::from_html(&page::to_html(text).text).text;
    let twice = by_html(&once);
    assert_eq!(by_html(&twice), twice, "by way of HTML");
    // Nothing that acts gets out, whatever stood in the text (threat T1).
    let out = page::to_html(&text).text.to_lowercase();
    for acting in
        ["<script", "<iframe", "<object", "<svg", "<img src=\"javascript", "href=\"javascript", "href=\"data"]
    {
        assert!(!out.contains(acting), "{acting} in {out}");
    }
}

pub fn journal(bytes: &[u8]) {
    let first = log::from_journal(&text_of(bytes)).text;
    is_canonical(&first);
    let written = log::to_journal(&first).text;
    assert!(!written.to_lowercase().contains("[code]"), "{written}");
    assert_eq!(log::to_journal(&log::from_journal(&written).text).text, written);
    assert_eq!(log::to_journal(&by_adf(&log::from_journal(&written).text)).text, written, "by way of ADF");
}

pub fn plain(bytes: &[u8]) {
    let text = text_of(bytes);
    let canonical = bare::canonical(&text);
    assert_eq!(bare::canonical(&canonical), canonical);
    let markdown = bare::from_plain(&text);
    is_canonical(&markdown);
    assert_eq!(bare::to_plain(&markdown).text, canonical);
    assert_eq!(bare::to_plain(&by_adf(&markdown)).text, canonical, "by way of ADF");
}

pub fn adf(bytes: &[u8]) {
    let parsed: Result<Value, _> = serde_json::from_slice(bytes);
    let value = parsed.unwrap_or_else(|_| Bits::new(bytes).document());
    let text = rich::from_adf(&value).text;
    is_canonical(&text);
    let once = by_adf(&text);
    assert_eq!(by_adf(&once), once, "by way of ADF");
    let _ = rich::unreproducible(&value);
}

pub fn limit(bytes: &[u8]) {
    let (limit, rest) = bytes.split_first().map_or((0, bytes), |(limit, rest)| (usize::from(*limit), rest));
    let text = text_of(rest);
    let (cut, was_cut) = cut_at_chars(&text, limit, "…");
    assert!(cut.chars().count() <= limit.max(1) && was_cut == (text.chars().count() > limit), "{cut:?}");
    let canonical = mark::canonical(&text);
    let (cut, was_cut) = cut_markdown(&canonical, limit, "(more)");
    assert!(was_cut || cut == canonical, "{cut:?}");
    assert!(!was_cut || cut.chars().count() <= limit.max("(more)".len()), "{limit}: {cut:?}");
}

pub fn marker(bytes: &[u8]) {
    let text = text_of(bytes);
    if let Some(key) = PairKey::parse(&text) {
        assert_eq!(PairKey::parse(&key.to_string()), Some(key));
    }
    if let Some(found) = ref_in_first_line(&text) {
        assert!(text.contains(found) && found.len() == 10);
        assert_eq!(ref_in_first_line(&ref_tag(found)), Some(found));
    }
}

pub const TEXTS: &[&[u8]] = &[
    b"# One\n\nTwo *three* **four** ~~five~~ `six` [seven](https://x.yz)",
    b"- # heading\n- > quote\n- ___\n- | a |\n  | - |\n  | b |\n- ```\n  code\n  ```\n- - nested\n- 1. one\n-",
    b"> [!WARNING]\n> # heading\n>\n> > quote\n>\n> | a |\n> | - |\n>\n> ___\n>\n> - [x] done",
    b"| a | b |\n| :-: | --- |\n| **x**<br>y | `p\\|q` |",
    b"a\r\nb  \nc\\\nd &amp; &#32; \\* <b> https://x.yz/a_b.",
    b"\0\x20\x41\xc9\x07\x30\xd2\x03\x11",
];

pub const PAGES: &[&[u8]] = &[
    b"<p>One <b>two</b> <a href='https://x.yz'>three</a></p><ul><li>x<ol><li>y</ol></ul><pre>z</pre>",
    b"<table><tr><th>a<td>b</table><img src=x alt=y><script>alert(1)</script><style>p{}</style>",
    b"<pre>\n\n\na</pre>",
    b"\x00\x3c\x70\x3e\x00\x00\x15\xe6\x15\x15\x15\x15\x15\x15\x0a\x00\x00\x00\x00\x00\x00\x00\x15\x15\xe9\x15",
    b"<a href=javascript:alert(1)>x</a><svg onload=x><iframe src=y></iframe><!-- c --><div>&lt;script&gt;",
];

pub const JOURNALS: &[&[u8]] = &[
    b"plain *text*",
    b"See [CODE]<a href='https://x.yz'>this</a>[/Code] now\n[code]<ul><li>x</li></ul>[/code]\nb",
    b"[code]open [\xe2\x80\x8bcode] [/code]",
];

pub const DOCUMENTS: &[&[u8]] = &[
    br##"{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"a","marks":[{"type":"link","attrs":{"href":"https://x.yz"}}]},{"type":"hardBreak"},{"type":"mention","attrs":{"id":"1","text":"@Mia"}}]}]}"##,
    br##"{"type":"doc","content":[{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"codeBlock","attrs":{"language":"x"},"content":[{"type":"text","text":"```"}]}]}]},{"type":"taskList","content":[{"type":"taskItem","attrs":{"state":"DONE"},"content":[{"type":"text","text":" x "}]}]}]}"##,
    b"\x03\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b",
];

pub const MARKERS: &[&[u8]] = &[
    b"0a1b2c3d:5f0c2d8e1b3a4f00aa11bb22cc33dd44:4d5e6f70:2",
    b"Mia (Jira) [ls:abcdefghij]\n\nbody",
    b"Mia \\[ls:abcdefgh23\\]\\",
];
