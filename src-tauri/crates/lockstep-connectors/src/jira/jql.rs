//! JQL: built from typed parts, every text escaped by one function, times as epoch milliseconds only (sheet
//! §3.2: quoted times are read in the account's own zone and by the minute).

use std::fmt;

/// A restriction with its parts joined by AND. Every one is bounded: Jira refuses JQL that restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Jql {
    parts: Vec<String>,
    order: Option<&'static str>,
}

impl Jql {
    /// The tickets of one type in one project, each given by id or name.
    pub fn scope(project: &str, ticket_type: &str) -> Jql {
        Jql::default().equals("project", project).equals("issuetype", ticket_type)
    }

    /// The tickets that the signed-in user created since `ms`, in all projects (hazards.md H5).
    pub fn created_by_us(ms: i64) -> Jql {
        let jql = Jql { parts: vec!["creator = currentUser()".to_owned()], order: None };
        jql.since("created", ms)
    }

    /// `field = value`.
    #[must_use]
    pub fn equals(mut self, field: &'static str, value: &str) -> Jql {
        self.parts.push(format!("{field} = {}", Literal(value)));
        self
    }

    /// Tickets that hold `value` in a field given by its API name; `None` where JQL does not know the field by it.
    pub fn holds(self, field: &str, value: &str) -> Option<Jql> {
        let name = match field {
            "status" | "priority" | "resolution" | "issuetype" => field.to_owned(),
            custom => custom_field(custom)?,
        };
        let mut jql = self;
        jql.parts.push(format!("{name} = {}", Literal(value)));
        Some(jql)
    }

    /// At least one of the terms holds.
    #[must_use]
    pub fn any_of(mut self, terms: &[Term]) -> Jql {
        match terms {
            [] => {}
            [one] => self.parts.push(one.0.clone()),
            more => {
                let terms: Vec<&str> = more.iter().map(|term| term.0.as_str()).collect();
                self.parts.push(format!("({})", terms.join(" OR ")));
            }
        }
        self
    }

    /// `name ~ "text"`; `name` comes from this crate.
    #[must_use]
    pub fn contains(mut self, name: &str, text: &str) -> Jql {
        self.parts.push(format!("{name} ~ {}", quoted(text)));
        self
    }

    /// `name = number`; `name` comes from this crate.
    #[must_use]
    pub fn equals_number(mut self, name: &str, number: f64) -> Jql {
        self.parts.push(format!("{name} = {number}"));
        self
    }

    /// `field >= ms`.
    #[must_use]
    pub fn since(mut self, field: &'static str, ms: i64) -> Jql {
        self.parts.push(format!("{field} >= {}", ms.max(0)));
        self
    }

    /// `field <= ms`. Only for times that never move: tickets that change keep escaping an upper bound
    /// (§3.2).
    #[must_use]
    pub fn until(mut self, field: &'static str, ms: i64) -> Jql {
        self.parts.push(format!("{field} <= {}", ms.max(0)));
        self
    }

    /// By key, so that positions do not move while tickets change (§3.3).
    #[must_use]
    pub fn by_key(mut self) -> Jql {
        self.order = Some("key ASC");
        self
    }

    /// Newest first; for samples.
    #[must_use]
    pub fn newest_first(mut self) -> Jql {
        self.order = Some("created DESC");
        self
    }
}

impl fmt::Display for Jql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join(" AND "))?;
        match self.order {
            Some(order) => write!(f, " ORDER BY {order}"),
            None => Ok(()),
        }
    }
}

/// One restriction of a filter. Fields are given by their API names; `None` where JQL does not know the field by it, or compares
/// words in it instead of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term(String);

impl Term {
    /// The field holds one of the values.
    pub fn among(field: &str, values: &[String]) -> Option<Term> {
        Some(Term(format!("{} in ({})", value_field(field)?, list(values)?)))
    }

    /// The field holds none of the values; an empty one holds none.
    pub fn not_among(field: &str, values: &[String]) -> Option<Term> {
        let name = value_field(field)?;
        Some(Term(format!("({name} not in ({}) OR {name} is EMPTY)", list(values)?)))
    }

    pub fn empty(field: &str) -> Option<Term> {
        Some(Term(format!("{} is EMPTY", value_field(field)?)))
    }

    pub fn not_empty(field: &str) -> Option<Term> {
        Some(Term(format!("{} is not EMPTY", value_field(field)?)))
    }
}

fn list(values: &[String]) -> Option<String> {
    let literals: Vec<String> = values.iter().map(|value| Literal(value).to_string()).collect();
    (!literals.is_empty()).then(|| literals.join(", "))
}

fn value_field(field: &str) -> Option<String> {
    match field {
        "status" | "priority" | "resolution" | "issuetype" | "labels" | "assignee" | "reporter" => {
            Some(field.to_owned())
        }
        "components" => Some("component".to_owned()),
        custom => custom_field(custom),
    }
}

fn custom_field(name: &str) -> Option<String> {
    let number = name.strip_prefix("customfield_")?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then(|| format!("cf[{number}]"))
}

/// A value in JQL. Digits alone stay bare, so that they are read as an id; all else is quoted and escaped.
struct Literal<'a>(&'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = !self.0.is_empty() && self.0.len() <= 18 && self.0.bytes().all(|b| b.is_ascii_digit());
        if digits { f.write_str(self.0) } else { f.write_str(&quoted(self.0)) }
    }
}

/// The only function that puts foreign text into JQL: double quotes, with the escapes JQL knows (`\"`, `\\`,
/// `\n`, `\r`, `\t`, `\uXXXX` for other control characters). Nothing inside can end the literal.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads one quoted literal as Jira's lexer does and returns it with what follows.
    fn read(text: &str) -> Option<(String, &str)> {
        let mut out = String::new();
        let mut chars = text.char_indices();
        if chars.next()?.1 != '"' {
            return None;
        }
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Some((out, &text[at + 1..])),
                '\\' => match chars.next()?.1 {
                    'n' => out.push('\n'),
                    'r' => out.push('\r'),
                    't' => out.push('\t'),
                    'u' => {
                        let hex: String = (0..4).filter_map(|_| chars.next().map(|(_, h)| h)).collect();
                        out.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
                    }
                    other => out.push(other),
                },
                c if c.is_control() => return None,
                c => out.push(c),
            }
        }
        None
    }

    proptest! {
        #[test]
        fn any_text_comes_back_as_exactly_that_text(text in any::<String>()) {
            let literal = quoted(&text);
            let (back, rest) = read(&literal).expect("a whole literal");
            prop_assert_eq!(back, text);
            prop_assert_eq!(rest, "");
        }

        #[test]
        fn a_scope_never_says_more_than_two_things(project in any::<String>(), kind in "[\"\\\\ A-Z=0-9\n]{0,12}") {
            let jql = Jql::scope(&project, &kind).to_string();
            let rest = jql.strip_prefix("project = ").expect("starts so");
            let rest = match read(rest) {
                Some((back, rest)) => { prop_assert_eq!(back, project); rest }
                None => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
            };
            let rest = rest.strip_prefix(" AND issuetype = ").expect("goes on so");
            let rest = read(rest).map_or(rest, |(_, rest)| rest).trim_start_matches(|c: char| c.is_ascii_digit());
            prop_assert_eq!(rest, "");
        }
    }

    #[test]
    fn the_feed_reads_as_the_sheet_wants_it() {
        let jql = Jql::scope("CSD", "10101").since("updated", 1_795_167_000_000).by_key().to_string();
        assert_eq!(
            jql,
            "project = \"CSD\" AND issuetype = 10101 AND updated >= 1795167000000 ORDER BY key ASC"
        );
        let ours = Jql::created_by_us(-5).by_key().to_string();
        assert_eq!(ours, "creator = currentUser() AND created >= 0 ORDER BY key ASC");
    }
}
