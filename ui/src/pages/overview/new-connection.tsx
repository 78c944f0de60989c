// A new connection: two accounts, a place on each, and a name. Its mapping is empty until somebody draws it.
import { useId, useState } from "react";
import type { AccountView } from "../../api/generated/AccountView";
import type { ScopeChoice } from "../../api/generated/ScopeChoice";
import { useAct, useQuery } from "../../api/query";
import { Dialog } from "../../components/dialog";
import { Button, Select } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { TextField } from "../../components/text-field";
import { go } from "../../lib/route";
import { useLive } from "../../state/live";

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
  const [from, setFrom] = useState<ScopeChoice | null>(null);
  const [to, setTo] = useState<ScopeChoice | null>(null);
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);

  const taken = (connections.data?.connections ?? []).some((connection) => connection.name === name.trim());
  const wrongName = name.trim() === "" ? "Write a name." : taken ? "There is a connection of this name already." : null;
  const create = async () => {
    setTried(true);
    if (wrongName !== null || from === null || to === null) return;
    const made = await act({
      name: name.trim(), ticket_type: from.label.split(" · ").at(-1) ?? from.label,
      source: { account: source, scope: from.scope }, target: { account: target, scope: to.scope },
    });
    if (made === null) return;
    connections.reload();
    close();
    go({ page: "connection", connection: made.id, tab: "mapping" });
  };
  return (
    <Dialog
      title="New connection" close={close}
      foot={<><Button onClick={close}>Cancel</Button><Button kind="primary" busy={busy} onClick={() => void create()}>Create connection</Button></>}
    >
      <TextField data-first label="Name" required value={name} change={setName} problem={tried ? wrongName : null} />
      <Side label="Source" note="where tickets start" accounts={accounts} account={source} choose={(next) => { setSource(next); setFrom(null); }} scope={from} pick={setFrom} missing={tried} />
      <Side label="Target" note="where they are received" accounts={accounts} account={target} choose={(next) => { setTarget(next); setTo(null); }} scope={to} pick={setTo} missing={tried} />
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
  scope: ScopeChoice | null;
  pick: (scope: ScopeChoice | null) => void;
  /** The form was sent without it. */
  missing: boolean;
}

function Side({ label, note, accounts, account, choose, scope, pick, missing }: SideProps) {
  const id = useId();
  const offers = useQuery("list_scopes", { account });
  const of = (choice: ScopeChoice) => JSON.stringify(choice.scope);
  const options = offers.data ?? [];
  return (
    <fieldset className="new-side">
      <legend>{label} <span className="quiet">{note}</span></legend>
      <Select label={`${label} account`} labelHidden value={account} change={choose} options={accounts.map((one) => ({ value: one.name, label: `${one.name} (${one.platform_label})` }))} />
      <Select
        label={`${label} ticket type`} labelHidden value={scope === null ? "" : of(scope)}
        change={(value) => pick(options.find((one) => of(one) === value) ?? null)}
        options={[{ value: "", label: offers.loading ? "Reading ticket types…" : "Choose a ticket type…" }, ...options.map((one) => ({ value: of(one), label: one.label }))]}
      />
      {offers.error && <p className="field-problem" id={id}>{offers.error.message}. <Button size="small" onClick={offers.reload}>Try again</Button></p>}
      {missing && scope === null && offers.error === null && <p className="field-problem" id={id}>Choose a ticket type.</p>}
      {scope?.customers_read === true && <p className="quiet">Customers read tickets there.</p>}
    </fieldset>
  );
}
