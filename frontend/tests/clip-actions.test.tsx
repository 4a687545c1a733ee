// The bar of actions of a clip, in a row of the Studio and on its stage.
import { expect, test, vi } from "vitest";
import { tagsIn } from "../src/shared/clip-more";
import { hostSays, SERVED } from "./fakes";
import { doneJob, jobOf, requestOf, studioOf } from "./studio-fakes";
import { mountStudio } from "./studio-page";

const NAMES = ["Again", "Reuse", "Continue", "Download", "Compare", "Star", "More"];
const TWO = [doneJob({ job_id: "one", prompt: "a fox" }), doneJob({ job_id: "two", prompt: "a boat", tags: ["rain"], rating: 3 })];

function show(traits: Record<string, unknown> = {}) {
  const { model, el, button } = mountStudio({ jobs_page: { rev: 1, total: 2, pages: 1, items: TWO }, ...traits });
  const rows = () => [...el.querySelectorAll<HTMLElement>("article")];
  const bar = (within: ParentNode = el) => within.querySelector<HTMLElement>('[role=toolbar][aria-label="Clip actions"]')!;
  const key = (name: string) => document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
  const focused = () => document.activeElement?.getAttribute("aria-label");
  const stops = (within: ParentNode) => [...within.querySelectorAll<HTMLElement>("button, a, input, select")].filter((each) => each.tabIndex >= 0).map((each) => each.getAttribute("aria-label"));
  return { model, el, rows, bar, button, key, focused, stops };
}

const drawn = () => vi.advanceTimersByTimeAsync(1);

test("the same bar stands in each row and on the stage", () => {
  const { el, bar } = show({ selected: "two" });
  const bars = [...el.querySelectorAll('[role=toolbar][aria-label="Clip actions"]')];
  expect(bars.map((each) => [...each.querySelectorAll("button")].map((button) => button.getAttribute("aria-label")))).toEqual([NAMES, NAMES, NAMES]);
  expect(bar(el.querySelector(".sdw-side")!).textContent).toBe("AgainReuseContinue"); // pictures have room for words there
});

test("on the stage it is one focus stop, with the arrows, Home and End inside", () => {
  const { el, bar, button, key, focused, stops } = show({ selected: "two" });
  const stage = bar(el.querySelector(".sdw-side")!);
  expect(stops(stage)).toEqual(["Again"]);
  button("Again", stage).focus();
  key("ArrowRight");
  expect([focused(), stops(stage)]).toEqual(["Reuse", ["Reuse"]]);
  key("End");
  expect(focused()).toBe("More");
  key("ArrowRight");
  expect(focused()).toBe("More");
  key("Home");
  expect([focused(), stops(stage)]).toEqual(["Again", ["Again"]]);
});

test("a row is one focus stop; up and down go to the same control of the next row", () => {
  const { rows, button, key, focused, stops } = show();
  expect(rows().map(stops)).toEqual([["Show: a fox"], ["Show: a boat"]]);
  button("Show: a fox", rows()[0]!).focus();
  key("ArrowRight");
  key("ArrowRight");
  expect(focused()).toBe("Reuse");
  key("ArrowDown");
  expect([focused(), rows()[1]!.contains(document.activeElement)]).toEqual(["Reuse", true]);
  key("ArrowUp");
  expect(rows()[0]!.contains(document.activeElement)).toBe(true);
});

test("Again sends the request of a job once more, with its price, as a child of it", () => {
  const request = requestOf({ prompt: "A tram", duration: 10 });
  const { model, button, rows } = show({ jobs_page: { rev: 1, total: 1, pages: 1, items: [doneJob({ request })] } });
  button("Again", rows()[0]!).click();
  button("Again", rows()[0]!).click(); // the second half of a double click
  expect(model.all("submit")).toMatchObject([{ request, how: "again", of: "k3f9x2ab", shown_usd: 1, force: true }]);
});

test("Again soon after Again is asked about, and so is that of a job that runs", () => {
  const { model, button, rows } = show({ jobs_page: { rev: 1, total: 2, pages: 1, items: [doneJob({ job_id: "one" }), jobOf({ job_id: "runs", request: requestOf({ prompt: "other" }) })] } });
  const sent = () => model.all("submit").map(({ of, force }) => [of, !!force]);
  const press = (row: number) => {
    button("Again", rows()[row]!).click();
    vi.advanceTimersByTime(600);
    model.show({ sending: [model.all("submit").at(-1)!.click_id] });
  };
  press(0);
  press(0);
  press(1);
  expect(sent()).toEqual([["one", true], ["one", false], ["runs", false]]);
});

test("what a kernel cannot do rests, and says why", () => {
  const { model, button, rows, el } = show({ view: studioOf({ cannot_continue: "No bucket." }), jobs_page: { rev: 1, total: 2, pages: 1, items: [TWO[0], jobOf()] } });
  const off = (row: number) => NAMES.filter((name) => button(name, rows()[row]!).getAttribute("aria-disabled") === "true").map((name) => [name, button(name, rows()[row]!).title]);
  expect(off(0)).toEqual([["Continue", "No bucket."]]);
  expect(off(1)).toEqual(["Continue", "Download", "Compare"].map((name) => [name, "There is no clip yet"]));
  button("Continue", rows()[0]!).click();
  expect([model.all("submit"), el.textContent?.includes("Continues")]).toEqual([[], false]);
});

test("Continue empties the prompt and goes to it; the next click names the clip, and none after it", async () => {
  const { model, el, button, rows } = show({ prompt: "" });
  button("Continue", rows()[0]!).click();
  expect(el.textContent).toContain("Continues from the last frame of “a fox”");
  const prompt = el.querySelector("textarea")!;
  expect(document.activeElement).toBe(prompt);
  prompt.value = "she opens the door";
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  button("Generate").click();
  expect(model.all("submit")).toMatchObject([{ how: "continue", of: "one", request: { prompt: "she opens the door" } }]);
  expect(el.textContent).not.toContain("Continues from");
});

test("Start fresh takes Continue back", () => {
  const { model, button, rows } = show();
  button("Continue", rows()[0]!).click();
  button("Start fresh").click();
  button("Generate").click();
  expect(model.all("submit").every(({ how }) => how === undefined)).toBe(true);
});

test("Download hands the clip to the browser: by the server's address, or in pieces that the kernel sends", () => {
  hostSays(SERVED);
  const saved: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(`${this.getAttribute("href")} as ${this.download}`);
  });
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:1");
  const { model, button, rows } = show({ jobs_page: { rev: 1, total: 2, pages: 1, items: [doneJob({ job_id: "one", url: "files/a.mp4" }), doneJob({ job_id: "two" })] } });
  button("Download", rows()[0]!).click();
  expect(saved).toEqual(["/lab/files/a.mp4 as boat.mp4"]);
  button("Download", rows()[1]!).click();
  expect(model.all("clip")).toMatchObject([{ job_id: "two", offset: 0 }]);
  model.answer({ type: "clip", job_id: "two", offset: 0, total_bytes: 6 }, "abcdef");
  expect(saved[1]).toBe("blob:1 as boat.mp4");
});

test("behind More are rating, tags, note, code and Delete; Escape closes it, with the focus on More", async () => {
  const { model, rows, button, key, focused } = show();
  button("More", rows()[1]!).click();
  await drawn();
  const more = rows()[1]!.querySelector<HTMLElement>("[role=group][aria-label=More]")!;
  expect([...more.querySelectorAll("input")].map((each) => [each.getAttribute("aria-label"), each.type === "radio" ? each.checked : each.value])).toEqual([
    ["No rating", false], ["1 of 5", false], ["2 of 5", false], ["3 of 5", true], ["4 of 5", false], ["5 of 5", false], ["Tags", "rain"],
  ]);
  more.querySelector<HTMLInputElement>('[aria-label="5 of 5"]')!.click();
  const tags = more.querySelector<HTMLInputElement>("[aria-label=Tags]")!;
  tags.focus();
  tags.value = "rain,  take two , rain";
  key("Enter");
  expect(model.sent.filter(({ type }) => ["rate", "tag"].includes(type)).map(({ click_id: _, ...rest }) => rest)).toEqual([
    { type: "rate", job_id: "two", value: 5 },
    { type: "tag", job_id: "two", tags: ["rain", "take two"] },
  ]);
  await drawn();
  expect(more.querySelector<HTMLInputElement>('[aria-label="5 of 5"]')!.checked).toBe(true); // before the kernel says so
  button("Add note", more).focus();
  key("Escape");
  await drawn();
  expect([rows()[1]!.querySelector(".sdw-more"), focused()]).toEqual([null, "More"]);
});

test.each([["rain", ["rain"]], [" a , b,, a ", ["a", "b"]], ["", []], [" , ", []]])("%j is read as tags", (text, tags) => {
  expect(tagsIn(text)).toEqual(tags);
});

test("a tag in a row shows all jobs that have it", async () => {
  const { rows, el } = show();
  rows()[1]!.querySelector<HTMLElement>('[aria-label="Show all with the tag rain"]')!.click();
  await drawn();
  expect(el.querySelector<HTMLSelectElement>('[aria-label="Tag"]')!.value).toBe("rain");
});

test("a rating and tags are seen in the row", () => {
  const { rows } = show();
  expect(rows().map((row) => row.querySelector(".sdw-said")?.textContent)).toEqual([undefined, "3 of 5rain"]);
});
