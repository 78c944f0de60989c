//! Wiki markup of `/rest/api/2` ⇄ ADF of `/rest/api/3` (sheet §6.1), and the HTML of `renderedBody`.
//!
//! The subset that sync tools write: paragraphs, line breaks, headings, lists, code, quotes, rules, bold, italic, code
//! spans, links, and `!file.png!` for a file of the ticket.

use serde_json::{Value, json};

/// Media id of a file of the ticket by its name.
pub type FileByName<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A document of wiki markup.
pub fn to_adf(markup: &str, file: FileByName<'_>) -> String {
    let normal = markup.replace("\r\n", "\n");
    let lines: Vec<&str> = normal.split('\n').collect();
    let mut blocks: Vec<Value> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if line.trim().is_empty() {
            at += 1;
        } else if let Some(open) = fence(line) {
            let end = (at + 1..lines.len()).find(|&i| lines[i].trim() == open.closing).unwrap_or(lines.len());
            blocks.push(fenced(&open, &lines[at + 1..end]));
            at = end + 1;
        } else if let Some((level, rest)) = heading(line) {
            blocks.push(json!({ "type": "heading", "attrs": { "level": level }, "content": inline(rest) }));
            at += 1;
        } else if line.trim_end() == "----" {
            blocks.push(json!({ "type": "rule" }));
            at += 1;
        } else if let Some(name) = picture(line) {
            blocks.push(media(name, line, file));
            at += 1;
        } else if list_item(line).is_some() {
            let end = (at..lines.len()).find(|&i| list_item(lines[i]).is_none()).unwrap_or(lines.len());
            blocks.push(list(&lines[at..end]));
            at = end;
        } else {
            let end = (at..lines.len()).find(|&i| i > at && ends_paragraph(lines[i])).unwrap_or(lines.len());
            blocks.push(paragraph(&lines[at..end]));
            at = end;
        }
    }
    json!({ "type": "doc", "version": 1, "content": blocks }).to_string()
}

/// A document of plain text: a paragraph per block, a hard break per newline (sheet §6.1).
pub fn plain_to_adf(text: &str) -> String {
    let blocks: Vec<Value> = text
        .replace("\r\n", "\n")
        .split("\n\n")
        .filter(|block| !block.trim().is_empty())
        .map(|block| {
            let mut content: Vec<Value> = Vec::new();
            for (at, line) in block.trim_matches('\n').split('\n').enumerate() {
                if at > 0 {
                    content.push(json!({ "type": "hardBreak" }));
                }
                if !line.is_empty() {
                    content.push(json!({ "type": "text", "text": line }));
                }
            }
            json!({ "type": "paragraph", "content": content })
        })
        .collect();
    json!({ "type": "doc", "version": 1, "content": blocks }).to_string()
}

fn ends_paragraph(line: &str) -> bool {
    line.trim().is_empty()
        || fence(line).is_some()
        || heading(line).is_some()
        || list_item(line).is_some()
        || picture(line).is_some()
        || line.trim_end() == "----"
}

struct Fence<'a> {
    language: Option<&'a str>,
    closing: &'static str,
}

fn fence(line: &str) -> Option<Fence<'_>> {
    let line = line.trim();
    if line == "{noformat}" {
        return Some(Fence { language: None, closing: "{noformat}" });
    }
    if line == "{quote}" {
        return Some(Fence { language: None, closing: "{quote}" });
    }
    let inner = line.strip_prefix("{code")?.strip_suffix('}')?;
    Some(Fence { language: inner.strip_prefix(':').filter(|name| !name.is_empty()), closing: "{code}" })
}

fn fenced(open: &Fence<'_>, lines: &[&str]) -> Value {
    if open.closing == "{quote}" {
        return json!({ "type": "blockquote", "content": [paragraph(lines)] });
    }
    let text = lines.join("\n");
    let content = if text.is_empty() { json!([]) } else { json!([{ "type": "text", "text": text }]) };
    match open.language {
        Some(language) => {
            json!({ "type": "codeBlock", "attrs": { "language": language }, "content": content })
        }
        None => json!({ "type": "codeBlock", "attrs": {}, "content": content }),
    }
}

fn heading(line: &str) -> Option<(u32, &str)> {
    let rest = line.strip_prefix('h')?;
    let level = rest.chars().next()?.to_digit(10).filter(|level| (1..=6).contains(level))?;
    Some((level, rest[1..].strip_prefix(". ")?))
}

fn list_item(line: &str) -> Option<(char, &str)> {
    let line = line.trim_start();
    let marker = line.chars().next().filter(|marker| matches!(marker, '*' | '#' | '-'))?;
    let rest = line.trim_start_matches(marker);
    rest.strip_prefix(' ').map(|text| (marker, text))
}

fn list(lines: &[&str]) -> Value {
    let items: Vec<Value> = lines
        .iter()
        .filter_map(|line| list_item(line))
        .map(|(_, text)| json!({ "type": "listItem", "content": [{ "type": "paragraph", "content": inline(text) }] }))
        .collect();
    let numbered = list_item(lines[0]).is_some_and(|(marker, _)| marker == '#');
    json!({ "type": if numbered { "orderedList" } else { "bulletList" }, "content": items })
}

fn picture(line: &str) -> Option<&str> {
    let inner = line.trim().strip_prefix('!')?.strip_suffix('!')?;
    let name = inner.split('|').next()?;
    (name.contains('.') && !name.contains(' ')).then_some(name)
}

fn media(name: &str, line: &str, file: FileByName<'_>) -> Value {
    match file(name) {
        Some(id) => json!({ "type": "mediaSingle", "attrs": { "layout": "align-start" }, "content": [
            { "type": "media", "attrs": { "type": "file", "id": id, "alt": name, "collection": "" } }] }),
        None => paragraph(&[line]),
    }
}

fn paragraph(lines: &[&str]) -> Value {
    let mut content: Vec<Value> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            content.push(json!({ "type": "hardBreak" }));
        }
        content.extend(inline(line));
    }
    json!({ "type": "paragraph", "content": content })
}

/// Spans of one line: `*bold*`, `_italic_`, `{{code}}`, `[text|url]`.
fn inline(line: &str) -> Vec<Value> {
    let mut spans: Vec<Value> = Vec::new();
    let mut plain = String::new();
    let mut rest = line;
    let mut at_word_start = true;
    while let Some(first) = rest.chars().next() {
        if let Some((span, used)) = span(rest, first, at_word_start) {
            if !plain.is_empty() {
                spans.push(json!({ "type": "text", "text": std::mem::take(&mut plain) }));
            }
            spans.push(span);
            rest = &rest[used..];
            at_word_start = false;
        } else {
            plain.push(first);
            at_word_start = !first.is_alphanumeric();
            rest = &rest[first.len_utf8()..];
        }
    }
    if !plain.is_empty() {
        spans.push(json!({ "type": "text", "text": plain }));
    }
    spans
}

fn span(rest: &str, first: char, at_word_start: bool) -> Option<(Value, usize)> {
    match first {
        '*' | '_' if at_word_start => {
            let end = rest[1..].find(first)? + 1;
            let text = &rest[1..end];
            let tight = !text.is_empty() && text.trim() == text;
            let word_goes_on = rest[end + 1..].chars().next().is_some_and(char::is_alphanumeric);
            let mark = if first == '*' { "strong" } else { "em" };
            (tight && !word_goes_on)
                .then(|| (json!({ "type": "text", "text": text, "marks": [{ "type": mark }] }), end + 1))
        }
        '{' => {
            let end = rest.strip_prefix("{{")?.find("}}")?;
            let text = &rest[2..2 + end];
            (!text.is_empty())
                .then(|| (json!({ "type": "text", "text": text, "marks": [{ "type": "code" }] }), end + 4))
        }
        '[' => {
            let end = rest.find(']')?;
            let inner = &rest[1..end];
            let (text, href) = inner.rsplit_once('|').unwrap_or((inner, inner));
            (href.contains("://") && !text.is_empty()).then(|| {
                let mark = json!({ "type": "link", "attrs": { "href": href } });
                (json!({ "type": "text", "text": text, "marks": [mark] }), end + 1)
            })
        }
        _ => None,
    }
}

/// Wiki markup of a document, as `/rest/api/2` reads it back.
pub fn from_adf(raw: &str) -> String {
    let Ok(document) = serde_json::from_str::<Value>(raw) else { return String::new() };
    let blocks: Vec<String> = children(&document).iter().map(block_to_wiki).collect();
    blocks.join("\n\n")
}

fn children(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn inline_to_wiki(node: &Value) -> String {
    children(node)
        .iter()
        .map(|span| match span["type"].as_str() {
            Some("text") => {
                let mut text = span["text"].as_str().unwrap_or_default().to_owned();
                for mark in span["marks"].as_array().into_iter().flatten() {
                    text = match mark["type"].as_str() {
                        Some("strong") => format!("*{text}*"),
                        Some("em") => format!("_{text}_"),
                        Some("strike") => format!("-{text}-"),
                        Some("underline") => format!("+{text}+"),
                        Some("code") => format!("{{{{{text}}}}}"),
                        Some("link") => match mark["attrs"]["href"].as_str().unwrap_or_default() {
                            href if href == text => format!("[{href}]"),
                            href => format!("[{text}|{href}]"),
                        },
                        _ => text,
                    };
                }
                text
            }
            Some("hardBreak") => "\n".to_owned(),
            Some("mention") => format!("[~accountid:{}]", span["attrs"]["id"].as_str().unwrap_or_default()),
            Some("inlineCard") => format!("[{}]", span["attrs"]["url"].as_str().unwrap_or_default()),
            Some("emoji") => span["attrs"]["shortName"].as_str().unwrap_or_default().to_owned(),
            _ => span["attrs"]["text"].as_str().unwrap_or_default().to_owned(),
        })
        .collect()
}

fn block_to_wiki(node: &Value) -> String {
    let inner =
        |separator: &str| children(node).iter().map(block_to_wiki).collect::<Vec<_>>().join(separator);
    match node["type"].as_str().unwrap_or_default() {
        "heading" => format!("h{}. {}", node["attrs"]["level"], inline_to_wiki(node)),
        "rule" => "----".to_owned(),
        "codeBlock" => {
            let text: String = children(node).iter().filter_map(|span| span["text"].as_str()).collect();
            match node["attrs"]["language"].as_str() {
                Some(language) => format!("{{code:{language}}}\n{text}\n{{code}}"),
                None => format!("{{noformat}}\n{text}\n{{noformat}}"),
            }
        }
        "bulletList" => items_to_wiki(node, '*'),
        "orderedList" => items_to_wiki(node, '#'),
        "blockquote" => format!("{{quote}}\n{}\n{{quote}}", inner("\n\n")),
        "panel" => format!("{{panel}}\n{}\n{{panel}}", inner("\n\n")),
        "mediaSingle" | "mediaGroup" => inner("\n"),
        "media" => {
            let attrs = &node["attrs"];
            let name = attrs["alt"].as_str().or(attrs["url"].as_str()).or(attrs["id"].as_str());
            format!("!{}!", name.unwrap_or_default())
        }
        "table" => inner("\n"),
        "tableRow" => {
            let header = children(node).iter().all(|cell| cell["type"] == "tableHeader");
            let bar = if header { "||" } else { "|" };
            let cells: Vec<String> = children(node).iter().map(block_to_wiki).collect();
            format!("{bar}{}{bar}", cells.join(bar))
        }
        "tableHeader" | "tableCell" | "taskList" | "expand" | "nestedExpand" => inner("\n"),
        _ => inline_to_wiki(node),
    }
}

fn items_to_wiki(node: &Value, marker: char) -> String {
    let items = children(node).iter().map(|item| {
        let parts: Vec<String> = children(item).iter().map(block_to_wiki).collect();
        format!("{marker} {}", parts.join(&format!("\n{marker}")))
    });
    items.collect::<Vec<_>>().join("\n")
}

/// Plain HTML of a document, for `renderedBody` and `renderedFields`.
pub fn to_html(raw: &str) -> String {
    let Ok(document) = serde_json::from_str::<Value>(raw) else { return String::new() };
    children(&document).iter().map(block_to_html).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn block_to_html(node: &Value) -> String {
    let inner = || children(node).iter().map(block_to_html).collect::<String>();
    match node["type"].as_str().unwrap_or_default() {
        "text" => {
            let mut text = escape(node["text"].as_str().unwrap_or_default());
            for mark in node["marks"].as_array().into_iter().flatten() {
                text = match mark["type"].as_str() {
                    Some("strong") => format!("<b>{text}</b>"),
                    Some("em") => format!("<em>{text}</em>"),
                    Some("code") => format!("<tt>{text}</tt>"),
                    Some("link") => {
                        format!(
                            "<a href=\"{}\">{text}</a>",
                            escape(mark["attrs"]["href"].as_str().unwrap_or_default())
                        )
                    }
                    _ => text,
                };
            }
            text
        }
        "hardBreak" => "<br/>".to_owned(),
        "paragraph" => format!("<p>{}</p>", inner()),
        "heading" => format!("<h{0}>{1}</h{0}>", node["attrs"]["level"], inner()),
        "bulletList" => format!("<ul>{}</ul>", inner()),
        "orderedList" => format!("<ol>{}</ol>", inner()),
        "listItem" => format!("<li>{}</li>", inner()),
        "codeBlock" => format!("<pre>{}</pre>", inner()),
        "blockquote" => format!("<blockquote>{}</blockquote>", inner()),
        "rule" => "<hr/>".to_owned(),
        "table" => format!("<table>{}</table>", inner()),
        "tableRow" => format!("<tr>{}</tr>", inner()),
        "tableHeader" => format!("<th>{}</th>", inner()),
        "tableCell" => format!("<td>{}</td>", inner()),
        "mention" | "status" => escape(node["attrs"]["text"].as_str().unwrap_or_default()),
        _ => inner(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::adf;

    fn no_file(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn markup_goes_there_and_back() {
        let texts = [
            "Plain line",
            "First\nsecond line\n\nNext paragraph",
            "h2. Steps\n\n# one\n# two\n\n* dot",
            "{code:rust}\nlet x = 1;\n{code}",
            "Some *bold* and _it_ and {{code}} and [link|https://a.example/x]",
            "{quote}\nquoted\n{quote}\n\n----",
        ];
        for text in texts {
            let document = to_adf(text, &no_file);
            assert_eq!(adf::check(&document), Ok(()), "{document}");
            assert_eq!(from_adf(&document), text);
        }
        assert_eq!(
            from_adf(&to_adf("2 * 3 * 4, snake_case_name, a*b", &no_file)),
            "2 * 3 * 4, snake_case_name, a*b"
        );
    }

    #[test]
    fn a_named_file_becomes_a_media_node() {
        let document =
            to_adf("see\n!shot.png|width=300!", &|name| (name == "shot.png").then(|| "m-9".to_owned()));
        assert_eq!(adf::media_ids(&document), ["m-9"]);
        assert_eq!(adf::check(&document), Ok(()));
        assert!(adf::media_ids(&to_adf("!other.png!", &no_file)).is_empty());
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(to_html(&plain_to_adf("a < b\nc")), "<p>a &lt; b<br/>c</p>");
    }
}
