//! What a person sets once for all connections, kept in the store: whether everything is paused, how long history is kept,
//! what is told by the system's notifications. What only the pages need (theme, text size) lies with the pages.

use lockstep_store::tables::{audit, settings};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::App;

const KEY: &str = "settings";
/// How long details of runs can be kept, days.
const KEEP_DAYS: [u32; 3] = [30, 90, 365];

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Settings {
    /// Automatic runs of all connections wait; changes wait with them, none is lost.
    pub paused: bool,
    /// Days that details of runs are kept: 30, 90, 365; `None`: for ever.
    pub keep_days: Option<u32>,
    pub notify: Notify,
    /// The app starts without its window, in the tray.
    pub start_in_tray: bool,
    /// The sheet that tells about the tray at the first closing was answered.
    pub close_told: bool,
}

/// What the system's notifications tell. Never a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Notify {
    pub sign_in_needed: bool,
    pub stalled: bool,
    pub decision: bool,
    pub run_failed: bool,
    /// No notification from this hour to that one, local time; equal hours: no such time.
    pub quiet_from_hour: u8,
    pub quiet_to_hour: u8,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            paused: false,
            keep_days: Some(90),
            notify: Notify::default(),
            start_in_tray: false,
            close_told: false,
        }
    }
}

impl Default for Notify {
    fn default() -> Notify {
        Notify {
            sign_in_needed: true,
            stalled: true,
            decision: true,
            run_failed: true,
            quiet_from_hour: 0,
            quiet_to_hour: 0,
        }
    }
}

impl Notify {
    /// Whether `hour` of the local day lies in the quiet hours, which may go past midnight.
    pub fn is_quiet(self, hour: u8) -> bool {
        let (from, to) = (self.quiet_from_hour, self.quiet_to_hour);
        if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to }
    }
}

/// As they are set now; what an older version wrote otherwise takes its default.
pub async fn read(app: &App) -> Result<Settings, ApiError> {
    let kept: Option<serde_json::Value> = app.store().read(|conn| settings::get(conn, KEY)).await?;
    Ok(kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default())
}

/// Sets all of them.
pub async fn save(app: &App, wanted: Settings) -> Result<Settings, ApiError> {
    if wanted.keep_days.is_some_and(|days| !KEEP_DAYS.contains(&days)) {
        return Err(ApiError::new("invalid", "runs are kept 30, 90 or 365 days, or for ever"));
    }
    if wanted.notify.quiet_from_hour > 23 || wanted.notify.quiet_to_hour > 23 {
        return Err(ApiError::new("invalid", "quiet hours go from 0 to 23"));
    }
    let before = read(app).await?;
    let (kept, now_ms) = (wanted.clone(), app.now_ms());
    app.store()
        .write(move |tx| {
            if kept.paused != before.paused {
                let what = if kept.paused { "paused all connections" } else { "resumed all connections" };
                audit::add(tx, now_ms, "person", what, &serde_json::Value::Null)?;
            }
            settings::put(tx, KEY, &kept, now_ms)
        })
        .await?;
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::import::tests::app;

    #[test]
    fn quiet_hours_may_go_past_midnight() {
        let quiet = |from, to, hour| {
            Notify { quiet_from_hour: from, quiet_to_hour: to, ..Notify::default() }.is_quiet(hour)
        };
        for (from, to, hour, expected) in [
            (22, 7, 23, true),
            (22, 7, 6, true),
            (22, 7, 7, false),
            (22, 7, 12, false),
            (9, 17, 12, true),
            (9, 17, 17, false),
            (0, 0, 0, false),
        ] {
            assert_eq!(quiet(from, to, hour), expected, "{from} to {to} at {hour}");
        }
    }

    #[tokio::test]
    async fn settings_are_kept_and_wrong_ones_refused() {
        let app = app();
        assert_eq!(read(&app).await.unwrap(), Settings::default());
        let wanted = Settings { paused: true, keep_days: None, ..Settings::default() };
        save(&app, wanted.clone()).await.unwrap();
        assert_eq!(read(&app).await.unwrap(), wanted);
        let wrong = Settings { keep_days: Some(31), ..Settings::default() };
        assert_eq!(save(&app, wrong).await.unwrap_err().code, "invalid");
        let odd = serde_json::json!({ "paused": "yes" });
        app.store().write(move |tx| settings::put(tx, KEY, &odd, 1)).await.unwrap();
        assert_eq!(read(&app).await.unwrap(), Settings::default());
    }
}
