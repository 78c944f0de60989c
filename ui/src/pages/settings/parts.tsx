// The shapes of this page: a section is a card, a line a choice.
import type { ReactNode } from "react";

export function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = `settings-${title.toLowerCase()}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <div className="card">{children}</div>
    </section>
  );
}

export function Row({ label, note, children }: { label: string; note: string; children: ReactNode }) {
  return (
    <div className="settings-row">
      <div><p>{label}</p><p className="settings-note">{note}</p></div>
      {children}
    </div>
  );
}
