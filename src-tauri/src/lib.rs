//! The desktop shell: a window over `lockstep-app`. The one place that knows Tauri, and thin: it opens the window, carries
//! commands and events across, serves the practice pair, and keeps automatic sync at work while it is open.

mod again;
mod desktop;
mod ipc;
mod notices;
mod practice;
mod tray;
mod window;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use lockstep_app::commands::{Desk, Told, automatic};
use lockstep_app::{logging, places, settings};
use tauri::{App, AppHandle, Emitter, Manager, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;
use tokio::sync::{Notify, watch};

use crate::desktop::{Closing, Desktop};
use crate::practice::Practice;

/// Below the data folder: what the practice platforms keep.
const PRACTICE_FOLDER: &str = "practice";
/// The program was started by the system when the person logged in.
const AT_LOGIN: &str = "--at-login";
/// Start without the window.
const TRAY: &str = "--tray";
/// Told to a window that wants to close for the first time.
const CLOSING: &str = "closing";

/// Opens the window and returns when the app ends.
pub fn run() {
    let app = tauri::Builder::default()
        // First, so that a second start does nothing else.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| window::show(app, None)))
        .plugin(tauri_plugin_autostart::Builder::new().args([AT_LOGIN]).build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .build(),
        )
        .invoke_handler(tauri::generate_handler![ipc::call])
        .setup(set_up)
        .build(tauri::generate_context!())
        .unwrap_or_else(|error| {
            again::start_again(&error);
            give_up(&error)
        });
    app.run(|app, event| match event {
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. }
            if app.state::<Arc<Closing>>().must_tell() =>
        {
            api.prevent_close();
            if let Err(error) = app.emit_to(window::LABEL, CLOSING, ()) {
                tracing::warn!(%error, "the window was not told");
            }
        }
        // The last window is gone; an order to quit has a code.
        RunEvent::ExitRequested { code: None, api, .. } if app.state::<Arc<Closing>>().lives_on() => {
            api.prevent_exit();
        }
        RunEvent::Exit => wind_up(app),
        _ => {}
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
    let closing = Arc::new(Closing::default());
    app.manage(closing.clone());
    let shell = Arc::new(Desktop { app: app.handle().clone(), closing: closing.clone() });

    let (openings, mut opened) = tokio::sync::mpsc::unbounded_channel();
    let desk = Desk::new(data_dir, practice, shell, move |app| {
        // Nobody waits any more where the app is ending.
        let _ = openings.send(app.clone());
    });
    let board = desk.board();
    app.manage(desk.clone());
    let changed = Arc::new(Notify::new());
    tauri::async_runtime::spawn({
        let (handle, board, changed) = (app.handle().clone(), board.clone(), changed.clone());
        async move {
            board
                .tell(|told| {
                    // A run at work changes no state of its connection; its beginning and end do.
                    if !matches!(&told, Told::Run(run) if run.result.is_none()) {
                        changed.notify_one();
                    }
                    tell(&handle, told);
                })
                .await;
        }
    });
    let tray = tray::put(app.handle());
    closing.tray.store(tray.is_some(), Ordering::Relaxed);
    tauri::async_runtime::spawn({
        let (handle, desk) = (app.handle().clone(), desk.clone());
        async move {
            let notices = notices::Notices::default();
            loop {
                changed.notified().await;
                if let Some(tray) = &tray {
                    tray.refresh(&handle, &desk).await;
                }
                notices.refresh(&handle, &desk).await;
            }
        }
    });
    tauri::async_runtime::spawn(async move {
        if let Some(app) = opened.recv().await {
            let told = settings::read(&app).await.is_ok_and(|settings| settings.close_told);
            closing.told.store(told, Ordering::Relaxed);
            board.lists_changed();
            automatic::keep_watching(app, board, stopped).await;
        }
    });
    open_window(app.handle(), desk)
}

/// Opens the window, unless the app was asked to start in the tray and has one.
fn open_window(app: &AppHandle, desk: Desk) -> Result<(), Box<dyn std::error::Error>> {
    let asked = |wanted: &str| std::env::args().skip(1).any(|argument| argument == wanted);
    let lives_on = app.state::<Arc<Closing>>().lives_on();
    if !lives_on || !(asked(TRAY) || asked(AT_LOGIN)) {
        return Ok(window::open(app, None)?);
    }
    let (app, always) = (app.clone(), asked(TRAY));
    tauri::async_runtime::spawn(async move {
        let stays = match desk.app().await {
            Ok(opened) => {
                always || settings::read(&opened).await.is_ok_and(|settings| settings.start_in_tray)
            }
            // A locked keychain or a damaged store needs a person.
            Err(_) => false,
        };
        if !stays {
            window::show(&app, None);
        }
    });
    Ok(())
}

fn tell(app: &AppHandle, told: Told) {
    let told = match told {
        Told::Run(progress) => app.emit_to(window::LABEL, "run", progress),
        Told::Tested(news) => app.emit_to(window::LABEL, "tested", news),
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
