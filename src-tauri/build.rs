//! Compiles Tauri's configuration and access list, from folders that lie beside this file instead of in the root.
//! The app manifest puts our own command under the access list: without it any page of the app could call it.

use std::{env, fs, path::Path};

use tauri_build::{AppManifest, Attributes};

const CAPABILITIES: &str = "./src-tauri/capabilities/*.json";
const PERMISSIONS: &str = "./src-tauri/permissions/*.toml";
const PAGES: &str = "ui/dist";
const STAND_IN_MARK: &str = "lockstep-pages-not-built";

fn main() {
    for watched in ["src-tauri/capabilities", "src-tauri/permissions", PAGES] {
        println!("cargo:rerun-if-changed={watched}");
    }
    stand_in_for_missing_pages();
    let manifest = AppManifest::new().permissions_path_pattern(PERMISSIONS);
    let attributes = Attributes::new().capabilities_path_pattern(CAPABILITIES).app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        eprintln!("{error:#}");
        std::process::exit(1);
    }
}

/// A fresh clone has no `ui/dist`, and Tauri's macro refuses to compile without it, so that not even `cargo check` would pass.
/// A page that says so stands in; a release never carries it.
fn stand_in_for_missing_pages() {
    let index = Path::new(PAGES).join("index.html");
    let stands_in = match fs::read_to_string(&index) {
        Ok(page) => page.contains(STAND_IN_MARK),
        Err(_) => true,
    };
    if !stands_in {
        return;
    }
    let remedy = "the pages are not built: run `make ui`, then build again";
    assert!(env::var("PROFILE").as_deref() != Ok("release"), "{remedy}");
    println!("cargo:warning={remedy}");
    if index.exists() {
        return;
    }
    let page = format!(
        "<!doctype html><html lang=\"en\" id=\"{STAND_IN_MARK}\"><title>Lockstep</title>\
         <p>The pages are not built. Run <code>make ui</code>, then build again.</p></html>\n"
    );
    fs::create_dir_all(PAGES).expect("ui/ can be written to");
    fs::write(index, page).expect("ui/dist can be written to");
}
