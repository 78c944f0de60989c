// Export: what a screen shows, copied as text or as CSV. Nothing is written to a file, so nobody has to choose one.
import { useState } from "react";
import { Menu } from "./menu";
import "./copy-menu.css";

interface CopyMenuProps {
  text: () => string;
  csv: () => string;
  /** Said when it was copied. */
  copied: (as: "text" | "CSV") => void;
  refused?: string | null;
}

export function CopyMenu({ text, csv, copied, refused = null }: CopyMenuProps) {
  const [failed, setFailed] = useState(false);
  const copy = (what: string, as: "text" | "CSV") => {
    navigator.clipboard.writeText(what).then(
      () => {
        setFailed(false);
        copied(as);
      },
      () => setFailed(true),
    );
  };
  const items = [
    { label: "Copy as text", act: () => copy(text(), "text") },
    { label: "Copy as CSV", act: () => copy(csv(), "CSV") },
  ];
  return (
    <div className="copy-menu">
      <Menu label="Export" items={items} icon="export" refused={refused}>Export</Menu>
      {failed && <span className="tone-bad" role="alert">The system refused the clipboard.</span>}
    </div>
  );
}
