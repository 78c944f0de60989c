// An input with its label, and its error tied to it. "Required" is a word.
import { type ComponentProps, useId } from "react";

export interface TextFieldProps extends Omit<ComponentProps<"input">, "value" | "onChange" | "type"> {
  label: string;
  value: string;
  change: (value: string) => void;
  labelHidden?: boolean;
  problem?: string | null | undefined;
  note?: string | null | undefined;
  small?: boolean;
  type?: "text" | "number" | "password";
}

export function TextField({ label, value, change, labelHidden = false, problem = null, note = null, small = false, required, ...rest }: TextFieldProps) {
  const id = useId();
  const noted = note !== null && note !== "";
  const described = [problem === null ? "" : `${id}-problem`, noted ? `${id}-note` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id} className={labelHidden ? "hidden-text" : "field-label"}>{label}{required === true && <span className="quiet"> required</span>}</label>
      <input
        autoComplete="off" spellCheck={false} {...rest} id={id} className={small ? "text-input text-input-small" : "text-input"} value={value} required={required}
        aria-invalid={problem !== null || undefined} aria-describedby={described === "" ? undefined : described} onChange={(event) => change(event.target.value)}
      />
      {problem !== null && <p id={`${id}-problem`} className="field-problem">{problem}</p>}
      {noted && <p id={`${id}-note`} className="field-note" role="status">{note}</p>}
    </div>
  );
}
