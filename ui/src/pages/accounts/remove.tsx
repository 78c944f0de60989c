// Removing an account: its name is typed, and it is refused while connections use it.
import { useState } from "react";
import type { AccountView } from "../../api/generated/AccountView";
import { useAct } from "../../api/query";
import { Dialog } from "../../components/dialog";
import { Button } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { TextField } from "../../components/text-field";
import { useToast } from "../../state/toast";

interface RemoveProps {
  account: AccountView;
  close: () => void;
  done: () => void;
}

export function RemoveDialog({ account, close, done }: RemoveProps) {
  const { act, busy, error } = useAct("remove_account");
  const toast = useToast();
  const [typed, setTyped] = useState("");
  const used = account.used_by.length > 0;
  const refused = used ? "Connections use this account" : typed === account.name ? null : `Type ${account.name} first`;
  const remove = async () => {
    if ((await act({ account: account.name })) === null) return;
    toast({ text: `The account ${account.name} and its sign-in are removed.` });
    close();
    done();
  };
  return (
    <Dialog
      title={`Remove the account ${account.name}?`} close={close}
      foot={<><Button data-first="" onClick={close}>Keep account</Button><Button danger busy={busy} refused={refused} onClick={() => void remove()}>Remove account</Button></>}
    >
      {used ? (
        <>
          <p>These connections would stop, so the account stays until they are gone or use another one:</p>
          <ul className="remove-used">{account.used_by.map((name) => <li key={name}>{name}</li>)}</ul>
        </>
      ) : (
        <>
          <p>No connection uses it. Its sign-in is deleted from the keychain; tickets on the platform stay as they are.</p>
          <TextField label={`Type “${account.name}” to remove it`} value={typed} change={setTyped} />
        </>
      )}
      {error !== null && <ErrorCard title="The account was not removed" error={error} />}
    </Dialog>
  );
}
