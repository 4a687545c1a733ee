// Delete in the Studio: nothing is sent for ten seconds, and Undo takes it back.
import { expect, test, vi } from "vitest";
import { doneJob, jobOf } from "./studio-fakes";
import { mountStudio } from "./studio-page";

vi.setConfig({ testTimeout: 30_000 }); // ten seconds are forty redraws, which a busy machine may take its time for

const THREE = [doneJob({ job_id: "one", prompt: "a fox" }), doneJob({ job_id: "two", prompt: "a boat" }), doneJob({ job_id: "three", prompt: "an owl" })];

function show(traits: Record<string, unknown> = {}) {
  const { model, el, cleanUp, button } = mountStudio({ jobs_page: { rev: 1, total: 3, pages: 1, items: THREE }, ...traits });
  const rows = () => [...el.querySelectorAll<HTMLElement>("article")];
  const side = () => el.querySelector<HTMLElement>(".sdw-side")!;
  const more = (within: HTMLElement | undefined) => {
    if (!button("Delete", within)) button("More", within).click();
    return vi.advanceTimersByTimeAsync(0);
  };
  const remove = async (row: number) => {
    await more(rows()[row]);
    button("Delete", rows()[row]).focus();
    button("Delete", rows()[row]).click();
  };
  const wait = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);
  const answer = (place: number, gone: boolean) => model.emit("msg:custom", { type: "delete", click_id: model.all("delete")[place]!.click_id, gone });
  const said = () => el.querySelector("[role=status]")?.textContent;
  return { model, el, cleanUp, rows, side, button, more, remove, wait, answer, said };
}

test("a job that is deleted says so with an Undo that has the focus, and nothing is sent for ten seconds", async () => {
  const { model, rows, button, remove, wait, said } = show();
  await remove(1);
  const status = rows()[1]!.querySelector("[role=status]")!;
  expect(status.textContent).toBe("Deleting it and its files in 10 s. What it cost stays counted.Undo");
  expect(document.activeElement).toBe(button("Undo", status as HTMLElement));
  expect(said()).toBe("Will be deleted in 10 seconds: a boat");
  await wait(9);
  expect(status.textContent).toContain("in 1 s.");
  expect(model.all("delete")).toEqual([]);
});

test("the seconds are counted from the click, however long nothing has moved", async () => {
  const { rows, remove, wait } = show();
  await wait(45);
  await remove(0);
  expect(rows()[0]!.textContent).toContain("in 10 s.");
});

test("Undo brings it back, with the focus on Delete, and it is never deleted", async () => {
  const { model, rows, button, remove, wait, said } = show();
  await remove(1);
  await wait(9.9);
  button("Undo").click();
  expect(document.activeElement).toBe(button("Delete", rows()[1]));
  expect(said()).toBe("Undone");
  await wait(60);
  expect(model.all("delete")).toEqual([]);
});

test("after ten seconds it is deleted once, stays in sight until the kernel has done it, and the next row gets the focus", async () => {
  const { model, rows, button, remove, wait, answer, el, said } = show();
  await remove(1);
  await wait(10);
  expect(model.all("delete")).toMatchObject([{ job_id: "two", force: false }]);
  expect(rows()[1]!.textContent).toContain("Deleting it and its files as soon as the kernel answers.");
  expect(button("Undo").getAttribute("aria-disabled")).toBe("true");
  button("Undo").click();
  expect(rows()[1]!.textContent).toContain("Deleting it");
  answer(0, true);
  expect(rows().map((row) => row.querySelector(".sdw-job-prompt")!.textContent)).toEqual(["a fox", "an owl"]);
  expect(el.querySelector(".sdw-jobs .sdw-count")!.textContent).toBe("2");
  expect(document.activeElement).toBe(button("Show: an owl"));
  expect(said()).toBe("Deleted");
  await wait(60);
  expect(model.all("delete")).toHaveLength(1);
});

test("the focus goes to the row before where there is none after it, and to the search where there is none at all", async () => {
  const { remove, wait, answer, button } = show();
  for (const [place, prompt] of [[2, "a boat"], [1, "a fox"]] as const) {
    await remove(place);
    await wait(10);
    answer(2 - place, true);
    expect(document.activeElement).toBe(button(`Show: ${prompt}`));
  }
  await remove(0);
  await wait(10);
  answer(2, true);
  expect(document.activeElement?.closest(".sdw-studio")).not.toBe(null);
});

test("a focus that is elsewhere when the job goes stays there", async () => {
  const { el, remove, wait, answer } = show();
  await remove(1);
  const prompt = el.querySelector("textarea")!;
  prompt.focus();
  await wait(10);
  answer(0, true);
  expect(document.activeElement).toBe(prompt);
});

test("a job that may not be deleted is back, and why is told above the jobs", async () => {
  const { model, el, rows, button, remove, wait, answer } = show();
  await remove(1);
  await wait(10);
  const { click_id } = model.all("delete")[0]!;
  const problem = { title: "Not deleted", what: "Job two is still at work.", charged: "", next: "Wait for it.", details: "", fix: "" };
  model.show({ outcome: { click_id, job_id: null, problem, field: null, ask: null, yes: null, sweep_id: null } });
  answer(0, false);
  await wait(0);
  expect(el.querySelector(".sdw-jobs")!.textContent).toContain("Job two is still at work.");
  expect(button("Delete", rows()[1])).toBeDefined();
  expect(rows()).toHaveLength(3);
});

test("each of several has ten seconds of its own", async () => {
  const { model, remove, rows, button, wait } = show();
  await remove(0);
  await wait(4);
  await remove(1);
  await remove(2);
  button("Undo", rows()[2]).click();
  await wait(6);
  expect(model.all("delete").map(({ job_id }) => job_id)).toEqual(["one"]);
  await wait(4);
  expect(model.all("delete").map(({ job_id }) => job_id)).toEqual(["one", "two"]);
});

test("a page that goes away deletes nothing", async () => {
  const { model, cleanUp, remove, wait } = show();
  await remove(0);
  await wait(9);
  cleanUp();
  await wait(60);
  expect(model.all("delete")).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a kernel that says nothing is asked once, and the job is not shown as gone", async () => {
  const { model, remove, rows, wait } = show();
  await remove(0);
  await wait(600);
  expect(model.all("delete")).toHaveLength(1);
  expect(rows()).toHaveLength(3);
  expect(rows()[0]!.textContent).toContain("as soon as the kernel answers");
  expect(vi.getTimerCount()).toBe(1); // the slow clock: nothing moves any more
});

test("an answer to another view's Delete takes nothing from this one's", async () => {
  const { model, remove, rows, wait } = show();
  await remove(0);
  await wait(10);
  model.emit("msg:custom", { type: "delete", click_id: "of another view", gone: true });
  expect(rows()).toHaveLength(3);
});

test("what goes on cannot be deleted; what has ended or is unconfirmed can", async () => {
  const jobs = [
    jobOf({ job_id: "runs" }),
    jobOf({ job_id: "saves", status: "succeeded", status_text: "Succeeded" }),
    jobOf({ job_id: "failed", status: "failed", final: true }),
    jobOf({ job_id: "lost", status: "unconfirmed" }),
  ];
  const { rows, button, more } = show({ jobs_page: { rev: 1, total: 4, pages: 1, items: jobs } });
  for (const row of rows()) await more(row);
  expect(rows().map((row) => !!button("Delete", row))).toEqual([false, false, true, true]);
});

test("of an unconfirmed job it says that it may have been paid for, and deletes it all the same", async () => {
  const { model, rows, remove, wait } = show({ jobs_page: { rev: 1, total: 1, pages: 1, items: [jobOf({ job_id: "lost", status: "unconfirmed" })] } });
  await remove(0);
  expect(rows()[0]!.textContent).toContain("It may have been paid for, and can then no longer be brought back.");
  await wait(5);
  model.list([jobOf({ job_id: "lost", status: "processing" })]);
  await wait(5);
  expect(model.all("delete")).toMatchObject([{ job_id: "lost", force: true }]);
});

test("Undo stays in reach when a search takes the row away", async () => {
  const { model, el, rows, button, remove, wait } = show();
  await remove(1);
  model.list([THREE[0]!], { text: "fox" });
  expect(rows()).toHaveLength(1);
  expect(el.querySelector(".sdw-jobs")!.textContent).toContain("Deleting job two and its files in 10 s.");
  button("Undo").click();
  await wait(60);
  expect(el.textContent).not.toContain("Deleting");
  expect(model.all("delete")).toEqual([]);
});

test("on the stage it is the same: Undo has the focus there, and what is deleted leaves the stage", async () => {
  const { model, side, button, more, wait, answer } = show({ selected: "two" });
  await more(side());
  button("Delete", side()).focus();
  button("Delete", side()).click();
  expect(document.activeElement).toBe(button("Undo", side()));
  button("Undo", side()).click();
  expect(document.activeElement).toBe(button("Delete", side()));
  button("Delete", side()).click();
  await wait(10);
  model.show({ stage: THREE[1]! });
  answer(0, true);
  expect(side().textContent).not.toContain("a boat");
});

test("a deleted job is no longer chosen to be compared", async () => {
  const { el, rows, button, remove, wait, answer } = show();
  button("Compare", rows()[0]).click();
  button("Compare", rows()[1]).click();
  await remove(1);
  await wait(10);
  answer(0, true);
  expect(el.textContent).toContain("1 selected");
});
