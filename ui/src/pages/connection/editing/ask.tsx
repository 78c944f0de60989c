// Asks before something that cannot be taken back lightly (ux.md §5): focus on the safe button, Esc is the safe way.
import { type ReactNode, useEffect, useId, useRef } from "react";
import { createPortal } from "react-dom";
import { Button } from "../../../components/kit";

interface AskProps {
  title: string;
  children?: ReactNode;
  /** The words of the risky button and of the safe one. */
  go: string;
  keep: string;
  decide: (go: boolean) => void;
}

export function Ask({ title, children, go, keep, decide }: AskProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    box.current?.querySelector<HTMLElement>("[data-safe]")?.focus();
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  const keys = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") decide(false);
    if (event.key !== "Tab") return;
    event.preventDefault();
    const buttons = [...(box.current?.querySelectorAll("button") ?? [])];
    const at = buttons.findIndex((button) => button === document.activeElement);
    buttons[(at + (event.shiftKey ? buttons.length - 1 : 1)) % buttons.length]?.focus();
  };
  return createPortal(
    <div className="ask-ground">
      <div ref={box} className="ask" role="alertdialog" aria-modal="true" aria-labelledby={id} aria-describedby={`${id}-text`} onKeyDown={keys}>
        <h2 id={id}>{title}</h2>
        <p id={`${id}-text`}>{children}</p>
        <footer>
          <Button data-safe="" onClick={() => decide(false)}>{keep}</Button>
          <Button danger onClick={() => decide(true)}>{go}</Button>
        </footer>
      </div>
    </div>,
    document.body,
  );
}
