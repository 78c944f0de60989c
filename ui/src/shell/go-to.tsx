// Go to…: type a few letters, pick with the arrows, Enter. A ticket's number is explained in the same dialog.
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useQuery } from "../api/query";
import { Dialog } from "../components/dialog";
import { Explain } from "../components/explain";
import { Icon } from "../components/icons";
import { go } from "../lib/route";
import { useLive } from "../state/live";
import { type Place, placesFor } from "./places";
import "./go-to.css";

const EVERYTHING = {};
const NEWEST = { connection: null, result: null, since_ms: null, before: null };

export function GoTo({ close, showKeys }: { close: () => void; showKeys: () => void }) {
  const [ticket, setTicket] = useState<string | null>(null);
  if (ticket !== null) return <Dialog key="explain" wide title={`Explain ${ticket}`} close={close}><Explain connection={null} ticket={ticket} leave={close} /></Dialog>;
  return <Palette close={close} showKeys={showKeys} explain={setTicket} />;
}

interface PaletteProps {
  close: () => void;
  showKeys: () => void;
  explain: (ticket: string) => void;
}

function Palette({ close, showKeys, explain }: PaletteProps) {
  const { connections } = useLive();
  const accounts = useQuery("list_accounts", EVERYTHING);
  const runs = useQuery("list_runs", NEWEST);
  const prefix = useId();
  const list = useRef<HTMLUListElement>(null);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const places = placesFor(typed, { connections: connections.data?.connections ?? [], accounts: accounts.data ?? [], runs: runs.data?.runs ?? [] });
  const chosen = places[Math.min(at, places.length - 1)];

  const take = (place: Place) => {
    if (place.act.kind === "explain") {
      explain(place.act.ticket);
    } else if (place.act.kind === "keys") {
      showKeys();
    } else {
      close();
      go(place.act.to);
    }
  };
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const by = steps[event.key];
    if (by !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(places.length - 1, at + by)));
    } else if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      take(chosen);
    }
  };
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <Dialog key="find" wide bare title="Go to…" close={close}>
      <div className="find-input">
        <Icon name="search" />
        <input
          data-first="" role="combobox" aria-label="Go to" aria-expanded="true" aria-controls={`${prefix}list`} aria-autocomplete="list" autoComplete="off" spellCheck={false}
          aria-activedescendant={chosen === undefined ? undefined : `${prefix}${chosen.id}`} placeholder="Screen, connection, run or ticket number" value={typed} onKeyDown={keys}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
        />
        <kbd aria-hidden="true">Esc</kbd>
      </div>
      <ul ref={list} id={`${prefix}list`} role="listbox" aria-label="Places" className="find-list" tabIndex={-1}>
        {places.map((place) => (
          <li key={place.id} id={`${prefix}${place.id}`} role="option" aria-selected={place === chosen} className="find-place" onClick={() => take(place)}>
            <Icon name={place.icon} /><span className="cut">{place.label}</span><span className="find-note">{place.note}</span>
          </li>
        ))}
      </ul>
      <p className={places.length === 0 ? "find-nothing" : "hidden-text"} role="status">{places.length === 0 ? `Nothing here is called “${typed.trim()}”. A whole ticket number is explained.` : `${places.length} found`}</p>
    </Dialog>
  );
}
