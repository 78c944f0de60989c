// Opens the source's fields in a narrow window; in a wide one they stand there anyway.
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";

export function DrawerOpener({ open, toggle, controls }: { open: boolean; toggle: () => void; controls: string }) {
  const label = open ? "Hide source fields" : "Show source fields";
  return (
    <span className="drawer-opener">
      <Button kind="quiet" className="button-icon" aria-label={label} aria-expanded={open} aria-controls={controls} title={label} onClick={toggle}><Icon name="sidebar" /></Button>
    </span>
  );
}
