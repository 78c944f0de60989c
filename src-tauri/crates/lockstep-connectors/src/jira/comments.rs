//! Comments through the platform API (sheet §7): the marker as a property in the same call, and in service
//! projects always an explicit word on who reads it, for without one customers do. What the answer shows is
//! handed back (H38).

use std::collections::BTreeSet;

use http::{HeaderValue, Method, header};
use lockstep_core::connector::{
    CommentRequest, CommentWritten, ConnectorError, ErrorKind, Scope, WriteFailure,
};
use lockstep_core::ids::{CommentId, PersonId, TicketId};
use lockstep_core::marker::ref_in_first_line;
use lockstep_core::ticket::{Comment, Value, Visibility};
use serde::Deserialize;
use serde_json::json;

use super::session::{issue, not_sent, parse, refused, write};
use super::wire::{CommentLink, CommentPage, CommentRow, UserRow};
use super::{Jira, marker, rich};
use crate::http::{Call, Expect};

/// The property that says who reads a comment of a service project.
const FLAG: &str = "sd.public.comment";
const ROWS: usize = 100;
/// Times a list is read from the start when it moved under the reading.
const READINGS_MAX: usize = 3;
/// Pages of one list; Jira keeps at most 5,000 comments on a ticket (§7).
const PAGES_MAX: usize = 100;

#[derive(Deserialize)]
struct Flag {
    internal: serde_json::Value,
}

/// Who reads a comment as the row shows it. A restriction to a role has no counterpart: unknown, thus
/// internal.
fn visibility(row: &CommentRow<'_>, service: bool) -> Visibility {
    let flag = || {
        let property = row.properties.as_ref()?.iter().find(|property| property.key == FLAG)?;
        let flag: Flag = serde_json::from_str(property.value.get()).ok()?;
        Some(flag.internal != true && flag.internal != "true")
    };
    let shown = if row.jsd_public == Some(false) { Some(false) } else { flag().or(row.jsd_public) };
    match shown {
        Some(false) if service => Visibility::Internal,
        // Outside service projects the flag means nothing (§7), but it is nobody's wish to widen it.
        Some(false) => Visibility::Unknown,
        _ if row.visibility.is_some() => Visibility::Unknown,
        None if service => Visibility::Unknown,
        _ => Visibility::Public,
    }
}

/// The neutral comment; `None` when its text cannot be read.
fn comment(row: &CommentRow<'_>, service: bool, us: &PersonId) -> Option<Comment> {
    let author = UserRow::person_or_nobody(row.author.as_ref());
    let by_us = author.id == *us;
    let body = match row.body {
        None => String::new(),
        Some(raw) => match Value::rich(&rich::markdown(raw)?) {
            Value::Rich(text) => text,
            _ => String::new(),
        },
    };
    let property = row.properties.as_ref().and_then(|all| all.iter().find(|one| one.key == marker::PROPERTY));
    let link = property.and_then(|property| serde_json::from_str::<CommentLink>(property.value.get()).ok());
    let in_text = || if by_us { ref_in_first_line(&body).map(str::to_owned) } else { None };
    let copy_of = link.map(|link| link.copy_of).or_else(in_text);
    Some(Comment {
        id: CommentId(row.id.0.clone()),
        by_us,
        author,
        created_ms: row.created.0,
        updated_ms: row.updated.map_or(row.created.0, |stamp| stamp.0.max(row.created.0)),
        visibility: visibility(row, service),
        body,
        copy_of,
    })
}

/// One reading of a list.
enum Reading {
    Whole(Vec<Comment>),
    /// It changed while it was read.
    Moved,
}

impl Jira {
    /// All comments of one ticket, oldest first, or an error; never a part (H18).
    pub(super) async fn all_comments(
        &self,
        scope: &Scope,
        ticket: &TicketId,
    ) -> Result<Vec<Comment>, ConnectorError> {
        let us = self.identity().await?.us.id.clone();
        let service = self.needs_flag(scope).await?;
        for _ in 0..READINGS_MAX {
            if let Reading::Whole(list) = self.read_list(ticket, service, &us).await? {
                return Ok(list);
            }
        }
        let text = "The list of comments of a ticket kept changing while Jira was asked for it";
        Err(ConnectorError::new(ErrorKind::ChangedMeanwhile, text))
    }

    async fn read_list(
        &self,
        ticket: &TicketId,
        service: bool,
        us: &PersonId,
    ) -> Result<Reading, ConnectorError> {
        let what = "read comments";
        let (mut list, mut ids, mut total) = (Vec::new(), BTreeSet::new(), None);
        for _ in 0..PAGES_MAX {
            let call = Call::get(issue(ticket, "/comment"), what)
                .query("startAt", &list.len().to_string())
                .query("maxResults", &ROWS.to_string())
                .query("orderBy", "created")
                .query("expand", "properties");
            let answer = self.read(call, what).await?;
            let page: CommentPage<'_> = parse(&answer, what)?;
            if total.is_some_and(|total| total != page.total) {
                return Ok(Reading::Moved);
            }
            total = Some(page.total);
            for row in &page.comments {
                let Some(comment) = comment(row, service, us) else {
                    let text =
                        format!("The text of a comment ({}) is nothing that Lockstep can read", row.id.0);
                    return Err(ConnectorError::new(ErrorKind::Unexpected, text));
                };
                if !ids.insert(comment.id.clone()) {
                    return Ok(Reading::Moved);
                }
                list.push(comment);
            }
            if list.len() >= page.total {
                return Ok(Reading::Whole(list));
            }
            if page.comments.is_empty() {
                return Ok(Reading::Moved);
            }
        }
        Ok(Reading::Moved)
    }

    /// Body and properties. Refuses what would come out more visible than meant.
    async fn comment_body(&self, request: &CommentRequest) -> Result<serde_json::Value, WriteFailure> {
        self.identity().await.map_err(not_sent)?;
        let service = self.needs_flag(&request.scope).await.map_err(not_sent)?;
        let internal = request.visibility != Visibility::Public;
        if internal && !service {
            let error = refused(
                "This Jira project has no internal comments: everybody who sees the ticket would read it",
            )
            .remedy("Map internal comments to 'do not copy', or sync with a service project");
            return Err(WriteFailure::Refused(error));
        }
        let link = CommentLink { v: 1, copy_of: request.copy_of.clone() };
        let mut properties = vec![json!({ "key": marker::PROPERTY, "value": link })];
        if service {
            properties.push(json!({ "key": FLAG, "value": { "internal": internal } }));
        }
        Ok(json!({ "body": rich::document(&request.body), "properties": properties }))
    }

    async fn written(&self, call: Call, what: &str, scope: &Scope) -> Result<CommentWritten, WriteFailure> {
        let answer = self.write(call, what).await?;
        let row: CommentRow<'_> = parse(&answer, what).map_err(WriteFailure::Unknown)?;
        let service = self.needs_flag(scope).await.unwrap_or(true);
        Ok(CommentWritten {
            id: Some(CommentId(row.id.0.clone())),
            visibility: Some(visibility(&row, service)),
            // The answer tells the comment's stamp, not the ticket's, and whether an edit moves the ticket's
            // at all is not documented (§3.5): a stamp too high would make later readings look old (H16).
            version: None,
        })
    }

    /// Adds a comment.
    pub(super) async fn comment_add(&self, request: &CommentRequest) -> Result<CommentWritten, WriteFailure> {
        let what = "add a comment";
        let body = self.comment_body(request).await?;
        let path = issue(&request.ticket, "/comment");
        let call = write(Method::POST, path, what)
            .json(&body)
            .good(&[201])
            .expect(Expect::Json)
            .resends_after_wait();
        self.written(call, what, &request.scope).await
    }

    /// Replaces a comment's text. Its properties are sent again, for whether they stay is not documented
    /// (§7); a text that holds what cannot be written again is left alone (H27).
    pub(super) async fn comment_edit(
        &self,
        id: &CommentId,
        request: &CommentRequest,
    ) -> Result<CommentWritten, WriteFailure> {
        let what = "edit a comment";
        let body = self.comment_body(request).await?;
        let path = issue(&request.ticket, &format!("/comment/{}", Call::segment(id.as_str())));
        let answer = self.read(Call::get(path.clone(), what), what).await.map_err(not_sent)?;
        let now: CommentRow<'_> = parse(&answer, what).map_err(not_sent)?;
        let kept = now.body.map(rich::unreproducible).unwrap_or_default();
        if !kept.is_empty() {
            let text = format!(
                "The comment was not replaced: it holds what Lockstep cannot write ({})",
                kept.join(", ")
            );
            return Err(WriteFailure::Refused(refused(text)));
        }
        let call =
            write(Method::PUT, path, what).json(&body).good(&[200]).expect(Expect::Json).resends_after_wait();
        self.written(call, what, &request.scope).await
    }

    /// Removes a comment of ours; one that is gone already is removed.
    pub(super) async fn comment_retract(
        &self,
        ticket: &TicketId,
        id: &CommentId,
    ) -> Result<(), WriteFailure> {
        let what = "remove a comment that came out too visible";
        let path = issue(ticket, &format!("/comment/{}", Call::segment(id.as_str())));
        // Without a content type Jira answers 415 even where there is no body (§1.3).
        let call = write(Method::DELETE, path, what)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .good(&[204])
            .expect(Expect::Anything);
        match self.write(call, what).await {
            Ok(_) => Ok(()),
            Err(WriteFailure::Refused(error)) if error.kind == ErrorKind::NotFound => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::Connector;

    use super::*;
    use crate::jira::fixture::{Site, no_issue, scope};

    fn project(kind: &str) -> serde_json::Value {
        json!({ "id": "10001", "key": "CSD", "name": "Desk", "projectTypeKey": kind })
    }

    fn row(id: &str, more: serde_json::Value) -> serde_json::Value {
        let mut row = json!({
            "id": id, "author": { "accountId": "us", "displayName": "Lockstep" },
            "body": { "type": "doc", "version": 1, "content": [
                { "type": "paragraph", "content": [{ "type": "text", "text": "hello" }] }] },
            "created": "2026-11-20T09:31:07.000+0000", "updated": "2026-11-20T09:31:07.000+0000"
        });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    }

    fn request(visibility: Visibility) -> CommentRequest {
        CommentRequest {
            scope: scope(),
            ticket: "7".into(),
            body: "hello".into(),
            visibility,
            copy_of: "abcdefghij".into(),
        }
    }

    #[tokio::test]
    async fn a_service_project_is_always_told_who_reads() {
        for (wanted, internal) in
            [(Visibility::Internal, true), (Visibility::Unknown, true), (Visibility::Public, false)]
        {
            let site = Site::signed_in()
                .answers(200, project("service_desk"))
                .answers(201, row("1", json!({ "jsdPublic": !internal })));
            let written = site.jira.add_comment(&request(wanted)).await.unwrap();
            let sent = &site.bodies()[3]["properties"];
            assert_eq!(sent[0], json!({ "key": "lockstep.link", "value": { "v": 1, "ref": "abcdefghij" } }));
            assert_eq!(sent[1], json!({ "key": "sd.public.comment", "value": { "internal": internal } }));
            let seen = if internal { Visibility::Internal } else { Visibility::Public };
            assert_eq!((written.id, written.visibility), (Some("1".into()), Some(seen)));
        }
    }

    #[tokio::test]
    async fn what_came_out_wider_is_told() {
        let site = Site::signed_in()
            .answers(200, project("service_desk"))
            .answers(201, row("1", json!({ "jsdPublic": true })));
        let written = site.jira.add_comment(&request(Visibility::Internal)).await.unwrap();
        assert_eq!(written.visibility, Some(Visibility::Public));
    }

    #[tokio::test]
    async fn internal_comments_need_a_service_project() {
        let site = Site::signed_in().answers(200, project("software"));
        let Err(WriteFailure::Refused(error)) = site.jira.add_comment(&request(Visibility::Internal)).await
        else {
            panic!("must be refused")
        };
        assert!(error.remedy.is_some());
        assert_eq!(site.calls(), 3, "nothing was written");
    }

    #[tokio::test]
    async fn lists_are_whole_or_an_error() {
        let head = |from: usize, rows: Vec<serde_json::Value>, total: usize| json!({ "startAt": from, "maxResults": 100, "total": total, "comments": rows });
        let link =
            json!({ "properties": [{ "key": "lockstep.link", "value": { "v": 1, "ref": "abcdefghij" } }] });
        let site = Site::signed_in()
            .answers(200, project("software"))
            .answers(200, head(0, vec![row("1", json!({}))], 2))
            .answers(200, head(1, vec![row("2", json!({}))], 3))
            .answers(
                200,
                head(
                    0,
                    vec![row("1", link), row("2", json!({ "visibility": { "type": "role", "value": "x" } }))],
                    2,
                ),
            );
        let list = site.jira.comments(&scope(), &"7".into()).await.unwrap();
        assert_eq!(list.len(), 2, "read again after the list moved");
        assert_eq!(
            (list[0].copy_of.as_deref(), list[0].visibility),
            (Some("abcdefghij"), Visibility::Public)
        );
        assert_eq!((list[1].copy_of.as_deref(), list[1].visibility), (None, Visibility::Unknown));
        assert!(list[0].by_us && list[0].body == "hello");
        let mut site = Site::signed_in().answers(200, project("software"));
        for _ in 0..READINGS_MAX {
            site = site.answers(200, head(0, vec![], 2));
        }
        let error = site.jira.comments(&scope(), &"7".into()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::ChangedMeanwhile);
    }

    #[test]
    fn who_reads_a_row() {
        let of = |more: serde_json::Value, service| {
            let text = row("1", more).to_string();
            visibility(&serde_json::from_str::<CommentRow<'_>>(&text).unwrap(), service)
        };
        let flag = |internal: bool| json!({ "properties": [{ "key": "sd.public.comment", "value": { "internal": internal } }] });
        assert_eq!(of(json!({ "jsdPublic": true }), true), Visibility::Public);
        assert_eq!(of(json!({ "jsdPublic": false }), true), Visibility::Internal);
        assert_eq!(of(json!({}), true), Visibility::Unknown);
        assert_eq!(of(flag(true), true), Visibility::Internal);
        assert_eq!(of(flag(false), true), Visibility::Public);
        assert_eq!(
            of(json!({ "jsdPublic": true, "visibility": { "type": "role", "value": "x" } }), true),
            Visibility::Unknown
        );
        assert_eq!(of(json!({ "jsdPublic": true }), false), Visibility::Public);
        assert_eq!(of(json!({ "jsdPublic": false }), false), Visibility::Unknown);
        let mut both = flag(true);
        both["jsdPublic"] = json!(true);
        assert_eq!(of(both, false), Visibility::Unknown);
    }

    #[tokio::test]
    async fn a_ref_in_a_stranger_s_text_counts_for_nothing() {
        let mut ours = row("1", json!({ "jsdPublic": true }));
        ours["body"]["content"][0]["content"][0]["text"] = json!("Mia (ServiceNow) [ls:abcdefghij]");
        let mut theirs = ours.clone();
        theirs["id"] = json!("2");
        theirs["author"]["accountId"] = json!("mia");
        let page = json!({ "total": 2, "comments": [ours, theirs] });
        let site = Site::signed_in().answers(200, project("service_desk")).answers(200, page);
        let list = site.jira.comments(&scope(), &"7".into()).await.unwrap();
        assert_eq!(list[0].copy_of.as_deref(), Some("abcdefghij"));
        assert_eq!(list[1].copy_of, None);
    }

    #[tokio::test]
    async fn edits_send_the_flag_again_and_removals_may_come_late() {
        let site = Site::signed_in()
            .answers(200, project("service_desk"))
            .answers(200, row("1", json!({ "jsdPublic": false })))
            .answers(200, row("1", json!({ "jsdPublic": false })))
            .answers(404, no_issue());
        let written = site.jira.edit_comment(&"1".into(), &request(Visibility::Internal)).await.unwrap();
        assert_eq!(written.visibility, Some(Visibility::Internal));
        assert_eq!(site.bodies()[4]["properties"][1]["value"], json!({ "internal": true }));
        assert_eq!(site.jira.retract_comment(&"7".into(), &"1".into()).await, Ok(()));
    }
}
