// The first screen: practice or real in one click, and what will happen (ux.md §10.1).
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { ApiError } from "../../api/generated/ApiError";
import { useAct } from "../../api/query";
import { useImporting } from "../../components/import-configuration";
import { Icon, type IconName, Mark } from "../../components/icons";
import { Button } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { StillPicture } from "./picture";
import "./welcome.css";

const NOTHING = {};

const STEPS: [string, string][] = [
  ["Sign in to both sides", "and see who answers"],
  ["Choose what to keep in step:", "ticket types, filters, comments, files"],
  ["Say what means what:", "which status on one side is which on the other"],
  ["Look at the plan, then apply it:", "every write before it happens"],
  ["Turn on automatic sync:", "every 5 minutes, off again any time"],
];

const FACTS: [IconName, string, string][] = [
  ["lock", "Sign-ins", "stay in the keychain of this computer"],
  ["disk", "Ticket data", "stays in one local file, encrypted"],
  ["right", "Traffic", "goes straight to your platforms, nowhere else"],
];

interface WelcomeProps {
  /** No keychain answers: nothing can be kept safely, practice included. */
  keychain?: ApiError | null;
  retry: () => void;
  started: (card: ConnectionCard) => void;
  connect: () => void;
}

export function Welcome({ keychain = null, retry, started, connect }: WelcomeProps) {
  const practice = useAct("start_practice");
  // Without a connection in it, accounts are what comes next.
  const importing = useImporting((imported) => (imported.connections_added.length > 0 ? retry() : connect()));
  const start = async () => {
    const card = await practice.act(NOTHING);
    if (card !== null) started(card);
  };
  return (
    <main className="welcome">
      <section className="welcome-choice" aria-labelledby="welcome-title">
        <p className="welcome-brand"><Mark />Lockstep</p>
        <h1 id="welcome-title">Keep the same ticket in step on two platforms</h1>
        <p className="welcome-lead">
          Lockstep runs on this computer. It copies tickets, statuses and comments between two help desks, and shows you every
          change before it writes the first one.
        </p>
        {keychain !== null && <ErrorCard title="This computer has no keychain Lockstep can use" error={keychain} retry={retry} />}
        {practice.error && <ErrorCard title="The practice platforms did not start" error={practice.error} retry={() => void start()} />}
        <div className="welcome-card welcome-first">
          <div>
            <h2>Try it with practice platforms</h2>
            <p>Two made-up help desks inside Lockstep, full of tickets. Nothing leaves this computer.</p>
            <p className="welcome-note">
              <span className="tile tile-practice" aria-hidden="true">Sn</span>
              <span aria-hidden="true">⇄</span>
              <span className="tile tile-practice" aria-hidden="true">Ji</span>
              <span>about 5 minutes, no account</span>
            </p>
          </div>
          <Button
            kind="primary" size="welcome" autoFocus busy={practice.busy} onClick={() => void start()}
            refused={keychain === null ? null : "Lockstep keeps every sign-in in the keychain, those of practice too."}
          >
            Start practice
          </Button>
        </div>
        <div className="welcome-card">
          <div>
            <h2>Connect your platforms</h2>
            <p>You need one account on each side. Each is tested before anything is read, and nothing is written before you have seen it.</p>
          </div>
          <Button size="welcome" onClick={connect} refused={keychain === null ? null : "Lockstep keeps every sign-in in the keychain."}>Connect platforms</Button>
        </div>
        <p className="welcome-more">
          <Button kind="quiet" busy={importing.busy} onClick={importing.start} refused={keychain === null ? null : "Lockstep keeps every sign-in in the keychain."}>Import a configuration file…</Button>
        </p>
        {importing.layer}
        <ul className="welcome-facts">
          {FACTS.map(([icon, title, text]) => (
            <li key={title}><h3><Icon name={icon} />{title}</h3><p>{text}</p></li>
          ))}
        </ul>
      </section>
      <section className="welcome-picture" aria-label="How it goes">
        <StillPicture />
        <h2>How it goes from here</h2>
        <ol className="welcome-steps">
          {STEPS.map(([what, more], at) => (
            <li key={what}><span aria-hidden="true">{at + 1}</span><p><strong>{what}</strong> {more}</p></li>
          ))}
        </ol>
      </section>
    </main>
  );
}
