// Decide all with…: one side for every open field in the list, with what that comes to. Nothing is written before the next run.
import { useState } from "react";
import type { ConflictView } from "../../api/generated/ConflictView";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { useAct } from "../../api/query";
import { Dialog } from "../../components/dialog";
import { Button } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { type ConflictPair, newest, refusal } from "../../lib/conflict";
import { count, plural } from "../../lib/format";

interface DecideAllProps {
  pairs: ConflictPair[];
  cards: ConnectionCard[];
  close: () => void;
  /** Told how many fields were decided. */
  done: (fields: number) => void;
  reload: () => void;
}

type With = "source" | "target" | "newest";
const WITH: With[] = ["source", "target", "newest"];

/** The side that a field takes; none where it cannot, or where nobody knows. */
function sideOf(field: ConflictView, chosen: With): "source" | "target" | null {
  const side = chosen === "newest" ? newest(field) : chosen;
  return side === null || refusal(field, side, "") !== null ? null : side;
}

export function DecideAll({ pairs, cards, close, done, reload }: DecideAllProps) {
  const { act, busy, error } = useAct("decide_conflicts");
  const [chosen, setChosen] = useState<With | null>(null);
  const open = pairs.flatMap((pair) => pair.fields).filter((field) => field.decided === null);
  const taking = (chosen: With) => open.flatMap((field) => {
    const choice = sideOf(field, chosen);
    return choice === null ? [] : [{ conflict: field.id, choice, mark: field.mark }];
  });
  const decided = chosen === null ? [] : taking(chosen);
  const decide = async () => {
    if (chosen === null || decided.length === 0) return;
    const answer = await act(decided);
    reload();
    if (answer !== null) done(decided.length);
  };
  return (
    <Dialog
      title="Decide all" close={close}
      foot={<>
        <Button data-first onClick={close}>Cancel</Button>
        <Button kind="primary" busy={busy} refused={chosen === null ? "Choose a side first." : decided.length === 0 ? "Nothing can be decided so." : null} onClick={() => void decide()}>
          {chosen === null ? "Decide" : `Decide ${plural(decided.length, "field")}`}
        </Button>
      </>}
    >
      <p>{plural(open.length, "field")} of {plural(pairs.filter((pair) => !pair.decided).length, "ticket")} {open.length === 1 ? "is" : "are"} open.</p>
      <fieldset className="conflict-all">
        <legend>Decide all with</legend>
        {WITH.map((choice) => {
          const fields = taking(choice).length;
          const left = open.length - fields;
          return (
            <label key={choice} className="conflict-option">
              <input type="radio" className="radio" name="conflict-all" value={choice} checked={chosen === choice} onChange={() => setChosen(choice)} />
              <span className="conflict-text">
                {called(choice, cards)} <span className="second">{plural(fields, "field")}</span>
                {left > 0 && <span className="conflict-refused">{count(left)} {left === 1 ? "stays" : "stay"} open: {choice === "newest" ? "which is newest is not known, or " : ""}the other side cannot hold {left === 1 ? "its value" : "their values"}.</span>}
              </span>
            </label>
          );
        })}
      </fieldset>
      <p className="second">Nothing is written yet. The next run writes it, after it looked once more that nothing changed.</p>
      {error !== null && <ErrorCard title="Nothing was decided" error={error} />}
    </Dialog>
  );
}

/** The platform's name where all connections share it, else the role. */
function called(choice: With, cards: ConnectionCard[]): string {
  if (choice === "newest") return "The newest, by when each ticket last changed:";
  const role = choice === "source" ? "the source" : "the target";
  const labels = new Set(cards.map((card) => (choice === "source" ? card.source_side : card.target_side).label));
  const [label] = labels;
  return labels.size === 1 && label !== undefined ? `${label}, ${role}:` : `${role.charAt(0).toUpperCase()}${role.slice(1)}:`;
}
