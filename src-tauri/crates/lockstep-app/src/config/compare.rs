//! What an import would change, before it changes anything: every account and connection of a file beside what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::document::Document;
use super::export::{export, to_toml};
use crate::api_error::ApiError;
use crate::app::App;

/// One account or connection of a file, as text before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ConfigChange {
    pub kind: ConfigPart,
    pub name: String,
    /// As it stands now; `None` where there is none of that name.
    pub before: Option<String>,
    /// As it would stand.
    pub after: String,
}

/// What a part of a configuration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum ConfigPart {
    Account,
    Connection,
}

/// Every part of `wanted` beside the same part of the store; parts that are equal stand with equal texts.
pub async fn compare(app: &App, wanted: &Document) -> Result<Vec<ConfigChange>, ApiError> {
    let present = parts(&export(app).await?);
    Ok(parts(wanted)
        .into_iter()
        .map(|((kind, name), after)| ConfigChange {
            before: present.get(&(kind, name.clone())).cloned(),
            kind: if kind == 0 { ConfigPart::Account } else { ConfigPart::Connection },
            name,
            after,
        })
        .collect())
}

/// Texts by kind (accounts first) and name.
fn parts(document: &Document) -> BTreeMap<(u8, String), String> {
    let text = |document: Document| {
        // Without the comment that a whole file begins with.
        let text = to_toml(&document);
        text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n").trim().to_owned()
    };
    let accounts = document.accounts.iter().map(|account| {
        let alone = Document { accounts: vec![account.clone()], connections: Vec::new() };
        ((0, account.name.clone()), text(alone))
    });
    let connections = document.connections.iter().map(|connection| {
        let alone = Document { accounts: Vec::new(), connections: vec![connection.clone()] };
        ((1, connection.name.clone()), text(alone))
    });
    accounts.chain(connections).collect()
}

/// Accounts that the connections of a file name and that neither the file nor `known` describes. A text that is no TOML
/// names none: reading it says what is wrong.
pub fn strangers<'a>(text: &str, known: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let Ok(root) = text.parse::<toml::Table>() else { return BTreeSet::new() };
    let tables = |key: &str| root.get(key).and_then(toml::Value::as_array).into_iter().flatten();
    let name =
        |table: &toml::Value, key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let mut named: BTreeSet<String> = tables("connection")
        .flat_map(|connection| [name(connection, "source"), name(connection, "target")])
        .flatten()
        .collect();
    for described in tables("account").filter_map(|account| name(account, "name")) {
        named.remove(&described);
    }
    for account in known {
        named.remove(account);
    }
    named
}

/// Puts other accounts in the place of those that a file names.
pub fn stand_in(document: &mut Document, instead: &BTreeMap<String, String>) {
    for connection in &mut document.connections {
        for account in [&mut connection.source, &mut connection.target] {
            if let Some(other) = instead.get(account) {
                account.clone_from(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::import::tests::{EXAMPLE, app};
    use super::super::{Known, import, parse};
    use super::*;

    #[tokio::test]
    async fn a_file_is_held_beside_what_is_there() {
        let app = app();
        let document = parse(EXAMPLE, &Known::new()).unwrap();
        let all = compare(&app, &document).await.unwrap();
        assert_eq!(
            all.iter().map(|change| change.kind).collect::<Vec<_>>(),
            [ConfigPart::Account, ConfigPart::Account, ConfigPart::Connection]
        );
        assert!(all.iter().all(|change| change.before.is_none()));
        import(&app, document.clone()).await.unwrap();
        let again = compare(&app, &document).await.unwrap();
        assert!(again.iter().all(|change| change.before.as_deref() == Some(change.after.as_str())));
        let mut other = document;
        other.connections[0].interval_seconds = 60;
        let changed = compare(&app, &other).await.unwrap().pop().unwrap();
        assert_ne!(changed.before.as_ref(), Some(&changed.after));
        assert!(changed.after.contains("interval_seconds = 60"), "{}", changed.after);
    }

    #[test]
    fn accounts_that_nobody_describes_are_named() {
        let text =
            "[[account]]\nname = \"A\"\n[[connection]]\nname = \"x\"\nsource = \"A\"\ntarget = \"B\"\n";
        assert_eq!(strangers(text, std::iter::empty()), BTreeSet::from(["B".to_owned()]));
        assert!(strangers(text, [&"B".to_owned()].into_iter()).is_empty());
        assert!(strangers("= nonsense", std::iter::empty()).is_empty());
        let mut document = parse(EXAMPLE, &Known::new()).unwrap();
        let source = document.connections[0].source.clone();
        stand_in(&mut document, &BTreeMap::from([(source, "Ours".to_owned())]));
        assert_eq!(document.connections[0].source, "Ours");
    }
}
