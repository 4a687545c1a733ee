import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Command } from "../src/card/host";
import { CHUNK_BYTES, ClipPull, type Pull } from "../src/shared/pull";

const piece = (length: number) => [new DataView(new ArrayBuffer(length))];
let asked: Command[];
let told: Pull[];
const pullOf = (size: number) => new ClipPull((offset, length) => asked.push({ type: "clip", offset, length }), size, (pull) => told.push(pull));

beforeEach(() => {
  vi.useFakeTimers();
  [asked, told] = [[], []];
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:clip");
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a clip comes in pieces of at most 4 MiB, and becomes one URL", () => {
  const size = CHUNK_BYTES + 100;
  const pull = pullOf(size);
  pull.ask();
  pull.hear({ type: "clip", offset: 0, total_bytes: size }, piece(CHUNK_BYTES));
  pull.hear({ type: "clip", offset: CHUNK_BYTES, total_bytes: size }, piece(100));
  expect(asked).toEqual([
    { type: "clip", offset: 0, length: CHUNK_BYTES },
    { type: "clip", offset: CHUNK_BYTES, length: 100 },
  ]);
  expect(told.at(-1)).toEqual({ phase: "ready", url: "blob:clip" });
  const blob = vi.mocked(URL.createObjectURL).mock.calls[0]?.[0] as Blob;
  expect([blob.size, blob.type]).toEqual([size, "video/mp4"]);
});

test("a kernel may answer with less than was asked for", () => {
  const pull = pullOf(10);
  pull.ask();
  pull.hear({ type: "clip", offset: 0, total_bytes: 10 }, piece(4));
  expect(asked.at(-1)).toEqual({ type: "clip", offset: 4, length: 6 });
});

test("an answer to another view's question is passed over", () => {
  const pull = pullOf(10);
  pull.ask();
  pull.hear({ type: "clip", offset: 0, total_bytes: 10 }, piece(4));
  pull.hear({ type: "clip", offset: 0, total_bytes: 10 }, piece(4));
  expect(told.at(-1)).toEqual({ phase: "pulling", received: 4, total: 10, slow: false });
});

test("a problem is told, and asking again goes on from there", () => {
  const pull = pullOf(10);
  pull.ask();
  pull.hear({ type: "clip", offset: 0, total_bytes: 10 }, piece(4));
  pull.hear({ type: "clip", offset: 4, problem: "The file is gone." }, []);
  expect(told.at(-1)).toEqual({ phase: "stuck", problem: "The file is gone." });
  pull.ask();
  expect(asked.at(-1)).toEqual({ type: "clip", offset: 4, length: 6 });
});

test("an empty piece does not loop for ever", () => {
  const pull = pullOf(10);
  pull.ask();
  pull.hear({ type: "clip", offset: 0, total_bytes: 10 }, piece(0));
  expect(told.at(-1)?.phase).toBe("stuck");
  expect(asked).toHaveLength(1);
});

test("a file that changed in between is read from its start", () => {
  const pull = pullOf(10);
  pull.ask();
  pull.hear({ type: "clip", offset: 0, total_bytes: 10 }, piece(4));
  pull.hear({ type: "clip", offset: 4, total_bytes: 99 }, piece(6));
  expect(told.at(-1)?.phase).toBe("stuck");
  pull.ask();
  expect(asked.at(-1)).toMatchObject({ offset: 0 });
});

test("a kernel that takes its time is called slow, and still heard", () => {
  const pull = pullOf(4);
  pull.ask();
  vi.advanceTimersByTime(10_000);
  expect(told.at(-1)).toMatchObject({ phase: "pulling", slow: true });
  pull.hear({ type: "clip", offset: 0, total_bytes: 4 }, piece(4));
  expect(told.at(-1)).toEqual({ phase: "ready", url: "blob:clip" });
});

test("stopping leaves no URL and no timer", () => {
  const pull = pullOf(4);
  pull.ask();
  pull.hear({ type: "clip", offset: 0, total_bytes: 4 }, piece(4));
  pull.stop();
  expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:clip");
  expect(vi.getTimerCount()).toBe(0);
});
