// Every test begins on a clean page; jsdom lacks what it does not draw.
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";

// A busy machine takes longer than the usual second; a wait ends as soon as it may.
configure({ asyncUtilTimeout: 5000 });

Element.prototype.scrollIntoView = () => undefined;
// Long lists draw the rows that fit; here that is a dozen and a half.
Object.defineProperties(Element.prototype, {
  clientHeight: { configurable: true, get: () => 600 },
  clientWidth: { configurable: true, get: () => 800 },
  scrollHeight: {
    configurable: true,
    get(this: Element) {
      const inner = this.lastElementChild;
      return inner instanceof HTMLElement ? Number.parseFloat(inner.style.height) || 600 : 600;
    },
  },
});
Element.prototype.scrollTo = function scrollTo(this: Element, options?: ScrollToOptions | number) {
  if (typeof options !== "object") return;
  this.scrollTop = options.top ?? 0;
  this.dispatchEvent(new Event("scroll"));
};
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};

// Long lists draw what is in sight: what scrolls is as high as a window, a line as high as a line.
const measured: PropertyDescriptorMap & ThisType<HTMLElement> = {
  offsetHeight: { configurable: true, get() { return "scrolls" in this.dataset ? 800 : 30; } },
  offsetWidth: { configurable: true, get: () => 900 },
  clientHeight: { configurable: true, get() { return "scrolls" in this.dataset ? 800 : 30; } },
  clientWidth: { configurable: true, get: () => 900 },
};
Object.defineProperties(HTMLElement.prototype, measured);

beforeEach(() => {
  window.localStorage.clear();
  window.sessionStorage.clear();
  window.location.hash = "";
  window.innerWidth = 1280;
});

afterEach(cleanup);
