// The filmstrip beside the stage.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import studio from "../src/studio";
import type { FilmView } from "../src/studio/view";
import { hostSays, SERVED } from "./fakes";
import { doneJob, FakeModel, jobOf, studioOf } from "./studio-fakes";

const mounted: (() => void)[] = [];
const clip = (job_id: string, part: Partial<FilmView> = {}): FilmView => ({ job_id, prompt: `a ${job_id}`, url: `files/${job_id}.mp4`, poster_url: `files/${job_id}.jpg`, has_poster: true, starred: false, ...part });
const THREE = [clip("fox"), clip("boat", { starred: true }), clip("owl")];

let observers: { tell: (entries: object[]) => void; seen: Element[] }[] = [];

function show(traits: Record<string, unknown> = {}) {
  hostSays(SERVED);
  const model = new FakeModel({ film: { clips: THREE }, ...traits });
  const el = document.body.appendChild(document.createElement("div"));
  mounted.push(studio.render({ model, el }));
  const film = () => el.querySelector<HTMLElement>('[role=list][aria-label="Filmstrip"]')!;
  const frames = () => [...film().querySelectorAll("button")];
  const key = (name: string) => document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
  const playing = () => [...film().querySelectorAll("video")].map((each) => [each.getAttribute("src"), each.muted, each.loop]);
  return { model, el, film, frames, key, playing };
}

const drawn = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  observers = [];
  vi.stubGlobal("IntersectionObserver", class {
    seen: Element[] = [];
    constructor(readonly tell: (entries: object[]) => void) {
      observers.push(this);
    }
    observe(each: Element): void {
      this.seen.push(each);
    }
    disconnect(): void {
      this.seen = [];
    }
  });
});
afterEach(() => {
  while (mounted.length) mounted.pop()?.();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("the newest clips are buttons named by their prompts, with posters as plain pictures", () => {
  const { frames, film } = show();
  expect(frames().map((each) => [each.getAttribute("aria-label"), each.querySelector("img")?.getAttribute("src")])).toEqual([
    ["a fox", "/lab/files/fox.jpg"], ["a boat", "/lab/files/boat.jpg"], ["a owl", "/lab/files/owl.jpg"],
  ]);
  expect(film().querySelectorAll("video")).toHaveLength(0);
});

test("without clips there is no filmstrip", () => {
  expect(show({ film: {} }).film()).toBeNull();
});

test("what is pointed at or has the focus plays without sound, one at a time", async () => {
  const { frames, film, playing } = show();
  frames()[0]!.dispatchEvent(new MouseEvent("mouseenter"));
  await drawn();
  expect(playing()).toEqual([["/lab/files/fox.mp4", true, true]]);
  frames()[2]!.focus();
  await drawn();
  expect(playing()).toEqual([["/lab/files/owl.mp4", true, true]]);
  frames()[2]!.blur();
  await drawn();
  film().dispatchEvent(new MouseEvent("mouseleave"));
  await drawn();
  expect(playing()).toEqual([]);
});

test("nothing plays for a person who wants less motion", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  const { frames, playing } = show();
  frames()[0]!.focus();
  await drawn();
  expect(playing()).toEqual([]);
});

test("it is one focus stop: the arrows move, Home and End go to the ends, and a press opens on the stage", async () => {
  const { frames, key, model } = show();
  expect(frames().filter((each) => each.tabIndex === 0)).toHaveLength(1);
  frames()[0]!.focus();
  key("ArrowDown");
  expect(document.activeElement).toBe(frames()[1]);
  key("ArrowRight");
  expect(document.activeElement).toBe(frames()[2]);
  key("ArrowUp");
  key("Home");
  expect(document.activeElement).toBe(frames()[0]);
  key("End");
  (document.activeElement as HTMLElement).click();
  await drawn();
  expect(model.traits.selected).toBe("owl");
  expect(frames().map((each) => each.getAttribute("aria-current"))).toEqual(["false", "false", "true"]);
  expect(document.activeElement).toBe(frames()[2]);
});

test("a clip that is opened loops on the stage", () => {
  const job = doneJob({ job_id: "fox", url: "files/fox.mp4" });
  const { el } = show({ selected: "fox", view: studioOf({ stage: job }) });
  expect(el.querySelector<HTMLVideoElement>(".sdw-side .sdw-stage video")?.loop).toBe(true);
});

test("a poster that no server has is asked for when its frame comes into sight, and not before", async () => {
  const { model, film } = show({ film: { clips: [clip("fox", { url: null, poster_url: null }), clip("boat")] } });
  await drawn();
  const [sight] = observers;
  expect(sight?.seen.map((each) => (each as HTMLElement).dataset.sdwJob)).toEqual(["fox"]);
  expect(model.all("poster")).toEqual([]);
  sight!.tell([{ target: sight!.seen[0], isIntersecting: true }]);
  expect(model.all("poster")).toMatchObject([{ job_id: "fox" }]);
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:1");
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  model.answer({ type: "poster", job_id: "fox" }, "jpeg");
  expect(film().querySelector("img")?.getAttribute("src")).toBe("blob:1");
});

test("a poster that the server does not give after all is asked for", () => {
  const { frames, model } = show();
  frames()[0]!.querySelector("img")!.dispatchEvent(new Event("error"));
  expect(model.all("poster")).toMatchObject([{ job_id: "fox" }]);
});

test("new clips come in front, and those that stay are the same elements", () => {
  const { model, frames } = show();
  const before = frames();
  model.set("film", { clips: [clip("new"), ...THREE] });
  expect(frames()).toHaveLength(4);
  expect(frames().slice(1)).toEqual(before);
});

test("while a job runs its progress stands large on the stage", () => {
  const job = jobOf();
  const { el } = show({ selected: job.job_id, view: studioOf({ stage: job }) });
  const stage = el.querySelector(".sdw-side .sdw-stage")!;
  expect(stage.querySelector('[role=progressbar][aria-label="Generation progress"]')).not.toBeNull();
  expect(stage.textContent).toContain("Generating");
  expect(el.querySelectorAll(".sdw-side [role=progressbar]")).toHaveLength(1);
});
