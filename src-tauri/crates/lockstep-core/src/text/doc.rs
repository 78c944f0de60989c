//! The internal block tree. Inline content is flat (each piece carries its marks), as in ADF, so that equal looks
//! have one spelling. `normalise` makes the one form that Markdown can spell; every converter ends with it.

use std::sync::Arc;

pub use super::parse::parse;
pub use super::write::to_markdown;

/// Quotes and lists nest at most this deep; what lies deeper moves up to this level.
pub const DOC_DEPTH_MAX: usize = 32;

/// A whole text.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Doc {
    /// The blocks, top to bottom.
    pub blocks: Vec<Block>,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[serde(tag = "block", content = "of", rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Block {
    /// A paragraph. A leading `Break` stands for an extra blank line above it.
    Paragraph(Vec<Inline>),
    /// A heading of level 1 to 6.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its text.
        content: Vec<Inline>,
    },
    /// A code block.
    Code {
        /// One word, or empty.
        language: String,
        /// Its lines, without the last line end.
        text: String,
    },
    /// A block quote, or an alert.
    Quote {
        /// The alert's kind, if it is one.
        alert: Option<Alert>,
        /// What is quoted.
        blocks: Vec<Block>,
    },
    /// A list; ordered if it has a first number.
    List {
        /// The first number.
        #[ts(type = "number | null")]
        start: Option<u64>,
        /// Its items.
        items: Vec<Item>,
    },
    /// A dividing line.
    Rule,
    /// A table.
    Table(Table),
}

/// A list item.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/", rename = "ListItem")]
pub struct Item {
    /// A task's state: `Some(true)` is done.
    pub task: Option<bool>,
    /// Its blocks.
    pub blocks: Vec<Block>,
}

/// A row of cells.
pub type Row = Vec<Vec<Inline>>;

/// A table whose rows are all as long as `align`.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Table {
    /// Alignment by column.
    pub align: Vec<Align>,
    /// The header. Cells all empty: the table has none.
    pub header: Row,
    /// The body.
    pub rows: Vec<Row>,
}

/// Column alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Align {
    /// Not said.
    #[default]
    None,
    /// Left.
    Left,
    /// Centre.
    Center,
    /// Right.
    Right,
}

/// GitHub's alerts; they stand for Jira's panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Alert {
    /// `[!NOTE]`, Jira's info.
    Note,
    /// `[!TIP]`, Jira's success.
    Tip,
    /// `[!IMPORTANT]`, Jira's note.
    Important,
    /// `[!WARNING]`, Jira's warning.
    Warning,
    /// `[!CAUTION]`, Jira's error.
    Caution,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Inline {
    /// What it is.
    pub content: Content,
    /// How it looks. A `Break` has none.
    pub marks: Marks,
}

/// What a piece of a line is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[serde(tag = "is", content = "of", rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/", rename = "Piece")]
pub enum Content {
    /// Text without line ends.
    Text(String),
    /// Code within a line.
    Code(String),
    /// A picture by its address.
    Image {
        /// What to show instead.
        alt: String,
        /// Its address.
        src: String,
    },
    /// A line end.
    Break,
}

/// The look of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Marks {
    /// Bold.
    pub strong: bool,
    /// Italic.
    pub em: bool,
    /// Struck through.
    pub strike: bool,
    /// Address of the link it is part of.
    #[serde(serialize_with = "shared")]
    #[ts(type = "string | null")]
    pub link: Option<Arc<str>>,
}

/// Without serde's feature for shared pointers.
fn shared<S: serde::Serializer>(link: &Option<Arc<str>>, to: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&link.as_deref(), to)
}

impl Marks {
    /// No look at all.
    pub fn is_empty(&self) -> bool {
        !self.strong && !self.em && !self.strike && self.link.is_none()
    }
}

impl Inline {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { content: Content::Text(text.into()), marks: Marks::default() }
    }

    /// A line end.
    pub fn line_break() -> Self {
        Self { content: Content::Break, marks: Marks::default() }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_break(&self) -> bool {
        self.content == Content::Break
    }
}

impl Doc {
    /// Brings the tree into the one form that Markdown can spell: `parse(to_markdown(d)) == d` afterwards.
    #[must_use]
    pub fn normalise(mut self) -> Self {
        super::normal::doc(&mut self);
        self
    }
}
