import { expect, test } from "vitest";
import { bytes, bytesOf, clock, cost, credits, silentFor, span } from "../src/shared/format";

test.each([
  [0, "0:00"],
  [-3, "0:00"],
  [72.9, "1:12"],
  [3599, "59:59"],
  [3725, "1:02:05"],
])("a clock shows %d s as %s", (seconds, words) => expect(clock(seconds)).toBe(words));

test.each([
  [0.4, "a few seconds"],
  [7, "10 s"],
  [38, "40 s"],
  [85, "85 s"],
  [87, "90 s"],
  [91, "2 min"],
  [150, "3 min"],
])("a span of %d s is said coarsely: %s", (seconds, words) => expect(span(seconds)).toBe(words));

test.each([
  [812, "812 B"],
  [45_200, "45 kB"],
  [2_431_906, "2.4 MB"],
  [212_000_000, "212 MB"],
])("%d bytes are %s", (count, words) => expect(bytes(count)).toBe(words));

test("a part of a whole names a common unit once", () => {
  expect(bytesOf(3_210_000, 12_400_000)).toBe("3.2 of 12.4 MB");
  expect(bytesOf(900_000, 12_400_000)).toBe("900 kB of 12.4 MB");
  expect(bytesOf(900_000, null)).toBe("900 kB");
});

test("a cost is always marked as an estimate", () => {
  expect(cost(0.5)).toBe("≈ $0.50 (estimate)");
  expect(cost(0.004)).toBe("< $0.01 (estimate)");
  expect(cost(0)).toBe("$0.00 (estimate)");
});

test("credits are counted", () => {
  expect(credits(1, "api")).toBe("1 credit charged");
  expect(credits(0, "api")).toBe("0 credits charged");
  expect(credits(1200, "api")).toBe("1,200 credits charged");
});

test("the simulator's credits are not called charged", () => {
  expect(credits(16, "simulator")).toBe("16 simulated credits");
});

test("silence is told in steps", () => {
  expect(silentFor(23.9)).toBe("20 s");
  expect(silentFor(150)).toBe("2 min");
});
