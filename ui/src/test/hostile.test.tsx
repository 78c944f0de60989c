// Threat T1: text of tickets, names and errors stays text on every screen. Each field that a command answers with takes every
// payload in turn; nothing of it becomes an element, a handler or an address.
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyWorld, memory } from "../api/memory";
import { script } from "../api/memory-data";
import { type CommandName, type RequestOf, type ResponseOf, type Transport, TransportProvider } from "../api/transport";
import { App } from "../app";
import { PAYLOADS } from "./payloads";

const SCREENS = [
  "#/overview", "#/sync", "#/sync?connection=1", "#/run/2416", "#/run/2385", "#/conflicts", "#/quarantine", "#/links", "#/accounts", "#/settings", "#/plan/1", "#/connection/1/status", "#/connection/1/setup", "#/connection/1/mapping", "#/connection/1/description",
  "#/connection/1/templates", "#/connection/1/runs",
];

/** Fields that hold words for people; what pages decide by stays as it is. */
const WORDS = new Set([
  "title", "message", "hint", "reason", "sentence", "detail", "label", "cause", "remedy", "doing", "what", "field", "before", "after", "agreed_source",
  "agreed_target", "target_would_be", "source_would_be", "source_key", "target_key", "ticket", "source_ticket", "target_ticket", "fix", "place_label",
  "verdict", "user", "signed_in_as", "address", "account", "host", "trigger", "error", "connection_name", "state_label", "action", "secret_label",
  "platform_label", "why", "exact", "flattened", "type_label", "read_only", "partner", "author", "name_of",
]);
/** So many payloads stand in each field at once. */
const AT_ONCE = 60;

function poisoned(value: unknown, text: string, key = ""): unknown {
  if (typeof value === "string") return WORDS.has(key) ? text : value;
  if (Array.isArray(value)) return value.map((one) => poisoned(one, text, key));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, text, name)]));
}

function hostile(show: string, text: string): Transport {
  const app = memory({ ...emptyWorld(), stepMs: 1, ...script(show) });
  return {
    ...app,
    call: async <Name extends CommandName>(name: Name, request: RequestOf<Name>) =>
      poisoned(await app.call(name, request), text) as ResponseOf<Name>,
  };
}

const ran: string[] = [];
beforeEach(() => {
  Object.assign(window, { pwned: () => ran.push("pwned") });
});
afterEach(() => {
  ran.length = 0;
});

function innocent(): void {
  expect(ran).toEqual([]);
  const markup = document.querySelectorAll("body script, body iframe, body object, body embed, body base, body meta, body link, body style, body marquee, body math");
  expect([...markup].map((element) => element.tagName)).toEqual([]);
  for (const element of document.body.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      expect(name.startsWith("on"), `${element.tagName} ${name}`).toBe(false);
      const leads = ["href", "src", "action", "formaction", "data", "xlink:href"].includes(name);
      if (leads) expect(value, `${element.tagName} ${name}`).toMatch(/^#|^\/|^$/);
    }
  }
}

it("has at least five hundred payloads, all different", () => {
  expect(PAYLOADS.length).toBeGreaterThanOrEqual(500);
  expect(new Set(PAYLOADS).size).toBe(PAYLOADS.length);
});

it("would see markup that was let in", () => {
  for (const markup of ["<img src=x onerror=pwned()>", "<a href='javascript:pwned()'>look</a>", "<iframe></iframe>"]) {
    const parsed = new DOMParser().parseFromString(markup, "text/html").body.firstElementChild;
    if (parsed === null) throw new Error("the markup is empty");
    document.body.append(parsed);
    expect(innocent, markup).toThrow();
    parsed.remove();
  }
  expect(innocent).not.toThrow();
});

describe.each(SCREENS)("%s", (address) => {
  it("shows hostile text as text", { timeout: 60_000 }, async () => {
    for (let from = 0; from < PAYLOADS.length; from += AT_ONCE) {
      const text = PAYLOADS.slice(from, from + AT_ONCE).join(" ");
      window.location.hash = address;
      render(<TransportProvider value={hostile("full", text)}><App /></TransportProvider>);
      await screen.findByRole("main");
      await waitFor(() => expect(document.querySelector("[aria-busy=true]")).toBeNull());
      expect(document.body.textContent).toContain(text.slice(0, 20));
      innocent();
      cleanup();
    }
  });
});
