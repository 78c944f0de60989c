//! The built app in a real window, driven through WebDriver: practice is started, a run shows its outcomes, a second run
//! finds nothing to do, the page cannot leave, and a restart finds everything as it was.
//!
//! It brings what it needs: an X server where there is no display, a private session bus with a keychain of its own
//! (`.ci/with-keychain`), an empty data folder. Without tauri-driver or WebKitWebDriver it skips itself and says so,
//! unless `LOCKSTEP_REQUIRE_WINDOW=1`.

#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use std::path::PathBuf;
use std::time::Duration;

use fantoccini::{Client, Locator};
use stage::Stage;

/// A debug build draws in software here, next to other work.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn practice_runs_in_the_window() {
    let Some(stage) = Stage::set().await else { return };
    show(&stage, first_visit).await;
    show(&stage, second_visit).await;
    assert!(!stage.log().contains("a panic"), "{}", stage.log());
}

/// Opens the app, lets `walk` go through it, and closes it; a failure leaves a picture and the app's log.
async fn show<Walk: Future<Output = ()> + Send + 'static>(stage: &Stage, walk: impl Fn(Client) -> Walk) {
    let window = stage.open().await;
    let told = tokio::spawn(walk(window.clone())).await;
    if told.is_err() {
        picture(&window, "where-it-failed").await;
    }
    // An app that ended by itself is the failure told below.
    window.close().await.ok();
    if let Err(failure) = told {
        eprintln!("the app's log:\n{}", stage.log());
        std::panic::resume_unwind(failure.into_panic());
    }
}

/// The app opens where it was: practice is served again, with the tickets it had.
async fn second_visit(window: Client) {
    see(&window, "//table//*[text()='Ready for automatic sync']").await;
    click(&window, "//nav//a[.//span[text()='Sync']]").await;
    press(&window, "Run sync").await;
    see(&window, "//button[starts-with(., 'See run 3')]").await;
    see(&window, "//section//header//span[contains(@class, 'pill') and contains(., 'Nothing to do')]").await;
    picture(&window, "second-visit").await;
}

async fn first_visit(window: Client) {
    press(&window, "Start practice").await;
    see(&window, "//h1[text()='Overview']").await;
    see(&window, "//table//a[text()='Incidents']").await;
    picture(&window, "overview").await;

    click(&window, "//nav//a[.//span[text()='Sync']]").await;
    see(&window, "//h1[text()='Sync']").await;
    press(&window, "Run sync").await;
    see(&window, "//button[starts-with(., 'See run')]").await;
    picture(&window, "sync").await;
    let created = count(&window, "created").await;
    assert!(created > 0, "the first run creates tickets");

    press(&window, "See run 1").await;
    see(&window, "//h1[text()='Run 1']").await;
    let outcomes = window.find_all(Locator::Css("[role=option]")).await.unwrap();
    assert!(outcomes.len() as u64 >= created, "each ticket has its outcome: {} of {created}", outcomes.len());
    picture(&window, "run").await;

    click(&window, "//button[@aria-label='Back to Sync']").await;
    press(&window, "Run sync").await;
    see(&window, "//button[starts-with(., 'See run 2')]").await;
    picture(&window, "second-run").await;
    see(&window, "//section//header//span[contains(@class, 'pill') and contains(., 'Nothing to do')]").await;

    stays_here(&window).await;
}

/// Threats T1 to T3 of reliability.md, as far as a page can try: no global Tauri, no other host, no new window.
async fn stays_here(window: &Client) {
    let home = window.current_url().await.unwrap();
    let tried = window
        .execute_async(
            "const done = arguments[arguments.length - 1];
             const opened = window.open('https://example.com/');
             window.location.assign('https://example.com/');
             fetch('https://example.com/').then(() => 'answered', () => 'refused').then((fetched) =>
               setTimeout(() => done([opened === null, fetched, typeof window.__TAURI__]), 500));",
            Vec::new(),
        )
        .await
        .unwrap();
    assert_eq!(tried, serde_json::json!([true, "refused", "undefined"]));
    assert_eq!(window.current_url().await.unwrap(), home);
    assert_eq!(window.windows().await.unwrap().len(), 1);
}

/// A number of the run's card: `24` of `24 created`.
async fn count(window: &Client, word: &str) -> u64 {
    let at = format!("//ul[@aria-label='Counts']/li[contains(., '{word}')]/strong");
    let text = see(window, &at).await.text().await.unwrap();
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

async fn see(window: &Client, xpath: &str) -> fantoccini::elements::Element {
    let waited = window.wait().at_most(PATIENCE).for_element(Locator::XPath(xpath)).await;
    waited.unwrap_or_else(|error| panic!("{xpath} did not appear: {error}"))
}

async fn click(window: &Client, xpath: &str) {
    see(window, xpath).await.click().await.unwrap();
}

/// Presses a button by its name, once it can be pressed.
async fn press(window: &Client, name: &str) {
    click(window, &format!("//button[normalize-space()='{name}' and not(@aria-disabled)]")).await;
}

/// Keeps a picture below the target folder, for people to look at.
async fn picture(window: &Client, name: &str) {
    // The document is ahead of what is drawn; transitions take 200 ms at most.
    tokio::time::sleep(Duration::from_millis(600)).await;
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    std::fs::create_dir_all(&folder).unwrap();
    let bytes = window.screenshot().await.unwrap();
    std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
}
