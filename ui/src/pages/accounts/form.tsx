// An account, new or changed: everything but the secret, checked beside each field; what was typed stays when it is refused.
import { useState } from "react";
import type { AccountDoc } from "../../api/generated/AccountDoc";
import type { AccountView } from "../../api/generated/AccountView";
import type { Platform } from "../../api/generated/Platform";
import { useAct } from "../../api/query";
import { Button, Checkbox, Select } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { TextField } from "../../components/text-field";
import { originOf } from "../../lib/address";
import { type Method, type Part, PARTS, platformOf, signInOf } from "../../lib/platforms";
import { useKeychain } from "../../state/reach";
import { Advanced, advanced, advancedOf, wrongSettle } from "./advanced";
import { RecipePanel } from "./recipe";

interface FormProps {
  platform: Platform;
  /** The account that is changed; none for a new one. */
  before: AccountView | null;
  cancel: () => void;
  saved: (account: AccountView) => void;
}

function partsOf(doc: AccountDoc | undefined): Record<Part, string> {
  const said = doc?.sign_in ?? { method: "api_key" };
  return { user: "user" in said ? said.user : "", client_id: "client_id" in said ? said.client_id : "", email: "email" in said ? said.email : "" };
}

export function AccountForm({ platform, before, cancel, saved }: FormProps) {
  const facts = platformOf(platform);
  const add = useAct("add_account");
  const update = useAct("update_account");
  const { act, busy, error } = before === null ? add : update;
  const locked = useKeychain();
  const doc = before?.doc;
  const [name, setName] = useState(doc?.name ?? "");
  const [address, setAddress] = useState(doc?.address ?? "");
  const [method, setMethod] = useState<Method>(doc?.sign_in.method ?? facts?.methods[0]?.method ?? "token");
  const [parts, setParts] = useState(() => partsOf(doc));
  const [sandbox, setSandbox] = useState(doc?.sandbox ?? false);
  const [dedicated, setDedicated] = useState(doc?.dedicated ?? true);
  const [more, setMore] = useState(() => advancedOf(doc));
  const [tried, setTried] = useState(false);
  const asked = facts?.methods.find((one) => one.method === method)?.parts ?? [];
  const origin = originOf(address);
  const lacking = asked.filter((part) => parts[part].trim() === "");
  const good = name.trim() !== "" && origin.origin !== null && lacking.length === 0 && wrongSettle(more) === null;
  const anew = before !== null && (origin.origin !== before.address || method !== before.method);

  const submit = async (form: HTMLFormElement) => {
    if (locked !== null || busy) return;
    setTried(true);
    if (!good || origin.origin === null) {
      window.setTimeout(() => form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    const account = await act({ name: name.trim(), platform, address: origin.origin, sign_in: signInOf(method, parts), dedicated, sandbox, ...advanced(more, platform) });
    if (account !== null) saved(account);
  };
  return (
    <section className="split-detail" aria-labelledby="form-title">
      <form
        className="split-form" noValidate autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && event.ctrlKey) event.currentTarget.requestSubmit();
        }}
      >
        <div className="split-body account-columns">
          <div className="account-fields">
            <h2 id="form-title">{before === null ? `New ${facts?.label ?? ""} account` : `Change ${before.name}`}</h2>
            {error !== null && <ErrorCard title={before === null ? "The account was not added" : "The account was not changed"} error={error} />}
            {before === null && <TextField label="Name" required autoFocus value={name} change={setName} problem={tried && name.trim() === "" ? "The name is required." : null} />}
            <TextField
              label="Address" required autoFocus={before !== null} inputMode="url" placeholder={facts?.example} value={address} change={setAddress}
              onBlur={() => {
                if (origin.origin !== null && origin.cut === null) setAddress(origin.origin);
              }}
              problem={tried || (address !== "" && origin.problem?.startsWith("Only") === true) ? origin.problem : null}
              note={origin.cut === null ? null : `Only ${origin.origin ?? ""} is kept; “${origin.cut}” is cut off.`}
            />
            <Select label="Environment" value={sandbox ? "sandbox" : "production"} change={(value) => setSandbox(value === "sandbox")} options={[{ value: "production", label: "Production" }, { value: "sandbox", label: "Sandbox" }]} />
            <Select label="Sign-in method" value={method} change={setMethod} options={(facts?.methods ?? []).map((one) => ({ value: one.method, label: one.label }))} />
            {asked.map((part) => (
              <TextField
                key={part} label={PARTS[part].label} required value={parts[part]} change={(value) => setParts({ ...parts, [part]: value })}
                problem={tried && lacking.includes(part) ? PARTS[part].problem : null}
              />
            ))}
            <Checkbox label="Only Lockstep signs in as this user" on={dedicated} change={setDedicated} />
            <Advanced platform={platform} value={more} change={setMore} />
            {before === null && <p className="second">The secret is asked for next. It goes to this computer's keychain and is never shown.</p>}
            {anew && <p className="tone-warn" role="status">With another address or sign-in method the secret is asked for again.</p>}
          </div>
          <RecipePanel platform={platform} />
        </div>
        <footer className="split-bar">
          <span className="split-bar-end">
            <Button onClick={cancel}>Cancel</Button>
            <Button kind="primary" type="submit" busy={busy} refused={locked}>{before === null ? "Add account" : "Save account"}</Button>
          </span>
        </footer>
      </form>
    </section>
  );
}
