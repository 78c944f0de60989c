// A button that opens a list: choosing acts at once, so only Enter, Space or a click chooses. Letters find, Esc leaves.
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { Icon, type IconName } from "./icons";
import { Button } from "./kit";
import "./pick-menu.css";

export interface PickOption {
  value: string;
  label: string;
}

export interface PickGroup {
  label: string;
  options: PickOption[];
}

interface PickMenuProps {
  /** The name of the button and of its list. */
  label: string;
  /** What stands on the button, where that is not its name. */
  children?: ReactNode;
  options?: PickOption[];
  groups?: PickGroup[];
  /** The option that holds now. */
  value?: string;
  choose: (value: string) => void;
  /** Called when the list opens. */
  opened?: () => void;
  icon?: IconName;
  kind?: "plain" | "quiet";
  /** Looks like a field that holds a choice. */
  field?: boolean;
  invalid?: boolean;
  refused?: string | null;
  /** Said where the list is empty. */
  none?: string;
}

const PAGE = 8;
const TYPED_MS = 700;

export function PickMenu(props: PickMenuProps) {
  const { label, children, options = [], groups = [], value, choose, opened, icon, kind = "plain", field = false, invalid = false, refused = null, none = "There is nothing to choose." } = props;
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLSpanElement>(null);
  const shut = () => {
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && frame.current?.contains(event.target) !== true) setOpen(false);
    };
    const moved = () => setOpen(false);
    window.addEventListener("pointerdown", outside);
    window.addEventListener("resize", moved);
    window.addEventListener("scroll", outside, true);
    return () => {
      window.removeEventListener("pointerdown", outside);
      window.removeEventListener("resize", moved);
      window.removeEventListener("scroll", outside, true);
    };
  }, [open]);
  return (
    <span className={field ? "pick-menu pick-menu-field" : "pick-menu"} ref={frame}>
      <Button
        kind={kind} size="small" aria-label={children === undefined ? undefined : label} aria-haspopup="listbox" aria-expanded={open} aria-invalid={invalid || undefined} refused={refused} {...(icon === undefined ? {} : { icon })}
        onClick={() => {
          if (!open) opened?.();
          setOpen(!open);
        }}
        onKeyDown={(event) => {
          if (open || refused !== null || (event.key !== "ArrowDown" && event.key !== "ArrowUp") || event.altKey) return;
          event.preventDefault();
          event.stopPropagation();
          opened?.();
          setOpen(true);
        }}
      >
        {children ?? label}{field && <Icon name="down" />}
      </Button>
      {open && (
        <List
          label={label} groups={[{ label: "", options }, ...groups].filter((group) => group.options.length > 0)} value={value} none={none} frame={frame} shut={shut} leave={() => setOpen(false)}
          choose={(chosen) => {
            shut();
            choose(chosen);
          }}
        />
      )}
    </span>
  );
}

interface ListProps {
  label: string;
  groups: PickGroup[];
  value: string | undefined;
  none: string;
  frame: React.RefObject<HTMLSpanElement | null>;
  choose: (value: string) => void;
  shut: () => void;
  leave: () => void;
}

function List({ label, groups, value, none, frame, choose, shut, leave }: ListProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const all = groups.flatMap((group) => group.options);
  const [active, setActive] = useState(() => Math.max(0, all.findIndex((option) => option.value === value)));
  const typed = useRef({ text: "", at: 0 });
  const at = Math.min(active, all.length - 1);

  useLayoutEffect(() => {
    const [box, button] = [list.current, frame.current?.getBoundingClientRect()];
    if (box === null || button === undefined) return;
    // Fixed, so that no pane cuts it off; above the button where there is more room.
    const below = window.innerHeight - button.bottom;
    const above = below < 180 && button.top > below;
    box.style.setProperty("left", `${Math.max(8, Math.min(button.left, window.innerWidth - 288))}px`);
    box.style.setProperty(above ? "bottom" : "top", `${above ? window.innerHeight - button.top + 4 : button.bottom + 4}px`);
    box.style.setProperty("max-height", `${Math.min(320, (above ? button.top : below) - 16)}px`);
    box.style.setProperty("min-width", `${button.width}px`);
    box.focus();
  }, [frame]);
  useEffect(() => list.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" }), [at]);

  const find = (key: string): number => {
    const now = Date.now();
    const text = now - typed.current.at < TYPED_MS ? typed.current.text + key : key;
    typed.current = { text, at: now };
    const from = text.length === 1 ? at + 1 : at;
    return [...all.keys()].map((step) => (from + step) % all.length).find((place) => all[place]?.label.toLowerCase().startsWith(text)) ?? at;
  };
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Tab") {
      leave();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1, PageDown: at + PAGE, PageUp: at - PAGE }[event.key];
    const here = all[at];
    if (to !== undefined) setActive(Math.max(0, Math.min(all.length - 1, to)));
    else if (event.key === "Escape") shut();
    else if (event.key === "Enter" || (event.key === " " && typed.current.text === "")) {
      if (here !== undefined) choose(here.value);
    } else if (event.key.length === 1 && all.length > 0) setActive(find(event.key.toLowerCase()));
    else return;
    event.preventDefault();
  };
  const option = (each: PickOption) => {
    const place = all.indexOf(each);
    return (
      <div key={each.value} id={`${id}-${place}`} role="option" className="pick-menu-option" aria-selected={each.value === value} data-active={place === at || undefined} onClick={() => choose(each.value)} onPointerMove={() => setActive(place)}>{each.label}</div>
    );
  };
  return (
    <div ref={list} role="listbox" className="pick-menu-list" tabIndex={-1} aria-label={label} aria-activedescendant={all.length === 0 ? undefined : `${id}-${at}`} onKeyDown={keys}>
      {all.length === 0 && <p className="pick-menu-none">{none}</p>}
      {groups.map((group) => (group.label === "" ? group.options.map(option) : (
        <div key={group.label} role="group" aria-label={group.label}>
          <div className="pick-menu-group" aria-hidden="true">{group.label}</div>
          {group.options.map(option)}
        </div>
      )))}
    </div>
  );
}
