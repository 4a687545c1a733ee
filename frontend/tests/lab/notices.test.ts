import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Notice, noticeOf, noticeOfMany, teller, type Wanted } from "../../lab/src/notices";
import { Refused } from "../../lab/src/api";
import { FakeServer, jobOf, newsOf } from "./fakes";

const ALL: Wanted = { ready: true, failed: true, attention: true };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function page(server: FakeServer, part: { wanted?: Wanted; isHidden?: boolean; sees?: string[] } = {}) {
  const shown: Notice[] = [];
  const { wanted = ALL, isHidden = false, sees = [] } = part;
  const told = teller(server.api, { wanted: () => wanted, isHidden: () => isHidden, isInSight: (id) => sees.includes(id), show: (notice) => shown.push(notice) });
  return { ...told, shown };
}

test("a clip that is ready is told once, with its prompt, however often it is heard of", async () => {
  const { hear, shown } = page(new FakeServer([jobOf()]));
  hear([newsOf("abcd2345")]);
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown.map(({ words }) => words)).toEqual(["Ready: “a paper boat in heavy rain”"]);
});

test("of many pages one tells, and it is the one that is looked at", async () => {
  const server = new FakeServer([jobOf()]);
  const hidden = page(server, { isHidden: true });
  const other = page(server, { isHidden: true });
  const front = page(server);
  for (const each of [hidden, other, front]) each.hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(3000);
  expect([hidden.shown.length, other.shown.length, front.shown.length]).toEqual([0, 0, 1]);
});

test("it is told within a second, also where every page is hidden", async () => {
  const { hear, shown } = page(new FakeServer([jobOf()]), { isHidden: true });
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown).toHaveLength(1);
});

test("what ended while the laptop slept is one notice, not twenty", async () => {
  const { hear, shown } = page(new FakeServer());
  hear([...Array.from({ length: 18 }, (_, i) => newsOf(`job${i}`)), newsOf("bad", "failed"), newsOf("lost", "unconfirmed")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown.map(({ words }) => words)).toEqual(["18 clips are ready, 1 failed, 1 is unconfirmed"]);
  expect(shown[0]?.tone).toBe("warning");
});

test("a clip that the person is looking at is seen, not told", async () => {
  const server = new FakeServer([jobOf()]);
  const { hear, shown } = page(server, { sees: ["abcd2345"] });
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown).toEqual([]);
  expect(server.asked).toContain("POST jobs/seen");
});

test("a hidden page sees nothing, so it tells", async () => {
  const { hear, shown } = page(new FakeServer([jobOf()]), { sees: ["abcd2345"], isHidden: true });
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown).toHaveLength(1);
});

test.each([
  ["saved", "ready"],
  ["unsaved", "failed"],
  ["failed", "failed"],
  ["unconfirmed", "attention"],
  ["needs_key", "attention"],
] as const)("%s is not told, and not claimed, without %s in the settings", async (kind, topic) => {
  const server = new FakeServer([jobOf()]);
  const { hear, shown } = page(server, { wanted: { ...ALL, [topic]: false } });
  hear([newsOf("abcd2345", kind)]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown).toEqual([]);
  expect(server.asked).toEqual([]);
});

test("a job that needs a person, and has ended later, is told again", async () => {
  const server = new FakeServer([jobOf()]);
  const { hear, shown } = page(server);
  hear([newsOf("abcd2345", "needs_key")]);
  await vi.advanceTimersByTimeAsync(1000);
  server.told.clear(); // the server forgets what was told about an earlier state
  hear([newsOf("abcd2345", "saved")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown.map(({ tone }) => tone)).toEqual(["warning", "success"]);
});

test("what went wrong is said with its reason", () => {
  const failed = jobOf({ problem: { code: "content", message: "The prompt was refused." } });
  expect(noticeOf(newsOf("a", "failed"), failed).words).toBe("Failed: “a paper boat in heavy rain”. The prompt was refused.");
  expect(noticeOf(newsOf("a", "unconfirmed"), jobOf()).words).toContain("may have been charged");
  expect(noticeOf(newsOf("a", "needs_key"), jobOf({ status_text: "Set SEEDANCE_API_KEY." })).words).toContain("Set SEEDANCE_API_KEY.");
});

test("one of several is counted in the singular", () => {
  expect(noticeOfMany([newsOf("a"), newsOf("b", "needs_key")]).words).toBe("1 clip is ready, 1 waits for a key");
});

test("a notice that the server went away from in the middle is told when it is back", async () => {
  const server = new FakeServer([jobOf()]);
  const { hear, shown } = page(server);
  server.refusal = new Refused(0, "The Jupyter server does not answer.");
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  server.refusal = null;
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown.map(({ words }) => words)).toEqual(["Ready: “a paper boat in heavy rain”"]);
});

test("a notice that no other page can tell any more is told in numbers where the job cannot be read", async () => {
  const server = new FakeServer([jobOf()]);
  server.api.job = async () => Promise.reject(new Refused(503, "The history is locked."));
  const { hear, shown } = page(server);
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown.map(({ words }) => words)).toEqual(["1 clip is ready"]);
});

test("of a job that was deleted meanwhile nothing is told", async () => {
  const { hear, shown } = page(new FakeServer());
  hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown).toEqual([]);
});
