// The rows of a plan as far as they were read, with what a person left out; a reducer in plain TypeScript.
import type { ApiError } from "../../api/generated/ApiError";
import type { Inclusion } from "../../api/generated/Inclusion";
import type { PlanRowView } from "../../api/generated/PlanRowView";

export type Order = Pick<Inclusion, "which" | "included">;

export interface Rows {
  rows: PlanRowView[];
  /** What was ticked since the reading began; pages that come later may have been read before it. */
  orders: Order[];
  complete: boolean;
  error: ApiError | null;
}

export type RowsEvent =
  | { event: "page"; rows: PlanRowView[] }
  | { event: "complete" }
  | { event: "failed"; error: ApiError }
  | { event: "ordered"; order: Order }
  | { event: "again" };

export const NO_ROWS: Rows = { rows: [], orders: [], complete: false, error: null };

export function meant(row: PlanRowView, which: Order["which"]): boolean {
  if (which === "all") return true;
  return "outcome" in which ? row.outcome === which.outcome : which.these.includes(row.ordinal);
}

function after(row: PlanRowView, order: Order): PlanRowView {
  return row.included !== order.included && meant(row, order.which) ? { ...row, included: order.included } : row;
}

export function rowsAfter(state: Rows, told: RowsEvent): Rows {
  switch (told.event) {
    case "page":
      return { ...state, rows: [...state.rows, ...told.rows.map((row) => state.orders.reduce(after, row))] };
    case "complete":
      return { ...state, complete: true, error: null };
    case "failed":
      return { ...state, error: told.error };
    case "ordered":
      return { ...state, rows: state.rows.map((row) => after(row, told.order)), orders: [...state.orders, told.order] };
    case "again":
      return NO_ROWS;
  }
}
