//! Comments (sheet §7): in a service project public to the customer unless the property `sd.public.comment` says
//! otherwise; a restriction to a role does not make them internal.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::{Answer, Refusal, Reply};
use super::auth::Who;
use super::fields::{Incoming, PropertyIn};
use super::json::Json;
use super::model::{Comment, Issue, Visibility, find_property, put_property};
use super::render::CommentView;
use super::routes::{Call, no_such_path};
use super::{Jira, adf, properties};

/// Most comments of one ticket.
const COMMENTS_MAX: usize = 5_000;
/// Roles that a comment can be restricted to.
const ROLES: &[&str] = &["Service Desk Team", "Administrators", "Developers"];
/// Groups that a comment can be restricted to.
const GROUPS: &[&str] = &["jira-users", "jira-admins"];

#[derive(Debug, Deserialize)]
struct CommentIn<'a> {
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    visibility: Option<Visibility>,
    #[serde(borrow)]
    properties: Option<Vec<PropertyIn<'a>>>,
}

impl Jira {
    /// Comments of a ticket that the caller reads.
    pub(super) fn visible_comments<'a>(&self, issue: &'a Issue, call: &Call<'_>) -> Vec<&'a Arc<Comment>> {
        issue.comments.iter().filter(|comment| self.reads(call.who, comment)).collect()
    }

    fn reads(&self, who: Who, comment: &Comment) -> bool {
        comment.visibility.as_ref().is_none_or(|visibility| match visibility.value.as_str() {
            "Administrators" | "jira-admins" => self.may(who, "ADMINISTER", None),
            "Service Desk Team" => self.is_agent(who),
            _ => true,
        })
    }

    /// `/issue/{id}/comment[/{commentId}]`.
    pub(super) fn issue_comments(&mut self, call: &Call<'_>, name: &str, rest: &[&str]) -> Reply {
        let issue = self.issue_of(call, name)?;
        match (call.method.as_str(), rest) {
            ("GET", []) => self.list_comments(call, &issue),
            ("POST", []) => self.post_comment(call, &issue),
            ("GET", [id]) => {
                let at = self.comment_at(call, &issue, id)?;
                Ok(self.shown_comment(call, &issue, &issue.comments[at], 200))
            }
            ("PUT", [id]) => self.put_comment(call, &issue, id),
            ("DELETE", [id]) => self.delete_comment(call, &issue, id),
            (_, [] | [_]) => Err(Refusal::bare(405)),
            _ => Err(no_such_path()),
        }
    }

    fn comment_at(&self, call: &Call<'_>, issue: &Issue, id: &str) -> Result<usize, Refusal> {
        let found = issue.comments.iter().position(|c| c.id.to_string() == id && self.reads(call.who, c));
        found.ok_or_else(|| Refusal::new(404, format!("Can not find a comment for the id: {id}.")))
    }

    fn shown_comment(&self, call: &Call<'_>, issue: &Issue, comment: &Comment, status: u16) -> Answer {
        let mut json = Json::with_capacity(1_024);
        self.write_comment(&mut json, issue, comment, view(call));
        Answer::json(status, json.finish())
    }

    fn list_comments(&self, call: &Call<'_>, issue: &Issue) -> Reply {
        let mut all = self.visible_comments(issue, call);
        match call.query("orderBy") {
            None | Some("created" | "+created") => {}
            Some("-created") => all.reverse(),
            Some(other) => return Err(Refusal::new(400, format!("Comments are not ordered by '{other}'."))),
        }
        let start = call.number("startAt", 0);
        let limit = call.number("maxResults", 100).clamp(1, 5_000);
        let mut json = Json::with_capacity(1_024);
        json.open();
        json.key("startAt").int(start as i64);
        json.key("maxResults").int(limit as i64);
        json.key("total").int(all.len() as i64);
        json.key("comments").list();
        for comment in call.hints.window(&all, start, limit) {
            self.write_comment(&mut json, issue, comment, view(call));
        }
        json.end();
        json.close();
        Ok(Answer::json(200, json.finish()))
    }

    fn body(&self, issue: &Issue, raw: Option<&RawValue>, v2: bool) -> Result<String, String> {
        let empty = || "Comment body can not be empty!".to_owned();
        let raw = raw.ok_or_else(empty)?;
        let body = self.rich(issue, raw, Incoming { v2 })?.ok_or_else(empty)?;
        let shows_nothing = adf::plain(&body).trim().is_empty() && !body.contains("\"media");
        if shows_nothing { Err(empty()) } else { Ok(body) }
    }

    fn fresh_comment(&mut self, call: &Call<'_>, body: String, author: u16) -> Comment {
        Comment {
            id: self.next_number(),
            author,
            update_author: author,
            body,
            created_ms: call.now_ms,
            updated_ms: call.now_ms,
            visibility: None,
            properties: Vec::new(),
            properties_from_ms: call.now_ms + self.switches.comment_property_delay_ms,
            attachments: Vec::new(),
        }
    }

    fn post_comment(&mut self, call: &Call<'_>, old: &Issue) -> Reply {
        let user = self.signed_in(call.who)?;
        if !self.may(call.who, "ADD_COMMENTS", Some(old.project)) {
            return Err(Refusal::new(400, "You do not have permission to comment on this issue."));
        }
        let wanted: CommentIn<'_> = call.parsed()?;
        let body = self.body(old, wanted.body, call.v2).map_err(|text| Refusal::field("comment", text))?;
        known_visibility(wanted.visibility.as_ref())?;
        let checked = self.checked_properties(wanted.properties.as_deref().unwrap_or_default())?;
        if old.comments.len() >= COMMENTS_MAX {
            return Err(Refusal::new(413, "The ticket has as many comments as it may have."));
        }
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let mut comment = self.fresh_comment(call, body, user);
        comment.visibility = wanted.visibility;
        for (key, value) in checked {
            put_property(&mut comment.properties, &key, value);
        }
        let mut issue = old.clone();
        let answer = self.shown_comment(call, old, &comment, 201);
        self.add_ready_comments(&mut issue, vec![comment], call.now_ms);
        self.keep(issue, call.now_ms);
        Ok(answer)
    }

    /// Adds comments that are complete but for their place.
    pub(super) fn add_ready_comments(&mut self, issue: &mut Issue, comments: Vec<Comment>, now_ms: i64) {
        for mut comment in comments {
            if comment.id == 0 {
                comment.id = self.next_number();
            }
            self.comment_homes.insert(comment.id, issue.id);
            issue.comments.push(Arc::new(comment));
            issue.updated_ms = now_ms.max(issue.updated_ms);
        }
    }

    /// A comment that rides along with an edit or transition (`update.comment[].add`).
    pub(super) fn comment_of_update(
        &self,
        issue: &Issue,
        verb: &str,
        raw: &RawValue,
        call: &Call<'_>,
    ) -> Result<Comment, String> {
        let Who::User(user) = call.who else { return Err("Sign in to comment.".to_owned()) };
        if verb != "add" {
            return Err(format!("Operation '{verb}' is not supported by this field."));
        }
        let wanted: CommentIn<'_> =
            serde_json::from_str(raw.get()).map_err(|_| "data was not an object".to_owned())?;
        let body = self.body(issue, wanted.body, call.v2)?;
        let properties = self.checked_properties(wanted.properties.as_deref().unwrap_or_default());
        Ok(Comment {
            id: 0,
            author: user,
            update_author: user,
            body,
            created_ms: call.now_ms,
            updated_ms: call.now_ms,
            visibility: wanted.visibility,
            properties: properties.map_err(|refusal| refusal.messages.join(" "))?,
            properties_from_ms: call.now_ms + self.switches.comment_property_delay_ms,
            attachments: Vec::new(),
        })
    }

    /// Missing permission is 400 here, not 403 (sheet §7).
    fn may_change(
        &self,
        call: &Call<'_>,
        issue: &Issue,
        comment: &Comment,
        verb: &str,
    ) -> Result<u16, Refusal> {
        let user = self.signed_in(call.who)?;
        let own = comment.author == user;
        let right = format!("{verb}_{}_COMMENTS", if own { "OWN" } else { "ALL" });
        let allowed = self.may(call.who, &right, Some(issue.project));
        if allowed {
            Ok(user)
        } else {
            Err(Refusal::new(400, format!("You do not have the permission {right}.")))
        }
    }

    fn put_comment(&mut self, call: &Call<'_>, old: &Issue, id: &str) -> Reply {
        let at = self.comment_at(call, old, id)?;
        let before = Arc::clone(&old.comments[at]);
        let user = self.may_change(call, old, &before, "EDIT")?;
        let wanted: CommentIn<'_> = call.parsed()?;
        let body = self.body(old, wanted.body, call.v2).map_err(|text| Refusal::field("comment", text))?;
        known_visibility(wanted.visibility.as_ref())?;
        let checked = self.checked_properties(wanted.properties.as_deref().unwrap_or_default())?;
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let mut comment = (*before).clone();
        comment.body = body;
        comment.update_author = user;
        comment.updated_ms = call.now_ms;
        comment.visibility = wanted.visibility;
        if self.switches.comment_put_resets_internal && find_property(&checked, "sd.public.comment").is_none()
        {
            comment.properties.retain(|(key, _)| key != "sd.public.comment");
        }
        for (key, value) in checked {
            put_property(&mut comment.properties, &key, value);
        }
        let mut issue = old.clone();
        let kept = adf::media_ids(&comment.body);
        self.drop_media(&mut issue, adf::media_ids(&before.body).into_iter().filter(|id| !kept.contains(id)));
        let answer = self.shown_comment(call, old, &comment, 200);
        issue.comments[at] = Arc::new(comment);
        self.keep_comment_edit(issue, call.now_ms);
        Ok(answer)
    }

    fn delete_comment(&mut self, call: &Call<'_>, old: &Issue, id: &str) -> Reply {
        let at = self.comment_at(call, old, id)?;
        self.may_change(call, old, &old.comments[at], "DELETE")?;
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let mut issue = old.clone();
        let gone = issue.comments.remove(at);
        self.comment_homes.remove(&gone.id);
        self.keep_comment_edit(issue, call.now_ms);
        Ok(Answer::empty(204))
    }

    fn keep_comment_edit(&mut self, mut issue: Issue, now_ms: i64) {
        if self.switches.comment_edit_moves_updated {
            issue.updated_ms = now_ms.max(issue.updated_ms);
        }
        self.keep(issue, now_ms);
    }

    /// `/comment/list` and `/comment/{id}/properties[/{key}]`.
    pub(super) fn comment_routes(&mut self, call: &Call<'_>, rest: &[&str]) -> Reply {
        match (call.method.as_str(), rest) {
            ("POST", ["list"]) => self.comments_by_ids(call),
            (_, [id, "properties", rest @ ..]) => self.comment_properties(call, id, rest),
            _ => Err(no_such_path()),
        }
    }

    fn home_of(&self, call: &Call<'_>, id: &str) -> Result<Arc<Issue>, Refusal> {
        let home = id.parse::<u64>().ok().and_then(|id| self.comment_homes.get(&id));
        let issue = home.and_then(|home| self.store.get(*home)).filter(|issue| self.sees(call.who, issue));
        issue.cloned().ok_or_else(|| Refusal::new(404, format!("Can not find a comment for the id: {id}.")))
    }

    fn comments_by_ids(&self, call: &Call<'_>) -> Reply {
        #[derive(Deserialize)]
        struct Body {
            ids: Vec<u64>,
        }
        let body: Body = call.parsed()?;
        if body.ids.is_empty() || body.ids.len() > 1_000 {
            return Err(Refusal::new(400, "Between 1 and 1000 comments can be asked for."));
        }
        let mut json = Json::with_capacity(1_024);
        let mut total = 0;
        json.open();
        json.key("values").list();
        for id in &body.ids {
            let Ok(issue) = self.home_of(call, &id.to_string()) else { continue };
            let Ok(at) = self.comment_at(call, &issue, &id.to_string()) else { continue };
            self.write_comment(&mut json, &issue, &issue.comments[at], view(call));
            total += 1;
        }
        json.end();
        json.key("startAt").int(0);
        json.key("maxResults").int(1_000);
        json.key("total").int(total);
        json.key("isLast").bool(true);
        json.close();
        Ok(Answer::json(200, json.finish()))
    }

    fn comment_properties(&mut self, call: &Call<'_>, id: &str, rest: &[&str]) -> Reply {
        let old = self.home_of(call, id)?;
        let at = self.comment_at(call, &old, id)?;
        let known = &old.comments[at].properties;
        match (call.method.as_str(), rest) {
            ("GET", []) => {
                let base = self.shaper(call.v2).url(&format!("comment/{id}/properties"));
                Ok(Answer::value(200, &properties::keys(known, &base)))
            }
            ("GET", [key]) => properties::shown(known, key),
            ("PUT" | "DELETE", [key]) => {
                self.may_change(call, &old, &old.comments[at], "EDIT")?;
                let mut comment = (*old.comments[at]).clone();
                let status = properties::change(call, &mut comment.properties, key)?;
                self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
                let mut issue = (*old).clone();
                issue.comments[at] = Arc::new(comment);
                self.keep(issue, call.now_ms);
                Ok(properties::written(status))
            }
            (_, [] | [_]) => Err(Refusal::bare(405)),
            _ => Err(no_such_path()),
        }
    }
}

/// How the caller wants comments to be written.
fn view(call: &Call<'_>) -> CommentView {
    let has = |wanted: &str| call.query_list("expand").any(|name| name == wanted);
    CommentView {
        v2: call.v2,
        rendered: has("renderedBody"),
        properties: has("properties"),
        now_ms: call.now_ms,
    }
}

fn known_visibility(visibility: Option<&Visibility>) -> Result<(), Refusal> {
    let Some(visibility) = visibility else { return Ok(()) };
    let names = match visibility.kind.as_str() {
        "role" => ROLES,
        "group" => GROUPS,
        other => return Err(Refusal::field("commentLevel", format!("'{other}' is neither role nor group."))),
    };
    let named = |name: &str| names.contains(&name);
    if named(&visibility.value) || visibility.identifier.as_deref().is_some_and(named) {
        return Ok(());
    }
    Err(Refusal::field("commentLevel", format!("{}: {} does not exist.", visibility.kind, visibility.value)))
}
