// A native dialog: Esc is the safe way out, and the focus returns to whoever opened it.
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Icon } from "./icons";
import { Button } from "./kit";
import "./dialog.css";

interface DialogProps {
  title: string;
  close: () => void;
  children: ReactNode;
  /** Buttons; the safe one carries `data-first`, and so does an input that is typed into at once. */
  foot?: ReactNode;
  wide?: boolean;
  /** The title is for screen readers only, and there is no close button: the content says it. */
  bare?: boolean;
  /** It waits for an answer: read out whole. */
  question?: boolean;
}

export function Dialog({ title, close, children, foot, wide = false, bare = false, question = false }: DialogProps) {
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    const dialog = box.current;
    if (dialog === null) return;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      dialog.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={box} className={wide ? "dialog dialog-wide" : "dialog"} aria-labelledby={id}
      role={question ? "alertdialog" : undefined} aria-describedby={question ? `${id}-text` : undefined}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
      onClick={(event) => {
        if (event.target === box.current) close();
      }}
    >
      {bare ? <h2 id={id} className="hidden-text">{title}</h2> : (
        <header className="dialog-head">
          <h2 id={id}>{title}</h2>
          <Button kind="quiet" className="button-icon" aria-label="Close" onClick={close}><Icon name="close" /></Button>
        </header>
      )}
      {bare ? children : <div id={`${id}-text`} className="dialog-body">{children}</div>}
      {foot !== undefined && <footer className="dialog-foot">{foot}</footer>}
    </dialog>
  );
}
