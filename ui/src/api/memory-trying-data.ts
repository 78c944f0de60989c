// Made-up tickets to try edits on, and a small honest builder: what it shows follows from the lines and the ticket alone.
// What a mapping would do with them is in memory-trial.ts.
import type { Block } from "./generated/Block";
import type { Catches } from "./generated/Catches";
import type { Condition } from "./generated/Condition";
import type { DescriptionPreview } from "./generated/DescriptionPreview";
import type { Filter } from "./generated/Filter";
import type { Inline } from "./generated/Inline";
import type { SampleView } from "./generated/SampleView";
import type { Template } from "./generated/Template";
import type { TypeMapping } from "./generated/TypeMapping";
import type { Verdict } from "./generated/Verdict";
import { conditionLabels } from "./memory-build-data";
import { editorDesk } from "./memory-editing-data";
import { refused } from "./memory-kit";
import { tried } from "./memory-trial";
import { emptyTrying, type TryWorld } from "./memory-trying";

const CHARS_MAX = 32_767;

interface MadeUp {
  key: string;
  partner: string | null;
  /** What stands on the partner. */
  there?: Record<string, string>;
  /** Fields of the partner that somebody changed on both sides. */
  both?: string[];
  values: Record<string, string>;
  /** Ids by field, for conditions. */
  ids: Record<string, string>;
  original: Block[];
}

function words(of: string, marks: Partial<Inline["marks"]> = {}): Inline {
  return { content: { is: "text", of }, marks: { strong: false, em: false, strike: false, link: null, ...marks } };
}

function paragraph(...pieces: Inline[]): Block {
  return { block: "paragraph", of: pieces };
}

function list(...items: string[]): Block {
  return { block: "list", of: { start: null, items: items.map((item) => ({ task: null, blocks: [paragraph(words(item))] })) } };
}

const TICKETS: MadeUp[] = [
  {
    key: "INC0048213", partner: "CSD-1187",
    there: { summary: "Pump telemetry late at North weir", status: "In progress", priority: "Medium", reporter: "Control room desk", customfield_10060: "Network", assignee: "", components: "", customfield_10002: "Dunmarrow Water", customfield_10010: "Report an incident", labels: "", resolution: "", created: "12 May 2026, 09:54" },
    values: {
      number: "INC0048213", caller_id: "Control room desk", caller_email: "controlroom@dunmarrow.example", location: "North weir pumping station", cmdb_ci: "nw-tele-04", business_service: "Telemetry",
      impact: "2 - Medium", urgency: "1 - High", opened_at: "12 May 2026, 09:52", hold_reason: "Awaiting Vendor", category: "Network", contact_type: "Phone", short_description: "Pump telemetry late at North weir",
      assignment_group: "Corvane network", assigned_to: "", company: "Dunmarrow Water", priority: "2 - High (calculated)", severity: "Minor", state: "On Hold", description: "Since 09:40 the control room dashboard shows pump 2 and pump 3 late.",
    },
    ids: { impact: "2", urgency: "1", category: "network", assignment_group: "g1", severity: "3", state: "3", contact_type: "phone", hold_reason: "4" },
    original: [
      paragraph(words("Since 09:40 the control room dashboard shows pump 2 and pump 3 with readings that are 6 to 9 minutes old. Pump 1 is current.")),
      paragraph(words("Already tried:")), list("Restarted the gateway at 10:05, no change", "Checked the radio link, signal is normal"),
      paragraph(words("Staff read the local panel every 30 minutes until this is fixed. See the "), words("trend of this morning", { link: "https://trends.dunmarrow.example/nw/0940" }), words(".")),
    ],
  },
  {
    key: "INC0048210", partner: "CSD-1185",
    there: { summary: "Scanner offline in the post room", status: "Open", priority: "Lowest", reporter: "lockstep.sync", customfield_10060: "Workplace", assignee: "Ines Alvarez", components: "Hardware", customfield_10002: "Dunmarrow Labs", customfield_10010: "Report an incident", labels: "hardware", resolution: "", created: "12 May 2026, 08:16" },
    values: { number: "INC0048210", caller_id: "", caller_email: "", location: "Post room", cmdb_ci: "", business_service: "Workplace", impact: "3 - Low", urgency: "3 - Low", opened_at: "12 May 2026, 08:14", hold_reason: "", category: "Hardware", contact_type: "Portal", short_description: "Scanner offline in the post room", assignment_group: "Corvane desktop", assigned_to: "Ines Alvarez", company: "Dunmarrow Labs", severity: "Minor", state: "New", description: "The scanner shows no light." },
    ids: { impact: "3", urgency: "3", category: "hardware", assignment_group: "g2", severity: "3", state: "1", contact_type: "portal" },
    original: [paragraph(words("The scanner shows no light since the power cut."))],
  },
  {
    key: "INC0048205", partner: null,
    values: { number: "INC0048205", caller_id: "Ines Alvarez", caller_email: "ines@dunmarrow.example", location: "Head office", cmdb_ci: "mail-gw-2", business_service: "Mail", impact: "1 - High", urgency: "1 - High", opened_at: "11 May 2026, 17:31", hold_reason: "", category: "Software", contact_type: "Email", short_description: "Mail with a forged invoice opened by two people", assignment_group: "Security", assigned_to: "", company: "Dunmarrow Water", severity: "Critical", state: "In Progress", description: "Two people opened the attachment." },
    ids: { impact: "1", urgency: "1", category: "software", assignment_group: "g8", severity: "1", state: "2", contact_type: "email" },
    original: [paragraph(words("Two people opened the attachment before it was taken out of the mailboxes."))],
  },
  {
    key: "INC0048201", partner: "CSD-1180", both: ["summary"],
    there: { summary: "Link outage at control hut 6, radio", status: "In progress", priority: "Highest", reporter: "Tomas Lind", customfield_10060: "Field", assignee: "", components: "Network", customfield_10002: "Dunmarrow Water", customfield_10010: "Report an incident", labels: "", resolution: "", created: "11 May 2026, 15:04" },
    values: { number: "INC0048201", caller_id: "Tomas Lind", caller_email: "tomas@dunmarrow.example", location: "Hut 6", cmdb_ci: "rtr-hut6", business_service: "Telemetry", impact: "1 - High", urgency: "2 - Medium", opened_at: "11 May 2026, 15:02", hold_reason: "", category: "Network", contact_type: "Phone", short_description: "Link outage at control hut 6", assignment_group: "Corvane network", assigned_to: "", company: "Dunmarrow Water", severity: "Major", state: "In Progress", description: "No link since 14:50." },
    ids: { impact: "1", urgency: "2", category: "network", assignment_group: "g1", severity: "2", state: "2", contact_type: "phone" },
    original: [paragraph(words("No link since 14:50."))],
  },
];

function ticketOf(key: string): MadeUp | undefined {
  return TICKETS.find((ticket) => ticket.key === key);
}

function title(ticket: MadeUp): string {
  return ticket.values["short_description"] ?? "";
}

function plain(blocks: Block[]): string {
  const inline = (pieces: Inline[]) => pieces.map(({ content, marks }) => (content.is === "break" ? "\\\n" : content.is === "image" ? "" : marks.link === null ? content.of : `[${content.of}](${marks.link})`)).join("");
  const text = (block: Block): string => {
    if (block.block === "paragraph") return inline(block.of);
    if (block.block === "list") return block.of.items.map((item) => `- ${plain(item.blocks)}`).join("\n");
    return block.block === "rule" ? "---" : "";
  };
  return blocks.map(text).join("\n\n");
}

function description(mapping: TypeMapping, field: number, sample: SampleView): DescriptionPreview {
  const rule = mapping.field[field]?.rule;
  const ticket = ticketOf(sample.key);
  if (rule?.kind !== "description" || ticket === undefined) throw refused("invalid", "this row has no description builder", "Choose the rule Builder for it.");
  const built = rule.line.flatMap((line, at) => {
    if (line.field === undefined) return [{ at, text: line.label.replaceAll("{key}", ticket.key) }];
    const value = ticket.values[line.field] ?? "";
    const empty = line.when_empty ?? "leave_out";
    if (value === "" && empty === "leave_out") return [];
    return [{ at, text: `${line.label}: ${value === "" && empty !== "leave_out" ? empty.show : value}` }];
  });
  const head = built.flatMap((line, at): Inline[] => (at === 0 ? [words(line.text)] : [{ content: { is: "break" }, marks: words("").marks }, words(line.text)]));
  const blocks: Block[] = built.length === 0 ? ticket.original : [paragraph(...head), { block: "rule" }, ...ticket.original];
  const exact = plain(blocks);
  const cut = exact.length > CHARS_MAX ? CHARS_MAX : null;
  return {
    key: ticket.key, title: title(ticket), shown: { blocks }, exact: exact.slice(0, CHARS_MAX), lines: built.map((line) => line.at), chars: exact.length, chars_max: CHARS_MAX, cut_at: cut,
    flattened: ticket.key === "INC0048213" ? "1 picture in the text becomes an attachment" : "",
  };
}

function holds(condition: Condition, ticket: MadeUp): boolean {
  const value = ticket.values[condition.field] ?? "";
  const values = condition.values ?? [];
  switch (condition.operator) {
    case "is":
      return values.some((wanted) => wanted === (ticket.ids[condition.field] ?? value));
    case "is_not":
      return !values.some((wanted) => wanted === (ticket.ids[condition.field] ?? value));
    case "contains":
      return values.some((wanted) => value.toLowerCase().includes(wanted.toLowerCase()));
    case "empty":
      return value === "";
    case "not_empty":
      return value !== "";
  }
}

function failing(filter: Filter | undefined, ticket: MadeUp): Condition | null {
  const broken = (filter?.all ?? []).find((condition) => !holds(condition, ticket));
  if (broken !== undefined) return broken;
  const any = filter?.any ?? [];
  return any.length === 0 || any.some((condition) => holds(condition, ticket)) ? null : (any[0] ?? null);
}

function verdicts(templates: Template[], ticket: MadeUp): Verdict[] {
  let caught = false;
  return templates.map((template): Verdict => {
    if (caught) return { answer: "not_reached" };
    const why = failing(template.when, ticket);
    if (why === null) {
      caught = true;
      return { answer: "caught" };
    }
    const { field, values } = conditionLabels(why);
    const wanted = values.join(" or ");
    const stands = ticket.values[why.field] ?? "";
    return { answer: "not_caught", why: why.operator === "contains" ? `${field} is ${stands}, which does not contain ${wanted}` : `${field} is ${stands === "" ? "empty" : stands}, not ${wanted}` };
  });
}

function catches(mapping: TypeMapping, key: string | null): Catches {
  const templates = mapping.template ?? [];
  const judged = TICKETS.filter((ticket) => key === null || ticket.key === key).map((ticket) => {
    const answers = verdicts(templates, ticket);
    const at = answers.findIndex((verdict) => verdict.answer === "caught");
    const fallback = typeof mapping.no_match === "object" ? mapping.no_match.use : null;
    return { key: ticket.key, title: title(ticket), verdicts: answers, template: templates[at]?.name ?? fallback };
  });
  const caught = (at: number) => judged.filter((ticket) => ticket.verdicts[at]?.answer === "caught").length;
  const counts = templates.map((template, at) => ({ template: template.name, tickets: caught(at) }));
  return { tickets: judged, counts, uncaught: judged.length - counts.reduce((sum, each) => sum + each.tickets, 0) };
}

/** The built description as the target holds it. */
function written(mapping: TypeMapping, ticket: MadeUp, read: SampleView): string {
  const row = mapping.field.findIndex((each) => each.rule.kind === "description");
  return row < 0 ? (ticket.values["description"] ?? "") : description(mapping, row, read).exact.replaceAll("\\\n", "\n").replace("\n\n---", "");
}

export function buildTrying(now: number): TryWorld {
  const desk = editorDesk(now);
  const offers = { source: desk.offers.source.schema, target: desk.offers.target.schema };
  const saved = desk.pictures.get(1)?.document.type?.[0];
  const samples = TICKETS.flatMap((ticket): [string, SampleView][] => {
    const read: SampleView = { side: "source", key: ticket.key, title: title(ticket), partner: ticket.partner, values: { source: ticket.values, target: {} }, read_ms: now };
    if (ticket.partner === null || ticket.there === undefined) return [[ticket.key, read]];
    const there: Record<string, string> = { ...ticket.there, ...(saved === undefined ? {} : { description: written(saved, ticket, read) }) };
    const both = { ...read, values: { source: ticket.values, target: there } };
    return [[ticket.key, both], [ticket.partner, { ...both, side: "target", key: ticket.partner, title: there["summary"] ?? "", partner: ticket.key }]];
  });
  const there = samples.filter(([, sample]) => sample.side === "target").map(([key, sample]) => ({ key, title: sample.title }));
  const sourceKey = (sample: SampleView) => (sample.side === "source" ? sample.key : (sample.partner ?? ""));
  const trial: TryWorld["trial"] = (mapping, sample) => {
    const ticket = ticketOf(sourceKey(sample));
    return tried(mapping, sample, offers, { both: ticket?.both ?? [], built: ticket === undefined ? () => "" : (row) => written({ ...mapping, field: [row] }, ticket, { ...sample, key: ticket.key }) });
  };
  return { ...emptyTrying(), recent: TICKETS.map((ticket) => ({ key: ticket.key, title: title(ticket) })), recentThere: there, samples: new Map(samples), description, catches, trial };
}
