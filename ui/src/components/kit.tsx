// The small kit: buttons, pills, switches, choices, banners. It knows no tickets.
import { type ComponentProps, type ReactNode, useId } from "react";
import type { Tone } from "../lib/words";
import { Icon, type IconName } from "./icons";
import "./kit.css";

interface ButtonProps extends ComponentProps<"button"> {
  kind?: "plain" | "primary" | "quiet";
  size?: "normal" | "small" | "welcome";
  icon?: IconName;
  busy?: boolean;
  danger?: boolean;
  /** Why it cannot be pressed now; the button stays reachable and says so. */
  refused?: string | null | undefined;
}

export function Button(props: ButtonProps) {
  const { kind = "plain", size = "normal", icon, busy = false, danger = false, refused, children, onClick, className, ...rest } = props;
  const reason = useId();
  const off = busy || (refused ?? null) !== null;
  const classes = ["button", `button-${kind}`, `button-${size}`, danger ? "button-danger" : "", className ?? ""];
  return (
    <button
      type="button"
      {...rest}
      className={classes.filter(Boolean).join(" ")}
      aria-disabled={off || undefined}
      aria-describedby={refused ? reason : rest["aria-describedby"]}
      title={refused ?? rest.title}
      onClick={off ? undefined : onClick}
    >
      {busy ? <Icon name="arc" turning /> : icon && <Icon name={icon} />}
      {children}
      {refused && <span id={reason} className="hidden-text">{refused}</span>}
    </button>
  );
}

interface PillProps {
  tone?: Tone;
  icon?: IconName;
  outlined?: boolean;
  children: ReactNode;
}

export function Pill({ tone = "plain", icon, outlined = false, children }: PillProps) {
  return (
    <span className={`pill pill-${tone}${outlined ? " pill-outlined" : ""}`}>
      {icon && <Icon name={icon} small />}
      {children}
    </span>
  );
}

interface SwitchProps {
  label: string;
  on: boolean;
  change: (on: boolean) => void;
  /** Why it cannot be switched; read as its description. */
  refused?: string | null;
}

export function Switch({ label, on, change, refused = null }: SwitchProps) {
  const reason = useId();
  return (
    <>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-label={label}
        aria-checked={on}
        aria-disabled={refused !== null || undefined}
        aria-describedby={refused === null ? undefined : reason}
        title={refused ?? undefined}
        onClick={() => {
          if (refused === null) change(!on);
        }}
      >
        <span className="switch-knob" />
      </button>
      {refused !== null && <span id={reason} className="hidden-text">{refused}</span>}
    </>
  );
}

interface SelectProps<Value extends string> {
  label: string;
  value: Value;
  options: { value: Value; label: string }[];
  change: (value: Value) => void;
  small?: boolean;
  /** The label is for screen readers only: what the list says is clear where it stands. */
  labelHidden?: boolean;
  /** Why nothing can be chosen now. */
  refused?: string | null;
}

export function Select<Value extends string>({ label, value, options, change, small = false, labelHidden = false, refused = null }: SelectProps<Value>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={labelHidden ? "hidden-text" : "field-label"}>{label}</label>
      <span className={small ? "select select-small" : "select"}>
        <select id={id} value={value} disabled={refused !== null} title={refused ?? undefined} onChange={(event) => change(event.target.value as Value)}>
          {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
        <Icon name="down" />
      </span>
    </div>
  );
}

interface CheckboxProps {
  label: string;
  on: boolean;
  change: (on: boolean) => void;
  note?: string;
  /** Cannot be changed; the note says why. */
  fixed?: boolean;
}

export function Checkbox({ label, on, change, note, fixed = false }: CheckboxProps) {
  const id = useId();
  return (
    <div className="checkbox">
      <span className="checkbox-box">
        <input
          id={id}
          type="checkbox"
          checked={on}
          aria-disabled={fixed || undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          onChange={(event) => {
            if (!fixed) change(event.target.checked);
          }}
        />
        <Icon name="check" small />
      </span>
      <label htmlFor={id}>{label}</label>
      {note && <span id={`${id}-note`} className="checkbox-note">{note}</span>}
    </div>
  );
}

interface BannerProps {
  tone: "warn" | "bad" | "accent";
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** Spoken at once: keychain and sign-in only. */
  urgent?: boolean;
}

const BANNER_ICONS: Record<BannerProps["tone"], IconName> = { warn: "warning", bad: "lock", accent: "error" };

export function Banner({ tone, title, children, action, urgent = false }: BannerProps) {
  return (
    <div className={`banner banner-${tone}`} role={urgent ? "alert" : "status"}>
      <Icon name={BANNER_ICONS[tone]} />
      <p><strong>{title}</strong> {children}</p>
      {action}
    </div>
  );
}
