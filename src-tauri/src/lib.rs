//! The desktop shell: a window over `lockstep-app`. The one place that knows Tauri, and thin: it opens the window, carries
//! commands and events across, serves the practice pair, and keeps automatic sync at work while it is open.

mod ipc;
mod practice;
mod window;

use std::sync::Arc;

use lockstep_app::commands::{Desk, Told, automatic};
use lockstep_app::{logging, places};
use tauri::{App, AppHandle, Emitter, Manager, RunEvent};
use tokio::sync::watch;

use crate::practice::Practice;

/// Below the data folder: what the practice platforms keep.
const PRACTICE_FOLDER: &str = "practice";

/// Opens the window and returns when the app ends.
pub fn run() {
    let app = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![ipc::call])
        .setup(set_up)
        .build(tauri::generate_context!())
        .unwrap_or_else(|error| give_up(&error));
    app.run(|app, event| {
        if matches!(event, RunEvent::Exit) {
            wind_up(app);
        }
    });
}

/// Before there is a window, the terminal is the only place to say it.
fn give_up(error: &dyn std::error::Error) -> ! {
    eprintln!("Lockstep cannot start: {error}");
    std::process::exit(1);
}

/// What must be stopped when the app ends.
struct Ending {
    practice: Arc<Practice>,
    stop: watch::Sender<bool>,
}

fn set_up(app: &mut App) -> Result<(), Box<dyn std::error::Error>> {
    let data_dir = places::data_dir(None)?;
    if let Some(log) = logging::start(&data_dir) {
        app.manage(log);
        log_panics();
    }
    let practice = Arc::new(Practice::new(data_dir.join(PRACTICE_FOLDER)));
    let (stop, stopped) = watch::channel(false);
    app.manage(Ending { practice: practice.clone(), stop });

    let (openings, mut opened) = tokio::sync::mpsc::unbounded_channel();
    let desk = Desk::new(data_dir, practice, move |app| {
        // Nobody waits any more where the app is ending.
        let _ = openings.send(app.clone());
    });
    let board = desk.board();
    app.manage(desk);
    tauri::async_runtime::spawn({
        let (handle, board) = (app.handle().clone(), board.clone());
        async move { board.tell(|told| tell(&handle, told)).await }
    });
    tauri::async_runtime::spawn(async move {
        if let Some(app) = opened.recv().await {
            automatic::keep_watching(app, board, stopped).await;
        }
    });
    window::open(app.handle())?;
    Ok(())
}

fn tell(app: &AppHandle, told: Told) {
    let told = match told {
        Told::Run(progress) => app.emit_to(window::LABEL, "run", progress),
        Told::Changed => app.emit_to(window::LABEL, "changed", ()),
    };
    if let Err(error) = told {
        tracing::warn!(%error, "the window was not told");
    }
}

/// A panic leaves its place and sentence in the log; secrets print as dots wherever they turn up.
fn log_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(%panic, "a panic");
        usual(panic);
    }));
}

/// Lets runs end after the operation in flight, and keeps what the practice platforms hold.
fn wind_up(app: &AppHandle) {
    let ending = app.state::<Ending>();
    // A failed send means that nothing listens any more.
    let _ = ending.stop.send(true);
    tauri::async_runtime::block_on(ending.practice.stop());
}
