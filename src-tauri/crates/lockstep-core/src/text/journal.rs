//! ServiceNow journal text: plain text in which `[code]…[/code]` holds HTML (`servicenow.md` §5.1: shown as HTML
//! only where `glide.ui.security.allow_codetag` is on). We write plain text only, and break foreign tags with a
//! zero-width space, so that nobody puts HTML on an agent's screen through us. Header lines (H36) are not read here.

use super::doc::{Block, Doc, to_markdown};
use super::{Converted, html, plain};

const TAGS: [&str; 2] = ["[code]", "[/code]"];
const MARK: char = '\u{200b}';

/// Markdown of a journal entry.
pub fn from_journal(text: &str) -> Converted {
    let mut blocks = Vec::new();
    let mut converted = Converted::default();
    let mut rest = text;
    let mut joined = false;
    while let Some((open, inner, close)) = next_code(rest) {
        joined = append(&mut blocks, plain::doc(&restored(&rest[..open])), joined && !starts_line(rest))
            && !rest[..open].ends_with('\n');
        let (doc, lost) = html::read(&rest[inner..close]);
        converted.flattened.merge(&lost);
        append(&mut blocks, doc, joined);
        joined = true;
        rest = &rest[close + TAGS[1].len()..];
    }
    append(&mut blocks, plain::doc(&restored(rest)), joined && !starts_line(rest));
    converted.text = to_markdown(&Doc { blocks }.normalise());
    converted
}

/// Journal text of a Markdown text.
pub fn to_journal(markdown: &str) -> Converted {
    let mut converted = plain::to_plain(markdown);
    if has_tag(&converted.text) {
        converted.text = each_tag(&converted.text, |tag| format!("[{MARK}{}", &tag[1..]));
    }
    converted
}

fn starts_line(text: &str) -> bool {
    text.starts_with(['\n', '\r'])
}

/// Puts blocks behind others; `joined`: its first line goes on with their last. Whether anything was there to join.
fn append(blocks: &mut Vec<Block>, doc: Doc, joined: bool) -> bool {
    let mut new = doc.blocks.into_iter();
    let Some(first) = new.next() else { return joined };
    match (blocks.last_mut(), first) {
        (Some(Block::Paragraph(line)), Block::Paragraph(more)) if joined => {
            let space = |i: Option<&super::doc::Inline>, end: bool| {
                i.and_then(|i| i.as_text()).is_some_and(|t| {
                    if end { t.ends_with(char::is_whitespace) } else { t.starts_with(char::is_whitespace) }
                })
            };
            if !space(line.last(), true) && !space(more.first(), false) {
                line.push(super::doc::Inline::text(" "));
            }
            line.extend(more);
        }
        (_, first) => blocks.push(first),
    }
    blocks.extend(new);
    true
}

/// Where the next whole code piece is: its tag, its inside, its end tag.
fn next_code(text: &str) -> Option<(usize, usize, usize)> {
    let open = find(text, TAGS[0])?;
    let inner = open + TAGS[0].len();
    let close = inner + find(&text[inner..], TAGS[1])?;
    Some((open, inner, close))
}

/// First place of an ASCII text, whatever its case.
fn find(text: &str, wanted: &str) -> Option<usize> {
    text.match_indices('[').map(|(at, _)| at).find(|at| begins(&text[*at..], wanted))
}

fn begins(text: &str, wanted: &str) -> bool {
    text.as_bytes().get(..wanted.len()).is_some_and(|b| b.eq_ignore_ascii_case(wanted.as_bytes()))
}

fn has_tag(text: &str) -> bool {
    TAGS.iter().any(|tag| find(text, tag).is_some())
}

fn each_tag(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = TAGS.iter().find(|tag| begins(rest, tag)).map(|tag| tag.len());
        match length {
            Some(length) => out.push_str(&change(&rest[..length])),
            None => out.push('['),
        }
        rest = &rest[length.unwrap_or(1)..];
    }
    out.push_str(rest);
    out
}

/// Text whose broken tags are whole again.
fn restored(text: &str) -> String {
    if !text.contains(MARK) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("[\u{200b}") {
        let after = at + 1 + MARK.len_utf8();
        let tail = &rest[after..];
        let broken = TAGS.iter().any(|tag| begins(tail, &tag[1..]));
        out.push_str(&rest[..=at]);
        if !broken {
            out.push(MARK);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}
