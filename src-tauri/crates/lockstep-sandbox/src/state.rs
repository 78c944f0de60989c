//! Keeping a practice platform across restarts: tickets, port and sign-in in one JSON file, replaced in one step.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::practice::Practice;
use crate::server::{self, Running};

/// How often a changed state is written, at most.
const SAVE_EVERY_MS: u64 = 3_000;
/// The pause after a save is so many times as long as the save, for a large state holds up the requests meanwhile.
const PAUSE_PER_SAVE: u32 = 20;
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    platform: String,
    port: u16,
    skew_ms: i64,
    state: serde_json::Value,
}

/// The file that a platform of this name is kept in.
pub fn file_of(directory: &Path, platform: &str) -> PathBuf {
    directory.join(format!("{platform}.json"))
}

/// Writes the state, first beside the old file, then over it.
pub fn save(practice: &Mutex<Practice>, directory: &Path, port: u16) -> io::Result<()> {
    let kept = {
        let practice = server::lock(practice);
        Kept {
            format: FORMAT,
            platform: practice.platform.name().to_owned(),
            port,
            skew_ms: practice.skew_ms,
            state: practice.platform.save(),
        }
    };
    fs::create_dir_all(directory)?;
    let path = file_of(directory, &kept.platform);
    let fresh = path.with_extension("json.new");
    let mut file = io::BufWriter::new(fs::File::create(&fresh)?);
    serde_json::to_writer(&mut file, &kept)?;
    file.flush()?;
    file.get_ref().sync_all()?;
    fs::rename(&fresh, &path)
}

/// Takes back what [`save`] wrote, if there is such a file, and returns the port it was served on.
pub fn load(practice: &Mutex<Practice>, directory: &Path) -> io::Result<Option<u16>> {
    let mut practice = server::lock(practice);
    let path = file_of(directory, practice.platform.name());
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let unreadable = |reason: String| {
        io::Error::new(io::ErrorKind::InvalidData, format!("cannot use {}: {reason}", path.display()))
    };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
    if kept.format != FORMAT || kept.platform != practice.platform.name() {
        return Err(unreadable(format!("it is format {} of {}", kept.format, kept.platform)));
    }
    practice.platform.load(&kept.state).map_err(unreadable)?;
    practice.skew_ms = kept.skew_ms;
    Ok(Some(kept.port))
}

/// A served platform whose state is kept.
#[derive(Debug)]
pub struct Keeping {
    /// The server.
    pub running: Running,
    practice: Arc<Mutex<Practice>>,
    directory: PathBuf,
    stop: watch::Sender<bool>,
    saver: JoinHandle<()>,
}

impl Keeping {
    /// Stops the server, then writes the state once more.
    pub async fn shutdown(self) -> io::Result<()> {
        let port = self.running.port;
        // A failed send means that the saver has already ended.
        let _ = self.stop.send(true);
        if let Err(error) = self.saver.await {
            tracing::warn!(%error, "the state saver did not end well");
        }
        self.running.shutdown().await;
        save_elsewhere(self.practice, self.directory, port).await
    }
}

/// Loads the state kept in `directory`, serves on the same port as last time (on `port` the first time, or on any free
/// one when the old port is taken), and writes the state every few seconds while it changes.
pub async fn serve_kept(
    practice: Arc<Mutex<Practice>>,
    directory: PathBuf,
    port: u16,
) -> io::Result<Keeping> {
    let last = load(&practice, &directory)?;
    let wanted = if port == 0 { last.unwrap_or(0) } else { port };
    let running = match server::serve(Arc::clone(&practice), wanted).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 => {
            server::serve(Arc::clone(&practice), 0).await?
        }
        served => served?,
    };
    save_elsewhere(Arc::clone(&practice), directory.clone(), running.port).await?;
    let (stop, stopped) = watch::channel(false);
    let saver = tokio::spawn(keep_saving(Arc::clone(&practice), directory.clone(), running.port, stopped));
    Ok(Keeping { running, practice, directory, stop, saver })
}

async fn keep_saving(
    practice: Arc<Mutex<Practice>>,
    directory: PathBuf,
    port: u16,
    mut stopped: watch::Receiver<bool>,
) {
    let mut saved = server::lock(&practice).revision;
    let mut pause = Duration::from_millis(SAVE_EVERY_MS);
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopped.changed() => return,
        }
        let revision = server::lock(&practice).revision;
        if revision == saved {
            continue;
        }
        let started = tokio::time::Instant::now();
        match save_elsewhere(Arc::clone(&practice), directory.clone(), port).await {
            Ok(()) => saved = revision,
            Err(error) => tracing::warn!(%error, "cannot keep the practice platform's state"),
        }
        pause = Duration::from_millis(SAVE_EVERY_MS).max(started.elapsed() * PAUSE_PER_SAVE);
    }
}

async fn save_elsewhere(practice: Arc<Mutex<Practice>>, directory: PathBuf, port: u16) -> io::Result<()> {
    let saved = tokio::task::spawn_blocking(move || save(&practice, &directory, port)).await;
    saved.unwrap_or_else(|error| Err(io::Error::other(error)))
}
