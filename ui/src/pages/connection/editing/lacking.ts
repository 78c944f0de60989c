// What a document lacks before it can be put into use, that no checker has to be asked for.
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";

/** In a sentence; null where nothing is lacking. */
export function lacking(document: ConnectionDoc): string | null {
  const people = document.person ?? [];
  if (people.some((pair) => pair.source.trim() === "" || pair.target.trim() === "")) return "A pair of people lacks an id. Setup, People shows which.";
  const unfound = people.flatMap((pair) => [pair.source, pair.target]).find((id) => id.includes("@"));
  if (unfound !== undefined) return `Nobody was looked up for ${unfound} yet. Setup, People has the button.`;
  for (const side of ["source", "target"] as const) {
    const ids = people.map((pair) => pair[side].trim());
    const twice = ids.find((id, at) => ids.indexOf(id) !== at);
    if (twice !== undefined) return `The person ${twice} is paired twice. Setup, People shows where.`;
  }
  return null;
}
