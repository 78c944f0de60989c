//! JQL: words, clauses and their order (sheet §3.1, §3.2). What the names mean is found out in [`super::jql_values`].
//!
//! A word that stands alone is a text search, as on the real platform: nonsense gives an empty page, only real faults of
//! syntax, unknown fields and unknown values give 400.

use super::answer::Refusal;
use super::jql_values::{Clause, Resolver, SortField};

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Clause(Clause),
}

/// A query, read and resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Jql {
    /// None for a query that is only an order.
    pub filter: Option<Expr>,
    /// Fields to sort by, and whether downwards.
    pub order: Vec<(SortField, bool)>,
}

/// How a clause compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Like,
    NotLike,
    In,
    NotIn,
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    Word(String),
    Quoted(String),
    Function(String, Vec<String>),
    Empty,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Symbol(&'static str),
}

/// Most fields to sort by (sheet §3.1).
const ORDER_MAX: usize = 7;

fn refuse(text: impl Into<String>) -> Refusal {
    Refusal::new(400, text)
}

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '"' | '\'' => {
                let (inner, used) = quoted(rest, first)?;
                found.push(Token::Quoted(inner));
                used
            }
            _ => match symbol(rest) {
                Some(symbol) => {
                    found.push(Token::Symbol(match symbol {
                        "&&" => "&",
                        "||" => "|",
                        symbol => symbol,
                    }));
                    symbol.len()
                }
                None => {
                    let end = rest
                        .find(|c: char| c.is_whitespace() || "()=!<>~,\"'&|".contains(c))
                        .unwrap_or(rest.len());
                    found.push(Token::Word(rest[..end].to_owned()));
                    end
                }
            },
        };
        rest = rest[used..].trim_start();
    }
    Ok(found)
}

fn symbol(rest: &str) -> Option<&'static str> {
    ["!=", "!~", ">=", "<=", "&&", "||", "=", "~", ">", "<", "(", ")", ",", "!", "&", "|"]
        .into_iter()
        .find(|symbol| rest.starts_with(symbol))
}

fn quoted(rest: &str, quote: char) -> Result<(String, usize), Refusal> {
    let mut text = String::new();
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            text.push(c);
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return Ok((text, at + c.len_utf8()));
        } else {
            text.push(c);
        }
    }
    Err(refuse("Error in the JQL Query: a quoted string has no end."))
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    resolver: &'a Resolver<'a>,
}

/// Reads a query.
pub fn parse(text: &str, resolver: &Resolver<'_>) -> Result<Jql, Refusal> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, resolver };
    let filter = if parser.at_end() || parser.is_word("order") { None } else { Some(parser.either()?) };
    let order = parser.order()?;
    if !parser.at_end() {
        return Err(parser.unexpected());
    }
    Ok(Jql { filter, order })
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol);
        self.at += usize::from(found);
        found
    }

    fn unexpected(&self) -> Refusal {
        match self.peek() {
            None => refuse("Error in the JQL Query: it ends too early."),
            Some(Token::Word(text) | Token::Quoted(text)) => {
                refuse(format!("Error in the JQL Query: '{text}' is not expected here."))
            }
            Some(Token::Symbol(text)) => {
                refuse(format!("Error in the JQL Query: '{text}' is not expected here."))
            }
        }
    }

    fn either(&mut self) -> Result<Expr, Refusal> {
        let mut parts = vec![self.both()?];
        while self.take_word("or") || self.take_symbol("|") {
            parts.push(self.both()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) })
    }

    fn both(&mut self) -> Result<Expr, Refusal> {
        let mut parts = vec![self.one()?];
        while self.take_word("and") || self.take_symbol("&") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    fn one(&mut self) -> Result<Expr, Refusal> {
        if self.take_word("not") || self.take_symbol("!") {
            return Ok(Expr::Not(Box::new(self.one()?)));
        }
        if self.take_symbol("(") {
            let inner = self.either()?;
            return if self.take_symbol(")") { Ok(inner) } else { Err(self.unexpected()) };
        }
        let field = match self.peek() {
            Some(Token::Word(text) | Token::Quoted(text)) => text.clone(),
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        let Some(op) = self.operator() else {
            return self.words(field);
        };
        let values = match op {
            Op::In | Op::NotIn => self.list()?,
            _ => vec![self.value()?],
        };
        Ok(Expr::Clause(self.resolver.clause(&field, op, &values)?))
    }

    /// Words without operator: a text search over all of them.
    fn words(&mut self, first: String) -> Result<Expr, Refusal> {
        let mut text = first;
        while let Some(Token::Word(word) | Token::Quoted(word)) = self.peek() {
            if ["and", "or", "order"].iter().any(|end| word.eq_ignore_ascii_case(end)) {
                break;
            }
            text.push(' ');
            text.push_str(word);
            self.at += 1;
            if matches!(self.peek(), Some(Token::Symbol("=" | "~" | ">" | "<" | ">=" | "<=" | "!="))) {
                return Err(self.unexpected());
            }
        }
        Ok(Expr::Clause(self.resolver.clause("text", Op::Like, &[Written::Quoted(text)])?))
    }

    fn operator(&mut self) -> Option<Op> {
        let start = self.at;
        if self.take_word("not") {
            if self.take_word("in") {
                return Some(Op::NotIn);
            }
            self.at = start;
            return None;
        }
        if self.take_word("in") {
            return Some(Op::In);
        }
        if self.take_word("is") {
            return Some(if self.take_word("not") { Op::Ne } else { Op::Eq });
        }
        let op = match self.peek() {
            Some(Token::Symbol("=")) => Op::Eq,
            Some(Token::Symbol("!=")) => Op::Ne,
            Some(Token::Symbol("<")) => Op::Lt,
            Some(Token::Symbol("<=")) => Op::Le,
            Some(Token::Symbol(">")) => Op::Gt,
            Some(Token::Symbol(">=")) => Op::Ge,
            Some(Token::Symbol("~")) => Op::Like,
            Some(Token::Symbol("!~")) => Op::NotLike,
            _ => return None,
        };
        self.at += 1;
        Some(op)
    }

    fn list(&mut self) -> Result<Vec<Written>, Refusal> {
        if !self.take_symbol("(") {
            return Ok(vec![self.value()?]);
        }
        let mut values = vec![self.value()?];
        while self.take_symbol(",") {
            values.push(self.value()?);
        }
        if self.take_symbol(")") { Ok(values) } else { Err(self.unexpected()) }
    }

    fn value(&mut self) -> Result<Written, Refusal> {
        let token = self.peek().cloned().ok_or_else(|| self.unexpected())?;
        match token {
            Token::Quoted(text) => {
                self.at += 1;
                Ok(Written::Quoted(text))
            }
            Token::Word(text) => {
                self.at += 1;
                if text.eq_ignore_ascii_case("empty") || text.eq_ignore_ascii_case("null") {
                    return Ok(Written::Empty);
                }
                if !self.take_symbol("(") {
                    return Ok(Written::Word(text));
                }
                let mut arguments = Vec::new();
                while !self.take_symbol(")") {
                    match self.value()? {
                        Written::Word(text) | Written::Quoted(text) => arguments.push(text),
                        _ => return Err(self.unexpected()),
                    }
                    self.take_symbol(",");
                }
                Ok(Written::Function(text, arguments))
            }
            Token::Symbol(_) => Err(self.unexpected()),
        }
    }

    fn order(&mut self) -> Result<Vec<(SortField, bool)>, Refusal> {
        let mut order = Vec::new();
        if !self.take_word("order") {
            return Ok(order);
        }
        if !self.take_word("by") {
            return Err(self.unexpected());
        }
        loop {
            let name = match self.peek() {
                Some(Token::Word(name) | Token::Quoted(name)) => name.clone(),
                _ => return Err(self.unexpected()),
            };
            self.at += 1;
            let field = SortField::named(&name)
                .ok_or_else(|| refuse(format!("Not able to sort using field '{name}'.")))?;
            let down = self.take_word("desc");
            if !down {
                self.take_word("asc");
            }
            order.push((field, down));
            if !self.take_symbol(",") {
                break;
            }
        }
        if order.len() > ORDER_MAX {
            return Err(refuse("A query sorts by 7 fields at most."));
        }
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::Jira;
    use crate::platform::Seed;

    fn read(text: &str) -> Result<Jql, Refusal> {
        let jira = Jira::new(1, 1_795_167_067_123, Seed::Small);
        parse(text, &jira.resolver(super::super::auth::Who::User(0), 1_795_167_067_123))
    }

    #[test]
    fn usual_queries_are_read() {
        for text in [
            "project in (10001, CSD) AND updated >= 1795167000000 ORDER BY key ASC",
            "project = CSD and created >= -15m and creator = currentUser()",
            "project = \"CSD\" AND key > \"CSD-2\" order by key",
            "issuetype in (Incident, 'Service Request') AND NOT status = Closed",
            "statusCategory != Done AND (assignee is EMPTY or labels = vip)",
            "updated >= \"2026/11/20 10:31\" && summary ~ \"printer*\"",
            "issue in issuesWithRemoteLinksByGlobalId(\"a\", \"b\")",
            "cf[10040] ~ INC0010 and \"Contact type\" = Phone",
            "resolution is not empty ORDER BY priority DESC, updated, created asc, key, status, summary, id",
        ] {
            assert!(read(text).is_ok(), "{text}: {:?}", read(text));
        }
        assert_eq!(read("order by key").expect("an order alone").filter, None);
    }

    #[test]
    fn faults_are_refused_and_garbage_is_a_text_search() {
        for text in [
            "project = ",
            "project = NOPE",
            "nofield = 3",
            "project = CSD AND",
            "updated >= \"2026-11-20 10:31:07\"",
            "(project = CSD",
            "summary ~ \"open",
            "key = CSD-99999",
            "project = CSD ORDER BY a",
            "project = CSD order by key,key,key,key,key,key,key,key",
        ] {
            assert_eq!(read(text).map_err(|refusal| refusal.status), Err(400), "{text}");
        }
        assert!(matches!(read("utter garbage here"), Ok(Jql { filter: Some(Expr::Clause(_)), .. })));
    }
}
