// Checks in a browser that each line of a value map meets the middle of its rows, at several scales and sizes of the window.
//   npm run geometry      wants Chromium: CHROMIUM, or chromium on the path
import { spawnSync } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const built = join(import.meta.dirname, "../node_modules/.memory");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const NOW = new Date(2026, 4, 12, 14, 5, 22);
const SCALES = [1, 1.25, 1.5];
const SIZES = [[960, 640], [1280, 820], [1920, 1080]];
const ROWS = ["State", "Assignment group", "Category"];
const OFF_MAX = 0.5;

function serve() {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const file = join(built, path === "/" ? "index.html" : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Runs in the page: how far each end of each line is from the middle of its row, and each port from its line. */
function measured() {
  const middle = (side, value) => {
    const row = [...document.querySelectorAll(`[data-value-side="${side}"]`)].find((each) => each.dataset.value === value);
    const frame = row.getBoundingClientRect();
    return { y: frame.top + frame.height / 2, edge: side === "source" ? frame.right : frame.left, height: frame.height };
  };
  return [...document.querySelectorAll(".value-drawing .line-path[data-from]")].map((path) => {
    const matrix = path.getScreenCTM();
    const at = (length) => path.getPointAtLength(length).matrixTransform(matrix);
    const [start, end] = [at(0), at(path.getTotalLength())];
    const [source, target] = [middle("source", path.dataset.from), middle("target", path.dataset.to)];
    return {
      line: `${path.dataset.from} to ${path.dataset.to}`, start: start.y - source.y, end: end.y - target.y,
      // A line begins where its port ends: five pixels from the facing edges.
      left: start.x - 5 - source.edge, right: end.x + 5 - target.edge, rows: source.height === 28 && target.height === 28,
    };
  });
}

const made = spawnSync("npx", ["vite", "build", "--mode", "memory", "--logLevel", "warn"], { cwd: join(import.meta.dirname, ".."), stdio: "inherit" });
if (made.status !== 0) process.exit(made.status ?? 1);
const server = await serve();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu"] });
let [lines, wrong, worst] = [0, 0, 0];
for (const deviceScaleFactor of SCALES) {
  for (const [width, height] of SIZES) {
    const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor, reducedMotion: "reduce", locale: "en-GB" });
    const page = await context.newPage();
    await page.clock.install({ time: NOW });
    await page.goto(`http://127.0.0.1:${server.address().port}/?show=full#/connection/1/mapping`);
    for (const name of ROWS) {
      await page.getByRole("row", { name: new RegExp(`^${name}`) }).press("ArrowRight");
      await page.locator(".value-drawing .line-path").first().waitFor({ state: "attached" });
      // Once at the top and once scrolled by an odd amount.
      for (const scroll of [0, 37]) {
        await page.locator(".mapping-rows").evaluate((pane, to) => pane.scrollTo(0, to), scroll);
        for (const each of await page.evaluate(measured)) {
          const off = Math.max(...[each.start, each.end, each.left, each.right].map(Math.abs));
          lines += 1;
          worst = Math.max(worst, off);
          if (off <= OFF_MAX && each.rows) continue;
          wrong += 1;
          console.error(`${width}x${height} at ${deviceScaleFactor}, ${name}: ${JSON.stringify(each)}`);
        }
      }
    }
    await context.close();
  }
}
await browser.close();
server.close();
console.log(`${lines} lines measured, the worst is ${worst.toFixed(3)} px off, ${wrong} beyond ${OFF_MAX} px`);
process.exit(wrong === 0 && lines > 0 ? 0 : 1);
