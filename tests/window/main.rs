//! The built app in a real window, driven through WebDriver, as a person works with it: practice is started, the seeded
//! problem of the mapping mended by a button and by drawing a line, the description looked at, the first run previewed and
//! applied; tickets exist on the practice Jira, an edit there comes back, automatic sync goes on, a conflict is decided; the
//! page cannot leave, no port is open but practice's, and a restart finds everything as it was.
//!
//! It brings what it needs: an X server where there is no display, a private session bus with a keychain of its own
//! (`.ci/with-keychain`), an empty data folder. Without tauri-driver or WebKitWebDriver it skips itself and says so,
//! unless `LOCKSTEP_REQUIRE_WINDOW=1`.

#![allow(clippy::unwrap_used, reason = "a test")]

mod platforms;
mod stage;

use std::path::PathBuf;
use std::time::Duration;

use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::{Client, Locator};
use platforms::Platforms;
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

/// The app opens where it was: practice is served again, with the tickets it had, and automatic sync is on.
async fn second_visit(window: Client) {
    see(&window, "//table//*[text()='Running']").await;
    click(&window, "//nav//a[.//span[text()='Links']]").await;
    see(&window, "//*[@role='grid']//*[contains(text(), 'Renamed on both sides, in Jira')] | //*[@role='grid']//*[contains(text(), 'INC')]").await;
    picture(&window, "11-second-visit").await;
    click(&window, "//nav//a[.//span[text()='Sync']]").await;
    press(&window, "Run sync").await;
    see(&window, "//section//header//span[contains(@class, 'pill') and contains(., 'Nothing to do')]").await;
}

async fn first_visit(window: Client) {
    press(&window, "Start practice").await;
    mend_the_mapping(&window).await;
    see_the_description(&window).await;
    let platforms = platforms_of(&window).await;
    let title = preview_and_apply(&window, &platforms).await;
    change_comes_back(&window, &platforms, &title).await;
    conflict_is_decided(&window, &platforms).await;
    automatic_on(&window).await;
    stays_here(&window).await;
}

/// An error is mended by its button, a value without a pair by drawing a line; then the mapping is in use.
async fn mend_the_mapping(window: &Client) {
    see(window, "//a[@aria-current='page' and starts-with(., 'Mapping')]").await;
    click(window, "//*[@role='row' and @aria-level='1']//*[@title='State']").await;
    let mend = see(window, "//button[starts-with(normalize-space(), 'Make ')]").await;
    picture(window, "1-mapping").await;
    mend.click().await.unwrap();
    draw(window, "source 8", "target 10012").await;
    picture(window, "2-line-drawn").await;
    press(window, "Save mapping").await;
    see(window, "//*[contains(normalize-space(), 'In use since') and contains(@class, 'editor-unsaved')]")
        .await;
}

/// Drags from port to port.
async fn draw(window: &Client, from: &str, to: &str) {
    see(window, &format!("//*[name()='rect' and @data-port='{to}']")).await;
    // Both ports come into sight; the pointer is moved to where they are drawn then.
    let found = window
        .execute(
            "const ports = [...arguments].map((name) => document.querySelector(`[data-port=\"${name}\"]`));
             ports[0].scrollIntoView({ block: 'center' });
             return ports.map((port) => port.getBoundingClientRect()).map((box) => [box.x + box.width / 2, box.y + box.height / 2]);",
            vec![from.into(), to.into()],
        )
        .await
        .unwrap();
    let place = |port: usize| {
        let of = |axis: usize| found[port][axis].as_f64().unwrap_or_else(|| panic!("no port at {found}"));
        PointerAction::MoveTo { duration: Some(Duration::from_millis(150)), x: of(0), y: of(1) }
    };
    let drag = MouseActions::new("mouse".to_owned())
        .then(place(0))
        .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
        .then(place(1))
        .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    window.perform_actions(drag).await.unwrap();
    window.release_actions().await.unwrap();
    see(window, "//*[@role='option' and starts-with(@aria-label, 'Canceled') and contains(@aria-label, 'paired with')] | //*[@role='option'][starts-with(normalize-space(), 'Canceled') and not(contains(., 'unpaired'))]").await;
}

async fn see_the_description(window: &Client) {
    click(window, "//ul[@class='tabs']//a[starts-with(., 'Description')]").await;
    let preview = see(window, "//article[starts-with(@aria-label, 'Description of')]").await;
    let text = preview.text().await.unwrap();
    assert!(text.contains("INC") && text.contains("Caller"), "{text}");
    picture(window, "3-description").await;
}

/// The addresses that Accounts shows.
async fn platforms_of(window: &Client) -> Platforms {
    click(window, "//nav//a[.//span[text()='Accounts']]").await;
    let mut addresses = Vec::new();
    for name in ["Practice ServiceNow", "Practice Jira"] {
        let option = format!(
            "//*[@role='option'][contains(., '{name}')]//*[starts-with(text(), 'http://127.0.0.1:')]"
        );
        let address = see(window, &option).await.prop("textContent").await.unwrap().unwrap_or_default();
        addresses.push(address.trim().to_owned());
    }
    picture(window, "4-accounts").await;
    let jira = addresses.pop().unwrap();
    Platforms::at(addresses.pop().unwrap(), jira).await
}

/// Previews the first run, applies exactly that plan; an incident's issue exists. Gives the incident's title.
async fn preview_and_apply(window: &Client, platforms: &Platforms) -> String {
    click(window, "//nav//a[.//span[text()='Sync']]").await;
    click(window, "//label[text()='Preview first']").await;
    press(window, "Run sync").await;
    let apply = "//button[starts-with(normalize-space(), 'Apply ') and not(@aria-disabled)]";
    see(window, apply).await;
    picture(window, "5-plan").await;
    click(window, apply).await;
    confirm(window).await;
    see(window, "//button[starts-with(., 'See run')]").await;
    picture(window, "6-run").await;
    let incident = platforms.incidents().await.into_iter().find(|one| one["state"] == "1").unwrap();
    let title = incident["short_description"].as_str().unwrap().to_owned();
    platforms.issue(&title).await;
    title
}

/// Where the plan is large it asks once more.
async fn confirm(window: &Client) {
    tokio::time::sleep(Duration::from_millis(500)).await;
    let dialog = "//*[@role='alertdialog']//button[starts-with(normalize-space(), 'Apply ')]";
    if let Ok(button) = window.find(Locator::XPath(dialog)).await {
        button.click().await.unwrap();
    }
}

async fn change_comes_back(window: &Client, platforms: &Platforms, title: &str) {
    let issue = platforms.issue(title).await;
    let incident =
        platforms.incidents().await.into_iter().find(|one| one["short_description"] == title).unwrap();
    platforms.rename_issue(issue["id"].as_str().unwrap(), "Renamed in Jira").await;
    settled().await;
    run(window).await;
    assert_eq!(platforms.title(incident["sys_id"].as_str().unwrap()).await, "Renamed in Jira");
    picture(window, "7-change-is-back").await;
}

/// One field changed on both sides waits for a person, whose choice the next run writes.
async fn conflict_is_decided(window: &Client, platforms: &Platforms) {
    let issue = platforms.issue("Renamed in Jira").await;
    let incident = platforms
        .incidents()
        .await
        .into_iter()
        .find(|one| one["short_description"] == "Renamed in Jira")
        .unwrap();
    let id = incident["sys_id"].as_str().unwrap();
    platforms.rename_incident(id, "Renamed on both sides, in ServiceNow").await;
    platforms.rename_issue(issue["id"].as_str().unwrap(), "Renamed on both sides, in Jira").await;
    settled().await;
    run(window).await;
    click(window, "//nav//a[.//span[text()='Conflicts']]").await;
    let choice = see(window, "//input[@type='radio' and contains(@aria-label, 'in Jira')] | //label[contains(., 'in Jira')]//input[@type='radio']").await;
    choice.click().await.unwrap();
    picture(window, "8-conflict").await;
    press(window, "Write chosen values").await;
    see(window, "//*[contains(text(), 'Decided')]").await;
    settled().await;
    run(window).await;
    assert_eq!(platforms.title(id).await, "Renamed on both sides, in Jira");
    picture(window, "9-decided").await;
}

async fn automatic_on(window: &Client) {
    click(window, "//nav//a[.//span[text()='Overview']]").await;
    click(window, "//button[@role='switch' and starts-with(@aria-label, 'Automatic sync of')]").await;
    // Something still waits, so switching on says first what will be written.
    press(window, "Turn on").await;
    see(
        window,
        "//button[@role='switch' and starts-with(@aria-label, 'Automatic sync of') and @aria-checked='true']",
    )
    .await;
    picture(window, "10-automatic").await;
}

/// Past the time that a write of the practice platforms may stay unseen.
async fn settled() {
    tokio::time::sleep(Duration::from_millis(5_000)).await;
}

/// A run from the Sync page, to its end.
async fn run(window: &Client) {
    click(window, "//nav//a[.//span[text()='Sync']]").await;
    let before = ended(window).await;
    press(window, "Run sync").await;
    for _ in 0..240 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if let Ok(apply) = window
            .find(Locator::XPath(
                "//button[starts-with(normalize-space(), 'Apply ') and not(@aria-disabled)]",
            ))
            .await
        {
            apply.click().await.ok();
            confirm(window).await;
        }
        if ended(window).await != before {
            return;
        }
    }
    panic!("the run did not end");
}

/// The run that the card on the Sync page shows as ended.
async fn ended(window: &Client) -> String {
    match window.find(Locator::XPath("//button[starts-with(., 'See run')]")).await {
        Ok(button) => button.text().await.unwrap_or_default(),
        Err(_) => String::new(),
    }
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
