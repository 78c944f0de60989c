//! The feed over a scripted wire: cursors, hidden rows, rows nobody asked for.

use lockstep_core::connector::Connector;

use super::super::bench::{connector, id, incidents, parameter};
use super::*;
use crate::http::fake::with;
use crate::ports::{WireAnswer, WireError};

fn row(id_digit: char, stamp: &str) -> String {
    let id = id(id_digit);
    format!(
        r#"{{"sys_id":"{id}","number":"INC1","sys_updated_on":"{stamp}","sys_created_on":"{stamp}","sys_created_by":"jane",
        "sys_updated_by":"lockstep.svc","sys_mod_count":"3","state":"2","assignment_group":"","correlation_id":""}}"#
    )
}

fn page(rows: &[String], total: Option<usize>) -> Result<WireAnswer, WireError> {
    let total = total.map(|total| total.to_string());
    let mut headers = vec![("content-type", "application/json"), ("date", "Mon, 04 May 2026 10:00:00 GMT")];
    if let Some(total) = &total {
        headers.push(("x-total-count", total));
    }
    with(200, &headers, &format!(r#"{{"result":[{}]}}"#, rows.join(",")))
}

fn since(text: &str) -> i64 {
    stamps::read(text).unwrap()
}

fn ask<'a>(
    scope: &'a Scope,
    fields: &'a [lockstep_core::FieldId],
    page: Option<&'a Cursor>,
    limit: usize,
) -> ChangesQuery<'a> {
    ChangesQuery { scope, fields, cursor: None, since_ms: since("2026-05-04 09:00:00"), page, limit }
}

#[tokio::test]
async fn pages_go_on_behind_the_last_row_and_end_on_a_count() {
    let (connector, script, _) = connector([
        page(&[row('1', "2026-05-04 09:10:00"), row('2', "2026-05-04 09:10:00")], None),
        page(&[row('3', "2026-05-04 09:20:00")], None),
        page(&[], Some(1)),
    ]);
    let (scope, fields) = (incidents(), ["state".into()]);
    let first = connector.changes(&ask(&scope, &fields, None, 2)).await.unwrap();
    assert_eq!((first.tickets.len(), first.cursor.is_none()), (2, true));
    assert_eq!(first.tickets[0].fields[&fields[0]], lockstep_core::Value::choice("2"));
    assert_eq!(first.tickets[0].created_by.as_ref().unwrap().as_str(), "user:jane");
    assert_eq!(first.tickets[0].updated_by.as_ref().unwrap().as_str(), id('a'));
    let second = connector.changes(&ask(&scope, &fields, first.next.as_ref(), 2)).await.unwrap();
    assert_eq!((second.tickets.len(), second.next), (1, None));
    assert_eq!(second.cursor, Some(Cursor(serde_json::json!({"t": since("2026-05-04 09:20:00")}))));
    let query = parameter(&script, 2, "sysparm_query").unwrap();
    let two = id('2');
    assert_eq!(
        query,
        format!(
            "sys_updated_on>2026-05-04 09:10:00^NQsys_updated_on=2026-05-04 09:10:00^sys_id>{two}^ORDERBYsys_updated_on^ORDERBYsys_id"
        )
    );
    assert_eq!(parameter(&script, 3, "sysparm_no_count"), None, "the last question counts");
}

#[tokio::test]
async fn hidden_rows_are_no_end() {
    let (connector, script, _) = connector([
        page(&[], None),
        page(&[], Some(5)),
        page(&[], Some(5)),
        page(&[row('9', "2026-05-04 09:30:00")], Some(5)),
    ]);
    let scope = incidents();
    let mut next = None;
    let mut seen = 0;
    for _ in 0..3 {
        let page = connector.changes(&ask(&scope, &[], next.as_ref(), 2)).await.unwrap();
        seen += page.tickets.len();
        next = page.next;
        if page.cursor.is_some() {
            break;
        }
    }
    assert_eq!((seen, next), (1, None));
    assert_eq!(parameter(&script, 3, "sysparm_offset").as_deref(), Some("2"));
    assert_eq!(parameter(&script, 4, "sysparm_offset").as_deref(), Some("4"));
}

#[tokio::test]
async fn a_later_run_reaches_back_and_a_future_row_does_not_carry_the_cursor_away() {
    let (connector, script, _) = connector([page(&[row('1', "2027-01-01 00:00:00")], Some(1))]);
    let scope = incidents();
    let cursor = Cursor(serde_json::json!({"t": since("2026-05-04 09:50:00")}));
    let query = ChangesQuery { cursor: Some(&cursor), ..ask(&scope, &[], None, 200) };
    let page = connector.changes(&query).await.unwrap();
    assert!(
        parameter(&script, 1, "sysparm_query").unwrap().starts_with("sys_updated_on>=2026-05-04 09:48:00^")
    );
    assert_eq!(page.cursor, Some(Cursor(serde_json::json!({"t": since("2026-05-04 09:59:58")}))));
    assert_eq!(script.calls(), 2, "one call for a run that finds one page");
}

#[tokio::test]
async fn rows_that_were_not_asked_for_stop_the_run() {
    let group = Scope { container: id('b'), ..incidents() };
    let cases = [
        (incidents(), vec![row('1', "2026-05-04 08:59:59")]),
        (incidents(), vec![row('2', "2026-05-04 09:10:00"), row('1', "2026-05-04 09:10:00")]),
        (group, vec![row('1', "2026-05-04 09:10:00")]),
    ];
    for (scope, rows) in cases {
        let (connector, _, _) = connector([page(&rows, Some(rows.len()))]);
        let outcome = connector.changes(&ask(&scope, &[], None, 200)).await.map(|_| ());
        assert_eq!(outcome.map_err(|error| error.kind), Err(ErrorKind::Unexpected), "{rows:?}");
    }
    let hidden = r#"{"sys_id":"11111111111111111111111111111111"}"#.to_owned();
    let (connector, _, _) = connector([page(&[hidden], Some(1))]);
    let outcome = connector.changes(&ask(&incidents(), &[], None, 200)).await.map(|_| ());
    assert_eq!(outcome.map_err(|error| error.kind), Err(ErrorKind::Forbidden));
}

#[tokio::test]
async fn a_strange_cursor_is_refused() {
    let (connector, _, _) = connector([]);
    let (scope, cursor) = (incidents(), Cursor(serde_json::json!({"x": 1})));
    let query = ChangesQuery { cursor: Some(&cursor), ..ask(&scope, &[], None, 200) };
    assert_eq!(connector.changes(&query).await.map(|_| ()).map_err(|e| e.kind), Err(ErrorKind::Stopped));
}
