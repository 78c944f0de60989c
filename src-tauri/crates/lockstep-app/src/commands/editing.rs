//! The editors of a connection: documents, drafts, versions, checks, what both platforms offer and hold.

use lockstep_core::connector::Scope;
use lockstep_core::mapping::TypeMapping;
use lockstep_core::side::Pair;
use lockstep_core::suggest::Suggestion;
use serde::Deserialize;
use ts_rs::TS;

use super::{Desk, OfConnection};
use crate::api_error::ApiError;
use crate::config::ConnectionDoc;
use crate::editor::{self, Checked, Counted, EditorPicture, OfferedSide, Saved, VersionView};

/// Opens a connection's documents.
pub async fn open_editor(desk: &Desk, of: OfConnection) -> Result<EditorPicture, ApiError> {
    editor::open(&desk.app().await?, of.connection).await
}

/// Which schemas to show.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfferOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub source: Scope,
    pub target: Scope,
    /// Reads both platforms even where what is kept is fresh.
    pub anew: bool,
}

/// What both sides of a type mapping offer.
pub async fn read_offers(desk: &Desk, order: OfferOrder) -> Result<Pair<OfferedSide>, ApiError> {
    let scopes = Pair { source: order.source, target: order.target };
    editor::offers(&desk.app().await?, order.connection, scopes, order.anew).await
}

/// A document of a connection.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct DocumentOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub document: ConnectionDoc,
}

/// Checks a document against what is kept of both platforms; asks nobody.
pub async fn check_document(desk: &Desk, order: DocumentOrder) -> Result<Checked, ApiError> {
    editor::check(&desk.app().await?, order.connection, &order.document).await
}

/// Keeps a draft.
pub async fn save_draft(desk: &Desk, order: DocumentOrder) -> Result<EditorPicture, ApiError> {
    editor::save_draft(&desk.app().await?, order.connection, order.document).await
}

/// Forgets the draft.
pub async fn discard_draft(desk: &Desk, of: OfConnection) -> Result<EditorPicture, ApiError> {
    editor::discard(&desk.app().await?, of.connection).await
}

/// A document to put into use.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SaveOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub document: ConnectionDoc,
    /// The version it was made from.
    #[ts(type = "number")]
    pub based_on: i64,
}

/// Puts a document into use, or keeps it as a draft where an error stands in it.
pub async fn save_document(desk: &Desk, order: SaveOrder) -> Result<Saved, ApiError> {
    editor::save(&desk.app().await?, order.connection, order.document, order.based_on).await
}

/// Saved versions, newest first.
pub async fn list_versions(desk: &Desk, of: OfConnection) -> Result<Vec<VersionView>, ApiError> {
    editor::versions(&desk.app().await?, of.connection).await
}

/// A version of a connection.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfVersion {
    #[ts(type = "number")]
    pub connection: i64,
    #[ts(type = "number")]
    pub revision: i64,
}

/// The document of one version.
pub async fn read_version(desk: &Desk, of: OfVersion) -> Result<ConnectionDoc, ApiError> {
    editor::version(&desk.app().await?, of.connection, of.revision).await
}

/// A type mapping as it stands in an editor.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TypeOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub mapping: TypeMapping,
}

/// Counts the tickets that hold each value of the picklists that are paired.
pub async fn count_values(desk: &Desk, order: TypeOrder) -> Result<Counted, ApiError> {
    editor::count(&desk.app().await?, order.connection, &order.mapping).await
}

/// Rows that could be drawn: fields that sound alike and can meet.
pub async fn suggest_rows(desk: &Desk, order: TypeOrder) -> Result<Vec<Suggestion>, ApiError> {
    editor::suggest(&desk.app().await?, order.connection, &order.mapping).await
}
