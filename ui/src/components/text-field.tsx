// An input with its label, and its error tied to it. "Required" is a word.
import { type ComponentProps, useId } from "react";

interface TextFieldProps extends Omit<ComponentProps<"input">, "value" | "onChange"> {
  label: string;
  value: string;
  change: (value: string) => void;
  problem?: string | null | undefined;
  note?: string | null | undefined;
}

export function TextField({ label, value, change, problem = null, note = null, required, ...rest }: TextFieldProps) {
  const id = useId();
  const described = [problem === null ? "" : `${id}-problem`, note === null ? "" : `${id}-note`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">{label}{required === true && <span className="quiet"> required</span>}</label>
      <input
        autoComplete="off" spellCheck={false} {...rest} id={id} className="text-input" value={value} required={required}
        aria-invalid={problem !== null || undefined} aria-describedby={described === "" ? undefined : described} onChange={(event) => change(event.target.value)}
      />
      {problem !== null && <p id={`${id}-problem`} className="field-problem">{problem}</p>}
      {note !== null && <p id={`${id}-note`} className="field-note" role="status">{note}</p>}
    </div>
  );
}
