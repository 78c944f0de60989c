//! Plans copies of comments and files: who may read the copy, what is known already, what is only reported.

use sha2::{Digest, Sha256};

use super::link::{LedgerEntry, LedgerKind, LedgerState, Link};
use super::operation::{Notice, NoticeKind, Operation, OperationKind};
use super::plan::Setting;
use crate::connector::CommentMarker;
use crate::ids::{AttachmentId, CommentId};
use crate::mapping::transform::shown_time;
use crate::mapping::{Carry, EditedComments};
use crate::marker::{content_ref, hex, ref_tag};
use crate::omission::{Omission, left_out};
use crate::side::{Pair, Side};
use crate::text;
use crate::ticket::{Attachment, Comment, Ticket, Visibility};

/// A comment may be committed so much later than it says.
const LATE_MS: i64 = 600_000;

/// The tickets whose comments and files are looked at; one side is missing while its ticket is not created yet.
#[derive(Clone, Copy)]
pub struct ContentView<'a> {
    pub tickets: Pair<Option<&'a Ticket>>,
    pub ledger: &'a [LedgerEntry],
    pub link: Option<&'a Link>,
}

/// What is to be done with comments and files.
#[derive(Debug, Default)]
pub struct ContentPlan {
    pub operations: Vec<Operation>,
    pub ledger: Vec<LedgerEntry>,
    pub notices: Vec<Notice>,
}

/// Plans comments of both sides in the order they were written, then files.
pub fn plan_content(view: ContentView<'_>, setting: Setting<'_>) -> ContentPlan {
    let mut plan = ContentPlan::default();
    for from in Side::BOTH {
        let Some(ticket) = view.tickets[from] else {
            continue;
        };
        let side = SidePlan { from, ticket, view, setting };
        plan.notices.extend(unread(ticket, from, setting));
        if let Some(list) = &ticket.comments {
            let mut comments: Vec<&Comment> = list.iter().collect();
            comments.sort_by(|a, b| (a.created_ms, &a.id).cmp(&(b.created_ms, &b.id)));
            for comment in comments {
                side.comment(comment, &mut plan);
            }
        }
        if let Some(list) = &ticket.attachments {
            for file in list {
                side.file(file, &mut plan);
            }
        }
    }
    let mut known = std::collections::HashSet::new();
    plan.ledger.retain(|entry| known.insert((entry.kind, entry.side, entry.id.clone())));
    plan.operations.sort_by_key(|operation| matches!(operation.kind, OperationKind::Attachment { .. }));
    plan
}

/// Lists that should leave and could not be read: nothing is sent on their strength, and they are looked at again
/// (hazards.md H18).
fn unread(ticket: &Ticket, from: Side, setting: Setting<'_>) -> Vec<Notice> {
    let mapping = &setting.rules.mapping;
    let lists = [
        ("comments", ticket.comments.is_none() && mapping.comments.leaves(from)),
        ("files", ticket.attachments.is_none() && mapping.attachments.copy[from]),
    ];
    let platform = &setting.rules.labels[from];
    let notice = |name: &str| Notice {
        kind: NoticeKind::Unknown,
        mapping: None,
        message: format!("the {name} of {} could not be read in {platform}: none is copied yet", ticket.key),
        remedy: None,
    };
    lists.into_iter().filter(|(_, unread)| *unread).map(|(name, _)| notice(name)).collect()
}

/// Comments and files that somebody wrote on a private ticket: they stay there, later as well, unless a person says
/// otherwise (hazards.md H39).
pub fn written_in_private(ticket: &Ticket, side: Side, ledger: &[LedgerEntry]) -> Vec<LedgerEntry> {
    let known = |kind, id: &str| {
        ledger.iter().any(|entry| {
            entry.kind == kind
                && (entry.side == side && entry.id == id
                    || entry.side != side && entry.copy.as_deref() == Some(id))
        })
    };
    let entry = |kind, id: &str, edited_ms, hash: String, visibility| LedgerEntry {
        kind,
        side,
        id: id.to_owned(),
        copy: None,
        state: LedgerState::Accounted,
        edited_ms,
        hash,
        visibility,
    };
    let comments = ticket.comments.iter().flatten();
    let comments =
        comments.filter(|comment| !comment.by_us && !known(LedgerKind::Comment, comment.id.as_str()));
    let files = ticket.attachments.iter().flatten();
    let files = files.filter(|file| !file.by_us && !known(LedgerKind::Attachment, file.id.as_str()));
    let comments = comments.map(|comment| {
        let hash = text_hash(&comment.body);
        entry(LedgerKind::Comment, comment.id.as_str(), comment.updated_ms, hash, comment.visibility)
    });
    let files = files.map(|file| {
        let hash = file.sha256.as_deref().unwrap_or_default().chars().take(16).collect();
        entry(LedgerKind::Attachment, file.id.as_str(), file.created_ms, hash, Visibility::Unknown)
    });
    comments.chain(files).collect()
}

/// The hash a ledger entry keeps of a comment's text.
pub fn text_hash(body: &str) -> String {
    hex(&Sha256::digest(body.as_bytes()))[..16].to_owned()
}

/// The hash of what a copy found by its ref was made of. Of a comment edited since nobody knows which text that was:
/// none, so that the next plan brings the copy up to date.
fn sent_hash(original: &Comment) -> String {
    if original.updated_ms > original.created_ms { String::new() } else { text_hash(&original.body) }
}

struct SidePlan<'a> {
    from: Side,
    ticket: &'a Ticket,
    view: ContentView<'a>,
    setting: Setting<'a>,
}

impl SidePlan<'_> {
    fn known(&self, kind: LedgerKind, id: &str) -> Option<&LedgerEntry> {
        self.view.ledger.iter().find(|entry| entry.kind == kind && entry.side == self.from && entry.id == id)
    }

    /// What an engine without the rule of H42 goes by: whether a comment is older than the link.
    fn is_before_linking(&self, comment: &Comment) -> bool {
        let linked = self.view.link.is_some_and(|link| comment.created_ms <= link.linked_ms);
        linked && left_out(Omission::AccountedByTime)
    }

    /// What an engine without the rule of H34 goes by: whether an equal text of this side is known already.
    fn known_by_text(&self, comment: &Comment, plan: &ContentPlan) -> bool {
        let hash = text_hash(&comment.body);
        let alike = |entry: &LedgerEntry| {
            entry.kind == LedgerKind::Comment && entry.side == self.from && entry.hash == hash
        };
        let planned = plan.operations.iter().filter_map(|operation| match &operation.kind {
            OperationKind::Comment { entry, .. } => Some(entry),
            _ => None,
        });
        self.view.ledger.iter().chain(planned).any(alike)
    }

    /// What an engine without the rule of H41 goes by: whether a file of this content is known already.
    fn known_by_content(&self, file: &Attachment, plan: &ContentPlan) -> bool {
        let hash: String = file.sha256.as_deref().unwrap_or_default().chars().take(16).collect();
        let planned = plan.operations.iter().filter_map(|operation| match &operation.kind {
            OperationKind::Attachment { entry, .. } => Some(entry),
            _ => None,
        });
        self.view
            .ledger
            .iter()
            .chain(planned)
            .any(|entry| entry.kind == LedgerKind::Attachment && entry.hash == hash)
    }

    fn is_copy(&self, kind: LedgerKind, id: &str) -> bool {
        let other = self.from.opposite();
        self.view.ledger.iter().any(|e| e.kind == kind && e.side == other && e.copy.as_deref() == Some(id))
    }

    fn entry(&self, comment: &Comment, state: LedgerState, copy: Option<String>) -> LedgerEntry {
        LedgerEntry {
            kind: LedgerKind::Comment,
            side: self.from,
            id: comment.id.0.clone(),
            copy,
            state,
            edited_ms: comment.updated_ms,
            hash: text_hash(&comment.body),
            visibility: comment.visibility,
        }
    }

    fn content_ref(&self, id: &CommentId) -> String {
        content_ref(self.setting.fingerprints[self.from], &self.ticket.id, id)
    }

    /// The original on the other side that a copy of ours stands for.
    fn original_of(&self, reference: &str) -> Option<&Comment> {
        let other = self.from.opposite();
        let ticket = self.view.tickets[other]?;
        let fingerprint = self.setting.fingerprints[other];
        ticket.comments.as_ref()?.iter().find(|c| content_ref(fingerprint, &ticket.id, &c.id) == reference)
    }

    fn comment(&self, comment: &Comment, plan: &mut ContentPlan) {
        if self.is_copy(LedgerKind::Comment, comment.id.as_str()) {
            return;
        }
        let anybody = left_out(Omission::RefOfAnybody);
        if let Some(reference) = comment.copy_of.as_ref().filter(|_| comment.by_us || anybody) {
            self.our_copy(comment, reference, plan);
            return;
        }
        match self.known(LedgerKind::Comment, comment.id.as_str()) {
            Some(entry) => self.seen_before(comment, entry, plan),
            None if self.is_before_linking(comment) => {}
            None if left_out(Omission::CommentsKnownByText) && self.known_by_text(comment, plan) => {}
            None if comment.by_us
                && self.setting.dedicated[self.from]
                && !left_out(Omission::UnexplainedOwnCopied) =>
            {
                plan.ledger.push(self.entry(comment, LedgerState::Unexplained, None));
                let message = format!(
                    "a comment on {} was written as our user and not by Lockstep: not copied",
                    self.ticket.key
                );
                plan.notices.push(notice(NoticeKind::Unexplained, message));
            }
            None => self.new_comment(comment, plan),
        }
    }

    /// A copy of ours that the ledger does not know yet: the answer to its write named no id, or was lost.
    fn our_copy(&self, comment: &Comment, reference: &str, plan: &mut ContentPlan) {
        let other = self.from.opposite();
        let Some(original) = self.original_of(reference) else {
            return;
        };
        let id = &original.id.0;
        let known =
            self.view.ledger.iter().find(|e| e.kind == LedgerKind::Comment && e.side == other && e.id == *id);
        if known.is_some_and(|entry| entry.copy.is_some()) {
            return;
        }
        let entry = LedgerEntry {
            kind: LedgerKind::Comment,
            side: other,
            id: id.clone(),
            copy: Some(comment.id.0.clone()),
            state: LedgerState::Copied,
            edited_ms: original.updated_ms,
            hash: known.map_or_else(|| sent_hash(original), |entry| entry.hash.clone()),
            visibility: known.map_or(original.visibility, |entry| entry.visibility),
        };
        plan.ledger.push(entry);
    }

    fn new_comment(&self, comment: &Comment, plan: &mut ContentPlan) {
        let to = self.from.opposite();
        let rules = &self.setting.rules.mapping.comments;
        let visibility = match rules.carry(self.from, comment.visibility) {
            Carry::No => {
                plan.ledger.push(self.entry(comment, LedgerState::Kept, None));
                return;
            }
            Carry::Public => Visibility::Public,
            Carry::Internal if left_out(Omission::NotesCopiedPublic) => Visibility::Public,
            Carry::Internal if self.setting.rules.schemas[to].internal_comments => Visibility::Internal,
            Carry::Internal => {
                plan.ledger.push(self.entry(comment, LedgerState::Kept, None));
                let platform = &self.setting.rules.labels[to];
                let message = format!(
                    "a comment on {} stays there: {platform} has no internal comments in this scope",
                    self.ticket.key
                );
                plan.notices.push(notice(NoticeKind::NotCopied, message));
                return;
            }
        };
        // Already there: an earlier write whose answer was lost (hazards.md H33).
        let reference = self.content_ref(&comment.id);
        if let Some(copy) = self.copy_with(&reference) {
            let entry = self.entry(comment, LedgerState::Copied, Some(copy.id.0.clone()));
            plan.ledger.push(LedgerEntry { hash: sent_hash(comment), ..entry });
            return;
        }
        if let Some(copy) = self.copy_under_another_id(comment, plan) {
            let entry = self.entry(comment, LedgerState::Copied, Some(copy.id.0.clone()));
            plan.ledger.push(entry);
            return;
        }
        if let Some(entry) = self.by_another_id(comment, plan) {
            plan.ledger.push(LedgerEntry { id: comment.id.0.clone(), ..entry });
            return;
        }
        if self.is_older_than_copied(comment) {
            plan.ledger.push(self.entry(comment, LedgerState::Kept, None));
            let message = format!(
                "a comment of {} on {} is older than others that were copied long ago: not copied",
                shown_time(comment.created_ms),
                self.ticket.key
            );
            plan.notices.push(notice(NoticeKind::NotCopied, message));
            return;
        }
        // On an existing pair nothing is sent before the other side's list was read whole (hazards.md H18).
        if self.view.tickets[to].is_some_and(|ticket| ticket.comments.is_none()) {
            let platform = &self.setting.rules.labels[to];
            let message = format!(
                "a comment on {} waits: the comments in {platform} could not be read",
                self.ticket.key
            );
            plan.notices.push(notice(NoticeKind::Unknown, message));
            return;
        }
        let kind = OperationKind::Comment {
            original: comment.id.clone(),
            visibility,
            body: self.body(comment, &reference),
            content_ref: reference,
            entry: self.entry(comment, LedgerState::Copied, None),
        };
        plan.operations.push(Operation {
            side: to,
            kind,
            reason: format!("{} commented in {}", author(comment), self.setting.rules.labels[self.from]),
            customer_sees: visibility == Visibility::Public && self.setting.rules.schemas[to].customers_read,
        });
    }

    /// The ledger's entry of this very comment under an id that is gone: ServiceNow's journal has other ids when it can
    /// only be read as shown (hazards.md H36). Equal ones are counted, one entry for each.
    fn by_another_id(&self, comment: &Comment, plan: &ContentPlan) -> Option<LedgerEntry> {
        if left_out(Omission::OldCommentsSent) {
            return None;
        }
        let list = self.ticket.comments.as_ref()?;
        let hash = text_hash(&comment.body);
        let same = |entry: &&LedgerEntry| {
            let taken = |other: &LedgerEntry| {
                other.copy.is_some() && other.copy == entry.copy && other.id != entry.id
            };
            entry.kind == LedgerKind::Comment
                && entry.side == self.from
                && entry.hash == hash
                && entry.edited_ms == comment.updated_ms
                && list.iter().all(|there| there.id.as_str() != entry.id)
                && !self.view.ledger.iter().chain(&plan.ledger).any(taken)
        };
        self.view.ledger.iter().find(same).cloned()
    }

    /// A copy of ours whose ref names no comment of today's list and which says word for word what this one's copy would:
    /// it was made of this comment under another id, and the store that knew of it is gone (hazards.md H2, H36).
    fn copy_under_another_id(&self, comment: &Comment, plan: &ContentPlan) -> Option<&Comment> {
        if left_out(Omission::OldCommentsSent) || left_out(Omission::LostCommentSentAgain) {
            return None;
        }
        let there = self.view.tickets[self.from.opposite()]?.comments.as_ref()?;
        let here = self.ticket.comments.as_ref()?;
        let plain = |body: &str| text::plain::to_plain(body).text;
        there.iter().find(|copy| {
            let taken = |entry: &LedgerEntry| {
                entry.kind == LedgerKind::Comment && entry.copy.as_deref() == Some(copy.id.as_str())
            };
            let says_the_same = |reference: &String| {
                plain(&copy.body) == plain(&self.body(comment, reference))
                    && here.iter().all(|one| self.content_ref(&one.id) != *reference)
            };
            copy.by_us
                && copy.copy_of.as_ref().is_some_and(says_the_same)
                && !self.view.ledger.iter().chain(&plan.ledger).any(taken)
        })
    }

    /// Copies go out in the order of their originals, so what is not known and much older than the newest that was
    /// copied was not written since: a history that looks new (hazards.md H36).
    fn is_older_than_copied(&self, comment: &Comment) -> bool {
        let copied = self.view.ledger.iter().filter(|entry| {
            entry.kind == LedgerKind::Comment && entry.side == self.from && entry.state == LedgerState::Copied
        });
        let newest = copied.map(|entry| entry.edited_ms).max();
        newest.is_some_and(|newest| comment.created_ms < newest.saturating_sub(LATE_MS))
            && !left_out(Omission::OldCommentsSent)
    }

    fn copy_by_id(&self, id: &str) -> Option<&Comment> {
        let ticket = self.view.tickets[self.from.opposite()]?;
        ticket.comments.as_ref()?.iter().find(|copy| copy.id.as_str() == id)
    }

    fn copy_with(&self, reference: &str) -> Option<&Comment> {
        let ticket = self.view.tickets[self.from.opposite()]?;
        let comments = ticket.comments.as_ref().filter(|_| !left_out(Omission::LostCommentSentAgain))?;
        comments.iter().find(|c| c.by_us && c.copy_of.as_deref() == Some(reference))
    }

    fn seen_before(&self, comment: &Comment, entry: &LedgerEntry, plan: &mut ContentPlan) {
        let to = self.from.opposite();
        let edited = entry.hash != text_hash(&comment.body);
        let narrowed = entry.visibility == Visibility::Public && comment.visibility != Visibility::Public;
        if entry.state != LedgerState::Copied || !(edited || narrowed) {
            return;
        }
        let capabilities = self.setting.capabilities[to];
        let rules = &self.setting.rules.mapping.comments;
        let platform = &self.setting.rules.labels[to];
        let carried = rules.carry(self.from, comment.visibility);
        if carried == Carry::No && !narrowed {
            return; // The rules keep the new text here.
        }
        let updated =
            LedgerEntry { copy: entry.copy.clone(), ..self.entry(comment, LedgerState::Copied, None) };
        let there = entry.copy.as_ref().and_then(|copy| self.copy_by_id(copy));
        let is_public = there.is_none_or(|copy| copy.visibility == Visibility::Public);
        let narrowed = narrowed && is_public && carried != Carry::Public;
        let wants_edit = edited && rules.edited == EditedComments::Update && carried != Carry::No;
        let can = capabilities.edits_comments && (!narrowed || capabilities.narrows_comments);
        match &entry.copy {
            // What the copy is now decides how far it may go, so its list has to be read (hazards.md H18, H38).
            Some(_) if (wants_edit || narrowed) && can && there.is_none() => {
                let message = format!(
                    "a changed comment on {} waits: its copy in {platform} could not be read",
                    self.ticket.key
                );
                plan.notices.push(notice(NoticeKind::Unknown, message));
            }
            Some(copy) if can && (wants_edit || narrowed) => {
                let reference = self.content_ref(&comment.id);
                // Widening never follows by itself: the copy keeps the narrower of what it is and what it may be.
                let visibility = match carried {
                    Carry::Public if is_public => Visibility::Public,
                    _ => Visibility::Internal,
                };
                // A text that may not leave any more does not leave with the narrowing either.
                let body = match there {
                    Some(there) if !wants_edit => there.body.clone(),
                    _ => self.body(comment, &reference),
                };
                let kind = OperationKind::EditComment {
                    original: comment.id.clone(),
                    copy: CommentId(copy.clone()),
                    visibility,
                    body,
                    content_ref: reference,
                    entry: updated,
                };
                let what = if narrowed { "made a comment internal" } else { "edited a comment" };
                let reason =
                    format!("{} {what} in {}", author(comment), self.setting.rules.labels[self.from]);
                let customer_sees =
                    visibility == Visibility::Public && self.setting.rules.schemas[to].customers_read;
                plan.operations.push(Operation { side: to, kind, reason, customer_sees });
            }
            Some(_) if narrowed || wants_edit => {
                let what = if narrowed {
                    "was made internal and is still visible"
                } else {
                    "was edited and keeps its old text"
                };
                let message =
                    format!("a comment of {} {what} in {platform}, which cannot change it", author(comment));
                plan.notices.push(notice(NoticeKind::NotCopied, message));
                plan.ledger.push(updated);
            }
            // Nothing to write: what was seen is kept, so that it is not looked at again.
            Some(_) => plan.ledger.push(updated),
            // The copy's own id is not known yet; the next reading finds it by its ref.
            None => {}
        }
    }

    /// The copy's text: one line that says who wrote it where and when, then the original.
    fn body(&self, comment: &Comment, reference: &str) -> String {
        let to = self.from.opposite();
        let capabilities = self.setting.capabilities[to];
        let mut line = self
            .setting
            .rules
            .mapping
            .comments
            .author_line
            .replace("{author}", &text::plain::from_plain(author(comment)))
            .replace("{platform}", &self.setting.rules.labels[self.from])
            .replace("{time}", &shown_time(comment.created_ms));
        if capabilities.comment_marker == CommentMarker::Text {
            let tag = ref_tag(reference);
            line = if line.is_empty() { tag } else { format!("{line} {tag}") };
        }
        let room = (capabilities.comment_chars_max as usize).saturating_sub(line.chars().count() + 8);
        let (body, _) = text::limit::cut_at_chars(&comment.body, room, crate::mapping::transform::CUT_MARK);
        if line.is_empty() { body } else { format!("{line}\n\n{body}") }
    }

    fn file(&self, file: &Attachment, plan: &mut ContentPlan) {
        let to = self.from.opposite();
        let id = file.id.as_str();
        if self.known(LedgerKind::Attachment, id).is_some() || self.is_copy(LedgerKind::Attachment, id) {
            return;
        }
        if left_out(Omission::FilesKnownByContent) && self.known_by_content(file, plan) {
            return;
        }
        let rules = &self.setting.rules.mapping.attachments;
        let entry = |state| LedgerEntry {
            kind: LedgerKind::Attachment,
            side: self.from,
            id: file.id.0.clone(),
            copy: None,
            state,
            edited_ms: file.created_ms,
            hash: file.sha256.as_deref().unwrap_or_default().chars().take(16).collect(),
            visibility: Visibility::Unknown,
        };
        if file.by_us && self.setting.dedicated[self.from] {
            plan.ledger.push(entry(LedgerState::Unexplained));
            return;
        }
        if !rules.copy[self.from] {
            plan.ledger.push(entry(LedgerState::Kept));
            return;
        }
        let type_allowed =
            rules.types.is_empty() || rules.types.iter().any(|start| file.mime.starts_with(start.as_str()));
        if file.size_bytes > rules.bytes_max || !type_allowed {
            plan.ledger.push(entry(LedgerState::Kept));
            let why = if type_allowed { "it is larger than the limit" } else { "its type is not copied" };
            let message = format!(
                "{} ({} bytes) on {} is left out: {why}",
                file.name, file.size_bytes, self.ticket.key
            );
            plan.notices.push(notice(NoticeKind::NotCopied, message));
            return;
        }
        if self.view.tickets[to].is_some_and(|ticket| ticket.attachments.is_none()) {
            return;
        }
        let kind = OperationKind::Attachment {
            original: AttachmentId(file.id.0.clone()),
            name: file.name.clone(),
            mime: file.mime.clone(),
            size_bytes: file.size_bytes,
            entry: entry(LedgerState::Copied),
        };
        let reason = format!("{} was added in {}", file.name, self.setting.rules.labels[self.from]);
        plan.operations.push(Operation { side: to, kind, reason, customer_sees: false });
    }
}

fn author(comment: &Comment) -> &str {
    if comment.author.name.is_empty() { "Somebody" } else { &comment.author.name }
}

fn notice(kind: NoticeKind, message: String) -> Notice {
    Notice { kind, mapping: None, message, remedy: None }
}
