// One pair of tickets: its fields with a choice each, what will be written, and the two ways on.
import { useRef, useState } from "react";
import type { Choice } from "../../api/generated/Choice";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { useAct } from "../../api/query";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { OpenTicket, sidesOf } from "../../components/open-ticket";
import { ErrorCard, Tile, TilePair } from "../../components/shapes";
import { type Choices, chosenOf, type ConflictPair, refusal, writing } from "../../lib/conflict";
import { plural, span } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { useLive, useNow } from "../../state/live";
import { useToast } from "../../state/toast";
import { NextTime } from "./next-time";
import { FieldTable } from "./table";

interface DetailProps {
  pair: ConflictPair;
  choices: Choices;
  setChoices: (next: Choices) => void;
  step: (by: number) => void;
  later: () => void;
  reload: () => void;
}

export function ConflictDetail({ pair, choices, setChoices, step, later, reload }: DetailProps) {
  const { connections } = useLive();
  const { act, busy, error, forget } = useAct("decide_conflicts");
  const toast = useToast();
  const now = useNow(30_000);
  const [at, setAt] = useState(0);
  const table = useRef<HTMLDivElement>(null);
  const card = connections.data?.connections.find((one) => one.name === pair.connection);
  const names = { source: card?.source_side.label ?? "The source", target: card?.target_side.label ?? "The target" };
  const made = pair.fields.flatMap((field) => {
    const choice = chosenOf(field, choices);
    return choice === null || choice === field.decided ? [] : [{ conflict: field.id, choice, mark: field.mark }];
  });

  const choose = (place: number, choice: Choice) => {
    const field = pair.fields[place];
    if (field === undefined || refusal(field, choice, choice === "source" ? names.target : names.source) !== null) return;
    forget();
    setAt(place);
    setChoices(new Map([...choices, [field.id, { choice, mark: field.mark }]]));
  };
  const decide = async () => {
    if (made.length === 0 || busy) return;
    const answer = await act(made);
    reload();
    connections.reload();
    if (answer === null) return;
    const ids = new Set(made.map((decision) => decision.conflict));
    setChoices(new Map([...choices].filter(([id]) => !ids.has(id))));
    toast({ text: `${pair.source} ⇄ ${pair.target}: ${plural(made.length, "field")} decided. The next run writes it.` });
  };
  const press = (choice: Choice) => {
    choose(at, choice);
    table.current?.querySelector<HTMLElement>(`[data-place="${at}"][value="${choice}"]`)?.focus();
  };
  useKeys([
    [{ key: "1" }, () => press("source")],
    [{ key: "2" }, () => press("target")],
    [{ key: "3" }, () => press("leave")],
    [{ key: "Enter", ctrl: true }, () => void decide()],
  ]);

  return (
    <section className="split-detail" aria-labelledby="conflict-title" data-pane>
      <div className="split-body">
        <header className="split-head">
          {card !== undefined && <TilePair source={card.source_side} target={card.target_side} flow="both" />}
          <div>
            <h2 id="conflict-title" tabIndex={-1} data-pane-start>{pair.source} ⇄ {pair.target}</h2>
            {pair.title !== "" && <p>{pair.title}</p>}
            <p className="second">{pair.connection}, {pair.decided ? "waiting for the next run" : `waiting ${span(now - pair.found_ms)}`}</p>
          </div>
          <div className="split-head-end">
            <OpenTicket connection={pair.connection} sides={sidesOf(card)} tickets={{ source: pair.source, target: pair.target }} />
            <Button kind="quiet" className="button-icon conflict-up" aria-label="Previous conflict" onClick={() => step(-1)}><Icon name="down" /></Button>
            <Button kind="quiet" className="button-icon" aria-label="Next conflict" onClick={() => step(1)}><Icon name="down" /></Button>
          </div>
        </header>
        {error !== null && <ErrorCard title="Nothing was decided" error={error} retry={reload} />}
        <div ref={table}><FieldTable fields={pair.fields} card={card} names={names} choices={choices} choose={choose} at={at} setAt={setAt} /></div>
        <Writes pair={pair} choices={choices} card={card} />
        {card !== undefined && <NextTime fields={pair.fields} card={card} names={names} reload={reload} />}
      </div>
      <footer className="split-bar">
        <span className="conflict-keys second" aria-hidden="true"><kbd>1</kbd> {names.source} <kbd>2</kbd> {names.target} <kbd>3</kbd> leave both</span>
        <span className="split-bar-end">
          <Button kind="quiet" onClick={later}>Leave for later</Button>
          <Button
            kind="primary" busy={busy} onClick={() => void decide()} aria-keyshortcuts="Control+Enter"
            refused={made.length > 0 ? null : pair.decided ? "This is decided. Choose otherwise to change it." : "Choose a value first"}
          >
            Write chosen values
          </Button>
        </span>
      </footer>
    </section>
  );
}

function Writes({ pair, choices, card }: { pair: ConflictPair; choices: Choices; card: ConnectionCard | undefined }) {
  const chosen = pair.fields.flatMap((field) => {
    const choice = chosenOf(field, choices);
    return choice === null ? [] : [{ field, written: writing(field, choice) }];
  });
  const waiting = pair.fields.length - chosen.length;
  return (
    <section className="card panel" aria-labelledby="conflict-writes">
      <h3 id="conflict-writes">What will be written</h3>
      {chosen.length === 0 && <p className="second">Nothing yet: choose a value.</p>}
      <ul className="conflict-writes">
        {chosen.map(({ field, written }) => (
          <li key={field.id}>
            {written !== null && card !== undefined ? <Tile small side={written.side === "source" ? card.source_side : card.target_side} role={written.side} /> : <span className="conflict-none"><Icon name="nothing" small /></span>}
            <span className="second">{field.field}</span>
            {written === null ? <span className="second">nothing, both sides keep their value</span> : <span className={written.value === "" ? "quiet" : "conflict-value"}>{written.value === "" ? "empty" : written.value}</span>}
          </li>
        ))}
      </ul>
      {chosen.length > 0 && <p className="conflict-note">The next run writes it, after it looked once more that nothing changed.{waiting > 0 && ` ${plural(waiting, "field")} without a choice ${waiting === 1 ? "goes" : "go"} on waiting.`}</p>}
    </section>
  );
}
