// Importing a configuration: the file is chosen in the system's own dialog, what it would change is shown part by part, and only
// then it is taken over, all of it or nothing.
import { type ReactNode, useState } from "react";
import type { ApiError } from "../api/generated/ApiError";
import type { ConfigChange } from "../api/generated/ConfigChange";
import type { ConfigOffer } from "../api/generated/ConfigOffer";
import type { Imported } from "../api/generated/Imported";
import { useAct, useQuery } from "../api/query";
import { plural } from "../lib/format";
import { aroundChanges, lineDiff } from "../lib/line-diff";
import { Dialog } from "./dialog";
import { Button, Pill, Select } from "./kit";
import { ErrorCard, sentence } from "./shapes";
import "./import-configuration.css";

const NOTHING = {};

interface Importing {
  start: () => void;
  busy: boolean;
  layer: ReactNode;
}

/** The dialog of the system comes first; ours shows what was chosen there, or why it cannot be read. */
export function useImporting(done: (imported: Imported) => void): Importing {
  const { act, busy, error, forget } = useAct("choose_configuration");
  const [offer, setOffer] = useState<ConfigOffer | null>(null);
  const [turn, setTurn] = useState(0);
  const choose = async () => {
    const answer = await act(NOTHING);
    // No file: the person thought better of it, and what was chosen before stays.
    if (answer?.file == null) return;
    setOffer(answer);
    setTurn((before) => before + 1);
  };
  const close = () => {
    setOffer(null);
    forget();
  };
  const start = () => void choose();
  const layer = offer !== null ? <ImportDialog key={turn} first={offer} choosing={busy} choose={start} unread={error} close={close} done={(imported) => { close(); done(imported); }} />
    : error !== null ? (
      <Dialog title="Import a configuration" close={close} foot={<><Button data-first onClick={close}>Close</Button><Button busy={busy} onClick={start}>Choose another file…</Button></>}>
        <ErrorCard title="The file could not be read" error={error} />
      </Dialog>
    ) : null;
  return { start, busy, layer };
}

interface ImportDialogProps {
  first: ConfigOffer;
  choosing: boolean;
  choose: () => void;
  unread: ApiError | null;
  close: () => void;
  done: (imported: Imported) => void;
}

function ImportDialog({ first, choosing, choose, unread, close, done }: ImportDialogProps) {
  const compare = useAct("compare_configuration");
  const take = useAct("import_configuration");
  const [offer, setOffer] = useState(first);
  const [accounts, setAccounts] = useState<Record<string, string>>({});
  const busy = choosing || compare.busy || take.busy;
  const look = async () => {
    const answer = await compare.act({ accounts });
    if (answer !== null) setOffer(answer);
  };
  const bring = async () => {
    const imported = await take.act({ accounts });
    if (imported !== null) done(imported);
  };
  const changing = offer.changes.filter((change) => change.before !== change.after);
  const { strangers, problems } = offer;
  const failed = take.error ?? compare.error ?? unread;
  const missing = strangers.find((name) => (accounts[name] ?? "") === "");
  const refused = problems.length > 0 ? "The file has problems. Mend them and choose it again." : changing.length === 0 ? "Nothing would change." : null;
  return (
    <Dialog
      wide title={`Import ${first.file ?? ""}`} close={close}
      foot={<>
        <Button data-first onClick={close}>Cancel</Button>
        <Button busy={choosing} onClick={choose}>Choose another file…</Button>
        {strangers.length > 0
          ? <Button kind="primary" busy={busy} refused={missing === undefined ? null : `Say which account stands for ${missing}.`} onClick={() => void look()}>Compare</Button>
          : <Button kind="primary" busy={busy} refused={refused} onClick={() => void bring()}>{`Import ${plural(changing.length, "change")}`}</Button>}
      </>}
    >
      {failed !== null && <ErrorCard title={take.error === null ? "The file could not be read" : "Nothing was imported"} error={failed} />}
      {problems.length > 0 && (
        <ul className="import-problems" aria-label="Problems of the file">
          {problems.map((problem, at) => (
            <li key={at}>
              <p><span className="strong">Line {problem.line}, column {problem.column}</span> {problem.place !== "" && <span className="quiet">{problem.place}</span>}</p>
              <p>{sentence(problem.message)} <span className="second">{sentence(problem.fix)}</span></p>
            </li>
          ))}
        </ul>
      )}
      {strangers.length > 0 && <Strangers names={strangers} accounts={accounts} choose={(name, account) => setAccounts((before) => ({ ...before, [name]: account }))} />}
      {problems.length === 0 && strangers.length === 0 && <Changes changes={offer.changes} />}
    </Dialog>
  );
}

interface StrangersProps {
  names: string[];
  accounts: Record<string, string>;
  choose: (name: string, account: string) => void;
}

function Strangers({ names, accounts, choose }: StrangersProps) {
  const known = useQuery("list_accounts", NOTHING);
  const options = (known.data ?? []).map((account) => ({ value: account.name, label: `${account.name} (${account.platform_label})` }));
  return (
    <>
      <p>The file names accounts that are not on this computer. Say which account stands for each.</p>
      {known.error !== null && <ErrorCard title="The accounts could not be read" error={known.error} retry={known.reload} />}
      {known.data !== null && options.length === 0 && <p className="tone-warn">There is no account on this computer yet. Add the accounts first, then import.</p>}
      {names.map((name) => (
        <Select key={name} label={`Account for ${name}`} value={accounts[name] ?? ""} change={(account) => choose(name, account)} options={[{ value: "", label: "Choose an account…" }, ...options]} />
      ))}
    </>
  );
}

const KINDS: Record<ConfigChange["kind"], string> = { account: "Account", connection: "Connection" };
const AROUND = 2;

function Changes({ changes }: { changes: ConfigChange[] }) {
  const same = changes.filter((change) => change.before === change.after);
  const other = changes.filter((change) => change.before !== change.after);
  return (
    <>
      {other.length === 0 && <p>Everything in the file is so already.</p>}
      {other.map((change) => (
        <details key={`${change.kind} ${change.name}`} className="import-change" open={other.length <= 3}>
          <summary>{KINDS[change.kind]} <span className="strong">{change.name}</span> <Pill tone={change.before === null ? "accent" : "warn"}>{change.before === null ? "new" : "changed"}</Pill></summary>
          <Difference before={change.before} after={change.after} />
        </details>
      ))}
      {same.length > 0 && other.length > 0 && <p className="quiet">{same.map((change) => change.name).join(", ")}: unchanged.</p>}
    </>
  );
}

const SIGNS = { same: " ", out: "−", in: "+" } as const;
const WORDS = { same: "", out: "was ", in: "now " } as const;

function Difference({ before, after }: { before: string | null; after: string }) {
  const lines = before === null ? after.split("\n").map((text) => ({ kind: "in" as const, text })) : aroundChanges(lineDiff(before, after), AROUND);
  return (
    <div className="import-lines" tabIndex={0} role="group" aria-label="What would change">
      {lines.map((line, at) => line === null
        ? <p key={at} className="quiet">…</p>
        : <p key={at} className={`import-${line.kind}`}><span aria-hidden="true">{SIGNS[line.kind]} </span><span className="hidden-text">{WORDS[line.kind]}</span>{line.text}</p>)}
    </div>
  );
}
