// A matrix: the values of two source fields decide one target value; a cell without a value follows Everything else.
import type { Dispatch } from "react";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import { fieldsOf } from "../editing/rows";
import { EverythingElse } from "./everything-else";
import { GroupedSelect } from "./grouped-select";
import type { Offers } from "./offer";
import type { Action } from "./reducer";

interface MatrixProps {
  row: FieldMapping;
  index: number;
  offers: Offers;
  dispatch: Dispatch<Action>;
}

export function Matrix({ row, index, offers, dispatch }: MatrixProps) {
  if (row.rule.kind !== "matrix") return null;
  const [first = "", second = ""] = fieldsOf(row, "source");
  const [target = ""] = fieldsOf(row, "target");
  const { cell, otherwise } = row.rule;
  const [down, across] = [offers.source.values(first), second === "" ? [{ id: "", label: offers.target.label(target) }] : offers.source.values(second)];
  const wide = fieldsOf(row, "source").length > 2;
  if (wide || down.length === 0) return <p className="matrix-none second">{wide ? "This matrix joins more than two fields; the configuration file shows it whole." : "The values of these fields are not known yet."}</p>;
  const when = (one: string, other: string) => (second === "" ? [one] : [one, other]);
  const then = (wanted: string[]) => cell.find((each) => each.when.join("\n") === wanted.join("\n"))?.then ?? "";
  const options = offers.target.values(target).map((value) => ({ value: value.id, label: value.label }));
  return (
    <div className="matrix">
      <table aria-label={`${offers.target.label(target)} by ${offers.source.labels(fieldsOf(row, "source"))}`}>
        <thead>
          <tr>
            <th scope="col" className="quiet">{offers.source.label(first)} ↓ {second !== "" && <>{offers.source.label(second)} →</>}</th>
            {across.map((value) => <th key={value.id} scope="col">{value.label}</th>)}
          </tr>
        </thead>
        <tbody>
          {down.map((one) => (
            <tr key={one.id}>
              <th scope="row">{one.label}</th>
              {across.map((other) => {
                const wanted = when(one.id, other.id);
                return (
                  <td key={other.id}>
                    <GroupedSelect label={`${offers.target.label(target)} for ${one.label}, ${other.label}`} value={then(wanted)} dashed={then(wanted) === ""} options={[{ value: "", label: "everything else" }, ...options]}
                      change={(next) => dispatch({ type: "edit", edit: { do: "set_cell", row: index, when: wanted, then: next === "" ? null : next } })} />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <EverythingElse source={null} target={otherwise} row={row} index={index} offers={offers} dispatch={dispatch} />
    </div>
  );
}
