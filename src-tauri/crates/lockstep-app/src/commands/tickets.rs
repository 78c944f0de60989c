//! Single tickets and pairs: conflicts, quarantine, links, and why a ticket was synced or was not.

use lockstep_core::side::{Pair, Side};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Desk;
use super::connections::{name_of, side};
use crate::api_error::ApiError;
use crate::app::App;
use crate::conflicts::{self, Choice, ConflictView, Order};
use crate::explain::{self, Explanation};
use crate::link_detail::{self, LinkDetail};
use crate::link_preview::{self, LinkPreview};
use crate::links::{self, Known, LinkFields, LinkOrder, LinkSearch, Linked, LinksPage, Tickets};
use crate::quarantine::{self, QuarantineGroup};
use crate::skipping::{self, Skip};
use crate::views::SideView;

/// One connection, or all.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfSome {
    #[ts(type = "number | null")]
    pub connection: Option<i64>,
}

async fn some(app: &App, connection: Option<i64>) -> Result<Option<String>, ApiError> {
    match connection {
        Some(id) => Ok(Some(name_of(app, id).await?)),
        None => Ok(None),
    }
}

/// Open and decided conflicts, oldest first.
pub async fn list_conflicts(desk: &Desk, of: OfSome) -> Result<Vec<ConflictView>, ApiError> {
    let app = desk.app().await?;
    conflicts::list(&app, some(&app, of.connection).await?.as_deref()).await
}

/// A choice for one conflict.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Decision {
    #[ts(type = "number")]
    pub conflict: i64,
    pub choice: Choice,
    /// The mark of the conflict as it was shown.
    pub mark: String,
}

/// Writes choices down; the next run carries them out. All of them or, where one was overtaken, none.
pub async fn decide_conflicts(desk: &Desk, decisions: Vec<Decision>) -> Result<Vec<ConflictView>, ApiError> {
    let order = |decision: Decision| Order {
        conflict: decision.conflict,
        choice: decision.choice,
        shown: Some(decision.mark),
    };
    conflicts::decide_all(&desk.app().await?, decisions.into_iter().map(order).collect()).await
}

/// Tickets in quarantine by cause.
pub async fn list_quarantine(desk: &Desk, of: OfSome) -> Result<Vec<QuarantineGroup>, ApiError> {
    let app = desk.app().await?;
    quarantine::list(&app, some(&app, of.connection).await?.as_deref()).await
}

/// Tickets in quarantine, by their numbers there.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Quarantined {
    #[ts(type = "number[]")]
    pub tickets: Vec<i64>,
}

/// Lets the next run try them again.
pub async fn retry_quarantined(desk: &Desk, order: Quarantined) -> Result<Vec<QuarantineGroup>, ApiError> {
    let app = desk.app().await?;
    quarantine::retry_these(&app, order.tickets).await?;
    quarantine::list(&app, None).await
}

/// What a ticket in quarantine cannot get through, to be skipped.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SkipOrder {
    #[ts(type = "number")]
    pub connection: i64,
    /// Its number in quarantine.
    #[ts(type = "number")]
    pub ticket: i64,
    /// The mark of what was shown; `null` only tells what would be given up.
    pub mark: Option<String>,
}

/// Tells what skipping gives up, or does it: both sides stay as they are, and are in step from now on.
pub async fn skip_change(desk: &Desk, order: SkipOrder) -> Result<Skip, ApiError> {
    skipping::skip(&desk.app().await?, order.connection, order.ticket, order.mark.as_deref()).await
}

/// Links by their source's keys.
pub async fn list_links(desk: &Desk, search: LinkSearch) -> Result<LinksPage, ApiError> {
    links::list(&desk.app().await?, search).await
}

/// A link of a connection, by its number.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfLink {
    #[ts(type = "number")]
    pub connection: i64,
    #[ts(type = "number")]
    pub link: i64,
}

/// One link with its history, its comments and files, and its writes.
pub async fn link_detail(desk: &Desk, of: OfLink) -> Result<LinkDetail, ApiError> {
    link_detail::detail(&desk.app().await?, of.connection, of.link).await
}

/// Two tickets to link, by their keys as people spell them.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct LinkTickets {
    #[ts(type = "number")]
    pub connection: i64,
    /// `null`: the one whose type the source's ticket is of.
    pub type_mapping: Option<String>,
    pub source: String,
    pub target: String,
    pub fields: LinkFields,
    /// Comments and files that count as known, by the side they stand on; `null`: all.
    pub known: Option<Pair<Vec<String>>>,
    /// A link that either of the two has in this connection ends for the new one.
    pub instead: bool,
}

impl LinkTickets {
    async fn order(self, app: &App) -> Result<LinkOrder, ApiError> {
        Ok(LinkOrder {
            connection: name_of(app, self.connection).await?,
            type_mapping: self.type_mapping,
            tickets: Tickets { source: self.source, target: self.target },
            known: match self.known {
                Some(Pair { source, target }) => Known::These { source, target },
                None => Known::All,
            },
            fields: self.fields,
            instead: self.instead,
        })
    }
}

/// What linking two tickets would come to; reads both, writes nothing.
pub async fn preview_link(desk: &Desk, tickets: LinkTickets) -> Result<LinkPreview, ApiError> {
    let app = desk.app().await?;
    let order = tickets.order(&app).await?;
    link_preview::preview(&app, &order).await
}

/// Links two tickets; the next run writes what was chosen.
pub async fn link_tickets(desk: &Desk, tickets: LinkTickets) -> Result<Linked, ApiError> {
    let app = desk.app().await?;
    let order = tickets.order(&app).await?;
    links::link(&app, order).await
}

/// A link that a person ended, to be taken up again.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Relink {
    #[ts(type = "number")]
    pub connection: i64,
    #[ts(type = "number")]
    pub link: i64,
    /// Comments and files that were written meanwhile are copied too; else they count as known.
    pub copy_comments: bool,
}

/// Takes an unlinked pair up again.
pub async fn relink(desk: &Desk, order: Relink) -> Result<Linked, ApiError> {
    links::relink(&desk.app().await?, order.connection, order.link, order.copy_comments).await
}

/// A ticket by its key, in one connection or in whichever knows it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfTicket {
    pub connection: Option<String>,
    pub key: String,
}

/// Ends the link of a ticket; both tickets stay as they are.
pub async fn unlink(desk: &Desk, of: OfTicket) -> Result<Linked, ApiError> {
    links::unlink(&desk.app().await?, of.connection.as_deref(), &of.key).await
}

/// Why a ticket was synced, or was not, with the addresses of both sides.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ExplanationPicture {
    pub explanation: Explanation,
    pub source_side: SideView,
    pub target_side: SideView,
}

/// Explains a ticket; reads it afresh, writes nothing.
pub async fn explain_ticket(desk: &Desk, of: OfTicket) -> Result<ExplanationPicture, ApiError> {
    let app = desk.app().await?;
    let explanation = explain::explain(&app, of.connection.as_deref(), &of.key).await?;
    let (_, document) = app.connection(&explanation.connection).await?;
    let source_side = side(&app, &document, Side::Source).await?;
    let target_side = side(&app, &document, Side::Target).await?;
    Ok(ExplanationPicture { explanation, source_side, target_side })
}
