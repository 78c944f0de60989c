// The four steps of practice, as a strip that can be put away; never in the way (ux.md §10.1).
import { useEffect } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { useKept } from "../../lib/kept";

export function Guide({ connection }: { connection: ConnectionCard }) {
  // A conflict that was decided is gone from the connection: that there was one is kept here.
  const [kept, keep] = useKept("guide", { state: "open", met: "" });
  const { practice } = connection.source_side;
  const open = connection.conflicts > 0;
  const meets = practice && open && kept.met === "";
  useEffect(() => {
    if (meets) keep({ ...kept, met: "yes" });
  }, [meets, kept, keep]);
  if (!practice || kept.state !== "open") return null;
  const mapped = connection.state !== "setup_not_finished";
  const ran = !connection.first_run;
  const steps: [string, boolean][] = [
    ["Mend the mapping: the problems are named below, each with a button", mapped],
    ["Preview the first run: every write before it happens", ran],
    ["Apply it, and look at the run", ran],
    ["Change one ticket on both sides, run again, decide the conflict", ran && kept.met === "yes" && !open],
  ];
  const now = steps.findIndex(([, done]) => !done);
  return (
    <aside className="guide" aria-label="Practice, step by step">
      <ol>
        {steps.map(([text, done], at) => (
          <li key={text} className={at === now ? "guide-now" : ""} aria-current={at === now ? "step" : undefined}>
            {done ? <Icon name="check" small /> : <span aria-hidden="true">{at + 1}</span>}
            <span>{text}{done && <span className="hidden-text">, done</span>}</span>
          </li>
        ))}
      </ol>
      <Button kind="quiet" size="small" icon="close" aria-label="Put the guide away" onClick={() => keep({ ...kept, state: "away" })} />
    </aside>
  );
}
