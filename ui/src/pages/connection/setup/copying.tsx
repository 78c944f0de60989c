// Matching, Comments and Attachments: what is linked, and what travels with a ticket.
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { EditedComments } from "../../../api/generated/EditedComments";
import { Icon } from "../../../components/icons";
import { Checkbox, Select } from "../../../components/kit";
import { LateField } from "../../../components/late-field";
import { TextField } from "../../../components/text-field";
import { misfit } from "../editing/numbers";
import { opposite, SIDES } from "../editing/parts";
import { fieldsOf } from "../editing/sides";
import { Matrix } from "./matrix";
import { Choices, SectionCard } from "./pieces";
import type { SectionProps } from "./places";
import type { Section } from "./sections";
import { useReport } from "./wrong";
import { attachmentsOf, AUTHOR_LINE, commentsOf, type Matching, MEGABYTE, typesIn, withAttachments, withComments, withMatching } from "./rules";
import { useState } from "react";

/** Only plain text and numbers say something on another platform. */
function comparable(fields: FieldSchema[], now: string): { value: string; label: string }[] {
  const fit = fields.filter((field) => ["line", "text", "number"].includes(field.kind)).map((field) => ({ value: field.id, label: field.label }));
  const all = [{ value: "key", label: "The ticket's key" }, ...fit];
  return all.some((option) => option.value === now) ? all : [...all, { value: now, label: fields.find((field) => field.id === now)?.label ?? `${now} (not read)` }];
}

export function MatchingSection({ open, mapping, names, offers, problems }: SectionProps) {
  const rule = mapping.match;
  const mode: Matching = rule?.mode ?? "create_only";
  return (
    <SectionCard id="matching" title="Matching" problems={problems} about="What happens with a ticket that has no partner yet.">
      <Choices
        label="What happens with a ticket without a partner" value={mode} choose={(next) => open.editType((type) => withMatching(type, next))}
        options={[
          { value: "create_only", label: "Create only", note: "Never looks for one that exists." },
          { value: "match_then_create", label: "Match, then create", note: "Links the one that matches, and creates where none does." },
          { value: "match_only", label: "Match only", note: "Links the one that matches, and never creates." },
        ]}
      />
      {rule !== undefined && (
        <div className="setup-match">
          <Select label={`${names.name("source")} field`} value={rule.source} options={comparable(fieldsOf(offers, "source"), rule.source)} change={(source) => open.editType((type) => ({ ...type, match: { ...rule, source } }))} />
          <span aria-hidden="true">=</span>
          <Select label={`${names.name("target")} field`} value={rule.target} options={comparable(fieldsOf(offers, "target"), rule.target)} change={(target) => open.editType((type) => ({ ...type, match: { ...rule, target } }))} />
        </div>
      )}
    </SectionCard>
  );
}

const EDITED: { value: EditedComments; label: string }[] = [{ value: "update", label: "Update the copy" }, { value: "ignore", label: "Ignore" }];

export function Comments({ open, mapping, names, offers, problems }: SectionProps) {
  const rules = commentsOf(mapping);
  const schema = (side: "source" | "target") => offers.data?.[side].schema ?? null;
  return (
    <SectionCard id="comments" title="Comments" problems={problems} about="What a comment becomes on the other side. Who may read it never widens by itself.">
      {SIDES.map((side) => {
        const to = opposite(side);
        return (
          <Matrix
            key={side} from={names.sides[side]} to={names.sides[to]} customers={{ from: schema(side)?.customers_read ?? false, to: schema(to)?.customers_read ?? false }}
            internal={schema(to)?.internal_comments ?? null} row={rules[side]} change={(row) => open.editType((type) => withComments(type, { [side]: row }))}
          />
        );
      })}
      <div className="setup-pair">
        <AuthorLine value={rules.author_line} change={(author_line, burst) => open.editType((type) => withComments(type, { author_line }), burst)} />
        <Select label="Edited comments" value={rules.edited} options={EDITED} change={(edited) => open.editType((type) => withComments(type, { edited }))} />
      </div>
    </SectionCard>
  );
}

const LINES: Record<string, string> = { [AUTHOR_LINE]: "Name, platform, time", "{author}, {platform}": "Name, platform", "": "None" };

function AuthorLine({ value, change }: { value: string; change: (line: string, burst?: string) => void }) {
  const [own, setOwn] = useState(!(value in LINES));
  const typed = own || !(value in LINES);
  return (
    <div className="setup-stack">
      <Select
        label="Author line" value={typed ? "own" : value} options={[...Object.entries(LINES).map(([line, label]) => ({ value: line, label })), { value: "own", label: "Own text…" }]}
        change={(next) => {
          setOwn(next === "own");
          if (next !== "own") change(next);
        }}
      />
      {typed && <TextField labelHidden label="Text of the author line" value={value} note="{author}, {platform} and {time} are filled in." change={(next) => change(next, "author line")} />}
      {!typed && value === "" && <p className="second">Without it, two comments with the same text cannot be told apart.</p>}
    </div>
  );
}

export function Attachments({ open, mapping, names, offers, problems }: SectionProps) {
  const rules = attachmentsOf(mapping);
  const some = rules.copy.source || rules.copy.target;
  const megabytes = Math.round((rules.bytes_max / MEGABYTE) * 10) / 10;
  return (
    <SectionCard id="attachments" title="Attachments" problems={problems} about="A file that is left out never stops its ticket.">
      <div className="setup-stack" role="group" aria-label="Copy attachments">
        {SIDES.map((side) => (
          <div key={side} className="setup-line">
            <Checkbox label={`Copy attachments ${names.from(side)}`} on={rules.copy[side]} change={(on) => open.editType((type) => withAttachments(type, { copy: { ...rules.copy, [side]: on } }))} />
            {rules.copy[side] && offers.data?.[opposite(side)].schema?.customers_read === true && <span className="seen"><Icon name="eye" small />{names.sides[opposite(side)].practice ? "Customer would see this" : "Customer will see this"}</span>}
          </div>
        ))}
      </div>
      {some && (
        <div className="setup-pair">
          <NumberField section="attachments" label="Up to (MB)" value={megabytes} min={1} max={2000} change={(size) => open.editType((type) => withAttachments(type, { bytes_max: size * MEGABYTE }))} />
          <LateField label="Types" value={(rules.types ?? []).join(", ")} placeholder="all" note="Beginnings of media types, such as image/ or application/pdf; empty takes all." change={(text) => open.editType((type) => withAttachments(type, { types: typesIn(text) }))} />
        </div>
      )}
    </SectionCard>
  );
}

interface NumberFieldProps {
  section: Section;
  label: string;
  value: number;
  min: number;
  max: number;
  note?: string;
  change: (value: number) => void;
}

/** What does not fit stays typed and is told; the document keeps the last number that did. */
export function NumberField({ section, label, value, min, max, note, change }: NumberFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed === null ? null : misfit(typed, min, max);
  const report = useReport();
  return (
    <div onBlur={() => setTyped((now) => (now !== null && misfit(now, min, max) === null ? null : now))}>
      <TextField
        label={label} type="number" min={min} max={max} value={typed ?? String(value)} problem={wrong} note={note}
        change={(text) => {
          setTyped(text);
          const fits = misfit(text, min, max) === null;
          report(section, label, !fits);
          if (fits) change(Number(text));
        }}
      />
    </div>
  );
}
