//! Bytes read as choices, so that a search can reach deep structures that it would not spell by chance.

use serde_json::{Map, Value, json};

/// Deepest structure made.
const DEPTH_MAX: u8 = 12;

/// A source of choices; when it is used up, every choice is the first one.
pub struct Bits<'a>(&'a [u8]);

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit.max(1)
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A short text of what means something somewhere.
    pub fn text(&mut self) -> String {
        (0..self.below(6)).map(|_| self.pick(BITS)).collect()
    }

    /// A longer one, of lines.
    pub fn lines(&mut self) -> String {
        let mut text = String::new();
        while !self.is_empty() && text.len() < 4_000 {
            match self.byte() {
                byte if byte < 200 => text.push_str(self.pick(BITS)),
                byte if byte < 240 => text.push_str(self.pick(ENDS)),
                _ => text.extend(char::from_u32(u32::from(self.byte()) << 8 | u32::from(self.byte()))),
            }
        }
        text
    }

    /// Something like an ADF document.
    pub fn document(&mut self) -> Value {
        let content = self.nodes(0);
        json!({ "type": "doc", "version": 1, "content": content })
    }

    fn nodes(&mut self, depth: u8) -> Vec<Value> {
        let count = if self.is_empty() { 0 } else { self.below(5) };
        (0..count).map(|_| self.node(depth)).collect()
    }

    fn node(&mut self, depth: u8) -> Value {
        if depth >= DEPTH_MAX || self.below(3) == 0 {
            let marks: Vec<Value> = (0..self.below(3)).map(|_| self.mark()).collect();
            return json!({ "type": "text", "text": self.text(), "marks": marks });
        }
        let mut node = Map::from_iter([("type".to_owned(), json!(self.pick(KINDS)))]);
        if self.below(2) == 0 {
            let (text, number) = (self.text(), i64::from(self.byte()) - 8);
            let word = self.pick(&["info", "custom", "DONE", "TODO", "warning", ""]);
            node.insert("attrs".to_owned(), json!({
                "text": text, "title": text, "alt": text, "url": text, "language": text, "panelType": word,
                "state": word, "level": number, "order": number, "colspan": number,
                "timestamp": number.to_string(), "localId": "x", "shortName": text,
            }));
        }
        node.insert("content".to_owned(), Value::Array(self.nodes(depth + 1)));
        Value::Object(node)
    }

    fn mark(&mut self) -> Value {
        let kind = self.pick(&["strong", "em", "code", "strike", "link", "underline", "textColor", "subsup"]);
        json!({ "type": kind, "attrs": { "href": self.pick(ADDRESSES), "color": "#112233" } })
    }
}

const KINDS: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "listItem",
    "codeBlock",
    "blockquote",
    "panel",
    "rule",
    "table",
    "tableRow",
    "tableHeader",
    "tableCell",
    "expand",
    "nestedExpand",
    "taskList",
    "taskItem",
    "decisionList",
    "decisionItem",
    "mediaSingle",
    "media",
    "mediaInline",
    "layoutSection",
    "layoutColumn",
    "extension",
    "bodiedExtension",
    "blockCard",
    "inlineCard",
    "hardBreak",
    "mention",
    "emoji",
    "date",
    "status",
    "novelty",
    "text",
    "doc",
];

const ADDRESSES: &[&str] = &[
    "https://x.yz",
    "mailto:a@b.cd",
    "javascript:alert(1)",
    "https://a.b/(c)",
    "",
    "/relative",
    "https://x.yz/ä b",
    "data:text/html,x",
    "https://x.yz\n)",
];

const BITS: &[&str] = &[
    "*",
    "**",
    "***",
    "_",
    "__",
    "`",
    "``",
    "```",
    "~",
    "~~",
    "~~~",
    "[",
    "]",
    "(",
    ")",
    "](",
    "[x](y)",
    "![",
    "!",
    "<",
    ">",
    "<br>",
    "<b>",
    "</b>",
    "<!--",
    "-->",
    "<https://x.yz>",
    "#",
    "##",
    "# ",
    "-",
    "- ",
    "+ ",
    "* ",
    "1. ",
    "1) ",
    "2. ",
    "1.",
    "|",
    "| ",
    "---",
    "|-|",
    "| --- |",
    "===",
    "=",
    ":",
    ":-",
    "\\",
    "\\\\",
    "&",
    "&amp;",
    "&#32;",
    "&copy",
    ";",
    " ",
    "  ",
    "    ",
    "\t",
    "a",
    "b",
    "foo",
    "x y",
    "é",
    "ß",
    "漢字",
    "—",
    "…",
    "😀",
    "Ⓐ",
    "\u{301}",
    "\u{a0}",
    "\u{200b}",
    "\u{2028}",
    "\u{85}",
    "\u{feff}",
    "https://x.yz",
    "http://a.b/c_d_e",
    "https://a.b/(c)",
    "www.x.yz",
    "[ ] ",
    "[x] ",
    "[!NOTE]",
    "> ",
    "[a]: b",
    "[^1]",
    "$",
    "{",
    "\"",
    "@mia",
    ".",
    ",",
    "1",
    "12",
    "/",
    "[code]",
    "[/code]",
    "[\u{200b}code]",
    "%20",
    "a@b.cd",
    "INC0010001",
    "C:\\temp\\x",
    "snake_case_name",
    "\u{c}",
    "\u{1}",
    "^",
    "\0",
    "\u{202e}",
    "<p>",
    "</p>",
    "<ul><li>",
    "<table><tr><td>",
    "<script>",
    "</script>",
    "<a href='javascript:x'>",
    "<pre>",
    "&lt;",
    "&nbsp;",
    "<img src=x alt='",
    "'>",
];

const ENDS: &[&str] = &[
    "\n",
    "\n\n",
    "\r\n",
    "\n    ",
    "\n> ",
    "\n- ",
    "\n  - ",
    "\n1. ",
    "\n\n\n",
    "\r",
    "\\\n",
    "  \n",
    "\n```\n",
    "\n| a | b |\n| - | - |\n| ",
    "\n\t",
    "\n>\n> - ",
    "\n   ",
];
