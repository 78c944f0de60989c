// Class names are global: a rule for one stands in one file, or each page wears what was loaded last.
import { expect, it } from "vitest";

const FILES = import.meta.glob<string>("../**/*.css", { query: "?raw", import: "default", eager: true });

/** Classes that a file gives a rule of their own, with nothing else in the selector. */
function given(css: string): Set<string> {
  const bare = css.replace(/\/\*.*?\*\//gs, "");
  const selectors = [...bare.matchAll(/([^{}]+)\{/g)].flatMap(([, list = ""]) => list.split(","));
  return new Set(selectors.flatMap((selector) => /^\.([\w-]+)$/.exec(selector.trim())?.[1] ?? []));
}

it("reads rules of classes, also inside a media query", () => {
  expect([...given("/* .no {} */ .one, .two:hover { a: b } @media (x) { .three { c: d } } .four .five { e: f }")]).toEqual(["one", "three"]);
});

it("no class is styled by two files", () => {
  const files = new Map<string, string[]>();
  for (const [file, css] of Object.entries(FILES)) for (const name of given(css)) files.set(name, [...(files.get(name) ?? []), file]);
  expect(files.size).toBeGreaterThan(300);
  expect([...files].filter(([, where]) => where.length > 1)).toEqual([]);
});
