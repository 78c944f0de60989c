//! The system's notifications: a connection that needs a person, or a run that failed, told once when it begins. Never a
//! success, never the text of a ticket, and nothing while a person looks at the window.

use std::collections::BTreeMap;
use std::sync::Mutex;

use lockstep_app::ApiError;
use lockstep_app::commands::Desk;
use lockstep_app::connections::{self, ConnectionState, ConnectionView};
use lockstep_app::moments::local_hour;
use lockstep_app::settings::{self, Notify};
use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt as _;

use crate::tray::plain;
use crate::window;

/// What was last seen of each connection, so that each trouble is told once.
#[derive(Default)]
pub struct Notices(Mutex<BTreeMap<i64, Seen>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    state: ConnectionState,
    /// The last run, where it failed.
    failed: Option<i64>,
}

/// Title and text.
type Notice = (String, String);

impl Notices {
    /// Looks at all connections and tells what is new.
    pub async fn refresh(&self, app: &AppHandle, desk: &Desk) {
        match self.look(app, desk).await {
            Ok(notices) => {
                for (title, body) in notices {
                    if let Err(error) = app.notification().builder().title(title).body(body).show() {
                        tracing::warn!(%error, "no notification could be shown");
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "nothing to tell while the store is closed"),
        }
    }

    async fn look(&self, app: &AppHandle, desk: &Desk) -> Result<Vec<Notice>, ApiError> {
        let opened = desk.app().await?;
        let settings = settings::read(&opened).await?;
        let now = connections::list(&opened).await?;
        let silent = window::is_looked_at(app) || settings.notify.is_quiet(local_hour(opened.now_ms()));
        let mut seen = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let notices =
            now.iter().filter_map(|connection| news(&mut seen, connection, settings.notify)).collect();
        Ok(if silent { Vec::new() } else { notices })
    }
}

/// What is new about a connection; the first look tells nothing, for what stood there was known before.
fn news(seen: &mut BTreeMap<i64, Seen>, connection: &ConnectionView, wanted: Notify) -> Option<Notice> {
    let failed = connection.last_run.as_ref().filter(|run| run.result.as_deref() == Some("failed"));
    let now = Seen { state: connection.state, failed: failed.map(|run| run.id) };
    let before = seen.insert(connection.id, now.clone())?;
    let tell = match now.state {
        ConnectionState::SignInNeeded => wanted.sign_in_needed,
        ConnectionState::Stalled => wanted.stalled,
        ConnectionState::NeedsDecision => wanted.decision,
        _ => false,
    };
    let name = plain(&connection.name);
    if tell && now.state != before.state {
        return Some((format!("{name}: {}", connection.state_label), plain_sentence(&connection.reason)));
    }
    if wanted.run_failed && now.failed.is_some() && now.failed != before.failed {
        return Some((format!("{name}: a run failed"), plain_sentence(&connection.reason)));
    }
    None
}

fn plain_sentence(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(state: ConnectionState) -> ConnectionView {
        ConnectionView {
            id: 1,
            name: "Incidents".into(),
            source: "a".into(),
            target: "b".into(),
            state,
            state_label: state.label().into(),
            reason: "Jira refuses the token.".into(),
            next: lockstep_app::connections::NextStep::Nothing,
            automatic: true,
            interval_seconds: 300,
            running: false,
            types: vec![],
            links: 0,
            conflicts: 0,
            quarantined: 0,
            pending: 0,
            last_run: None,
        }
    }

    #[test]
    fn a_trouble_is_told_once_and_only_if_wanted() {
        let mut seen = BTreeMap::new();
        let (fine, bad) = (connection(ConnectionState::Running), connection(ConnectionState::SignInNeeded));
        let wanted = Notify::default();
        assert_eq!(news(&mut seen, &fine, wanted), None);
        let told = news(&mut seen, &bad, wanted).unwrap();
        assert_eq!(told, ("Incidents: Sign-in needed".into(), "Jira refuses the token.".into()));
        assert_eq!(news(&mut seen, &bad, wanted), None, "told once");
        assert_eq!(news(&mut seen, &fine, wanted), None, "never a success");
        let silent = Notify { sign_in_needed: false, ..wanted };
        assert_eq!(news(&mut seen, &bad, silent), None);
    }
}
