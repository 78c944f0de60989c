//! How many tickets a filter lets in: an approximate count from the index (jira.md §3.3), and the newest of them.

use lockstep_core::connector::{ConnectorError, Matching, Scope};
use lockstep_core::mapping::{Condition, Filter, Operator};
use serde::{Deserialize, Serialize};

use super::Jira;
use super::jql::{Jql, Term};
use super::session::{API, parse, post_read};

#[derive(Serialize)]
struct Body {
    jql: String,
}

#[derive(Deserialize)]
struct Count {
    count: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct First {
    jql: String,
    max_results: u32,
    fields: [&'static str; 1],
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    issues: Vec<Keyed>,
}

#[derive(Deserialize)]
struct Keyed {
    key: String,
}

impl Jira {
    /// Tickets of the scope that a filter lets in; `None` where JQL compares otherwise than the filter does.
    pub(super) async fn matching(
        &self,
        scope: &Scope,
        filter: &Filter,
    ) -> Result<Option<Matching>, ConnectorError> {
        const WHAT: &str = "count the tickets of a filter";
        let Some(jql) = said(Jql::scope(&scope.container, &scope.ticket_type), filter) else {
            return Ok(None);
        };
        let body = Body { jql: jql.to_string() };
        let answer =
            self.read(post_read(format!("{API}/search/approximate-count"), WHAT, &body), WHAT).await?;
        let count = parse::<Count>(&answer, WHAT)?.count;
        let first = First { jql: jql.newest_first().to_string(), max_results: 1, fields: ["summary"] };
        let answer = self.read(post_read(format!("{API}/search/jql"), WHAT, &first), WHAT).await?;
        let newest = parse::<Page>(&answer, WHAT)?.issues.into_iter().next().map(|issue| issue.key);
        Ok(Some(Matching { count, approximate: true, newest }))
    }
}

fn said(scope: Jql, filter: &Filter) -> Option<Jql> {
    let mut jql = scope;
    for condition in &filter.all {
        jql = jql.any_of(&[term(condition)?]);
    }
    if filter.any.is_empty() {
        return Some(jql);
    }
    let any: Vec<Term> = filter.any.iter().map(term).collect::<Option<_>>()?;
    Some(jql.any_of(&any))
}

/// Texts are left out: JQL looks for words in them where a filter compares letters.
fn term(condition: &Condition) -> Option<Term> {
    let field = condition.field.as_str();
    match condition.operator {
        Operator::Is => Term::among(field, &condition.values),
        Operator::IsNot => Term::not_among(field, &condition.values),
        Operator::Contains if field == "labels" => Term::among(field, &condition.values),
        Operator::Contains => None,
        Operator::Empty => Term::empty(field),
        Operator::NotEmpty => Term::not_empty(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(field: &str, operator: Operator, values: &[&str]) -> Condition {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Condition { field: field.into(), operator, values }
    }

    fn text(all: &[Condition], any: &[Condition]) -> Option<String> {
        let filter = Filter { all: all.to_vec(), any: any.to_vec() };
        said(Jql::default(), &filter).map(|jql| jql.to_string())
    }

    #[test]
    fn a_filter_becomes_jql() {
        for (all, any, expected) in [
            (vec![condition("priority", Operator::Is, &["1", "2"])], vec![], "priority in (1, 2)"),
            (
                vec![condition("customfield_10041", Operator::IsNot, &["7"])],
                vec![],
                "(cf[10041] not in (7) OR cf[10041] is EMPTY)",
            ),
            (
                vec![condition("labels", Operator::Contains, &["vip"])],
                vec![
                    condition("priority", Operator::Is, &["1"]),
                    condition("assignee", Operator::Empty, &[]),
                ],
                "labels in (\"vip\") AND (priority in (1) OR assignee is EMPTY)",
            ),
            (vec![condition("assignee", Operator::NotEmpty, &[])], vec![], "assignee is not EMPTY"),
        ] {
            assert_eq!(text(&all, &any).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_jql_compares_otherwise_is_not_counted() {
        for odd in [
            condition("summary", Operator::Contains, &["router"]),
            condition("summary", Operator::Is, &["router"]),
            condition("customfield_x) OR (1", Operator::Empty, &[]),
            condition("priority", Operator::Is, &[]),
        ] {
            assert_eq!(text(&[odd], &[]), None);
        }
    }
}
