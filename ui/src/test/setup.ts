// Every test begins on a clean page; jsdom lacks what it does not draw.
import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";

Element.prototype.scrollIntoView = () => undefined;

beforeEach(() => {
  window.localStorage.clear();
  window.location.hash = "";
});

afterEach(cleanup);
