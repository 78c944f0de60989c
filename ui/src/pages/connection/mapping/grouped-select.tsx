// A choice with groups: fixed values, fields and texts in one list.
import { useId } from "react";
import { Icon } from "../../../components/icons";

export interface Group {
  label: string;
  options: { value: string; label: string }[];
}

interface GroupedSelectProps {
  label: string;
  value: string;
  options?: { value: string; label: string }[];
  groups?: Group[];
  change: (value: string) => void;
  /** Shown above the list; else the label is for screen readers only. */
  caption?: React.ReactNode;
  dashed?: boolean;
  wrong?: boolean;
  tabIndex?: number;
}

export function GroupedSelect({ label, value, options = [], groups = [], change, caption, dashed = false, wrong = false, tabIndex }: GroupedSelectProps) {
  const id = useId();
  const classes = ["select", "select-small", dashed ? "select-dashed" : "", wrong ? "select-wrong" : ""].filter(Boolean).join(" ");
  return (
    <div className="grouped">
      {caption !== undefined && <span className="grouped-caption" aria-hidden="true">{caption}</span>}
      <label htmlFor={id} className="hidden-text">{label}</label>
      <span className={classes}>
        <select id={id} value={value} tabIndex={tabIndex} aria-invalid={wrong || undefined} onChange={(event) => change(event.target.value)}>
          {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
          {groups.filter((group) => group.options.length > 0).map((group) => (
            <optgroup key={group.label} label={group.label}>
              {group.options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
            </optgroup>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </div>
  );
}
