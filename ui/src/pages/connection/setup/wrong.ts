// Fields whose typed text does not fit: the document cannot hold it, so it is counted here and keeps Save back.
import { createContext, use, useCallback, useEffect, useMemo, useState } from "react";
import type { Session } from "../editing/session";
import type { Section } from "./sections";

type Report = (section: Section, field: string, wrong: boolean) => void;

const Wrong = createContext<Report>(() => undefined);
export const WrongFields = Wrong.Provider;

export function useReport(): Report {
  return use(Wrong);
}

/** The sections with such a field, and how a field tells. */
export function useWrong(session: Session): { sections: ReadonlySet<Section>; report: Report } {
  const [fields, setFields] = useState<ReadonlyMap<string, Section>>(new Map());
  const report = useCallback<Report>((section, field, wrong) => {
    setFields((before) => {
      if (before.has(field) === wrong) return before;
      return new Map([...[...before].filter(([name]) => name !== field), ...(wrong ? [[field, section] as const] : [])]);
    });
  }, []);
  const [first] = fields.keys();
  const reason = first === undefined ? null : `${first} does not fit. Mend it first.`;
  useEffect(() => {
    session.hold(reason);
    return () => session.hold(null);
  }, [session, reason]);
  return useMemo(() => ({ sections: new Set(fields.values()), report }), [fields, report]);
}
