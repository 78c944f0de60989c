// What the mapping as it stands would do with the ticket at hand, asked anew 150 ms after the last edit. An answer that was
// overtaken is dropped; the one before stays in sight until then.
import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { SampleView } from "../../../api/generated/SampleView";
import type { Trial } from "../../../api/generated/Trial";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { asApiError, useTransport } from "../../../api/transport";

const QUIET_MS = 150;

interface Answer {
  /** The mapping that was tried: rows are counted in it. */
  of: TypeMapping;
  sample: SampleView;
  trial: Trial | null;
  error: ApiError | null;
}

export interface Tried {
  of: TypeMapping | null;
  trial: Trial | null;
  error: ApiError | null;
  /** What is shown was said about the mapping and the ticket as they are now. */
  fresh: boolean;
  again: () => void;
}

export function useTrial(connection: number, mapping: TypeMapping, sample: SampleView | null, on: boolean): Tried {
  const transport = useTransport();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [turn, setTurn] = useState(0);
  const tried = useRef<SampleView | null>(null);
  useEffect(() => {
    if (!on || sample === null) return;
    let late = false;
    const ask = () => {
      tried.current = sample;
      transport.call("try_mapping", { connection, mapping }).then(
        (trial) => {
          if (!late) setAnswer({ of: mapping, sample, trial, error: null });
        },
        (thrown: unknown) => {
          if (!late) setAnswer({ of: mapping, sample, trial: null, error: asApiError(thrown) });
        },
      );
    };
    const timer = window.setTimeout(ask, tried.current === sample ? QUIET_MS : 0);
    return () => {
      late = true;
      window.clearTimeout(timer);
    };
  }, [transport, connection, mapping, sample, on, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const known = answer !== null && sample !== null && answer.of.name === mapping.name ? answer : null;
  return {
    of: known?.of ?? null, trial: known?.trial ?? null, error: known?.error ?? null,
    fresh: known !== null && known.of === mapping && known.sample === sample, again,
  };
}
