// Writing the configuration, or one connection of it, into a file that a person chooses in the system's own dialog.
import type { ApiError } from "../api/generated/ApiError";
import { useAct } from "../api/query";
import { bytes } from "../lib/format";
import { useToast } from "./toast";

export interface Exporting {
  /** All of it, or one connection with its accounts. */
  write: (connection: number | null) => Promise<void>;
  busy: boolean;
  error: ApiError | null;
  forget: () => void;
}

export function useExporting(): Exporting {
  const { act, busy, error, forget } = useAct("export_configuration");
  const toast = useToast();
  const write = async (connection: number | null) => {
    const written = await act({ connection });
    // No file: the person thought better of it in the system's dialog.
    if (written !== null && written.file !== null) toast({ text: `${written.file} is written, ${bytes(written.bytes)}, without secrets.` });
  };
  return { write, busy, error, forget };
}
