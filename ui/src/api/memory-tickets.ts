// Made-up conflicts, quarantine and links. Companies and people are invented.
import type { ConflictView } from "./generated/ConflictView";
import type { ExplanationPicture } from "./generated/ExplanationPicture";
import type { LinkView } from "./generated/LinkView";
import type { QuarantineGroup } from "./generated/QuarantineGroup";
import { type Some, refused } from "./memory-kit";
import { linkDetail, linkPreview, linkView, skipOf } from "./memory-tickets-data";

export interface TicketWorld {
  conflicts: ConflictView[];
  quarantine: QuarantineGroup[];
  links: LinkView[];
  explanations: Record<string, ExplanationPicture>;
}

export function emptyTickets(): TicketWorld {
  return { conflicts: [], quarantine: [], links: [], explanations: {} };
}

type Names = "list_conflicts" | "decide_conflicts" | "list_quarantine" | "retry_quarantined" | "skip_change" | "list_links" | "link_detail" | "preview_link" | "link_tickets" | "relink" | "unlink" | "explain_ticket";

function endLink(link: LinkView) {
  Object.assign(link, { state: "ended", reason: "unlinked by a person", relink_until_ms: Date.now() + 30 * 86_400_000 });
}

export function ticketHandlers(world: TicketWorld, nameOf: (connection: number) => string): Some<Names> {
  return {
    list_conflicts: ({ connection }) =>
      world.conflicts.filter((conflict) => connection === null || conflict.connection === nameOf(connection)),
    // All of them, or none.
    decide_conflicts: (decisions) =>
      decisions
        .map(({ conflict, choice, mark }) => {
          const found = world.conflicts.find((one) => one.id === conflict);
          if (found === undefined) throw refused("not_found", `conflict ${conflict} is gone`);
          if (found.mark !== mark) throw refused("invalid", "the values have changed since they were shown, so nothing was decided");
          return { found, choice };
        })
        .map(({ found, choice }) => {
          found.decided = choice;
          return found;
        }),
    list_quarantine: ({ connection }) =>
      world.quarantine
        .map((group) => ({ ...group, tickets: group.tickets.filter((ticket) => connection === null || ticket.connection === nameOf(connection)) }))
        .filter((group) => group.tickets.length > 0),
    retry_quarantined: ({ tickets }) => {
      world.quarantine = world.quarantine
        .map((group) => ({ ...group, tickets: group.tickets.filter((ticket) => !tickets.includes(ticket.id)) }))
        .filter((group) => group.tickets.length > 0);
      return world.quarantine;
    },
    skip_change: ({ ticket, mark }) => {
      const found = world.quarantine.flatMap((group) => group.tickets).find((one) => one.id === ticket);
      if (found === undefined) throw refused("not_found", `nothing with the number ${ticket} is in quarantine`);
      const told = skipOf(found);
      if (mark === null) return told;
      if (mark !== told.mark) throw refused("invalid", `${found.ticket} has changed since this was shown, so nothing was skipped`);
      world.quarantine = world.quarantine.map((group) => ({ ...group, tickets: group.tickets.filter((one) => one !== found) })).filter((group) => group.tickets.length > 0);
      return { ...told, done: true };
    },
    list_links: ({ connection, state, search, ended, offset, limit }) => {
      const wanted = search.toLowerCase();
      const found = world.links.filter(
        (link) =>
          (connection === null || link.connection === connection) && (state === null || link.state === state) &&
          (ended || state !== null || link.state !== "ended") &&
          [link.source, link.target, link.source_title, link.target_title].some((text) => text.toLowerCase().includes(wanted)),
      );
      return { links: found.slice(offset, offset + limit), total: found.length };
    },
    link_detail: ({ link }) => {
      const found = world.links.find((one) => one.id === link);
      if (found === undefined) throw refused("not_found", `there is no link ${link} in this connection`);
      return linkDetail(found);
    },
    preview_link: (order) => linkPreview(order, world.links),
    link_tickets: ({ connection, type_mapping, source, target, fields, known, instead }) => {
      const taken = world.links.filter((one) => one.state !== "ended" && (one.source === source || one.target === target));
      const [first] = taken;
      if (first !== undefined && !instead) throw refused("invalid", `Ticket ${source} is linked already: ${first.source} and ${first.target}.`);
      for (const one of taken) endLink(one);
      const now = Date.now();
      const link = linkView({
        id: Math.max(0, ...world.links.map((one) => one.id)) + 1, connection: nameOf(connection), type_mapping: type_mapping ?? "Incident", source, target, linked_by: "person",
        state: fields === "keep" ? "in_step" : "waiting", linked_ms: now, synced_ms: now,
      });
      world.links.unshift(link);
      return { link, known: known === null ? 3 : known.source.length + known.target.length, marker_trouble: null };
    },
    relink: ({ link }) => {
      const found = world.links.find((one) => one.id === link);
      if (found === undefined) throw refused("not_found", `there is no link ${link} in this connection`);
      if (found.relink_until_ms === null) throw refused("invalid", `${found.source} and ${found.target} were unlinked too long ago to go on from there`);
      Object.assign(found, { state: "waiting", reason: "linked again: what changed meanwhile is looked at by the next run", relink_until_ms: null });
      return { link: found, known: 1, marker_trouble: null };
    },
    unlink: ({ key }) => {
      const link = world.links.find((one) => one.source === key || one.target === key);
      if (link === undefined) throw refused("not_found", `${key} is not linked`);
      endLink(link);
      return { link, known: 0, marker_trouble: null };
    },
    explain_ticket: ({ key }) => {
      const found = world.explanations[key];
      if (found === undefined) throw refused("not_found", `neither ServiceNow nor Jira shows a ticket ${key} of a type that is synced`);
      return found;
    },
  };
}
