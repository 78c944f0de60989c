//! A saved type mapping by its name, for the command line: both sides' fields are read, and the other editors' use cases stand on it.

use lockstep_core::mapping::{Rule, TypeMapping};
use lockstep_core::side::{Pair, Side};

use super::{Catches, SampleView};
use crate::api_error::ApiError;
use crate::app::App;

/// A saved type mapping with both schemas at hand.
pub struct Named {
    pub connection: i64,
    pub mapping: TypeMapping,
}

/// Opens a type mapping of a connection; its name may be left out where there is one alone.
pub async fn named(app: &App, connection: &str, type_mapping: Option<&str>) -> Result<Named, ApiError> {
    let (connection, document) = app.connection(connection).await?;
    let mapping = of_name(document.types, type_mapping)?;
    let scopes = Pair { source: mapping.source.clone(), target: mapping.target.clone() };
    let offers = super::offers(app, connection.id.0, scopes, false).await?;
    for side in [offers.source, offers.target] {
        if let (None, Some(trouble)) = (side.schema, side.trouble) {
            return Err(trouble);
        }
    }
    Ok(Named { connection: connection.id.0, mapping })
}

fn of_name(types: Vec<TypeMapping>, wanted: Option<&str>) -> Result<TypeMapping, ApiError> {
    let names = types.iter().map(|mapping| mapping.name.clone()).collect::<Vec<_>>().join(", ");
    let count = types.len();
    let mut types = types.into_iter();
    match wanted {
        Some(name) => types.find(|mapping| mapping.name == name).ok_or_else(|| {
            ApiError::new("not_found", format!("there is no type mapping called {name:?}"))
                .hint(format!("There are: {names}."))
        }),
        None if count > 1 => Err(ApiError::new("invalid", "the connection has several type mappings")
            .hint(format!("Name one with --type: {names}."))),
        None => types.next().ok_or_else(|| {
            ApiError::new("not_found", "the connection has no type mapping")
                .hint("Add one in the mapping editor, or import a configuration.")
        }),
    }
}

impl Named {
    /// Picks a ticket by its key, on the source or else on the target.
    pub async fn pick(&self, app: &App, key: &str) -> Result<SampleView, ApiError> {
        match super::pick(app, self.connection, &self.mapping, Side::Source, key).await {
            Err(error) if error.code == "not_found" => {
                super::pick(app, self.connection, &self.mapping, Side::Target, key).await
            }
            other => other,
        }
    }

    /// The field mapping that the description builder fills, by its position.
    pub fn description(&self) -> Result<u32, ApiError> {
        let row = self.mapping.fields.iter().position(|row| matches!(row.rule, Rule::Description(_)));
        row.and_then(|row| u32::try_from(row).ok()).ok_or_else(|| {
            ApiError::new("invalid", "no field of this mapping is filled by the description builder")
                .hint("Choose the rule Builder for the description in the mapping editor.")
        })
    }

    /// Which template catches which ticket of the source.
    pub async fn catches(&self, app: &App, key: Option<&str>) -> Result<Catches, ApiError> {
        super::catches(app, self.connection, &self.mapping, Side::Target, key).await
    }
}
