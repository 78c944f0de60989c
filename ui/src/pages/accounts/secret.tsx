// The secret of an account. Write-only: it goes from the input to the keychain and is kept nowhere in between.
import { type SubmitEvent, useRef, useState } from "react";
import type { AccountView } from "../../api/generated/AccountView";
import { useAct } from "../../api/query";
import { Button } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { secretInputs, secretOf } from "../../lib/platforms";
import { useReach } from "../../state/reach";
import { useToast } from "../../state/toast";

interface SecretProps {
  account: AccountView;
  changed: () => void;
}

export function Secret({ account, changed }: SecretProps) {
  const [open, setOpen] = useState(account.has_secret === false);
  const { act, busy, error, forget } = useAct("sign_in");
  const toast = useToast();
  const reach = useReach(account.practice);
  const [lacks, setLacks] = useState(false);
  // The inputs keep what is typed themselves, so that no state of the window ever holds a secret.
  const form = useRef<HTMLFormElement>(null);
  const labels = secretInputs(account.method, account.secret_label);
  const clear = () => {
    for (const input of form.current?.querySelectorAll("input") ?? []) input.value = "";
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (reach !== null) return;
    const inputs = [...(form.current?.querySelectorAll("input") ?? [])];
    const empty = inputs.find((input) => input.value === "");
    setLacks(empty !== undefined);
    if (empty !== undefined) {
      empty.focus();
      return;
    }
    const order = { account: account.name, secret: secretOf(account.method, inputs.map((input) => input.value)) };
    clear();
    const answer = await act(order);
    if (answer === null) return;
    setOpen(false);
    toast({ text: `${account.name} is signed in as ${answer.user}.` });
    changed();
  };
  const cancel = () => {
    clear();
    forget();
    setLacks(false);
    setOpen(false);
  };
  if (!open) {
    return (
      <div className="secret-kept">
        <span className="second">{account.has_secret === true ? "Kept in the keychain" : "The keychain could not be asked"}</span>
        <Button size="small" onClick={() => setOpen(true)}>Replace…</Button>
      </div>
    );
  }
  return (
    <form ref={form} className="secret-form" autoComplete="off" noValidate onSubmit={(event) => void submit(event)}>
      {labels.map((label, at) => (
        <div className="field" key={label}>
          <label className="field-label" htmlFor={`secret-${at}`}>{label}<span className="quiet"> required</span></label>
          <input id={`secret-${at}`} className="text-input" type="password" autoComplete="off" spellCheck={false} required aria-describedby={lacks ? "secret-problem" : undefined} />
        </div>
      ))}
      {lacks && <p id="secret-problem" className="field-problem">{labels.length > 1 ? "Both are required." : "It is required."}</p>}
      {error !== null && <ErrorCard title="The sign-in was refused, nothing was kept" error={error} />}
      <div className="secret-buttons">
        <Button type="submit" kind={account.has_secret === false ? "primary" : "plain"} busy={busy} refused={reach}>Sign in</Button>
        {account.has_secret !== false && <Button kind="quiet" onClick={cancel}>Keep the old one</Button>}
      </div>
    </form>
  );
}
