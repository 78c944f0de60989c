// Saved versions: what each would change in the draft, and bringing one back. Restoring is a step that can be undone.
import { useState } from "react";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useQuery } from "../../../api/query";
import { useTransport } from "../../../api/transport";
import { Dialog } from "../../../components/dialog";
import { Button, Pill } from "../../../components/kit";
import { ErrorCard, Skeleton } from "../../../components/shapes";
import { fullMoment, moment, plural } from "../../../lib/format";
import { type Difference, differences, differenceText } from "./differences";
import type { OpenDocument } from "./document";
import { SIDES } from "./parts";
import { fieldsOf } from "./rows";
import { fieldsOf as offeredFields, labelOf, useOffers } from "./sides";

/** More differences than this are a number only. */
const SHOWN_MAX = 8;

interface VersionsProps {
  open: OpenDocument;
  mapping: TypeMapping;
  close: () => void;
}

export function Versions({ open, mapping, close }: VersionsProps) {
  const { connection } = open;
  const now = useTransport().now();
  const list = useQuery("list_versions", { connection });
  const [chosen, setChosen] = useState<number | null>(null);
  return (
    <Dialog title="Versions" wide close={close} foot={<Button data-first onClick={close}>Close</Button>}>
      <p className="second">Every save is a version. Restoring puts one into the draft; nothing takes effect until it is saved.</p>
      {list.error && <ErrorCard title="The versions could not be read" error={list.error} retry={list.reload} />}
      {list.data === null && list.error === null && <Skeleton rows={3} what="versions" />}
      <ul className="editor-versions">
        {list.data?.map((version) => (
          <li key={version.revision}>
            <button type="button" className="editor-version" aria-expanded={chosen === version.revision} onClick={() => setChosen(chosen === version.revision ? null : version.revision)}>
              <strong>Version {version.revision}</strong><span className="second" title={fullMoment(version.saved_ms)}>{moment(version.saved_ms, now)}</span>{version.live && <Pill tone="ok" icon="check">In use</Pill>}
            </button>
            {chosen === version.revision && <Version open={open} mapping={mapping} revision={version.revision} close={close} />}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Version({ open, mapping, revision, close }: VersionsProps & { revision: number }) {
  const read = useQuery("read_version", { connection: open.connection, revision });
  const offers = useOffers(open.connection, mapping);
  if (read.error) return <ErrorCard title="This version could not be read" error={read.error} retry={read.reload} />;
  const version = read.data;
  if (version === null) return <Skeleton rows={1} what="the version" />;
  const found = differences(open.document, version);
  const name = (row: FieldMapping) => SIDES.map((side) => fieldsOf(row, side).map((id) => labelOf(offeredFields(offers, side), id)).join(" + ")).filter(Boolean).join(" and ");
  return (
    <div className="editor-version-details">
      {found.length === 0 ? <p>The draft says the same.</p> : (
        <>
          <p>{plural(found.length, "difference")} from the draft:</p>
          <DifferenceList found={found} name={name} />
          <Button onClick={() => {
            open.edit((document) => ({ ...version, name: document.name, source: document.source, target: document.target }));
            close();
          }}>Restore version {revision}</Button>
        </>
      )}
    </div>
  );
}

/** Differences in words; the first few of many. */
export function DifferenceList({ found, name }: { found: Difference[]; name: (row: FieldMapping) => string }) {
  return (
    <ul className="editor-differences">
      {found.slice(0, SHOWN_MAX).map((each, at) => <li key={at}>{differenceText(each, name)}</li>)}
      {found.length > SHOWN_MAX && <li>and {found.length - SHOWN_MAX} more</li>}
    </ul>
  );
}
