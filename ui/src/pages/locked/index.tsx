// The screen when the store cannot be opened: a locked keychain, or a store file in trouble. Nothing else works then.
import type { Trouble } from "../../api/generated/Trouble";
import { Mark } from "../../components/icons";
import { Banner, Button } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import "./locked.css";

interface LockedProps {
  trouble: Trouble;
  busy: boolean;
  retry: () => void;
}

export function Locked({ trouble, busy, retry }: LockedProps) {
  const locked = trouble.kind === "keychain_locked";
  return (
    <main className="locked">
      {locked && (
        <Banner
          tone="bad" urgent title="Keychain locked."
          action={<Button busy={busy} onClick={retry}>Unlock keychain</Button>}
        >
          Lockstep cannot read sign-ins, so no run can start.
        </Banner>
      )}
      <div className="locked-middle">
        <p className="locked-brand"><Mark />Lockstep</p>
        <ErrorCard title={locked ? "The store is locked with a key from the keychain" : "The local store cannot be opened"} error={trouble.error} retry={retry} />
        <p className="second">Nothing is lost: your data lies where it was, and the platforms were not asked for anything.</p>
      </div>
    </main>
  );
}
