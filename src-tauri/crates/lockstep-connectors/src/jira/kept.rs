//! Comment lists that this session has read. A direct read of a ticket brings its comments along, without their properties;
//! while that block looks as it did and is whole, the list that was read apart still stands, and costs no second call
//! (sheet §3.1, §16). Who reads each comment is part of the block, so a flag that moved is seen (H38).

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard};

use lockstep_core::ids::TicketId;
use lockstep_core::ticket::Comment;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A list is as good as the reading of one run, milliseconds.
const GOOD_MS: u64 = 300_000;
/// Text kept at once, bytes; beyond it all is forgotten and read again.
const KEPT_BYTES_MAX: usize = 4 << 20;

/// The comments that come along with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// How many comments there are.
    pub total: usize,
    /// What the block says, where it is whole and tells of each comment who reads it.
    print: Option<u64>,
}

#[derive(Deserialize)]
struct Embedded {
    total: usize,
    #[serde(default)]
    comments: Vec<Head>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "jsdPublic", default)]
    public: Option<bool>,
}

impl Block {
    /// Reads the block of a row; `None` when it is none.
    pub fn read(raw: &RawValue) -> Option<Block> {
        let embedded: Embedded = serde_json::from_str(raw.get()).ok()?;
        let is_whole = embedded.comments.len() == embedded.total
            && embedded.comments.iter().all(|comment| comment.public.is_some());
        let print = is_whole.then(|| {
            let mut hasher = DefaultHasher::new();
            raw.get().hash(&mut hasher);
            hasher.finish()
        });
        Some(Block { total: embedded.total, print })
    }
}

struct Kept {
    print: u64,
    read_ms: u64,
    comments: Vec<Comment>,
}

#[derive(Default)]
struct Lists {
    by_ticket: BTreeMap<TicketId, Kept>,
    bytes: usize,
}

/// The lists of a session.
#[derive(Default)]
pub struct KeptComments(Mutex<Lists>);

impl KeptComments {
    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().expect("no panic happens under this lock")
    }

    /// The list of a ticket whose block stands as it did when the list was read.
    pub fn get(&self, ticket: &TicketId, block: Option<Block>, now_ms: u64) -> Option<Vec<Comment>> {
        let print = block?.print?;
        let lists = self.lists();
        let kept = lists.by_ticket.get(ticket)?;
        let stands = kept.print == print && now_ms.saturating_sub(kept.read_ms) <= GOOD_MS;
        stands.then(|| kept.comments.clone())
    }

    /// Keeps a list that was read right after its block. One that says more or less than the block is older or newer than
    /// it, and a copy of ours whose property is not there yet will look different soon: neither is kept.
    pub fn keep(&self, ticket: &TicketId, block: Option<Block>, comments: &[Comment], now_ms: u64) {
        let mut lists = self.lists();
        let bytes = |comments: &[Comment]| comments.iter().map(|one| one.body.len() + 200).sum::<usize>();
        if let Some(old) = lists.by_ticket.remove(ticket) {
            lists.bytes -= bytes(&old.comments);
        }
        let Some((total, print)) = block.and_then(|block| Some((block.total, block.print?))) else { return };
        let unsettled = comments.iter().any(|comment| comment.by_us && comment.copy_of.is_none());
        if comments.len() != total || unsettled {
            return;
        }
        if lists.bytes + bytes(comments) > KEPT_BYTES_MAX {
            *lists = Lists::default();
        }
        lists.bytes += bytes(comments);
        let kept = Kept { print, read_ms: now_ms, comments: comments.to_vec() };
        lists.by_ticket.insert(ticket.clone(), kept);
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::{Connector, Fetched, Want};
    use serde_json::{Value, json};

    use crate::jira::fixture::{Site, issue, scope};

    fn spoken_of(words: &str, public: &Value) -> Value {
        let mut row = issue("1");
        let body = json!({ "type": "doc", "version": 1, "content": [
            { "type": "paragraph", "content": [{ "type": "text", "text": words }] }] });
        let comment = json!({ "id": "7", "author": { "accountId": "x" }, "body": body,
            "created": "2026-11-20T09:31:07.000+0000", "updated": "2026-11-20T09:31:07.000+0000", "jsdPublic": public });
        row["fields"]["comment"] = json!({ "comments": [comment], "total": 1 });
        row["fields"]["attachment"] = json!([]);
        row
    }

    fn list(row: &Value) -> Value {
        json!({ "comments": row["fields"]["comment"]["comments"], "total": 1, "startAt": 0, "maxResults": 100 })
    }

    async fn calls(rows: &[Value]) -> usize {
        let mut site = Site::signed_in();
        let mut seen: Option<&Value> = None;
        for (nth, row) in rows.iter().enumerate() {
            site = site.answers(200, json!({ "issues": [row] }));
            if nth == 0 {
                let project = json!({ "id": "10001", "key": "CSD", "projectTypeKey": "service_desk" });
                site = site.answers(200, project);
            }
            if seen != Some(row) || row["fields"]["comment"]["comments"][0]["jsdPublic"].is_null() {
                site = site.answers(200, list(row));
            }
            seen = Some(row);
        }
        let want = Want { comments: true, attachments: true };
        for row in rows {
            let read = site.jira.fetch(&scope(), &["1".into()], &[], want).await.unwrap();
            let Fetched::Found(ticket) = &read[0] else { panic!("not found") };
            let words = ticket.comments.as_ref().unwrap()[0].body.clone();
            assert!(row.to_string().contains(&words), "{words}");
        }
        site.calls()
    }

    #[tokio::test]
    async fn a_list_is_read_once_while_its_block_stands() {
        let (before, after) = (spoken_of("Seen", &json!(true)), spoken_of("Done", &json!(true)));
        // Sign-in twice, the project, a fetch each; and the list.
        assert_eq!(calls(&[before.clone(), before.clone()]).await, 3 + 2 + 1);
        assert_eq!(calls(&[before.clone(), after]).await, 3 + 2 + 2, "another text");
        let internal = spoken_of("Seen", &json!(false));
        assert_eq!(calls(&[before, internal]).await, 3 + 2 + 2, "another reader");
        let silent = spoken_of("Seen", &Value::Null);
        assert_eq!(calls(&[silent.clone(), silent]).await, 3 + 2 + 2, "nobody says who reads it");
    }
}
