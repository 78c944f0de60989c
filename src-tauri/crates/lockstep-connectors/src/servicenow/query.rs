//! Encoded queries. There is no escape in that language, so nothing but safe literals ever enters one; anything else
//! is refused before the call, never cleaned up (servicenow.md §3.4, §3.5; reliability.md T10).

use lockstep_core::connector::{ConnectorError, ErrorKind};

use super::stamps;

/// Longest literal, characters.
const LITERAL_CHARS_MAX: usize = 100;

/// A value that is safe inside a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal(String);

impl Literal {
    /// A record's id: 32 lower-case hex characters.
    pub(super) fn sys_id(text: &str) -> Result<Literal, ConnectorError> {
        accept(is_sys_id(text), text)
    }

    /// A moment, in whole seconds of UTC.
    pub(super) fn stamp(ms: i64) -> Literal {
        Literal(stamps::write(ms))
    }

    /// One of our own markers.
    pub(super) fn marker(text: &str) -> Result<Literal, ConnectorError> {
        accept(text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-')), text)
    }

    /// A login name, a ticket number or a table's name.
    pub(super) fn name(text: &str) -> Result<Literal, ConnectorError> {
        accept(
            text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@' | b'+')),
            text,
        )
    }

    /// A text that people wrote, of the characters that no query gives a meaning (servicenow.md §3.5). `NULL` has one.
    pub(super) fn words(text: &str) -> Result<Literal, ConnectorError> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b" _.()/-".contains(&b));
        accept(plain && text.trim() == text && !text.eq_ignore_ascii_case("null"), text)
    }

    /// An e-mail address of the plain sort.
    pub(super) fn email(text: &str) -> Result<Literal, ConnectorError> {
        let local = |b: u8| b.is_ascii_alphanumeric() || b"._%+-'&/~#$*!".contains(&b);
        let good = text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && name.bytes().all(local)
                && host.contains('.')
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        });
        accept(good, text)
    }

    /// The literal itself.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` is a record's id.
pub(super) fn is_sys_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Whether `text` can be a column's name, dot-walks included.
pub(super) fn is_column(text: &str) -> bool {
    text.len() <= 120
        && text.split('.').all(|part| {
            part.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        })
}

fn accept(good: bool, text: &str) -> Result<Literal, ConnectorError> {
    let script = text.to_ascii_lowercase().contains("javascript:");
    if good && !text.is_empty() && text.len() <= LITERAL_CHARS_MAX && !script {
        return Ok(Literal(text.to_owned()));
    }
    Err(ConnectorError::new(
        ErrorKind::Stopped,
        "A value with characters that are unsafe in a ServiceNow query was not sent",
    ))
}

/// A query under construction. Columns are names from this crate or from discovery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Query(String);

impl Query {
    /// Everything.
    pub(super) fn new() -> Query {
        Query::default()
    }

    /// `column operator literal`.
    pub(super) fn and(mut self, column: &str, operator: Operator, literal: &Literal) -> Query {
        self.join(&[column, operator.text(), literal.as_str()]);
        self
    }

    /// `column` is one of a fixed list of words of our own.
    pub(super) fn one_of(mut self, column: &str, words: &[&str]) -> Query {
        debug_assert!(words.iter().all(|word| is_column(word)), "words of our own");
        self.join(&[column, "IN", &words.join(",")]);
        self
    }

    /// `column` is one of the literals; none may hold a comma, which no literal can.
    pub(super) fn among(mut self, column: &str, literals: &[Literal]) -> Query {
        let list: Vec<&str> = literals.iter().map(Literal::as_str).collect();
        self.join(&[column, "IN", &list.join(",")]);
        self
    }

    /// One of the tests holds; nothing where there are none.
    pub(super) fn any_of(mut self, tests: &[Test]) -> Query {
        if !tests.is_empty() {
            let alternatives: Vec<&str> = tests.iter().map(|test| test.0.as_str()).collect();
            self.join(&[&alternatives.join("^OR")]);
        }
        self
    }

    /// Only active records.
    pub(super) fn active(mut self) -> Query {
        self.join(&["active=true"]);
        self
    }

    /// The user that asks; the one scripted value, a constant (servicenow.md §1.1).
    pub(super) fn asking_user(mut self) -> Query {
        self.join(&["sys_id=javascript:gs.getUserID()"]);
        self
    }

    /// A condition on a column that does not exist, to see what the instance makes of it (servicenow.md §1.1).
    pub(super) fn no_such_column(mut self) -> Query {
        self.join(&["u_lockstep_probe_zz=1"]);
        self
    }

    /// Or all of `other`; each group stands for itself.
    pub(super) fn or_group(mut self, other: &Query) -> Query {
        self.0.push_str("^NQ");
        self.0.push_str(&other.0);
        self
    }

    /// Ascending; comes last and holds for the whole.
    pub(super) fn order_by(mut self, column: &str) -> Query {
        self.join(&["ORDERBY", column]);
        self
    }

    /// Descending.
    pub(super) fn order_by_latest(mut self, column: &str) -> Query {
        self.join(&["ORDERBYDESC", column]);
        self
    }

    /// The query's text, not yet encoded for an address.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn join(&mut self, parts: &[&str]) {
        if !self.0.is_empty() {
            self.0.push('^');
        }
        self.0.extend(parts.iter().copied());
    }
}

/// One test of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test(String);

impl Test {
    /// The column holds exactly this.
    pub(super) fn is(column: &str, literal: Literal) -> Test {
        Test(format!("{column}={}", literal.0))
    }

    /// The column holds something else, or nothing on instances that count nothing as something else.
    pub(super) fn not(column: &str, literal: Literal) -> Test {
        Test(format!("{column}!={}", literal.0))
    }

    /// The column's text has this in it.
    pub(super) fn holds(column: &str, literal: Literal) -> Test {
        Test(format!("{column}LIKE{}", literal.0))
    }

    pub(super) fn empty(column: &str) -> Test {
        Test(format!("{column}ISEMPTY"))
    }

    pub(super) fn not_empty(column: &str) -> Test {
        Test(format!("{column}ISNOTEMPTY"))
    }
}

/// What a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    After,
    AtOrAfter,
}

impl Operator {
    fn text(self) -> &'static str {
        match self {
            Operator::Is => "=",
            Operator::After => ">",
            Operator::AtOrAfter => ">=",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_values_are_refused_whole() {
        for bad in [
            "",
            "a^b",
            "a^ORactive=true",
            "a\nb",
            "a\r",
            "a\0",
            "a,b",
            "javascript:gs.x()",
            "JavaScript:x",
            "^NQ",
            "ä",
            "DYNAMIC<x>",
            "a b",
        ] {
            for made in [Literal::sys_id(bad), Literal::marker(bad), Literal::email(bad)] {
                assert_eq!(made.map_err(|error| error.kind), Err(ErrorKind::Stopped), "{bad}");
            }
        }
        assert!(Literal::name("a b").is_err() && Literal::name("jane.doe@x.example").is_ok());
        assert!(Literal::marker("lockstep:javascript:1").is_err());
        assert!(Literal::email("Jane.O'Neil+x@acme.example").is_ok() && Literal::email("a@b@c.d").is_err());
        assert!(is_column("caller_id.email") && !is_column("a^b") && !is_column("") && !is_column("a..b"));
    }

    #[test]
    fn words_are_plain_or_refused() {
        assert!(Literal::words("Printer (3rd floor) is off-line / no. 7_b").is_ok());
        for bad in
            ["", " a", "a ", "null", "a^b", "a,b", "a\nb", "javascript:x", "ä", "a@b", "=1", "a%b", "a'b"]
        {
            assert!(Literal::words(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn groups_and_orders_are_spelled_as_documented() {
        let base = || Query::new().and("active", Operator::Is, &Literal::name("true").unwrap());
        let second = Literal::stamp(1_777_888_743_000);
        let query = base()
            .and("sys_updated_on", Operator::After, &second)
            .or_group(&base().and("sys_updated_on", Operator::Is, &second))
            .order_by("sys_updated_on");
        assert_eq!(
            query.as_str(),
            "active=true^sys_updated_on>2026-05-04 09:59:03^NQactive=true^sys_updated_on=2026-05-04 09:59:03^ORDERBYsys_updated_on"
        );
    }

    type Make = fn(&str) -> Result<Literal, ConnectorError>;

    proptest! {
        /// What gets in comes out as one condition with exactly that value, and is never a script.
        #[test]
        fn a_query_reads_back_to_its_literal(text in "[ -~\n\r^,@:äj]{0,40}|javascript:.{0,9}|[a-z.]{1,8}@[a-z]{1,5}\\.[a-z]{2}") {
            for make in [Literal::sys_id as Make, Literal::marker, Literal::name, Literal::email] {
                let Ok(literal) = make(&text) else { continue };
                let query = Query::new()
                    .and("one", Operator::Is, &literal)
                    .among("two", &[literal.clone(), literal.clone()])
                    .order_by("three");
                let parts: Vec<&str> = query.as_str().split('^').collect();
                prop_assert_eq!(&parts, &[&*format!("one={text}"), &*format!("twoIN{text},{text}"), "ORDERBYthree"]);
                prop_assert!(!text.to_ascii_lowercase().contains("javascript"));
                prop_assert!(!text.contains([',', '\n', '\r', '\0', ' ']));
            }
        }
    }
}
