// Several takes of one request: chosen beside Generate, priced together, sent by one click.
import { expect, test, vi } from "vitest";
import { capRemark } from "../src/studio/cost";
import { EMPTY_STUDIO } from "../src/studio/view";
import { doneJob, studioOf } from "./studio-fakes";
import { mountStudio } from "./studio-page";

function show(traits: Record<string, unknown> = {}) {
  const { model, el, button } = mountStudio(traits);
  const takes = () => el.querySelector<HTMLElement>("[role=radiogroup][aria-label=Takes]")!;
  const radio = (many: number) => takes().querySelector<HTMLInputElement>(`[value="${many}"]`)!;
  const outcome = (part: object) => model.show({ outcome: { click_id: model.all("submit").at(-1)!.click_id, job_id: null, problem: null, field: null, ask: null, yes: null, sweep_id: null, ...part } });
  return { model, el, takes, radio, button, outcome };
}

test("one to four takes stand beside Generate, and the price is that of all", () => {
  const { el, takes, radio } = show();
  expect([...takes().querySelectorAll("input")].map((each) => [each.value, each.checked])).toEqual([["1", true], ["2", false], ["3", false], ["4", false]]);
  expect(el.querySelector(".sdw-price")!.textContent).toBe("≈ $0.50 (estimate)");
  radio(3).click();
  expect(el.querySelector(".sdw-price")!.textContent).toBe("≈ $1.50 (estimate) for 3 takes");
});

test("one click sends them all, at the price that stands there; one take stays one job", () => {
  const { model, radio, button } = show();
  const generate = button("Generate");
  generate.click();
  expect(model.all("submit")[0]).not.toHaveProperty("takes");
  model.show({ sending: [model.all("submit")[0]!.click_id] });
  vi.advanceTimersByTime(600);
  radio(4).click();
  generate.click();
  generate.click();
  expect(model.all("submit").slice(1)).toMatchObject([{ takes: 4, shown_usd: 2 }]);
});

test("a yes to the question before them sends as many", () => {
  const { model, radio, button, outcome } = show();
  radio(2).click();
  button("Generate").click();
  outcome({ ask: "The same request was sent 4 s ago (job k3f9). Send it again?" });
  vi.advanceTimersByTime(600);
  button("Send again").click();
  expect(model.all("submit")[1]).toMatchObject({ takes: 2, force: true });
});

test("they are shown on the stage once they are on their way, unless a person watches a clip", () => {
  const { model, radio, button, outcome, el } = show();
  radio(2).click();
  button("Generate").click();
  outcome({ sweep_id: "s1" });
  expect(model.all("takes")).toMatchObject([{ sweep_id: "s1" }]);
  model.set("takes", "IPY_MODEL_g1");
  expect(button("Close takes")).toBeDefined();
  button("Close takes").click();
  expect(model.all("compare").at(-1)!.job_ids).toEqual([]);
  expect(el.textContent).not.toContain("Close takes");
});

test("takes do not end a comparison", () => {
  const { model, radio, button, outcome } = show({ compare: "IPY_MODEL_c1" });
  radio(2).click();
  button("Generate").click();
  outcome({ sweep_id: "s1" });
  expect(model.all("takes")).toEqual([]);
});

test("a clip that goes on is one take", () => {
  const { radio, button, el, model } = show({ jobs_page: { rev: 1, total: 1, pages: 1, items: [doneJob()] }, view: studioOf() });
  radio(3).click();
  button("Continue").click();
  expect([radio(1).checked, radio(3).disabled]).toEqual([true, true]);
  expect(el.querySelector(".sdw-price")!.textContent).toBe("≈ $0.80 (estimate)"); // with its last frame as a reference
  button("Start fresh").click();
  expect(radio(3).checked).toBe(true);
  expect(model.all("submit")).toEqual([]);
});

test.each([
  [{ per_job_usd: 1 }, null, 2, 2, ""],
  [{ per_job_usd: 0.9 }, null, 2, 2, "More than the cap for one job."],
  [{}, 1.5, 2, 2, "More than what is left of the cap."],
])("caps %j with %s left, and %s dollars for %s takes", (caps, left, usd, takes, words) => {
  expect(capRemark({ ...EMPTY_STUDIO.caps, ...caps }, left, usd, takes)).toBe(words);
});
