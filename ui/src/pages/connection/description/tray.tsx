// The source's fields with the values of the ticket at hand; + puts one into the description. In a narrow window a drawer.
import { useId, useState } from "react";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { SampleView } from "../../../api/generated/SampleView";
import type { SideView } from "../../../api/generated/SideView";
import { Icon } from "../../../components/icons";
import { Skeleton, Tile } from "../../../components/shapes";
import { plural } from "../../../lib/format";
import { KINDS } from "../editing/kinds";
import { FieldsAge, NotRead, Partly, SideTrouble } from "../editing/reach";
import type { Offers } from "../editing/sides";

interface TrayProps {
  side: SideView;
  type: string;
  offers: Offers;
  fields: FieldSchema[];
  used: Set<string>;
  sample: SampleView | null;
  add: (field: FieldSchema) => void;
  open: boolean;
  close: () => void;
}

export function Tray({ side, type, offers, fields, used, sample, add, open, close }: TrayProps) {
  const id = useId();
  const [search, setSearch] = useState("");
  const offered = offers.data?.source ?? null;
  const lost = offers.error ?? offered?.trouble ?? null;
  const wanted = search.trim().toLowerCase();
  const found = fields.filter((field) => field.label.toLowerCase().includes(wanted) || field.id.toLowerCase().includes(wanted));
  return (
    <section
      id="description-fields" className={open ? "source-tray source-tray-open" : "source-tray"} aria-label="Source fields"
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) close();
      }}
    >
      <header className="source-tray-head">
        <h2 className="source-tray-title" title={`${side.label} ${type}`}><Tile side={side} role="source" small /><span className="cut">{side.label} {type}</span></h2>
        <div className="source-tray-search">
          <label htmlFor={id} className="hidden-text">Find a field</label>
          <Icon name="search" small />
          <input id={id} className="text-input text-input-small" type="search" placeholder="Find a field" value={search} onChange={(event) => setSearch(event.target.value)} />
        </div>
      </header>
      <SideTrouble view={side} offered={offered} busy={offers.loading} readAnew={offers.readAnew} />
      <Partly view={side} missing={offered?.schema?.not_confirmed ?? []} />
      {offers.data === null && offers.error === null && <Skeleton rows={8} what={`fields of ${side.label}`} />}
      {fields.length === 0 && lost !== null && (
        <NotRead title={`${side.label} fields could not be read`} error={lost} view={side} retry={offers.readAnew} />
      )}
      <ul className="source-tray-list" aria-label={`${side.label} fields`}>
        {found.map((field) => (
          <li key={field.id} className="source-tray-field">
            <Icon name={KINDS[field.kind]} small />
            <span className="cut">{field.label}</span>
            {used.has(field.id)
              ? <span className="source-tray-used" title="In the description"><Icon name="check" small /><span className="hidden-text">in the description</span></span>
              : <button type="button" className="source-tray-add" aria-label={`Add ${field.label}`} title={`Add ${field.label}`} onClick={() => add(field)}><Icon name="plus" small /></button>}
            {sample !== null && <span className={sample.values.source[field.id] ? "source-tray-value cut" : "source-tray-value quiet"}>{valueText(sample, field.id)}</span>}
          </li>
        ))}
        {found.length === 0 && fields.length > 0 && <li className="source-tray-none second">No field is called so.</li>}
      </ul>
      <footer className="source-tray-foot"><strong>{plural(fields.length, "field")}</strong><span>{used.size} in the description</span>{offered?.trouble == null && <FieldsAge view={side} offered={offered} busy={offers.loading} readAnew={offers.readAnew} />}</footer>
    </section>
  );
}

/** The platform tells only the fields that were read; those that were not are not empty. */
function valueText(sample: SampleView, field: string): string {
  const value = sample.values.source[field];
  return value === undefined ? "" : value === "" ? "empty" : value;
}
