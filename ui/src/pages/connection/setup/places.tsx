// Sides, Scope, Filters and Direction: where tickets are, and which of them take part.
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useQuery } from "../../../api/query";
import { Button, Checkbox, Pill, Select } from "../../../components/kit";
import { ErrorCard, Tile } from "../../../components/shapes";
import { Conditions } from "../editing/conditions";
import type { OpenDocument } from "../editing/document";
import { LateField } from "../editing/field";
import { conditionCount } from "../editing/filter";
import { opposite, SIDES, withKey } from "../editing/parts";
import { fieldsOf, type Names, type Offers, valuesOf } from "../editing/sides";
import { SectionCard } from "./pieces";
import { filterOf, withFilter, withScope } from "./rules";

export interface SectionProps {
  open: OpenDocument;
  mapping: TypeMapping;
  names: Names;
  offers: Offers;
  problems: FoundProblem[];
}

const NOTHING = {};

export function Sides({ open, names, offers, problems }: SectionProps) {
  const accounts = useQuery("list_accounts", NOTHING);
  const ran = names.card !== null && !names.card.first_run;
  return (
    <SectionCard id="sides" title="Sides" problems={problems} about={ran ? "Accounts stay as they are once a run has linked tickets." : "Which accounts are kept in step. Tickets start on the source and are received on the target."}>
      {accounts.error && <ErrorCard title="The accounts could not be read" error={accounts.error} retry={accounts.reload} />}
      <div className="setup-pair">
        {SIDES.map((side) => {
          const view = names.sides[side];
          const account = open.document[side];
          const same = (accounts.data ?? []).filter((each) => each.platform === view.platform);
          const options = [...new Set([account, ...same.map((each) => each.name)])];
          const schema = offers.data?.[side].schema ?? null;
          return (
            <div key={side} className="setup-side">
              <h3><Tile side={view} role={side} small />{side === "source" ? "Source" : "Target"}: {view.label}</h3>
              {ran
                ? <p>{account} <span className="second">{view.address}</span></p>
                : <Select label={`Account of the ${side}`} value={account} options={options.map((name) => ({ value: name, label: name }))} change={(name) => open.edit((document) => ({ ...document, [side]: name }))} />}
              {schema !== null && <p className="second">{schema.customers_read ? "Customers read public comments here." : "Customers do not read here."} {schema.internal_comments ? "Internal comments exist." : "There are no internal comments."}</p>}
            </div>
          );
        })}
      </div>
    </SectionCard>
  );
}

const SCOPES: Record<string, { container: string; type: string; containerNote: string }> = {
  servicenow: { container: "Assignment group", type: "Table", containerNote: "sys_id of one group; empty takes the whole table." },
  jira: { container: "Project", type: "Issue type", containerNote: "Key or id." },
};

export function ScopeSection({ open, mapping, names, offers, problems }: SectionProps) {
  return (
    <SectionCard id="scope" title="Scope" problems={problems} about={`Where ${mapping.name} tickets are on each side. What is typed is looked up at once.`}>
      <div className="setup-pair">
        {SIDES.map((side) => {
          const { platform, label } = names.sides[side];
          const words = SCOPES[platform] ?? { container: "Container", type: "Ticket type", containerNote: "Key or id." };
          const scope = mapping[side];
          const offered = offers.data?.[side] ?? null;
          const set = (key: "container" | "ticket_type" | "request_type") => (value: string) => open.editType((type) => withScope(type, side, key, value));
          return (
            <div key={side} className="setup-side" role="group" aria-label={`Scope of ${label}`}>
              <h3>{label}</h3>
              <LateField label={words.container} value={scope.container} note={words.containerNote} change={set("container")} />
              <LateField label={words.type} value={scope.ticket_type} required change={set("ticket_type")} note={offered?.schema ? `Read as ${offered.schema.type_label}, ${offered.schema.fields.length} fields.` : offers.loading ? `Reading ${label}.` : undefined} />
              {platform === "jira" && <LateField label="Request type" value={scope.request_type ?? ""} note="Id; a new ticket is then a customer request." change={set("request_type")} />}
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
        </div>
      ))}
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
      {mapping.include_private === true && (
        <p className="setup-line"><Pill tone="warn" icon="eye">Private tickets take part</Pill><Button size="small" onClick={() => open.editType((type) => withKey(type, "include_private", false, false))}>Leave private tickets out</Button></p>
      )}
      {mapping.target_tickets !== true && conditionCount(filterOf(mapping, "target")) > 0 && <p className="second">The filter of {names.name(opposite("source"))} rests until then.</p>}
    </SectionCard>
  );
}
