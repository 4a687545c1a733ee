import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refused } from "../../lab/src/api";
import { askPermission, permission, tellDesktop } from "../../lab/src/desktop";
import type { Kind } from "../../lab/src/job";
import { noticeOf, noticeOfMany, teller } from "../../lab/src/notices";
import { FakeServer, jobOf, newsOf, settle } from "./fakes";

let shown: FakeNotification[] = [];

class FakeNotification {
  static permission: NotificationPermission = "default";
  static answer: NotificationPermission = "granted";
  static requestPermission = vi.fn(async () => (FakeNotification.permission = FakeNotification.answer));
  onclick: (() => void) | null = null;
  onclose: (() => void) | null = null;
  close = vi.fn();
  constructor(
    readonly title: string,
    readonly options: NotificationOptions,
  ) {
    shown.push(this);
  }
}

beforeEach(() => {
  shown = [];
  Object.assign(FakeNotification, { permission: "default", answer: "granted" });
  FakeNotification.requestPermission.mockClear();
  vi.stubGlobal("Notification", FakeNotification);
  vi.stubGlobal("isSecureContext", true);
});
afterEach(() => void vi.unstubAllGlobals());

const LONG = "a paper boat in heavy rain, drifting past a street lamp, close to the water, and on";
const about = (kind: Kind) => noticeOf(newsOf("abcd2345", kind), jobOf({ prompt: LONG, note: "for Anna", problem: { code: "content", message: "The filter said no." } }));

test.each<[Kind, string]>([
  ["saved", "Ready"],
  ["unsaved", "Not saved"],
  ["failed", "Failed"],
  ["unconfirmed", "Unconfirmed"],
  ["needs_key", "Needs a key"],
])("on the desktop a job that is %s has its state and the beginning of its prompt, and nothing else", async (kind, state) => {
  FakeNotification.permission = "granted";
  await tellDesktop(about(kind), new FakeServer().api, () => {});
  expect(shown.map(({ title, options }) => [title, options.body])).toEqual([["Seedance", `${state}: “${LONG.slice(0, 59)}…”`]]);
});

test("several at once are one, in numbers", async () => {
  FakeNotification.permission = "granted";
  await tellDesktop(noticeOfMany([newsOf("a"), newsOf("b")]), new FakeServer().api, () => {});
  expect(shown.map(({ options }) => options.body)).toEqual(["2 clips are ready"]);
});

test.each<NotificationPermission>(["default", "denied"])("with the permission %s nothing is shown and nothing is asked", async (given) => {
  FakeNotification.permission = given;
  const server = new FakeServer([jobOf({ has_poster: true })]);
  await tellDesktop(noticeOf(newsOf("abcd2345"), server.jobs[0]!), server.api, () => {});
  expect(shown).toEqual([]);
  expect(FakeNotification.requestPermission).not.toHaveBeenCalled();
  expect(server.asked).toEqual([]);
});

test.each<[NotificationPermission, number]>([["default", 1], ["denied", 0], ["granted", 0]])("a click asks the browser only while it has not been asked: %s", async (given, times) => {
  FakeNotification.permission = given;
  expect(await askPermission()).toBe(given === "default" ? "granted" : given);
  expect(FakeNotification.requestPermission).toHaveBeenCalledTimes(times);
});

test("where the browser has none, or the page is not secure, that is said and nothing breaks", async () => {
  vi.stubGlobal("isSecureContext", false);
  expect([permission(), await askPermission()]).toEqual(["impossible", "impossible"]);
  expect(FakeNotification.requestPermission).not.toHaveBeenCalled();
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("Notification", undefined);
  Reflect.deleteProperty(window, "Notification");
  expect(permission()).toBe("impossible");
});

test("a browser that allows it and cannot make one is left alone", async () => {
  class OfAPhone {
    static permission = "granted";
    constructor() {
      throw new TypeError("Illegal constructor");
    }
  }
  vi.stubGlobal("Notification", OfAPhone);
  await tellDesktop(about("saved"), new FakeServer().api, () => {});
});

test("a poster that cannot be fetched is left out, and a click opens the job", async () => {
  FakeNotification.permission = "granted";
  const server = new FakeServer([jobOf({ has_poster: true })]);
  const show = vi.fn();
  await tellDesktop(noticeOf(newsOf("abcd2345"), server.jobs[0]!), { poster: () => Promise.reject(new Refused(404, "gone")) }, show);
  expect(shown[0]?.options.icon).toBe(undefined);
  shown[0]?.onclick?.();
  expect(show).toHaveBeenCalledOnce();
  expect(shown[0]?.close).toHaveBeenCalledOnce();
});

test("of many hidden pages one shows it, once", async () => {
  vi.useFakeTimers();
  FakeNotification.permission = "granted";
  const server = new FakeServer([jobOf()]);
  const pages = [1, 2, 3].map(() =>
    teller(server.api, {
      wanted: () => ({ ready: true, failed: true, attention: true }),
      isHidden: () => true,
      isInSight: () => false,
      show: (notice) => void tellDesktop(notice, server.api, () => {}),
    }),
  );
  for (const page of [...pages, ...pages]) page.hear([newsOf("abcd2345")]);
  await vi.advanceTimersByTimeAsync(3000);
  await settle();
  vi.useRealTimers();
  expect(shown.map(({ options }) => options.tag)).toEqual(["seedance-abcd2345"]);
});
