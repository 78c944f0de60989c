// Takes pictures of the pages over made-up data, light and dark, at the usual, the smallest and a large window; the README's come from here.
//   npm run pictures [-- FOLDER]      wants Chromium: CHROMIUM, or chromium on the path
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const folder = process.argv[2] ?? "pictures";
const built = join(import.meta.dirname, "../node_modules/.memory");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
// The window's own policy, so that a picture shows what the window would refuse; the made-up data needs no IPC.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'none'; base-uri 'none'; form-action 'none'";
const NOW = new Date(2026, 4, 12, 14, 5, 22);

const SHOTS = [
  ["welcome", "empty", "#/overview"],
  ["welcome-no-keychain", "absent", "#/overview"],
  ["locked", "locked", "#/overview"],
  ["overview", "full", "#/overview"],
  ["overview-menu", "full", "#/overview", rowMenu],
  ["overview-new", "full", "#/overview?new"],
  ["overview-steps", "empty", "#/overview", connecting],
  ["overview-calm", "calm", "#/overview"],
  ["overview-error", "broken", "#/overview"],
  ["sync", "full", "#/sync"],
  ["sync-first", "practice", "#/sync", practised],
  ["sync-before", "practice", "#/sync"],
  ["sync-to-plan", "calm", "#/sync?connection=1", previewed],
  ["plan", "calm", "#/plan/40", opened],
  ["plan-stale", "calm", "#/plan/38"],
  ["plan-partly", "calm", "#/plan/37"],
  ["plan-empty", "calm", "#/plan/39"],
  ["plan-gone", "calm", "#/plan/7"],
  ["plan-asks", "calm", "#/plan/36", asked],
  ["plan-first", "practice", "#/sync", firstRun],
  ["plan-customer", "calm", "#/plan/40", onlyCustomer],
  ["run", "full", "#/run/2416"],
  ["run-failed", "full", "#/run/2385"],
  ["run-nothing", "full", "#/run/2415"],
  ["conflicts", "full", "#/conflicts"],
  ["conflicts-chosen", "full", "#/conflicts", decided],
  ["conflicts-empty", "calm", "#/conflicts"],
  ["quarantine", "full", "#/quarantine", explained],
  ["quarantine-empty", "calm", "#/quarantine"],
  ["links", "full", "#/links"],
  ["links-large", "full", "#/links", largeLinks],
  ["links-unlink", "full", "#/links", unlinking],
  ["links-linking", "full", "#/links", linking],
  ["links-empty", "calm", "#/links"],
  ["accounts", "full", "#/accounts", tested],
  ["accounts-form", "full", "#/accounts", filledIn],
  ["accounts-change", "full", "#/accounts", changed],
  ["accounts-empty", "practice", "#/accounts"],
  ["settings", "full", "#/settings"],
  ["settings-import", "full", "#/settings", imported],
  ["settings-backup", "full", "#/settings", toBackup],
  ["settings-large", "full", "#/settings", large],
  ["overview-large", "full", "#/overview", largeOverview],
  ["accounts-large", "full", "#/accounts", largeForm],
  ["go-to-large", "full", "#/overview", largeFound],
  ["conflicts-large", "full", "#/conflicts", largeConflicts],
  ["go-to", "full", "#/overview", found],
  ["keys", "full", "#/conflicts", sheet],
  ["description", "build", "#/connection/1/description", lit],
  ["setup", "build", "#/connection/1/setup"],
  ["setup-comments", "build", "#/connection/1/setup", toComments],
  ["setup-asks", "build", "#/connection/1/setup", warned],
  ["templates", "build", "#/connection/1/templates", judged],
  ["templates-open", "build", "#/connection/1/templates", openedTemplate],
  ["connection-before", "full", "#/connection/6/status"],
  ["connection-delete", "full", "#/connection/1/status", deleting],
  ["setup-type", "build", "#/connection/1/setup", addedType],
  ["connection-status", "full", "#/connection/1/status"],
  ["mapping", "full", "#/connection/1/mapping", openedMap],
  ["mapping-selected", "full", "#/connection/1/mapping", selectedPair],
  ["mapping-pairing", "full", "#/connection/1/mapping", pairing],
  ["mapping-table", "full", "#/connection/1/mapping", table],
  ["mapping-settings", "full", "#/connection/1/mapping", rowSettings],
  ["mapping-try", "full", "#/connection/1/mapping", triedOn],
  ["mapping-drawer", "full", "#/connection/1/mapping", drawer],
];
const SIZES = [["", 1280, 820], ["-small", 960, 640], ["-wide", 1920, 1080]];

async function practised(page) {
  await page.getByRole("button", { name: "Run sync" }).click();
  await page.getByRole("button", { name: /^See run/ }).waitFor();
}

async function previewed(page) {
  await page.getByRole("checkbox", { name: "Preview first" }).check();
  await page.getByRole("button", { name: "Run sync" }).click();
  await page.getByRole("button", { name: /^Apply/ }).waitFor();
}

async function decided(page) {
  const radios = page.getByRole("table", { name: "Fields in conflict" });
  await radios.getByRole("radio", { name: /ServiceNow: Laptop and dock/ }).check();
  await radios.getByRole("radio", { name: /Jira: 19 May/ }).check();
}

async function explained(page) {
  await page.getByRole("button", { name: "Explain this ticket" }).click();
  await page.getByRole("region", { name: /^Explanation/ }).waitFor();
}

async function linking(page) {
  await page.getByRole("button", { name: "Link tickets…" }).click();
  await page.getByRole("textbox", { name: /^ServiceNow ticket/ }).fill("INC0077001");
  await page.getByRole("textbox", { name: /^Jira ticket/ }).fill("CSD-7001");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("radio", { name: "Make target like source" }).check();
  await page.getByText("Status: In Progress → On Hold").waitFor();
}

async function unlinking(page) {
  await page.getByRole("button", { name: "Unlink…" }).click();
  await page.getByRole("dialog").waitFor();
}

async function tested(page) {
  await page.getByRole("option", { name: /Dunmarrow Water/ }).click();
  await page.getByRole("button", { name: "Test" }).click();
  await page.getByText("Files can be read").waitFor();
}

async function filledIn(page) {
  await page.getByRole("button", { name: "Add account" }).click();
  await page.getByRole("button", { name: /^ServiceNow/ }).click();
  await page.getByLabel("Address").fill("https://corvane.example/now/nav");
  await page.getByRole("button", { name: "Add account" }).click();
}

async function changed(page) {
  await page.getByRole("option", { name: /Dunmarrow Water/ }).click();
  await page.getByRole("button", { name: "Change…" }).click();
  await page.getByText("Advanced").click();
}

async function rowMenu(page) {
  await page.getByRole("button", { name: "More for Dunmarrow incidents" }).click();
  await page.getByRole("menu").waitFor();
}

async function connecting(page) {
  await page.getByRole("button", { name: "Connect platforms" }).click();
  await page.getByRole("navigation", { name: /^Connecting/ }).waitFor();
}

async function imported(page) {
  await page.getByRole("button", { name: "Import…" }).click();
  await page.getByRole("dialog").waitFor();
}

async function toBackup(page) {
  await page.getByRole("heading", { name: "Backup" }).scrollIntoViewIfNeeded();
}

async function deleting(page) {
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("dialog").waitFor();
}

async function addedType(page) {
  await page.getByRole("button", { name: "Add ticket type…" }).click();
  await page.getByRole("dialog").waitFor();
}

async function large(page) {
  await page.getByLabel("Text size").selectOption("150");
}

async function largeConflicts(page) {
  await page.keyboard.press("Control+,");
  await large(page);
  await page.keyboard.press("Control+3");
  await page.getByRole("table").waitFor();
}

async function largeOverview(page) {
  await page.keyboard.press("Control+,");
  await large(page);
  await page.keyboard.press("Control+1");
  await page.getByRole("table").first().waitFor();
}

async function largeForm(page) {
  await page.keyboard.press("Control+,");
  await large(page);
  await page.getByRole("link", { name: "Accounts" }).click();
  await filledIn(page);
}

async function largeLinks(page) {
  await page.keyboard.press("Control+,");
  await large(page);
  await page.keyboard.press("Control+5");
  await page.getByRole("grid").focus();
  await page.keyboard.press("End");
  await page.getByRole("heading", { name: /^INC0047063/ }).waitFor();
}

async function largeFound(page) {
  await largeOverview(page);
  await found(page);
}

async function found(page) {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("inc0048213");
  await page.getByRole("combobox").fill("dun");
}

async function sheet(page) {
  await page.getByRole("table").waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
}

async function opened(page) {
  await page.getByText("Pump telemetry late at North weir").click();
  await page.keyboard.press("ArrowRight");
  await page.getByText("Invoice print queue stuck").click();
  await page.keyboard.press("ArrowRight");
}

async function asked(page) {
  await page.getByRole("button", { name: /^Apply \d+ changes/ }).click();
  await page.getByRole("alertdialog").waitFor();
}

async function firstRun(page) {
  await page.getByRole("checkbox", { name: "Preview first" }).check();
  await page.getByRole("button", { name: "Run sync" }).click();
  await page.getByRole("region", { name: "First run, step by step" }).waitFor();
}

async function onlyCustomer(page) {
  await page.getByRole("treegrid").focus();
  await page.keyboard.press("c");
  await page.keyboard.press("e");
}

async function lit(page) {
  await page.getByRole("textbox", { name: "Label of line 3" }).focus();
  await page.getByRole("article", { name: /^Description of/ }).waitFor();
}

async function judged(page) {
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await page.getByRole("table", { name: "Template of each ticket" }).waitFor();
}

async function openedTemplate(page) {
  await page.getByRole("combobox", { name: "ServiceNow ticket" }).selectOption("INC0048201");
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await page.getByRole("button", { name: "Edit Network outage" }).click();
}

async function toComments(page) {
  await page.getByRole("navigation", { name: "Sections of Setup" }).getByRole("button", { name: "Comments" }).click();
}

async function warned(page) {
  await toComments(page);
  await page.getByRole("radiogroup", { name: "Work note becomes" }).getByRole("radio", { name: "Public comment" }).click();
}

async function openedMap(page) {
  await page.getByRole("row", { name: /^State/ }).press("ArrowRight");
  await page.getByText(/^Checked .* against fields read/).waitFor({ state: "attached" });
}

async function selectedPair(page) {
  await openedMap(page);
  await page.getByRole("listbox", { name: "State values, ServiceNow" }).getByRole("option", { name: /^Resolved/ }).click();
}

async function pairing(page) {
  await openedMap(page);
  await page.getByRole("option", { name: /^Canceled, 17/ }).press("Space");
}

async function table(page) {
  await openedMap(page);
  await page.getByRole("button", { name: "Table" }).click();
}

async function rowSettings(page) {
  await page.getByRole("row", { name: /^Impact/ }).press("Enter");
}

async function triedOn(page) {
  await selectedPair(page);
  await page.getByRole("tab", { name: /^Try on ticket/ }).click();
  await page.getByText(/^Would send/).waitFor();
}

async function drawer(page) {
  await page.getByRole("row", { name: /^State/ }).waitFor();
  const show = page.getByRole("button", { name: "Show source fields" });
  if (await show.isVisible()) await show.click();
}

function serve() {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const file = join(built, path === "/" ? "index.html" : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": POLICY });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function build() {
  const made = spawnSync("npx", ["vite", "build", "--mode", "memory", "--logLevel", "warn"], { cwd: join(import.meta.dirname, ".."), stdio: "inherit" });
  if (made.status !== 0) process.exit(made.status ?? 1);
}

build();
mkdirSync(folder, { recursive: true });
const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
let complaints = 0;
const only = process.argv[3];
for (const [name, show, hash, act] of SHOTS) {
  if (only && !name.includes(only)) continue;
  for (const [suffix, width, height] of SIZES) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: "reduce", locale: "en-GB" });
      const page = await context.newPage();
      page.on("console", (message) => {
        if ((message.type() !== "error" && message.type() !== "warning") || message.location().url.endsWith("/favicon.ico")) return;
        complaints += 1;
        console.error(`${name}${suffix} ${colorScheme}: ${message.text()}`);
      });
      page.on("pageerror", (error) => {
        complaints += 1;
        console.error(`${name}: ${error.message}`);
      });
      await page.clock.install({ time: NOW });
      await page.goto(`${origin}/?show=${show}${hash}`);
      await page.getByRole("heading").first().waitFor();
      if (act) {
        const acting = act(page);
        for (let tick = 0; tick < 12; tick += 1) await page.clock.runFor(500);
        await acting;
      }
      await page.waitForTimeout(120);
      await page.screenshot({ path: join(folder, `${name}${suffix}-${colorScheme}.png`) });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      if (wide) {
        complaints += 1;
        console.error(`${name}${suffix}: wider than the window`);
      }
      await context.close();
    }
  }
}
await browser.close();
server.close();
process.exit(complaints === 0 ? 0 : 1);
