// A question on top of the screen. Focus begins on the safe button and goes back to the opener; Esc is always the safe way.
import type { ReactNode } from "react";
import { Dialog } from "./dialog";
import { Button } from "./kit";

interface QuestionProps {
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

export function Question({ title, children, confirm, confirmed, busy = false, danger = false, other, safe = "Cancel", close }: QuestionProps) {
  return (
    <Dialog
      title={title} close={close} question
      foot={<>
        <Button data-first onClick={close}>{safe}</Button>
        {other}
        <Button kind={danger ? "plain" : "primary"} danger={danger} busy={busy} onClick={confirmed}>{confirm}</Button>
      </>}
    >
      {children}
    </Dialog>
  );
}
