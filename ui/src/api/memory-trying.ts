// A made-up ticket that edits are tried on. Companies and people are invented.
import type { Catches } from "./generated/Catches";
import type { DescriptionPreview } from "./generated/DescriptionPreview";
import type { SampleView } from "./generated/SampleView";
import type { TicketOffer } from "./generated/TicketOffer";
import type { Trial } from "./generated/Trial";
import type { TypeMapping } from "./generated/TypeMapping";
import { type Some, refused } from "./memory-kit";

export interface TryWorld {
  recent: TicketOffer[];
  /** Those of the target. */
  recentThere?: TicketOffer[];
  samples: Map<string, SampleView>;
  trial: (mapping: TypeMapping, sample: SampleView) => Trial;
  description: (mapping: TypeMapping, field: number, sample: SampleView) => DescriptionPreview;
  catches: (mapping: TypeMapping, key: string | null) => Catches;
  /** The ticket that was picked last. */
  picked: SampleView | null;
}

export function emptyTrying(): TryWorld {
  const nothing = () => {
    throw refused("no_sample", "no ticket was picked to try this on", "Pick a ticket first.");
  };
  return { recent: [], samples: new Map(), trial: nothing, description: nothing, catches: nothing, picked: null };
}

type Names = "recent_tickets" | "pick_ticket" | "try_mapping" | "preview_description" | "test_templates";

export function tryHandlers(world: TryWorld): Some<Names> {
  const picked = () => {
    if (world.picked === null) throw refused("no_sample", "no ticket was picked to try this on", "Pick a ticket first.");
    return world.picked;
  };
  return {
    recent_tickets: ({ side }) => (side === "source" ? world.recent : (world.recentThere ?? [])),
    pick_ticket: ({ side, key }) => {
      const found = world.samples.get(key);
      if (found?.side !== side) throw refused("not_found", `${side === "source" ? "ServiceNow" : "Jira"} shows no ticket ${key}`, "It does not exist, is of another type, or the account may not see it. Choose another one.");
      world.picked = found;
      return found;
    },
    try_mapping: ({ mapping }) => world.trial(mapping, picked()),
    preview_description: ({ mapping, field }) => world.description(mapping, field, picked()),
    test_templates: ({ mapping, key }) => world.catches(mapping, key),
  };
}
