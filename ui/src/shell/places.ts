// What Go to… offers: screens, connections with their tabs, runs, accounts, and a ticket that is to be explained.
import type { AccountView } from "../api/generated/AccountView";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { RunView } from "../api/generated/RunView";
import type { IconName } from "../components/icons";
import { count } from "../lib/format";
import { fits } from "../lib/fuzzy";
import type { Route, Tab } from "../lib/route";

export type Act = { kind: "go"; to: Route } | { kind: "explain"; ticket: string } | { kind: "keys" };

export interface Place {
  id: string;
  label: string;
  /** What kind of place it is, in a word. */
  note: string;
  icon: IconName;
  act: Act;
}

const SHOWN_MAX = 12;

const SCREENS: Place[] = [
  screen("overview", "Overview", "overview"),
  { id: "sync", label: "Sync", note: "Screen", icon: "sync", act: { kind: "go", to: { page: "sync", connection: null } } },
  screen("conflicts", "Conflicts", "fork"),
  screen("quarantine", "Quarantine", "archive"),
  screen("links", "Links", "link"),
  screen("accounts", "Accounts", "account"),
  screen("settings", "Settings", "settings"),
  { id: "keys", label: "Keys of this screen", note: "Help", icon: "keyboard", act: { kind: "keys" } },
];

function screen(page: "overview" | "conflicts" | "quarantine" | "links" | "accounts" | "settings", label: string, icon: IconName): Place {
  return { id: page, label, note: "Screen", icon, act: { kind: "go", to: { page } } };
}

const TABS: [Tab, string][] = [
  ["status", "Status"], ["setup", "Setup"], ["mapping", "Mapping"], ["description", "Description"], ["templates", "Templates"], ["runs", "Runs"],
];

export interface Known {
  connections: ConnectionCard[];
  runs: RunView[];
  accounts: AccountView[];
}

/** The places that fit, the best first. */
export function placesFor(typed: string, known: Known): Place[] {
  const text = typed.trim();
  const direct = [...ticketPlace(text), ...runPlace(text, known.runs)];
  const all = [...SCREENS, ...known.connections.flatMap(ofConnection), ...known.runs.slice(0, 20).map(ofRun), ...known.accounts.map(ofAccount)];
  const taken = new Set(direct.map((place) => place.id));
  const found = text === "" ? all.filter((place) => !place.id.includes(" tab ") && !place.id.startsWith("run ")) : ranked(text, all);
  return [...direct, ...found.filter((place) => !taken.has(place.id))].slice(0, text === "" ? 24 : SHOWN_MAX);
}

function ranked(text: string, all: Place[]): Place[] {
  return all.flatMap((place) => {
    const fit = fits(text, place.label);
    return fit === null ? [] : [{ place, fit }];
  }).sort((one, other) => other.fit - one.fit).map((each) => each.place);
}

/** INC0048213, CSD-1187: letters, then digits. */
function ticketPlace(text: string): Place[] {
  if (!/^[a-z][a-z0-9_]*-?\d+$/i.test(text)) return [];
  const ticket = text.toUpperCase();
  return [{ id: `ticket ${ticket}`, label: `Explain ${ticket}`, note: "Ticket", icon: "search", act: { kind: "explain", ticket } }];
}

/** A number alone is a run, up to the newest there is. */
function runPlace(text: string, runs: RunView[]): Place[] {
  const digits = text.replace(/^run\s*/i, "").replaceAll(/[,.\s]/g, "");
  if (!/^\d{1,9}$/.test(digits)) return [];
  const id = Number(digits);
  const newest = Math.max(0, ...runs.map((run) => run.id));
  const known = runs.find((run) => run.id === id);
  if (known !== undefined) return [ofRun(known)];
  return id > 0 && id <= newest ? [{ id: `run ${id}`, label: `Run ${count(id)}`, note: "Run", icon: "sync", act: { kind: "go", to: { page: "run", run: id } } }] : [];
}

function ofConnection(card: ConnectionCard): Place[] {
  const own: Place = { id: `connection ${card.id}`, label: card.name, note: "Connection", icon: "link", act: { kind: "go", to: { page: "connection", connection: card.id, tab: "status" } } };
  const tabs = TABS.map(([tab, label]): Place => ({
    id: `connection ${card.id} tab ${tab}`, label: `${card.name}: ${label}`, note: "Tab", icon: "link", act: { kind: "go", to: { page: "connection", connection: card.id, tab } },
  }));
  return [own, ...tabs];
}

function ofRun(run: RunView): Place {
  return { id: `run ${run.id}`, label: `Run ${count(run.id)} (${run.connection})`, note: run.label, icon: "sync", act: { kind: "go", to: { page: "run", run: run.id } } };
}

function ofAccount(account: AccountView): Place {
  return { id: `account ${account.name}`, label: account.name, note: `${account.platform_label} account`, icon: "account", act: { kind: "go", to: { page: "accounts", account: account.name } } };
}
