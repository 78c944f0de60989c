//! What a conversion could not carry over, counted and worded for people. Leaves the consequences (the `lossy`
//! flag, H27) to the engine.

use std::collections::BTreeMap;
use std::fmt;

/// One kind of thing that a form could not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// An image or an attached file shown in the text became a link or its name.
    Picture,
    /// A mention became `@Name`, which notifies nobody.
    Mention,
    /// A table became lines of text.
    Table,
    /// A table with merged cells lost them.
    TableSpans,
    /// A table cell held more than a line of text.
    TableCell,
    /// A table lost its header column or column alignment.
    TableLayout,
    /// A panel or alert became a quote or ordinary paragraphs.
    Panel,
    /// An expandable section was opened.
    Expand,
    /// Columns were put one under the other.
    Columns,
    /// A status lozenge became a word.
    Status,
    /// A date became its ISO form.
    Date,
    /// A card became a link.
    Card,
    /// An emoji became its name.
    Emoji,
    /// A macro or app extension was dropped or became its text.
    Extension,
    /// A list of decisions became a list.
    Decision,
    /// A task list became a list with `[ ]` and `[x]`.
    TaskList,
    /// A heading became bold text or a line.
    Heading,
    /// A quote was unwrapped.
    Quote,
    /// A dividing line became dashes.
    Rule,
    /// A list became lines of text.
    List,
    /// A code block lost its frame or moved into a line.
    Code,
    /// A link became its text and address, or its text only where the address is unsafe.
    Link,
    /// Bold, colour, underline and the like.
    Style,
    /// Nesting deeper than we follow.
    Depth,
    /// A form field, a script's place or another thing of no text.
    Embedded,
    /// Something we do not know.
    Unknown,
}

impl Loss {
    /// Singular noun, plural noun, what happened.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Picture => ("picture", "pictures", "became links or names"),
            Self::Mention => ("mention", "mentions", "became plain names"),
            Self::Table => ("table", "tables", "became lines of text"),
            Self::TableSpans => ("table", "tables", "lost merged cells"),
            Self::TableCell => ("table cell", "table cells", "became simple text"),
            Self::TableLayout => ("table", "tables", "lost header column or alignment"),
            Self::Panel => ("panel", "panels", "lost their frame"),
            Self::Expand => ("expandable section", "expandable sections", "opened out"),
            Self::Columns => ("column layout", "column layouts", "became one column"),
            Self::Status => ("status label", "status labels", "became words"),
            Self::Date => ("date", "dates", "became text"),
            Self::Card => ("link card", "link cards", "became plain links"),
            Self::Emoji => ("emoji", "emoji", "became their names"),
            Self::Extension => ("macro", "macros", "became text or were left out"),
            Self::Decision => ("decision list", "decision lists", "became plain lists"),
            Self::TaskList => ("task list", "task lists", "became plain lists"),
            Self::Heading => ("heading", "headings", "became text"),
            Self::Quote => ("quote", "quotes", "lost their frame"),
            Self::Rule => ("dividing line", "dividing lines", "became dashes"),
            Self::List => ("list", "lists", "became lines of text"),
            Self::Code => ("code piece", "code pieces", "became text"),
            Self::Link => ("link", "links", "became text"),
            Self::Style => ("style", "styles", "left out"),
            Self::Depth => ("deeply nested part", "deeply nested parts", "moved up"),
            Self::Embedded => ("embedded object", "embedded objects", "left out"),
            Self::Unknown => ("unknown part", "unknown parts", "became text"),
        }
    }
}

/// A deterministic list of losses with their counts; displays as a sentence part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flattened(BTreeMap<Loss, u32>);

impl Flattened {
    /// Counts one more.
    pub fn add(&mut self, loss: Loss) {
        let count = self.0.entry(loss).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds what another step of the same conversion lost.
    pub fn merge(&mut self, other: &Self) {
        for (loss, n) in &other.0 {
            let count = self.0.entry(*loss).or_default();
            *count = count.saturating_add(*n);
        }
    }

    /// Nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How often this kind was lost.
    pub fn count(&self, loss: Loss) -> u32 {
        self.0.get(&loss).copied().unwrap_or(0)
    }

    /// Kinds and counts in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (Loss, u32)> + '_ {
        self.0.iter().map(|(loss, count)| (*loss, *count))
    }
}

impl fmt::Display for Flattened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (loss, count)) in self.iter().enumerate() {
            let (one, many, what) = loss.words();
            let noun = if count == 1 { one } else { many };
            write!(f, "{}{count} {noun} {what}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
