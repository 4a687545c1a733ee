import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refused } from "../../lab/src/api";
import { LargeView } from "../../lab/src/large";
import { Model } from "../../lab/src/model";
import { Orders } from "../../lab/src/orders";
import { JobsView } from "../../lab/src/panel-mount";
import { FIRST_PLACE, type Place } from "../../lab/src/panel-state";
import type { Desktop } from "../../lab/src/props";
import { Undo } from "../../src/shared/undo";
import { FakeServer, jobOf, newOf, newsOf } from "./fakes";

let views: { stop(): void }[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
});
afterEach(() => {
  for (const view of views) view.stop();
  views = [];
  document.body.replaceChildren();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function panelOf(server: FakeServer, place: Place = FIRST_PLACE) {
  const host = { open: vi.fn(), studio: vi.fn(), keep: vi.fn(), desktop: vi.fn<() => Desktop>(() => "off"), allow: vi.fn(async () => {}) };
  const cells: string[] = [];
  const said: string[] = [];
  const model = new Model(server.api, "0.1.0");
  await model.look();
  const undo = new Undo(async (id) => void (await server.api.remove(id, orders.wasUnconfirmed(id))), () => orders.tell(null));
  const orders: Orders = new Orders(server.api, undo, { insert: (cell) => cells.push(cell), say: (words) => said.push(words) });
  const view = new JobsView(server.api, model, orders, host);
  view.restore(place);
  views.push(view);
  document.body.append(view.root);
  view.show(true);
  await vi.advanceTimersByTimeAsync(50);
  const rows = () => [...view.root.querySelectorAll<HTMLElement>("[role=listitem]")];
  const pick = (i: number) => rows()[i]!.querySelector<HTMLElement>(".sdw-lab-pick")!;
  const button = (name: string) => [...view.root.querySelectorAll<HTMLElement>("button")].find((each) => (each.getAttribute("aria-label") ?? each.textContent) === name)!;
  const wait = (ms = 50) => vi.advanceTimersByTimeAsync(ms);
  const key = async (name: string) => {
    document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
    await wait(100);
  };
  return { view, model, orders, host, cells, said, rows, pick, button, wait, key };
}

function three(): FakeServer {
  return new FakeServer([
    jobOf({ id: "aaaaaaaa", prompt: "a fox in fresh snow", status: "processing", status_text: "Generating", is_final: false, clip: null, can_cancel: true, can_download: false, can_delete: false }),
    jobOf({ id: "bbbbbbbb", is_new: true }),
    jobOf({ id: "cccccccc", status: "failed", status_text: "Failed", clip: null, problem: { code: "content", message: "The prompt was refused." } }),
  ]);
}

test("every job of the history is in a list that says how many there are", async () => {
  const { view, rows } = await panelOf(three());
  expect(view.root.querySelector("[role=list]")?.getAttribute("aria-label")).toBe("Jobs");
  expect(rows().map((row) => [row.getAttribute("aria-posinset"), row.getAttribute("aria-setsize")])).toEqual([["1", "3"], ["2", "3"], ["3", "3"]]);
  expect(view.root.textContent).toContain("3 jobs");
  expect(view.root.textContent).toContain("≈ $3.20 today, cap $20.00 a day");
});

test("ten thousand jobs put as few rows into the page as a hundred, and ask for one part", async () => {
  const server = new FakeServer(Array.from({ length: 10_000 }, (_, i) => jobOf({ id: `job${i}` })));
  const { rows } = await panelOf(server);
  expect(rows().length).toBeLessThan(30);
  expect(server.asked.filter((each) => each.includes("jobs?"))).toHaveLength(1);
});

test("a prompt that is markup stays text", async () => {
  const { view } = await panelOf(new FakeServer([jobOf({ prompt: "<img src=x onerror=alert(1)>" })]));
  expect(view.root.querySelector("img")).toBe(null);
  expect(view.root.textContent).toContain("<img src=x onerror=alert(1)>");
});

test("a row is read out with its prompt, its status and that it is new", async () => {
  const { pick } = await panelOf(three());
  expect(pick(1).getAttribute("aria-label")).toBe("a paper boat in heavy rain. Succeeded. New");
});

test("what is typed is searched for after a pause, once", async () => {
  const server = three();
  const { view, rows, wait } = await panelOf(server);
  const field = view.root.querySelector<HTMLInputElement>("input[type=search]")!;
  for (const text of ["f", "fo", "fox"]) {
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  await wait(400);
  expect(rows()).toHaveLength(1);
  expect(server.asked.filter((each) => each.includes("text="))).toEqual(["GET jobs?text=fox&offset=0&limit=50"]);
});

test("a search that nothing fits says so and leads back", async () => {
  const { view, button, wait, rows } = await panelOf(three(), { ...FIRST_PLACE, query: { text: "zebra", status: "", model: "", starred: false } });
  expect(view.root.textContent).toContain("No jobs match.");
  button("Show all jobs").click();
  await wait();
  expect(rows()).toHaveLength(3);
});

test("an empty history says what will be here and offers the Studio", async () => {
  const { view, button, host } = await panelOf(new FakeServer());
  expect(view.root.textContent).toContain("No jobs yet.");
  button("Open the Studio").click();
  expect(host.studio).toHaveBeenCalled();
});

test("the arrow keys go through the list with the focus, Enter opens the job", async () => {
  const { view, key, host } = await panelOf(three());
  view.focus();
  await key("ArrowDown");
  expect(document.activeElement?.getAttribute("aria-label")).toContain("paper boat");
  await key("ArrowDown");
  expect(document.activeElement?.getAttribute("aria-label")).toContain("Failed");
  await key("ArrowUp");
  await key("Enter");
  expect(host.open).toHaveBeenCalledExactlyOnceWith("bbbbbbbb");
});

test("one row can be reached by Tab, and it is the selected one", async () => {
  const { rows, pick, wait } = await panelOf(three());
  const reachable = () => rows().filter((row) => row.querySelector(".sdw-lab-pick")?.getAttribute("tabindex") === "0").map((row) => row.dataset.sdwJob);
  expect(reachable()).toEqual(["aaaaaaaa"]);
  pick(2).click();
  await wait();
  expect(reachable()).toEqual(["cccccccc"]);
});

test("Space plays a clip without sound, Space again stops it", async () => {
  const { view, pick, key } = await panelOf(three());
  pick(1).focus();
  await key(" ");
  const video = view.root.querySelector("video")!;
  expect([video.getAttribute("src"), video.muted]).toEqual(["/hub/user/bob/seedance/jobs/bbbbbbbb/clip", true]);
  await key(" ");
  expect(view.root.querySelector("video")).toBe(null);
});

test("a poster plays while the pointer rests on it, one at a time", async () => {
  const server = new FakeServer([jobOf({ id: "aaaaaaaa" }), jobOf({ id: "bbbbbbbb" })]);
  const { view, wait } = await panelOf(server);
  const [first, second] = [...view.root.querySelectorAll(".sdw-lab-poster")];
  first!.dispatchEvent(new MouseEvent("mouseenter"));
  await wait(200);
  expect(view.root.querySelectorAll("video")).toHaveLength(1);
  second!.dispatchEvent(new MouseEvent("mouseenter"));
  await wait(200);
  expect([...view.root.querySelectorAll("video")].map((each) => each.getAttribute("src"))).toEqual(["/hub/user/bob/seedance/jobs/bbbbbbbb/clip"]);
  second!.dispatchEvent(new MouseEvent("mouseleave"));
  await wait(200);
  expect(view.root.querySelectorAll("video")).toHaveLength(0);
});

test("nothing moves under the pointer of a person who wants no movement", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  const { view, wait } = await panelOf(three());
  view.root.querySelectorAll(".sdw-lab-poster")[1]!.dispatchEvent(new MouseEvent("mouseenter"));
  await wait(500);
  expect(view.root.querySelector("video")).toBe(null);
});

test("Delete can be taken back for ten seconds, and nothing is deleted before", async () => {
  const server = three();
  const { pick, button, wait, view } = await panelOf(server);
  pick(1).click();
  await wait();
  button("Delete").click();
  await wait(9000);
  expect(view.root.textContent).toMatch(/Deleting in [12] s/);
  button("Undo").click();
  await wait(5000);
  expect(server.asked.filter((each) => each.startsWith("DELETE"))).toEqual([]);
  button("Delete").click();
  await wait(11_000);
  expect(server.asked.filter((each) => each.startsWith("DELETE"))).toEqual(["DELETE jobs/bbbbbbbb"]);
});

test.each<[Desktop, string, boolean]>([
  ["off", "", false],
  ["granted", "", false],
  ["default", "this browser has not allowed them yet", true],
  ["denied", "this browser blocks them", false],
  ["impossible", "they need https", false],
])("with desktop notifications %s the panel says %o, and asks only by a click", async (desktop, words, asks) => {
  const { view, host, button, wait } = await panelOf(three());
  host.desktop.mockReturnValue(desktop);
  view.draw();
  await wait();
  expect(view.root.querySelector(".sdw-lab-allow")?.textContent ?? "").toContain(words);
  expect(view.root.querySelector(".sdw-lab-allow") !== null).toBe(words !== "");
  expect(host.allow).not.toHaveBeenCalled();
  expect(button("Allow") !== undefined).toBe(asks);
  if (!asks) return;
  button("Allow").click();
  expect(host.allow).toHaveBeenCalledOnce();
});

test("an unconfirmed job can be deleted, after a warning, and the server is told that it was read", async () => {
  const lost = { status: "unconfirmed", status_text: "Unconfirmed: the server's answer was lost", is_final: false, clip: null, can_delete: false } as const;
  const server = new FakeServer([jobOf({ id: "aaaaaaaa", ...lost }), jobOf({ id: "bbbbbbbb" })]);
  const { pick, button, wait, view } = await panelOf(server);
  for (const place of [0, 1]) {
    pick(place).click();
    await wait();
    button("Delete").click();
    await wait();
  }
  expect(view.root.textContent).toContain("What it cost stays counted.");
  pick(0).click();
  await wait();
  expect(view.root.textContent).toContain("It may have been paid for, and can then no longer be brought back.");
  await wait(11_000);
  expect(server.asked.filter((each) => each.startsWith("DELETE"))).toEqual(["DELETE jobs/aaaaaaaa?force=true", "DELETE jobs/bbbbbbbb"]);
});

test("the Delete key on a job that goes on says so and counts nothing down", async () => {
  const { pick, key, view, said } = await panelOf(three());
  pick(0).focus();
  await key("Delete");
  expect(said).toEqual(["This job is still at work: cancel it, or wait until it has ended."]);
  expect(view.root.textContent).not.toContain("Deleting");
});

test("a star shows at once and is sent once", async () => {
  const server = three();
  const { pick, button, wait } = await panelOf(server);
  pick(1).click();
  await wait();
  button("Star").click();
  await wait();
  expect(button("Star").getAttribute("aria-pressed")).toBe("true");
  expect(server.asked.filter((each) => each.startsWith("POST"))).toEqual(["POST jobs/bbbbbbbb/mark"]);
});

test("a mark that is refused is taken back and said", async () => {
  const server = three();
  const { pick, button, wait, said } = await panelOf(server);
  pick(1).click();
  await wait();
  server.refusal = new Refused(503, "The history is locked.", "", "Try again.");
  button("Star").click();
  await wait();
  expect(said).toEqual(["The history is locked. Try again."]);
  expect(button("Star").getAttribute("aria-pressed")).toBe("false");
});

/** The field of the selected job, or the choice above the list, with this name. */
function field(view: JobsView, name: string): HTMLInputElement | HTMLSelectElement {
  const isNamed = (each: Element) => (each.getAttribute("aria-label") ?? each.closest("label")?.querySelector("span")?.textContent) === name;
  return [...view.root.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")].find(isNamed)!;
}

function choose(view: JobsView, name: string, value: string): void {
  const list = field(view, name);
  list.value = value;
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

const sentBy = (server: FakeServer) => server.asked.filter((each) => each.startsWith("POST"));
const spokenIn = (view: JobsView) => view.root.querySelector("[role=status].sdw-unseen")?.textContent;

test("Cancel is asked for once, and until the server has done it the panel says so", async () => {
  const server = three();
  const { view, pick, button, wait } = await panelOf(server);
  pick(0).click();
  await wait();
  button("Cancel").click();
  await wait();
  expect(button("Cancel")).toBe(undefined);
  expect(spokenIn(view)).toBe("Cancelling");
  expect(button("Cancelling…").getAttribute("aria-disabled")).toBe("true");
  button("Cancelling…").click();
  await wait();
  expect(sentBy(server)).toEqual(["POST jobs/aaaaaaaa/cancel"]);
});

test("Download again is offered where there is something to fetch, and asks for it", async () => {
  const server = three();
  const { view, pick, button, wait } = await panelOf(server);
  pick(0).click();
  await wait();
  expect(button("Download again")).toBe(undefined);
  pick(1).click();
  await wait();
  button("Download again").click();
  await wait();
  expect(sentBy(server)).toEqual(["POST jobs/bbbbbbbb/download"]);
  expect(spokenIn(view)).toBe("Downloading again");
});

test("a rating is given, and taken away by None", async () => {
  const server = three();
  const { view, pick, wait } = await panelOf(server);
  pick(1).click();
  await wait();
  for (const [value, rating] of [["4", 4], ["", null]] as const) {
    choose(view, "Rating", value);
    await wait();
    expect(server.jobs[1]!.rating).toBe(rating);
  }
});

test.each([
  ["Tags", " rain, hero ,rain", { tags: ["rain", "hero"] }, "rain, hero"],
  ["Note", " for the opening ", { note: "for the opening" }, "for the opening"],
])("%s are saved by Enter or by leaving the field, and given back by Escape", async (name, typed, saved, shown) => {
  const server = three();
  const { view, pick, wait } = await panelOf(server);
  const press = async (key: string) => {
    field(view, name).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await wait();
  };
  const leave = async () => {
    field(view, name).dispatchEvent(new FocusEvent("blur"));
    await wait();
  };
  pick(1).click();
  await wait();
  field(view, name).value = "never mind";
  await press("Escape");
  await leave();
  expect([field(view, name).value, sentBy(server)]).toEqual(["", []]);
  field(view, name).value = typed;
  await press("Enter");
  await leave();
  expect(server.jobs[1]).toMatchObject(saved);
  expect(field(view, name).value).toBe(shown);
  field(view, name).value = "";
  await leave();
  expect([server.jobs[1]!.tags, server.jobs[1]!.note]).toEqual([[], ""]);
  expect(sentBy(server)).toHaveLength(2);
});

test("status, model and star narrow the list, each with the others, and are kept for the next page", async () => {
  const server = new FakeServer([
    jobOf({ id: "aaaaaaaa", model: "seedance-2.0-fast", starred: true }),
    jobOf({ id: "bbbbbbbb", starred: true }),
    jobOf({ id: "cccccccc", status: "failed", status_text: "Failed", starred: true }),
    jobOf({ id: "dddddddd" }),
  ]);
  const { view, button, rows, wait, host } = await panelOf(server);
  const listed = async () => {
    await wait(500);
    return rows().map((row) => row.dataset.sdwJob![0]).join("");
  };
  expect([...field(view, "Model").querySelectorAll("option")].map((each) => each.textContent)).toEqual(["Model", "seedance-2.0", "seedance-2.0-fast"]);
  choose(view, "Status", "succeeded");
  expect(await listed()).toBe("abd");
  choose(view, "Model", "seedance-2.0");
  expect(await listed()).toBe("bd");
  button("Starred only").click();
  expect(await listed()).toBe("b");
  expect(button("Starred only").getAttribute("aria-pressed")).toBe("true");
  expect(host.keep.mock.lastCall![0]).toMatchObject({ query: { status: "succeeded", model: "seedance-2.0", starred: true } });
  choose(view, "Status", "");
  choose(view, "Model", "");
  expect(await listed()).toBe("abc");
  button("Starred only").click();
  expect(await listed()).toBe("abcd");
});

test("a job that waits for its key says what to do, can be cancelled, and its row says so, too", async () => {
  const sentence = "Waits for its key, which only a kernel that has ended knew: set SEEDANCE_API_KEY where this server is started";
  const waiting = { status: "processing", status_text: sentence, needs_key: true, is_final: false, is_settled: false, clip: null, can_cancel: true, can_download: false } as const;
  const { view, pick, button, wait } = await panelOf(new FakeServer([jobOf({ id: "aaaaaaaa", ...waiting })]));
  expect(pick(0).getAttribute("aria-label")).toBe(`a paper boat in heavy rain. ${sentence}`);
  pick(0).click();
  await wait();
  const told = (part: string) => view.root.querySelector(`[aria-label='Selected job'] ${part}`)?.textContent;
  expect([told(".sdw-status"), told(".sdw-lab-reason")]).toEqual(["Needs a key", sentence]);
  expect(button("Cancel")).not.toBe(undefined);
  expect(button("Download again")).toBe(undefined);
});

test("the cell that makes a clip again is put into the notebook, and nothing is sent", async () => {
  const server = three();
  const { pick, button, wait, cells } = await panelOf(server);
  pick(1).click();
  await wait();
  button("Make again").click();
  button("Insert clip").click();
  await wait();
  expect(cells).toEqual(["%%seedance\nx", "%seedance_show bbbbbbbb"]);
  expect(server.asked.filter((each) => each.startsWith("POST"))).toEqual([]);
});

test("an event redraws what is in sight; a hidden panel asks for nothing", async () => {
  const server = three();
  const { view, model, wait, rows } = await panelOf(server);
  const told = { api: 1, history: "ok", open: 1, statuses: {}, new_count: 0, changed: [{ id: "dddddddd", status: "queued", kind: "open", is_new: false }], more: 0 };
  server.jobs.unshift(jobOf({ id: "dddddddd" }));
  model.hear({ ...told, changes: "2" });
  await wait();
  expect(rows()).toHaveLength(4);
  view.show(false);
  const before = server.asked.length;
  model.hear({ ...told, changes: "3" });
  await wait(5000);
  expect(server.asked.slice(before)).toEqual([]);
});

test("filter, selection and place are kept, and taken up by the next page", async () => {
  const { pick, wait, host } = await panelOf(three());
  pick(2).click();
  await wait(500);
  const kept = host.keep.mock.lastCall![0] as Place;
  expect(kept.selected).toBe("cccccccc");
  const next = await panelOf(three(), { ...kept, query: { ...kept.query, text: "paper" } });
  expect(next.view.root.querySelector<HTMLInputElement>("input[type=search]")?.value).toBe("paper");
  expect(next.view.root.querySelector("[aria-label='Selected job']")?.textContent).toContain("The prompt was refused.");
});

test("what is new stays marked while the panel is open, and no longer", async () => {
  const server = three();
  const { view, model, wait, pick } = await panelOf(server);
  server.jobs[1] = { ...server.jobs[1]!, is_new: false, rev: 2 };
  model.hear({ api: 1, history: "ok", open: 1, statuses: {}, new_count: 0, changes: "2", changed: [{ id: "bbbbbbbb", status: "succeeded", kind: "seen", is_new: false }], more: 0 });
  await wait();
  expect(pick(1).getAttribute("aria-label")).toContain("New");
  view.show(false);
  view.show(true);
  await wait();
  expect(pick(1).getAttribute("aria-label")).not.toContain("New");
});

test("a server that stops answering is said above the list, which stays", async () => {
  const server = three();
  const { view, model, wait, rows } = await panelOf(server);
  server.refusal = new Refused(0, "The Jupyter server does not answer.");
  await model.look();
  await wait();
  expect(view.root.textContent).toContain("The Jupyter server does not answer.");
  expect(rows()).toHaveLength(3);
});

test("nothing is asked for before it is known where the panel was", async () => {
  const server = three();
  const { model, orders, host, wait } = await panelOf(server);
  const late = new JobsView(server.api, model, orders, host);
  views.push(late);
  const before = server.asked.length;
  late.show(true);
  await wait(500);
  expect(server.asked.slice(before)).toEqual([]);
  late.restore({ ...FIRST_PLACE, query: { text: "fox", status: "", model: "", starred: false } });
  await wait();
  expect(server.asked.slice(before)).toContain("GET jobs?text=fox&offset=0&limit=50");
});

test("after it was taken away nothing is asked and nothing stays", async () => {
  const server = three();
  const { view, model, wait } = await panelOf(server);
  view.stop();
  const before = server.asked.length;
  server.news = newOf({ changes: "5", new: [newsOf("x")] });
  model.hear({ api: 1, history: "ok", open: 1, statuses: {}, new_count: 0, changes: "4", changed: [], more: 1 });
  await wait(120_000);
  expect(server.asked.slice(before)).toEqual([]);
  expect(view.root.childElementCount).toBe(0);
});

test("the large view plays by the server's address, and by bytes where an element may not fetch", async () => {
  const server = new FakeServer([jobOf({ clip_facts: { size_bytes: 1e6, width: 1280, height: 720, duration_s: 5, has_audio: false } })]);
  const { model, orders, wait } = await panelOf(server);
  const view = new LargeView("abcd2345", server.api, model, orders, () => {});
  views.push(view);
  await wait();
  const video = view.root.querySelector("video")!;
  expect(video.getAttribute("src")).toBe("/hub/user/bob/seedance/jobs/abcd2345/clip");
  video.dispatchEvent(new Event("error"));
  await wait();
  expect(view.root.querySelector("video")?.getAttribute("src")).toMatch(/^blob:/);
  expect(server.asked).toContain("GET jobs/abcd2345/clip");
});
