// What is asked while a pair is drawn with the keyboard.
import { useEffect, useRef } from "react";
import { Icon } from "../../../components/icons";
import { count, plural } from "../../../lib/format";

interface PairingCardProps {
  title: string;
  here: number | null;
  there: number | null;
  /** "Both ways". */
  way: string;
}

export function PairingCard({ title, here, there, way }: PairingCardProps) {
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // In a small window the question stands below the values. Browsers may answer with a promise, which no effect may return.
    card.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div className="pairing-card" ref={card}>
      <Icon name="link" />
      <p>
        <strong>{title}</strong>
        <span className="second">{here === null || there === null ? "The tickets are not counted yet." : `${plural(here, "ticket")} here, ${count(there)} there.`} {way}.</span>
      </p>
      <p className="pairing-keys"><kbd>↑</kbd><kbd>↓</kbd> choose <kbd>Enter</kbd> pair <kbd>Esc</kbd> stop</p>
    </div>
  );
}
