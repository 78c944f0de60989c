// A field that speaks only when it is left or with Enter: for what is read anew after each change. Esc puts back what stood there.
import { type ComponentProps, type KeyboardEvent, useState } from "react";
import { TextField } from "./text-field";

export function LateField({ value, change, ...rest }: ComponentProps<typeof TextField>) {
  const [typed, setTyped] = useState<string | null>(null);
  const end = () => {
    if (typed !== null && typed.trim() !== value) change(typed.trim());
    setTyped(null);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter") end();
    if (event.key !== "Escape" || typed === null) return;
    event.stopPropagation();
    setTyped(null);
  };
  return <div className="late-field" onBlur={end} onKeyDown={keys}><TextField {...rest} value={typed ?? value} change={setTyped} /></div>;
}
