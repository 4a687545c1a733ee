// The grid, Choose and Compare in other languages.
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { speak } from "../src/shared/words";
import views from "../src/views";
import chooseModule from "../src/views/choose-index";
import compareModule from "../src/views/compare-index";
import * as panels from "../src/views/panels";
import { take } from "../src/views/parts";
import type { ChooseView, CompareView, GridView } from "../src/views/view";
import { knowTranslate, marking, unmarked } from "./catalogue";
import { ESTIMATE, FakeModel, onFakePage } from "./fakes";
import { cellOf, chooseOf, compareOf, FakeObserver, gridOf, sideOf } from "./views-fakes";

const words = marking("card", "clips", "grid");
const mounted: (() => void)[] = [];

beforeAll(knowTranslate);
onFakePage(mounted);
beforeEach(() => {
  take(panels);
  vi.stubGlobal("IntersectionObserver", FakeObserver);
});
afterEach(() => {
  speak({});
  vi.unstubAllGlobals();
});

function show(view: GridView | CompareView | ChooseView) {
  const model = Object.assign(new FakeModel(view), { words });
  const traits: Record<string, unknown> = { opened: "", words, view };
  model.get = (name = "view") => traits[name];
  const el = document.body.appendChild(document.createElement("div"));
  const { render } = { grid: views, compare: compareModule, choose: chooseModule }[view.kind as "grid"];
  mounted.push(render({ model: model as never, el }));
  vi.advanceTimersByTime(1000);
  return { el, model };
}

/** What is data in these views: names, figures, keys, and what a person wrote. */
const DATA = /^(seedance-[\w.-]+|\d+:\d+|\d+p|[\w-]+\.mp4|\d+ B|[≈<]? ?\$[\d.,]+|%%seedance|\d+: take \d+)$/;

function english(root: Element): string[] {
  const parts = unmarked(root).flatMap((text) => text.split(/ · |\s{2,}/)).map((text) => text.replaceAll(/^· ?| ?·$/g, "").trim());
  return [...new Set(parts)].filter((text) => /[a-z]{2}/i.test(text) && !DATA.test(text));
}

test("the grid has no text that is in no catalogue, also while jobs run and with a clip open", () => {
  const running = cellOf({ job_id: "b", caption: "owl", status: "processing", status_text: "Generating", final: false, clip: null, estimate: ESTIMATE, cancel: "available" });
  const marked = cellOf({ job_id: "c", caption: "cat", starred: true, rating: 4 });
  const question = { id: "q", text: "x", send: "Send 3 jobs" };
  const taught = [{ axis: "animal", values: [{ value: "fox", rating: "4.5", mean: 4.5, starred: 1, rejected: 1, clips: 2, best: true }] }];
  const { el } = show(gridOf([cellOf(), running, marked], { summary: "2 of 3 ready · 1 under way", final: false, question, by_axis: taught as never, sweep: { sending: true, running: 1, unsent: 2 } as never }));
  el.querySelector<HTMLElement>("[data-cell=a1]")!.click();
  vi.advanceTimersByTime(1000);
  expect(english(el).filter((text) => !["x", "animal / weather"].includes(text))).toEqual([]); // what is asked, and the axes
});

test("Choose has no text that is in no catalogue", () => {
  expect(english(show(chooseOf(3, [{ starred: true }, { rejected: true }])).el)).toEqual([]);
  expect(english(show(chooseOf(0)).el)).toEqual([]);
});

test("Compare has no text that is in no catalogue", () => {
  expect(english(show(compareOf()).el)).toEqual([]);
  expect(english(show(compareOf({ winner: "a", same: [], differences: [], note: "Sent once more as job a1b2; it is in the history." })).el)).toEqual([]);
});

test("captions, prompts, values and notes are a person's own", () => {
  const cell = cellOf({ caption: "Cancel", prompt: "Delete", note: "Star" });
  const { el } = show(gridOf([cell], { groups: [{ heading: "", corner: "Sound", columns: ["Play"], rows: [{ heading: "Loop", cells: [["a1"]] }] }] }));
  el.querySelector<HTMLElement>("[data-cell=a1]")!.click();
  vi.advanceTimersByTime(1000);
  expect([...el.querySelectorAll("th")].map((each) => each.textContent)).toEqual(["Play", "Loop"]);
  expect(el.querySelector(".sdw-corner")?.textContent).toBe("Sound");
  expect(el.querySelector(".sdw-stage-below .sdw-prompt-text")?.textContent).toBe("Delete");
  expect(el.querySelector(".sdw-stage-note")?.textContent).toBe("Star");
  expect(el.querySelector("[data-cell=a1]")?.getAttribute("aria-label")).toBe("«Open Cancel»");
  const compare = show(compareOf({ sides: [sideOf("A", { spans: [{ text: "Cancel", marked: true }, { text: "Delete", marked: false }] }), sideOf("B")] })).el;
  expect(compare.querySelector(".sdw-sides .sdw-prompt-text")?.textContent).toBe("CancelDelete");
});
