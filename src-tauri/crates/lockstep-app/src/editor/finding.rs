//! Questions that an editor asks a platform while somebody types: how many tickets a filter lets in, and who has an e-mail address.

use lockstep_core::connector::PersonMatch;
use lockstep_core::mapping::{Filter, TypeMapping};
use lockstep_core::side::Side;
use serde::Serialize;

use crate::api_error::ApiError;
use crate::app::App;
use crate::look;

/// Tickets that a filter lets in now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct FilterCount {
    /// `None` where the platform cannot be asked for just that.
    #[ts(type = "number | null")]
    pub count: Option<u64>,
    /// The platform gives no exact count.
    pub approximate: bool,
    /// What people call the newest of them.
    pub newest: Option<String>,
    #[ts(type = "number")]
    pub counted_ms: i64,
}

/// Asks one side how many tickets of a type mapping its filter lets in, with the newest of them.
pub async fn matching(
    app: &App,
    connection: i64,
    mapping: &TypeMapping,
    side: Side,
) -> Result<FilterCount, ApiError> {
    let (_, document) = app.connection_by_id(connection).await?;
    let signed_in = look::side(app, document.account(side)).await?;
    let filter: &Filter = &mapping.filter[side];
    let found = signed_in.connector.count_matching(mapping.scope(side), filter).await?;
    let counted_ms = app.now_ms();
    Ok(match found {
        Some(found) => FilterCount {
            count: Some(found.count),
            approximate: found.approximate,
            newest: found.newest,
            counted_ms,
        },
        None => FilterCount { count: None, approximate: false, newest: None, counted_ms },
    })
}

/// Somebody on a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct FoundPerson {
    /// The platform's id, as a mapping keeps it.
    pub id: String,
    pub name: String,
    pub email: Option<String>,
    pub active: bool,
}

/// Who has this e-mail address on one side; nobody, where none or several have it.
pub async fn person(
    app: &App,
    connection: i64,
    mapping: &TypeMapping,
    side: Side,
    email: &str,
) -> Result<Option<FoundPerson>, ApiError> {
    let email = email.trim();
    if !email.contains('@') || email.len() > 254 || email.chars().any(char::is_control) {
        return Err(ApiError::new("invalid", format!("{email:?} is not an e-mail address")));
    }
    let (_, document) = app.connection_by_id(connection).await?;
    let signed_in = look::side(app, document.account(side)).await?;
    let found = signed_in.connector.find_people(mapping.scope(side), &[email.to_owned()]).await?;
    Ok(found.into_iter().next().and_then(|found| match found {
        PersonMatch::One(person) => Some(FoundPerson {
            id: person.id.0,
            name: person.name,
            email: person.email,
            active: person.active,
        }),
        _ => None,
    }))
}
