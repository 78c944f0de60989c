// A search over what a screen lists: Ctrl F comes here, Esc empties it.
import { useRef } from "react";
import { useKeys } from "../lib/keys";
import { Icon } from "./icons";
import "./find-box.css";

interface FindBoxProps {
  text: string;
  find: (text: string) => void;
}

export function FindBox({ text, find }: FindBoxProps) {
  const box = useRef<HTMLInputElement>(null);
  useKeys([[{ key: "f", ctrl: true }, () => box.current?.focus()]]);
  return (
    <label className="find-box">
      <Icon name="search" />
      <span className="hidden-text">Find a ticket</span>
      <input
        ref={box} type="search" placeholder="Find a ticket" value={text} aria-keyshortcuts="Control+F" onChange={(event) => find(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          find("");
        }}
      />
    </label>
  );
}

/** Whether any of the texts holds what was typed. */
export function holds(typed: string, ...texts: (string | null)[]): boolean {
  const wanted = typed.trim().toLowerCase();
  return wanted === "" || texts.some((text) => text?.toLowerCase().includes(wanted));
}
