// A new connection: two accounts, a place on each, and a name. Its mapping is empty until somebody draws it.
import { useState } from "react";
import type { AccountView } from "../../api/generated/AccountView";
import type { Scope } from "../../api/generated/Scope";
import { useAct, useQuery } from "../../api/query";
import { Dialog } from "../../components/dialog";
import { Button, Select } from "../../components/kit";
import { ScopePicker } from "../../components/scope-picker";
import { ErrorCard } from "../../components/shapes";
import { TextField } from "../../components/text-field";
import { go } from "../../lib/route";
import { offerOf, scopeWords, whatOf } from "../../lib/scopes";
import { useLive } from "../../state/live";
import { useReach } from "../../state/reach";

const NOTHING = {};

export function NewConnection({ close }: { close: () => void }) {
  const accounts = useQuery("list_accounts", NOTHING);
  const list = accounts.data ?? [];
  if (accounts.data !== null && list.length < 2) {
    return (
      <Dialog
        title="New connection" close={close}
        foot={<><Button data-first onClick={close}>Cancel</Button><Button kind="primary" onClick={() => { close(); go({ page: "accounts" }); }}>Add accounts</Button></>}
      >
        <p>A connection keeps two accounts in step. Add an account for each side first.</p>
      </Dialog>
    );
  }
  if (accounts.error !== null) return <Dialog title="New connection" close={close}><ErrorCard title="The accounts could not be read" error={accounts.error} retry={accounts.reload} /></Dialog>;
  if (accounts.data === null) return <Dialog title="New connection" close={close}><p>Reading accounts.</p></Dialog>;
  return <Form accounts={list} close={close} />;
}

function Form({ accounts, close }: { accounts: AccountView[]; close: () => void }) {
  const { connections } = useLive();
  const { act, busy, error } = useAct("add_connection");
  const [source, setSource] = useState(accounts[0]?.name ?? "");
  const [target, setTarget] = useState(accounts[1]?.name ?? "");
  const refused = useReach(accounts.every((account) => account.practice || (account.name !== source && account.name !== target)));
  const [from, setFrom] = useState<Scope | null>(null);
  const [to, setTo] = useState<Scope | null>(null);
  const [name, setName] = useState("");
  const [named, setNamed] = useState<string | null>(null);
  const [tried, setTried] = useState(false);

  const taken = (connections.data?.connections ?? []).some((connection) => connection.name === name.trim());
  const wrongName = name.trim() === "" ? "Write a name." : taken ? "There is a connection of this name already." : null;
  // What is kept in step has a name of its own; the source's word for it is a good one.
  const offered = useQuery("list_scopes", { account: source });
  const first = from === null ? null : offerOf(offered.data ?? [], from);
  const type = named ?? (first === null ? from?.ticket_type ?? "" : whatOf(first));
  const create = async () => {
    setTried(true);
    if (wrongName !== null || !complete(from) || !complete(to) || type.trim() === "") return;
    const made = await act({
      name: name.trim(), ticket_type: type.trim(), source: { account: source, scope: from }, target: { account: target, scope: to },
    });
    if (made === null) return;
    connections.reload();
    close();
    go({ page: "connection", connection: made.id, tab: "mapping" });
  };
  return (
    <Dialog
      wide title="New connection" close={close}
      foot={<><Button onClick={close}>Cancel</Button><Button kind="primary" busy={busy} refused={refused} onClick={() => void create()}>Create connection</Button></>}
    >
      <TextField data-first label="Name" required value={name} change={setName} problem={tried ? wrongName : null} />
      <div className="new-sides">
        <Side label="Source" note="where tickets start" accounts={accounts} account={source} choose={(next) => { setSource(next); setFrom(null); }} scope={from} pick={setFrom} missing={tried} />
        <Side label="Target" note="where they are received" accounts={accounts} account={target} choose={(next) => { setTarget(next); setTo(null); }} scope={to} pick={setTo} missing={tried} />
      </div>
      <TextField label="Ticket type" required value={type} change={setNamed} note="Its name here, such as Incident." problem={tried && type.trim() === "" ? "Write a name." : null} />
      <p className="quiet">Nothing is synced yet: its mapping is drawn next, and the first run is shown before it writes.</p>
      {error && <ErrorCard title="The connection was not made" error={error} />}
    </Dialog>
  );
}

interface SideProps {
  label: string;
  note: string;
  accounts: AccountView[];
  account: string;
  choose: (account: string) => void;
  scope: Scope | null;
  pick: (scope: Scope) => void;
  /** The form was sent without it. */
  missing: boolean;
}

function Side({ label, note, accounts, account, choose, scope, pick, missing }: SideProps) {
  const platform = accounts.find((one) => one.name === account)?.platform ?? "";
  const offers = useQuery("list_scopes", { account });
  const chosen = scope === null ? null : offerOf(offers.data ?? [], scope);
  return (
    <fieldset className="new-side">
      <legend>{label} <span className="quiet">{note}</span></legend>
      <Select label={`${label} account`} labelHidden value={account} change={choose} options={accounts.map((one) => ({ value: one.name, label: `${one.name} (${one.platform_label})` }))} />
      <ScopePicker
        key={account} label={label} account={account} platform={platform} scope={scope} change={pick}
        problem={missing && !complete(scope) ? `${scopeWords(platform).chooseType}.` : null}
      />
      {chosen?.customers_read === true && <p className="quiet">Customers read tickets there.</p>}
    </fieldset>
  );
}

function complete(scope: Scope | null): scope is Scope {
  return scope !== null && scope.ticket_type !== "";
}
