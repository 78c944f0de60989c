//! Typed field values in canonical form.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

/// A field's value in its side's canonical form: trimmed, line ends unified, times in UTC, sets sorted, people by id,
/// rich text as normalised Markdown. Two values are the same exactly when they compare equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// Known to be empty (not the same as unknown: that is a missing value).
    #[default]
    Empty,
    /// Plain text, one or many lines.
    Text(String),
    /// Rich text as canonical Markdown (`text::markdown::canonical`).
    Rich(String),
    /// One option of a picklist, a status included, by the platform's id.
    Choice(String),
    /// Tags or several options, by the platform's ids.
    Set(BTreeSet<String>),
    /// A number in shortest decimal spelling.
    Number(String),
    Boolean(bool),
    /// `YYYY-MM-DD`, no zone.
    Date(String),
    /// Milliseconds since 1970 UTC.
    DateTime(i64),
    Person(PersonId),
    /// A group or team, by id.
    Group(String),
    /// Another record, by id.
    Reference(String),
    /// Several fields read as one input (impact and urgency, the lines of a built description).
    Many(Vec<Value>),
}

impl Value {
    /// Plain text in canonical form; empty text is [`Value::Empty`].
    pub fn text(raw: &str) -> Value {
        let canonical = canonical_text(raw);
        if canonical.is_empty() { Value::Empty } else { Value::Text(canonical) }
    }

    /// Rich text given as Markdown, brought into canonical form; empty text is [`Value::Empty`].
    pub fn rich(markdown: &str) -> Value {
        let canonical = crate::text::markdown::canonical(markdown);
        if canonical.is_empty() { Value::Empty } else { Value::Rich(canonical) }
    }

    /// A choice; the empty id is [`Value::Empty`].
    pub fn choice(id: &str) -> Value {
        if id.is_empty() { Value::Empty } else { Value::Choice(id.to_owned()) }
    }

    /// A set; no member is [`Value::Empty`].
    pub fn set<I: IntoIterator<Item = S>, S: Into<String>>(members: I) -> Value {
        let set: BTreeSet<String> =
            members.into_iter().map(Into::into).filter(|m: &String| !m.is_empty()).collect();
        if set.is_empty() { Value::Empty } else { Value::Set(set) }
    }

    /// Whether the field is known to hold nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Value::Empty)
    }

    /// The one id a choice, person, group or reference holds.
    pub fn id(&self) -> Option<&str> {
        match self {
            Value::Choice(id) | Value::Group(id) | Value::Reference(id) => Some(id),
            Value::Person(id) => Some(id.as_str()),
            _ => None,
        }
    }
}

/// Plain text with unified line ends, without trailing spaces and without blank lines at either end.
pub fn canonical_text(raw: &str) -> String {
    let mut lines: Vec<&str> = raw.split('\n').map(|line| line.trim_end_matches(['\r', ' ', '\t'])).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let mut text = lines[first..].join("\n");
    if text.contains('\r') {
        text = text.replace('\r', "\n");
        return canonical_text(&text);
    }
    let lead = text.len() - text.trim_start_matches([' ', '\t']).len();
    text.drain(..lead);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_trimmed_and_line_ends_are_unified() {
        assert_eq!(canonical_text(" \r\n a  \r\nb\t\r\n\r\n"), "a\nb");
        assert_eq!(canonical_text("a\rb"), "a\nb");
        assert_eq!(Value::text("  \n "), Value::Empty);
    }

    proptest! {
        #[test]
        fn canonical_text_is_a_fixed_point(raw in "[a \t\r\n]{0,20}") {
            let once = canonical_text(&raw);
            prop_assert_eq!(canonical_text(&once), once);
        }
    }
}
