//! Checks the installation itself: places, store, lock, keychain, sign-ins, and what uninstalling leaves behind.

use std::path::Path;

use lockstep_store::tables::{accounts, info};
use lockstep_store::{HOLDER_FILE, KeptPlace, Keychain, describe_places, holder};
use serde::{Deserialize, Serialize};

use crate::accounts as use_case;
use crate::api_error::ApiError;
use crate::app::App;
use crate::history::utc;
use crate::places::{LOG_FOLDER, has_store};

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct DoctorLine {
    pub name: String,
    pub good: bool,
    pub detail: String,
    pub remedy: Option<String>,
    /// The code of the error behind it, for exit codes.
    pub code: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    pub lines: Vec<DoctorLine>,
    /// Files, folders and keychain entries of Lockstep's; all of them stay when the program is uninstalled.
    pub places: Vec<KeptPlace>,
}

fn good(name: &str, detail: impl Into<String>) -> DoctorLine {
    DoctorLine { name: name.to_owned(), good: true, detail: detail.into(), remedy: None, code: None }
}

fn bad(name: &str, error: &ApiError) -> DoctorLine {
    DoctorLine {
        name: name.to_owned(),
        good: false,
        detail: error.message.clone(),
        remedy: error.hint.clone(),
        code: Some(error.code.clone()),
    }
}

/// Looks at a data folder whose store did not open, for the reason given, or was never made.
pub fn without_store(data_dir: &Path, keychain: &Keychain, why: Option<&ApiError>) -> Diagnosis {
    let mut lines = vec![good("Data folder", data_dir.display().to_string())];
    lines.push(match why {
        Some(error) => bad("Store opens", error),
        None if has_store(data_dir) => good("Store", "not opened"),
        None => good("Store", "none yet: it is made at the first use"),
    });
    lines.push(keychain_line(keychain, "00000000"));
    Diagnosis { lines, places: describe_places(data_dir, None, &[]) }
}

fn keychain_line(keychain: &Keychain, store: &str) -> DoctorLine {
    match keychain.prove_writable(store) {
        Ok(()) => good("Keychain works", "an entry was written, read and removed"),
        Err(error) => bad("Keychain works", &error.into()),
    }
}

/// Looks at everything, the sign-ins of all accounts included.
pub async fn examine(app: &App) -> Result<Diagnosis, ApiError> {
    let mut lines = vec![good("Data folder", app.data_dir().display().to_string())];
    let (born, all) = app.store().read(|conn| Ok((info::get(conn)?, accounts::list(conn)?))).await?;
    lines.push(good(
        "Store opens",
        format!("store {}, made {}, schema {}", born.id, utc(born.created_ms), born.schema),
    ));
    lines.push(match app.store().integrity().await {
        Ok(wrong) if wrong.is_empty() => good("Store is whole", "every page and every reference"),
        Ok(wrong) => {
            let hint = "Put back the newest copy from the folder backups, or your own.";
            bad("Store is whole", &ApiError::new("store", wrong.join("; ")).hint(hint))
        }
        Err(error) => bad("Store is whole", &error.into()),
    });
    lines.push(held(app.data_dir()));
    lines.push(keychain_line(app.keychain(), app.store().id()));
    let logs = app.data_dir().join(LOG_FOLDER);
    lines.push(good("Log", format!("{} (level: LOCKSTEP_LOG, 14 days are kept)", logs.display())));
    for account in &all {
        let name = format!("Sign-in of {}", account.draft.name);
        lines.push(match use_case::identify(app, &account.draft.name).await {
            Ok(signed_in) => good(&name, format!("works, as {}", signed_in.user)),
            Err(error) => bad(&name, &error),
        });
    }
    let origins: Vec<_> = all.iter().map(|account| (account.id, account.draft.base_url.clone())).collect();
    let mut places = describe_places(app.data_dir(), Some(app.store().id()), &origins);
    places.push(KeptPlace {
        exists: Some(logs.exists()),
        place: logs.display().to_string(),
        kind: lockstep_store::PlaceKind::Folder,
        what: "Logs of the last fourteen days. No secrets, no ticket texts.".to_owned(),
        stays_after_uninstall: true,
    });
    Ok(Diagnosis { lines, places })
}

fn held(dir: &Path) -> DoctorLine {
    match holder(dir) {
        Some(holder) => {
            let detail = format!(
                "process {} ({}), since {}, by its note {HOLDER_FILE}",
                holder.pid,
                holder.doing,
                utc(holder.since_ms)
            );
            good("Runs on the store now", detail)
        }
        None => good("Runs on the store now", "nobody"),
    }
}
