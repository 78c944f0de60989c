//! The editors of a connection: documents, drafts, versions, checks, what both platforms offer and hold.

use lockstep_core::connector::Scope;
use lockstep_core::mapping::TypeMapping;
use lockstep_core::side::{Pair, Side};
use lockstep_core::suggest::Suggestion;
use serde::Deserialize;
use ts_rs::TS;

use super::{Desk, OfConnection};
use crate::api_error::ApiError;
use crate::config::ConnectionDoc;
use crate::editor::{
    self, Catches, Checked, Counted, DescriptionPreview, EditorPicture, FilterCount, FoundPerson,
    OfferedSide, SampleView, Saved, TicketOffer, Trial, VersionView,
};

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

/// A person has looked at what changed in the live systems; answers like [`read_offers`].
pub async fn review_schema(desk: &Desk, order: ReviewOrder) -> Result<Pair<OfferedSide>, ApiError> {
    let scopes = Pair { source: order.source, target: order.target };
    editor::review(&desk.app().await?, order.connection, scopes).await
}

/// Whose changed schemas were looked at.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ReviewOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub source: Scope,
    pub target: Scope,
}

/// A filter of a type mapping, saved or not.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct FilterOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub mapping: TypeMapping,
    pub side: Side,
}

/// How many tickets a filter lets in now; asks the platform.
pub async fn count_matches(desk: &Desk, order: FilterOrder) -> Result<FilterCount, ApiError> {
    editor::matching(&desk.app().await?, order.connection, &order.mapping, order.side).await
}

/// Somebody to look for.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PersonOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub mapping: TypeMapping,
    pub side: Side,
    pub email: String,
}

/// Who has an e-mail address on one side; asks the platform.
pub async fn find_person(desk: &Desk, order: PersonOrder) -> Result<Option<FoundPerson>, ApiError> {
    editor::person(&desk.app().await?, order.connection, &order.mapping, order.side, &order.email).await
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
pub async fn save_draft(desk: &Desk, order: SaveOrder) -> Result<EditorPicture, ApiError> {
    editor::save_draft(&desk.app().await?, order.connection, order.document, order.based_on).await
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

/// Tickets to pick from.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RecentOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub mapping: TypeMapping,
    pub side: Side,
}

/// Tickets of one side that changed lately, newest first.
pub async fn recent_tickets(desk: &Desk, order: RecentOrder) -> Result<Vec<TicketOffer>, ApiError> {
    editor::recent(&desk.app().await?, order.connection, &order.mapping, order.side).await
}

/// A ticket to try edits on.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PickOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub mapping: TypeMapping,
    pub side: Side,
    pub key: String,
}

/// Reads a ticket and its partner, and keeps both for trying.
pub async fn pick_ticket(desk: &Desk, order: PickOrder) -> Result<SampleView, ApiError> {
    editor::pick(&desk.app().await?, order.connection, &order.mapping, order.side, &order.key).await
}

/// Tries a mapping on the ticket that was picked.
pub async fn try_mapping(desk: &Desk, order: TypeOrder) -> Result<Trial, ApiError> {
    editor::trial(&desk.app().await?, order.connection, &order.mapping).await
}

/// A built description to show.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct DescriptionOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub mapping: TypeMapping,
    /// Position of the field mapping, from 0.
    pub field: u32,
}

/// What the description builder writes for the ticket that was picked.
pub async fn preview_description(
    desk: &Desk,
    order: DescriptionOrder,
) -> Result<DescriptionPreview, ApiError> {
    editor::description(&desk.app().await?, order.connection, &order.mapping, order.field).await
}

/// Templates to judge.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct CatchOrder {
    #[ts(type = "number")]
    pub connection: i64,
    pub mapping: TypeMapping,
    /// Where the templates make tickets.
    pub to: Side,
    /// One ticket alone.
    pub key: Option<String>,
}

/// Which template catches which ticket.
pub async fn test_templates(desk: &Desk, order: CatchOrder) -> Result<Catches, ApiError> {
    editor::catches(&desk.app().await?, order.connection, &order.mapping, order.to, order.key.as_deref())
        .await
}
