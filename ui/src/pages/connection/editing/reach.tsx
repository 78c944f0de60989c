// How far what is shown can be trusted: when it was read, what was left out, who makes everybody wait, no network.
import { type ReactNode, useId, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { OfferedSide } from "../../../api/generated/OfferedSide";
import type { SideView } from "../../../api/generated/SideView";
import { useTransport } from "../../../api/transport";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { ErrorCard, sentence } from "../../../components/shapes";
import { fullMoment, moment, plural } from "../../../lib/format";
import { useOnline } from "../../../lib/online";
import "./reach.css";

/** Why platforms cannot be asked now; the practice ones are on this computer. */
export function useOffline(...views: SideView[]): string | null {
  const online = useOnline();
  return online || views.every((view) => view.practice) ? null : "This computer is offline.";
}

interface AgeProps {
  /** The platform whose fields these are. */
  view: SideView;
  offered: OfferedSide | null;
  busy: boolean;
  readAnew: () => void;
}

/** "as of 13:40", with a button that reads them again. */
export function FieldsAge({ view, offered, busy, readAnew }: AgeProps) {
  const now = useTransport().now();
  const offline = useOffline(view);
  if (offered?.taken_ms == null) return null;
  const { taken_ms: taken } = offered;
  return (
    <span className="fields-age">
      <time dateTime={new Date(taken).toISOString()} title={fullMoment(taken)}>as of {moment(taken, now)}</time>
      <Button kind="quiet" size="small" className="button-icon" aria-label={`Read the ${view.label} fields again`} title={`Read the ${view.label} fields again`} busy={busy} refused={offline} onClick={readAnew}>{!busy && <Icon name="sync" small />}</Button>
    </span>
  );
}

/** What a platform did not return is named, never drawn as empty. */
export function Partly({ view, missing }: { view: SideView; missing: string[] }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  if (missing.length === 0) return null;
  return (
    <div className="partly">
      <p>{view.label} did not return everything: {plural(missing.length, "part")}.</p>
      <Button kind="quiet" size="small" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>{open ? "Hide them" : "See which"}</Button>
      {open && <ul id={id}>{missing.map((each) => <li key={each}>{sentence(each)}</li>)}</ul>}
    </div>
  );
}

/** A side that cannot be read now, while what was read before stands. */
export function SideTrouble({ view, offered, busy, readAnew }: AgeProps) {
  const now = useTransport().now();
  const offline = useOffline(view);
  if (offered?.trouble == null || offered.schema === null) return null;
  const { trouble, taken_ms: taken } = offered;
  const since = taken === null ? "" : `; fields as of ${moment(taken, now)}`;
  return (
    <div className="side-trouble" role="status">
      <Icon name={waits(trouble) ? "clock" : "warning"} small />
      <p>{waits(trouble) ? `${view.label} makes Lockstep wait` : `${view.label} cannot be read now`}{since}: {sentence(trouble.message)}</p>
      <Button size="small" busy={busy} refused={offline} onClick={readAnew}>Try again</Button>
    </div>
  );
}

export function waits(error: ApiError): boolean {
  return error.code === "rate_limited";
}

interface NotReadProps {
  error: ApiError;
  title: string;
  /** The platform that was asked. */
  view: SideView;
  retry: () => void;
  /** Another way on. */
  other?: ReactNode;
}

/** A platform that makes everybody wait is no error. */
export function NotRead({ error, title, view, retry, other }: NotReadProps) {
  if (!waits(error)) return <><ErrorCard title={title} error={error} retry={retry} />{other !== undefined && <p className="not-read-other">{other}</p>}</>;
  return (
    <section className="not-read-waits" role="status">
      <Icon name="clock" small />
      <div>
        <p><strong>{view.label} makes Lockstep wait.</strong> {sentence(error.message)}{error.hint !== null && ` ${sentence(error.hint)}`}</p>
        <p className="not-read-acts"><Button size="small" onClick={retry}>Try again</Button>{other}</p>
      </div>
    </section>
  );
}
