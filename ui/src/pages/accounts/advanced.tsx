// What few accounts need: how long a write may stay unseen, and the field that marks a ticket as private.
import type { AccountDoc } from "../../api/generated/AccountDoc";
import type { Platform } from "../../api/generated/Platform";
import { TextField } from "../../components/text-field";

const SETTLE_MAX = 86_400;

export interface AdvancedTexts {
  settle: string;
  privateField: string;
}

export function advancedOf(doc: AccountDoc | undefined): AdvancedTexts {
  return { settle: doc?.settle_seconds === undefined ? "" : String(doc.settle_seconds), privateField: doc?.private_field ?? "" };
}

export function wrongSettle({ settle }: AdvancedTexts): string | null {
  const text = settle.trim();
  if (text === "") return null;
  return /^\d+$/.test(text) && Number(text) <= SETTLE_MAX ? null : `A whole number from 0 to ${SETTLE_MAX.toLocaleString()}, or nothing.`;
}

/** As the account is described; what is left empty is left out. */
export function advanced({ settle, privateField }: AdvancedTexts, platform: Platform): Pick<AccountDoc, "settle_seconds" | "private_field"> {
  return {
    ...(settle.trim() === "" ? {} : { settle_seconds: Number(settle) }),
    ...(platform !== "servicenow" || privateField.trim() === "" ? {} : { private_field: privateField.trim() }),
  };
}

interface AdvancedProps {
  platform: Platform;
  value: AdvancedTexts;
  change: (value: AdvancedTexts) => void;
}

export function Advanced({ platform, value, change }: AdvancedProps) {
  const wrong = wrongSettle(value);
  return (
    <details className="account-advanced" open={wrong !== null || undefined}>
      <summary>Advanced</summary>
      <div className="account-fields">
        <TextField label="Seconds a write may stay unseen" inputMode="numeric" value={value.settle} change={(settle) => change({ ...value, settle })} problem={wrong} note="Empty takes the platform's own figure." />
        {platform === "servicenow" && (
          <TextField label="Field that marks private tickets" value={value.privateField} change={(privateField) => change({ ...value, privateField })} note="API name of a true/false field. Private tickets stay where they are." />
        )}
      </div>
    </details>
  );
}
