// A question over the page: the system's own dialog, so that focus, Esc and the dimmed page behind it are the browser's.
import { type ReactNode, useEffect, useId, useRef } from "react";
import "./dialog.css";

interface DialogProps {
  title: string;
  /** What Esc does: always the safe way. */
  cancel: () => void;
  children: ReactNode;
  /** Buttons, the safe one first in the order of Tab; give it `autoFocus`. */
  actions: ReactNode;
}

export function Dialog({ title, cancel, children, actions }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const opener = document.activeElement;
    // jsdom has dialogs without showModal.
    if (typeof dialog.current?.showModal === "function") dialog.current.showModal();
    else dialog.current?.setAttribute("open", "");
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog} className="dialog" aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        cancel();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") cancel();
        event.stopPropagation();
      }}
    >
      <h2 id={heading}>{title}</h2>
      <div className="dialog-body">{children}</div>
      <div className="dialog-actions">{actions}</div>
    </dialog>
  );
}
