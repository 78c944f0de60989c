// A button that opens a menu: arrows and the first letter walk, Esc and Tab leave, the focus goes back to the button.
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Icon, type IconName } from "./icons";
import { Button } from "./kit";
import "./menu.css";

export interface MenuItem {
  label: string;
  act: () => void;
  danger?: boolean;
  /** Why it cannot be chosen now. */
  refused?: string | null;
}

interface MenuProps {
  /** What the menu is of, for those who hear it. */
  label: string;
  items: MenuItem[];
  /** The button's words; three dots where there are none. */
  children?: ReactNode;
  icon?: IconName;
  /** Why it cannot be opened now. */
  refused?: string | null;
}

export function Menu({ label, items, children, icon, refused = null }: MenuProps) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    frame.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    frame.current?.querySelector("[role=menu]")?.scrollIntoView({ block: "nearest" });
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && frame.current?.contains(event.target) !== true) setOpen(false);
    };
    window.addEventListener("pointerdown", outside);
    return () => window.removeEventListener("pointerdown", outside);
  }, [open]);

  const shut = () => {
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  const choose = (item: MenuItem) => {
    if ((item.refused ?? null) !== null) return;
    shut();
    item.act();
  };
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Tab") {
      setOpen(false);
      return;
    }
    const all = [...(frame.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = all.findIndex((item) => item === document.activeElement);
    const steps: Record<string, number> = { ArrowDown: (at + 1) % all.length, ArrowUp: (at + all.length - 1) % all.length, Home: 0, End: all.length - 1 };
    const typed = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey ? event.key.toLowerCase() : null;
    const begins = typed === null ? -1 : [...all.keys()].map((step) => (at + 1 + step) % all.length).find((place) => all[place]?.textContent.toLowerCase().startsWith(typed)) ?? -1;
    const to = steps[event.key] ?? begins;
    if (event.key === "Escape") shut();
    else if (to < 0) return;
    event.preventDefault();
    all[to]?.focus();
  };
  return (
    <div className="menu" ref={frame}>
      {children === undefined
        ? <Button kind="quiet" className="button-icon" aria-label={label} aria-haspopup="menu" aria-expanded={open} refused={refused} onClick={() => setOpen(!open)}><Icon name="more" /></Button>
        : <Button {...(icon === undefined ? {} : { icon })} aria-haspopup="menu" aria-expanded={open} refused={refused} onClick={() => setOpen(!open)}>{children}<Icon name="down" small /></Button>}
      {open && (
        <div className="menu-list" role="menu" aria-label={label} onKeyDown={keys}>
          {items.map((item) => {
            const refused = item.refused ?? null;
            return (
              <button
                key={item.label} type="button" role="menuitem" tabIndex={-1} className={item.danger === true ? "tone-bad" : undefined}
                aria-disabled={refused !== null || undefined} title={refused ?? undefined} onClick={() => choose(item)}
              >
                {item.label}{refused !== null && <span className="hidden-text">: {refused}</span>}
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}
