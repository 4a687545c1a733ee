import { expect, test } from "vitest";
import { elapsedS, extraS, firstState, hear, silentS } from "../src/card/state";
import { ESTIMATE, finished, viewOf } from "./fakes";

const at = (now: number) => ({ ...firstState(viewOf(), 0), now });

test("elapsed time goes on by the page's clock", () => {
  expect(elapsedS(at(3000))).toBe(75);
});

test("elapsed time stands still once final", () => {
  const state = { ...hear(at(0), finished({ rev: 2, elapsed_s: 104 }), 100), now: 60_000 };
  expect(elapsedS(state)).toBe(104);
});

test("a view that a busy kernel sent late does not turn the clock back", () => {
  const state = hear(at(3000), viewOf({ rev: 2, elapsed_s: 73 }), 3000);
  expect(elapsedS(state)).toBe(75);
});

test("a kernel that corrects itself is believed", () => {
  expect(elapsedS(hear(at(3000), viewOf({ rev: 2, elapsed_s: 20 }), 3000))).toBe(20);
  expect(elapsedS(hear(at(3000), viewOf({ rev: 2, elapsed_s: 90 }), 3000))).toBe(90);
});

test("a new phase starts its own count", () => {
  const state = hear(at(1000), viewOf({ rev: 2, status: "upscaling", estimate: { ...ESTIMATE, elapsed_s: 50 } }), 1000);
  expect(extraS(state)).toBe(0);
});

test("an older view never replaces a newer one, but is a sign of life", () => {
  const state = hear(firstState(viewOf({ rev: 7 }), 0), viewOf({ rev: 6, status: "queued" }), 20_000);
  expect(state.view.status).toBe("processing");
  expect(silentS(state)).toBeNull();
});

test("fifteen seconds without a word are silence; any word ends it", () => {
  expect(silentS(at(14_900))).toBeNull();
  expect(silentS(at(15_000))).toBe(15);
  expect(silentS(hear(at(40_000), viewOf({ rev: 2 }), 40_000))).toBeNull();
});

test("a final job may be silent", () => {
  expect(silentS({ ...firstState(finished(), 0), now: 60_000 })).toBeNull();
});

test("the bar stops when the kernel is silent", () => {
  expect(extraS(at(15_000))).toBe(15);
  expect(extraS(at(90_000))).toBe(15);
});

test("a pressed Cancel stays pressed until the kernel has answered it", () => {
  const pressed = { ...at(0), cancelPressed: true };
  expect(hear(pressed, viewOf({ rev: 2 }), 10).cancelPressed).toBe(true);
  const asked = hear(pressed, viewOf({ rev: 2, cancel: "asked" }), 10);
  expect(hear(asked, viewOf({ rev: 3, cancel: "available" }), 20).cancelPressed).toBe(false);
  expect(hear(pressed, viewOf({ rev: 2, cancel: "unavailable" }), 10).cancelPressed).toBe(false);
  expect(hear(pressed, viewOf({ rev: 2, cancel_note: "The server refused." }), 10).cancelPressed).toBe(false);
});

test("another download can be asked for once the problem is gone", () => {
  const stuck = { received_bytes: 1, size_bytes: 2, problem: "gone" };
  const pressed = { ...at(0), retryPressed: true };
  expect(hear(pressed, viewOf({ rev: 2, download: stuck }), 1000).retryPressed).toBe(true);
  expect(hear(pressed, viewOf({ rev: 2, download: { ...stuck, problem: null } }), 1000).retryPressed).toBe(false);
});
