//! Links as people see them: the list, and what linking by hand needs and answers (`crate::linking` does it).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use lockstep_core::side::Side;
use lockstep_core::sync::link::{LinkId, LinkState};
use lockstep_store::ConnectionId;
use lockstep_store::tables::connections;
use lockstep_store::tables::links::{self, LinkFilter, StoredLink};
use lockstep_store::tables::standing::{self, Standing};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::App;

pub use crate::linking::{link, relink, unlink};

/// So long an unlinked pair can be taken up again.
pub(crate) const RELINK_MS_MAX: i64 = 30 * 24 * 3_600_000;

/// A line of the list of links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct LinkView {
    #[ts(type = "number")]
    pub id: i64,
    pub connection: String,
    pub type_mapping: String,
    pub source: String,
    pub target: String,
    /// Both titles as last seen; empty where none was.
    pub source_title: String,
    pub target_title: String,
    /// `in_step`, `waiting`, `conflict`, `quarantined`, `parked`, `not_visible`, `merged`, `ended`.
    pub state: String,
    /// The sentence that goes with it.
    pub reason: String,
    pub linked_by: LinkedBy,
    #[ts(type = "number")]
    pub linked_ms: i64,
    /// When the two were last found or brought in step.
    #[ts(type = "number")]
    pub synced_ms: i64,
    /// Of a link that a person ended: until when it can be taken up again.
    #[ts(type = "number | null")]
    pub relink_until_ms: Option<i64>,
}

/// How two tickets came to be linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum LinkedBy {
    /// One was created as the other's copy.
    Created,
    /// A match rule found both.
    Matched,
    Person,
    /// The marker of an earlier link was found.
    Found,
}

/// A page of links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct LinksPage {
    pub links: Vec<LinkView>,
    /// All that the search holds.
    pub total: u32,
}

/// Which links to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct LinkSearch {
    pub connection: Option<String>,
    /// A state's word, as [`LinkView::state`] has it; none leaves ended links out.
    pub state: Option<String>,
    /// Part of a key or a title, in any case.
    pub search: String,
    pub ended: bool,
    pub offset: u32,
    pub limit: u32,
}

/// Which existing comments and files count as known and are never copied (hazards.md H42).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    All,
    None,
    /// These ids, by the side they were written on.
    These {
        source: Vec<String>,
        target: Vec<String>,
    },
}

/// The keys of two tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tickets {
    pub source: String,
    pub target: String,
}

/// Two tickets to link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkOrder {
    pub connection: String,
    /// Needed where the connection has several.
    pub type_mapping: Option<String>,
    /// Keys as people spell them.
    pub tickets: Tickets,
    pub known: Known,
    pub fields: LinkFields,
    /// A link that either of the two has in this connection ends for the new one.
    pub instead: bool,
}

/// What linking does with fields that differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum LinkFields {
    /// Both stay as they are: that is what they agree on from now on.
    #[default]
    Keep,
    /// The next run makes the target like the source, wherever the mapping writes there.
    TargetLikeSource,
    SourceLikeTarget,
}

impl LinkFields {
    /// The side that gives way.
    pub fn to(self) -> Option<Side> {
        match self {
            LinkFields::Keep => None,
            LinkFields::TargetLikeSource => Some(Side::Target),
            LinkFields::SourceLikeTarget => Some(Side::Source),
        }
    }
}

/// What linking or unlinking came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Linked {
    pub link: LinkView,
    /// Comments and files that count as known.
    pub known: u32,
    /// Why the marker on the target's ticket could not be written, where it could not.
    pub marker_trouble: Option<String>,
}

/// Links by their source's keys.
pub async fn list(app: &App, search: LinkSearch) -> Result<LinksPage, ApiError> {
    let of = match &search.connection {
        Some(name) => Some(app.connection(name).await?.0.id),
        None => None,
    };
    let standing = search.state.as_deref().map(standing_of).transpose()?;
    let filter = LinkFilter {
        connection: of,
        without_ended: !search.ended && standing.is_none(),
        state: None,
        standing,
        search: search.search,
    };
    let (offset, limit) = (search.offset, search.limit);
    let found = app
        .store()
        .read(move |conn| {
            let total = links::count(conn, &filter)?;
            let mut names: BTreeMap<ConnectionId, String> =
                connections::list(conn)?.into_iter().map(|found| (found.id, found.name)).collect();
            let mut views = Vec::new();
            for line in links::page(conn, &filter, offset, limit)? {
                let name = match names.entry(line.connection) {
                    Entry::Occupied(known) => known.into_mut(),
                    // Links outlive their connection.
                    Entry::Vacant(free) => {
                        let found = connections::get(conn, line.connection)?;
                        free.insert(found.map(|found| found.name).unwrap_or_default())
                    }
                };
                views.extend(view(conn, name, line.id)?);
            }
            Ok(LinksPage { links: views, total })
        })
        .await?;
    Ok(found)
}

fn standing_of(word: &str) -> Result<Standing, ApiError> {
    Standing::from_word(word)
        .ok_or_else(|| ApiError::new("invalid", format!("{word:?} is no state of a link")))
}

/// One link as people see it.
pub(crate) fn view(
    conn: &lockstep_store::Connection,
    connection: &str,
    id: LinkId,
) -> lockstep_store::Result<Option<LinkView>> {
    let Some(shown) = links::shown(conn, id)? else { return Ok(None) };
    let (standing, reason) = standing::of(conn, &shown.stored)?;
    let StoredLink { link, extras, .. } = shown.stored;
    let kept: Extras = serde_json::from_value(extras).unwrap_or_default();
    let ended = matches!(link.state, LinkState::Ended(_));
    Ok(Some(LinkView {
        id: link.id.0,
        connection: connection.to_owned(),
        type_mapping: link.type_mapping,
        source: link.keys.source,
        target: link.keys.target,
        source_title: shown.titles.source,
        target_title: shown.titles.target,
        state: standing.word().to_owned(),
        reason,
        linked_by: kept.linked_by(),
        linked_ms: link.linked_ms,
        synced_ms: shown.synced_ms,
        relink_until_ms: kept.unlinked_ms.filter(|_| ended).map(|ended_ms| ended_ms + RELINK_MS_MAX),
    }))
}

/// What is kept beside a link.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Extras {
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_by: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    adopted: bool,
    /// When a person ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlinked_ms: Option<i64>,
}

impl Extras {
    /// Of a link that a person makes.
    pub fn by_person() -> Extras {
        Extras { linked_by: Some("person".to_owned()), ..Extras::default() }
    }

    fn linked_by(&self) -> LinkedBy {
        match self.linked_by.as_deref() {
            Some("person") => LinkedBy::Person,
            Some("match") => LinkedBy::Matched,
            _ if self.adopted => LinkedBy::Found,
            _ => LinkedBy::Created,
        }
    }
}
