// The places of an account that can be synced, as a drill-down: first the project, then what lies in it.
import type { Scope } from "../api/generated/Scope";
import type { ScopeChoice } from "../api/generated/ScopeChoice";

/** "CSD · Incident": where it is, and what it is. Without a dot there is nothing to drill into. */
function parts({ label }: ScopeChoice): [where: string, what: string] {
  const at = label.indexOf(" · ");
  return at < 0 ? ["", label] : [label.slice(0, at), label.slice(at + 3)];
}

export interface Container {
  id: string;
  label: string;
}

/** Projects and the like, each once; none where the platform has tables alone. */
export function containersOf(offers: ScopeChoice[]): Container[] {
  const found = new Map<string, string>();
  for (const offer of offers) if (offer.scope.container !== "") found.set(offer.scope.container, parts(offer)[0] || offer.scope.container);
  return [...found].map(([id, label]) => ({ id, label }));
}

export function inContainer(offers: ScopeChoice[], container: string): ScopeChoice[] {
  return offers.filter((offer) => offer.scope.container === container || offer.scope.container === "");
}

/** What is offered, without the place it is in. */
export function whatOf(offer: ScopeChoice): string {
  return parts(offer)[1];
}

/** The offer that a scope means: a document may name a project by its key and a type by its name. A table is met whatever the group. */
export function offerOf(offers: ScopeChoice[], scope: Scope): ScopeChoice | null {
  return offers.find((offer) => {
    const [where, what] = parts(offer);
    const here = offer.scope.container === "" || scope.container === offer.scope.container || scope.container === where;
    return here && (scope.ticket_type === offer.scope.ticket_type || scope.ticket_type === what) && (scope.request_type ?? "") === (offer.scope.request_type ?? "");
  }) ?? null;
}

/** The same kind of ticket in another project, or the first that is there. */
export function alike(offers: ScopeChoice[], container: string, what: string | null): ScopeChoice | null {
  const there = offers.filter((offer) => offer.scope.container === container);
  return there.find((offer) => whatOf(offer) === what) ?? there[0] ?? null;
}

interface ScopeWords {
  container: string;
  type: string;
  /** Without its full stop: said in the list, and where it was not done. */
  chooseContainer: string;
  chooseType: string;
  containerNote: string;
  typeNote: string;
}

const WORDS: Record<string, ScopeWords> = {
  servicenow: { container: "Assignment group", type: "Table", chooseContainer: "Choose an assignment group", chooseType: "Choose a table", containerNote: "sys_id of one group; empty takes the whole table.", typeNote: "Name of the table, such as incident." },
  jira: { container: "Project", type: "Issue type", chooseContainer: "Choose a project", chooseType: "Choose an issue type", containerNote: "Key or id.", typeNote: "Name or id." },
};

export function scopeWords(platform: string): ScopeWords {
  return WORDS[platform] ?? { container: "Container", type: "Ticket type", chooseContainer: "Choose a container", chooseType: "Choose a ticket type", containerNote: "Key or id.", typeNote: "Key or id." };
}
