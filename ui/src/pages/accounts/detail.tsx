// One account: its facts, its secret, its test, what the platform must allow, and its end.
import { useState } from "react";
import type { AccountView } from "../../api/generated/AccountView";
import { Button, Pill } from "../../components/kit";
import { Tile } from "../../components/shapes";
import { span } from "../../lib/format";
import { methodLabel } from "../../lib/platforms";
import { Certificates } from "./certificates";
import { RecipePanel } from "./recipe";
import { RemoveDialog } from "./remove";
import { Secret } from "./secret";
import { sideOf } from "./side";
import { AccountTest } from "./test-lines";

export function AccountDetail({ account, changed, change }: { account: AccountView; changed: () => void; change: () => void }) {
  const [removing, setRemoving] = useState(false);
  return (
    <section className="split-detail" aria-labelledby="account-title">
      <div className="split-body">
        <header className="split-head">
          <Tile side={sideOf(account)} role="source" />
          <div><h2 id="account-title">{account.name}</h2><p className="second">{account.platform_label}</p></div>
          <div className="split-head-end">{account.practice ? <Pill tone="accent">Practice</Pill> : account.sandbox && <Pill>Sandbox</Pill>}</div>
        </header>
        <section className="card panel" aria-label="Sign-in">
          <dl className="detail-list account-facts">
            <div><dt>Address</dt><dd>{account.address}</dd></div>
            <div><dt>Environment</dt><dd>{account.practice ? "Practice, on this computer" : account.sandbox ? "Sandbox" : "Production"}</dd></div>
            <div><dt>Sign-in method</dt><dd>{methodLabel(account.platform, account.method)}</dd></div>
            {account.user !== null && <div><dt>{account.method === "token" ? "E-mail" : account.method === "oauth_client" ? "Client ID" : "User name"}</dt><dd>{account.user}</dd></div>}
            <div><dt>Acts as</dt><dd>{account.signed_in_as ?? <span className="quiet">not signed in yet</span>}{account.signed_in_as !== null && !account.dedicated && <span className="second">, who also works by hand</span>}</dd></div>
            <div><dt>{account.secret_label.startsWith("client secret and") ? "Secrets" : account.secret_label.charAt(0).toUpperCase() + account.secret_label.slice(1)}</dt><dd><Secret key={String(account.has_secret)} account={account} changed={changed} /></dd></div>
            {account.doc.settle_seconds !== undefined && <div><dt>A write shows</dt><dd>within {span(account.doc.settle_seconds * 1000)}</dd></div>}
            {account.doc.private_field !== undefined && <div><dt>Private field</dt><dd>{account.doc.private_field}</dd></div>}
            {!account.practice && <div><dt>Certificates</dt><dd><Certificates account={account} changed={changed} /></dd></div>}
            <div><dt>Used by</dt><dd>{account.used_by.length === 0 ? <span className="quiet">no connection</span> : account.used_by.join(", ")}</dd></div>
          </dl>
        </section>
        <AccountTest account={account} tested={changed} />
        <RecipePanel platform={account.platform} />
      </div>
      <footer className="split-bar">
        {!account.practice && <Button onClick={change}>Change…</Button>}
        <span className="split-bar-end"><Button kind="quiet" danger onClick={() => setRemoving(true)}>Remove account…</Button></span>
      </footer>
      {removing && <RemoveDialog account={account} close={() => setRemoving(false)} done={changed} />}
    </section>
  );
}
