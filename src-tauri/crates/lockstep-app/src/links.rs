//! Links as people see them: the list, and what linking by hand needs and answers (`crate::linking` does it).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use lockstep_store::ConnectionId;
use lockstep_store::tables::connections;
use lockstep_store::tables::links::{self, LinkFilter, StoredLink};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::App;

pub use crate::linking::{link, unlink};

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
    /// `live`, `parked`, `not_visible`, `merged`, `ended`.
    pub state: String,
    /// The sentence that goes with it.
    pub reason: String,
    #[ts(type = "number")]
    pub linked_ms: i64,
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
    /// A state's word; none leaves ended links out.
    pub state: Option<String>,
    /// Part of either key, in any case.
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
    let filter = LinkFilter {
        connection: of,
        without_ended: !search.ended && search.state.is_none(),
        state: search.state,
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
                views.extend(links::get(conn, line.id)?.map(|stored| view(name, &stored)));
            }
            Ok(LinksPage { links: views, total })
        })
        .await?;
    Ok(found)
}

pub(crate) fn view(connection: &str, stored: &StoredLink) -> LinkView {
    let link = &stored.link;
    LinkView {
        id: link.id.0,
        connection: connection.to_owned(),
        type_mapping: link.type_mapping.clone(),
        source: link.keys.source.clone(),
        target: link.keys.target.clone(),
        state: link.state.word().to_owned(),
        reason: link.state.reason().to_owned(),
        linked_ms: link.linked_ms,
    }
}
