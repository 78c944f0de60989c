// The sheet of `?`: the keys of the screen that is open, and those that work everywhere.
import { Dialog } from "../components/dialog";
import { lettersOn } from "../lib/preferences";
import type { Route, Tab } from "../lib/route";
import "./go-to.css";

type Keys = [keys: string[], does: string][];

const EVERYWHERE: Keys = [
  [["Ctrl K"], "Go to…"],
  [["Ctrl 1", "Ctrl 2"], "Overview, Sync"],
  [["Ctrl 3", "Ctrl 4"], "Conflicts, Quarantine"],
  [["Ctrl 5"], "Links"],
  [["Ctrl ,"], "Settings"],
  [["Ctrl B"], "Show or hide the sidebar"],
  [["Esc"], "Close the top layer"],
];

const WALK: Keys = [
  [["↑", "↓"], "Move in the list"],
  [["J", "K"], "Next, previous"],
  [["Home", "End"], "First, last"],
];

const PANES: Keys = [[["Ctrl F"], "Find a ticket"], [["F6", "Shift F6"], "Next, previous pane"]];

const HERE: Partial<Record<Route["page"], Keys>> = {
  overview: [[["↑", "↓"], "Next, previous connection"], [["Enter"], "Open it"], [["R"], "Run sync"], [["P"], "Preview"], [["A"], "Automatic sync on or off"], [["Ctrl Enter"], "New connection"]],
  sync: [[["Ctrl Enter", "Ctrl Shift S"], "Run sync"], [["Ctrl Shift P"], "Preview"], [["↑", "↓"], "Runs of the history"], [["Enter"], "Open the run"]],
  plan: [[["↑", "↓"], "Rows"], [["→", "←"], "Open, close"], [["Space"], "Leave in or out"], [["E"], "Open all"], [["C"], "Only what customers see"], [["O"], "Open it in the browser"], [["Ctrl F"], "Find a ticket"], [["Ctrl Enter"], "Apply"]],
  conflicts: [[["1"], "The source's value"], [["2"], "The target's value"], [["3"], "Leave both"], [["↑", "↓"], "Fields, or conflicts in the list"], [["J", "K"], "Next, previous conflict"], [["O"], "Open it in the browser"], ...PANES, [["Ctrl Enter"], "Write chosen values"]],
  quarantine: [...WALK, [["T"], "Retry this ticket"], [["E"], "Explain this ticket"], [["O"], "Open it in the browser"], ...PANES],
  links: [...WALK, [["E"], "Explain this ticket"], [["O"], "Open it in the browser"], ...PANES],
  accounts: [...WALK, [["Ctrl Enter"], "Add an account; in its form: save it"]],
  run: [...WALK, [["F"], "Only failed"], [["T"], "Retry this ticket"], [["E"], "Explain this ticket"], [["O"], "Open it in the browser"], ...PANES, [["Ctrl Enter"], "Run sync again"], [["Esc"], "Back to Sync"]],
};

const EDITOR: Keys = [[["Ctrl S"], "Save"], [["Ctrl Z", "Ctrl Shift Z"], "Undo, redo"]];
const CONNECTION: Keys = [[["Alt 1", "Alt 6"], "First to last tab"], [["Ctrl Shift P"], "Preview"], [["Ctrl Shift S"], "Run sync"]];
const MOVE: Keys = [[["Alt ↑", "Alt ↓"], "Move it up or down"], [["Space"], "Pick up, then drop"]];

const TABS: Partial<Record<Tab, Keys>> = {
  setup: [...EDITOR, [["↑", "↓"], "Sections, in their list"]],
  mapping: [
    ...EDITOR, [["↑", "↓"], "Rows, fields or values"], [["→", "←"], "Open, close; the paired value"], [["D"], "Direction"], [["N", "Insert"], "Add a row"], [["Delete"], "Remove it"],
    [["Alt ↑", "Alt ↓"], "Move the row"], [["Space"], "Pick a field or a value up"], [["R"], "Use on the way back"], [["E"], "Needed fields"],
    [["Ctrl F"], "Search the pane"], [["F6"], "Next pane"], [["F8"], "Next problem"],
  ],
  description: [...EDITOR, ...MOVE],
  templates: [...EDITOR, ...MOVE],
  runs: [[["↑", "↓"], "Runs"], [["Enter"], "Open the run"]],
};

function keysOf(route: Route): Keys | undefined {
  return route.page === "connection" ? [...(TABS[route.tab] ?? []), ...CONNECTION] : HERE[route.page];
}

export function KeySheet({ route, close }: { route: Route; close: () => void }) {
  const here = keysOf(route);
  return (
    <Dialog wide title="Keys of this screen" close={close}>
      <div className="key-sheet">
        <Group title="This screen" keys={here ?? [[["Tab"], "Next control"], [["Space", "Enter"], "Press it"]]} />
        <Group title="Everywhere" keys={[...EVERYWHERE, [["?"], "This sheet"]]} />
      </div>
      {!lettersOn() && <p className="second">Single-letter keys are off. Settings switches them on.</p>}
    </Dialog>
  );
}

function Group({ title, keys }: { title: string; keys: Keys }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl>{keys.map(([names, does]) => <div key={does}><dt>{names.map((name) => <kbd key={name}>{name}</kbd>)}</dt><dd>{does}</dd></div>)}</dl>
    </section>
  );
}
