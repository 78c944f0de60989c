// What stands between a button and the platforms, in the words the button then says.
import { useOnline } from "../lib/online";
import { useLive } from "./live";

const OFFLINE = "There is no network. Checks start again by themselves when it is back.";
const LOCKED = "The keychain is locked, so sign-ins cannot be read.";
const ABSENT = "This computer has no keychain that keeps sign-ins.";

/** Why sign-ins cannot be read or kept now; null while they can. */
export function useKeychain(): string | null {
  const keychain = useLive().connections.data?.keychain ?? "ready";
  return keychain === "ready" ? null : keychain === "locked" ? LOCKED : ABSENT;
}

/** Why nobody can be asked now; null while they can. The practice platforms are on this computer and need no network. */
export function useReach(practice: boolean): string | null {
  const online = useOnline();
  const keychain = useKeychain();
  return keychain ?? (online || practice ? null : OFFLINE);
}
