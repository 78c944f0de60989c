import { describe, expect, it } from "vitest";
import { type Route, read, write } from "./route";

const routes: [string, Route][] = [
  ["#/overview", { page: "overview" }],
  ["#/overview?new", { page: "overview", make: true }],
  ["#/sync", { page: "sync", connection: null }],
  ["#/sync?connection=3", { page: "sync", connection: 3 }],
  ["#/accounts", { page: "accounts" }],
  ["#/accounts?account=Corvane%20desk", { page: "accounts", account: "Corvane desk" }],
  ["#/conflicts", { page: "conflicts" }],
  ["#/quarantine?ticket=CSD-1179", { page: "quarantine", ticket: "CSD-1179" }],
  ["#/settings", { page: "settings" }],
  ["#/run/2416", { page: "run", run: 2416 }],
];

describe("routes", () => {
  it.each(routes)("%s is read and written", (hash, route) => {
    expect(read(hash)).toEqual(route);
    expect(write(route)).toBe(hash);
  });

  it.each(["", "#", "#/nowhere", "#/run/", "#/run/-1", "#/run/1e9", "#/run/<script>"])("%j leads to the overview", (hash) => {
    expect(read(hash)).toEqual({ page: "overview" });
  });

  it("drops a connection that is no number", () => {
    expect(read("#/sync?connection=x")).toEqual({ page: "sync", connection: null });
  });
});
