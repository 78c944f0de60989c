// Where the person is in the editor, without a browser: plain functions over a place and the mapping it is in.
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { pairsOf } from "../editing/rows";
import type { Edit } from "./edits";

/** Where the person is; an undone step leads back there. */
export interface View {
  /** The row that arrow keys start from. */
  row: number | null;
  /** The row whose details are shown. */
  open: number | null;
  /** Whether its settings are shown too. */
  settings: boolean;
  pair: number | null;
}

export interface ChosenField {
  side: Side;
  field: string;
  /** Picked up with Space: Enter in the other tray maps it. */
  held: boolean;
}

export interface EditorState extends View {
  /** Position of the ticket type that the place is in. */
  type: number;
  chosen: ChosenField | null;
  /** The one row that is not finished. */
  unfinished: { source: string | null; target: string | null } | null;
  /** Rows that are shown together, until the person goes on. */
  marked: number[];
}

export type ViewAction =
  | { type: "mark_rows"; rows: number[] }
  | { type: "select_row"; row: number | null }
  | { type: "open_row"; row: number | null; settings?: boolean; pair?: number | null }
  | { type: "select_pair"; pair: number | null }
  | { type: "choose_field"; chosen: ChosenField | null }
  | { type: "start_row"; source?: string; target?: string }
  | { type: "fill_row"; side: Side; field: string | null }
  | { type: "drop_row" };

export type Action =
  | ViewAction
  /** Edits the ticket type that is shown, or the one named. */
  | { type: "edit"; edit: Edit; merge?: string; of?: string }
  | { type: "show_type"; at: number };

const NO_ROWS: number[] = [];

export function started(type: number): EditorState {
  return { type, row: null, open: null, settings: false, pair: null, chosen: null, unfinished: null, marked: NO_ROWS };
}

export function viewOf({ row, open, settings, pair }: EditorState): View {
  return { row, open, settings, pair };
}

export function isView(value: unknown): value is View {
  return typeof value === "object" && value !== null && "settings" in value && "pair" in value;
}

/** The place that an undone step leads back to; what was picked up is put down. */
export function ledBack(state: EditorState, view: unknown): EditorState {
  return { ...state, ...(isView(view) ? view : {}), chosen: null, unfinished: null, marked: NO_ROWS };
}

export function reduced(state: EditorState, action: ViewAction): EditorState {
  switch (action.type) {
    case "mark_rows":
      return { ...state, marked: action.rows };
    case "select_row":
      return state.row === action.row ? state : { ...state, row: action.row, marked: NO_ROWS };
    case "open_row": {
      const pair = action.pair ?? (action.row === state.open ? state.pair : null);
      return { ...state, marked: NO_ROWS, open: action.row, row: action.row ?? state.row, settings: action.settings ?? false, pair };
    }
    case "select_pair":
      return state.pair === action.pair ? state : { ...state, pair: action.pair };
    case "choose_field":
      return { ...state, chosen: action.chosen };
    case "start_row": {
      const { source, target } = state.unfinished ?? { source: null, target: null };
      return { ...state, unfinished: { source: source ?? action.source ?? null, target: target ?? action.target ?? null }, open: null, pair: null };
    }
    case "fill_row":
      return state.unfinished === null ? state : { ...state, unfinished: { ...state.unfinished, [action.side]: action.field } };
    case "drop_row":
      return { ...state, unfinished: null };
  }
}

/** Rows that come, go and move take the person's place with them; `before` is the mapping without the edit. */
export function followed(standing: EditorState, edit: Edit, before: TypeMapping): EditorState {
  const state = standing.marked.length === 0 ? standing : { ...standing, marked: NO_ROWS };
  const rows = before.field.length;
  switch (edit.do) {
    case "add_rows":
      return { ...state, row: edit.at ?? rows, open: null, settings: false, pair: null, unfinished: null, chosen: null };
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
    case "remove_pair":
      return { ...state, pair: null };
    case "add_pair": {
      const row = before.field[edit.row];
      return edit.row === state.open && row !== undefined ? { ...state, pair: pairsOf(row).length } : state;
    }
    default:
      return state;
  }
}

/** The place in the ticket type that is shown now; what is not there any more is let go. */
export function fitted(state: EditorState, type: number, mapping: TypeMapping | undefined): EditorState {
  if (state.type !== type) return started(type);
  const rows = mapping?.field ?? [];
  const open = state.open !== null && state.open in rows ? state.open : null;
  const row = state.row !== null && state.row in rows ? state.row : null;
  const shown = open === null ? undefined : rows[open];
  const pair = state.pair !== null && shown !== undefined && state.pair in pairsOf(shown) ? state.pair : null;
  return open === state.open && row === state.row && pair === state.pair ? state : { ...state, open, row, pair };
}
