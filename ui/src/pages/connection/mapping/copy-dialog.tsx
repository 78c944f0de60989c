// Copy from another connection: its rows in use, what they would change here, and then one step in the draft.
import { useState } from "react";
import type { ConnectionCard } from "../../../api/generated/ConnectionCard";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useQuery } from "../../../api/query";
import { Dialog } from "../../../components/dialog";
import { Icon } from "../../../components/icons";
import { Button, Select } from "../../../components/kit";
import { ErrorCard, Skeleton } from "../../../components/shapes";
import { plural } from "../../../lib/format";
import { differences } from "../editing/differences";
import type { OpenDocument } from "../editing/document";
import { SIDES } from "../editing/parts";
import { fieldsOf, typesOf } from "../editing/rows";
import { DifferenceList } from "../editing/versions";
import { copied, type Copying } from "./copying";
import type { Offers } from "./offer";
import { rowName } from "./words";

const NOTHING = {};

interface CopyDialogProps {
  connection: ConnectionCard;
  open: OpenDocument;
  mapping: TypeMapping;
  offers: Offers;
  close: () => void;
  announce: (text: string) => void;
}

export function CopyDialog({ connection, open, mapping, offers, close, announce }: CopyDialogProps) {
  const list = useQuery("list_connections", NOTHING);
  const [chosen, choose] = useState<number | null>(null);
  // Fields mean something on the same platforms only.
  const alike = (list.data?.connections ?? []).filter((each) => each.id !== connection.id && SIDES.every((side) => platformOf(each, side) === platformOf(connection, side)));
  const from = alike.find((each) => each.id === chosen) ?? alike[0];
  return (
    <Dialog title="Copy from another connection" wide close={close}>
      {list.error && <ErrorCard title="The connections could not be read" error={list.error} retry={list.reload} />}
      {list.data === null && list.error === null && <Skeleton rows={2} what="the connections" />}
      {list.data !== null && from === undefined && <p>No other connection joins {connection.source_side.label} and {connection.target_side.label}.</p>}
      {from !== undefined && (
        <>
          <Select label="Connection" value={String(from.id)} options={alike.map((each) => ({ value: String(each.id), label: each.name }))} change={(id) => choose(Number(id))} />
          <Rows key={from.id} from={from} open={open} mapping={mapping} offers={offers} close={close} announce={announce} />
        </>
      )}
    </Dialog>
  );
}

function platformOf(card: ConnectionCard, side: "source" | "target"): string {
  return (side === "source" ? card.source_side : card.target_side).platform;
}

function Rows({ from, open, mapping, offers, close, announce }: Omit<CopyDialogProps, "connection"> & { from: ConnectionCard }) {
  const read = useQuery("open_editor", { connection: from.id });
  const [type, chooseType] = useState<string | null>(null);
  const [how, setHow] = useState<Copying>("missing");
  if (read.error) return <ErrorCard title={`${from.name} could not be opened`} error={read.error} retry={read.reload} />;
  if (read.data === null) return <Skeleton rows={3} what={from.name} />;
  const types = typesOf(read.data.document);
  const other = types.find((each) => each.name === type) ?? types.find((each) => each.name === mapping.name) ?? types[0];
  if (other === undefined) return <p>{from.name} has no ticket type yet.</p>;
  const next = copied(mapping, other, how);
  const found = differences({ ...open.document, type: [mapping] }, { ...open.document, type: [next] });
  const strange = next.field.filter((row) => !mapping.field.includes(row) && !known(row, offers)).length;
  return (
    <>
      {types.length > 1 && <Select label="Ticket type" value={other.name} options={types.map((each) => ({ value: each.name, label: each.name }))} change={chooseType} />}
      <Select label="Rows" value={how} options={[{ value: "missing", label: "Add the rows that are missing here" }, { value: "all", label: "Replace all rows" }]} change={setHow} />
      <div role="status">
        {found.length === 0
          ? <p>{how === "missing" ? "No row is missing here." : "Both mappings say the same."}</p>
          : <><p>{plural(found.length, "change")} to {mapping.name}:</p><DifferenceList found={found} name={(row) => rowName(row, offers)} /></>}
        {strange > 0 && <p className="copy-strange"><Icon name="warning" small />{strange === 1 ? "1 row names a field" : `${strange} rows name fields`} that this connection does not have; the checker marks {strange === 1 ? "it" : "them"}.</p>}
      </div>
      <p className="second">Nothing takes effect until it is saved.</p>
      <div className="copy-acts">
        <Button data-first onClick={close}>Cancel</Button>
        <Button
          kind="primary" refused={found.length === 0 ? "There is nothing to copy." : null}
          onClick={() => {
            open.editType(() => next);
            announce(`Copied from ${from.name}: ${plural(found.length, "change")}. Ctrl Z takes it back.`);
            close();
          }}
        >Copy rows</Button>
      </div>
    </>
  );
}

function known(row: FieldMapping, offers: Offers): boolean {
  return SIDES.every((side) => offers[side].schema === null || fieldsOf(row, side).every((id) => offers[side].field(id) !== undefined));
}
