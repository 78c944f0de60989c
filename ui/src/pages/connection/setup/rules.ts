// What holds where the document says nothing, and the edits of Setup as plain values. Defaults are never written down.
import type { AttachmentRules } from "../../../api/generated/AttachmentRules";
import type { CommentRules } from "../../../api/generated/CommentRules";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { Filter } from "../../../api/generated/Filter";
import type { Limits } from "../../../api/generated/Limits";
import type { MatchMode } from "../../../api/generated/MatchMode";
import type { MatchRule } from "../../../api/generated/MatchRule";
import type { PersonPair } from "../../../api/generated/PersonPair";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { withKey } from "../editing/parts";

export const MEGABYTE = 1024 * 1024;
export const AUTHOR_LINE = "{author}, {platform}, {time}";
export const COMMENTS: CommentRules = { source: { public: "internal", internal: "no" }, target: { public: "internal", internal: "no" }, author_line: AUTHOR_LINE, edited: "update" };
export const ATTACHMENTS: AttachmentRules = { copy: { source: false, target: false }, bytes_max: 25 * MEGABYTE };
const INTERVAL_SECONDS = 300;

export function commentsOf(mapping: TypeMapping): CommentRules {
  return mapping.comments ?? COMMENTS;
}

export function withComments(mapping: TypeMapping, parts: Partial<CommentRules>): TypeMapping {
  return withKey(mapping, "comments", { ...commentsOf(mapping), ...parts }, COMMENTS);
}

export function attachmentsOf(mapping: TypeMapping): AttachmentRules {
  return mapping.attachments ?? ATTACHMENTS;
}

export function withAttachments(mapping: TypeMapping, parts: Partial<AttachmentRules>): TypeMapping {
  const next = { ...attachmentsOf(mapping), ...parts };
  return withKey(mapping, "attachments", withKey(next, "types", next.types, []), ATTACHMENTS);
}

/** "image/, application/pdf" as a list. */
export function typesIn(text: string): string[] {
  return text.split(",").map((type) => type.trim()).filter((type) => type !== "");
}

export function filterOf(mapping: TypeMapping, side: Side): Filter {
  return mapping.filter?.[side] ?? {};
}

export function withFilter(mapping: TypeMapping, side: Side, filter: Filter): TypeMapping {
  const both = { source: filterOf(mapping, "source"), target: filterOf(mapping, "target"), [side]: filter };
  return withKey(mapping, "filter", both, { source: {}, target: {} });
}

export type Matching = MatchMode | "create_only";

/** The rule of another mode keeps the two fields; a first one begins with the keys. */
export function withMatching(mapping: TypeMapping, mode: Matching): TypeMapping {
  const rule: MatchRule = mapping.match ?? { mode: "match_then_create", source: "key", target: "key" };
  return withKey(mapping, "match", mode === "create_only" ? undefined : { ...rule, mode });
}

/** The limits of a run; what the document leaves out has its default. */
export function limitsOf(document: ConnectionDoc): Limits {
  return { creates_max: document.limits?.creates_max ?? 200, closes_max: document.limits?.closes_max ?? 200 };
}

export function withLimits(document: ConnectionDoc, parts: Partial<Limits>): ConnectionDoc {
  return { ...document, limits: { ...limitsOf(document), ...parts } };
}

export function intervalOf(document: ConnectionDoc): number {
  return document.interval_seconds ?? INTERVAL_SECONDS;
}

export function peopleOf(document: ConnectionDoc): PersonPair[] {
  return document.person ?? [];
}

export function withPeople(document: ConnectionDoc, people: PersonPair[]): ConnectionDoc {
  return withKey(document, "person", people.length === 0 ? undefined : people);
}
