// The editor's state without a browser: the document, what was and what was undone, and where the person is.
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { Side } from "../../../api/generated/Side";
import { pairsOf, typesOf } from "./document";
import { type Edit, edited } from "./edits";

/** Most steps that can be undone. */
const STEPS_MAX = 200;

/** Where the person is; an undone step leads back there. */
export interface View {
  type: number;
  /** The row that arrow keys start from. */
  row: number | null;
  /** The row whose details are shown. */
  open: number | null;
  /** Whether its settings are shown too. */
  settings: boolean;
  pair: number | null;
}

interface Step {
  document: ConnectionDoc;
  view: View;
}

export interface ChosenField {
  side: Side;
  field: string;
  /** Picked up with Space: Enter in the other tray maps it. */
  held: boolean;
}

export interface EditorState extends View {
  document: ConnectionDoc;
  past: Step[];
  future: Step[];
  /** Steps of one burst of typing are one step. */
  merge: string | null;
  chosen: ChosenField | null;
  /** The one row that is not finished. */
  unfinished: { source: string | null; target: string | null } | null;
}

export type Action =
  | { type: "edit"; edit: Edit; merge?: string; of?: string }
  | { type: "replace"; document: ConnectionDoc }
  | { type: "undo" }
  | { type: "redo" }
  | { type: "show_type"; at: number }
  | { type: "select_row"; row: number | null }
  | { type: "open_row"; row: number | null; settings?: boolean; pair?: number | null }
  | { type: "select_pair"; pair: number | null }
  | { type: "choose_field"; chosen: ChosenField | null }
  | { type: "start_row"; source?: string; target?: string }
  | { type: "drop_row" };

export function started(document: ConnectionDoc): EditorState {
  return {
    document, past: [], future: [], merge: null, type: 0, row: null, open: null, settings: false, pair: null, chosen: null, unfinished: null,
  };
}

function viewOf({ type, row, open, settings, pair }: EditorState): View {
  return { type, row, open, settings, pair };
}

export function reduced(state: EditorState, action: Action): EditorState {
  switch (action.type) {
    case "edit":
      return afterEdit(state, action.edit, action.merge ?? null, action.of);
    case "replace": {
      if (action.document === state.document) return state;
      const past = [...state.past, { document: state.document, view: viewOf(state) }].slice(-STEPS_MAX);
      return fitted({ ...state, document: action.document, past, future: [], merge: null, chosen: null, unfinished: null });
    }
    case "undo":
      return stepped(state, "past", "future");
    case "redo":
      return stepped(state, "future", "past");
    case "show_type":
      return action.at === state.type ? state : { ...state, type: action.at, row: null, open: null, settings: false, pair: null, chosen: null, unfinished: null };
    case "select_row":
      return state.row === action.row ? state : { ...state, row: action.row };
    case "open_row": {
      const pair = action.pair ?? (action.row === state.open ? state.pair : null);
      return { ...state, open: action.row, row: action.row ?? state.row, settings: action.settings ?? false, pair };
    }
    case "select_pair":
      return state.pair === action.pair ? state : { ...state, pair: action.pair };
    case "choose_field":
      return { ...state, chosen: action.chosen };
    case "start_row":
      return { ...state, unfinished: { source: action.source ?? null, target: action.target ?? null }, open: null, pair: null };
    case "drop_row":
      return { ...state, unfinished: null };
  }
}

function afterEdit(state: EditorState, edit: Edit, merge: string | null, of: string | undefined): EditorState {
  const types = typesOf(state.document);
  const at = of === undefined ? state.type : types.findIndex((type) => type.name === of);
  const mapping = types[at];
  if (mapping === undefined) return state;
  const next = edited(mapping, edit);
  if (next === mapping) return state;
  const document = { ...state.document, type: types.with(at, next) };
  const joins = merge !== null && merge === state.merge;
  const past = joins ? state.past : [...state.past, { document: state.document, view: viewOf(state) }].slice(-STEPS_MAX);
  const moved = at === state.type ? placed(state, edit, mapping.field.length) : { ...state, type: at, row: null, open: null, pair: null };
  return fitted({ ...moved, document, past, future: [], merge });
}

/** Rows that come, go and move take the person's place with them. */
function placed(state: EditorState, edit: Edit, rows: number): EditorState {
  switch (edit.do) {
    case "add_rows": {
      const at = edit.at ?? rows;
      return { ...state, row: at, open: null, settings: false, pair: null, unfinished: null, chosen: null };
    }
    case "remove_row": {
      const after = (row: number | null) => (row === null || row < edit.row ? row : row - 1);
      const gone = state.open === edit.row;
      const row = Math.min(state.row ?? edit.row, rows - 2);
      return { ...state, row: row < 0 ? null : row, open: gone ? null : after(state.open), pair: gone ? null : state.pair };
    }
    case "move_row": {
      const after = (row: number | null) => {
        if (row === null) return null;
        if (row === edit.row) return edit.to;
        if (edit.row < row && row <= edit.to) return row - 1;
        return edit.to <= row && row < edit.row ? row + 1 : row;
      };
      return { ...state, row: after(state.row), open: after(state.open) };
    }
    case "set_rule":
      return { ...state, pair: null };
    case "remove_pair":
      return { ...state, pair: null };
    case "add_pair":
      return edit.row === state.open ? { ...state, pair: pairsOfRow(state, edit.row) } : state;
    default:
      return state;
  }
}

function pairsOfRow(state: EditorState, row: number): number {
  const mapping = typesOf(state.document)[state.type]?.field[row];
  return mapping === undefined ? 0 : pairsOf(mapping).length;
}

function stepped(state: EditorState, from: "past" | "future", to: "past" | "future"): EditorState {
  const step = state[from].at(-1);
  if (step === undefined) return state;
  const left: Step = { document: state.document, view: viewOf(state) };
  const lists = { [from]: state[from].slice(0, -1), [to]: [...state[to], left] };
  return fitted({ ...state, ...lists, ...step.view, document: step.document, merge: null, unfinished: null, chosen: null });
}

/** A place that is not there any more is let go. */
function fitted(state: EditorState): EditorState {
  const types = typesOf(state.document);
  const type = state.type in types ? state.type : 0;
  const rows = types[type]?.field ?? [];
  const open = state.open !== null && state.open in rows ? state.open : null;
  const row = state.row !== null && state.row in rows ? state.row : null;
  const shown = open === null ? undefined : rows[open];
  const pair = state.pair !== null && shown !== undefined && state.pair in pairsOf(shown) ? state.pair : null;
  return { ...state, type, open, row, pair };
}
