// A button that copies text and says that it did.
import { useState } from "react";
import { Button } from "./kit";

export function CopyButton({ label, text, small = false }: { label: string; text: string; small?: boolean }) {
  const [said, setSaid] = useState(label);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => setSaid("Copied"), () => setSaid("Could not copy"));
  };
  return <Button size={small ? "small" : "normal"} icon="copy" onClick={copy} onBlur={() => setSaid(label)}>{said}</Button>;
}
