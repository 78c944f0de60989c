// The Setup tab: one page of sections, with a list of them on the left that says where something is missing (ux.md §10.5).
import { useRef, useState } from "react";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { Empty } from "../../../components/shapes";
import { EditorBar } from "../editing/bar";
import type { OpenDocument } from "../editing/document";
import { Editor } from "../editing/frame";
import { LEVELS, worst } from "../editing/problems";
import { useSought } from "../editing/seeking";
import { useNames, useOffers } from "../editing/sides";
import { Attachments, Comments, MatchingSection } from "./copying";
import { DirectionSection, Filters, ScopeSection, Sides } from "./places";
import { graver, type Mark, marksOf } from "./marks";
import { type Section, sectionOf, SECTIONS } from "./sections";
import { AddType } from "./types";
import { LimitsSection, People } from "./whole";
import { useWrong, WrongFields } from "./wrong";
import "./setup.css";

const DRAWN = {
  sides: Sides, scope: ScopeSection, filters: Filters, direction: DirectionSection, matching: MatchingSection, comments: Comments, attachments: Attachments,
  people: People, limits: LimitsSection,
};

export function Setup({ connection }: { connection: number }) {
  return <Editor connection={connection}>{(open) => (open.mapping === null ? <NoType open={open} /> : <OfType key={open.at} open={open} mapping={open.mapping} />)}</Editor>;
}

function NoType({ open }: { open: OpenDocument }) {
  const names = useNames(open.connection);
  const [adding, add] = useState(false);
  return (
    <div className="screen">
      <Empty title="No ticket type yet" actions={<Button kind="primary" onClick={() => add(true)}>Add ticket type…</Button>}>A ticket type says which tickets of both sides belong together.</Empty>
      {adding && <AddType open={open} names={names} close={() => add(false)} />}
    </div>
  );
}

function OfType({ open, mapping }: { open: OpenDocument; mapping: TypeMapping }) {
  const names = useNames(open.connection);
  const offers = useOffers(open.connection, mapping);
  const problems = open.problems.filter((problem) => problem.place.type_mapping === mapping.name);
  useSought(open, "setup", true, (problem) => {
    const section = sectionOf(problem);
    if (section !== null) goTo(section);
  });
  const { sections: wrong, report } = useWrong(open.session);
  const own = marksOf(open, mapping, offers, wrong);
  const of = (section: Section) => problems.filter((problem) => sectionOf(problem) === section);
  return (
    <>
      <EditorBar open={open} save="Save setup" context={names.from("source")} />
      <div className="setup">
        <SectionList marks={(section) => graver(worst(of(section)), own[section] ?? null)} checked={open.editing.checked !== null && !offers.loading} />
        <WrongFields value={report}>
          <div className="setup-page">
            {SECTIONS.map(({ id }) => {
              const Drawn = DRAWN[id];
              return <Drawn key={id} open={open} mapping={mapping} names={names} offers={offers} problems={of(id)} />;
            })}
          </div>
        </WrongFields>
      </div>
    </>
  );
}

function goTo(section: Section): void {
  document.getElementById(`setup-${section}`)?.scrollIntoView({ block: "start" });
  document.getElementById(`setup-${section}-title`)?.focus({ preventScroll: true });
}

/** Leads to each section; arrows go from one to the next. */
function SectionList({ marks, checked }: { marks: (section: Section) => Mark; checked: boolean }) {
  const list = useRef<HTMLUListElement>(null);
  const keys = (event: React.KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const jumps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    const to = jumps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    items[Math.max(0, Math.min(items.length - 1, to))]?.focus();
  };
  return (
    <nav className="setup-list" aria-label="Sections of Setup" onKeyDown={keys}>
      <ul ref={list}>
        {SECTIONS.map(({ id, label }) => {
          const mark = marks(id);
          const level = mark === null ? null : LEVELS[mark];
          return (
            <li key={id}>
              <button type="button" onClick={() => goTo(id)}>
                <span>{label}</span>
                {level !== null && <span className={`tone-${level.tone}`} title={level.label}><Icon name={level.icon} small /><span className="hidden-text">, {level.label.toLowerCase()}</span></span>}
                {level === null && checked && <span className="tone-ok"><Icon name="check" small /><span className="hidden-text">, no problem</span></span>}
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
