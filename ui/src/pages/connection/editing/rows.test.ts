import { expect, it } from "vitest";
import { fieldList } from "./rows";

it.each([[undefined, []], ["state", ["state"]], [["impact", "urgency"], ["impact", "urgency"]]])("reads the fields %j", (ids, list) => {
  expect(fieldList(ids)).toEqual(list);
});
