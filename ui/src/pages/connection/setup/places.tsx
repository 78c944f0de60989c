// Sides, Scope, Filters and Direction: where tickets are, and which of them take part.
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Checkbox } from "../../../components/kit";
import { ScopePicker } from "../../../components/scope-picker";
import { ErrorCard, Tile } from "../../../components/shapes";
import { plural } from "../../../lib/format";
import { Strip } from "../editing/bar";
import { same } from "../editing/changes";
import { Conditions } from "../editing/conditions";
import type { OpenDocument } from "../editing/document";
import { conditionCount } from "../editing/filter";
import { opposite, SIDES, withKey } from "../editing/parts";
import { IncludePrivate } from "../editing/private";
import { fieldsOf, type Names, type Offers, valuesOf } from "../editing/sides";
import { MatchLine } from "./match-line";
import { SectionCard } from "./pieces";
import { filterOf, withFilter } from "./rules";
import { Types } from "./types";

export interface SectionProps {
  open: OpenDocument;
  mapping: TypeMapping;
  names: Names;
  offers: Offers;
  problems: FoundProblem[];
}

export function Sides({ open, names, offers, problems }: SectionProps) {
  return (
    <SectionCard id="sides" title="Sides" problems={problems} about="Accounts stay as they are. For other accounts make a new connection.">
      <div className="setup-pair">
        {SIDES.map((side) => {
          const view = names.sides[side];
          const schema = offers.data?.[side].schema ?? null;
          return (
            <div key={side} className="setup-side">
              <h3><Tile side={view} role={side} small />{side === "source" ? "Source" : "Target"}: {view.label}</h3>
              <p>{open.document[side]} <span className="second">{view.address}</span></p>
              {schema !== null && <p className="second">{schema.customers_read ? "Customers read public comments here." : "Customers do not read here."} {schema.internal_comments ? "Internal comments exist." : "There are no internal comments."}</p>}
            </div>
          );
        })}
      </div>
    </SectionCard>
  );
}

export function ScopeSection({ open, mapping, names, offers, problems }: SectionProps) {
  const inUse = (open.picture.document.type ?? []).find((type) => type.name === mapping.name);
  const moved = inUse !== undefined && SIDES.some((side) => !same(inUse[side], mapping[side]));
  const { links } = open.picture;
  return (
    <SectionCard id="scope" title="Scope" problems={problems} about={`Where ${mapping.name} tickets are on each side. What is chosen is looked up at once.`}>
      <Types open={open} mapping={mapping} names={names} />
      {moved && links > 0 && (
        <Strip tone="warn" title="The scope changed.">
          {plural(links, "pair")} of this connection {links === 1 ? "is" : "are"} linked. The links stay, and tickets outside the new scope are no longer looked at.
        </Strip>
      )}
      <div className="setup-pair">
        {SIDES.map((side) => {
          const { platform, label } = names.sides[side];
          const offered = offers.data?.[side] ?? null;
          return (
            <div key={side} className="setup-side" role="group" aria-label={`Scope of ${label}`}>
              <h3>{label}</h3>
              <ScopePicker label={label} account={open.document[side]} platform={platform} scope={mapping[side]} change={(scope) => open.editType((type) => ({ ...type, [side]: scope }))}>
                {offered?.schema && <p className="field-note">Read as {offered.schema.type_label}, {offered.schema.fields.length} fields.</p>}
                {offered === null && offers.loading && <p className="field-note">Reading {label}.</p>}
              </ScopePicker>
              {offered?.trouble && <ErrorCard title={`${label} could not be read`} error={offered.trouble} retry={offers.reload} />}
              {offered?.schema?.not_confirmed.map((what) => <p key={what} className="second">Not confirmed: {what}</p>)}
            </div>
          );
        })}
      </div>
      {offers.error && <ErrorCard title="The platforms could not be read" error={offers.error} retry={offers.reload} />}
    </SectionCard>
  );
}

export function Filters({ open, mapping, names, offers, problems }: SectionProps) {
  const directions: Side[] = mapping.target_tickets === true || conditionCount(filterOf(mapping, "target")) > 0 ? SIDES : ["source"];
  return (
    <SectionCard id="filters" title="Filters" problems={problems} about="Which tickets take part. One that is linked already stays in step.">
      {directions.map((side) => (
        <div key={side} className="setup-block">
          <h3>{names.from(side)}</h3>
          <Conditions
            label={`Filter of ${names.name(side)}`} filter={filterOf(mapping, side)} fields={fieldsOf(offers, side)} values={(field) => valuesOf(offers, side, field)}
            none={`Every ${mapping.name} of ${names.name(side)} takes part.`} change={(filter, burst) => open.editType((type) => withFilter(type, side, filter), burst)}
          />
          <MatchLine connection={open.connection} mapping={mapping} side={side} names={names} />
        </div>
      ))}
      <IncludePrivate open={open} mapping={mapping} names={names} label="Include private tickets" />
    </SectionCard>
  );
}

export function DirectionSection({ open, mapping, names, problems }: SectionProps) {
  const [source, target] = [names.name("source"), names.name("target")];
  const templates = (mapping.source_template ?? []).length;
  return (
    <SectionCard id="direction" title="Direction" problems={problems} about={`Tickets created in ${source} sync to ${target}. Which way each field flows is said in Mapping.`}>
      <Checkbox label={`Tickets created in ${target} also sync back`} on={mapping.target_tickets === true} change={(on) => open.editType((type) => withKey(type, "target_tickets", on, false))} />
      {mapping.target_tickets === true && templates === 0 && <p className="second">Templates says with what they are created in {source}; there is none yet, so linked tickets sync and no new one is created.</p>}
      {mapping.target_tickets !== true && conditionCount(filterOf(mapping, "target")) > 0 && <p className="second">The filter of {names.name(opposite("source"))} rests until then.</p>}
    </SectionCard>
  );
}
