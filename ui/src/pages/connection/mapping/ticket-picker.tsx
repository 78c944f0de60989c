// The source tray's choice of the ticket whose values the trays show.
import type { SideView } from "../../../api/generated/SideView";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { LoadingLine, sentence } from "../../../components/shapes";
import { useOffline, waits } from "../editing/reach";
import type { Samples } from "../editing/samples";

interface TicketPickerProps {
  view: SideView;
  samples: Samples;
}

export function TicketPicker({ view, samples }: TicketPickerProps) {
  const { recent: { source: recent }, unlisted: { source: unlisted }, sample, reading, failed, pick, list } = samples;
  const offline = useOffline(view);
  const lost = failed?.asked.side === "source" ? failed.error : unlisted;
  const shown = reading?.side === "source" ? reading.key : keyOn(samples);
  const offers = recent ?? [];
  const listed = offers.some((offer) => offer.key === shown);
  const waiting = recent === null && unlisted === null;
  const empty = offers.length === 0 && shown === null;
  const title = sample?.side === "source" && sample.key === shown ? sample.title : "";
  return (
    <div className="ticket-picker">
      {!empty && (
        <span className="select select-small ticket-select">
          <Icon name="ticket" small />
          <select aria-label={`${view.label} ticket whose values are shown`} value={shown ?? ""} disabled={offline !== null} title={offline ?? (shown === null ? undefined : `${shown} ${title}`.trim())} onChange={(event) => pick({ side: "source", key: event.target.value })}>
            {!listed && <option value={shown ?? ""} disabled={shown === null}>{shown === null ? (sample === null ? "Pick a ticket" : `${sample.key} has no partner`) : `${shown}  ${title}`}</option>}
            {offers.map((offer) => <option key={offer.key} value={offer.key}>{offer.key}{"  "}{offer.title}</option>)}
          </select>
          <Icon name="down" small />
          <LoadingLine on={reading !== null} />
        </span>
      )}
      {empty && lost === null && <p className="ticket-none">{waiting ? "Reading recent tickets…" : "No ticket changed lately"}</p>}
      {lost !== null && (
        <p className={waits(lost) ? "ticket-lost tone-warn" : "ticket-lost"} title={sentence(lost.message)}>
          <span role="status">{waits(lost) ? `${view.label} makes Lockstep wait` : "No ticket could be read"}</span>
          <Button kind="quiet" size="small" refused={offline} onClick={() => (failed?.asked.side === "source" ? pick(failed.asked) : list("source", true))}>Try again</Button>
        </p>
      )}
    </div>
  );
}

/** The source's ticket of what is at hand. */
function keyOn({ sample }: Samples): string | null {
  if (sample === null) return null;
  return sample.side === "source" ? sample.key : sample.partner;
}
