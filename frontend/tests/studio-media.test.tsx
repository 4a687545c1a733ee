import { expect, test, vi } from "vitest";
import { withFrame } from "../src/studio/media-list";
import { isPicture, refusalOf } from "../src/studio/uploads";
import { hostSays, SERVED } from "./fakes";
import { doneJob, jobOf, requestOf, studioOf } from "./studio-fakes";
import { mountStudio } from "./studio-page";

const SHA = "a".repeat(64);
const CAT = `media:${SHA}.png`;
const DOG = `media:${"b".repeat(64)}.png`;
const entry = (part = {}) => ({ url: CAT, name: "cat.png", kind: "image", thumbnail: "data:image/jpeg;base64,AAAA", notes: [] as string[], problem: "", ...part });

function show(traits: Record<string, unknown> = {}) {
  const { model, el, cleanUp } = mountStudio({ view: studioOf({ most_bytes: 100_000_000 }), ...traits });
  const find = <E extends HTMLElement = HTMLElement>(selector: string) => el.querySelector<E>(selector);
  const named = <E extends HTMLElement = HTMLElement>(name: string) => find<E>(`[aria-label="${name}"]`);
  const items = () => [...el.querySelectorAll<HTMLElement>(".sdw-media-item")];
  const said = () => find("[role=status]")?.textContent;
  const check = (part: object) => model.show({ check: { click_id: model.all("check").at(-1)!.click_id, problems: [], media: [], cost_usd: null, ...part } as never });
  const answer = (part: object) => model.emit("msg:custom", { type: "medium", received: 0, entry: null, ...part }, []);
  return { model, el, find, named, items, said, check, answer, cleanUp };
}

const carrying = (type: string, files: File[], types = ["Files"]) =>
  Object.assign(new Event(type, { bubbles: true, cancelable: true }), { dataTransfer: { types, files, getData: () => "" }, clipboardData: { types, files, getData: () => "" } });
const png = (size = 5, name = "cat.png") => new File([new Uint8Array(size)], name, { type: "image/png" });
const soon = () => vi.advanceTimersByTimeAsync(200);

test.each(["drop", "paste"])("a picture that comes by %s goes to the kernel, and its entry into the form with its name and thumbnail", async (how) => {
  const { model, find, items, answer, said } = show();
  const event = carrying(how, [png()]);
  find("textarea")!.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(true);
  await soon();
  const [piece] = model.all("medium");
  expect(piece).toMatchObject({ name: "cat.png", offset: 0, size: 5 });
  expect(model.bytes?.byteLength).toBe(5);
  expect(items()[0]?.textContent).toContain("reading");
  answer({ click_id: "of another view", entry: entry() });
  expect(model.traits.media_urls).toEqual([]);
  answer({ click_id: piece!.click_id, received: 5, entry: entry({ notes: ["Its transparent parts are white."] }) });
  await soon();
  expect(model.traits.media_urls).toEqual([CAT]);
  expect(items()).toHaveLength(1);
  expect(items()[0]?.textContent).toContain("cat.png");
  expect(items()[0]?.textContent).toContain("transparent");
  expect(items()[0]?.querySelector("img")?.src).toContain("data:image/jpeg");
  expect(said()).toBe("Added cat.png");
  expect(model.all("known")).toEqual([]); // the answer told it already
  expect(model.all("submit")).toEqual([]);
});

test("chosen files go one after the other, each in pieces of which the next leaves when the one before was taken", async () => {
  const { model, named, answer } = show();
  const input = named<HTMLInputElement>("Media files")!;
  Object.defineProperty(input, "files", { value: [png(5 << 20, "a.png"), png(3, "b.png")] });
  input.dispatchEvent(new Event("change", { bubbles: true }));
  await soon();
  expect(model.all("medium")).toMatchObject([{ name: "a.png", offset: 0, size: 5 << 20 }]);
  expect(model.bytes?.byteLength).toBe(4 << 20);
  answer({ click_id: model.all("medium")[0]!.click_id, received: 4 << 20 });
  await soon();
  expect(model.all("medium")[1]).toMatchObject({ name: "a.png", offset: 4 << 20 });
  expect(model.bytes?.byteLength).toBe(1 << 20);
  answer({ click_id: model.all("medium")[1]!.click_id, entry: entry() });
  await soon();
  expect(model.all("medium")[2]).toMatchObject({ name: "b.png", offset: 0 });
  expect(new Set(model.all("medium").map(({ upload }) => upload)).size).toBe(2);
});

test.each([
  [png(0, "none.png"), "none.png is empty: 0 bytes."],
  [new File(["x"], "notes.txt", { type: "text/plain" }), "notes.txt is no picture, film or sound."],
  [Object.defineProperty(png(1, "huge.png"), "size", { value: 200_000_000 }), "huge.png is 200 MB, and at most 100 MB are read."],
])("what is no medium is a sentence in the field, and nothing is sent: %o", async (file, words) => {
  const { model, find, items, said } = show();
  find(".sdw-drop")!.dispatchEvent(carrying("drop", [file]));
  await soon();
  expect(items()[0]?.textContent).toContain(words);
  expect(said()).toContain(words);
  expect(model.all("medium")).toEqual([]);
  find('[aria-label="Dismiss"]')?.click();
  await soon();
  expect(items()).toEqual([]);
});

test("the kernel's refusal stands in the field, and the form is left alone", async () => {
  const { model, find, items, answer } = show();
  find(".sdw-drop")!.dispatchEvent(carrying("drop", [png()]));
  await soon();
  answer({ click_id: model.all("medium")[0]!.click_id, entry: entry({ url: "", problem: "cat.png is an animation." }) });
  await soon();
  expect(items()[0]?.textContent).toContain("cat.png is an animation.");
  expect(model.traits.media_urls).toEqual([]);
});

test("a file that is taken back while it comes is not added", async () => {
  const { model, find, items, answer } = show();
  find(".sdw-drop")!.dispatchEvent(carrying("drop", [png()]));
  await soon();
  items()[0]?.querySelector<HTMLElement>('[aria-label="Remove"]')?.click();
  answer({ click_id: model.all("medium")[0]!.click_id, entry: entry() });
  await soon();
  expect(model.traits.media_urls).toEqual([]);
});

test("words that were copied together with a picture are pasted as words", async () => {
  const { model, find } = show();
  const event = carrying("paste", [png()], ["text/plain", "Files"]);
  find("textarea")!.dispatchEvent(event);
  await soon();
  expect([event.defaultPrevented, model.all("medium")]).toEqual([false, []]);
});

test("while a file is dragged above it the whole Studio says what becomes of it", async () => {
  const { find } = show();
  const above = carrying("dragover", []);
  find("textarea")!.dispatchEvent(above);
  await soon();
  expect(above.defaultPrevented).toBe(true);
  expect(find(".sdw-veil")?.textContent).toContain("Drop");
  find(".sdw-studio")!.dispatchEvent(Object.assign(carrying("dragleave", []), { relatedTarget: document.body }));
  await soon();
  expect(find(".sdw-veil")).toBeNull();
});

test("of a medium that came with a job the kernel is asked once for its name and thumbnail", async () => {
  const { model, items, answer } = show({ media_urls: [CAT] });
  await soon();
  expect(model.all("known")).toMatchObject([{ url: CAT }]);
  answer({ click_id: model.all("known")[0]!.click_id, entry: entry({ problem: "The medium cat.png is gone." }) });
  await soon();
  expect(items()[0]?.textContent).toContain("cat.png");
  expect(items()[0]?.textContent).toContain("is gone");
  expect(model.all("known")).toHaveLength(1);
});

test("a typo in a link stays in a field of its own, which stays while it is mended", async () => {
  const { model, items, check, named } = show({ media_urls: ["https://a/1.jpg", "htps://a/2.jpg"] });
  await soon();
  check({ problems: [{ field: "media_urls", text: "is not https", index: 1 }] });
  const field = named<HTMLInputElement>("Link 2")!;
  expect(field.value).toBe("htps://a/2.jpg");
  field.focus();
  field.value = "https://a/2.jpg";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await soon();
  check({});
  expect(model.traits.media_urls).toEqual(["https://a/1.jpg", "https://a/2.jpg"]);
  expect(document.activeElement).toBe(named("Link 2"));
  field.blur();
  await soon();
  expect(named("Link 2")).toBeNull();
  expect(items()[1]?.textContent).toContain("2.jpg");
});

test("a wrong item keeps its reason when there are too many", async () => {
  const { items, check, find } = show({ media_urls: [CAT, DOG, CAT, DOG, CAT, "b.png"] });
  await soon();
  check({ problems: [{ field: "media_urls", text: "6 reference media are too many.", index: null }, { field: "media_urls", text: "is not https", index: 5 }] });
  expect(items()[5]?.textContent).toContain("is not https");
  expect(find('[data-field="media_urls"] > .sdw-wrong-text')?.textContent).toContain("too many");
});

test("an item that is dragged onto another takes its place", async () => {
  const { model, items } = show({ media_urls: [CAT, DOG, "https://a/3.mp3"] });
  const data = new Map<string, string>();
  const dataTransfer = { get types() { return [...data.keys()]; }, setData: (type: string, text: string) => data.set(type, text), getData: (type: string) => data.get(type) ?? "" };
  const fire = (at: number, type: string) => items()[at]!.dispatchEvent(Object.assign(new Event(type, { bubbles: true, cancelable: true }), { dataTransfer }));
  fire(2, "dragstart");
  fire(0, "dragover");
  fire(0, "drop");
  await soon();
  expect(model.traits.media_urls).toEqual(["https://a/3.mp3", CAT, DOG]);
});

test("a view that is taken away while a file comes sends no more of it", async () => {
  const { model, find, answer, cleanUp } = show();
  find(".sdw-drop")!.dispatchEvent(carrying("drop", [png(5 << 20)]));
  await soon();
  cleanUp();
  answer({ click_id: model.all("medium")[0]!.click_id, received: 4 << 20 });
  await soon();
  expect(model.all("medium")).toHaveLength(1);
});

test("what is a picture is told by its type, else by its name", () => {
  const kinds = [png(), new File([], "a.MP3"), new File([], "a.mp4", { type: "video/mp4" }), new File([], "a.json"), new File([], "a.heic")];
  expect(kinds.map(isPicture)).toEqual([true, true, false, false, true]);
  expect(refusalOf(new File(["x"], "a.mkv"), 10)).toBe("");
});

test.each([
  [[], "first", ["F"]],
  [[], "last", null],
  [[CAT], "first", ["F"]],
  [[CAT], "last", [CAT, "F"]],
  [["https://a/1.jpg?x=1", DOG], "first", ["F", DOG]],
  [[CAT, DOG], "last", [CAT, "F"]],
  [[CAT, DOG, CAT], "first", null],
  [["https://a/1.mp4"], "first", null],
  [[CAT, "https://a/1.mp3"], "last", null],
] as const)("a frame put into %o as the %s one is %o", (urls, frame, expected) => {
  expect(withFrame([...urls], frame, "F")).toEqual(expected);
});

function onStage(traits: Record<string, unknown> = {}) {
  hostSays(SERVED);
  const job = doneJob({ url: "files/a.mp4" });
  const shown = show({ view: studioOf({ most_bytes: 1e8, stage: job }), selected: job.job_id, jobs_page: { rev: 1, items: [job] }, ...traits });
  const video = shown.find<HTMLVideoElement>("video")!;
  const stand = (paused: boolean, at_s: number) => {
    Object.defineProperties(video, { paused: { value: paused, configurable: true }, currentTime: { value: at_s, configurable: true }, duration: { value: 5, configurable: true } });
    video.dispatchEvent(new Event(paused ? "pause" : "play"));
  };
  const offered = () => [...shown.el.querySelectorAll(".sdw-use-frame button")].map((each) => each.textContent);
  const press = (name: string) => [...shown.el.querySelectorAll<HTMLElement>(".sdw-use-frame button")].find((each) => each.textContent === name)!.click();
  return { ...shown, job, stand, offered, press };
}

test("a paused moment is offered as first frame, then as last frame, and goes into the field", async () => {
  const { model, stand, offered, press, answer, job } = onStage();
  stand(false, 1);
  await soon();
  expect(offered()).toEqual([]);
  stand(true, 1.25);
  await soon();
  expect(offered()).toEqual(["As first frame"]);
  press("As first frame");
  await soon();
  expect(model.all("frame")).toMatchObject([{ job_id: job.job_id, at_s: 1.25 }]);
  answer({ click_id: model.all("frame")[0]!.click_id, entry: entry() });
  await soon();
  expect(model.traits.media_urls).toEqual([CAT]);
  expect(offered()).toEqual(["As first frame", "As last frame"]);
  press("As last frame");
  await soon();
  answer({ click_id: model.all("frame")[1]!.click_id, entry: entry({ url: DOG }) });
  await soon();
  expect(model.traits.media_urls).toEqual([CAT, DOG]);
  stand(true, 4.999);
  await soon();
  press("As last frame");
  await soon();
  expect(model.all("frame").at(-1)).toMatchObject({ at_s: null }); // where a clip has ended, its last picture is meant
});

test("no frame is offered beside references, and where no file can be sent", async () => {
  const beside = onStage({ media_urls: ["https://a/1.mp3"] });
  beside.stand(true, 1);
  await soon();
  expect(beside.offered()).toEqual([]);
  beside.model.show({ cannot_continue: "No place." });
  await soon();
  expect(beside.find(".sdw-use-frame")).toBeNull();
});

test("a job whose media could not be fetched is sent again from the stage, after asking, as its child", async () => {
  const problem = { title: "The server could not fetch the media", what: "HTTP 403", charged: "", next: "", details: "", fix: "again" };
  const job = jobOf({ status: "failed", final: true, problem, request: requestOf({ media_urls: [CAT] }) });
  const { model, el } = show({ view: studioOf({ stage: job }), selected: job.job_id, jobs_page: { rev: 1, items: [job] } });
  const offer = el.querySelector<HTMLDetailsElement>(".sdw-send-again")!;
  expect([offer.open, offer.querySelector("summary")!.textContent]).toEqual([false, "Send again…"]); // what spends is out of sight
  offer.open = true;
  expect(offer.textContent).toContain("for ≈ $0.80?");
  expect(model.all("submit")).toEqual([]);
  offer.querySelector("button")!.click();
  expect(offer.open).toBe(false);
  expect(model.all("submit")).toMatchObject([{ how: "again", of: job.job_id, shown_usd: 0.8, force: true }]);
});

test("the stage and the list say what a job is of the one that it was made from", () => {
  const made = (relation: string) => doneJob({ job_id: relation, parent_id: "k3f9x2ab99", relation });
  const items = [made("continues"), made("take"), made("variation")];
  const { el } = show({ view: studioOf({ stage: items[0]! }), selected: "continues", jobs_page: { rev: 1, total: 3, pages: 1, items } });
  const rows = [...el.querySelectorAll("[role=list][aria-label=Jobs] article")].map((each) => each.textContent);
  expect(rows[0]).toContain("continues k3f9x2ab");
  expect(rows[1]).toContain("another take of k3f9x2ab");
  expect(rows[2]).not.toContain("k3f9x2ab");
  expect(el.querySelector(".sdw-footer")?.textContent).toContain("Continues k3f9x2ab");
});
