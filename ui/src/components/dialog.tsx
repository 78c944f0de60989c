// A question on top of the screen. Focus begins on the safe button and goes back to the opener; Esc is always the safe way.
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { Button } from "./kit";
import "./dialog.css";

interface DialogProps {
  title: string;
  children: ReactNode;
  /** The button that goes on. */
  confirm: string;
  confirmed: () => void;
  busy?: boolean;
  danger?: boolean;
  /** A second way, between the safe one and the one that goes on. */
  other?: ReactNode;
  /** The safe button; Cancel unless something says it better. */
  safe?: string;
  close: () => void;
}

export function Dialog({ title, children, confirm, confirmed, busy = false, danger = false, other, safe = "Cancel", close }: DialogProps) {
  const frame = useRef<HTMLDialogElement>(null);
  const [name, text] = [useId(), useId()];
  useLayoutEffect(() => {
    const dialog = frame.current;
    if (dialog === null) return;
    const opener = document.activeElement;
    // A page without layout has no modal dialogs.
    if (typeof dialog.showModal === "function") dialog.showModal();
    else dialog.setAttribute("open", "");
    dialog.querySelector<HTMLElement>("[data-safe]")?.focus();
    return () => {
      if (typeof dialog.close === "function") dialog.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={frame} className="dialog" role="alertdialog" aria-modal="true" aria-labelledby={name} aria-describedby={text}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key !== "Escape") return;
        event.preventDefault();
        close();
      }}
    >
      <h2 id={name}>{title}</h2>
      <div id={text} className="dialog-text">{children}</div>
      <div className="dialog-buttons">
        <Button data-safe onClick={close}>{safe}</Button>
        {other}
        <Button kind={danger ? "plain" : "primary"} danger={danger} busy={busy} onClick={confirmed}>{confirm}</Button>
      </div>
    </dialog>
  );
}
