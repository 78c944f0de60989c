//! The log: one file a day in the data folder, the last fourteen kept. Secrets have no way into it: their type prints
//! as dots, and the HTTP layer masks what it logs.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

use crate::places::LOG_FOLDER;

/// Names the level: `error`, `warn`, `info`, `debug`, or a filter of tracing's.
pub const LEVEL_VARIABLE: &str = "LOCKSTEP_LOG";
/// Days kept.
const FILES_MAX: usize = 14;

/// Logs are written as long as this lives.
#[must_use = "dropping it ends the log"]
pub struct Logging {
    _guard: WorkerGuard,
}

/// Starts the log of this process; `None` where the folder cannot be written, or where a log has been started before.
pub fn start(data_dir: &Path) -> Option<Logging> {
    let folder = data_dir.join(LOG_FOLDER);
    make_private(&folder).ok()?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("lockstep")
        .filename_suffix("log")
        .max_log_files(FILES_MAX)
        .build(folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(files);
    let wanted = std::env::var(LEVEL_VARIABLE).unwrap_or_default();
    // A filter that cannot be read falls back to the usual one: the log is no place to fail over.
    let filter = EnvFilter::try_new(wanted.trim()).ok().filter(|_| !wanted.trim().is_empty());
    let filter = filter.unwrap_or_else(|| {
        EnvFilter::new("info,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,zbus=warn")
    });
    let started =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).try_init();
    started.ok().map(|()| Logging { _guard: guard })
}

/// Makes the folder, and the data folder around it where it is missing, for their owner alone: a log names tickets.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700);
        if folder.is_dir() {
            return std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
        }
    }
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn t8_the_log_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let data = dir.path().join("data");
        let logs = data.join(LOG_FOLDER);
        make_private(&logs).unwrap();
        assert_eq!((mode(&data), mode(&logs)), (0o700, 0o700));
        std::fs::set_permissions(&logs, std::fs::Permissions::from_mode(0o755)).unwrap();
        make_private(&logs).unwrap();
        assert_eq!(mode(&logs), 0o700, "an older one is mended");
    }

    #[test]
    fn the_log_lies_in_the_data_folder() {
        let dir = tempfile::tempdir().unwrap();
        let log = start(dir.path());
        assert!(log.is_some());
        tracing::warn!("something to keep");
        drop(log);
        let files: Vec<_> = std::fs::read_dir(dir.path().join(LOG_FOLDER)).unwrap().collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
        assert!(text.contains("something to keep") && !text.contains('\u{1b}'));
        assert!(start(dir.path()).is_none(), "one log a process");
    }
}
