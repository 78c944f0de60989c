// Accounts: sign-ins to platforms, and the proof that they work (ux.md §10.2).
import { useState } from "react";
import type { AccountView } from "../../api/generated/AccountView";
import type { Platform } from "../../api/generated/Platform";
import { useQuery } from "../../api/query";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { PickList, useWalk } from "../../components/pick-list";
import { Empty, ErrorCard, Skeleton, Tile } from "../../components/shapes";
import { useKeys } from "../../lib/keys";
import { plural } from "../../lib/format";
import { Header } from "../../shell/header";
import { AccountDetail } from "./detail";
import { AccountForm } from "./form";
import { ChoosePlatform } from "./platform";
import { sideOf } from "./side";
import "./accounts.css";

const EVERYTHING = {};

/** What the right pane shows. */
type Pane = { kind: "account" } | { kind: "platform" } | { kind: "form"; platform: Platform; before: AccountView | null };

export function Accounts({ start }: { start: string | null }) {
  const { data, error, loading, reload } = useQuery("list_accounts", EVERYTHING);
  const [chosen, setChosen] = useState(start);
  const [pane, setPane] = useState<Pane>({ kind: "account" });
  const add = () => setPane({ kind: "platform" });
  const choose = (name: string) => {
    setChosen(name);
    setPane({ kind: "account" });
  };
  useKeys(pane.kind === "account" ? [[{ key: "Enter", ctrl: true }, add]] : []);
  const accounts = data ?? [];
  const here = accounts.find((account) => account.name === chosen) ?? accounts[0];
  const adding = pane.kind !== "account";
  useWalk(accounts.map((account) => account.name), here?.name ?? null, choose);
  return (
    <>
      <Header title="Accounts" loading={loading && data !== null} context={<span className="cut">Sign-ins lie in this computer's keychain.</span>}>
        {accounts.length > 0 && !adding && <Button kind="primary" icon="plus" onClick={add}>Add account</Button>}
      </Header>
      {error !== null && data === null && <div className="screen"><ErrorCard level={2} title="The accounts could not be read" error={error} retry={reload} /></div>}
      {data === null && error === null && <Skeleton rows={6} what="accounts" />}
      {data !== null && accounts.length === 0 && !adding && (
        <div className="screen"><Empty level={2} title="No accounts yet" actions={<Button kind="primary" icon="plus" onClick={add}>Add account</Button>}>An account is one sign-in to one platform. A connection needs two.</Empty></div>
      )}
      {data !== null && (accounts.length > 0 || adding) && (
        <div className="split">
          <section className="split-list" aria-label="All accounts">
            <PickList label="Accounts" items={accounts} idOf={(account) => account.name} chosen={adding && (pane.kind !== "form" || pane.before === null) ? null : (here?.name ?? null)} choose={choose}>
              {(account) => <Entry account={account} />}
            </PickList>
          </section>
          {pane.kind === "platform" && <ChoosePlatform choose={(platform) => setPane({ kind: "form", platform, before: null })} cancel={() => setPane({ kind: "account" })} />}
          {pane.kind === "form" && (
            <AccountForm
              key={pane.before?.name ?? pane.platform} platform={pane.platform} before={pane.before} cancel={() => setPane({ kind: "account" })}
              saved={(account) => {
                reload();
                choose(account.name);
              }}
            />
          )}
          {pane.kind === "account" && here !== undefined && <AccountDetail key={here.name} account={here} changed={reload} change={() => setPane({ kind: "form", platform: here.doc.platform, before: here })} />}
        </div>
      )}
    </>
  );
}

function Entry({ account }: { account: AccountView }) {
  const used = account.used_by.length;
  const failing = account.tested?.lines.filter((line) => line.result === "failed").length ?? 0;
  return (
    <>
      <span className="pick-line">
        <Tile small side={sideOf(account)} role="source" />
        <span className="cut">{account.name}</span>
        {account.has_secret !== false && failing > 0 && <span className="end tone-bad"><span className="account-lack"><Icon name="error" small />{plural(failing, "line")} {failing === 1 ? "fails" : "fail"}</span></span>}
        {account.has_secret === false && <span className="end tone-bad"><span className="account-lack"><Icon name="key" small />Sign-in missing</span></span>}
      </span>
      <span className="pick-line pick-note"><span className="cut">{account.address.replace(/^https:\/\//, "")}</span><span className="end">{used === 0 ? "not used" : `used by ${used}`}</span></span>
    </>
  );
}
