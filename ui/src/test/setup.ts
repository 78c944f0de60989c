// Every test begins on a clean page; jsdom lacks what it does not draw.
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";

// A busy machine takes longer than the usual second; a wait ends as soon as it may.
configure({ asyncUtilTimeout: 5000 });

Element.prototype.scrollIntoView = () => undefined;

beforeEach(() => {
  window.localStorage.clear();
  window.location.hash = "";
});

afterEach(cleanup);
