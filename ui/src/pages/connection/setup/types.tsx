// The ticket types of a connection: one is added with its place on both sides, renamed while nothing is linked, or removed.
import { useState } from "react";
import type { Pair } from "../../../api/generated/Pair";
import type { Scope } from "../../../api/generated/Scope";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useQuery } from "../../../api/query";
import { Dialog } from "../../../components/dialog";
import { Button } from "../../../components/kit";
import { Question } from "../../../components/question";
import { ScopePicker } from "../../../components/scope-picker";
import { TextField } from "../../../components/text-field";
import { plural } from "../../../lib/format";
import { offerOf, scopeWords, whatOf } from "../../../lib/scopes";
import type { OpenDocument } from "../editing/document";
import { SIDES } from "../editing/parts";
import type { Names } from "../editing/sides";

interface TypesProps {
  open: OpenDocument;
  mapping: TypeMapping;
  names: Names;
}

export function Types({ open, mapping, names }: TypesProps) {
  const [layer, show] = useState<"add" | "rename" | "remove" | null>(null);
  const close = () => show(null);
  const inUse = (open.picture.document.type ?? []).some((type) => type.name === mapping.name);
  const bound = inUse && open.picture.links > 0;
  const remove = () => {
    open.edit((document) => ({ ...document, type: (document.type ?? []).toSpliced(open.at, 1) }));
    open.show(Math.max(0, open.at - 1));
    close();
  };
  return (
    <div className="setup-line" role="group" aria-label="Ticket types">
      <span className="strong">{mapping.name}</span>
      <Button size="small" refused={bound ? "Linked tickets are known by this name." : null} onClick={() => show("rename")}>Rename…</Button>
      <Button size="small" refused={open.types.length === 1 ? "A connection needs one ticket type." : null} onClick={() => show("remove")}>Remove…</Button>
      <Button size="small" icon="plus" onClick={() => show("add")}>Add ticket type…</Button>
      {layer === "add" && <AddType open={open} names={names} close={close} />}
      {layer === "rename" && <RenameType open={open} mapping={mapping} close={close} />}
      {layer === "remove" && (
        <Question title={`Remove the ticket type ${mapping.name}?`} confirm={`Remove ${mapping.name}`} confirmed={remove} danger safe="Keep it" close={close}>
          <p>Its mapping, templates and filters go with it once this is saved. {bound ? `Its tickets among the ${plural(open.picture.links, "linked pair")} stay linked and are no longer kept in step.` : "No ticket is linked yet."} Until then Undo brings it back.</p>
        </Question>
      )}
    </div>
  );
}

/** Why a name cannot be taken; null where it can. */
function wrongName(name: string, types: TypeMapping[]): string | null {
  if (name.trim() === "") return "Write a name.";
  return types.some((type) => type.name === name.trim()) ? "There is a ticket type of this name already." : null;
}

function RenameType({ open, mapping, close }: { open: OpenDocument; mapping: TypeMapping; close: () => void }) {
  const [name, setName] = useState(mapping.name);
  const others = open.types.filter((type) => type !== mapping);
  const wrong = wrongName(name, others);
  const rename = () => {
    if (wrong !== null) return;
    open.editType((type) => ({ ...type, name: name.trim() }));
    close();
  };
  return (
    <Dialog title={`Rename ${mapping.name}`} close={close} foot={<><Button onClick={close}>Cancel</Button><Button kind="primary" refused={wrong} onClick={rename}>Rename</Button></>}>
      <TextField data-first label="Name" required value={name} change={setName} problem={wrong} onKeyDown={(event) => { if (event.key === "Enter") rename(); }} />
    </Dialog>
  );
}

const NOWHERE: Pair<Scope | null> = { source: null, target: null };

export function AddType({ open, names, close }: { open: OpenDocument; names: Names; close: () => void }) {
  const [scopes, setScopes] = useState(NOWHERE);
  const [typed, setTyped] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const offered = useQuery("list_scopes", { account: open.document.source });
  const first = scopes.source === null ? null : offerOf(offered.data ?? [], scopes.source);
  const name = typed ?? (first === null ? scopes.source?.ticket_type ?? "" : whatOf(first));
  const wrong = wrongName(name, open.types);
  const add = () => {
    setTried(true);
    const { source, target } = scopes;
    if (wrong !== null || source === null || target === null || source.ticket_type === "" || target.ticket_type === "") return;
    const at = open.types.length;
    open.edit((document) => ({ ...document, type: [...(document.type ?? []), { name: name.trim(), source, target, field: [] }] }));
    open.show(at);
    close();
  };
  return (
    <Dialog title="Add ticket type" close={close} foot={<><Button onClick={close}>Cancel</Button><Button kind="primary" onClick={add}>Add ticket type</Button></>}>
      {SIDES.map((side) => {
        const { label, platform } = names.sides[side];
        const missing = tried && (scopes[side]?.ticket_type ?? "") === "";
        return (
          <fieldset key={side} className="setup-new">
            <legend>{label} <span className="quiet">{side}</span></legend>
            <ScopePicker
              label={label} account={open.document[side]} platform={platform} scope={scopes[side]} change={(scope) => setScopes((before) => ({ ...before, [side]: scope }))}
              problem={missing ? `${scopeWords(platform).chooseType}.` : null}
            />
          </fieldset>
        );
      })}
      <TextField label="Name" required value={name} change={setTyped} note="Names the pair here, such as Incident." problem={(tried || typed !== null) && wrong !== null ? wrong : null} />
      <p className="quiet">Its mapping is drawn next. Nothing is synced before it is saved.</p>
    </Dialog>
  );
}
