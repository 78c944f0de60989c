// Where a template creates its tickets: chosen from what the platform lists, typed where it lists nothing or not this.
import { useState } from "react";
import { useQuery } from "../../../api/query";
import { Select } from "../../../components/kit";
import { LateField } from "../../../components/late-field";
import { containersOf, scopeWords } from "../../../lib/scopes";

interface ContainerProps {
  /** The template's name. */
  of: string;
  account: string;
  platform: string;
  /** The template's own container; none where it follows the ticket type. */
  value: string;
  /** What holds without one: "project CSD". */
  usual: string;
  change: (container: string) => void;
}

export function Container({ of, account, platform, value, usual, change }: ContainerProps) {
  const listed = useQuery("list_scopes", { account });
  const [byHand, typeIt] = useState(false);
  const word = scopeWords(platform).container.toLowerCase();
  const places = containersOf(listed.data ?? []);
  const label = `Container of ${of}`;
  if (byHand || places.length === 0) {
    return (
      <LateField
        small labelHidden label={label} value={value} placeholder={`${usual}, as for the whole ticket type`} change={change}
        note={listed.loading && listed.data === null ? `Reading what ${word} there is.` : `Key or id of another ${word}; empty means the usual one.`}
      />
    );
  }
  // A document may name a place by its key or by its id.
  const here = places.find((place) => place.id === value || place.label === value);
  const strange = value !== "" && here === undefined ? [{ value, label: `${value} (not listed)` }] : [];
  return (
    <Select
      small labelHidden label={label} value={here?.id ?? value} change={(next) => (next === BY_HAND ? typeIt(true) : change(next))}
      options={[{ value: "", label: `${usual}, as for the whole ticket type` }, ...places.map((place) => ({ value: place.id, label: place.label })), ...strange, { value: BY_HAND, label: "Another…" }]}
    />
  );
}

const BY_HAND = "=by hand";
