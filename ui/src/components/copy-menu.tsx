// Export: what a screen shows, copied as text or as CSV. Nothing is written to a file, so nobody has to choose one.
import { useEffect, useId, useRef, useState } from "react";
import { Icon } from "./icons";
import { Button } from "./kit";
import "./copy-menu.css";

interface CopyMenuProps {
  text: () => string;
  csv: () => string;
  /** Said when it was copied. */
  copied: (as: "text" | "CSV") => void;
  refused?: string | null;
}

export function CopyMenu({ text, csv, copied, refused = null }: CopyMenuProps) {
  const [open, setOpen] = useState(false);
  const [failed, setFailed] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const name = useId();
  const items = () => [...(frame.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];

  useEffect(() => {
    if (!open) return;
    frame.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
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
  const copy = (what: string, as: "text" | "CSV") => {
    shut();
    navigator.clipboard.writeText(what).then(
      () => {
        setFailed(false);
        copied(as);
      },
      () => setFailed(true),
    );
  };
  const keys = (event: React.KeyboardEvent) => {
    const all = items();
    const at = all.findIndex((item) => item === document.activeElement);
    const next: Record<string, number> = { ArrowDown: (at + 1) % all.length, ArrowUp: (at + all.length - 1) % all.length, Home: 0, End: all.length - 1 };
    if (event.key === "Escape" || event.key === "Tab") setOpen(false);
    if (event.key === "Escape") shut();
    const to = next[event.key];
    event.stopPropagation();
    if (to === undefined) return;
    event.preventDefault();
    all[to]?.focus();
  };
  return (
    <div className="copy-menu" ref={frame}>
      <Button id={name} aria-haspopup="menu" aria-expanded={open} refused={refused} icon="export" onClick={() => setOpen(!open)}>Export<Icon name="down" small /></Button>
      {open && (
        <div className="copy-menu-list" role="menu" aria-labelledby={name} onKeyDown={keys}>
          <button type="button" role="menuitem" tabIndex={-1} onClick={() => copy(text(), "text")}>Copy as text</button>
          <button type="button" role="menuitem" tabIndex={-1} onClick={() => copy(csv(), "CSV")}>Copy as CSV</button>
        </div>
      )}
      {failed && <span className="tone-bad" role="alert">The system refused the clipboard.</span>}
    </div>
  );
}
