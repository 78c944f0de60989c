//! What a window needs around it: a display, a session bus with a keychain, tauri-driver, and an empty data folder.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use tempfile::TempDir;

/// Wants the test to fail, not to skip itself, where something is missing.
const REQUIRE: &str = "LOCKSTEP_REQUIRE_WINDOW";

/// All that runs around the window; it goes away with this.
pub struct Stage {
    data: TempDir,
    driver: Group,
    _display: Option<Group>,
    address: String,
}

impl Stage {
    /// Starts everything but the app; `None`, with the reason told, where a program is missing.
    pub async fn set() -> Option<Stage> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let pages = std::fs::read_to_string(root.join("ui/dist/index.html")).unwrap_or_default();
        assert!(pages.contains("assets/"), "the pages are not built: run `make ui`, then build again");
        let driver = found("tauri-driver");
        let (Some(driver), Some(native)) = (driver, found("WebKitWebDriver")) else {
            let reason = "tauri-driver or WebKitWebDriver is missing: `make setup` installs both";
            assert!(std::env::var_os(REQUIRE).is_none_or(|value| value != "1"), "{reason}");
            eprintln!("*** THE WINDOW WAS NOT TESTED: {reason}. ***");
            return None;
        };
        let data = tempfile::tempdir().unwrap();
        let (number, display) = display();
        let (port, native_port) = (free_port(), free_port());
        let mut command = Command::new(root.join(".ci/with-keychain"));
        command
            .arg(driver)
            .args(["--port", &port.to_string(), "--native-port", &native_port.to_string()])
            .arg("--native-driver")
            .arg(native)
            .env("LOCKSTEP_OWN_KEYCHAIN", "1")
            .env("LOCKSTEP_DATA_DIR", data.path())
            .env("DISPLAY", number)
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY")
            // With either of them each picture takes 20 seconds; WebKit draws in software well without.
            .env_remove("WEBKIT_DISABLE_DMABUF_RENDERER")
            .env_remove("WEBKIT_DISABLE_COMPOSITING_MODE");
        let driver = Group::start(&mut command);
        Some(Stage { data, driver, _display: display, address: format!("http://127.0.0.1:{port}") })
    }

    /// Opens the app.
    pub async fn open(&self) -> Client {
        let mut capabilities = Capabilities::new();
        let options = serde_json::json!({ "application": env!("CARGO_BIN_EXE_lockstep-desktop") });
        capabilities.insert("tauri:options".to_owned(), options);
        for _ in 0..240 {
            let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
            match builder.capabilities(capabilities.clone()).connect(&self.address).await {
                Ok(window) => return window,
                // Nobody listens yet.
                Err(error) if format!("{error:?}").contains("ConnectionRefused") => {}
                Err(error) => panic!("the app did not open: {error}"),
            }
            assert!(self.driver.lives(), "tauri-driver ended");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("tauri-driver did not come up at {}", self.address);
    }

    /// What the app logged.
    pub fn log(&self) -> String {
        let Ok(files) = std::fs::read_dir(self.data.path().join("logs")) else { return String::new() };
        files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok()).collect()
    }
}

/// A program with all that it started.
struct Group(Child);

impl Group {
    fn start(command: &mut Command) -> Group {
        Group(command.process_group(0).stdin(Stdio::null()).spawn().expect("the program starts"))
    }

    fn lives(&self) -> bool {
        Path::new(&format!("/proc/{}", self.0.id())).exists()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // `unsafe` is forbidden here, and std signals no groups.
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).stderr(Stdio::null()).status();
        for _ in 0..50 {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

/// The display there is, or one of our own.
fn display() -> (String, Option<Group>) {
    if let Ok(number) = std::env::var("DISPLAY")
        && !number.is_empty()
    {
        return (number, None);
    }
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1440x960x24", "-nolisten", "tcp"]);
    let mut server = Group::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    let output = server.0.stdout.take().expect("its output is piped");
    let mut number = String::new();
    BufReader::new(output).read_line(&mut number).expect("Xvfb tells its number");
    (format!(":{}", number.trim()), Some(server))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port is free")
        .port()
}

/// A program on the path, or where `make setup` and cargo put theirs.
fn found(program: &str) -> Option<PathBuf> {
    let home = std::env::home_dir().unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = [home.join(".cargo/bin"), home.join(".cache/lockstep/tools/bin")];
    std::env::split_paths(&path).chain(own).map(|folder| folder.join(program)).find(|file| file.is_file())
}
