// The Templates tab: which new tickets are created, in which order they are asked, and with what (ux.md §10.8).
import { Fragment, useEffect, useRef, useState } from "react";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Button, Select } from "../../../components/kit";
import { Empty } from "../../../components/shapes";
import { scopeWords } from "../../../lib/scopes";
import { EditorBar, Segments, Strip } from "../editing/bar";
import type { OpenDocument } from "../editing/document";
import { TypeEditor } from "../editing/frame";
import { opposite, SIDES } from "../editing/parts";
import { IncludePrivate } from "../editing/private";
import { usePanes, useProblemKeys } from "../editing/panes";
import { Problems, tabOf } from "../editing/problems";
import { FieldsAge, NotRead, Partly, SideTrouble } from "../editing/reach";
import { useReorder } from "../editing/reorder";
import { fieldsOf, type Names, type Offers, useNames, useOffers, valuesOf } from "../editing/sides";
import { useSamples } from "../editing/samples";
import { useSought } from "../editing/seeking";
import { Card } from "./card";
import { createsOn, type TemplateEdit, templatesOf, withNoMatch, withTemplate } from "./edits";
import { Tester, type Tested, VerdictMark } from "./tester";
import "./templates.css";

export function Templates({ connection }: { connection: number }) {
  return <TypeEditor connection={connection}>{(open, mapping) => <OfType key={open.at} open={open} mapping={mapping} />}</TypeEditor>;
}

function OfType({ open, mapping }: { open: OpenDocument; mapping: TypeMapping }) {
  const names = useNames(open.connection);
  const offers = useOffers(open.connection, mapping);
  const [chosen, setTo] = useState<Side>("target");
  const [asked, ask] = useState<{ at: number } | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const find = ({ place }: FoundProblem) => {
    if (place.part !== "template") {
      focusLater("#no-match-title");
      return;
    }
    setTo(place.side);
    ask({ at: place.index });
  };
  useSought(open, "templates", true, find);
  useProblemKeys(open.problems.filter((problem) => tabOf(problem) === "templates" && problem.place.type_mapping === mapping.name), find);
  usePanes(frame, [".templates-cards", ".tester"], null);
  const to = createsOn(mapping, chosen) ? chosen : "target";
  const both = mapping.target_tickets === true;
  return (
    <>
      <EditorBar open={open} save="Save templates" />
      <div className="templates" ref={frame}>
        <section className="templates-list" aria-label="Templates">
          <div className="templates-head">
            <h2>Create tickets</h2>
            {both
              ? <Segments label="Create tickets" value={to} choose={setTo} options={(["target", "source"] as const).map((side) => ({ value: side, label: names.from(opposite(side)) }))} />
              : <span className="second">{names.from("source")}</span>}
            {SIDES.map((side) => <span key={side} className="templates-age"><span>{names.name(side)} fields</span><FieldsAge view={names.sides[side]} offered={offers.data?.[side] ?? null} busy={offers.loading} readAnew={offers.readAnew} /></span>)}
          </div>
          {mapping.match?.mode === "match_only" && <Strip tone="accent" title="Match only.">Tickets are linked with ones that exist, and none is created. Setup, Matching changes that.</Strip>}
          <List key={to} open={open} mapping={mapping} to={to} names={names} offers={offers} asked={asked} />
        </section>
      </div>
    </>
  );
}

interface ListProps {
  open: OpenDocument;
  mapping: TypeMapping;
  to: Side;
  names: Names;
  offers: Offers;
  /** The card that a problem leads to. */
  asked: { at: number } | null;
}

/** What a problem of the whole ticket type must be about to be told here. */
const WHOLE = new Set(["fallback_missing", "required_on_create", "no_template"]);

/** Once what was asked for is drawn. */
function focusLater(selector: string): void {
  window.setTimeout(() => document.querySelector<HTMLElement>(selector)?.focus());
}

function List({ open, mapping, to, names, offers, asked }: ListProps) {
  const from = opposite(to);
  const templates = templatesOf(mapping, to);
  const [opened, setOpened] = useState<number | null>(null);
  const [led, lead] = useState<{ at: number } | null>(null);
  if (asked !== led) {
    lead(asked);
    setOpened(asked?.at ?? null);
  }
  useEffect(() => {
    if (asked !== null) focusLater(`.templates-order [data-row="${asked.at}"] [data-part="edit"]`);
  }, [asked]);
  const [naming, setNaming] = useState<number | null>(null);
  const [tested, setTested] = useState<Tested | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const panes = useRef<HTMLDivElement>(null);
  const samples = useSamples(open.connection, mapping, { ready: true, side: from, first: false });
  const edit = (change: TemplateEdit, burst?: string) => {
    open.editType((type) => withTemplate(type, to, change), burst);
    if (change.do === "add" || change.do === "double") setOpened(change.do === "add" ? templates.length : change.at + 1);
    if (change.do === "move" || change.do === "remove") setOpened(null);
  };
  const reorder = useReorder({
    list, count: templates.length, what: "template", name: (at) => templates[at]?.name ?? "", move: (at, place) => edit({ do: "move", from: at, to: place }),
    remove: (at) => edit({ do: "remove", at }), rename: setNaming, whenEmpty: () => panes.current?.querySelector<HTMLElement>(".empty button")?.focus(),
  });
  const problems = open.problems.filter((problem) => problem.place.type_mapping === mapping.name);
  const ofTemplate = (at: number) => problems.filter((problem) => problem.place.part === "template" && problem.place.side === to && problem.place.index === at);
  const whole = problems.filter((problem) => problem.place.part === "whole" && WHOLE.has(problem.code));
  const offered = (side: Side) => ({ fields: fieldsOf(offers, side), values: (field: string) => valuesOf(offers, side, field) });
  const scope = mapping[to];
  const { platform } = names.sides[to];
  const word = scopeWords(platform).container.toLowerCase();
  const container = { word, usual: scope.container === "" ? `no ${word}` : `${word} ${scope.container}`, account: open.document[to], platform };
  const now = JSON.stringify([templates, mapping.no_match]);
  return (
    <div className="templates-panes">
      <div className="templates-cards" ref={panes}>
        {SIDES.map((side) => (
          <Fragment key={side}>
            <SideTrouble view={names.sides[side]} offered={offers.data?.[side] ?? null} busy={offers.loading} readAnew={offers.readAnew} />
            <Partly view={names.sides[side]} missing={offers.data?.[side].schema?.not_confirmed ?? []} />
          </Fragment>
        ))}
        {offers.error && <NotRead title="The fields could not be read" error={offers.error} view={names.sides[from]} retry={offers.readAnew} />}
        {templates.length === 0 && (
          <div className="card">
            <Empty title="No template yet" actions={<Button kind="primary" icon="plus" onClick={() => edit({ do: "add", name: mapping.name })}>Add template</Button>}>
              Without a template no ticket is created in {names.name(to)}. Linked tickets still sync.
            </Empty>
          </div>
        )}
        <ol ref={list} aria-label="Templates, in order" className="templates-order">
          {reorder.order.map((at, place) => {
            const template = templates[at];
            if (template === undefined) return null;
            return (
              <Card
                key={at} template={template} at={at} place={place} count={templates.length} others={templates.filter((_, other) => other !== at).map((each) => each.name)}
                from={offered(from)} to={offered(to)} container={container} open={opened === at} toggle={() => setOpened(opened === at ? null : at)}
                naming={naming === at} name={(on) => setNaming(on ? at : null)} problems={ofTemplate(at)} verdict={<VerdictMark tested={tested} at={at} />} reorder={reorder} edit={edit}
              />
            );
          })}
        </ol>
        <p className="hidden-text" role="status">{reorder.said}</p>
        {templates.length > 0 && <p><Button kind="quiet" icon="plus" onClick={() => edit({ do: "add", name: "New template" })}>Add template</Button></p>}
        <NoMatchCard open={open} mapping={mapping} templates={templates.map((template) => template.name)} problems={whole} />
        <IncludePrivate open={open} mapping={mapping} names={names} label={`Also create tickets for private ${mapping.name.toLowerCase()}s`} />
        <p className="keys-hint"><kbd>Space</kbd>pick up<kbd>↑</kbd><kbd>↓</kbd>move<kbd>Enter</kbd>drop<kbd>F2</kbd>rename<kbd>Delete</kbd>remove</p>
      </div>
      <Tester connection={open.connection} mapping={mapping} to={to} view={names.sides[from]} samples={samples} now={now} tested={tested} tell={setTested} />
    </div>
  );
}

function NoMatchCard({ open, mapping, templates, problems }: { open: OpenDocument; mapping: TypeMapping; templates: string[]; problems: FoundProblem[] }) {
  const { no_match: noMatch = "do_not_create" } = mapping;
  const used = typeof noMatch === "object" ? noMatch.use : "";
  const named = used === "" || templates.includes(used) ? templates : [...templates, used];
  return (
    <section className="card no-match" aria-labelledby="no-match-title">
      <div><h3 id="no-match-title" tabIndex={-1}>No match</h3><p className="second">when no template above catches a ticket{mapping.target_tickets === true && ", in both directions"}</p></div>
      <Select
        labelHidden label="When no template matches" value={used} change={(name) => open.editType((type) => withNoMatch(type, name === "" ? "do_not_create" : { use: name }))}
        options={[{ value: "", label: "Do not create a ticket" }, ...named.map((name) => ({ value: name, label: `Create with ${name}` }))]}
      />
      <Problems problems={problems} />
    </section>
  );
}
