// The two sides of a connection under the names people know, and what each of them offers.
import { useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { ConnectionCard } from "../../../api/generated/ConnectionCard";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { OfferedSide } from "../../../api/generated/OfferedSide";
import type { Pair } from "../../../api/generated/Pair";
import type { Side } from "../../../api/generated/Side";
import type { SideView } from "../../../api/generated/SideView";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import type { FieldOption } from "../../../api/generated/FieldOption";
import { type Query, useQuery } from "../../../api/query";
import { asApiError, useTransport } from "../../../api/transport";
import { useLive } from "../../../state/live";
import { opposite } from "./parts";

const UNKNOWN: SideView = { account: "", platform: "", label: "", address: "", practice: false, sandbox: false };

export interface Names {
  card: ConnectionCard | null;
  sides: Pair<SideView>;
  /** "ServiceNow". */
  name: (side: Side) => string;
  /** "ServiceNow → Jira". */
  from: (side: Side) => string;
}

export function useNames(connection: number): Names {
  const card = useLive().connections.data?.connections.find((each) => each.id === connection) ?? null;
  const sides = {
    source: card?.source_side ?? { ...UNKNOWN, label: "the source" },
    target: card?.target_side ?? { ...UNKNOWN, label: "the target" },
  };
  const name = (side: Side) => sides[side].label;
  return { card, sides, name, from: (side) => `${name(side)} → ${name(opposite(side))}` };
}

export interface Offers extends Query<Pair<OfferedSide>> {
  /** Asks both platforms again, whatever was kept. */
  readAnew: () => void;
}

/** What both sides of a ticket type offer, as it was read last. */
export function useOffers(connection: number, mapping: TypeMapping): Offers {
  const transport = useTransport();
  const { source, target } = mapping;
  const place = JSON.stringify([source, target]);
  const query = useQuery("read_offers", { connection, source, target, anew: false }, place);
  const [asking, setAsking] = useState<{ place: string; error: ApiError | null } | null>(null);
  const here = asking?.place === place ? asking : null;
  const readAnew = () => {
    setAsking({ place, error: null });
    transport.call("read_offers", { connection, source, target, anew: true }).then(
      (answer) => {
        query.put(answer);
        setAsking(null);
      },
      (thrown: unknown) => setAsking({ place, error: asApiError(thrown) }),
    );
  };
  return { ...query, error: query.error ?? here?.error ?? null, loading: query.loading || (here !== null && here.error === null), readAnew };
}

export function fieldsOf(offers: Offers, side: Side): FieldSchema[] {
  return offers.data?.[side].schema?.fields ?? [];
}

export function fieldOf(fields: readonly FieldSchema[], id: string): FieldSchema | null {
  return fields.find((field) => field.id === id) ?? null;
}

export function labelOf(fields: readonly FieldSchema[], id: string): string {
  return fieldOf(fields, id)?.label ?? id;
}

/** The values a field can hold; the workflow's for the status. */
export function valuesOf(offers: Offers, side: Side, id: string): FieldOption[] {
  const schema = offers.data?.[side].schema ?? null;
  if (schema === null) return [];
  if (schema.status_field === id && schema.statuses.length > 0) return schema.statuses;
  return fieldOf(schema.fields, id)?.options ?? [];
}
