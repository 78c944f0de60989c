// Holds the document against both platforms, 300 ms after the last edit; typing never waits for it.
import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { Checked } from "../../../api/generated/Checked";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import { asApiError, useTransport } from "../../../api/transport";

const QUIET_MS = 300;
const NONE: FoundProblem[] = [];
const ALL_CHECKED: string[] = [];

export interface Check {
  problems: FoundProblem[];
  /** Types that could not be checked. */
  unchecked: string[];
  checkedMs: number | null;
  /** What is shown was said about the document as it is now. */
  fresh: boolean;
  error: ApiError | null;
  again: () => void;
}

export function useCheck(connection: number, document: ConnectionDoc): Check {
  const transport = useTransport();
  const [answer, setAnswer] = useState<{ of: ConnectionDoc; checked: Checked } | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [turn, setTurn] = useState(0);
  const asked = useRef(false);
  useEffect(() => {
    let late = false;
    const ask = () => {
      asked.current = true;
      transport.call("check_document", { connection, document }).then(
        (checked) => {
          if (late) return;
          setAnswer({ of: document, checked });
          setError(null);
        },
        (thrown: unknown) => {
          if (!late) setError(asApiError(thrown));
        },
      );
    };
    const timer = window.setTimeout(ask, asked.current ? QUIET_MS : 0);
    return () => {
      late = true;
      window.clearTimeout(timer);
    };
  }, [transport, connection, document, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const checked = answer?.checked ?? null;
  return {
    problems: checked?.problems ?? NONE, unchecked: checked?.unchecked ?? ALL_CHECKED, checkedMs: checked?.checked_ms ?? null,
    fresh: answer?.of === document, error, again,
  };
}
