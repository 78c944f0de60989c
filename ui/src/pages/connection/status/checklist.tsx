// What stands before a first run, in its order, each with one button (ux.md §10.4).
import type { ConnectionCard } from "../../../api/generated/ConnectionCard";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { sentence } from "../../../components/shapes";
import { go, type Route } from "../../../lib/route";

interface Step {
  name: string;
  done: boolean;
  text: string;
  label: string;
  to: Route;
}

export function Checklist({ connection }: { connection: ConnectionCard }) {
  const steps = stepsOf(connection);
  const now = steps.findIndex((step) => !step.done);
  return (
    <section className="card" aria-labelledby="state-steps">
      <h2 id="state-steps" className="state-steps-title">Before the first run</h2>
      <ol className="state-steps">
        {steps.map((step, at) => (
          <li key={step.name} aria-current={at === now ? "step" : undefined}>
            <span className={step.done ? "tone-ok" : at === now ? "tone-accent" : "quiet"}><Icon name={step.done ? "checked" : "dashed"} /></span>
            <div>
              <p className="strong">{step.name}<span className="hidden-text">{step.done ? ": done" : ": not yet"}</span></p>
              <p className="second">{step.text}</p>
            </div>
            <Button kind={at === now ? "primary" : "plain"} refused={at > now && !step.done && step.name === "First run" ? "The steps above come first." : null} onClick={() => go(step.to)}>{step.label}</Button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function stepsOf(connection: ConnectionCard): Step[] {
  const { id, source_side: source, target_side: target, types, state, next } = connection;
  const signed = state !== "sign_in_needed";
  const account = (next.step === "sign_in" ? next.account : null) ?? source.account;
  const placed = types.length > 0;
  const mapped = placed && state !== "setup_not_finished";
  return [
    {
      name: "Sign-in", done: signed, text: signed ? `${source.account} and ${target.account} are signed in.` : sentence(connection.reason),
      label: signed ? "Open account" : "Sign in again…", to: { page: "accounts", account },
    },
    {
      name: "Setup", done: placed, text: placed ? `${types.join(", ")}: which tickets take part, comments, attachments, limits.` : "Which tickets take part is not said yet.",
      label: "Open setup", to: { page: "connection", connection: id, tab: "setup" },
    },
    {
      name: "Mapping", done: mapped, text: mapped ? "Nothing in it keeps a run from starting." : state === "setup_not_finished" ? sentence(connection.reason) : "It comes after Setup.",
      label: "Open mapping", to: { page: "connection", connection: id, tab: "mapping" },
    },
    { name: "First run", done: false, text: "It is shown as a plan before anything is written.", label: "Preview first run", to: { page: "sync", connection: id } },
  ];
}
