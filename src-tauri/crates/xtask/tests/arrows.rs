//! The dependency rule: `{shell, cli} → app → {connectors, store} → core`, the sandbox alone, and who may know which library.
//! Normal and build dependencies count; what tests use does not, nor what only the feature `testing` switches on, which in
//! turn none but a test may ask for. xtask is a chore and may use everything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Each crate of ours, and which others of ours it may name. A new arrow is a line changed here, and a reason in the commit.
const ARROWS: [(&str, &[&str]); 8] = [
    ("lockstep", &["lockstep-app", "lockstep-sandbox"]),
    ("lockstep-cli", &["lockstep-app", "lockstep-sandbox"]),
    ("lockstep-devserver", &["lockstep-app", "lockstep-sandbox"]),
    ("lockstep-app", &["lockstep-connectors", "lockstep-core", "lockstep-store"]),
    ("lockstep-connectors", &["lockstep-core"]),
    ("lockstep-store", &["lockstep-core"]),
    ("lockstep-core", &[]),
    ("lockstep-sandbox", &[]),
];

/// Libraries with one owner: no other crate of ours names them.
const OWNERS: [(&str, &str); 4] = [
    ("tauri", "lockstep"),
    ("rusqlite", "lockstep-store"),
    ("keyring", "lockstep-store"),
    ("reqwest", "lockstep-connectors"),
];

/// What would let I/O, a clock or chance into the core, however far down.
const NOT_IN_CORE: [&str; 12] = [
    "fastrand",
    "getrandom",
    "hyper",
    "keyring",
    "rand",
    "rand_core",
    "reqwest",
    "rusqlite",
    "socket2",
    "tauri",
    "tokio",
    "zbus",
];

#[test]
fn arrows_between_our_crates_point_one_way() {
    let allowed = BTreeMap::from(ARROWS);
    let members = members();
    let ours: BTreeSet<&str> = members.keys().map(String::as_str).collect();
    let known: BTreeSet<&str> = allowed.keys().copied().chain(["xtask"]).collect();
    assert_eq!(ours, known, "a crate came or went: say in ARROWS what it may depend on");
    let mut forbidden = Vec::new();
    for (from, dependencies) in &members {
        let Some(allowed) = allowed.get(from.as_str()) else { continue };
        for to in dependencies.iter().map(String::as_str).filter(|to| ours.contains(to)) {
            if !allowed.contains(&to) {
                forbidden.push(format!("{from} → {to}"));
            }
        }
    }
    assert!(forbidden.is_empty(), "forbidden arrows: {forbidden:#?}");
}

#[test]
fn each_owned_library_is_named_by_its_owner_alone() {
    let members = members();
    for (library, owner) in OWNERS {
        let namers: Vec<&str> = members
            .iter()
            .filter(|(name, dependencies)| *name != "xtask" && dependencies.contains(library))
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(
            namers.iter().all(|namer| *namer == owner),
            "{library} belongs to {owner}; named by {namers:?}"
        );
    }
}

#[test]
fn core_does_no_io_and_knows_neither_time_nor_chance() {
    let reached = reached_from("lockstep-core");
    let forbidden: Vec<&str> = NOT_IN_CORE.into_iter().filter(|name| reached.contains(*name)).collect();
    assert!(
        forbidden.is_empty(),
        "lockstep-core reaches {forbidden:?}; `cargo tree -p lockstep-core -i <name>` shows how"
    );
}

#[test]
fn the_testing_feature_is_asked_for_by_tests_alone() {
    for package in packages() {
        for dependency in product_dependencies(&package) {
            let features = dependency["features"].as_array().expect("a dependency lists its features");
            let ours = text(&dependency["name"]).starts_with("lockstep");
            assert!(
                !(ours && features.contains(&Value::from("testing"))),
                "{} puts {} with `testing` into the product",
                package["name"],
                dependency["name"],
            );
        }
        let default = package["features"]["default"].as_array();
        assert!(!default.is_some_and(|names| names.contains(&Value::from("testing"))), "{}", package["name"]);
    }
}

#[test]
fn nothing_but_the_shell_reaches_tauri() {
    for (name, _) in ARROWS.into_iter().filter(|(name, _)| *name != "lockstep") {
        let reached = reached_from(name);
        let forbidden: Vec<&String> =
            reached.iter().filter(|name| ["tauri", "wry", "tao", "gtk"].contains(&name.as_str())).collect();
        assert!(forbidden.is_empty(), "{name} reaches {forbidden:?}");
    }
}

/// The crates of the workspace, each with the names of its normal and build dependencies.
fn members() -> BTreeMap<String, BTreeSet<String>> {
    packages().iter().map(|package| (text(&package["name"]), named_by(package))).collect()
}

fn packages() -> Vec<Value> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"]))
        .expect("cargo metadata prints JSON");
    metadata["packages"].as_array().expect("metadata lists packages").clone()
}

fn named_by(package: &Value) -> BTreeSet<String> {
    product_dependencies(package)
        .map(|dependency| text(&dependency["name"]))
        .filter(|name| !is_for_testing_only(package, name))
        .collect()
}

fn product_dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    let dependencies = package["dependencies"].as_array().expect("a package lists its dependencies");
    dependencies.iter().filter(|dependency| dependency["kind"] != "dev")
}

/// Whether `testing` is the one feature that switches the dependency on. A dependency that is not optional has none.
fn is_for_testing_only(package: &Value, dependency: &str) -> bool {
    let switch = Value::from(format!("dep:{dependency}"));
    let features = package["features"].as_object().expect("a package lists its features");
    let mut switched_on_by = features
        .iter()
        .filter(|(_, wants)| wants.as_array().is_some_and(|wants| wants.contains(&switch)))
        .map(|(feature, _)| feature)
        .peekable();
    switched_on_by.peek().is_some() && switched_on_by.all(|feature| feature == "testing")
}

/// Every crate below `package`, on all systems, with the features it has when built by itself: `cargo metadata` would
/// answer with the features of the whole workspace, where the shell switches on much that the core never asked for.
fn reached_from(package: &str) -> BTreeSet<String> {
    let tree = cargo(&[
        "tree",
        "--package",
        package,
        "--edges",
        "normal",
        "--target",
        "all",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.."))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a name is a string").to_owned()
}
