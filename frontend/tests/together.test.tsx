// The list: filters for tags and ratings, choosing several jobs, and what is done with them together.
import { expect, test, vi } from "vitest";
import { STATUS_WORDS } from "../src/shared/search";
import { doneJob, jobOf, jobsOf } from "./studio-fakes";
import { mountStudio } from "./studio-page";

const ROWS = ["a", "b", "c", "d"].map((id) => doneJob({ job_id: id, prompt: `clip ${id}` }));

function show(items = ROWS, part = {}) {
  const { model, el } = mountStudio({ jobs_page: jobsOf(items, part) });
  const named = <E extends HTMLElement = HTMLElement>(name: string) => el.querySelector<E>(`[aria-label="${name}"]`);
  const bar = () => named("Selected jobs");
  const button = (name: string) => [...(bar() ?? el).querySelectorAll("button")].find((each) => (each.getAttribute("aria-label") ?? each.textContent) === name)!;
  const tick = (id: string) => named(`Select: clip ${id}`)!;
  const pick = (id: string) => named(`Show: clip ${id}`)!;
  const click = (target: HTMLElement, init: MouseEventInit = {}) => target.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...init }));
  const key = (key: string, init: KeyboardEventInit = {}) => document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));
  const pickOption = (name: string, value: string) => {
    const select = named<HTMLSelectElement>(name)!;
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    vi.advanceTimersByTime(1);
  };
  const chosen = () => [...el.querySelectorAll(".sdw-tick[aria-checked=true]")].map((each) => each.closest<HTMLElement>("[data-sdw-job]")!.dataset.sdwJob);
  const said = () => el.querySelector("[role=status]")!.textContent;
  return { model, el, named, bar, button, tick, pick, click, key, pickOption, chosen, said };
}

test("the list is filtered by tag and by the least rating", () => {
  const { model, named, pickOption } = show(ROWS, { tags: ["night", "rain"] });
  expect([...named("Tag")!.querySelectorAll("option")].map((each) => each.textContent)).toEqual(["Any tag", "night", "rain"]);
  pickOption("Tag", "rain");
  pickOption("Rating", "4");
  expect(model.all("search").at(-1)).toMatchObject({ tag: "rain", rating: 4, page: 0 });
  model.list([], { tag: "rain", rating: 4, tags: ["night", "rain"] });
  expect(named<HTMLSelectElement>("Rating")!.value).toBe("4");
  expect([...named("Rating")!.querySelectorAll("option")].map((each) => each.textContent).slice(3)).toEqual(["3 of 5 or more", "4 of 5 or more", "5 of 5"]);
  [...document.querySelectorAll("button")].find((each) => each.textContent === "Show all jobs")!.click();
  vi.advanceTimersByTime(1);
  expect(model.all("search").at(-1)).toMatchObject({ tag: "", rating: 0 });
});

test("without tags there is nothing to choose from, and no filter", () => {
  expect(show().named("Tag")).toBeNull();
});

test("the filter of statuses has the words of the rows", () => {
  const { named } = show();
  const options = [...named("Status")!.querySelectorAll<HTMLOptionElement>("option")].map((each) => [each.value, each.textContent]);
  expect(options).toEqual([["", "Any status"], ...Object.entries(STATUS_WORDS)]);
});

test("a row says its rating and its tags", () => {
  const { el } = show([doneJob({ rating: 4, tags: ["night", "rain"] })]);
  expect([...el.querySelectorAll(".sdw-said > *")].map((each) => each.textContent)).toEqual(["4 of 5", "night", "rain"]);
});

test("jobs are chosen by their boxes, with Ctrl one by one and with Shift up to there", () => {
  const { tick, pick, click, chosen, said, model } = show();
  tick("b").click();
  expect(chosen()).toEqual(["b"]);
  click(pick("d"), { shiftKey: true });
  expect([chosen(), said()]).toEqual([["b", "c", "d"], "3 selected"]);
  click(pick("c"), { ctrlKey: true });
  expect(chosen()).toEqual(["b", "d"]);
  click(tick("a"), { shiftKey: true });
  expect(chosen()).toEqual(["a", "b", "c", "d"]);
  expect(model.traits.selected).toBe("");
});

test("by keyboard Shift and an arrow choose rows, Ctrl+A the page, and Escape none; a row stays one stop", () => {
  const { el, pick, key, chosen } = show();
  pick("a").focus();
  key("ArrowDown", { shiftKey: true });
  key("ArrowDown", { shiftKey: true });
  expect([chosen(), document.activeElement]).toEqual([["a", "b", "c"], pick("c")]);
  key("Escape");
  expect(chosen()).toEqual([]);
  key("a", { ctrlKey: true });
  expect(chosen()).toEqual(["a", "b", "c", "d"]);
  for (const row of el.querySelectorAll("article")) expect(row.querySelectorAll('button:not([tabindex="-1"])')).toHaveLength(1);
});

test("the box is reached by the arrows of its row", () => {
  const { pick, tick, key } = show();
  pick("a").focus();
  key("End");
  expect(document.activeElement).toBe(tick("a"));
  key("ArrowDown");
  expect(document.activeElement).toBe(tick("b"));
});

test("the chosen are starred together, shown at once, and unstarred", () => {
  const { model, button, click, pick, tick, el } = show();
  tick("a").click();
  click(pick("c"), { shiftKey: true });
  button("Star").click();
  expect(model.all("batch")).toMatchObject([{ job_ids: ["a", "b", "c"], starred: true }]);
  expect(el.querySelectorAll("article .sdw-starred")).toHaveLength(3);
  button("Unstar").click();
  expect(model.all("batch")[1]).toMatchObject({ starred: false });
});

test("the chosen get tags beside those that they have", async () => {
  const { model, button, tick, named, key, el } = show([doneJob({ job_id: "a", prompt: "clip a", tags: ["old"] }), ROWS[1]!]);
  tick("a").click();
  tick("b").click();
  button("Tag").click();
  await vi.advanceTimersByTimeAsync(20);
  const field = named<HTMLInputElement>("Tags to add")!;
  expect(document.activeElement).toBe(field);
  field.value = " rain, night,rain ";
  key("Enter");
  expect(model.all("batch")).toMatchObject([{ job_ids: ["a", "b"], tags: ["rain", "night"] }]);
  expect([...el.querySelectorAll(".sdw-said")].map((each) => each.textContent)).toEqual(["oldrainnight", "rainnight"]);
  await vi.advanceTimersByTimeAsync(20);
  expect([named("Tags to add"), document.activeElement]).toEqual([null, button("Tag")]);
});

test("the chosen are deleted after ten seconds, all of which one Undo takes back", async () => {
  const { model, button, click, pick, tick, bar } = show();
  tick("a").click();
  click(pick("c"), { shiftKey: true });
  button("Delete").click();
  expect(bar()!.textContent).toContain("Deleting 3 jobs and their files in 10 s. What they cost stays counted.");
  button("Undo").click();
  vi.advanceTimersByTime(20_000);
  expect(model.all("delete")).toEqual([]);
  button("Delete").click();
  vi.advanceTimersByTime(10_000);
  expect(model.all("delete").map(({ job_id }) => job_id)).toEqual(["a", "b", "c"]);
  for (const { click_id } of model.all("delete")) model.emit("msg:custom", { type: "delete", click_id, gone: true });
  expect(bar()).toBeNull();
});

test("what runs is not deleted with the others, and alone not at all", () => {
  const { model, button, tick } = show([jobOf({ job_id: "r", prompt: "clip r" }), ROWS[0]!]);
  tick("r").click();
  expect([button("Delete").getAttribute("aria-disabled"), button("Delete").title]).toEqual(["true", "A job that is running cannot be deleted"]);
  tick("a").click();
  button("Delete").click();
  vi.advanceTimersByTime(10_000);
  expect(model.all("delete").map(({ job_id }) => job_id)).toEqual(["a"]);
});

test("a job without a clip can be chosen, and is left out of Compare", () => {
  const { model, button, tick } = show([doneJob({ job_id: "x", prompt: "clip x", clip: null, status: "failed" }), ROWS[0]!, ROWS[1]!]);
  tick("x").click();
  tick("a").click();
  expect(button("Compare").getAttribute("aria-disabled")).toBe("true");
  tick("b").click();
  button("Compare 2 clips").click();
  expect(model.all("compare")[0]!.job_ids).toEqual(["a", "b"]);
});

test("the chosen are exported, for others without ids and costs, and the file is named", async () => {
  const { model, button, tick, bar } = show();
  tick("a").click();
  button("Export").click();
  await vi.advanceTimersByTimeAsync(20);
  button("Export for others").click();
  expect(model.all("export")).toMatchObject([{ job_ids: ["a"], plain: true }]);
  model.emit("msg:custom", { type: "export", click_id: model.all("export")[0]!.click_id, text: "Exported 1 job to seedance-1.zip", url: null });
  await vi.advanceTimersByTimeAsync(20);
  expect(bar()!.textContent).toContain("Exported 1 job to seedance-1.zip");
});

test("chosen jobs of another page are deleted with one Undo above the list, and not a row for each", () => {
  const { model, el, button, tick, bar } = show();
  tick("a").click();
  tick("b").click();
  model.list([ROWS[3]!]);
  button("Delete").click();
  expect(bar()!.textContent).toContain("Deleting 2 jobs");
  expect(el.querySelectorAll(".sdw-deleting")).toHaveLength(0);
});

test("Escape in a row says nothing where none is chosen", () => {
  const { pick, key, said } = show();
  pick("a").focus();
  key("Escape");
  expect(said()).toBe("");
});
