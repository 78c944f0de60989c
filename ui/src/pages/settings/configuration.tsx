// Configuration: accounts, connections and mappings as readable text, without secrets.
import { useState } from "react";
import type { Imported } from "../../api/generated/Imported";
import { useImporting } from "../../components/import-configuration";
import { Button } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { plural } from "../../lib/format";
import { write } from "../../lib/route";
import { useExporting } from "../../state/exporting";
import { useLive } from "../../state/live";
import { Row, Section } from "./parts";

export function Configuration() {
  const { connections } = useLive();
  const exporting = useExporting();
  const [imported, setImported] = useState<Imported | null>(null);
  const importing = useImporting((answer) => {
    setImported(answer);
    connections.reload();
  });
  return (
    <Section title="Configuration">
      {exporting.error !== null && <ErrorCard title="The configuration was not exported" error={exporting.error} />}
      <Row label="Export" note="Accounts, connections and mappings as readable text. Secrets and tickets are not in it.">
        <Button busy={exporting.busy} onClick={() => void exporting.write(null)}>Export…</Button>
      </Row>
      <Row label="Import" note="What the file would change is shown before anything changes.">
        <Button busy={importing.busy} onClick={importing.start}>Import…</Button>
      </Row>
      {imported !== null && <Told imported={imported} />}
      {importing.layer}
    </Section>
  );
}

function Told({ imported }: { imported: Imported }) {
  const parts = [
    [imported.connections_added.length, "connection added", "connections added"], [imported.connections_changed.length, "connection changed", "connections changed"],
    [imported.accounts_added.length, "account added", "accounts added"], [imported.accounts_changed.length, "account changed", "accounts changed"],
  ] as const;
  const told = parts.filter(([many]) => many > 0).map(([many, one, more]) => plural(many, one, more));
  return (
    <div className="settings-row" role="status">
      <div>
        <p>{told.length === 0 ? "Nothing changed." : `Imported: ${told.join(", ")}.`}</p>
        {imported.need_sign_in.map((account) => <p key={account} className="settings-note">{account} needs a sign-in. <a href={write({ page: "accounts", account })}>Sign in</a></p>)}
      </div>
    </div>
  );
}
