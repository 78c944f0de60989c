// Where a "no" of an explanation is mended: the screen that holds what decided it.
import type { Step } from "../api/generated/Step";
import type { Route } from "./route";

export interface Way {
  label: string;
  to: Route;
}

/** The screens that can turn an answer into a yes; none where nobody can, or where nothing is asked. */
export function waysOut(step: Step, connection: number | null, ticket: string): Way[] {
  if (step.answer !== "no" && step.answer !== "waits") return [];
  const said = `${step.detail} ${step.fix ?? ""}`;
  const ofConnection = (tab: "setup" | "templates" | "mapping", label: string): Way[] =>
    connection === null ? [] : [{ label, to: { page: "connection", connection, tab } }];
  if (/\baccount\b/i.test(step.fix ?? "")) return [{ label: "Open accounts", to: { page: "accounts" } }];
  const mapping = /\bpairs?\b|mapping/i.test(said) ? ofConnection("mapping", "Open mapping") : [];
  switch (step.name) {
    case "Filter":
      return ofConnection("setup", "Change filter…");
    case "Template":
      return ofConnection("templates", "Open templates");
    case "Side":
    case "Not private":
      return ofConnection("setup", "Open setup");
    case "Not in quarantine":
      return [{ label: "Open quarantine", to: { page: "quarantine", ticket } }, ...mapping];
    case "Nothing waits":
      return /conflict|decision/i.test(said) ? [{ label: "Open conflicts", to: { page: "conflicts", ticket } }] : mapping;
    default:
      return step.answer === "no" ? mapping : [];
  }
}

/** Where something is mended of which only the words are known. */
export function waysFrom(said: string, connection: number): Way[] {
  const found: Way[] = [];
  if (/\bpairs?\b|mapping/i.test(said)) found.push({ label: "Open mapping", to: { page: "connection", connection, tab: "mapping" } });
  if (/template/i.test(said)) found.push({ label: "Open templates", to: { page: "connection", connection, tab: "templates" } });
  if (/sign.?in|\btoken\b|\bright(s)? to\b|permission/i.test(said)) found.push({ label: "Open accounts", to: { page: "accounts" } });
  return found;
}
