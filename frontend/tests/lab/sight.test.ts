// Which job a person has before the eyes, in the markup of whatever shows one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LargeView } from "../../lab/src/large";
import { Model } from "../../lab/src/model";
import { Orders } from "../../lab/src/orders";
import { JobsView } from "../../lab/src/panel-mount";
import { FIRST_PLACE } from "../../lab/src/panel-state";
import { isInSight } from "../../lab/src/sight";
import card from "../../src/card";
import { Undo } from "../../src/shared/undo";
import studio from "../../src/studio";
import grid from "../../src/views";
import choose from "../../src/views/choose-index";
import compare from "../../src/views/compare-index";
import * as panels from "../../src/views/panels";
import { take } from "../../src/views/parts";
import { FakeModel, finished, viewOf } from "../fakes";
import { doneJob, FakeModel as StudioModel, jobsOf, studioOf } from "../studio-fakes";
import { cellOf, chooseOf, compareOf, FakeObserver, gridOf, sideOf } from "../views-fakes";
import { FakeServer, jobOf } from "./fakes";

const POSTER = "data:image/jpeg;base64,AA==";
const ID = "k3f9x2ab";
let leave: (() => void)[] = [];
/** What lies on top where the deciding function looks. */
let top: Element | null = null;

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  take(panels);
  const config = document.body.appendChild(document.createElement("script"));
  config.id = "jupyter-config-data";
  config.textContent = '{"baseUrl": "/lab/"}';
  vi.stubGlobal("IntersectionObserver", FakeObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:1");
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(function (this: Element) {
    return this.closest("[hidden]") ? new DOMRect(0, 0, 0, 0) : new DOMRect(10, 10, 100, 100);
  });
  document.elementFromPoint = () => top;
});
afterEach(() => {
  for (const each of leave) each();
  leave = [];
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What draws itself into an element: the module of a widget. */
interface Drawer {
  render(context: { model: never; el: HTMLElement }): () => void;
}

function draw(module: Drawer, model: unknown): HTMLElement {
  const el = document.body.appendChild(document.createElement("div"));
  leave.push(module.render({ model: model as never, el }));
  vi.advanceTimersByTime(1000);
  return el;
}

function drawView(module: Drawer, view: { kind: string }): HTMLElement {
  const model = new FakeModel(view);
  model.get = ((name: string) => (name === "opened" ? "" : view)) as typeof model.get;
  return draw(module, model);
}

const studioWith = (traits: Record<string, unknown>) => draw(studio, new StudioModel(traits));
const press = (el: Element, name: string) =>
  [...el.querySelectorAll("button")].find((each) => (each.getAttribute("aria-label") ?? each.textContent)?.startsWith(name))!.click();

async function drawLab(view: "panel" | "large"): Promise<HTMLElement> {
  const server = new FakeServer([jobOf({ id: ID, has_poster: true })]);
  const model = new Model(server.api, "0.1.0");
  const orders: Orders = new Orders(server.api, new Undo(async () => {}, () => orders.tell(null)), { insert: () => {}, say: () => {} });
  const host = { open: () => {}, studio: () => {}, keep: () => {}, desktop: () => "off" as const, allow: async () => {} };
  const drawn = view === "large" ? new LargeView(ID, server.api, model, orders, () => {}) : new JobsView(server.api, model, orders, host);
  leave.push(() => drawn.stop());
  document.body.append(drawn.root);
  await model.look();
  if (drawn instanceof JobsView) {
    drawn.restore(FIRST_PLACE);
    drawn.show(true);
  }
  await vi.advanceTimersByTimeAsync(100);
  return drawn.root;
}

/** An output that 0.1.0 wrote into a notebook, and its job. */
function drawSaved(): Element {
  const notebook = JSON.parse(readFileSync(join(import.meta.dirname, "../../../tests/golden/history-0.1.0/project/first.ipynb"), "utf8")) as {
    cells: { outputs?: { data?: Record<string, string[]> }[] }[];
  };
  const outputs = notebook.cells.flatMap(({ outputs = [] }) => outputs.map(({ data }) => data?.["text/html"]?.join("") ?? ""));
  const saved = outputs.find((html) => html.includes("sdw-durable"))!.replaceAll("4z2mwfew", ID);
  document.body.append(...new DOMParser().parseFromString(saved, "text/html").body.childNodes);
  return document.body.querySelector(".sdw-durable video")!;
}

const clip = { job_id: ID, prompt: "a fox", url: null, poster_url: null, has_poster: true, starred: false };
const sides = [sideOf("A", { url: "files/a.mp4" }), sideOf("B", { job_id: ID, url: "files/b.mp4" })];

/** Each draws one thing that shows the job, and answers its picture. */
const SHOWS: Record<string, () => Element | null | Promise<Element | null>> = {
  "a card": () => draw(card, new FakeModel(finished({ poster: POSTER }))).querySelector("img"),
  "a card that says why it failed": () => draw(card, new FakeModel(viewOf({ status: "failed", final: true }))).querySelector(".sdw-status"),
  "the Studio's stage": () => studioWith({ selected: ID, view: studioOf({ stage: doneJob() }) }).querySelector(".sdw-side .sdw-stage > *"),
  "a row of the Studio": () => studioWith({ jobs_page: jobsOf([doneJob()]) }).querySelector(".sdw-poster"),
  "a frame of the filmstrip": () => studioWith({ film: { clips: [{ ...clip, poster_url: "files/fox.jpg" }] } }).querySelector(".sdw-film img"),
  "a tile of the grid": () => drawView(grid, gridOf([cellOf({ job_id: ID })])).querySelector(".sdw-cell-open"),
  "the stage of the grid": () => {
    const el = drawView(grid, gridOf([cellOf({ job_id: ID, url: "files/fox.mp4" })]));
    press(el, "Open");
    return el.querySelector(".sdw-stage-below video");
  },
  "a side of Compare": () => drawView(compare, compareOf({ sides })).querySelector(".sdw-pane:last-child video"),
  "a wipe of Compare, whose edge lies over both": () => {
    const el = drawView(compare, compareOf({ sides }));
    press(el, "Wipe");
    return el.querySelector(".sdw-wipe");
  },
  "the stage of Choose": () => drawView(choose, chooseOf(1, [{ job_id: ID, url: "files/fox.mp4" }])).querySelector(".sdw-choose-stage video"),
  "a small picture of Choose": () => drawView(choose, chooseOf(3, [{}, {}, { job_id: ID }])).querySelector(".sdw-choose-small:last-child"),
  "a row of the panel": async () => (await drawLab("panel")).querySelector(".sdw-lab-poster"),
  "the large view": async () => (await drawLab("large")).querySelector("video"),
  "an output that 0.1.0 saved": drawSaved,
};

test.each(Object.entries(SHOWS))("%s shows its job to a person, and shows nothing where something lies over it", async (_, draws) => {
  top = await draws();
  expect(top).toBeInstanceOf(Element);
  expect([isInSight(ID), isInSight("another")]).toEqual([true, false]);
  top = document.body.appendChild(document.createElement("dialog"));
  expect(isInSight(ID)).toBe(false);
});

/** Each names the job and shows another. */
const NAMES: Record<string, () => Element | null> = {
  "the Studio's stage, of a clip that was made from it,": () =>
    studioWith({ selected: "child123", view: studioOf({ stage: doneJob({ job_id: "child123", parent_id: ID }) }) }).querySelector(".sdw-footer .sdw-link"),
  "a card with it in the prompt": () => draw(card, new FakeModel(finished({ job_id: "child123", prompt: `job ${ID} once more` }))).querySelector(".sdw-prompt-text"),
  "what Compare says of both clips": () => drawView(compare, compareOf({ sides })).querySelector(".sdw-side-of:last-child code"),
  "a saved output with it in the prompt": () => {
    const picture = drawSaved();
    picture.parentElement!.querySelector("p")!.textContent = `job ${ID} once more`;
    for (const line of picture.parentElement!.querySelectorAll("div")) line.textContent = line.textContent.replace(ID, "child123");
    return picture;
  },
};

test.each(Object.entries(NAMES))("%s names a job and does not show it", (_, draws) => {
  top = draws();
  expect(document.body.textContent).toContain(ID);
  expect(isInSight(ID)).toBe(false);
});

test("a clip that Choose has loaded for later is not seen yet", () => {
  const el = drawView(choose, chooseOf(2, [{ url: "files/a.mp4" }, { job_id: ID, url: "files/b.mp4" }]));
  top = el.querySelector("video[hidden]");
  expect((top as HTMLElement).dataset.sdwJob).toBe(ID);
  expect(isInSight(ID)).toBe(false);
});

test.each([
  ["a card", () => draw(card, new FakeModel(viewOf())).querySelector(".sdw-status")],
  ["a tile", () => drawView(grid, gridOf([cellOf({ job_id: ID, status: "processing", status_text: "Generating", final: false, clip: null })])).querySelector(".sdw-cell-box")],
] as const)("%s shows its job while the kernel gives a sign of life, and not how it ended after that", (_, draws) => {
  top = draws();
  expect(isInSight(ID)).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(isInSight(ID)).toBe(false);
});

test("nothing is seen in a tab that is hidden, nor what is scrolled away or folded", () => {
  top = SHOWS["a card"]!() as Element;
  expect(isInSight(ID)).toBe(true);
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  expect(isInSight(ID)).toBe(false);
  hidden.mockReturnValue(false);
  const away = vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(10, innerHeight + 500, 100, 100));
  document.elementFromPoint = (_, y) => (y < innerHeight ? top : null); // as a browser answers for what is outside its window
  expect(isInSight(ID)).toBe(false);
  away.mockReturnValue(new DOMRect(0, 0, 0, 0));
  expect(isInSight(ID)).toBe(false);
});
