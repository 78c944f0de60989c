// What axe-core finds on the page, in both themes. Contrast is measured in pictures: nothing is drawn here.
import axe from "axe-core";
import { setTheme } from "../lib/theme";

/** Each finding as one line; none is what a test wants. */
export async function findings(): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ["light", "dark"] as const) {
    setTheme(theme);
    const { violations } = await axe.run(document.body, { resultTypes: ["violations"], rules: { "color-contrast": { enabled: false } } });
    for (const { id, nodes } of violations) found.push(...nodes.map((node) => `${theme} ${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`));
  }
  return found;
}
