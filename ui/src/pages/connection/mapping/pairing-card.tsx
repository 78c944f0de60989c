// What is asked while a pair is drawn with the keyboard.
import { Icon } from "../../../components/icons";
import { plural } from "../../../lib/format";

export function PairingCard({ title, here, there }: { title: string; here: number | null; there: number | null }) {
  return (
    <div className="pairing-card">
      <Icon name="link" />
      <p>
        <strong>{title}</strong>
        <span className="second">{here === null || there === null ? "The tickets are not counted yet." : `${plural(here, "ticket")} here, ${there.toLocaleString()} there.`}</span>
      </p>
      <p className="pairing-keys"><kbd>↑</kbd><kbd>↓</kbd> choose <kbd>Enter</kbd> pair <kbd>Esc</kbd> stop</p>
    </div>
  );
}
