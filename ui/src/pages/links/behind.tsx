// What is behind a link: what runs did with the pair, its comments and files with where each was copied, and the writes to it.
import type { CopyState } from "../../api/generated/CopyState";
import type { CopyView } from "../../api/generated/CopyView";
import type { LinkDetail } from "../../api/generated/LinkDetail";
import type { PairEvent } from "../../api/generated/PairEvent";
import type { SideView } from "../../api/generated/SideView";
import type { WriteState } from "../../api/generated/WriteState";
import type { WriteView } from "../../api/generated/WriteView";
import { Icon } from "../../components/icons";
import { Moment, sentence, Tile } from "../../components/shapes";
import { count, moment, plural } from "../../lib/format";
import { write } from "../../lib/route";
import { summary } from "../../lib/ticket";
import { outcomeMark, type Tone } from "../../lib/words";
import { useNow } from "../../state/live";

interface BehindProps {
  detail: LinkDetail;
  sides: { source: SideView; target: SideView };
}

export function Behind({ detail, sides }: BehindProps) {
  return (
    <>
      <History events={detail.history} />
      <Ledger copies={detail.copies} sides={sides} />
      <Writes writes={detail.writes} sides={sides} />
    </>
  );
}

function History({ events }: { events: PairEvent[] }) {
  const now = useNow(60_000);
  return (
    <section aria-labelledby="link-history">
      <h3 id="link-history">History of the pair</h3>
      {events.length === 0 && <p className="second">The history of runs does not reach back to this pair.</p>}
      <ol className="link-list">
        {events.map(({ at_ms, ticket }) => {
          const mark = outcomeMark(ticket.outcome);
          return (
            <li key={ticket.run}>
              <Moment ms={at_ms}>{moment(at_ms, now)}</Moment>
              <span><span className={`tone-${mark.tone}`}>{ticket.label}</span> <span className="second">{summary(ticket)}</span></span>
              <a href={write({ page: "run", run: ticket.run })}>Run {count(ticket.run)}</a>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** What became of a comment or file, and why nothing more does. */
const COPIES: Record<CopyState, { label: string; why: string; tone: Tone }> = {
  copied: { label: "Copied", why: "", tone: "ok" },
  known: { label: "Not copied", why: "It was there before the two were linked.", tone: "plain" },
  kept: { label: "Not copied", why: "The rules keep it where it is.", tone: "plain" },
  unexplained: { label: "Not copied", why: "Lockstep's own user wrote it, and no run explains it.", tone: "warn" },
};

const AUDIENCE = { true: "public", false: "internal" } as const;

function Ledger({ copies, sides }: { copies: CopyView[]; sides: BehindProps["sides"] }) {
  const comments = copies.filter((copy) => copy.kind === "comment").length;
  const told = [comments > 0 ? plural(comments, "comment") : "", copies.length > comments ? plural(copies.length - comments, "file") : ""].filter(Boolean).join(", ");
  return (
    <section aria-labelledby="link-ledger">
      <h3 id="link-ledger">Comments and files{told !== "" && <span className="second">, {told}</span>}</h3>
      {copies.length === 0 && <p className="second">None was seen on either side.</p>}
      <ul className="link-list">
        {copies.map((copy) => {
          const from = copy.side === "source" ? "source" : "target";
          const [here, there] = [sides[from], sides[from === "source" ? "target" : "source"]];
          const mark = COPIES[copy.state];
          const audience = copy.public === null ? "" : `, ${AUDIENCE[`${copy.public}`]}`;
          return (
            <li key={`${copy.kind} ${copy.side} ${copy.id}`}>
              <Tile small side={here} role={from} />
              <span>
                {copy.kind === "comment" ? "Comment" : "File"}{audience} <span className="quiet">{copy.id}</span>
                {mark.why !== "" && <span className="link-why">{mark.why}</span>}
              </span>
              <span className={`tone-${mark.tone}`}>{mark.label}{copy.state === "copied" && <span className="second"> to {there.label}{copy.copy !== null && <span className="quiet"> {copy.copy}</span>}</span>}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const KINDS: Record<string, string> = {
  create: "New ticket", update: "Fields", status: "Status", comment: "Comment", edit_comment: "Edited comment", attachment: "File", link: "Link",
};
const WRITES: Record<WriteState, { label: string; tone: Tone }> = {
  done: { label: "Written", tone: "ok" },
  refused: { label: "Refused", tone: "bad" },
  open: { label: "Looked up first", tone: "warn" },
  given_up: { label: "Planned anew", tone: "plain" },
};

function Writes({ writes, sides }: { writes: WriteView[]; sides: BehindProps["sides"] }) {
  const now = useNow(60_000);
  if (writes.length === 0) return null;
  return (
    <details className="link-writes">
      <summary><Icon name="next" small />{plural(writes.length, "write")} of Lockstep</summary>
      <ol className="link-list">
        {writes.map((one) => {
          const side = one.side === "source" ? "source" : "target";
          const mark = WRITES[one.state];
          return (
            <li key={one.id}>
              <Tile small side={sides[side]} role={side} />
              <span>
                {KINDS[one.kind] ?? "Write"} {one.sent_ms !== null && <span className="second"><Moment ms={one.sent_ms}>{moment(one.sent_ms, now)}</Moment></span>}
                {one.error !== null && <span className="link-why tone-bad">{sentence(one.error)}</span>}
              </span>
              <span className={`tone-${mark.tone}`}>{mark.label}{one.run !== null && <> <a href={write({ page: "run", run: one.run })}>Run {count(one.run)}</a></>}</span>
            </li>
          );
        })}
      </ol>
    </details>
  );
}
