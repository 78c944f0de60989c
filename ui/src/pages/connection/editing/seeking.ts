// A problem that is mended on another tab: that tab opens, and shows the place.
import { useEffect, useRef } from "react";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import { go, type Tab } from "../../../lib/route";
import type { OpenDocument } from "./document";

/** Leads to a tab of the connection, and there to the problem. */
export function seek({ connection, session, types }: OpenDocument, tab: Tab, problem: FoundProblem): void {
  const at = types.findIndex((type) => type.name === problem.place.type_mapping);
  if (at >= 0) session.show(at);
  session.seek({ tab, problem });
  go({ page: "connection", connection, tab });
}

/** Calls once what is sought on this tab can be shown. */
export function useSought({ session, editing }: OpenDocument, tab: Tab, ready: boolean, find: (problem: FoundProblem) => void): void {
  const { sought } = editing;
  const latest = useRef(find);
  useEffect(() => {
    latest.current = find;
  });
  useEffect(() => {
    if (sought?.tab !== tab || !ready) return;
    session.seek(null);
    latest.current(sought.problem);
  }, [sought, tab, ready, session]);
}
