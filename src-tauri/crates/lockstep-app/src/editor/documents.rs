//! The documents of an editor: live, draft, and earlier versions.

use lockstep_core::side::{Pair, Side};
use lockstep_store::tables::connections::{self, Connection, Revision};
use lockstep_store::tables::{accounts, audit, links, settings};
use lockstep_store::{ConnectionId, StoreError, StoreErrorKind};
use serde::{Deserialize, Serialize};

use super::checking;
use crate::api_error::ApiError;
use crate::app::{App, document_of};
use crate::config::ConnectionDoc;

/// A connection opened for editing.
#[derive(Debug, Clone, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct EditorPicture {
    #[ts(type = "number")]
    pub connection: i64,
    /// The version that runs follow, counted from 1.
    #[ts(type = "number")]
    pub revision: i64,
    #[ts(type = "number")]
    pub saved_ms: i64,
    pub document: ConnectionDoc,
    pub draft: Option<Draft>,
    /// Links of this connection: how many descriptions stand already.
    pub links: u32,
}

/// What a person has changed and not put into use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Draft {
    pub document: ConnectionDoc,
    /// The version it was made from.
    #[ts(type = "number")]
    pub based_on: i64,
    #[ts(type = "number")]
    pub saved_ms: i64,
}

/// A saved version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct VersionView {
    #[ts(type = "number")]
    pub revision: i64,
    #[ts(type = "number")]
    pub saved_ms: i64,
    /// The one that runs follow.
    pub live: bool,
}

/// What became of a document that was to be saved.
#[derive(Debug, Clone, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Saved {
    /// It is in use from the next run on; else it was kept as a draft, for an error stands in it.
    pub live: bool,
    pub errors: u32,
    pub picture: EditorPicture,
}

fn draft_key(of: ConnectionId) -> String {
    format!("draft of connection {of}")
}

/// Opens a connection's documents; asks no platform.
pub async fn open(app: &App, connection: i64) -> Result<EditorPicture, ApiError> {
    let (connection, document) = app.connection_by_id(connection).await?;
    picture(app, &connection, document).await
}

async fn picture(
    app: &App,
    connection: &Connection,
    document: ConnectionDoc,
) -> Result<EditorPicture, ApiError> {
    let id = connection.id;
    let (draft, links) = app
        .store()
        .read(move |conn| {
            let filter = links::LinkFilter {
                connection: Some(id),
                state: Some("live".to_owned()),
                ..links::LinkFilter::default()
            };
            // A draft that an older version spelled otherwise is of no use any more.
            let draft: Option<serde_json::Value> = settings::get(conn, &draft_key(id))?;
            Ok((draft.and_then(|draft| serde_json::from_value(draft).ok()), links::count(conn, &filter)?))
        })
        .await?;
    Ok(EditorPicture {
        connection: id.0,
        revision: connection.revision.0,
        saved_ms: connection.saved_ms,
        document,
        draft,
        links,
    })
}

/// Keeps a draft that was made from the version `based_on`; the live document stays in use.
pub async fn save_draft(
    app: &App,
    connection: i64,
    document: ConnectionDoc,
    based_on: i64,
) -> Result<EditorPicture, ApiError> {
    let (connection, live) = app.connection_by_id(connection).await?;
    same_name(&live, &document)?;
    let (id, now_ms) = (connection.id, app.now_ms());
    let draft = Draft { document, based_on, saved_ms: now_ms };
    app.store().write(move |tx| settings::put(tx, &draft_key(id), &draft, now_ms)).await?;
    picture(app, &connection, live).await
}

/// Gives the draft of a connection its new name. One that was made from the version before the renaming goes on with the one
/// after it.
pub(crate) fn rename_draft(
    tx: &lockstep_store::Tx<'_>,
    id: ConnectionId,
    name: &str,
    (before, after): (Revision, Revision),
    now_ms: i64,
) -> lockstep_store::Result<()> {
    let Some(mut draft) = settings::get::<Draft>(tx, &draft_key(id))? else { return Ok(()) };
    name.clone_into(&mut draft.document.name);
    if draft.based_on == before.0 {
        draft.based_on = after.0;
    }
    settings::put(tx, &draft_key(id), &draft, now_ms)
}

/// Forgets the draft.
pub async fn discard(app: &App, connection: i64) -> Result<EditorPicture, ApiError> {
    let (connection, live) = app.connection_by_id(connection).await?;
    let id = connection.id;
    app.store().write(move |tx| settings::remove(tx, &draft_key(id))).await?;
    picture(app, &connection, live).await
}

/// Puts a document into use, as the next version; keeps it as a draft where an error stands in it. Refused where another
/// version was saved since `based_on`, so that nobody's work is lost.
pub async fn save(
    app: &App,
    connection: i64,
    document: ConnectionDoc,
    based_on: i64,
) -> Result<Saved, ApiError> {
    let (connection, live) = app.connection_by_id(connection).await?;
    same_name(&live, &document)?;
    if connection.revision.0 != based_on {
        return Err(ApiError::new(
            "changed_meanwhile",
            "another version of this connection was saved meanwhile",
        )
        .hint("Keep yours as a draft, look at the other one under Versions, and save again."));
    }
    let checked = checking::check(app, connection.id.0, &document).await?;
    let errors = checked.errors();
    if errors > 0 {
        let picture = save_draft(app, connection.id.0, document, based_on).await?;
        return Ok(Saved { live: false, errors, picture });
    }
    let (id, now_ms) = (connection.id, app.now_ms());
    let json = serde_json::to_value(&document).expect("documents are plain data");
    app.store()
        .write(move |tx| {
            let account = |name: &str| {
                accounts::by_name(tx, name)?.map(|account| account.id).ok_or_else(|| {
                    StoreError::new(StoreErrorKind::NotFound, format!("there is no account called {name:?}"))
                        .with_remedy("Choose another account under Setup.")
                })
            };
            let pair = Pair { source: account(&document.source)?, target: account(&document.target)? };
            // Read again inside the transaction: two windows may save at once.
            let present = connections::get(tx, id)?.map(|present| present.revision);
            if present != Some(Revision(based_on)) {
                return Err(StoreError::new(
                    StoreErrorKind::WrongState,
                    "another version of this connection was saved meanwhile",
                ));
            }
            let revision = connections::update(tx, id, &document.name, pair, &json, now_ms)?;
            settings::remove(tx, &draft_key(id))?;
            let what = format!("saved version {} of {}", revision.0, document.name);
            audit::add(tx, now_ms, "person", &what, &serde_json::Value::Null)
        })
        .await?;
    Ok(Saved { live: true, errors: 0, picture: open(app, id.0).await? })
}

/// Accounts are chosen under Setup before the first run only; the name is the connection's own.
fn same_name(live: &ConnectionDoc, document: &ConnectionDoc) -> Result<(), ApiError> {
    let same = live.name == document.name
        && Side::BOTH.into_iter().all(|side| live.account(side) == document.account(side));
    if same {
        return Ok(());
    }
    Err(ApiError::new("invalid", "the document belongs to another connection, or to other accounts")
        .hint("Open the connection again and repeat the change."))
}

/// Saved versions, newest first.
pub async fn versions(app: &App, connection: i64) -> Result<Vec<VersionView>, ApiError> {
    let (connection, _) = app.connection_by_id(connection).await?;
    let (id, live) = (connection.id, connection.revision);
    let mut all: Vec<VersionView> = app
        .store()
        .read(move |conn| connections::versions(conn, id))
        .await?
        .into_iter()
        .map(|(revision, saved_ms)| VersionView { revision: revision.0, saved_ms, live: revision == live })
        .collect();
    all.sort_by_key(|version| std::cmp::Reverse(version.revision));
    Ok(all)
}

/// The document of one version.
pub async fn version(app: &App, connection: i64, revision: i64) -> Result<ConnectionDoc, ApiError> {
    let (connection, _) = app.connection_by_id(connection).await?;
    let id = connection.id;
    let found = app.store().read(move |conn| connections::version(conn, id, Revision(revision))).await?;
    let (document, saved_ms) =
        found.ok_or_else(|| ApiError::new("not_found", format!("there is no version {revision}")))?;
    document_of(&Connection { document, saved_ms, ..connection })
}
