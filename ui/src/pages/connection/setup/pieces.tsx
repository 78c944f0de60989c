// The frame of a section, and a group of choices of which one holds.
import { type ReactNode, useId } from "react";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import { Problems } from "../editing/problems";
import type { Section } from "./sections";

interface SectionCardProps {
  id: Section;
  title: string;
  about?: ReactNode;
  problems: FoundProblem[];
  children: ReactNode;
}

export function SectionCard({ id, title, about, problems, children }: SectionCardProps) {
  return (
    <section className="card setup-section" id={`setup-${id}`} aria-labelledby={`setup-${id}-title`}>
      <header><h2 id={`setup-${id}-title`} tabIndex={-1}>{title}</h2>{about && <p className="second">{about}</p>}</header>
      {children}
      <Problems problems={problems} />
    </section>
  );
}

interface ChoicesProps<Value extends string> {
  label: string;
  value: Value;
  options: { value: Value; label: string; note?: string }[];
  choose: (value: Value) => void;
}

export function Choices<Value extends string>({ label, value, options, choose }: ChoicesProps<Value>) {
  const name = useId();
  return (
    <fieldset className="choices">
      <legend className="hidden-text">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="choice">
          <input type="radio" className="radio" name={name} checked={option.value === value} onChange={() => choose(option.value)} />
          <span>{option.label}{option.note && <span className="choice-note">{option.note}</span>}</span>
        </label>
      ))}
    </fieldset>
  );
}
