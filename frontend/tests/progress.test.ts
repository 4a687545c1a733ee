import { expect, test } from "vitest";
import { onward, progress } from "../src/shared/progress";
import { ESTIMATE } from "./fakes";

test("the bar is the elapsed part of what nine in ten jobs take, never more than 95 %", () => {
  expect(progress({ ...ESTIMATE, elapsed_s: 0 }, 0).value).toBe(0);
  expect(progress({ ...ESTIMATE, elapsed_s: 70 }, 0).value).toBeCloseTo(0.475);
  expect(progress({ ...ESTIMATE, elapsed_s: 139.999 }, 0).value).toBeLessThan(0.95);
});

test("the page's own clock moves it", () => {
  expect(progress(ESTIMATE, 18).value).toBeCloseTo((0.95 * 70) / 140);
});

test("a clock that runs backwards does not", () => {
  expect(progress(ESTIMATE, -18).value).toBeCloseTo((0.95 * 52) / 140);
});

test("it says how long until the median, and where that comes from", () => {
  expect(progress(ESTIMATE, 0).label).toBe("about 40 s left · estimate from 12 earlier jobs like this");
});

test("past the median it says by when nine in ten are done", () => {
  expect(progress(ESTIMATE, 60).label).toBe("taking a little longer than usual; probably 30 s more · estimate from 12 earlier jobs like this");
});

test("later than nine in ten it gives no figure", () => {
  const late = progress(ESTIMATE, 88);
  expect(late.value).toBeNull();
  expect(late.label).toMatch(/^longer than expected/);
});

test("a guess is called a guess", () => {
  expect(progress({ ...ESTIMATE, source: "a first guess; no earlier jobs" }, 0).label).toBe("about 40 s left · estimate: a first guess; no earlier jobs");
});

test.each([[null], [{ ...ESTIMATE, p90_s: 0 }], [{ ...ESTIMATE, p90_s: Number.NaN }]])("without usable figures there is no value: %o", (estimate) => {
  expect(progress(estimate, 5).value).toBeNull();
});

test("a bar never goes back, and that of another job begins anew", () => {
  const there = onward({ job_id: "a", value: 0.2 }, "a", 0.6);
  expect(onward(there, "a", 0.3).value).toBe(0.6);
  expect(onward(there, "a", 0.7).value).toBe(0.7);
  expect(onward(there, "b", 0.1)).toEqual({ job_id: "b", value: 0.1 });
});
