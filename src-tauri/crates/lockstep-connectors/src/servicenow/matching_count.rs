//! How many records a filter lets in, by one call of the Aggregate API and one for the newest of them (servicenow.md §3.6).

use lockstep_core::connector::{ConnectorError, Matching, Scope};
use lockstep_core::mapping::{Condition, Filter, Operator};
use serde::Deserialize;

use super::ServiceNow;
use super::feed::scope_query;
use super::query::{Literal, Query, Test, is_column};
use super::table::table_path;
use crate::http::Call;

#[derive(Deserialize)]
struct Counted {
    result: Stats,
}

#[derive(Deserialize)]
struct Stats {
    stats: Count,
}

#[derive(Deserialize)]
struct Count {
    count: String,
}

#[derive(Deserialize)]
struct Newest {
    #[serde(default)]
    result: Vec<Numbered>,
}

#[derive(Deserialize)]
struct Numbered {
    #[serde(default)]
    number: String,
}

impl ServiceNow {
    /// Records of the scope that a filter lets in; `None` where it cannot be said safely in an encoded query.
    pub(super) async fn matching(
        &self,
        scope: &Scope,
        filter: &Filter,
    ) -> Result<Option<Matching>, ConnectorError> {
        const WHAT: &str = "count the records of a filter";
        let Some(query) = said(scope_query(scope)?, filter) else { return Ok(None) };
        let table = table_path(&scope.ticket_type)?;
        let call = Call::get(format!("/api/now/stats/{}", scope.ticket_type), WHAT)
            .query("sysparm_count", "true")
            .query("sysparm_query", query.as_str());
        let answer = self.client.read(call).await?;
        let counted: Counted = self.client.parse(WHAT, &answer.body)?;
        let count = counted.result.stats.count.parse().unwrap_or_default();
        let query = query.order_by_latest("sys_created_on");
        let call = Call::get(table, WHAT)
            .query("sysparm_query", query.as_str())
            .query("sysparm_fields", "number")
            .query("sysparm_limit", "1");
        let answer = self.client.read(call).await?;
        let newest: Newest = self.client.parse(WHAT, &answer.body)?;
        let newest = newest.result.into_iter().map(|row| row.number).find(|number| !number.is_empty());
        Ok(Some(Matching { count, approximate: false, newest }))
    }
}

fn said(scope: Query, filter: &Filter) -> Option<Query> {
    let mut query = scope;
    for condition in &filter.all {
        if condition.operator == Operator::IsNot {
            for value in &condition.values {
                // A record without a value is not that value either.
                let test = Test::not(column(condition)?, literal(value)?);
                query = query.any_of(&[test, Test::empty(column(condition)?)]);
            }
        } else {
            query = query.any_of(&tests(condition)?);
        }
    }
    let mut any = Vec::new();
    for condition in &filter.any {
        // An "is none of several" inside an "or" has no flat form.
        if condition.operator == Operator::IsNot && condition.values.len() > 1 {
            return None;
        }
        any.extend(tests(condition)?);
    }
    Some(if filter.any.is_empty() { query } else { query.any_of(&any) })
}

fn tests(condition: &Condition) -> Option<Vec<Test>> {
    let column = column(condition)?;
    let each = |make: fn(&str, Literal) -> Test| {
        condition.values.iter().map(|value| literal(value).map(|literal| make(column, literal))).collect()
    };
    match condition.operator {
        Operator::Is => each(Test::is),
        Operator::Contains => each(Test::holds),
        Operator::IsNot => {
            let mut tests: Vec<Test> = each(Test::not)?;
            tests.push(Test::empty(column));
            Some(tests)
        }
        Operator::Empty => Some(vec![Test::empty(column)]),
        Operator::NotEmpty => Some(vec![Test::not_empty(column)]),
    }
}

fn column(condition: &Condition) -> Option<&str> {
    Some(condition.field.as_str()).filter(|column| is_column(column))
}

fn literal(value: &str) -> Option<Literal> {
    Literal::words(value).ok()
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
        said(Query::new(), &filter).map(|query| query.as_str().to_owned())
    }

    #[test]
    fn a_filter_becomes_an_encoded_query() {
        let (severity, group) = ("severity", "assignment_group");
        for (all, any, expected) in [
            (vec![], vec![], ""),
            (vec![condition(severity, Operator::Is, &["1", "2"])], vec![], "severity=1^ORseverity=2"),
            (vec![condition(severity, Operator::IsNot, &["1"])], vec![], "severity!=1^ORseverityISEMPTY"),
            (
                vec![condition("short_description", Operator::Contains, &["router"])],
                vec![condition(severity, Operator::Is, &["1"]), condition(group, Operator::Empty, &[])],
                "short_descriptionLIKErouter^severity=1^ORassignment_groupISEMPTY",
            ),
            (vec![condition(group, Operator::NotEmpty, &[])], vec![], "assignment_groupISNOTEMPTY"),
        ] {
            assert_eq!(text(&all, &any).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_cannot_be_said_safely_is_not_counted() {
        for bad in [
            condition("severity", Operator::Is, &["1^ORactive=true"]),
            condition("severity^OR", Operator::Empty, &[]),
            condition("severity", Operator::Is, &["javascript:gs.x()"]),
        ] {
            assert_eq!(text(&[bad], &[]), None);
        }
        assert_eq!(text(&[], &[condition("severity", Operator::IsNot, &["1", "2"])]), None);
    }
}
