//! What the commands work on: the application once its store opens, the runs at work, the host of the practice pair.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use lockstep_connectors::http::SystemClock;
use lockstep_store::{Entry, Keychain, StoreErrorKind};
use tokio::sync::Mutex;

use super::keeping::Chosen;
use super::practice::{self, PracticeHost};
use super::progress::Board;
use super::shell::Shell;
use crate::api_error::ApiError;
use crate::app::App;
use crate::views::{KeychainState, Trouble, TroubleKind};

/// What this process is, for a second one that finds the store taken.
const DOING: &str = "the window of Lockstep";

/// A handle; clones share everything. Nothing is opened before the first command: a locked keychain is a screen.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    data_dir: PathBuf,
    keychain: Keychain,
    practice: Arc<dyn PracticeHost>,
    shell: Arc<dyn Shell>,
    board: Arc<Board>,
    app: Mutex<Option<App>>,
    chosen: std::sync::Mutex<Option<Chosen>>,
    opened: Box<dyn Fn(&App) + Send + Sync>,
}

impl Desk {
    /// A desk over a data folder and the system's keychain; `opened` is told once, when the store has opened.
    pub fn new(
        data_dir: PathBuf,
        practice: Arc<dyn PracticeHost>,
        shell: Arc<dyn Shell>,
        opened: impl Fn(&App) + Send + Sync + 'static,
    ) -> Desk {
        let board = Arc::new(Board::new(Arc::new(SystemClock)));
        let app = Mutex::new(None);
        let keychain = Keychain::system();
        let (chosen, opened) = (std::sync::Mutex::default(), Box::new(opened));
        let inner = Inner { data_dir, keychain, practice, shell, board, app, chosen, opened };
        Desk { inner: Arc::new(inner) }
    }

    /// The runs at work, as they are told to the window.
    pub fn board(&self) -> Arc<Board> {
        Arc::clone(&self.inner.board)
    }

    /// Who serves the practice pair.
    pub(super) fn practice(&self) -> &Arc<dyn PracticeHost> {
        &self.inner.practice
    }

    /// The desktop around the window.
    pub(super) fn shell(&self) -> &Arc<dyn Shell> {
        &self.inner.shell
    }

    /// The application; opens the store if it is not open yet, and tries anew after each failure.
    pub async fn app(&self) -> Result<App, ApiError> {
        let mut slot = self.inner.app.lock().await;
        if let Some(app) = &*slot {
            return Ok(app.clone());
        }
        let (data_dir, keychain) = (self.inner.data_dir.clone(), self.inner.keychain.clone());
        let opening = tokio::task::spawn_blocking(move || App::open(&data_dir, keychain, DOING));
        let app = opening.await.map_err(|_| ApiError::new("store", "opening the store broke off"))??;
        practice::resume(&app, self.inner.practice.as_ref()).await;
        (self.inner.opened)(&app);
        *slot = Some(app.clone());
        Ok(app)
    }

    /// The configuration file that a person chose last.
    pub(super) fn chosen(&self) -> Result<Chosen, ApiError> {
        let chosen = self.inner.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        chosen.ok_or_else(|| {
            ApiError::new("invalid", "no configuration file is chosen any more")
                .hint("Choose the file again.")
        })
    }

    pub(super) fn choose(&self, chosen: Option<Chosen>) {
        *self.inner.chosen.lock().unwrap_or_else(PoisonError::into_inner) = chosen;
    }

    /// Which screen an error of [`Desk::app`] gets.
    pub(super) async fn trouble(&self, error: ApiError) -> Trouble {
        let kind = if error.code == "keychain" { self.keychain_trouble().await } else { TroubleKind::Store };
        Trouble { kind, error }
    }

    async fn keychain_trouble(&self) -> TroubleKind {
        match self.keychain_state().await {
            KeychainState::Absent => TroubleKind::KeychainAbsent,
            _ => TroubleKind::KeychainLocked,
        }
    }

    /// Whether the keychain answers now. It is asked for an entry that nobody makes.
    pub(super) async fn keychain_state(&self) -> KeychainState {
        let keychain = self.inner.keychain.clone();
        let asking = tokio::task::spawn_blocking(move || {
            keychain.get(&Entry::Proof { store: "window".to_owned() }).err().map(|error| error.kind)
        });
        match asking.await {
            Ok(None | Some(StoreErrorKind::KeychainMissing)) => KeychainState::Ready,
            Ok(Some(StoreErrorKind::KeychainAbsent)) => KeychainState::Absent,
            _ => KeychainState::Locked,
        }
    }
}
