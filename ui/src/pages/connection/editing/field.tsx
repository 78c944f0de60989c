// A field of text with its label, and one that speaks only when it is left: for what is read anew after each change.
import { type KeyboardEvent, useId, useState } from "react";

interface TextFieldProps {
  label: string;
  value: string;
  change: (value: string) => void;
  labelHidden?: boolean;
  required?: boolean;
  /** What is wrong, tied to the field. */
  wrong?: string | null;
  note?: string | undefined;
  placeholder?: string;
  small?: boolean;
  /** A number with its smallest and largest value. */
  number?: { min: number; max: number };
}

export function TextField({ label, value, change, labelHidden = false, required = false, wrong = null, note, placeholder, small = false, number }: TextFieldProps) {
  const id = useId();
  const told = [wrong !== null ? `${id}-wrong` : "", note ? `${id}-note` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id} className={labelHidden ? "hidden-text" : "field-label"}>{label}{required && <span className="quiet"> required</span>}</label>
      <input
        id={id} className={small ? "text-input text-input-small" : "text-input"} value={value} placeholder={placeholder} required={required}
        type={number === undefined ? "text" : "number"} min={number?.min} max={number?.max} spellCheck={false} autoComplete="off"
        aria-invalid={wrong !== null || undefined} aria-describedby={told === "" ? undefined : told} onChange={(event) => change(event.target.value)}
      />
      {wrong !== null && <span id={`${id}-wrong`} className="field-wrong">{wrong}</span>}
      {note && <span id={`${id}-note`} className="field-note">{note}</span>}
    </div>
  );
}

/** Speaks when it is left or with Enter; Esc puts back what stood there. */
export function LateField({ value, change, ...rest }: TextFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const end = () => {
    if (typed !== null && typed.trim() !== value) change(typed.trim());
    setTyped(null);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter") end();
    if (event.key === "Escape") setTyped(null);
  };
  return <div className="late-field" onBlur={end} onKeyDown={keys}><TextField {...rest} value={typed ?? value} change={setTyped} /></div>;
}
