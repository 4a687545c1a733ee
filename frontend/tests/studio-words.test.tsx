// The Studio in other languages.
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { STATES } from "../dev/studio-states.js";
import { speak } from "../src/shared/words";
import type { JobView } from "../src/studio/view";
import { knowTranslate, marking, unmarked } from "./catalogue";
import { doneJob, jobOf, jobsOf, requestOf, studioOf } from "./studio-fakes";
import { mountStudio } from "./studio-page";

const words = marking("card", "clips", "studio");

beforeAll(knowTranslate);
beforeEach(() => vi.stubGlobal("ResizeObserver", class { observe() {} disconnect() {} }));
afterEach(() => speak({}));

function show(traits: Record<string, unknown>) {
  const shown = mountStudio({ words, ...traits });
  const press = (name: string) => {
    const marked = [...shown.el.querySelectorAll<HTMLElement>("button, summary")].find((each) => [each.getAttribute("aria-label"), each.textContent].includes(`«${name}»`));
    if (!marked) throw new Error(`There is no button ${name}`);
    marked.click();
    vi.advanceTimersByTime(50);
  };
  return { ...shown, press };
}

/** What is data in these states: names, figures, links, and the server's own words. */
const DATA = [/^(seedance-[\w.-]+|\d+:\d+|\d+p|[\d.]+ [kM]B|Simulator|[≈<]? ?\$[\d.,]+|https?:\S+|[\w.-]+\.\w{3,4}|[\w -]+\.example(\.com)?)$/, /^(\w+ )?\w{3} \d+, \d{4}/];
const SERVER = ["Ctrl+Enter", "highest quality, multimodal", "highest quality", "faster turnaround", "lower cost"];

function english(root: Element): string[] {
  const parts = unmarked(root).flatMap((text) => text.split(/ · |\s{2,}/)).map((text) => text.replaceAll(/^· ?| ?·$|^“|”$/g, "").trim());
  return [...new Set(parts)].filter((text) => /[a-z]{2}/i.test(text) && !SERVER.includes(text) && !DATA.some((each) => each.test(text)));
}

const plain = (job: JobView): JobView => ({ ...job, problem: job.problem && { ...job.problem, title: "Not enough credits", what: "", next: "", details: "" }, download: job.download && { ...job.download, problem: null }, estimate: job.estimate && { ...job.estimate, source: "from 12 earlier jobs like this" } });

test.each(Object.entries(STATES))("the Studio has no text that is in no catalogue: %s", (_, { view, jobs, request, selected = "", older }) => {
  const items = (Array.isArray(jobs) ? (jobs as JobView[]) : []).slice(0, 12).map(plain);
  const stage = items.find(({ job_id }) => job_id === selected) ?? null;
  const problem = view.problem && "It cannot";
  const { el } = show({ ...request, selected, view: studioOf({ ...view, problem: problem ?? null, stage }), jobs_page: jobsOf(items, { pages: 3, tags: ["rain"] }) });
  vi.advanceTimersByTime(older ?? 3000);
  expect(english(el).filter((text) => text !== problem)).toEqual([]);
});

test("what stands behind buttons is in the catalogue, too", () => {
  const { el, model, press } = show({ selected: "a", view: studioOf({ stage: doneJob({ job_id: "a" }) }), jobs_page: jobsOf([doneJob({ job_id: "a" }), doneJob({ job_id: "b" })]) });
  press("Caps");
  press("Saved prompts");
  press("More");
  expect(english(el)).toEqual([]);
  const { click_id } = model.all("prompts")[0]!;
  model.emit("msg:custom", { type: "prompts", click_id, items: [{ name: "Cancel", request: requestOf({ prompt: "Delete" }), text: "" }], file: "seedance_prompts.toml", problem: "", taken: "", saved: "x" });
  vi.advanceTimersByTime(50);
  expect(english(el)).toEqual([]);
  expect(el.querySelector(".sdw-saved-prompt")?.textContent).toMatch(/^CancelDelete/);
});

test("what is done with several jobs is in the catalogue, too, and so is Undo", () => {
  const { el, press } = show({ jobs_page: jobsOf([doneJob({ job_id: "a", prompt: "fox" }), doneJob({ job_id: "b", prompt: "owl" })]) });
  for (const prompt of ["fox", "owl"]) press(`Select: ${prompt}`);
  press("Tag");
  press("Export");
  expect(english(el)).toEqual([]);
  const bar = el.querySelector("[aria-label='«Selected jobs»']")!;
  [...bar.querySelectorAll("button")].find((each) => each.textContent === "«Delete»")!.click();
  vi.advanceTimersByTime(1000);
  expect(bar.textContent).toMatch(/«Deleting 2 jobs and their files in \d+ s\./);
  expect(english(el)).toEqual([]);
});

test("of a person's own nothing is translated: prompts, notes, tags, files and saved names", () => {
  const job = doneJob({ job_id: "a", prompt: "Cancel", note: "Delete", tags: ["Star"], clip: { ...doneJob().clip!, filename: "Undo" } });
  const { el } = show({ prompt: "Again", selected: "a", view: studioOf({ stage: job }), jobs_page: jobsOf([job], { tags: ["Star"] }), film: { clips: [{ job_id: "a", prompt: "Cancel", starred: false, has_poster: false, poster_url: null, url: null }] } });
  const text = (selector: string) => el.querySelector(selector)?.textContent;
  expect(text(".sdw-job-prompt")).toBe("Cancel");
  expect(text(".sdw-prompt-text")).toBe("Cancel");
  expect(text(".sdw-job-note")).toBe("Delete");
  expect(text(".sdw-tag")).toBe("Star");
  expect(text(".sdw-file span")).toBe("Undo");
  expect([...el.querySelectorAll("option")].map((each) => each.textContent)).toContain("Star");
  expect(el.querySelector(".sdw-film-frame")?.getAttribute("aria-label")).toBe("Cancel");
  expect(el.querySelector(".sdw-pick")?.getAttribute("aria-label")).toBe("«Show: Cancel»");
  expect(el.querySelector("textarea")?.value).toBe("Again");
});

test("a Studio that stands there in English is drawn anew when its catalogue comes, and its form stays", () => {
  const { el, model } = show({ words: {}, jobs_page: jobsOf([jobOf({ job_id: "a" })]) });
  const field = el.querySelector("textarea")!;
  field.value = "a boat";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  model.set("words", words);
  model.show({});
  expect(english(el)).toEqual([]);
  expect(el.querySelector("textarea")?.value).toBe("a boat");
});
