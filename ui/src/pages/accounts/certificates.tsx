// Certificates of a company's own authority: the file is chosen in the system's own dialog.
import type { AccountView } from "../../api/generated/AccountView";
import { useAct } from "../../api/query";
import { Button } from "../../components/kit";
import { sentence } from "../../components/shapes";

export function Certificates({ account, changed }: { account: AccountView; changed: () => void }) {
  const choose = useAct("choose_certificates");
  const forget = useAct("forget_certificates");
  const file = account.doc.ca_file;
  const order = { account: account.name };
  const run = async (act: typeof choose.act) => {
    if ((await act(order)) !== null) changed();
  };
  const error = choose.error ?? forget.error;
  return (
    <div className="account-certificates">
      <span className={file === undefined ? "second" : "account-file"}>{file === undefined ? "Those the system trusts" : `Also ${file}`}</span>
      <Button size="small" busy={choose.busy} onClick={() => void run(choose.act)}>Choose file…</Button>
      {file !== undefined && <Button size="small" kind="quiet" busy={forget.busy} onClick={() => void run(forget.act)}>Forget file</Button>}
      {error !== null && <p className="tone-bad" role="alert">{sentence(error.message)} {error.hint !== null && sentence(error.hint)}</p>}
    </div>
  );
}
