import { expect, test, vi } from "vitest";
import card from "../src/card";
import type { CardView, Clip } from "../src/shared/job-view";
import { isAtOnce } from "../src/shared/cancel";
import { CLIP, FakeModel, finished, hostSays, onFakePage, viewOf } from "./fakes";

const mounted: (() => void)[] = [];

function show(view: unknown, model = new FakeModel(view)) {
  const el = document.body.appendChild(document.createElement("div"));
  const cleanUp = card.render({ model, el });
  mounted.push(cleanUp);
  const find = <E extends HTMLElement = HTMLElement>(selector: string) => el.querySelector<E>(selector);
  const button = (name: string) => [...el.querySelectorAll("button")].find((each) => each.textContent === name);
  const rests = (name: string) => button(name)?.getAttribute("aria-disabled");
  return { el, model, cleanUp, find, button, rests };
}

onFakePage(mounted);

test("assistive technology finds the card, its bar, its status and its button by name", () => {
  const { find, rests } = show(viewOf());
  expect(find("article")?.getAttribute("aria-label")).toBe("Seedance job");
  expect(find("[role=progressbar]")?.getAttribute("aria-label")).toBe("Generation progress");
  expect(find("[role=progressbar]")?.getAttribute("aria-valuetext")).toContain("about 40 s left");
  expect(find("[role=status]")?.textContent).toBe("Generating");
  expect(rests("Cancel")).toBe("false");
});

test("there is one live region, and the clock is outside it", () => {
  const { el, find } = show(viewOf());
  expect(el.querySelectorAll("[aria-live], [role=status], [role=alert], [role=log]")).toHaveLength(1);
  expect(find("[role=status]")?.contains(find("[role=timer]"))).toBe(false);
});

test("clock and bar move without a word from the kernel", () => {
  const { find } = show(viewOf());
  const before = Number(find("[role=progressbar]")?.getAttribute("aria-valuenow"));
  vi.advanceTimersByTime(10_000);
  expect(find("[role=timer]")?.textContent).toBe("1:22");
  expect(Number(find("[role=progressbar]")?.getAttribute("aria-valuenow"))).toBeGreaterThan(before);
});

test("hello is said once a page, by initialize", () => {
  const model = new FakeModel(viewOf());
  expect(card.initialize({ model })).toBeUndefined();
  show(null, model);
  expect(model.sent).toEqual([{ type: "hello", page: "", language: "en-US", click_id: expect.stringMatching(/^[0-9a-f]{24}$/) }]);
});

test.each([
  ['{"appName": "JupyterLab", "appVersion": "4.3.8", "baseUrl": "/"}', "JupyterLab 4.3.8"],
  ['{"baseUrl": "/voila/"}', ""],
  ["null", ""],
  ["no JSON", ""],
])("hello carries what the page says of itself: %s", (text, page) => {
  const hush = hostSays(text);
  const model = new FakeModel(viewOf());
  card.initialize({ model });
  hush();
  expect(model.sent).toMatchObject([{ type: "hello", page }]);
});

test("a doubled click on Cancel is one command, and the button says so at once", () => {
  const { model, button, rests } = show(viewOf());
  const cancel = button("Cancel");
  cancel?.click();
  cancel?.click();
  expect(model.sent.map(({ type }) => type)).toEqual(["cancel"]);
  expect(rests("Cancelling…")).toBe("true");
});

test("two commands have two click ids", () => {
  const { model, button } = show(viewOf());
  button("Cancel")?.click();
  card.initialize({ model });
  expect(new Set(model.sent.map(({ click_id }) => click_id)).size).toBe(2);
});

test("a silent kernel is told calmly, and forgotten when it speaks", () => {
  const { el, model, find, rests } = show(viewOf());
  vi.advanceTimersByTime(20_000);
  expect(find(".sdw-note")?.textContent).toBe(
    "No word from the kernel for 20 s. The job goes on at the server. If the kernel was restarted, run %seedance_show k3f9x2ab",
  );
  expect(find("code.sdw-code")?.textContent).toBe("%seedance_show k3f9x2ab");
  expect(rests("Cancel")).toBe("true");
  model.show(viewOf({ rev: 2, elapsed_s: 92 }));
  expect(el.textContent).not.toContain("No word");
  expect(rests("Cancel")).toBe("false");
});

test.each<[string, Partial<CardView>]>([
  ["unconfirmed", { status: "unconfirmed" }],
  ["failed", { status: "failed", final: true }],
  ["saving", { status: "succeeded" }],
])("there is no generation bar and no Cancel when %s", (_, part) => {
  const { find, button } = show(viewOf({ cancel: "unavailable", ...part }));
  expect(find("[aria-label='Generation progress']")).toBeNull();
  expect(button("Cancel")).toBeUndefined();
});

test("later than nine in ten, the bar has no value", () => {
  const { find } = show(viewOf({ estimate: { elapsed_s: 200, median_s: 90, p90_s: 140, source: "from 12 earlier jobs like this" } }));
  expect(find("[role=progressbar]")?.hasAttribute("aria-valuenow")).toBe(false);
  expect(find(".sdw-meter-text")?.textContent).toContain("longer than expected");
});

test("markup in any text is shown, not run", () => {
  const evil = "<img src=x onerror=alert(1)>";
  const problem = { title: evil, what: evil, charged: evil, next: evil, details: "", fix: "" };
  const { el } = show(viewOf({ prompt: evil, status_text: evil, notice: evil, request_id: evil, options: [[evil, evil]], problem }));
  expect(el.querySelector("img")).toBeNull();
  expect(el.textContent).toContain(evil);
});

test.each(["javascript:alert(1)", "https://example.com/a.jpg", "data:text/html;base64,AAAA"])("a poster that is not a JPEG in itself is left out: %s", (poster) => {
  expect(show(finished({ poster })).find("img")).toBeNull();
});

test("a problem says what happened, what was charged and what to do; back ticks are code", () => {
  const problem = { title: "Refused", what: "The filter said no.", charged: "Nothing.", next: "Run `%seedance_doctor` now.", details: "", fix: "" };
  const { find } = show(viewOf({ status: "failed", final: true, problem }));
  const text = find(".sdw-problem")?.textContent;
  for (const words of ["Refused", "The filter said no.", "Nothing.", "Run %seedance_doctor now."]) expect(text).toContain(words);
  expect(find(".sdw-problem code")?.textContent).toBe("%seedance_doctor");
});

test("a download that got stuck can be asked for again, once", () => {
  const download = { received_bytes: 3, size_bytes: 9, problem: "The connection broke." };
  const { model, button, rests } = show(viewOf({ status: "succeeded", cancel: "unavailable", download }));
  button("Download again")?.click();
  button("Trying again…")?.click();
  expect(model.sent.map(({ type }) => type)).toEqual(["download"]);
  vi.advanceTimersByTime(5000);
  expect(rests("Download again")).toBe("false");
});

test("a card that is final when it appears pulls its clip and shows it", () => {
  const { model, find } = show(finished());
  vi.advanceTimersByTime(1);
  expect(model.sent).toMatchObject([{ type: "clip", offset: 0, length: CLIP.size_bytes }]);
  expect(find("[aria-label='Loading the clip']")).not.toBeNull();
  model.answer(0, 6, "abcdef");
  const video = find<HTMLVideoElement>("video");
  expect(video?.getAttribute("aria-label")).toBe("A paper boat");
  expect(video?.getAttribute("src")).toBe("blob:clip");
  expect(video?.hasAttribute("controls")).toBe(true);
  expect(video?.hasAttribute("autoplay")).toBe(false);
});

test("a card that just became final leaves the kernel time to replace it", () => {
  const { model, cleanUp } = show(viewOf());
  model.show(finished({ rev: 2 }));
  vi.advanceTimersByTime(300);
  cleanUp();
  vi.advanceTimersByTime(5000);
  expect(model.sent).toEqual([]);
});

test("two cards of one model each get the clip", () => {
  const first = show(finished());
  const second = show(null, first.model);
  vi.advanceTimersByTime(1);
  first.model.answer(0, 6, "abc");
  first.model.answer(0, 6, "abc");
  first.model.answer(3, 6, "def");
  first.model.answer(3, 6, "def");
  const sizes = vi.mocked(URL.createObjectURL).mock.calls.map(([blob]) => (blob as Blob).size);
  expect(sizes).toEqual([6, 6]);
  expect(second.find("video")).not.toBeNull();
});

test("after clean-up nothing is left: no listener, timer, URL or element", () => {
  const running = show(viewOf());
  const done = show(finished());
  vi.advanceTimersByTime(1);
  done.model.answer(0, 6, "abcdef");
  running.cleanUp();
  done.cleanUp();
  expect([...running.model.listeners, ...done.model.listeners]).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  expect(URL.revokeObjectURL).toHaveBeenCalledTimes(1);
  expect(running.el.childNodes.length + done.el.childNodes.length).toBe(0);
});

test("the host's signal cleans up too", () => {
  const model = new FakeModel(viewOf());
  const host = new AbortController();
  const el = document.createElement("div");
  card.render({ model, el, signal: host.signal });
  host.abort();
  expect(model.listeners).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a view says when it comes, where it is once it is in the page, and when it goes, once", () => {
  const model = new FakeModel(viewOf());
  const el = document.createElement("div");
  const cleanUp = card.render({ model, el });
  const output = document.body.appendChild(document.createElement("div"));
  output.className = "jp-OutputArea-child";
  vi.advanceTimersByTime(250);
  output.append(el);
  vi.advanceTimersByTime(100);
  cleanUp();
  cleanUp();
  const view = model.told[0]?.type === "shown" && model.told[0].view;
  expect(view).toMatch(/^[0-9a-f]{24}$/);
  expect(model.told).toMatchObject([
    { type: "shown", view, beside: false },
    { type: "shown", view, beside: true },
    { type: "gone", view },
  ]);
});

test("a view in a page of another kind never says that a fallback can be hidden", () => {
  const { model } = show(viewOf());
  vi.advanceTimersByTime(5000);
  expect(model.told).toMatchObject([{ type: "shown", beside: false }]);
});

test("a view that goes when nobody listens any more says nothing, and breaks nothing", () => {
  const { model, cleanUp } = show(viewOf());
  model.send = () => {
    throw new Error("The connection is closed");
  };
  cleanUp();
  expect(model.told).toMatchObject([{ type: "shown" }]);
});

test.each([
  [["sdw-at-1"], true],
  [["sdw-at-1", "sdw-at-2"], false],
])("asked whether what replaces the card is there, the page looks for all of it: %o", (marks, there) => {
  const model = new FakeModel(viewOf());
  card.initialize({ model });
  model.emit("msg:custom", { type: "look", look: 3, marks });
  document.body.appendChild(document.createElement("figure")).className = "sdw-durable sdw-at-1"; // drawn a moment later
  vi.advanceTimersByTime(1000);
  expect(model.told).toMatchObject([{ type: "looked", look: 3, there }]);
});

test.each([
  ["JupyterLab 4.6.6", true],
  ["JupyterLab 4.4.0rc1", true],
  ["JupyterLab 4.10.0", true],
  ["JupyterLab 5.0.0", true],
  ["JupyterLab 4.3.8", false],
  ["Jupyter Notebook 7.6.5", true],
  ["Jupyter Notebook 7.3.3", false],
  ["Another 9.1", false],
  ["JupyterLab", false],
  ["", false],
])("a page that is not known to pass a running cell makes Cancel say so: %s", (page, atOnce) => {
  expect(isAtOnce(["JupyterLab 4.4", "Jupyter Notebook 7.4"], page)).toBe(atOnce);
});

test("where a click may have to wait, the button says that it waits until the kernel has taken it", () => {
  const waiting = { cancel_note: "Takes effect when the running cell ends", cancel_at_once: ["JupyterLab 4.4"] };
  const { find, model, button, rests } = show(viewOf(waiting));
  expect(find(".sdw-cancel-note")?.textContent).toBe("Takes effect when the running cell ends");
  button("Cancel")?.click();
  expect(rests("Waiting…")).toBe("true");
  model.show(viewOf({ ...waiting, rev: 2, cancel: "asked" }));
  expect(rests("Cancelling…")).toBe("true");
});

test("MathJax of a page leaves the card alone: two dollar signs are dollars", () => {
  expect([...(show(viewOf()).find(".sdw-root")?.classList ?? [])]).toEqual(expect.arrayContaining(["tex2jax_ignore", "mathjax_ignore"]));
});

test("plain keys stay in the card, chords go on to the host", () => {
  const { el, find } = show(viewOf());
  const heard: string[] = [];
  el.addEventListener("keydown", (event) => heard.push(event.key));
  const press = (init: KeyboardEventInit) => find("button")?.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, ...init }));
  press({ key: "x" });
  press({ key: "s", ctrlKey: true });
  expect(heard).toEqual(["s"]);
  expect(find("[data-lm-suppress-shortcuts=true]")?.contains(find("button"))).toBe(true);
});

test.each([[{}], [null], [undefined]])("a trait that holds nothing yet is a card that starts: %o", (trait) => {
  expect(show(trait).find("[role=status]")?.textContent).toBe("Starting");
});

const shownClip = (clip: Partial<Clip>) => {
  const shown = show(finished({ clip: { ...CLIP, ...clip } }));
  vi.advanceTimersByTime(1);
  shown.model.answer(0, 6, "abcdef");
  return shown;
};

test.each([["loadedmetadata", 0], ["error", 0], ["loadedmetadata", 1280]])(
  "a clip whose pictures the browser cannot show (%s, %i pixels wide) is said to be one, and its file is offered",
  async (event, videoWidth) => {
    const { find } = shownClip({ codec: "hevc" });
    const video = find<HTMLVideoElement>("video")!;
    Object.defineProperty(video, "videoWidth", { value: videoWidth });
    video.dispatchEvent(new Event(event));
    await vi.advanceTimersByTimeAsync(100);
    expect(find("video") === null).toBe(videoWidth === 0);
    expect(find(".sdw-broken")?.textContent ?? "").toContain(videoWidth ? "" : "cannot play the clip (hevc)");
    expect(find<HTMLAnchorElement>(".sdw-broken a")?.download ?? "").toBe(videoWidth ? "" : "boat.mp4");
  },
);

test("a GIF is a picture that moves, and no video", () => {
  const { find } = shownClip({ filename: "boat.gif" });
  expect([find("video"), find("img")?.getAttribute("src")]).toEqual([null, "blob:clip"]);
});

test("a clip that could not be checked says so", () => {
  const { el } = shownClip({ filename: "boat.bin", width: 0, problem: "odd" });
  expect(el.textContent).toContain("boat.bin · 6 B · could not be checked");
});
