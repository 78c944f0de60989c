// A value that follows another one once that has rested: for searches while somebody types.
import { useEffect, useState } from "react";

export function useLater<T>(value: T, restMs: number): T {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setLater(value), restMs);
    return () => window.clearTimeout(timer);
  }, [value, restMs]);
  return later;
}
