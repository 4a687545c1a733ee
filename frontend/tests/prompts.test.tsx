// Saved prompts in the form, the prompts of earlier jobs by the arrow keys, and undo of prompt and options.
import { expect, test, vi } from "vitest";
import type { PromptsView, SavedView } from "../src/studio/host";
import { Recall } from "../src/studio/recall";
import { doneJob, jobsOf, requestOf } from "./studio-fakes";
import { mountStudio } from "./studio-page";

const BOAT: SavedView = { name: "boat", request: requestOf({ prompt: "A boat in rain", duration: 9, aspect_ratio: "9:16" }), text: "" };
const OWL: SavedView = { name: "owl", request: requestOf({ prompt: "An owl" }), text: "" };

function show(traits: Record<string, unknown> = {}) {
  const { model, el, button } = mountStudio(traits);
  const starting = (words: string) => [...el.querySelectorAll("button")].find((each) => each.textContent!.startsWith(words))!;
  const prompt = () => el.querySelector<HTMLTextAreaElement>('[data-field="prompt"] textarea')!;
  const ratio = (value: string) => el.querySelector<HTMLInputElement>(`[data-field="aspect_ratio"] [value="${value}"]`)!;
  const panel = () => el.querySelector<HTMLElement>('[role=group][aria-label="Saved prompts"]');
  const name = () => panel()!.querySelector<HTMLInputElement>("[aria-label=Name]")!;
  const type = (words: string, into: HTMLInputElement | HTMLTextAreaElement = prompt()) => {
    into.value = words;
    into.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const key = (target: HTMLElement, key: string, init: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
    target.dispatchEvent(event);
    return event.defaultPrevented;
  };
  const answer = (part: Partial<PromptsView> = {}) => {
    const asked = model.sent.filter(({ type }) => /prompt/.test(type)).at(-1)!;
    model.emit("msg:custom", { type: "prompts", click_id: asked.click_id, items: [BOAT, OWL], file: "seedance_prompts.toml", problem: "", taken: "", saved: "", ...part });
  };
  const open = (part: Partial<PromptsView> = {}) => {
    button("Saved prompts").focus();
    button("Saved prompts").click();
    answer(part);
  };
  return { model, el, button, starting, prompt, ratio, panel, name, type, key, answer, open };
}

test("saved prompts are asked for when they are opened, and the first has the focus", () => {
  const { model, button, starting, open, panel } = show();
  expect(model.all("prompts")).toEqual([]);
  open();
  expect(model.all("prompts")).toHaveLength(1);
  expect(button("Saved prompts").getAttribute("aria-expanded")).toBe("true");
  expect(document.activeElement).toBe(starting("boat"));
  expect([...panel()!.querySelectorAll("li button")].map((each) => (each as HTMLElement).tabIndex)).toEqual([0, -1, -1, -1]);
});

test("choosing one fills prompt and options, and Undo brings back what stood there", () => {
  const { model, button, starting, prompt, ratio, open, panel } = show();
  open();
  starting("boat").click();
  expect([prompt().value, ratio("9:16").checked, panel()]).toEqual(["A boat in rain", true, null]);
  expect(document.activeElement).toBe(prompt());
  expect(model.all("reuse").at(-1)!.job_id).toBe("");
  button("Undo").click();
  expect([prompt().value, ratio("16:9").checked]).toEqual(["A paper boat", true]);
});

test("Escape closes them, and the focus is on their button again", () => {
  const { button, starting, key, open, panel } = show();
  open();
  key(starting("boat"), "Escape");
  expect(panel()).toBeNull();
  expect(document.activeElement).toBe(button("Saved prompts"));
});

test("the form is saved under a name; one that is taken is replaced only where that is asked for", async () => {
  const { model, button, key, type, name, open, answer, panel } = show();
  open();
  expect(button("Save this prompt").getAttribute("aria-disabled")).toBe("true");
  type("boat", name());
  key(name(), "Enter");
  expect(model.all("save_prompt")).toMatchObject([{ name: "boat", replace: false, request: { prompt: "A paper boat" } }]);
  answer({ problem: "There is a saved prompt “boat” already.", taken: "boat" });
  expect(panel()!.textContent).toContain("There is a saved prompt “boat” already.");
  button("Replace it").click();
  expect(model.all("save_prompt")[1]).toMatchObject({ name: "boat", replace: true });
  answer({ saved: "boat" });
  await vi.advanceTimersByTimeAsync(20);
  expect([name().value, panel()!.textContent!.includes("Saved as “boat”.")]).toEqual(["", true]);
});

test("a saved prompt is deleted after ten seconds, which Undo takes back", () => {
  const { model, button, open, panel } = show();
  open();
  button("Delete boat").click();
  expect(panel()!.textContent).toContain("Deleting “boat” in 10 s");
  expect(document.activeElement).toBe(button("Undo"));
  button("Undo").click();
  expect(document.activeElement).toBe(button("Delete boat"));
  vi.advanceTimersByTime(20_000);
  expect(model.all("forget_prompt")).toEqual([]);
  button("Delete owl").click();
  button("Saved prompts").click(); // it goes on where they are closed, and can be taken back beside the jobs
  expect(button("Undo").closest(".sdw-deleting")!.textContent).toContain("Deleting “owl” in 10 s");
  vi.advanceTimersByTime(10_000);
  expect(model.all("forget_prompt")).toMatchObject([{ name: "owl" }]);
  model.emit("msg:custom", { type: "delete", click_id: model.all("forget_prompt")[0]!.click_id, gone: true });
});

test("one that no form can show says why and cannot be chosen", () => {
  const { model, starting, prompt, open } = show();
  open({ items: [{ name: "odd", request: null, text: "The template 'odd' has no prompt." }] });
  starting("odd").click();
  expect([starting("odd").textContent, prompt().value]).toEqual(["oddThe template 'odd' has no prompt.", "A paper boat"]);
  expect(model.all("reuse")).toEqual([]);
});

test("where none is saved that is said, and a broken file says why", () => {
  const { open, answer, panel, button } = show();
  open({ items: [] });
  expect(panel()!.textContent).toContain("No prompts are saved yet. They go into seedance_prompts.toml");
  button("Saved prompts").click();
  button("Saved prompts").click();
  answer({ items: [], problem: "seedance_prompts.toml, line 3: expected '='." });
  expect(panel()!.textContent).toContain("line 3");
});

test("arrow up at the beginning goes through earlier prompts, newest first, and arrow down comes back to what was typed", () => {
  const { model, prompt, key } = show({ jobs_page: jobsOf([doneJob({ prompt: "third" }), doneJob({ job_id: "b", prompt: "second" })]) });
  prompt().focus();
  prompt().setSelectionRange(3, 3);
  expect(key(prompt(), "ArrowUp")).toBe(false); // the browser's: to the beginning
  prompt().setSelectionRange(0, 0);
  expect(key(prompt(), "ArrowUp")).toBe(true);
  expect([prompt().value, prompt().selectionStart, prompt().selectionEnd]).toEqual(["third", 0, 0]);
  model.emit("msg:custom", { type: "recent", click_id: "x", prompts: ["third", "second", "first"] });
  expect(prompt().value).toBe("third");
  key(prompt(), "ArrowUp");
  key(prompt(), "ArrowUp");
  expect(prompt().value).toBe("first");
  expect(key(prompt(), "ArrowUp")).toBe(false);
  for (const words of ["second", "third", "A paper boat"]) {
    key(prompt(), "ArrowDown");
    expect(prompt().value).toBe(words);
  }
  expect(key(prompt(), "ArrowDown")).toBe(false);
});

test("a key that no prompt is known for yet waits for them, unless a person types meanwhile", () => {
  const { model, prompt, key, type } = show();
  prompt().focus();
  prompt().setSelectionRange(0, 0);
  key(prompt(), "ArrowUp");
  expect(model.all("recent")).toHaveLength(1);
  model.emit("msg:custom", { type: "recent", click_id: "x", prompts: ["A paper boat", "earlier"] });
  expect(prompt().value).toBe("earlier");
  type("my own");
  prompt().setSelectionRange(0, 0);
  model.emit("msg:custom", { type: "recent", click_id: "x", prompts: ["another"] });
  expect(prompt().value).toBe("my own");
});

test("a prompt that was typed on the way begins anew", () => {
  const recall = new Recall();
  const press = (key: string, now: string) => recall.press(key, now, ["b", "a"], () => undefined);
  expect([press("ArrowUp", ""), press("ArrowDown", "b and more"), press("ArrowUp", "b and more"), press("ArrowDown", "b")]).toEqual(["b", null, "b", "b and more"]);
});

test("Ctrl+Z takes back a Reuse, a choice and a recalled prompt one by one, and Ctrl+Shift+Z makes them again", () => {
  const { button, prompt, ratio, key } = show({ jobs_page: jobsOf([doneJob({ request: requestOf({ prompt: "A fox", aspect_ratio: "1:1" }), prompt: "A fox" })]) });
  const z = { ctrlKey: true };
  button("Reuse").click();
  ratio("9:16").click();
  expect(key(prompt(), "z", z)).toBe(true);
  expect([prompt().value, ratio("1:1").checked]).toEqual(["A fox", true]);
  expect(key(ratio("1:1"), "z", z)).toBe(true);
  expect([prompt().value, ratio("16:9").checked]).toEqual(["A paper boat", true]);
  expect(key(prompt(), "z", z)).toBe(false);
  key(prompt(), "Z", { ctrlKey: true, shiftKey: true });
  expect([prompt().value, ratio("1:1").checked]).toEqual(["A fox", true]);
  key(prompt(), "y", z);
  expect([prompt().value, ratio("9:16").checked]).toEqual(["A fox", true]);
});

test("what was typed since is the browser's to take back, and stays when an option is taken back", () => {
  const { prompt, ratio, key, type } = show();
  ratio("9:16").click();
  type("A paper boat at night");
  expect(key(prompt(), "z", { metaKey: true })).toBe(false);
  expect(ratio("9:16").checked).toBe(true);
  expect(key(ratio("9:16"), "z", { metaKey: true })).toBe(true);
  expect([prompt().value, ratio("16:9").checked]).toEqual(["A paper boat at night", true]);
});

test("taking back Continue takes back the clip that it goes on from", () => {
  const { el, button, prompt, key } = show({ jobs_page: jobsOf([doneJob()]) });
  button("Continue").click();
  expect(el.textContent).toContain("Continues from the last frame");
  key(prompt(), "z", { ctrlKey: true });
  expect([prompt().value, el.textContent!.includes("Continues from the last frame")]).toEqual(["A paper boat", false]);
});

test("a slider that is dragged is one step", () => {
  const { el, key } = show();
  const slider = el.querySelector<HTMLInputElement>('[data-field="duration"] [type=range]')!;
  const before = slider.value;
  for (const value of ["7", "8", "9"]) {
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  key(slider, "z", { ctrlKey: true });
  expect(slider.value).toBe(before);
});
