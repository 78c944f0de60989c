//! Walks a parsed TOML table key by key, so that every wrong key is reported and not the first one alone.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::problem::Problems;

/// Words that name a secret: their values are never read and never repeated.
const SECRETS: [&str; 12] = [
    "password",
    "pass",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_token",
    "access_token",
    "api_key",
    "apikey",
    "client_secret",
    "private_key",
];

/// One table on its way to becoming a document.
pub struct Walk<'i> {
    entries: DeTable<'i>,
    span: Range<usize>,
    /// Where each key's value stood that was asked for.
    spans: BTreeMap<&'static str, Range<usize>>,
    asked: Vec<&'static str>,
    pub place: String,
}

impl<'i> Walk<'i> {
    /// Begins with a whole document or one table of it.
    pub fn new(entries: DeTable<'i>, span: Range<usize>, place: String) -> Walk<'i> {
        Walk { entries, span, spans: BTreeMap::new(), asked: Vec::new(), place }
    }

    fn remove(&mut self, key: &'static str) -> Option<Spanned<DeValue<'i>>> {
        self.asked.push(key);
        let value = self.entries.remove(key)?;
        self.spans.insert(key, value.span());
        Some(value)
    }

    /// Where the value of `key` stood, else where the table begins.
    pub fn span(&self, key: &str) -> Range<usize> {
        self.spans.get(key).unwrap_or(&self.span).clone()
    }

    /// Whether the key was there, good or not.
    pub fn had(&self, key: &str) -> bool {
        self.spans.contains_key(key)
    }

    /// Reports something about the value of `key`.
    pub fn report(
        &self,
        problems: &mut Problems<'_>,
        key: &str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        problems.add(&self.span(key), &self.place, message, fix);
    }

    /// The value of `key`, when it is there and of the right type.
    pub fn take<T: DeserializeOwned>(&mut self, problems: &mut Problems<'_>, key: &'static str) -> Option<T> {
        let value = self.remove(key)?;
        let span = value.span();
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some(value),
            Err(error) => {
                let at = error
                    .span()
                    .filter(|inner| span.start <= inner.start && inner.end <= span.end)
                    .unwrap_or(span);
                let message = format!("{key} cannot be read: {}", error.message());
                problems.add(&at, &self.place, message, form_of(key));
                None
            }
        }
    }

    /// The value of `key`, or its default.
    pub fn or_default<T: DeserializeOwned + Default>(
        &mut self,
        problems: &mut Problems<'_>,
        key: &'static str,
    ) -> T {
        self.take(problems, key).unwrap_or_default()
    }

    /// As [`Walk::take`]; a missing key is a problem.
    pub fn need<T: DeserializeOwned>(&mut self, problems: &mut Problems<'_>, key: &'static str) -> Option<T> {
        let value = self.take(problems, key);
        if value.is_none() && !self.had(key) {
            self.missing(problems, key);
        }
        value
    }

    /// Reports that a key is missing; not where a misspelt one stands in its place and is reported itself.
    pub fn missing(&self, problems: &mut Problems<'_>, key: &str) {
        if self.entries.keys().any(|there| nearest(there.get_ref(), &[key]).is_some()) {
            return;
        }
        problems.add(&self.span, &self.place, format!("{key} is missing"), form_of(key));
    }

    /// A text that must not be empty.
    pub fn need_text(&mut self, problems: &mut Problems<'_>, key: &'static str) -> Option<String> {
        let text: String = self.need(problems, key)?;
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            self.report(problems, key, format!("{key} is empty or holds control characters"), form_of(key));
            return None;
        }
        Some(text)
    }

    /// A table below this one.
    pub fn table(&mut self, problems: &mut Problems<'_>, key: &'static str) -> Option<Walk<'i>> {
        let value = self.remove(key)?;
        let place = join(&self.place, key);
        as_walk(value, place, problems)
    }

    /// The tables of an array; `name` makes the place of each from its number, counted from 1.
    pub fn tables(
        &mut self,
        problems: &mut Problems<'_>,
        key: &'static str,
        name: impl Fn(usize, &DeTable<'_>) -> String,
    ) -> Vec<Walk<'i>> {
        let Some(value) = self.remove(key) else {
            return Vec::new();
        };
        let span = value.span();
        let DeValue::Array(values) = value.into_inner() else {
            let fix = format!("Write each one as a table of its own: [[…{key}]].");
            problems.add(&span, &self.place, format!("{key} must be a list of tables"), fix);
            return Vec::new();
        };
        let mut walks = Vec::new();
        for (at, value) in values.into_iter().enumerate() {
            let label = match value.get_ref() {
                DeValue::Table(table) => name(at + 1, table),
                _ => format!("{key} {}", at + 1),
            };
            walks.extend(as_walk(value, join(&self.place, &label), problems));
        }
        walks
    }

    /// Reports every key that nobody asked for.
    pub fn end(mut self, problems: &mut Problems<'_>) {
        let asked = std::mem::take(&mut self.asked);
        for (key, value) in &self.entries {
            let name = key.get_ref().as_ref();
            if SECRETS.contains(&name.to_ascii_lowercase().as_str()) {
                let fix = "Remove the line; `lockstep account sign-in NAME` asks for the secret and keeps it in the keychain.";
                problems.add(
                    &key.span(),
                    &self.place,
                    format!("{name}: secrets have no place in this file"),
                    fix,
                );
                continue;
            }
            let _ = value;
            let fix = match nearest(name, &asked) {
                Some(meant) => format!("Perhaps {meant} is meant."),
                None if asked.is_empty() => "Remove it.".to_owned(),
                None => format!("Remove it. Known here: {}.", asked.join(", ")),
            };
            problems.add(&key.span(), &self.place, format!("{name} is not known here"), fix);
        }
    }
}

fn as_walk<'i>(value: Spanned<DeValue<'i>>, place: String, problems: &mut Problems<'_>) -> Option<Walk<'i>> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Table(entries) => Some(Walk::new(entries, span, place)),
        _ => {
            problems.add(&span, &place, "must be a table", "Write keys and values: { key = \"value\" }.");
            None
        }
    }
}

/// A place inside another.
pub fn join(place: &str, inner: &str) -> String {
    if place.is_empty() { inner.to_owned() } else { format!("{place} › {inner}") }
}

/// `account "Corvane"`, or `account 2` where the name cannot be read.
pub fn named(kind: &str, at: usize, table: &DeTable<'_>) -> String {
    match table.get("name").map(Spanned::get_ref) {
        Some(DeValue::String(name)) if !name.trim().is_empty() => format!("{kind} \"{name}\""),
        _ => format!("{kind} {at}"),
    }
}

/// What a value of this key looks like.
fn form_of(key: &str) -> String {
    match key {
        "platform" => "Write platform = \"servicenow\" or \"jira\".".to_owned(),
        "address" => "Write the address as the browser shows it: address = \"https://corvane.service-now.com\".".to_owned(),
        "sign_in" => {
            "Write sign_in = { method = \"basic\", user = \"…\" } for ServiceNow, { method = \"token\", email = \"…\" } for Jira."
                .to_owned()
        }
        "method" => "Write method = \"basic\", \"oauth_client\", \"oauth_password\", \"api_key\" (ServiceNow) or \"token\" (Jira).".to_owned(),
        "direction" => "Write direction = \"->\", \"<-\" or \"<->\".".to_owned(),
        "rule" => "Write rule = { kind = \"copy\" }, or another kind: values, matrix, person, constant, text, description.".to_owned(),
        "kind" => "Write kind = \"copy\", \"values\", \"matrix\", \"person\", \"constant\", \"text\" or \"description\".".to_owned(),
        "write" => "Write write = \"always\", \"on_create\" or { while_status = [\"…\"] }.".to_owned(),
        "on_conflict" => "Write on_conflict = \"ask\", \"source_wins\", \"target_wins\" or \"newest_wins\".".to_owned(),
        "otherwise" | "otherwise_back" => format!("Write {key} = \"ask\", \"leave\" or {{ use = \"value\" }}."),
        "no_match" => "Write no_match = \"do_not_create\" or { use = \"name of a template\" }.".to_owned(),
        "when_empty" => "Write when_empty = \"leave_out\" or { show = \"text\" }.".to_owned(),
        "public" | "internal" => format!("Write {key} = \"public\", \"internal\" or \"no\"."),
        "edited" => "Write edited = \"update\" or \"ignore\".".to_owned(),
        "operator" => "Write operator = \"is\", \"is_not\", \"contains\", \"empty\" or \"not_empty\".".to_owned(),
        "mode" => "Write mode = \"match_then_create\" or \"match_only\".".to_owned(),
        "interval_seconds" => "Write a whole number from 30 to 86400.".to_owned(),
        "dedicated" | "practice" | "sandbox" | "enforce" | "target_tickets" | "include_private" => format!("Write {key} = true or false."),
        "creates_max" | "closes_max" | "bytes_max" | "settle_seconds" => "Write a whole number.".to_owned(),
        "values" | "when" | "types" => format!("Write {key} = [\"…\", \"…\"]."),
        _ => format!("Write {key} = \"…\"."),
    }
}

/// The known word that differs by least, when it is near enough to be meant.
fn nearest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    known
        .iter()
        .map(|one| (distance(word, one), *one))
        .filter(|(far, one)| *far * 3 <= one.len())
        .min()
        .map(|(_, one)| one)
}

/// Edits between two words.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        assert_eq!(nearest("dirction", &["source", "direction"]), Some("direction"));
        assert_eq!(nearest("colour", &["source", "direction"]), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
