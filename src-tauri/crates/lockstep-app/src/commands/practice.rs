//! The practice pair: two make-believe help desks on this computer, with accounts, a connection and its mapping.
//!
//! Serving them is the shell's: this crate knows no practice platform (models.md §1). Their made-up secrets go from the
//! host straight into the keychain, never over the window's bridge.

use lockstep_core::FieldId;
use lockstep_core::mapping::{Direction, Rule};
use lockstep_core::secret::Secret;

use super::{Desk, Nothing};
use crate::api_error::ApiError;
use crate::app::App;
use crate::config::{self, Document, Platform, SignIn};
use crate::connections;
use crate::views::ConnectionCard;

/// The mapping that practice starts with; also the example of the documentation.
const EXAMPLE: &str = include_str!("../../../../../docs/example.toml");

/// States of an incident: on hold, canceled.
const ON_HOLD: &str = "3";
const CANCELED: &str = "8";

/// A practice platform that is being served.
#[derive(Debug)]
pub struct PracticePlatform {
    pub platform: Platform,
    /// Its origin on loopback.
    pub address: String,
    pub user: String,
    secret: Secret,
}

impl PracticePlatform {
    /// Takes over what the platform says of itself.
    pub fn new(platform: Platform, address: String, user: String, secret: String) -> PracticePlatform {
        PracticePlatform { platform, address, user, secret: Secret::new(secret) }
    }
}

/// Who serves the practice pair.
#[async_trait::async_trait]
pub trait PracticeHost: Send + Sync {
    /// Whether the pair was started on this computer before: its state is kept.
    fn was_started(&self) -> bool;

    /// Serves both, with the state they were left in; answers with what is served already.
    async fn start(&self) -> Result<Vec<PracticePlatform>, ApiError>;
}

/// Starts the pair and sets its connection up, with a few problems to mend. A connection that is there already stays as a
/// person left it.
pub async fn start_practice(desk: &Desk, _: Nothing) -> Result<ConnectionCard, ApiError> {
    let app = desk.app().await?;
    let platforms = desk.practice().start().await?;
    let mut document = document(&platforms)?;
    let name = document.connections.first().map(|connection| connection.name.clone());
    let name = name.ok_or_else(|| ApiError::new("config", "the practice configuration has no connection"))?;
    let there = connections::list(&app).await?.iter().any(|connection| connection.name == name);
    if there {
        document.connections.clear();
    } else {
        seed_problems(&mut document);
    }
    config::import::import(&app, document.clone()).await?;
    keep_secrets(&app, &document, &platforms).await?;
    super::connections::card_of(desk, &app, &name).await
}

/// Three problems for a person to mend: an error with a button that mends it, a status that tickets hold and nothing pairs,
/// and a contact type without a pair.
fn seed_problems(document: &mut Document) {
    let types = document.connections.iter_mut().flat_map(|connection| &mut connection.types);
    for row in types.flat_map(|mapping| &mut mapping.fields) {
        let Rule::Values { pairs, .. } = &mut row.rule else { continue };
        match row.source.first().map(FieldId::as_str) {
            Some("state") => {
                pairs.retain(|pair| pair.source != CANCELED);
                for pair in pairs.iter_mut().filter(|pair| pair.source == ON_HOLD) {
                    pair.direction = Direction::Both;
                }
            }
            Some("contact_type") => pairs.retain(|pair| pair.source != "virtual_agent"),
            _ => {}
        }
    }
}

/// Serves a pair that was started before, and follows it if it had to take other ports. Trouble is logged and shows as
/// an unreachable platform; it is no reason not to open.
pub(super) async fn resume(app: &App, host: &dyn PracticeHost) {
    if !host.was_started() {
        return;
    }
    if let Err(error) = follow(app, host).await {
        tracing::warn!(%error, "the practice platforms are not served");
    }
}

async fn follow(app: &App, host: &dyn PracticeHost) -> Result<(), ApiError> {
    let platforms = host.start().await?;
    let mut document = document(&platforms)?;
    let known = config::import::known(app).await?;
    // Only the addresses are followed: what a person removed stays away, what they changed stays changed.
    document.connections.clear();
    document.accounts.retain(|account| known.contains_key(&account.name));
    config::import::import(app, document.clone()).await?;
    keep_secrets(app, &document, &platforms).await
}

async fn keep_secrets(
    app: &App,
    document: &Document,
    platforms: &[PracticePlatform],
) -> Result<(), ApiError> {
    for doc in &document.accounts {
        let Some(served) = platforms.iter().find(|served| served.platform == doc.platform) else { continue };
        let account = app.account(&doc.name).await?;
        let (app, secret) = (app.clone(), served.secret.clone());
        let keeping = tokio::task::spawn_blocking(move || app.keep_secret(&account, &secret));
        keeping.await.map_err(|_| ApiError::new("keychain", "the keychain did not answer"))??;
    }
    Ok(())
}

/// The example, at the addresses and with the sign-ins of what is served.
fn document(platforms: &[PracticePlatform]) -> Result<Document, ApiError> {
    let mut document = config::parse(EXAMPLE, &config::Known::new()).map_err(|problems| {
        let first = problems.first().map_or(String::new(), |problem| format!(": {}", problem.message));
        ApiError::new("config", format!("the practice configuration cannot be read{first}"))
    })?;
    for account in &mut document.accounts {
        let Some(served) = platforms.iter().find(|served| served.platform == account.platform) else {
            continue;
        };
        account.address.clone_from(&served.address);
        account.sign_in = match account.platform {
            Platform::ServiceNow => SignIn::Basic { user: served.user.clone() },
            Platform::Jira => SignIn::Token { email: served.user.clone() },
        };
        account.practice = true;
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_problems_are_seeded_and_the_rest_is_the_example() {
        let served =
            |platform| PracticePlatform::new(platform, "http://127.0.0.1:1".into(), "u".into(), "s".into());
        let pair = [served(Platform::ServiceNow), served(Platform::Jira)];
        let (whole, mut seeded) = (document(&pair).unwrap(), document(&pair).unwrap());
        seed_problems(&mut seeded);
        let rows = |document: &Document| document.connections[0].types[0].fields.clone();
        let changed: Vec<String> = rows(&whole)
            .iter()
            .zip(rows(&seeded))
            .filter(|(before, after)| *before != after)
            .map(|(row, _)| row.key())
            .collect();
        assert_eq!(changed, ["state=status", "contact_type=customfield_10041"]);
        let status = rows(&seeded).into_iter().find(|row| row.key() == "state=status").unwrap();
        let Rule::Values { pairs, .. } = status.rule else { panic!("State and Status are paired") };
        assert_eq!(
            pairs.iter().filter(|pair| pair.source == ON_HOLD && pair.direction == Direction::Both).count(),
            2
        );
        assert!(!pairs.iter().any(|pair| pair.source == CANCELED));
    }

    #[test]
    fn the_example_becomes_the_practice_pair() {
        let served = |platform, port| {
            let address = format!("http://127.0.0.1:{port}");
            PracticePlatform::new(platform, address, format!("user{port}"), "made-up".to_owned())
        };
        let pair = [served(Platform::ServiceNow, 4001), served(Platform::Jira, 4002)];
        let document = document(&pair).unwrap();
        assert_eq!(document.connections.len(), 1);
        assert_eq!(document.accounts.len(), 2);
        for account in &document.accounts {
            assert!(account.practice && account.address.starts_with("http://127.0.0.1:400"));
        }
        assert!(!format!("{pair:?}").contains("made-up"));
    }
}
