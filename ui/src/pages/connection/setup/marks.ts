// What Setup knows itself about its sections, besides what the checker says.
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import type { OpenDocument } from "../editing/document";
import { lacking } from "../editing/lacking";
import { SIDES } from "../editing/parts";
import type { Offers } from "../editing/sides";
import type { Section } from "./sections";

export type Mark = "error" | "warning" | null;

export function graver(one: Mark, other: Mark): Mark {
  return one === "error" || other === "error" ? "error" : one ?? other;
}

export function marksOf(open: Pick<OpenDocument, "document">, mapping: TypeMapping, offers: Pick<Offers, "data" | "error">, wrong: ReadonlySet<Section>): Partial<Record<Section, Mark>> {
  const unread = SIDES.some((side) => offers.data !== null && offers.data[side].schema === null);
  const stale = offers.error !== null || SIDES.some((side) => (offers.data?.[side].trouble ?? null) !== null);
  const reached: Mark = unread ? "error" : stale ? "warning" : null;
  return {
    sides: stale ? "warning" : null,
    scope: SIDES.some((side) => mapping[side].ticket_type === "") ? "error" : reached,
    direction: mapping.target_tickets === true && (mapping.source_template ?? []).length === 0 ? "warning" : null,
    attachments: wrong.has("attachments") ? "error" : null,
    people: lacking(open.document) === null ? null : "error",
    limits: wrong.has("limits") ? "error" : null,
  };
}
