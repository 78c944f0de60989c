// What happens the next time a field changes on both sides: a choice of the mapping, made where the question comes up.
import { useId, useState } from "react";
import type { ApiError } from "../../api/generated/ApiError";
import type { ConflictView } from "../../api/generated/ConflictView";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { FieldIds } from "../../api/generated/FieldIds";
import type { OnConflict } from "../../api/generated/OnConflict";
import { asApiError, type Transport, useTransport } from "../../api/transport";
import { Button, Select } from "../../components/kit";
import { sentence } from "../../components/shapes";
import { go } from "../../lib/route";
import { useToast } from "../../state/toast";

interface NextTimeProps {
  fields: ConflictView[];
  card: ConnectionCard;
  names: { source: string; target: string };
  reload: () => void;
}

export function NextTime({ fields, card, names, reload }: NextTimeProps) {
  const asked = fields.filter((field) => field.on_conflict !== null);
  const title = useId();
  if (asked.length === 0) return null;
  return (
    <section className="card panel conflict-next" aria-labelledby={title}>
      <h3 id={title}>Next time</h3>
      {asked.map((field) => <Field key={field.id} field={field} card={card} names={names} reload={reload} />)}
    </section>
  );
}

function Field({ field, card, names, reload }: Omit<NextTimeProps, "fields"> & { field: ConflictView }) {
  const transport = useTransport();
  const toast = useToast();
  const [busy, setBusy] = useState<OnConflict | null>(null);
  const [trouble, setTrouble] = useState<ApiError | null>(null);
  const now = busy ?? field.on_conflict ?? "ask";
  const options: { value: OnConflict; label: string }[] = [
    { value: "ask", label: "Ask me" }, { value: "source_wins", label: `${names.source} wins` }, { value: "target_wins", label: `${names.target} wins` },
    { value: "newest_wins", label: "Newest wins" },
  ];
  const label = `Next time ${field.field} changes on both sides`;
  const set = async (next: OnConflict, undoable: boolean) => {
    const before = field.on_conflict ?? "ask";
    setBusy(next);
    setTrouble(null);
    try {
      await save(transport, card.id, field, next);
      const text = `${label}: ${options.find((option) => option.value === next)?.label ?? ""}.`;
      toast(undoable ? { text, undo: () => void set(before, false) } : { text });
      reload();
    } catch (thrown) {
      setTrouble(asApiError(thrown));
    } finally {
      setBusy(null);
    }
  };
  return (
    <div className="conflict-next-field">
      <Select label={label} value={now} options={options} change={(next) => void set(next, true)} />
      {trouble !== null && (
        <p className="tone-bad" role="alert">
          {sentence(trouble.message)}{trouble.hint === null ? "" : ` ${sentence(trouble.hint)}`}{" "}
          <Button size="small" onClick={() => go({ page: "connection", connection: card.id, tab: "mapping" })}>Open mapping</Button>
        </p>
      )}
    </div>
  );
}

/** Saves a version that differs in this alone. Changes that somebody has not saved yet are theirs to save. */
async function save(transport: Transport, connection: number, conflict: ConflictView, next: OnConflict): Promise<void> {
  const open = await transport.call("open_editor", { connection });
  if (open.draft !== null) throw refused("the mapping has changes that are not saved", "Save or discard them first, or choose it there.");
  const document = structuredClone(open.document);
  const field = document.type?.find((type) => type.name === conflict.type_mapping)?.field.find((each) => `${joined(each.source)}=${joined(each.target)}` === conflict.mapping);
  if (field === undefined) throw refused("this field mapping is not there any more", null);
  field.on_conflict = next;
  const saved = await transport.call("save_document", { connection, document, based_on: open.revision });
  if (!saved.live) throw refused("the mapping has errors, so this was kept as a draft", "Mend them and save the mapping.");
}

function joined(ids: FieldIds | undefined): string {
  return ids === undefined ? "" : typeof ids === "string" ? ids : ids.join("+");
}

function refused(message: string, hint: string | null): ApiError & Error {
  return Object.assign(new Error(message), { code: "invalid", message, hint });
}
