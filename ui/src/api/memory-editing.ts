// A made-up connection open in the editors. Companies and people are invented.
import type { ConnectionDoc } from "./generated/ConnectionDoc";
import type { Counted } from "./generated/Counted";
import type { EditorPicture } from "./generated/EditorPicture";
import type { FoundProblem } from "./generated/FoundProblem";
import type { OfferedSide } from "./generated/OfferedSide";
import type { Pair } from "./generated/Pair";
import type { Suggestion } from "./generated/Suggestion";
import { type Some, refused } from "./memory-kit";

export interface EditorWorld {
  pictures: Map<number, EditorPicture>;
  offers: Pair<OfferedSide>;
  /** The made-up checker. */
  check: (document: ConnectionDoc) => FoundProblem[];
  counted: Counted;
  suggestions: Suggestion[];
  /** Earlier versions of every connection, newest first. */
  versions?: { revision: number; saved_ms: number; document: ConnectionDoc }[];
  now: () => number;
}

export function emptyEditor(now: () => number): EditorWorld {
  const nothing: OfferedSide = { schema: null, taken_ms: null, changed: null, trouble: null };
  return {
    pictures: new Map(), offers: { source: nothing, target: nothing }, check: () => [],
    counted: { counts: { source: {}, target: {} }, counted_ms: 0 }, suggestions: [], now,
  };
}

type Names =
  | "open_editor" | "read_offers" | "check_document" | "save_draft" | "discard_draft" | "save_document"
  | "list_versions" | "read_version" | "count_values" | "suggest_rows" | "review_schema" | "count_matches" | "find_person";

export function editingHandlers(world: EditorWorld): Some<Names> {
  const of = (connection: number) => {
    const found = world.pictures.get(connection);
    if (found === undefined) throw refused("not_found", "this connection is not there any more");
    return found;
  };
  return {
    open_editor: ({ connection }) => of(connection),
    read_offers: () => world.offers,
    review_schema: () => {
      world.offers = { source: { ...world.offers.source, changed: null }, target: { ...world.offers.target, changed: null } };
      return world.offers;
    },
    count_matches: ({ mapping, side }) => {
      const { all, any } = mapping.filter?.[side] ?? {};
      const conditions = (all ?? []).length + (any ?? []).length;
      return { count: Math.max(3, 214 - 60 * conditions), approximate: side === "target", newest: side === "target" ? "CSD-1187" : "INC0048231", counted_ms: world.now() };
    },
    find_person: ({ email }) => (email.endsWith("@corvane.example") ? { id: "9ddcaa21f7d3", name: "Elin Sandberg", email, active: true } : null),
    check_document: ({ document }) => ({ problems: world.check(document), unchecked: [], checked_ms: world.now() }),
    save_draft: ({ connection, document }) => {
      const picture = of(connection);
      picture.draft = { document, based_on: picture.revision, saved_ms: world.now() };
      return picture;
    },
    discard_draft: ({ connection }) => {
      const picture = of(connection);
      picture.draft = null;
      return picture;
    },
    save_document: ({ connection, document, based_on }) => {
      const picture = of(connection);
      if (based_on !== picture.revision) throw refused("changed_meanwhile", "another version of this connection was saved meanwhile", "Look at the other one under Versions, and save again.");
      const errors = world.check(document).filter((problem) => problem.level === "error").length;
      if (errors > 0) {
        picture.draft = { document, based_on: picture.revision, saved_ms: world.now() };
        return { live: false, errors, picture };
      }
      Object.assign(picture, { document, draft: null, revision: picture.revision + 1, saved_ms: world.now() });
      return { live: true, errors: 0, picture };
    },
    list_versions: ({ connection }) => {
      const picture = of(connection);
      const earlier = (world.versions ?? []).map(({ revision, saved_ms }) => ({ revision, saved_ms, live: false }));
      return [{ revision: picture.revision, saved_ms: picture.saved_ms, live: true }, ...earlier];
    },
    read_version: ({ connection, revision }) => world.versions?.find((version) => version.revision === revision)?.document ?? of(connection).document,
    count_values: () => world.counted,
    suggest_rows: () => world.suggestions,
  };
}
