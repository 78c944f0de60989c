// A new account: everything but the secret, checked beside each field; what was typed stays when it is refused.
import { useState } from "react";
import type { AccountView } from "../../api/generated/AccountView";
import type { Platform } from "../../api/generated/Platform";
import { useAct } from "../../api/query";
import { Button, Checkbox, Select } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { TextField } from "../../components/text-field";
import { originOf } from "../../lib/address";
import { type Method, type Part, PARTS, platformOf, signInOf } from "../../lib/platforms";
import { RecipePanel } from "./recipe";

interface FormProps {
  platform: Platform;
  cancel: () => void;
  added: (account: AccountView) => void;
}

const NO_PARTS: Record<Part, string> = { user: "", client_id: "", email: "" };

export function AccountForm({ platform, cancel, added }: FormProps) {
  const facts = platformOf(platform);
  const { act, busy, error } = useAct("add_account");
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [method, setMethod] = useState<Method>(facts?.methods[0]?.method ?? "token");
  const [parts, setParts] = useState(NO_PARTS);
  const [sandbox, setSandbox] = useState(false);
  const [dedicated, setDedicated] = useState(true);
  const [tried, setTried] = useState(false);
  const asked = facts?.methods.find((one) => one.method === method)?.parts ?? [];
  const origin = originOf(address);
  const lacking = asked.filter((part) => parts[part].trim() === "");
  const good = name.trim() !== "" && origin.origin !== null && lacking.length === 0;

  const submit = async (form: HTMLFormElement) => {
    setTried(true);
    if (!good || origin.origin === null) {
      window.setTimeout(() => form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    const account = await act({ name: name.trim(), platform, address: origin.origin, sign_in: signInOf(method, parts), dedicated, practice: false, sandbox });
    if (account !== null) added(account);
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
            <h2 id="form-title">New {facts?.label} account</h2>
            {error !== null && <ErrorCard title="The account was not added" error={error} />}
            <TextField label="Name" required autoFocus value={name} change={setName} problem={tried && name.trim() === "" ? "The name is required." : null} />
            <TextField
              label="Address" required inputMode="url" placeholder={facts?.example} value={address} change={setAddress}
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
            <p className="second">The secret is asked for next. It goes to this computer's keychain and is never shown.</p>
          </div>
          <RecipePanel platform={platform} />
        </div>
        <footer className="split-bar">
          <span className="split-bar-end">
            <Button onClick={cancel}>Cancel</Button>
            <Button kind="primary" type="submit" busy={busy}>Add account</Button>
          </span>
        </footer>
      </form>
    </section>
  );
}
