// Takes pictures of the pages over made-up data, light and dark, at the usual and the smallest window; the README's come from here.
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
  ["overview-calm", "calm", "#/overview"],
  ["overview-error", "broken", "#/overview"],
  ["sync", "full", "#/sync"],
  ["sync-first", "practice", "#/sync", practised],
  ["sync-before", "practice", "#/sync"],
  ["sync-preview", "calm", "#/sync?connection=1", previewed],
  ["run", "full", "#/run/2416"],
  ["run-failed", "full", "#/run/2385"],
  ["run-nothing", "full", "#/run/2415"],
  ["connection-status", "full", "#/connection/1/status"],
  ["mapping", "full", "#/connection/1/mapping", opened],
  ["mapping-selected", "full", "#/connection/1/mapping", selected],
  ["mapping-pairing", "full", "#/connection/1/mapping", pairing],
  ["mapping-table", "full", "#/connection/1/mapping", table],
  ["mapping-settings", "full", "#/connection/1/mapping", settings],
  ["mapping-drawer", "full", "#/connection/1/mapping", drawer],
];
const SIZES = [["", 1280, 820], ["-small", 960, 640]];

async function practised(page) {
  await page.getByRole("button", { name: "Run sync" }).click();
  await page.getByRole("button", { name: /^See run/ }).waitFor();
}

async function previewed(page) {
  await page.getByRole("checkbox", { name: "Preview first" }).check();
  await page.getByRole("button", { name: "Run sync" }).click();
  await page.getByRole("button", { name: /^Apply/ }).waitFor();
}

async function opened(page) {
  await page.getByRole("row", { name: /^State/ }).press("ArrowRight");
  await page.getByText("Checked against both platforms").waitFor({ state: "attached" });
}

async function selected(page) {
  await opened(page);
  await page.getByRole("listbox", { name: "State values, ServiceNow" }).getByRole("option", { name: /^Resolved/ }).click();
}

async function pairing(page) {
  await opened(page);
  await page.getByRole("option", { name: /^Canceled, 17/ }).press("Space");
}

async function table(page) {
  await opened(page);
  await page.getByRole("button", { name: "Table" }).click();
}

async function settings(page) {
  await page.getByRole("row", { name: /^Impact/ }).press("Enter");
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
