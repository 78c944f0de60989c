// Resuming from wherever a pause is told: the switch itself is among the settings.
import { useState } from "react";
import type { ApiError } from "../api/generated/ApiError";
import { asApiError, useTransport } from "../api/transport";
import { useLive } from "./live";
import { useToast } from "./toast";

export interface Pause {
  paused: boolean;
  busy: boolean;
  error: ApiError | null;
  resume: () => void;
}

export function usePause(): Pause {
  const transport = useTransport();
  const toast = useToast();
  const { connections } = useLive();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const set = async (paused: boolean) => {
    setBusy(true);
    setError(null);
    try {
      const { settings } = await transport.call("read_settings", {});
      await transport.call("save_settings", { ...settings, paused });
      connections.reload();
      if (paused) toast({ text: "All connections are paused." });
      else toast({ text: "Automatic sync goes on.", undo: () => void set(true) });
    } catch (thrown) {
      setError(asApiError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return { paused: connections.data?.paused ?? false, busy, error, resume: () => void set(false) };
}
