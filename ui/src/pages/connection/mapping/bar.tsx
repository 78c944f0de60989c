// The bar of the editor: which ticket type, what is not saved, undo, and saving.
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { moment, plural } from "../../../lib/format";
import { useTransport } from "../../../api/transport";
import type { Draft } from "./use-draft";

interface BarProps {
  types: TypeMapping[];
  type: number;
  chooseType: (at: number) => void;
  unsaved: number;
  errors: number;
  draft: Draft;
  checking: boolean;
  canUndo: boolean;
  canRedo: boolean;
  undo: () => void;
  redo: () => void;
  save: () => void;
  discard: () => void;
  openVersions: () => void;
  drawer: boolean;
  toggleDrawer: () => void;
}

export function Bar(props: BarProps) {
  const { types, type, unsaved, errors, draft } = props;
  const now = useTransport().now();
  const nothing = unsaved === 0 ? "Nothing has changed since the mapping was saved." : null;
  const drafting = errors > 0;
  return (
    <div className="mapping-bar" role="group" aria-label="Mapping">
      <Button kind="quiet" className="button-icon drawer-button" aria-label={props.drawer ? "Hide source fields" : "Show source fields"} aria-expanded={props.drawer} aria-controls="pane-source" title={props.drawer ? "Hide source fields" : "Show source fields"} onClick={props.toggleDrawer}>
        <Icon name="sidebar" />
      </Button>
      <div className="segments" role="group" aria-label="Ticket type">
        {types.map((each, at) => <button key={each.name} type="button" aria-pressed={at === type} onClick={() => props.chooseType(at)}>{each.name}</button>)}
      </div>
      <Button kind="quiet" size="small" onClick={props.openVersions}>Versions…</Button>
      <p className="mapping-unsaved cut">
        {draft.error === null ? <Unsaved {...props} saved={moment(draft.picture.saved_ms, now)} /> : (
          <span className="tone-bad" role="alert" title={draft.error.hint ?? undefined}>Not kept: {draft.error.message}</span>
        )}
      </p>
      {draft.error !== null && (draft.error.code === "changed_meanwhile"
        ? <Button size="small" onClick={() => void draft.saveAnyway()}>Save mine anyway</Button>
        : <Button size="small" onClick={() => void draft.keep()}>Try again</Button>)}
      <Button kind="quiet" className="button-icon" aria-label="Undo" title="Undo (Ctrl Z)" refused={props.canUndo ? null : "Nothing to undo."} onClick={props.undo}><Icon name="undo" /></Button>
      <Button kind="quiet" className="button-icon" aria-label="Redo" title="Redo (Ctrl Shift Z)" refused={props.canRedo ? null : "Nothing to redo."} onClick={props.redo}><Icon name="redo" /></Button>
      <Button refused={nothing} onClick={props.discard}>Discard</Button>
      <Button kind="primary" title="Ctrl S" busy={draft.busy && draft.kept} refused={nothing} onClick={props.save}>{drafting ? "Save draft" : "Save mapping"}</Button>
    </div>
  );
}

function Unsaved({ unsaved, errors, saved }: BarProps & { saved: string }) {
  if (unsaved === 0) return <>In use since {saved}.</>;
  const changes = plural(unsaved, "unsaved change");
  return errors > 0 ? <>{changes}. Fix {plural(errors, "error")} to put {unsaved === 1 ? "it" : "them"} to use.</> : <>{changes}.</>;
}
