import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { stillNow } from "../../../api/memory-data";
import { buildTrying } from "../../../api/memory-trying-data";
import { findings } from "../../../test/axe";
import { pick } from "../../../test/pick";
import { open } from "../../../test/window";

// A busy machine takes longer than the usual five seconds.
vi.setConfig({ testTimeout: 30_000 });

async function editor(more: Parameters<typeof open>[1] = {}) {
  window.location.hash = "#/connection/1/mapping";
  const opened = open("full", more);
  await screen.findByRole("row", { name: /^Short description/ });
  return opened;
}

type App = ReturnType<typeof open>["app"];

function calls(app: App, name: string) {
  return app.calls.filter((call) => call.name === name);
}

const source = () => within(screen.getByRole("listbox", { name: /^ServiceNow incident/ }));
const target = () => within(screen.getByRole("listbox", { name: /^Jira incident/ }));
const picker = () => screen.findByRole("combobox", { name: "ServiceNow ticket whose values are shown" });
const keyBox = () => screen.getByRole<HTMLInputElement>("textbox", { name: "Key of a ServiceNow ticket" });
const told = () => screen.findByRole("list", { name: "What Jira would get" });

async function trying(more: Parameters<typeof open>[1] = {}) {
  const opened = await editor(more);
  await source().findByRole("option", { name: /^State.*On Hold/ });
  await opened.user.click(screen.getByRole("tab", { name: "Try on ticket…" }));
  return { ...opened, list: await told() };
}

function line(list: HTMLElement, label: RegExp): HTMLElement {
  const found = within(list).getAllByRole("listitem").find((item) => label.test(item.textContent));
  if (found === undefined) throw new Error(`no row says ${label}`);
  return found;
}

describe("the ticket at hand", () => {
  it("is the newest by itself, and fills both trays", async () => {
    const { app } = await editor();
    expect(await source().findByRole("option", { name: /^State.*: On Hold$/ })).toBeTruthy();
    expect((await picker()).textContent).toContain("INC0048213  Pump telemetry late at North weir");
    expect(source().getByRole("option", { name: /^Assigned to.*: empty$/ })).toBeTruthy();
    expect(target().getByRole("option", { name: /^Status.*: In progress$/ })).toBeTruthy();
    expect(target().getByRole("option", { name: /^Assignee.*: empty$/ })).toBeTruthy();
    // What was not read is not empty, and what cannot be written says why.
    expect(target().getByRole("option", { name: /^Environment/ }).textContent).toContain("Text");
    expect(target().getByRole("option", { name: /^Resolution/ }).textContent).toContain("set by the status change");
    expect(calls(app, "recent_tickets")).toHaveLength(1);
    expect(calls(app, "pick_ticket").map((call) => call.request)).toMatchObject([{ side: "source", key: "INC0048213" }]);
    expect(calls(app, "try_mapping")).toHaveLength(0);
  });

  it("is picked from the list; without a partner the target tells what its fields hold in general", async () => {
    const { user } = await editor();
    await source().findByRole("option", { name: /^State.*: On Hold$/ });
    await user.selectOptions(await picker(), "INC0048205");
    expect(await source().findByRole("option", { name: /^Category.*: Software$/ })).toBeTruthy();
    expect(target().getByRole("option", { name: /^Priority/ }).textContent).toContain("List, 5 values");
  });

  it("that cannot be read is told quietly, and asked for again", async () => {
    const { app, user } = await editor({ failing: { recent_tickets: { code: "unreachable", message: "ServiceNow did not answer", hint: null } } });
    expect(await screen.findByText("No ticket could be read")).toBeTruthy();
    expect(source().getByRole("option", { name: /^State/ }).textContent).toContain("6 values");
    delete app.world.failing.recent_tickets;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await source().findByRole("option", { name: /^State.*: On Hold$/ })).toBeTruthy();
    expect(screen.queryByText("No ticket could be read")).toBeNull();
  });

  it("stays with its ticket type", async () => {
    const { app, user } = await editor();
    await source().findByRole("option", { name: /^State.*: On Hold$/ });
    await user.click(screen.getByRole("button", { name: "Task" }));
    await waitFor(() => expect(calls(app, "pick_ticket")).toHaveLength(2));
    await user.click(screen.getByRole("button", { name: "Incident" }));
    expect(await source().findByRole("option", { name: /^State.*: On Hold$/ })).toBeTruthy();
    expect(calls(app, "pick_ticket")).toHaveLength(2);
  });
});

describe("Try on ticket", () => {
  it("lists every field with old and new value and reason, undecided first, and the sentence", async () => {
    const { list, app } = await trying();
    expect(within(list).getAllByRole("listitem")[0]?.textContent).toMatch(/^Statusnot sentShowOn Hold is paired both ways with Waiting for customer and Pending vendor.*Jira keeps In progress\.$/);
    expect(line(list, /^Priority/).textContent).toBe("Priorityfrom Impact and Urgencywas Medium now High");
    expect(line(list, /^Components/).textContent).toBe("Componentsfrom Category now Network");
    expect(line(list, /^Summary/).textContent).toContain("same");
    expect(line(list, /^Description/).textContent).toContain("same");
    expect(within(list).getAllByRole("listitem")).toHaveLength(10);
    expect(screen.getByText(/^Would send 1 call: edit of 2 fields\. No customer sees it\. 1 not decided\.$/)).toBeTruthy();
    const trial = screen.getByRole("group", { name: "Trial of INC0048213" });
    expect(within(trial).getByRole("heading", { name: "Pump telemetry late at North weir" })).toBeTruthy();
    expect(trial.textContent).toContain("INC0048213 →to CSD-1187");
    expect(screen.getByText(/Reads both tickets, writes nothing\./)).toBeTruthy();
    expect(calls(app, "pick_ticket")).toHaveLength(1);
  });

  it("tries each edit again without asking for the ticket again", async () => {
    const { list, app, user } = await trying();
    expect(line(list, /^Status/)).toBeTruthy();
    const before = calls(app, "try_mapping").length;
    const late: (() => void)[] = [];
    const real = app.call;
    app.call = ((...call: Parameters<typeof real>) => {
      const answer = real(...call);
      return call[0] === "try_mapping" ? new Promise((resolve) => late.push(() => resolve(answer))) : answer;
    });
    await user.click(screen.getByRole("button", { name: "Make Pending vendor ← only" }));
    await waitFor(() => expect(late).toHaveLength(1));
    // The old answer stays until the new one is there.
    expect(line(await told(), /^Status/).textContent).toContain("not sent");
    act(() => late[0]?.());
    await waitFor(async () => expect(line(await told(), /^Status/).textContent).toContain("was In progress now Waiting for customer"));
    expect(screen.getByText(/^Would send 2 calls: edit of 2 fields, 1 status step\. A customer sees it\.$/)).toBeTruthy();
    expect(screen.getByText("Customer will see this")).toBeTruthy();
    expect(calls(app, "try_mapping")).toHaveLength(before + 1);
    expect(calls(app, "pick_ticket")).toHaveLength(1);
    expect(calls(app, "recent_tickets")).toHaveLength(1);
  });

  it("drops an answer that was overtaken", async () => {
    const { app, user } = await trying();
    const late: (() => void)[] = [];
    const real = app.call;
    app.call = ((...call: Parameters<typeof real>) => {
      const answer = real(...call);
      return call[0] === "try_mapping" ? new Promise((resolve) => late.push(() => resolve(answer))) : answer;
    });
    const turn = async () => {
      const asked = late.length;
      screen.getByRole("row", { name: /^Short description/ }).focus();
      await user.keyboard("d");
      await waitFor(() => expect(late.length).toBe(asked + 1));
    };
    await turn();
    await turn();
    await turn();
    // Back to both ways: Summary is told of. The one before, target to source only, was without it and comes last.
    act(() => late[2]?.());
    await waitFor(() => expect(screen.getByRole("group", { name: /^Trial/ }).getAttribute("aria-busy")).toBe("false"));
    expect(line(await told(), /^Summary/)).toBeTruthy();
    act(() => late[1]?.());
    await Promise.resolve();
    expect(line(await told(), /^Summary/)).toBeTruthy();
  });

  it("opens the row of what is not decided", async () => {
    const { list, user } = await trying();
    await user.click(within(list).getByRole("button", { name: "Show the mapping of Status" }));
    const row = screen.getByRole("row", { name: /^State/ });
    expect(row.getAttribute("aria-expanded")).toBe("true");
    expect(document.activeElement).toBe(row);
  });

  it("keeps what was typed when no such ticket is found, and says what to do", async () => {
    const { app, user } = await trying();
    await user.clear(keyBox());
    await user.click(screen.getByRole("button", { name: "Try" }));
    expect(screen.getByText("Type the key of a ServiceNow ticket, or pick one from the list.")).toBeTruthy();
    await user.type(keyBox(), "INC9999999{Enter}");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("INC9999999 could not be read");
    expect(alert.textContent).toContain("Choose another one.");
    expect(keyBox().value).toBe("INC9999999");
    expect(screen.queryByRole("list", { name: "What Jira would get" })).toBeNull();
    await user.clear(keyBox());
    await user.type(keyBox(), "INC0048205{Enter}");
    expect((await told()).textContent).toContain("Mail with a forged invoice");
    expect(screen.getByText(/a new ticket/, { selector: ".try-sum p" })).toBeTruthy();
    expect(calls(app, "pick_ticket").map((call) => (call.request as { key: string }).key)).toEqual(["INC0048213", "INC9999999", "INC0048205"]);
  });

  it("turns around with the partner, from its own list", async () => {
    const { app, user } = await trying();
    await user.click(screen.getByRole("button", { name: "To ServiceNow" }));
    expect(await screen.findByRole("list", { name: "What ServiceNow would get" })).toBeTruthy();
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Key of a Jira ticket" }).value).toBe("CSD-1187");
    await pick(user, await screen.findByRole("button", { name: "Recent Jira tickets" }), /^CSD-1180/);
    expect(await screen.findByRole("group", { name: "Trial of CSD-1180" })).toBeTruthy();
    expect(await screen.findByText(/changed on both sides\. A person decides/)).toBeTruthy();
    expect((await picker()).textContent).toContain("INC0048201");
    expect(calls(app, "pick_ticket").map((call) => call.request)).toMatchObject([{ side: "source" }, { side: "target", key: "CSD-1187" }, { side: "target", key: "CSD-1180" }]);
  });

  it("says that a platform makes it wait, and tries again", async () => {
    const { app, user } = await trying();
    app.world.failing.pick_ticket = { code: "rate_limited", message: "too many reads until 14:06", hint: null };
    await user.click(screen.getByRole("button", { name: "Try" }));
    expect(await screen.findByText("ServiceNow makes Lockstep wait.")).toBeTruthy();
    delete app.world.failing.pick_ticket;
    await user.click(within(screen.getByRole("tabpanel")).getByRole("button", { name: "Try again" }));
    expect(await told()).toBeTruthy();
  });

  it("says what went wrong with the trial itself", async () => {
    const { app, user } = await trying();
    app.world.failing.try_mapping = { code: "invalid", message: "this row has no rule", hint: "Choose one." };
    screen.getByRole("row", { name: /^Short description/ }).focus();
    await user.keyboard("d");
    const pane = within(screen.getByRole("tabpanel"));
    expect((await pane.findByRole("alert")).textContent).toContain("The mapping could not be tried");
    delete app.world.failing.try_mapping;
    await user.click(pane.getByRole("button", { name: "Try again" }));
    expect(await told()).toBeTruthy();
  });

  it("waits for a ticket where none was picked", async () => {
    const { user } = await editor({ trying: { ...buildTrying(stillNow), recent: [] } });
    await screen.findByText("No ticket changed lately");
    await user.click(screen.getByRole("tab", { name: "Try on ticket…" }));
    expect(screen.getByRole("heading", { name: "No ticket picked" })).toBeTruthy();
    await user.type(keyBox(), "INC0048213{Enter}");
    expect(await told()).toBeTruthy();
  });

  it("gives way to the fields while one is picked up, and moves by arrows", async () => {
    const { user } = await trying();
    screen.getByRole("listbox", { name: /^ServiceNow incident/ }).focus();
    await user.keyboard(" ");
    expect(screen.getByRole("listbox", { name: /^Jira incident/ })).toBeTruthy();
    await user.keyboard("{Escape}");
    expect(await told()).toBeTruthy();
    screen.getByRole("tab", { name: "Try on ticket…" }).focus();
    await user.keyboard("{ArrowLeft}");
    expect(document.activeElement).toBe(screen.getByRole("tab", { name: /Jira fields$/ }));
    expect(screen.getByRole("listbox", { name: /^Jira incident/ })).toBeTruthy();
  });

  it("gives axe nothing to say", async () => {
    await trying();
    await screen.findByText(/^Checked .* against fields read/);
    expect(await findings()).toEqual([]);
  });
});
