// Studios in a page with a clock of its own; all are taken away after each test.
import { afterEach, beforeEach, vi } from "vitest";
import studio from "../src/studio";
import { FakeModel } from "./studio-fakes";

const mounted: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
});
afterEach(() => {
  while (mounted.length) mounted.pop()?.();
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A Studio on a model with these traits. */
export function mountStudio(traits: Record<string, unknown> = {}) {
  const model = new FakeModel(traits);
  const el = document.body.appendChild(document.createElement("div"));
  const cleanUp = studio.render({ model, el });
  mounted.push(cleanUp);
  /** A control by its name. */
  const button = (name: string, within: ParentNode = el) =>
    [...within.querySelectorAll("button")].find((each) => (each.getAttribute("aria-label") ?? each.textContent) === name)!;
  return { model, el, cleanUp, button };
}
