import { afterEach, beforeEach, expect, test, vi } from "vitest";
import views from "../src/views";
import chooseModule from "../src/views/choose-index";
import compareModule from "../src/views/compare-index";
import { hearGrid, firstGrid } from "../src/views/grid-state";
import { InStep, type Player } from "../src/views/in-step";
import * as panels from "../src/views/panels";
import { take } from "../src/views/parts";
import { Sources } from "../src/views/sources";
import { speedFrom } from "../src/views/compare-state";
import type { ChooseView, CompareView, GridView } from "../src/views/view";
import { CLIP, ESTIMATE, FakeModel } from "./fakes";
import { cellOf, chooseOf, compareOf, FakeObserver, gridOf, sideOf } from "./views-fakes";

const mounted: (() => void)[] = [];

beforeEach(() => {
  take(panels); // what comes in a second message
  vi.useFakeTimers();
  vi.stubGlobal("IntersectionObserver", FakeObserver);
  let count = 0;
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => `blob:${(count += 1)}`);
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
});
afterEach(() => {
  while (mounted.length) mounted.pop()?.();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const MODULES: Record<string, typeof views> = { grid: views, compare: compareModule, choose: chooseModule };

function show(view: GridView | CompareView | ChooseView) {
  const model = Object.assign(new FakeModel(view), { opened: "" });
  model.get = ((name: string) => (name === "opened" ? model.opened : model.view)) as typeof model.get;
  const el = document.body.appendChild(document.createElement("div"));
  const cleanUp = MODULES[view.kind]!.render({ model: model as never, el });
  mounted.push(cleanUp);
  const button = (name: string) => [...el.querySelectorAll("button")].find((each) => (each.getAttribute("aria-label") ?? each.textContent) === name);
  const sent = (type: string) => (model.sent as unknown as Record<string, unknown>[]).filter((each) => each.type === type);
  const say = (next: unknown) => {
    model.view = next;
    model.emit("change:view");
  };
  const told = () => el.querySelector("[role=status]")?.textContent;
  return { el, model, cleanUp, button, sent, say, told };
}

test("the grid is a table with headings, and each clip a button that says what it opens", () => {
  const { el, button } = show(gridOf());
  expect(el.querySelector("th[scope=col]")?.textContent).toBe("rain");
  expect(el.querySelector("th[scope=row]")?.textContent).toBe("fox · rain");
  expect(button("Open fox · rain")).toBeDefined();
});

test("a job that runs is told in words with a bar, and one that failed with its reason", () => {
  const running = cellOf({ job_id: "r", status: "processing", status_text: "Generating", final: false, clip: null, estimate: ESTIMATE });
  const problem = { title: "Failed", what: "The server said no.", charged: "Nothing was charged.", next: "", details: "", fix: "" };
  const failed = cellOf({ job_id: "f", caption: "owl", status: "failed", status_text: "Failed", clip: null, problem });
  const { el } = show(gridOf([running, failed]));
  expect(el.textContent).toContain("Generating");
  expect(el.querySelector("[role=progressbar]")).not.toBeNull();
  expect(el.textContent).toContain("The server said no. Nothing was charged.");
});

test("pictures are asked for, clips only when they are to play", () => {
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  const { button, sent } = show(gridOf());
  expect(sent("poster")).toHaveLength(1);
  expect(sent("clip")).toHaveLength(0);
  button("Play all")?.click();
  expect(sent("clip")).toHaveLength(1);
  expect(button("Pause")).toBeDefined();
});

test("a click opens the clip below, and Escape closes it where it was opened", () => {
  const { el, button } = show(gridOf());
  button("Open fox · rain")?.click();
  const stage = el.querySelector(".sdw-stage-below");
  expect(stage?.textContent).toContain("a fox in rain");
  stage?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(el.querySelector(".sdw-stage-below")).toBeNull();
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Open fox · rain");
});

test("an export rests while it is made, and its file is named and said", () => {
  const { button, sent, say, el, told } = show(gridOf());
  button("Export contact sheet")?.click();
  expect(sent("export")).toMatchObject([{ what: "sheet" }]);
  say(gridOf(undefined, { rev: 2, exports: [{ what: "sheet", state: "busy", text: "…", url: null }] }));
  button("Export contact sheet…")?.click();
  expect(sent("export")).toHaveLength(1);
  say(gridOf(undefined, { rev: 3, exports: [{ what: "sheet", state: "done", text: "clips/contact-sheet.png", url: null }] }));
  expect(el.textContent).toContain("Saved as clips/contact-sheet.png");
  expect(told()).toBe("clips/contact-sheet.png");
});

const ASKED = { question: { id: "q1", text: "24 jobs, about $4.80 (estimate).", send: "Send 24 jobs" }, final: false };
const UNSENT = cellOf({ status: "unsent", status_text: "Not sent", clip: null, has_poster: false });

test("a question is asked above the grid, and nothing is posted before it is answered", () => {
  const { el, button, sent } = show(gridOf([UNSENT], ASKED));
  expect(el.querySelector("[role=group]")?.textContent).toBe("24 jobs, about $4.80 (estimate).Send 24 jobsNot now");
  expect(button("Play all"), "there is nothing to play").toBeUndefined();
  expect([...sent("send"), ...sent("decline")]).toEqual([]);
  button("Send 24 jobs")?.click();
  expect(sent("send")).toMatchObject([{ question: "q1" }]);
});

test("a doubled click is one answer, also after a redraw that does not know of it", () => {
  const { button, sent, say } = show(gridOf([UNSENT], ASKED));
  button("Send 24 jobs")?.click();
  button("Send 24 jobs")?.click();
  say(gridOf([UNSENT], { ...ASKED, rev: 2 }));
  expect(button("Send 24 jobs")?.getAttribute("aria-disabled")).toBe("true");
  button("Send 24 jobs")?.click();
  button("Not now")?.click();
  expect([...sent("send"), ...sent("decline")]).toHaveLength(1);
});

test("an answered question goes away, and the next one can be answered", () => {
  const { el, button, sent, say } = show(gridOf([UNSENT], ASKED));
  button("Send 24 jobs")?.click();
  say(gridOf([cellOf()], { rev: 2 }));
  expect(el.querySelector("[role=group]")).toBeNull();
  say(gridOf([UNSENT], { rev: 3, question: { ...ASKED.question, id: "q2" } }));
  button("Send 24 jobs")?.click();
  expect(sent("send")).toMatchObject([{ question: "q1" }, { question: "q2" }]);
});

test("a no is posted, and what follows from it is shown and said", () => {
  const { el, button, sent, say, told } = show(gridOf([UNSENT], ASKED));
  button("Not now")?.focus();
  button("Not now")?.click();
  expect(sent("decline")).toMatchObject([{ question: "q1" }]);
  const note = "Nothing was sent.";
  say(gridOf([UNSENT], { rev: 2, note }));
  expect(el.textContent).toContain(note);
  expect(told()).toBe(note);
  expect(document.activeElement?.getAttribute("aria-label"), "the focus stays in the grid").toBe("Seedance grid");
});

test("an answer that the kernel does not take up is said to be perhaps lost", () => {
  const { el, button } = show(gridOf([UNSENT], ASKED));
  vi.advanceTimersByTime(60_000);
  expect(el.textContent).not.toContain("No word from the kernel");
  button("Send 24 jobs")?.click();
  vi.advanceTimersByTime(20_000);
  expect(el.textContent).toContain("Your answer may not have reached it.");
});

const SENDING = { sending: true, running: 4, unsent: 8 };

test("a sweep that is sent can be stopped and cancelled, each once until the kernel has heard", () => {
  const { button, sent, say } = show(gridOf([UNSENT], { sweep: SENDING, final: false }));
  button("Stop sending")?.click();
  button("Stop sending")?.click();
  button("Cancel all")?.click();
  expect([...sent("hold"), ...sent("cancel_all")]).toHaveLength(1);
  say(gridOf([UNSENT], { rev: 2, jobs: 12, sweep: { ...SENDING, sending: false } }));
  expect(button("Stop sending")).toBeUndefined();
  button("Cancel all")?.click();
  expect(sent("cancel_all")).toHaveLength(1);
  expect(button("Cancelling…")?.getAttribute("aria-disabled")).toBe("true");
  say(gridOf([UNSENT], { rev: 3, jobs: 12, sweep: { sending: false, running: 0, unsent: 8 } }));
  expect(button("Cancel all")).toBeUndefined();
  button("Send the rest…")?.click();
  expect(sent("ask")).toHaveLength(1);
  expect(sent("send"), "the price is asked about first").toHaveLength(0);
});

test("a grid of jobs that are no sweep has nothing to stop", () => {
  const { button } = show(gridOf());
  expect([button("Stop sending"), button("Cancel all"), button("Send…")]).toEqual([undefined, undefined, undefined]);
});

test("a job is cancelled on its tile, once", () => {
  const running = cellOf({ job_id: "r", status: "processing", status_text: "Generating", final: false, clip: null, cancel: "available" });
  const { button, sent, say } = show(gridOf([running]));
  button("Cancel fox · rain")?.click();
  expect(button("Cancelling… fox · rain")?.getAttribute("aria-disabled")).toBe("true");
  button("Cancelling… fox · rain")?.click();
  expect(sent("cancel")).toMatchObject([{ job_id: "r" }]);
  say(gridOf([{ ...running, cancel: "asked" }], { rev: 2 }));
  say(gridOf([{ ...running, cancel: "available" }], { rev: 3 }));
  expect(button("Cancel fox · rain"), "the server refused").toBeDefined();
});

const press = (target: Element, key: string) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
  return event.defaultPrevented;
};

test("a tile with the focus is marked by keys, shows it at once, and 0 takes the rating back", () => {
  const { button, sent, say, told } = show(gridOf());
  press(button("Open fox · rain")!, "4");
  expect(told()).toBe("Rated 4 of 5");
  press(button("Open fox · rain, rated 4")!, "s");
  press(button("Open fox · rain, starred, rated 4")!, "x");
  expect(button("Open fox · rain, rated 4, rejected"), "a reject takes the star away").toBeDefined();
  say(gridOf([cellOf({ rating: 4, rejected: true })], { rev: 2 }));
  press(button("Open fox · rain, rated 4, rejected")!, "0");
  expect(sent("rate")).toMatchObject([{ value: 4 }, { value: null }]);
  expect(sent("star")).toMatchObject([{ value: true }]);
  expect(sent("reject")).toMatchObject([{ value: true }]);
});

test("marks that the kernel could not keep are taken back when it says so", () => {
  const { button, say } = show(gridOf());
  press(button("Open fox · rain")!, "s");
  say(gridOf(undefined, { rev: 2, note: "The history is locked." }));
  expect(button("Open fox · rain")).toBeDefined();
});

test("what the marks say stands in a table for each axis, the best value named", () => {
  const value = { rating: "4.5 of 2", mean: 4.5, starred: 1, rejected: 0, clips: 2, best: true };
  const axis = { axis: "animal", values: [{ ...value, value: "fox" }, { ...value, value: "owl", rating: "", mean: null, best: false }] };
  const { el } = show(gridOf(undefined, { by_axis: [axis] }));
  const table = el.querySelector('table[aria-label="Marks by animal"]')!;
  expect([...table.querySelectorAll("tbody tr")].map((row) => row.textContent)).toEqual(["foxbest4.5 of 21–2", "owl–1–2"]);
});

test("a tile has the bar of actions, and its star and its code reach the kernel", async () => {
  const { el, button, sent, model, told } = show(gridOf());
  const bar = el.querySelector('[role=toolbar][aria-label="Clip actions"]')!;
  expect([...bar.querySelectorAll("button")].map((each) => each.getAttribute("aria-label"))).toEqual(["Again", "Reuse", "Continue", "Download", "Compare", "Star", "More"]);
  button("Star")?.click();
  expect(sent("star")).toMatchObject([{ job_id: "a1", value: true }]);
  expect(button("Star")?.getAttribute("aria-pressed")).toBe("true");
  const copied: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void copied.push(text) } });
  button("Reuse")?.click();
  expect(sent("code")).toMatchObject([{ job_id: "a1" }]);
  model.emit("msg:custom", { type: "code", job_id: "a1", as_magic: "%%seedance\na fox", as_python: "" }, []);
  await vi.waitFor(() => expect(told()).toContain("Copied as a cell"));
  expect(copied).toEqual(["%%seedance\na fox"]);
});

test("again is sent once for a double click, at the price that its button names", () => {
  const { button, sent } = show(gridOf());
  expect(button("Again")?.title).toBe("Again: ≈ $0.50");
  button("Again")?.click();
  button("Again")?.click();
  expect(sent("again")).toMatchObject([{ job_id: "a1", shown_usd: 0.5 }]);
});

test("two to four tiles are compared in the place of the clips", () => {
  const { el, button, sent } = show(gridOf([cellOf(), cellOf({ job_id: "b2", caption: "owl · rain" })]));
  const compare = [...el.querySelectorAll<HTMLButtonElement>('[aria-label="Compare"][aria-pressed]')];
  compare[0]?.click();
  expect(button("Compare 1")?.getAttribute("aria-disabled")).toBe("true");
  compare[1]?.click();
  button("Compare 2")?.click();
  expect(sent("show")).toMatchObject([{ what: "compare", job_ids: ["a1", "b2"] }]);
});

test("More on a tile opens the clip large with what stands behind it, and a deletion can be undone", () => {
  const { el, button, sent, model } = show(gridOf());
  button("More")?.click();
  model.emit("msg:custom", { type: "code", job_id: "a1", as_magic: "%%seedance", as_python: "import" }, []);
  expect(button("Copy as Python")).toBeDefined();
  el.querySelector<HTMLInputElement>('[aria-label="4 of 5"]')?.click();
  expect(sent("rate")).toMatchObject([{ job_id: "a1", value: 4 }]);
  button("Delete")?.click();
  expect(el.querySelector(".sdw-deleting[role=status]")?.textContent).toContain("in 10 s");
  button("Undo")?.click();
  vi.advanceTimersByTime(12_000);
  expect(sent("delete")).toHaveLength(0);
  button("More")?.click();
  button("Delete")?.click();
  vi.advanceTimersByTime(12_000);
  expect(sent("delete")).toMatchObject([{ job_id: "a1" }]);
}, 20_000);

test("Choose takes the place of the clips, and Escape brings them back", async () => {
  const { el, button, sent, model } = show(gridOf());
  button("Choose")?.click();
  expect(sent("show")).toMatchObject([{ what: "choose" }]);
  const view = { el: document.createElement("div"), remove: vi.fn() };
  view.el.append(Object.assign(document.createElement("section"), { tabIndex: -1 }));
  Object.assign(model, { opened: "IPY_MODEL_m1", widget_manager: { get_model: async () => ({}), create_view: async () => view } });
  model.emit("change:opened");
  await vi.waitFor(() => expect(el.contains(view.el)).toBe(true));
  await vi.waitFor(() => expect(document.activeElement?.tagName).toBe("SECTION"));
  expect(button("Play all")).toBeUndefined();
  press(view.el, "Escape");
  expect(sent("show").at(-1)).toMatchObject({ what: "" });
  expect(view.remove).toHaveBeenCalled();
  expect(button("Play all")).toBeDefined();
});

test("choosing goes on by arrows and marks by keys, and tells its place", () => {
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  const { el, sent, told } = show(chooseOf(100));
  const region = el.querySelector('section[aria-label="Choose"]')!;
  expect(region.textContent).toContain("1 of 100");
  for (let i = 0; i < 22; i += 1) press(region, "ArrowRight");
  expect(told()).toBe("23 of 100: take 23");
  press(region, "5");
  press(region, "s");
  expect(sent("rate")).toMatchObject([{ job_id: "c22", value: 5 }]);
  expect(sent("star")).toMatchObject([{ job_id: "c22", value: true }]);
  expect(region.textContent).toContain("1 marked · 1 starred");
  press(region, "ArrowLeft");
  press(region, "x");
  expect(sent("reject")).toMatchObject([{ job_id: "c21", value: true }]);
  expect(region.textContent).toContain("Rejected");
  expect(press(region, "q")).toBe(false);
});

test("a hundred clips are chosen by keyboard alone, two presses each", () => {
  const { el, sent } = show(chooseOf(100));
  const region = el.querySelector("section")!;
  for (let i = 0; i < 100; i += 1) {
    press(region, String((i % 5) + 1));
    press(region, "ArrowRight");
  }
  expect(sent("rate").map((each) => each.job_id)).toEqual(Array.from({ length: 100 }, (_, i) => `c${i}`));
  expect(region.textContent).toContain("100 of 100");
  expect(region.textContent).toContain("100 marked");
});

test("with auto-advance a mark goes on by itself", () => {
  const { el, sent } = show(chooseOf(3));
  const region = el.querySelector("section")!;
  press(region, "a");
  for (const key of ["1", "2", "x"]) press(region, key);
  expect([...sent("rate"), ...sent("reject")].map((each) => each.job_id)).toEqual(["c0", "c1", "c2"]);
});

test("an interrupted choosing goes on at the first clip without a mark", () => {
  const { el } = show(chooseOf(5, [{ rating: 3 }, { rejected: true }]));
  expect(el.querySelector("section")!.textContent).toContain("3 of 5");
});

test("a filter keeps the clips that it began with: one that is marked does not slip away", () => {
  const { el, say } = show(chooseOf(3, [{ rating: 3 }]));
  const region = el.querySelector("section")!;
  const select = region.querySelector("select")!;
  select.value = "unmarked";
  select.dispatchEvent(new Event("change", { bubbles: true }));
  expect(region.textContent).toContain("1 of 2");
  press(region, "2");
  expect(region.textContent).toContain("1 of 2");
  say({ ...chooseOf(4, [{ rating: 3 }, { rating: 2 }]), rev: 2 });
  expect(region.textContent).toContain("1 of 2");
});

test("a clip that comes while a person chooses is the last one", () => {
  const { el, say } = show(chooseOf(2));
  const region = el.querySelector("section")!;
  press(region, "ArrowRight");
  say({ ...chooseOf(3), rev: 2 });
  expect(region.textContent).toContain("2 of 3");
});

test("the next clips are fetched before they are shown, and keys of a list of choices stay its own", () => {
  const { el, sent } = show(chooseOf(10));
  expect(sent("clip").map((each) => each.job_id).sort(), "once each").toEqual(["c0", "c1"]);
  expect(press(el.querySelector("select")!, "ArrowDown")).toBe(false);
  expect(press(el.querySelector("button")!, " ")).toBe(false);
});

test("a cell that has not changed stays the same object, so that it is not drawn again", () => {
  const before = firstGrid(gridOf(), 0);
  const after = hearGrid(before, gridOf(undefined, { rev: 2 }), 1);
  expect(after.view.cells.a1).toBe(before.view.cells.a1);
  expect(hearGrid(after, gridOf([], { rev: 1 }), 2).view).toBe(after.view);
});

test("what a person or a server wrote is only text", () => {
  const nasty = "<img src=x onerror=alert(1)>";
  const { el } = show(gridOf([cellOf({ caption: nasty, prompt: nasty })]));
  expect(el.querySelector("img[src=x]")).toBeNull();
  const compare = show(compareOf({ sides: [sideOf("A", { prompt: nasty, spans: [{ text: nasty, marked: true }] }), sideOf("B")] }));
  expect(compare.el.querySelector("mark")?.textContent).toBe(nasty);
});

test("compare marks the words that differ and lists the options", () => {
  const { el } = show(compareOf());
  expect([...el.querySelectorAll("mark")].map((each) => each.textContent)).toEqual(["A", "B"]);
  expect(el.querySelector("table")?.textContent).toBe("ABDuration4 s5 s");
  expect(el.textContent).toContain("The same: Model seedance-2.0");
});

test("a pick is posted, shown and said", () => {
  const { button, sent, say, told } = show(compareOf());
  button("Pick B")?.click();
  expect(sent("pick")).toMatchObject([{ job_id: "b", value: true }]);
  say(compareOf({ rev: 2, winner: "b" }));
  expect(button("★ B wins")?.getAttribute("aria-pressed")).toBe("true");
  expect(told()).toBe("B is the winner");
  button("★ B wins")?.click();
  expect(sent("pick")[1]).toMatchObject({ job_id: "b", value: false });
});

test("keys reach the transport, but not those that a list of choices needs", () => {
  const { el, button } = show(compareOf());
  const root = el.querySelector(".sdw-compare")!;
  press(root, "l");
  expect(button("Loop")?.getAttribute("aria-pressed")).toBe("false");
  press(root, "w");
  expect(el.querySelector("[role=slider]")?.getAttribute("aria-valuenow")).toBe("50");
  press(el.querySelector("[role=slider]")!, "ArrowLeft");
  expect(el.querySelector("[role=slider]")?.getAttribute("aria-valuenow")).toBe("48");
  expect(press(el.querySelector("select")!, "ArrowDown")).toBe(false);
  expect(press(button("Loop")!, " ")).toBe(false);
  press(root, ">");
  expect(el.querySelector("select")?.value).toBe("1.25");
});

test("clips of different shapes share one height, and nothing lies on a picture", () => {
  const tall = { ...CLIP, width: 9, height: 16 };
  const { el } = show(compareOf({ sides: [sideOf("A"), sideOf("B", { clip: tall })] }));
  const room = el.querySelector<HTMLElement>(".sdw-panes-room")!;
  expect(room.style.getPropertyValue("--sdw-shapes")).toBe("minmax(0, 1.7778fr) minmax(0, 0.5625fr)");
  expect([...el.querySelectorAll(".sdw-screen")].map((each) => each.textContent)).toEqual(["", ""]);
});

test("each side has the bar of actions, whose More takes keys that mean something else elsewhere", () => {
  const { el, button, sent } = show(compareOf());
  expect(el.querySelectorAll('[role=toolbar][aria-label="Clip actions"]')).toHaveLength(2);
  button("Star")?.click();
  expect(sent("star")).toMatchObject([{ job_id: "a", value: true }]);
  button("More")?.click();
  const tags = el.querySelector<HTMLInputElement>('[aria-label="Tags"]')!;
  expect(press(tags, "l"), "no loop while a person writes").toBe(false);
  expect(button("Loop")?.getAttribute("aria-pressed")).toBe("true");
  button("Again")?.click();
  button("Again")?.click();
  expect(sent("again")).toMatchObject([{ job_id: "a", shown_usd: 0.5 }]);
});

test("a star from before marks no winner", () => {
  const { button } = show(compareOf({ sides: [sideOf("A", { starred: true }), sideOf("B")] }));
  expect(button("Pick A")?.getAttribute("aria-pressed")).toBe("false");
});

test("three clips have no wipe", () => {
  const { button } = show(compareOf({ jobs: 3, sides: [sideOf("A"), sideOf("B"), sideOf("C")] }));
  expect(button("Wipe")).toBeUndefined();
});

test("a view that is taken away stops listening and lets go of its pictures", () => {
  const { model, cleanUp, el } = show(gridOf());
  model.emit("msg:custom", { type: "poster", job_id: "a1" }, [new DataView(new ArrayBuffer(4))]);
  cleanUp();
  expect(model.listeners).toEqual([]);
  expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:1");
  expect(el.childElementCount).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("speeds go up and down and stop at the ends", () => {
  expect([speedFrom(1, 1), speedFrom(1, -1), speedFrom(2, 1), speedFrom(0.25, -1)]).toEqual([1.25, 0.75, 2, 0.25]);
});

test("at most two clips are pulled at once, and one the server refuses comes from the kernel", () => {
  const asked: string[] = [];
  const sources = new Sources("/", (id) => asked.push(id), () => undefined);
  const wanted = ["a", "b", "c"].map((job_id) => ({ job_id, url: job_id === "c" ? "files/c.mp4" : null, clip: CLIP }));
  sources.want(wanted);
  expect(asked).toEqual(["a", "b"]);
  expect(sources.url(wanted[2]!)).toBe("/files/c.mp4");
  sources.refused("c");
  sources.want(wanted);
  expect(asked).toEqual(["a", "b"]);
  sources.hear({ type: "clip", job_id: "a", offset: 0, total_bytes: 6 }, [new DataView(new ArrayBuffer(6))]);
  sources.want(wanted);
  expect(asked).toEqual(["a", "b", "c"]);
  sources.stop();
});

test("what was pulled stays the address of a clip, and what is still coming gives way to the server's file", () => {
  const sources = new Sources("/", () => undefined, () => undefined);
  const [pulled, coming] = ["a", "b"].map((job_id) => ({ job_id, url: null as string | null, clip: CLIP }));
  sources.want([pulled!, coming!]);
  sources.hear({ type: "clip", job_id: "a", offset: 0, total_bytes: 6 }, [new DataView(new ArrayBuffer(6))]);
  const found = [{ ...pulled!, url: "files/a.mp4" }, { ...coming!, url: "files/b.mp4" }];
  sources.want(found);
  sources.hear({ type: "clip", job_id: "b", offset: 0, total_bytes: 6 }, [new DataView(new ArrayBuffer(6))]);
  expect(found.map((each) => sources.url(each))).toEqual(["blob:1", "/files/b.mp4"]);
  sources.stop();
});

class FakePlayer implements Player {
  currentTime = 0;
  paused = true;
  seeking = false;
  readyState = 4;
  playbackRate = 1;
  constructor(public duration: number) {}
  get ended(): boolean {
    return this.currentTime >= this.duration;
  }
  async play(): Promise<void> {
    this.paused = false;
  }
  pause(): void {
    this.paused = true;
  }
}

function together(players: FakePlayer[], strict = true) {
  const step = new InStep(() => players, { strict, loop: false, tell: () => undefined });
  mounted.push(() => step.stop());
  const frame = () => vi.advanceTimersByTime(17);
  return { step, frame };
}

/** The decoders of a loose group have started. */
const warm = () => vi.advanceTimersByTime(300);

test("in a grid all start slowly, and get going together once the last one has started", () => {
  const players = [new FakePlayer(5), new FakePlayer(5)];
  const { step, frame } = together(players, false);
  step.play();
  frame();
  expect(players.map(({ paused, playbackRate }) => [paused, playbackRate])).toEqual([[false, 0.0625], [false, 0.0625]]);
  players[0]!.currentTime = 0.01;
  frame();
  expect(players.map(({ playbackRate }) => playbackRate)).toEqual([0.0625, 0.0625]);
  players[1]!.currentTime = 0.002;
  frame();
  expect(players.map(({ playbackRate }) => playbackRate)).toEqual([1, 1]);
});

test("in a grid one decoder that does not start keeps the others waiting a moment only", () => {
  const players = [new FakePlayer(5), new FakePlayer(5)];
  const { step, frame } = together(players, false);
  step.play();
  frame();
  players[0]!.currentTime = 0.01;
  warm();
  expect(players[0]!.playbackRate).toBe(1);
});

test("all begin together, and only when each is ready", () => {
  const players = [new FakePlayer(5), new FakePlayer(4)];
  players[1]!.readyState = 1;
  const { step, frame } = together(players);
  step.play();
  frame();
  expect(players.map(({ paused }) => paused)).toEqual([true, true]);
  players[1]!.readyState = 4;
  frame();
  expect(players.map(({ paused }) => paused)).toEqual([false, false]);
});

test("a small drift is nudged away, a large one stops all until they are together", () => {
  const players = [new FakePlayer(5), new FakePlayer(5)];
  const { step, frame } = together(players);
  step.play();
  frame();
  [players[0]!.currentTime, players[1]!.currentTime] = [1, 0.985];
  frame();
  expect(players[1]!.playbackRate).toBeCloseTo(1.09);
  expect(players[1]!.paused).toBe(false);
  players[1]!.currentTime = 0.9;
  players[1]!.readyState = 1;
  frame();
  expect(players.map(({ paused, currentTime }) => [paused, currentTime])).toEqual([[true, 1], [true, 1]]);
});

test("after a stop each is sent to its place, the one that they wait for too: it ran on a little unseen", () => {
  const sent: [string, number][] = [];
  const players = ["ahead", "behind"].map((name) => {
    const player = new FakePlayer(5);
    const { currentTime } = player;
    let at = currentTime;
    Object.defineProperty(player, "currentTime", { get: () => at, set: (to: number) => (sent.push([name, to]), (at = to)) });
    return player;
  });
  const { step, frame } = together(players);
  step.play();
  frame();
  [players[0]!.currentTime, players[1]!.currentTime] = [1, 0.9];
  sent.length = 0;
  frame();
  expect(sent).toEqual([["ahead", 1], ["behind", 1]]);
});

test("in a grid one that falls behind jumps after the others, who do not wait", () => {
  const players = [new FakePlayer(5), new FakePlayer(5)];
  const { step, frame } = together(players, false);
  step.play();
  frame();
  warm();
  [players[0]!.currentTime, players[1]!.currentTime] = [2, 1];
  frame();
  expect(players[0]!.paused).toBe(false);
  expect(players[1]!.currentTime).toBe(2);
});

test("a clip that comes in sight while others play joins them, and does not lead them back", () => {
  const players = [new FakePlayer(5)];
  const { step, frame } = together(players, false);
  step.play();
  frame();
  warm();
  players[0]!.currentTime = 2;
  players.unshift(new FakePlayer(5));
  frame();
  expect(players.map(({ currentTime, paused }) => [currentTime, paused])).toEqual([[2, false], [2, false]]);
});

test("the shorter clip holds its last frame while the longer one goes on", () => {
  const players = [new FakePlayer(5), new FakePlayer(4)];
  const { step, frame } = together(players);
  step.seek(4.5);
  expect(players.map(({ currentTime }) => currentTime)).toEqual([4.5, 4]);
  step.play();
  frame();
  frame();
  expect(players[0]!.paused).toBe(false);
  players[0]!.currentTime = 5;
  frame();
  expect(step.playing).toBe(false);
  expect(step.time).toBe(5);
});

test("a step goes to the middle of the next frame and stops there", () => {
  const players = [new FakePlayer(5), new FakePlayer(5)];
  const { step } = together(players);
  step.step(1, 10);
  expect(step.time).toBeCloseTo(0.15);
  step.step(-1, 10);
  step.step(-1, 10);
  expect(step.time).toBeCloseTo(0.05);
  step.seek(99);
  step.step(1, 10);
  expect(step.time).toBeCloseTo(4.95);
});
