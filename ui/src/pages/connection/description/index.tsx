// The Description tab: composes what the target's description says, beside a real ticket that shows it (ux.md §10.7).
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { Empty } from "../../../components/shapes";
import { plural } from "../../../lib/format";
import { EditorBar } from "../editing/bar";
import type { OpenDocument } from "../editing/document";
import { DrawerOpener } from "../editing/drawer";
import { TypeEditor } from "../editing/frame";
import { usePanes, useProblemKeys } from "../editing/panes";
import { Problems } from "../editing/problems";
import { fieldsOf, labelOf, type Names, type Offers, useNames, useOffers } from "../editing/sides";
import { useSamples } from "../editing/samples";
import { useSought } from "../editing/seeking";
import { type Builder, builderOf, descriptionField, laidOut, type LayoutEdit, withBuilder, withLayout } from "./layout";
import { Lines } from "./lines";
import { PreviewPane } from "./preview";
import { usePreview } from "./reading";
import { Tray } from "./tray";
import "./description.css";

export function Description({ connection }: { connection: number }) {
  return <TypeEditor connection={connection}>{(open, mapping) => <OfType key={mapping.name} open={open} mapping={mapping} />}</TypeEditor>;
}

function OfType({ open, mapping }: { open: OpenDocument; mapping: TypeMapping }) {
  const names = useNames(open.connection);
  const offers = useOffers(open.connection, mapping);
  const builder = builderOf(mapping);
  if (builder === null) return <WithoutBuilder open={open} mapping={mapping} names={names} offers={offers} />;
  return <Panes open={open} mapping={mapping} names={names} offers={offers} builder={builder} />;
}

interface PartProps {
  open: OpenDocument;
  mapping: TypeMapping;
  names: Names;
  offers: Offers;
}

function Panes({ open, mapping, names, offers, builder }: PartProps & { builder: Builder }) {
  const [lit, light] = useState<number | null>(null);
  const [drawer, setDrawer] = useState(false);
  const samples = useSamples(open.connection, mapping, { ready: offers.data !== null, side: "source", first: true });
  const preview = usePreview(open.connection, mapping, builder.at, samples.sample);
  useSought(open, "description", preview.shown !== null, () => document.querySelector<HTMLElement>(".preview-foot")?.focus());
  const fields = fieldsOf(offers, "source");
  const { layout } = builder;
  const used = new Set(layout.line.flatMap((line) => line.field ?? []));
  const edit = (change: LayoutEdit, burst?: string) => {
    open.editType((type) => withLayout(type, builder.at, laidOut(layout, change)), burst);
    if (change.do === "add") light(layout.line.length);
  };
  const frame = useRef<HTMLDivElement>(null);
  usePanes(frame, [".source-tray", ".composer", ".preview"], () => {
    flushSync(() => setDrawer(true));
    return frame.current?.querySelector<HTMLElement>(".source-tray input[type=search]") ?? null;
  });
  const problems = open.problems.filter((problem) => problem.place.part === "field" && problem.place.type_mapping === mapping.name && problem.place.index === builder.at);
  useProblemKeys(problems, () => frame.current?.querySelector<HTMLElement>('.composer [aria-invalid="true"], .composer .edit-problems')?.focus());
  const target = names.name("target");
  return (
    <>
      <EditorBar
        open={open} save="Save description" context={names.from("source")}
        before={<DrawerOpener open={drawer} toggle={() => setDrawer(!drawer)} controls="description-fields" />}
      />
      <div className="description" ref={frame}>
        <Tray
          side={names.sides.source} type={(offers.data?.source.schema?.type_label ?? mapping.name).toLowerCase()} offers={offers} fields={fields} used={used}
          sample={samples.sample} open={drawer} close={() => setDrawer(false)} add={(field) => edit({ do: "add", line: { label: field.label, field: field.id } })}
        />
        <section className="composer" aria-label="Description lines">
          <Lines platform={names.name("source")} layout={layout} fields={fields} edit={edit} lit={lit} light={light} />
          <p className="keys-hint"><kbd>Space</kbd>pick up<kbd>↑</kbd><kbd>↓</kbd>move<kbd>Enter</kbd>drop<kbd>Esc</kbd>put back</p>
          <Problems problems={problems} />
          {open.picture.links > 0 && (
            <p className="composer-note"><Icon name="info" /><span>{plural(open.picture.links, "description")} already in {target} {open.picture.links === 1 ? "keeps its" : "keep their"} text. New tickets get these lines.</span></p>
          )}
        </section>
        <PreviewPane source={names.sides.source} target={names.sides.target} type={mapping.name} samples={samples} preview={preview} lit={lit} />
      </div>
    </>
  );
}

function WithoutBuilder({ open, mapping, names, offers }: PartProps) {
  const original = descriptionField(fieldsOf(offers, "source"), false);
  const into = descriptionField(fieldsOf(offers, "target"), true);
  const [source, target] = [names.name("source"), names.name("target")];
  const missing = offers.data === null ? "The fields are being read." : original === null ? `${source} has no description to begin with.` : into === null ? `${target} has no field for it.` : null;
  const taken = into !== null && mapping.field.some((row) => row.target === into.id && row.direction !== "<-");
  return (
    <>
      <EditorBar open={open} save="Save description" context={names.from("source")} />
      <div className="screen">
        <div className="card">
          <Empty
            title="No description builder yet"
            actions={
              <Button
                kind="primary" refused={missing}
                onClick={() => {
                  if (original !== null && into !== null) open.editType((type) => withBuilder(type, original.id, into.id));
                }}
              >Add description builder</Button>
            }
          >
            The builder puts lines from fields of {source} above the original description in {target}, such as the caller and the location.
            {taken && ` It takes the place of the row that fills ${labelOf(fieldsOf(offers, "target"), into.id)} now; undo brings that back.`}
          </Empty>
        </div>
      </div>
    </>
  );
}
