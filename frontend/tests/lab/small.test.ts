// The small parts: undo, title, sight, names of files, words.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cellOfFrame, jobOfFile, pictureOfFile } from "../../lab/src/clip-files";
import { elapsed, shortly, spentWords, statusWords } from "../../lab/src/job";
import { placeAfter, readPlace, scrollFor, tagsOf } from "../../lab/src/panel-state";
import { Sight } from "../../lab/src/sight";
import { TitleCount } from "../../lab/src/title";
import { secondsLeft, Undo } from "../../src/shared/undo";
import { jobOf } from "./fakes";

describe("a deletion", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("does nothing for ten seconds, and then deletes once", async () => {
    const remove = vi.fn(async () => {});
    const undo = new Undo(remove, () => {});
    undo.add("a");
    undo.add("a");
    await vi.advanceTimersByTimeAsync(9_900);
    expect(remove).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(remove).toHaveBeenCalledExactlyOnceWith("a");
    expect(undo.pending).toEqual([]);
  });

  test("that is taken back never happens", async () => {
    const remove = vi.fn(async () => {});
    const undo = new Undo(remove, () => {});
    undo.add("a");
    undo.add("b");
    undo.undo("a");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(remove).toHaveBeenCalledExactlyOnceWith("b");
  });

  test("that has begun cannot be taken back, and says so until it is over", async () => {
    let done = () => {};
    const undo = new Undo(() => new Promise((over) => (done = over)), () => {});
    undo.add("a");
    await vi.advanceTimersByTimeAsync(10_000);
    undo.undo("a");
    expect([...secondsLeft(undo.pending, performance.now())]).toEqual([["a", 0]]);
    done();
    await vi.advanceTimersByTimeAsync(0);
    expect(undo.pending).toEqual([]);
  });

  test("that still waits when the page goes away never happens", async () => {
    const remove = vi.fn(async () => {});
    const undo = new Undo(remove, () => {});
    undo.add("a");
    undo.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(remove).not.toHaveBeenCalled();
  });
});

describe("the title of the page", () => {
  const moment = () => new Promise((resolve) => setTimeout(resolve));

  test("counts before whatever the host writes there, and gives it back", async () => {
    document.title = "boat.ipynb";
    const title = new TitleCount();
    title.show(2);
    expect(document.title).toBe("(2) boat.ipynb");
    document.title = "(1) fox.ipynb";
    await moment();
    expect(document.title).toBe("(2) (1) fox.ipynb");
    title.show(3);
    expect(document.title).toBe("(3) (1) fox.ipynb");
    title.show(0);
    expect(document.title).toBe("(1) fox.ipynb");
  });
});

describe("sight", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("a job counts as seen after a second before the eyes, and not after less", async () => {
    const saw = vi.fn();
    let isThere = true;
    const sight = new Sight(saw, () => isThere);
    sight.watch(["a"]);
    await vi.advanceTimersByTimeAsync(1000);
    isThere = false;
    await vi.advanceTimersByTimeAsync(3000);
    expect(saw).not.toHaveBeenCalled();
    isThere = true;
    await vi.advanceTimersByTimeAsync(1500);
    expect(saw).toHaveBeenCalledWith(["a"]);
    sight.stop();
  });
});

test("a clip of ours names its job, and no other file does", () => {
  expect(jobOfFile("hero-ejembk86.mp4")).toBe("ejembk86");
  expect(jobOfFile("a-paper-boat-ejembk86-2.webm")).toBe("ejembk86");
  expect(jobOfFile("ejembk86.mp4")).toBe("ejembk86");
  for (const other of ["holiday.mp4", "hero-ejembk86.png", "hero-EJEMBK86.mp4", "hero-ejembk861.mp4", "hero-ejembk86.mp4.json"]) expect(jobOfFile(other)).toBe(null);
});

test("the status says what goes on and what is new, and nothing of nothing", () => {
  expect(statusWords(2, 1)).toBe("2 generating · 1 new");
  expect(statusWords(0, 1)).toBe("1 new");
  expect(statusWords(1200, 0)).toBe("1,200 generating");
  expect(statusWords(0, 0)).toBe("");
});

test("what was spent today stands beside its cap", () => {
  const today = { service: "https://x", today_usd: 3.2, today_unknown: 0, cap_per_day_usd: 20 };
  expect(spentWords({ services: [today] })).toBe("≈ $3.20 today, cap $20.00 a day");
  expect(spentWords({ services: [{ ...today, cap_per_day_usd: null, today_unknown: 2 }] })).toBe("≈ $3.20 today · 2 without a price");
  expect(spentWords({ services: [{ ...today, service: "simulator", cap_per_day_usd: null }] })).toBe("≈ $3.20 today (simulated)");
  expect(spentWords({ services: [] })).toBe("");
});

test("a job that goes on has a clock, one that has ended or is unconfirmed has none", () => {
  expect(elapsed(jobOf({ is_final: false, status: "queued", created_at: 100 }), 165)).toBe("1:05");
  expect(elapsed(jobOf(), 165)).toBe(null);
  expect(elapsed(jobOf({ is_final: false, status: "unconfirmed" }), 165)).toBe(null);
});

test("a prompt is cut between whole characters and in one line", () => {
  expect(shortly("a\n\n  boat")).toBe("a boat");
  expect(shortly("🚣🚣🚣🚣", 3)).toBe("🚣🚣…");
});

test("a place that was kept by anybody is read as one of ours", () => {
  expect(readPlace({ query: { text: "boat", status: 7, starred: "yes" }, selected: "a", top: 50 })).toEqual({
    query: { text: "boat", status: "", model: "", starred: false }, selected: "a", top: 50,
  });
  expect(readPlace(null).top).toBe(0);
  expect(readPlace({ top: -5, query: [] }).top).toBe(0);
});

test("keys lead through the list and stop at its ends", () => {
  expect(placeAfter("ArrowDown", null, 5, 3)).toBe(0);
  expect(placeAfter("ArrowDown", 4, 5, 3)).toBe(4);
  expect(placeAfter("ArrowUp", 0, 5, 3)).toBe(0);
  expect(placeAfter("PageDown", 1, 50, 3)).toBe(4);
  expect(placeAfter("End", 0, 5, 3)).toBe(4);
  expect(placeAfter("x", 0, 5, 3)).toBe(null);
  expect(placeAfter("ArrowDown", null, 0, 3)).toBe(null);
});

test("the list scrolls only as far as a row needs", () => {
  expect(scrollFor(2, 72, 0, 600)).toBe(0);
  expect(scrollFor(10, 72, 0, 600)).toBe(192);
  expect(scrollFor(1, 72, 500, 600)).toBe(72);
});

test("tags are the words between commas, each once", () => {
  expect(tagsOf(" rain, hero ,,rain")).toEqual(["rain", "hero"]);
});

test.each([
  ["girl.png", "girl.png"],
  ["art/girl.PNG", "art/girl.PNG"],
  ["../../girl.jpeg", "../../girl.jpeg"],
  ["my girl.webp", '"my girl.webp"'],
  ['a "b".png', `'a "b".png'`],
])("%s is the first frame of a cell", (path, written) => {
  expect(pictureOfFile(path)).toBe(path);
  expect(cellOfFrame(path)).toBe(`%%seedance --media ${written}\n`);
});

test("only a picture that the API knows by its name is offered as a first frame, and a clip in a folder is still known", () => {
  expect(["a.mp4", "a.svg", "png", "a.png.txt"].map(pictureOfFile)).toEqual([null, null, null, null]);
  expect(jobOfFile("folder/ejembk86.mp4")).toBe("ejembk86");
});
