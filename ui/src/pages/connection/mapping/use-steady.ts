// A function that stays the same between renders and calls the latest one, so that memoised rows stay as they are.
import { useCallback, useLayoutEffect, useRef } from "react";

export function useSteady<Args extends unknown[], Result>(call: (...args: Args) => Result): (...args: Args) => Result {
  const latest = useRef(call);
  useLayoutEffect(() => {
    latest.current = call;
  });
  return useCallback((...args: Args) => latest.current(...args), []);
}
