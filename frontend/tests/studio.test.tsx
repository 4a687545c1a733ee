import { afterEach, beforeEach, expect, test, vi } from "vitest";
import studio from "../src/studio";
import { priceOf } from "../src/studio/cost";
import { type CapsView, EMPTY_STUDIO } from "../src/studio/view";
import { hostSays, SERVED } from "./fakes";
import { BIG, doneJob, FakeModel, jobOf, requestOf, SMALL, studioOf } from "./studio-fakes";

const mounted: (() => void)[] = [];

function show(traits: Record<string, unknown> = {}, model = new FakeModel(traits)) {
  const el = document.body.appendChild(document.createElement("div"));
  const cleanUp = studio.render({ model, el });
  mounted.push(cleanUp);
  const find = <E extends HTMLElement = HTMLElement>(selector: string) => el.querySelector<E>(selector);
  const named = <E extends HTMLElement = HTMLElement>(name: string) => find<E>(`[aria-label="${name}"]`);
  const labelled = <E extends HTMLElement = HTMLElement>(name: string) => {
    const label = [...el.querySelectorAll("label")].find((each) => each.textContent === name);
    return label ? find<E>(`#${label.htmlFor}`) : null;
  };
  const button = (name: string) => [...el.querySelectorAll("button")].find((each) => (each.getAttribute("aria-label") ?? each.textContent) === name);
  const group = (name: string) => {
    const label = [...el.querySelectorAll("[id]")].find((each) => each.textContent === name);
    return find(`[role=radiogroup][aria-labelledby="${label?.id}"]`);
  };
  const prompt = () => labelled<HTMLTextAreaElement>("Prompt")!;
  const type = (words: string, into: HTMLInputElement | HTMLTextAreaElement = prompt()) => {
    into.value = words;
    into.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const key = (target: HTMLElement, init: KeyboardEventInit) => {
    const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
    target.dispatchEvent(event);
    return event;
  };
  const said = () => find("[role=status]")?.textContent;
  return { el, model, cleanUp, find, named, labelled, button, group, prompt, type, key, said };
}

const outcome = (click_id: string, part = {}) => ({ click_id, job_id: null, problem: null, field: null, ask: null, yes: null, sweep_id: null, ...part });
const NO_CAPS = EMPTY_STUDIO.caps;
const CREDITS = { title: "Not enough credits", what: "12 are left.", charged: "Nothing was charged.", next: "Add credits.", details: "", fix: "" };

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  let count = 0;
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => `blob:${(count += 1)}`);
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
});
afterEach(() => {
  while (mounted.length) mounted.pop()?.();
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("everything is found by its accessible name", () => {
  const { labelled, group, named, button, el } = show({ jobs_page: { rev: 1, total: 1, pages: 1, items: [jobOf()] } });
  expect(labelled("Prompt")?.tagName).toBe("TEXTAREA");
  expect(labelled("Model")?.tagName).toBe("SELECT");
  expect(labelled<HTMLInputElement>("Duration in seconds")?.type).toBe("range");
  expect(group("Aspect ratio")?.textContent).toBe("16:99:161:1");
  expect(group("Resolution")?.textContent).toBe("480p720p1080p");
  expect(named("Media URL")?.tagName).toBe("INPUT");
  expect(button("Add media")).toBeDefined();
  expect(button("Generate")).toBeDefined();
  expect(named("Clip")?.tagName).toBe("SECTION");
  expect(named<HTMLInputElement>("Search jobs")?.type).toBe("search");
  expect(el.querySelectorAll('[role=list][aria-label="Jobs"] > li > article[aria-label="Seedance job"]')).toHaveLength(1);
  expect(el.querySelectorAll("[aria-live], [role=status], [role=alert]")).toHaveLength(1);
  expect(el.textContent).toContain("Simulator: no key used, nothing charged");
});

test("initialize says hello, and nothing waits for it", () => {
  const model = new FakeModel();
  expect(studio.initialize({ model })).toBeUndefined();
  expect(model.sent).toMatchObject([{ type: "hello" }]);
});

test("typing is the page's own: the trait follows a moment later, in one go", () => {
  const { model, type, prompt } = show();
  type("A ti");
  type("A tin boat");
  expect(prompt().value).toBe("A tin boat");
  expect(model.traits.prompt).toBe("A paper boat");
  vi.advanceTimersByTime(150);
  expect([model.traits.prompt, model.saves]).toEqual(["A tin boat", 1]);
});

test("what code writes to a trait shows at once", () => {
  const { model, prompt, find } = show();
  model.set("prompt", "from a cell");
  model.set("duration", 12);
  expect(prompt().value).toBe("from a cell");
  expect(find(".sdw-value")?.textContent).toBe("12 s");
});

test("a check follows an edit once, 200 ms after the last one", () => {
  const { model, type } = show();
  vi.advanceTimersByTime(300);
  model.sent = [];
  type("one");
  vi.advanceTimersByTime(190);
  type("one two");
  vi.advanceTimersByTime(200);
  expect(model.all("check").map(({ request }) => request.prompt)).toEqual(["one two"]);
});

test("text that a blocked kernel has not taken survives a reload", () => {
  const first = show();
  first.type("not lost");
  vi.advanceTimersByTime(1000);
  const { model, prompt } = show({ studio_id: "s1" }); // another page; the kernel still has the old text
  expect(prompt().value).toBe("not lost");
  vi.advanceTimersByTime(500);
  expect(model.traits.prompt).toBe("not lost");
  const [check] = model.all("check").slice(-1);
  model.show({ check: { click_id: check!.click_id, problems: [], media: [], cost_usd: 0.5 } });
  expect(sessionStorage).toHaveLength(0);
});

test("the cost follows the options at once, without the kernel", () => {
  const { find, labelled, group, type } = show();
  expect(find(".sdw-price")?.textContent).toBe("≈ $0.50 (estimate)");
  type("12", labelled<HTMLInputElement>("Duration in seconds")!);
  expect(find(".sdw-price")?.textContent).toBe("≈ $1.20 (estimate)");
  group("Resolution")?.querySelector<HTMLInputElement>("[value='1080p']")?.click();
  expect(find(".sdw-price")?.textContent).toBe("≈ $2.40 (estimate)");
});

test("an unknown price, the sums and the cap are told", () => {
  const money = { today_usd: 3.2, session_usd: 0.5, unknown: 2, cap_left_usd: 0.3 };
  const { find, model } = show({ view: studioOf({ money }) });
  expect(find(".sdw-cost")?.textContent).toContain("Today $3.20 · this session $0.50 · $0.30 left of the capExcludes 2 jobs with no published priceCapsMore than what is left of the cap.");
  model.set("model", SMALL.id);
  expect(find(".sdw-price")?.textContent).toBe("Price not published");
});

const drawn = () => vi.advanceTimersByTimeAsync(1);

/** A Studio with these caps, its button, and what a person does with the panel. */
function capped(part: Partial<CapsView> = {}) {
  const page = show({ view: studioOf({ caps: { ...NO_CAPS, ...part } }) });
  const caps = () => [...page.el.querySelectorAll("button")].find((each) => each.textContent?.startsWith("Caps"))!;
  const field = (each: string) => page.named<HTMLInputElement>(`Cap per ${each} in dollars`)!;
  const panel = () => page.named("Caps");
  const answer = (more: Partial<CapsView> = {}) => page.model.show({ caps: { ...NO_CAPS, click_id: page.model.all("caps").at(-1)!.click_id, ...more } });
  return { ...page, caps, field, panel, answer };
}

test("the button for the caps says which are set", () => {
  expect(capped().caps().textContent).toBe("Caps");
  const { caps, model } = capped({ per_job_usd: 0.5, per_day_usd: 20 });
  expect(caps().textContent).toBe("Caps: $0.50 a job · $20.00 a day");
  model.show({ caps: { ...NO_CAPS, per_session_usd: 3 } }); // set from code
  expect(caps().textContent).toBe("Caps: $3.00 a session");
});

test("caps are set by keyboard: only those that were changed are sent, as typed, and the focus goes back", async () => {
  const { caps, field, panel, type, key, model, answer, said } = capped({ per_job_usd: 1, per_session_usd: 2 });
  caps().click();
  await drawn();
  expect(caps().getAttribute("aria-expanded")).toBe("true");
  expect(document.activeElement).toBe(field("job"));
  expect(["job", "session", "day"].map((each) => field(each).value)).toEqual(["1", "2", ""]);
  type("", field("job"));
  await drawn();
  type("5", field("day"));
  await drawn();
  expect(key(field("day"), { key: "Enter" }).defaultPrevented).toBe(true);
  key(field("day"), { key: "Enter", repeat: true });
  expect(model.all("caps")).toMatchObject([{ caps: { per_job_usd: "", per_day_usd: "5" } }]);
  expect(panel()).not.toBeNull(); // until they are in force
  answer({ per_session_usd: 2, per_day_usd: 5 });
  await drawn();
  expect(panel()).toBeNull();
  expect(document.activeElement).toBe(caps());
  expect(said()).toBe("Caps: $2.00 a session · $5.00 a day");
});

test("Ctrl+Enter in a cap sets the caps and generates nothing", async () => {
  const { caps, field, type, key, model } = capped();
  caps().click();
  await drawn();
  type("5", field("day"));
  await drawn();
  key(field("day"), { key: "Enter", ctrlKey: true });
  expect([model.all("caps").length, model.all("submit").length]).toEqual([1, 0]);
});

test("Escape closes the caps, gives the focus back and changes nothing", async () => {
  const { caps, field, panel, type, key, model } = capped({ per_day_usd: 5 });
  caps().click();
  await drawn();
  type("9", field("day"));
  await drawn();
  key(field("day"), { key: "Escape" });
  await drawn();
  expect(panel()).toBeNull();
  expect(document.activeElement).toBe(caps());
  expect(model.all("caps")).toEqual([]);
  caps().click();
  await drawn();
  expect(field("day").value).toBe("5"); // what was typed is forgotten
});

test("Set caps with nothing changed only closes", async () => {
  const { caps, panel, button, model } = capped({ per_day_usd: 5 });
  caps().click();
  await drawn();
  button("Set caps")?.click();
  await drawn();
  expect([panel(), model.all("caps")]).toEqual([null, []]);
});

test("a cap that is refused is said at its field, in the words of the kernel, until it is typed anew", async () => {
  const { caps, field, panel, type, key, answer, said } = capped();
  caps().click();
  await drawn();
  type("much", field("day"));
  await drawn();
  key(field("day"), { key: "Enter" });
  const text = "Per-day cap must be a dollar amount above 0.";
  answer({ problems: [{ field: "per_day_usd", text, index: null }] });
  await drawn();
  expect(field("day").getAttribute("aria-invalid")).toBe("true");
  expect(field("job").getAttribute("aria-invalid")).not.toBe("true");
  expect(document.getElementById(field("day").getAttribute("aria-describedby")!)?.textContent).toBe(text);
  expect([field("day").value, said()]).toEqual(["much", text]);
  type("5", field("day"));
  await drawn();
  expect(panel()?.textContent).not.toContain(text);
});

test("an answer to another view's caps closes no panel and keeps what is typed", async () => {
  const { caps, field, type, model } = capped();
  caps().click();
  await drawn();
  type("5", field("day"));
  await drawn();
  model.show({ caps: { ...NO_CAPS, per_job_usd: 1, click_id: "theirs" } });
  await drawn();
  expect(["job", "session", "day"].map((each) => field(each).value)).toEqual(["1", "", "5"]);
});

test("switching the model says what it changed, and Undo takes it back", () => {
  const { labelled, said, button, group, el } = show({ duration: 8, resolution: "1080p" });
  const select = labelled<HTMLSelectElement>("Model")!;
  select.value = SMALL.id;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  const words = "For seedance-1.5-pro, duration is now 10 s instead of 8 s and resolution is now 720p instead of 1080p.";
  expect(said()).toBe(words);
  expect(el.textContent).toContain(words);
  expect(group("Duration in seconds")?.textContent).toBe("5 s10 s");
  button("Undo")?.click();
  expect(labelled<HTMLInputElement>("Duration in seconds")?.value).toBe("8");
  expect(select.value).toBe(BIG.id);
});

test("one click is one submit, with the request and a click id, and the button rests meanwhile", () => {
  const { model, button } = show();
  const generate = button("Generate")!;
  generate.click();
  generate.click();
  expect(model.all("submit")).toMatchObject([{ request: requestOf(), click_id: expect.stringMatching(/^[0-9a-f]{24}$/) }]);
  expect(model.all("submit")[0]).not.toHaveProperty("force");
  expect(model.all("submit")[0]).toMatchObject({ shown_usd: priceOf([BIG], requestOf()) });
  expect(generate.getAttribute("aria-disabled")).toBe("true");
  expect(generate.textContent).toBe("Generate: sending…");
});

test("the form is free for the next prompt as soon as the kernel has the click", () => {
  const { model, button, type } = show();
  button("Generate")?.click();
  vi.advanceTimersByTime(600);
  model.show({ sending: [model.all("submit")[0]!.click_id] });
  type("the next one");
  expect(button("Generate")?.getAttribute("aria-disabled")).toBe("false");
  button("Generate")?.click();
  expect(model.all("submit").map(({ request }) => request.prompt)).toEqual(["A paper boat", "the next one"]);
});

test("the second half of a double click is no submit, however fast the kernel is", () => {
  const { model, button } = show();
  const click = (detail: number) => button("Generate")?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail }));
  click(1);
  model.show({ outcome: outcome(model.all("submit")[0]!.click_id, { job_id: "k3f9x2ab" }) });
  click(2);
  expect(model.all("submit")).toHaveLength(1);
});

test.each([{ ctrlKey: true }, { metaKey: true }])("%o and Enter submit from the prompt, once while held, and the focus stays", (chord) => {
  const { model, prompt, key } = show();
  prompt().focus();
  const event = key(prompt(), { key: "Enter", ...chord });
  model.show({ sending: [model.all("submit")[0]!.click_id] });
  vi.advanceTimersByTime(700);
  key(prompt(), { key: "Enter", repeat: true, ...chord });
  expect(model.all("submit")).toHaveLength(1);
  expect(event.defaultPrevented).toBe(true);
  expect(document.activeElement).toBe(prompt());
});

test("plain Enter writes a line, and Enter of an input method is none of ours", () => {
  const { model, prompt, key } = show();
  expect(key(prompt(), { key: "Enter" }).defaultPrevented).toBe(false);
  key(prompt(), { key: "Enter", ctrlKey: true, isComposing: true });
  expect(model.all("submit")).toEqual([]);
});

test("after ten seconds of silence the page says so, and pressing again is the same click", () => {
  const { model, button, el } = show();
  button("Generate")?.click();
  vi.advanceTimersByTime(10_500);
  expect(el.textContent).toContain("The kernel is busy and has not taken the request yet.");
  button("Generate")?.click();
  const ids = model.all("submit").map(({ click_id }) => click_id);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test("an empty prompt is said at its field, the field gets the focus, and nothing is sent", () => {
  const { model, button, prompt, el } = show({ prompt: "" });
  expect(el.textContent).not.toContain("The prompt is empty.");
  button("Generate")?.click();
  expect(model.all("submit")).toEqual([]);
  expect(document.activeElement).toBe(prompt());
  expect(prompt().getAttribute("aria-invalid")).toBe("true");
  expect(el.querySelector(`#${prompt().getAttribute("aria-describedby")}`)?.textContent).toBe("The prompt is empty. Say what the video shows.");
});

test("the kernel's problems stand at their fields, until what stands there has changed", () => {
  const { model, labelled, find, button, type } = show({ duration: 20, media_urls: ["https://a/1.jpg", "http://a/2.jpg"] });
  vi.advanceTimersByTime(300);
  const problems = [
    { field: "duration", text: "seedance-2.0 does not take duration 20 s.", index: null },
    { field: "media_urls", text: "The media URL 'http://a/2.jpg' is http, not https.", index: 1 },
  ];
  model.show({ check: { click_id: model.all("check")[0]!.click_id, problems, media: [], cost_usd: null } });
  const slider = labelled<HTMLInputElement>("Duration in seconds")!;
  expect(slider.getAttribute("aria-invalid")).toBe("true");
  expect(find(`#${slider.getAttribute("aria-describedby")}`)?.textContent).toBe(problems[0]?.text);
  expect([...find(".sdw-media-list")!.children].map((item) => item.textContent?.includes("is http, not https"))).toEqual([false, true]);
  button("Generate")?.click();
  expect(model.all("submit")).toEqual([]);
  type("9", slider);
  expect(slider.hasAttribute("aria-invalid")).toBe(false);
});

test("an answer to an outdated check is passed over", () => {
  const { model, type, el } = show();
  vi.advanceTimersByTime(300);
  type("newer");
  vi.advanceTimersByTime(300);
  const [old] = model.all("check");
  model.show({ check: { click_id: old!.click_id, problems: [{ field: "model", text: "old news", index: null }], media: [], cost_usd: null } });
  expect(el.textContent).not.toContain("old news");
});

test("a refusal says what happened, what it cost and what to do, and can be put away", () => {
  const { model, button, el, said, prompt } = show();
  button("Generate")?.click();
  model.show({ outcome: outcome(model.all("submit")[0]!.click_id, { problem: CREDITS }) });
  for (const words of Object.values(CREDITS)) expect(el.textContent).toContain(words);
  expect(said()).toBe("Not enough credits. 12 are left.");
  button("Dismiss")?.click();
  expect(el.querySelector(".sdw-form")?.textContent).not.toContain("12 are left");
  expect(document.activeElement).toBe(prompt());
});

test("a refusal of one field stands at that field too", () => {
  const { model, button, labelled } = show();
  button("Generate")?.click();
  model.show({ outcome: outcome(model.all("submit")[0]!.click_id, { problem: { ...CREDITS, what: "Too long." }, field: "duration" }) });
  expect(labelled("Duration in seconds")?.getAttribute("aria-invalid")).toBe("true");
});

test("another view's or an earlier page's outcome is not this view's", () => {
  const { model, el } = show();
  model.show({ outcome: outcome("somebody-else", { problem: CREDITS }) });
  expect(el.textContent).not.toContain("Not enough credits");
});

test("a question is answered by sending that request again with force, or not", () => {
  const { model, button, find, type } = show();
  button("Generate")?.click();
  const ask = "The same request was sent 4 s ago (job k3f9). Send it again?";
  model.show({ outcome: outcome(model.all("submit")[0]!.click_id, { ask }) });
  type("already something else");
  vi.advanceTimersByTime(600);
  button("Send again")?.click();
  expect(model.all("submit")[1]).toMatchObject({ force: true, request: requestOf() });
  expect(find(".sdw-form")?.textContent).not.toContain(ask);
  model.show({ outcome: outcome(model.all("submit")[1]!.click_id, { ask }) });
  button("Not now")?.click();
  expect(find(".sdw-form")?.textContent).not.toContain(ask);
  expect(model.all("submit")).toHaveLength(2);
});

test("a question that asks for more than sending again names it on its button", () => {
  const { model, button } = show();
  button("Generate")?.click();
  const ask = "The history cannot be written. Nothing was sent, nothing was charged. Send it all the same?";
  model.show({ outcome: outcome(model.all("submit")[0]!.click_id, { ask, yes: "Send unrecorded" }) });
  vi.advanceTimersByTime(600);
  expect(button("Send again")).toBeFalsy();
  button("Send unrecorded")?.click();
  expect(model.all("submit")[1]).toMatchObject({ force: true });
});

test("a click that was merged shows the job that runs, and asks before another is sent", () => {
  const { model, button, find } = show();
  button("Generate")?.click();
  const ask = "This request is already running as job k3f9, so nothing new was sent. Send another?";
  model.show({ outcome: outcome(model.all("submit")[0]!.click_id, { job_id: "k3f9", ask, yes: "Send another" }) });
  vi.advanceTimersByTime(600);
  expect(find(".sdw-ask")?.textContent).toContain(ask);
  expect(model.get("selected")).toBe("k3f9");
  button("Send another")?.click();
  expect(model.all("submit")[1]).toMatchObject({ force: true });
});

test("a question that comes within the time of a double click rests in sight until it can be answered", () => {
  const { model, button, find } = show();
  button("Generate")?.click();
  vi.advanceTimersByTime(100);
  const ask = "The same request was sent 0 s ago (job k3f9). Send it again?";
  model.show({ outcome: outcome(model.all("submit")[0]!.click_id, { ask }) });
  expect(["Send again", "Generate"].map((name) => button(name)?.getAttribute("aria-disabled"))).toEqual(["true", "true"]);
  button("Send again")?.click();
  expect(model.all("submit")).toHaveLength(1);
  expect(find(".sdw-form")?.textContent).toContain(ask);
  vi.advanceTimersByTime(750);
  expect(["Send again", "Generate"].map((name) => button(name)?.getAttribute("aria-disabled"))).toEqual(["false", "false"]);
  const again = button("Send again");
  again?.click();
  again?.click();
  expect(model.all("submit").map(({ force }) => !!force)).toEqual([false, true]);
});

test("an accepted job takes the stage", () => {
  const { model, button } = show();
  button("Generate")?.click();
  model.show({ outcome: outcome(model.all("submit")[0]!.click_id, { job_id: "k3f9x2ab" }) });
  expect(model.traits.selected).toBe("k3f9x2ab");
});

test("media are added by typing and Enter, by the button, by pasting lines and by dropping a link", () => {
  const { model, named, button, key, type, find } = show();
  const field = named<HTMLInputElement>("Media URL")!;
  type("https://a/1.jpg", field);
  key(field, { key: "Enter" });
  expect(field.value).toBe("");
  type("https://a/2.jpg", field);
  button("Add media")?.click();
  expect(document.activeElement).toBe(field);
  const paste = Object.assign(new Event("paste", { bubbles: true, cancelable: true }), { clipboardData: { getData: () => "https://a/3.jpg\nhttps://a/4.mp3" } });
  field.dispatchEvent(paste);
  const drop = Object.assign(new Event("drop", { bubbles: true, cancelable: true }), { dataTransfer: { getData: (kind: string) => (kind === "text/uri-list" ? "https://a/5.mp4" : "") } });
  find(".sdw-drop")?.dispatchEvent(drop);
  vi.advanceTimersByTime(200);
  expect(model.traits.media_urls).toEqual([1, 2, 3, 4, 5].map((n) => `https://a/${n}.${["jpg", "jpg", "jpg", "mp3", "mp4"][n - 1]}`));
});

test("media move by buttons and the focus goes with them; after removing it goes to the next", () => {
  const { model, el } = show({ media_urls: ["https://a/1.jpg", "https://a/2.jpg", "https://a/3.jpg"] });
  const press = (item: number, name: string) => {
    const button = el.querySelectorAll(".sdw-media-list > li")[item]?.querySelector<HTMLElement>(`[aria-label="${name}"]`);
    button?.focus();
    button?.click();
    vi.advanceTimersByTime(200);
    return (model.traits.media_urls as string[]).map((url) => url.at(-5)).join("");
  };
  const focused = () => [...el.querySelectorAll(".sdw-media-list > li")].findIndex((item) => item.contains(document.activeElement));
  expect([press(0, "Move down"), focused()]).toEqual(["213", 1]);
  expect([press(1, "Move down"), focused()]).toEqual(["231", 2]);
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Move up"); // there is no further down
  expect([press(0, "Remove"), focused()]).toEqual(["31", 0]);
  expect([press(1, "Remove"), focused()]).toEqual(["3", 0]);
  press(0, "Remove");
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Media URL");
});

test("Reuse fills in exactly the request of a job and goes to the prompt; what stood there can be had back", () => {
  const request = requestOf({ prompt: "A tram", duration: 9, aspect_ratio: "9:16", media_urls: ["https://a/1.jpg"] });
  const { model, button, prompt } = show({ jobs_page: { rev: 1, items: [doneJob({ request })] } });
  button("Reuse")?.click();
  expect([prompt().value, document.activeElement]).toEqual(["A tram", prompt()]);
  vi.advanceTimersByTime(200);
  expect(model.traits).toMatchObject(request);
  button("Undo")?.click();
  expect(prompt().value).toBe("A paper boat");
});

test("Reuse tells the kernel which job the form was filled from", () => {
  const { model, button } = show({ jobs_page: { rev: 1, items: [doneJob()] } });
  button("Reuse")?.click();
  expect(model.all("reuse")).toMatchObject([{ job_id: "k3f9x2ab" }]);
});

const dropped = (...files: File[]) =>
  Object.assign(new Event("drop", { bubbles: true, cancelable: true }), { dataTransfer: { types: ["Files"], files, getData: () => "" } });

test.each([".sdw-studio", "textarea"])("a clip that is dropped on %s fills the form; what stood there can be had back", async (place) => {
  const { model, find, button, prompt, said } = show();
  const drop = dropped(new File(["{}"], "a <b>.mp4"));
  find(place)?.dispatchEvent(drop);
  expect(drop.defaultPrevented).toBe(true); // or the page would go away to play it
  await vi.waitFor(() => expect(model.all("open")).toHaveLength(1));
  expect(new TextDecoder().decode(model.bytes)).toBe("{}");
  const { click_id, name } = model.all("open")[0]!;
  expect(name).toBe("a <b>.mp4");
  const answer = { type: "open", click_id, request: requestOf({ prompt: "A tram" }), text: "Form filled from a <b>.mp4." };
  model.emit("msg:custom", { ...answer, click_id: "of another view" }, []);
  expect(prompt().value).toBe("A paper boat");
  model.emit("msg:custom", answer, []);
  expect(prompt().value).toBe("A tram");
  expect(said()).toBe(answer.text);
  button("Undo")?.click();
  expect(prompt().value).toBe("A paper boat");
});

test("of a dropped file that tells nothing the form is left alone, and the reason is said", async () => {
  const { model, find, prompt, el, button } = show();
  find(".sdw-studio")?.dispatchEvent(dropped(new File(["x"], "a.mkv")));
  await vi.waitFor(() => expect(model.all("open")).toHaveLength(1));
  const { click_id } = model.all("open")[0]!;
  model.emit("msg:custom", { type: "open", click_id, request: null, text: "The file is not a video." }, []);
  expect(prompt().value).toBe("A paper boat");
  expect(el.textContent).toContain("The file is not a video.");
  expect(button("Undo")).toBeUndefined();
});

test("each action of a job is one command with its id", () => {
  const stuck = { received_bytes: 1, size_bytes: 2, problem: "The connection broke." };
  const { model, button } = show({ jobs_page: { rev: 1, items: [jobOf({ download: stuck })] } });
  for (const name of ["Cancel", "Download again", "Star"]) button(name)?.click();
  button("Cancelling…")?.click();
  expect(model.sent.map(({ click_id: _, ...rest }) => rest)).toEqual([
    { type: "cancel", job_id: "k3f9x2ab" },
    { type: "download", job_id: "k3f9x2ab" },
    { type: "star", job_id: "k3f9x2ab", value: true },
  ]);
  expect(button("Star")?.getAttribute("aria-pressed")).toBe("true");
});

test("a command about a job that failed is told above the jobs", () => {
  const { model, button, el } = show({ jobs_page: { rev: 1, items: [jobOf()] } });
  button("Cancel")?.click();
  model.show({ outcome: outcome(model.all("cancel")[0]!.click_id, { problem: { ...CREDITS, title: "The server did not cancel" } }) });
  expect(el.querySelector(".sdw-jobs")?.textContent).toContain("The server did not cancel");
});

test("a note is written in place: Enter keeps it, Escape does not, the focus comes back", async () => {
  const drawn = () => vi.advanceTimersByTimeAsync(1);
  const { model, button, named, type, key, el } = show({ jobs_page: { rev: 1, items: [doneJob({ note: "old" })] } });
  button("More")?.click();
  await drawn();
  button("Edit note")?.click();
  await drawn();
  type("given up", named<HTMLInputElement>("Note")!);
  key(named("Note")!, { key: "Escape" });
  await drawn();
  expect(document.activeElement).toBe(button("Edit note"));
  button("Edit note")?.click();
  await drawn();
  type("boat too large", named<HTMLInputElement>("Note")!);
  key(named("Note")!, { key: "Enter" });
  await drawn();
  expect(model.all("note")).toMatchObject([{ text: "boat too large" }]);
  expect(el.querySelector(".sdw-job-note")?.textContent).toBe("boat too large");
});

test("copying gives the job as a magic and as Python", async () => {
  const writeText = vi.fn().mockResolvedValue(undefined);
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText } });
  const { button, said } = show({ jobs_page: { rev: 1, items: [doneJob()] } });
  button("More")?.click();
  await vi.advanceTimersByTimeAsync(1);
  button("Copy as magic")?.click();
  await vi.advanceTimersByTimeAsync(1);
  expect([writeText.mock.lastCall, said()]).toEqual([["%seedance A paper boat"], "Copied as magic"]);
  button("Copy as Python")?.click();
  await vi.advanceTimersByTimeAsync(1);
  expect(writeText.mock.lastCall).toEqual(["session.submit('A paper boat')"]);
  vi.unstubAllGlobals();
});

test("the search waits for the typing to end; filters and pages go at once", () => {
  const { model, named, type, button } = show({ jobs_page: { rev: 1, pages: 3, total: 25, items: [doneJob()] } });
  type("bo", named<HTMLInputElement>("Search jobs")!);
  type("boat", named<HTMLInputElement>("Search jobs")!);
  vi.advanceTimersByTime(250);
  expect(model.all("search")).toMatchObject([{ text: "boat", status: "", model: "", page: 0, starred: false }]);
  const status = named<HTMLSelectElement>("Status")!;
  status.value = "failed";
  status.dispatchEvent(new Event("change", { bubbles: true }));
  vi.advanceTimersByTime(0);
  expect(model.all("search")[1]).toMatchObject({ text: "boat", status: "failed", page: 0 });
  model.list([doneJob()], { text: "boat", status: "failed", pages: 3, total: 25 });
  button("Older")?.click();
  vi.advanceTimersByTime(0);
  expect(model.all("search")[2]).toMatchObject({ text: "boat", status: "failed", page: 1 });
});

test("a list that came before the answer does not turn the search back", () => {
  const { model, named, type } = show();
  model.list([doneJob()]);
  type("boat", named<HTMLInputElement>("Search jobs")!);
  model.list([doneJob()]);
  expect(named<HTMLInputElement>("Search jobs")?.value).toBe("boat");
});

test("no jobs, no fit and no word yet are told apart", () => {
  const { model, el, button } = show({ jobs_page: {} });
  expect(el.textContent).toContain("Loading the history…");
  model.list([]);
  expect(el.textContent).toContain("No jobs yet.");
  model.list([], { text: "submarine" });
  expect(el.textContent).toContain("No jobs match.");
  button("Show all jobs")?.click();
  vi.advanceTimersByTime(0);
  expect(model.all("search").at(-1)).toMatchObject({ text: "" });
});

test("loading and offline are told, and the prompt can be written all the while", () => {
  const { model, el, prompt, button } = show({ view: {}, model: "" });
  vi.advanceTimersByTime(5000);
  expect(el.textContent).toContain("The kernel is busy.");
  expect(button("Generate")?.getAttribute("aria-disabled")).toBe("true");
  expect(prompt().disabled).toBe(false);
  model.show(studioOf({ rev: 5, state: "offline", problem: "The name is not known." }));
  expect(el.textContent).toContain("Can't load the models right now");
  expect(el.textContent).toContain("The name is not known.");
  model.show({ problem: "The history at x cannot be used." });
  expect(el.textContent).toContain("Can't read the history right now");
});

test("posters are asked for once, shown, and their URLs given back", () => {
  const { model, find, cleanUp } = show({ jobs_page: { rev: 1, items: [doneJob({ has_poster: true }), doneJob({ job_id: "none" })] } });
  model.list([doneJob({ has_poster: true })]);
  expect(model.all("poster")).toMatchObject([{ job_id: "k3f9x2ab" }]);
  model.answer({ type: "poster", job_id: "k3f9x2ab" }, "jpeg");
  model.answer({ type: "poster", job_id: "k3f9x2ab" }, "jpeg");
  expect(find(".sdw-poster img")?.getAttribute("src")).toBe("blob:1");
  cleanUp();
  expect(URL.revokeObjectURL).toHaveBeenCalledTimes(1);
});

test("the stage plays from the server's URL first, and from pieces when that fails", () => {
  hostSays(SERVED);
  const job = doneJob({ url: "files/a%20b.mp4" });
  const { model, find } = show({ selected: job.job_id, view: studioOf({ stage: job }) });
  expect(find("video")?.getAttribute("src")).toBe("/lab/files/a%20b.mp4");
  expect(find("video")?.hasAttribute("autoplay")).toBe(false);
  expect(model.all("clip")).toEqual([]);
  find("video")?.dispatchEvent(new Event("error"));
  expect(model.all("clip")).toMatchObject([{ job_id: job.job_id, offset: 0, length: 6 }]);
  model.answer({ type: "clip", job_id: "another", offset: 0, total_bytes: 6 }, "abcdef");
  expect(find("video")).toBeNull();
  model.answer({ type: "clip", job_id: job.job_id, offset: 0, total_bytes: 6 }, "abcdef");
  expect(find("video")?.getAttribute("src")).toBe("blob:1");
});

test("a clip that came in pieces plays on when the server has its file", () => {
  hostSays(SERVED);
  const job = doneJob();
  const { model, find } = show({ selected: job.job_id, view: studioOf({ stage: job }) });
  model.answer({ type: "clip", job_id: job.job_id, offset: 0, total_bytes: 6 }, "abcdef");
  const video = find("video");
  model.show({ stage: doneJob({ url: "files/a.mp4" }) });
  expect(find("video")).toBe(video);
  expect(video?.getAttribute("src")).toBe("blob:1");
  expect(URL.revokeObjectURL).not.toHaveBeenCalled();
});

test("a clip that the server has while its pieces come is taken from there", () => {
  hostSays(SERVED);
  const job = doneJob();
  const { model, find } = show({ selected: job.job_id, view: studioOf({ stage: job }) });
  model.show({ stage: doneJob({ url: "files/a.mp4" }) });
  model.answer({ type: "clip", job_id: job.job_id, offset: 0, total_bytes: 6 }, "abcdef");
  expect(find("video")?.getAttribute("src")).toBe("/lab/files/a.mp4");
});

test("a page whose kernel restarts goes on, and says that it hears nothing", () => {
  const { model, el, type, prompt, button } = show({ jobs_page: { rev: 1, items: [jobOf()] } });
  model.send = () => {
    throw new Error("Cannot send");
  };
  type("A paper boat in rain");
  button("Generate")?.click();
  vi.advanceTimersByTime(20_000);
  expect(prompt().value).toBe("A paper boat in rain");
  expect(el.textContent).toContain("No word from the kernel for 20 s.");
});

test("another job on the stage lets go of the clip before", () => {
  const [one, two] = [doneJob(), doneJob({ job_id: "two" })];
  const { model, button } = show({ selected: one.job_id, jobs_page: { rev: 1, items: [one, { ...two, prompt: "Second", request: requestOf({ prompt: "Second" }) }] } });
  model.answer({ type: "clip", job_id: one.job_id, offset: 0, total_bytes: 6 }, "abcdef");
  button("Show: Second")?.click();
  expect(model.traits.selected).toBe("two");
  expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:1");
  expect(model.all("clip").at(-1)).toMatchObject({ job_id: "two" });
});

test("bar and clock of a running job move by themselves; a change of status is read out", () => {
  const { model, find, said } = show({ jobs_page: { rev: 1, items: [jobOf()] } });
  vi.advanceTimersByTime(10_000);
  expect(find("article .sdw-elapsed")?.textContent).toBe("1:22");
  model.list([doneJob()]);
  expect(said()).toBe("Succeeded: A paper boat");
});

test("a silent kernel is told while something runs, and the form stays free", () => {
  const { model, el, prompt, type } = show({ jobs_page: { rev: 1, items: [jobOf()] } });
  vi.advanceTimersByTime(20_000);
  expect(el.textContent).toContain("No word from the kernel for 20 s.");
  type("still free");
  expect(prompt().value).toBe("still free");
  model.list([jobOf({ elapsed_s: 92 })]);
  expect(el.textContent).not.toContain("No word");
});

test("with nothing running a silent kernel is nothing to mention, and the clock ticks once a minute", () => {
  vi.setSystemTime(1_790_000_000_000);
  const { el, find } = show({ jobs_page: { rev: 1, items: [doneJob()] } });
  const when = () => find<HTMLTimeElement>("article time")!;
  vi.advanceTimersByTime(1000); // the first check
  expect([vi.getTimerCount(), when().textContent]).toEqual([1, "just now"]);
  vi.advanceTimersToNextTimer();
  vi.advanceTimersToNextTimer();
  expect(el.textContent).not.toContain("No word");
  expect([when().textContent, when().dateTime]).toEqual(["1 min ago", "2026-09-21T14:13:20.000Z"]);
  expect(when().title).toContain("2026");
});

test("a running job tells its seconds and not since when it is; a final one the other way round", () => {
  const { find, model } = show({ jobs_page: { rev: 1, items: [jobOf({ status: "queued", elapsed_s: 3 })] } });
  expect([find("article .sdw-elapsed")?.textContent, find("article time")]).toEqual(["0:03", null]);
  model.list([doneJob()]);
  expect([find("article .sdw-elapsed"), !!find("article time")]).toEqual([null, true]);
});

test("a row says why it failed in one line, and not again that it failed", () => {
  const problem = { ...CREDITS, what: "Job k3f9x2ab failed: The prompt was refused." };
  const { find } = show({ jobs_page: { rev: 1, items: [jobOf({ status: "failed", status_text: "Failed", final: true, problem })] } });
  expect(find(".sdw-job-problem")?.textContent).toBe("The prompt was refused.");
});

test("a row of an unconfirmed job says what it may have cost and what to do", () => {
  const { find } = show({ jobs_page: { rev: 1, items: [jobOf({ status: "unconfirmed", final: true, problem: CREDITS })] } });
  expect(find(".sdw-job-problem")?.textContent).toBe("Nothing was charged. Add credits.");
});

test("an unconfirmed job on the stage is brought back by its request id, or closed", () => {
  const stage = jobOf({ job_id: "a", status: "unconfirmed", final: true, problem: CREDITS });
  const { button, find, model } = show({ selected: "a", view: studioOf({ stage }) });
  const field = find<HTMLInputElement>("input[aria-label='Request id']");
  button("Recover")?.click();
  expect(document.activeElement).toBe(field);
  if (field) field.value = " req_7 ";
  button("Recover")?.click();
  button("Discard")?.click();
  expect(model.all("adopt")).toMatchObject([{ job_id: "a", request_id: "req_7" }]);
  expect(model.all("discard")).toMatchObject([{ job_id: "a" }]);
});

test("the clip of one job is never shown for another, not even until the next one is there", () => {
  const jobs = ["a", "b"].map((job_id) => doneJob({ job_id, prompt: job_id }));
  const { model, button, find } = show({ selected: "a", jobs_page: { rev: 1, total: 2, pages: 1, items: jobs } });
  model.answer({ type: "clip", job_id: "a", offset: 0, total_bytes: 3 }, "abc");
  const url = find<HTMLVideoElement>("video")?.getAttribute("src");
  expect(url).toMatch(/^blob:/);
  const shown: unknown[] = [];
  vi.mocked(URL.revokeObjectURL).mockImplementation((gone) => void shown.push([gone, find("video")?.getAttribute("src")]));
  button("Show: b")?.click();
  expect(shown).toEqual([[url, undefined]]);
});

test("the stage says of which job a job was made, and leads there", () => {
  const { button, model, find } = show({ selected: "a", view: studioOf({ stage: doneJob({ job_id: "a", parent_id: "k3f9x2ab" }) }) });
  button("Made from k3f9x2ab")?.click();
  expect(model.traits.selected).toBe("k3f9x2ab");
  model.show({ stage: doneJob({ job_id: "k3f9x2ab" }) });
  expect(find(".sdw-side")?.textContent).not.toContain("Made from");
});

test("two views of one model stay in step", () => {
  const first = show();
  const second = show({}, first.model);
  first.type("for both");
  vi.advanceTimersByTime(150);
  expect(second.prompt().value).toBe("for both");
  second.labelled<HTMLInputElement>("Duration in seconds")!.value = "11";
  second.labelled("Duration in seconds")!.dispatchEvent(new Event("input", { bubbles: true }));
  vi.advanceTimersByTime(150);
  expect(first.find(".sdw-value")?.textContent).toBe("11 s");
});

test("markup in any text is shown, not run", () => {
  const evil = "<img src=x onerror=alert(1)>";
  const problem = { title: evil, what: evil, charged: evil, next: evil, details: "", fix: "" };
  const job = doneJob({ prompt: evil, status_text: evil, note: evil, options: [[evil, evil]], problem, request: requestOf({ prompt: evil }) });
  const { el } = show({
    prompt: evil,
    media_urls: [evil],
    selected: job.job_id,
    view: studioOf({ label: evil, state: "offline", problem: evil, models: [{ ...BIG, best_for: evil }], stage: job }),
    jobs_page: { rev: 1, items: [job] },
  });
  expect(el.querySelector("img")).toBeNull();
  expect(el.textContent).toContain(evil);
});

test("keys typed in a field stay in the Studio, but Ctrl+S is the host's", () => {
  const { el, prompt, key, find } = show();
  const heard: string[] = [];
  el.addEventListener("keydown", (event) => heard.push(event.key));
  for (const init of [{ key: "x" }, { key: "Enter", shiftKey: true }, { key: "z", ctrlKey: true }, { key: "s", ctrlKey: true }]) key(prompt(), init);
  expect(heard).toEqual(["s"]);
  expect(find("[data-lm-suppress-shortcuts=true]")?.contains(prompt())).toBe(true);
});

test("a height is the Studio's own, with a scroll bar of its own", () => {
  const { find, model } = show({ height: "600px" });
  expect(find(".sdw-studio")?.style.height).toBe("600px");
  model.set("height", "");
  expect(find(".sdw-studio")?.style.height).toBe("");
});

test("after clean-up nothing is left: no listener, timer, URL or element, and the last edit is written", () => {
  const job = doneJob({ has_poster: true });
  const { model, el, cleanUp, type, named } = show({ selected: job.job_id, jobs_page: { rev: 1, items: [job, jobOf({ job_id: "runs" })] } });
  model.answer({ type: "poster", job_id: job.job_id }, "jpeg");
  model.answer({ type: "clip", job_id: job.job_id, offset: 0, total_bytes: 6 }, "abcdef");
  type("search", named<HTMLInputElement>("Search jobs")!);
  type("the last words");
  cleanUp();
  cleanUp();
  expect(model.traits.prompt).toBe("the last words");
  expect(model.listeners).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  expect(URL.revokeObjectURL).toHaveBeenCalledTimes(vi.mocked(URL.createObjectURL).mock.calls.length);
  expect(el.childNodes).toHaveLength(0);
});

test("the host's signal cleans up too", () => {
  const model = new FakeModel({ jobs_page: { rev: 1, items: [jobOf()] } });
  const host = new AbortController();
  studio.render({ model, el: document.createElement("div"), signal: host.signal });
  host.abort();
  expect(model.listeners).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([{ view: null, jobs_page: null }, { view: {}, jobs_page: {}, media_urls: null, prompt: null }, { view: undefined, studio_id: undefined, selected: null }])("traits that hold nothing yet are a Studio that loads: %o", (traits) => {
  expect(show(traits).button("Generate")).toBeDefined();
});

test("a focus that would be lost with its button goes to the next one near it", () => {
  const { model, button, named } = show({ jobs_page: { rev: 1, items: [jobOf()] } });
  const cancel = button("Cancel")!;
  cancel.focus();
  cancel.click();
  expect(document.activeElement).toBe(cancel);
  model.list([doneJob()]);
  expect(document.activeElement).toBe(button("Again"));
  model.list([], { text: "submarine" });
  expect(document.activeElement).toBe(named("Search jobs"));
});

const PAIR = [doneJob({ job_id: "one" }), doneJob({ job_id: "two" })];

/** A host's manager with the widget "w1", whose view has a section that can have the focus. */
function managerOf() {
  const removed: string[] = [];
  const create = (id: string) => {
    const el = document.createElement("div");
    const section = el.appendChild(document.createElement("section"));
    section.tabIndex = -1;
    section.textContent = id;
    return { el, remove: () => { removed.push(id); el.remove(); } };
  };
  const manager = { get_model: async (id: string) => id, create_view: async (model: unknown) => create(String(model)) };
  return { manager, removed };
}

function showPair(more: Record<string, unknown> = {}, traits: Record<string, unknown> = {}) {
  const model = Object.assign(new FakeModel({ jobs_page: { rev: 1, total: 2, pages: 1, items: PAIR }, ...traits }), more);
  const shown = show({}, model);
  const rows = () => [...shown.el.querySelectorAll("article")];
  const choose = (row: number) => rows()[row]?.querySelector<HTMLElement>("[aria-label=Compare]")?.click();
  return { ...shown, rows, choose };
}

test("two clips are chosen in the list and compared", () => {
  const { choose, button, model, named, rows, said } = showPair();
  expect(named("Selected jobs")).toBeNull();
  choose(1);
  expect(rows()[1]?.querySelector("[aria-label=Compare]")?.getAttribute("aria-pressed")).toBe("true");
  expect(said()).toBe("1 selected");
  named("Selected jobs")?.querySelector("button")?.click();
  expect(model.all("compare")).toEqual([]);
  choose(0);
  button("Compare 2 clips")?.click();
  expect(model.all("compare").map(({ job_ids }) => job_ids)).toEqual([["two", "one"]]);
});

test("more than four clips are not compared, and it says why", () => {
  const items = [1, 2, 3, 4, 5].map((number) => doneJob({ job_id: `job${number}` }));
  const { choose, named, model } = showPair({}, { jobs_page: { rev: 1, total: 5, pages: 1, items } });
  for (let row = 0; row < 5; row++) choose(row);
  const bar = named("Selected jobs");
  expect(bar?.textContent).toContain("5 selected");
  expect(bar?.querySelector("button")?.getAttribute("aria-disabled")).toBe("true");
  bar?.querySelector("button")?.click();
  expect(model.all("compare")).toEqual([]);
});

test("what is chosen can be taken back, one by one and all at once", () => {
  const { choose, button, named } = showPair();
  choose(0);
  choose(0);
  expect(named("Selected jobs")).toBeNull();
  choose(0);
  choose(1);
  button("Clear")?.click();
  expect(named("Selected jobs")).toBeNull();
});

test("a choice outlives another page of the list", () => {
  const { choose, model, button } = showPair();
  choose(0);
  model.list([doneJob({ job_id: "older" })]);
  choose(0);
  button("Compare 2 clips")?.click();
  expect(model.all("compare")[0]?.job_ids).toEqual(["one", "older"]);
});

test("a job without a clip cannot be compared", () => {
  const { button, named, model } = show({ jobs_page: { rev: 1, total: 1, pages: 1, items: [jobOf()] } });
  expect([button("Compare")?.getAttribute("aria-disabled"), button("Compare")?.title]).toEqual(["true", "There is no clip yet"]);
  button("Compare")?.click();
  expect([named("Selected jobs"), model.all("compare")]).toEqual([null, []]);
});

test("Compare stands on the stage in the place of the clip, with the focus, until it is closed", async () => {
  const { manager, removed } = managerOf();
  const { choose, button, named, model } = showPair({ widget_manager: manager }, { selected: "one" });
  choose(0);
  choose(1);
  button("Compare 2 clips")?.click();
  model.set("compare", "IPY_MODEL_w1");
  await vi.advanceTimersByTimeAsync(0);
  const section = named("Clip")?.querySelector("section");
  expect(section?.textContent).toBe("w1");
  expect(document.activeElement).toBe(section);
  expect(named("Clip")?.querySelector(".sdw-told")).toBeNull();
  button("Close Compare")?.click();
  expect(removed).toEqual(["w1"]);
  expect(named("Clip")?.querySelector(".sdw-told")).not.toBeNull();
  expect(model.all("compare").at(-1)?.job_ids).toEqual([]);
});

test("a Compare that was asked for elsewhere shows here too, and takes no focus", async () => {
  const { manager } = managerOf();
  const { named, prompt } = showPair({ widget_manager: manager }, { compare: "IPY_MODEL_w1" });
  prompt().focus();
  await vi.advanceTimersByTimeAsync(0);
  expect(named("Clip")?.textContent).toContain("w1");
  expect(document.activeElement).toBe(prompt());
});

test("another set takes the place of the one before, and a view that comes too late is removed", async () => {
  const { manager, removed } = managerOf();
  const { named, model, cleanUp } = showPair({ widget_manager: manager }, { compare: "IPY_MODEL_w1" });
  model.set("compare", "IPY_MODEL_w2");
  await vi.advanceTimersByTimeAsync(0);
  expect(removed).toEqual(["w1"]);
  expect(named("Clip")?.textContent).toContain("w2");
  cleanUp();
  expect(removed).toEqual(["w1", "w2"]);
});

test("another job on the stage closes Compare", () => {
  const { rows, model, named } = showPair({}, { compare: "IPY_MODEL_w1" });
  rows()[1]?.querySelector<HTMLElement>(".sdw-pick")?.click();
  expect(model.all("compare").map(({ job_ids }) => job_ids)).toEqual([[]]);
  expect(model.traits.selected).toBe("two");
  expect(named("Clip")?.textContent).not.toContain("Close Compare");
});

test("a job that was accepted here does not end a comparison", () => {
  const { button, model } = showPair({}, { compare: "IPY_MODEL_w1" });
  button("Generate")?.click();
  model.show({ outcome: outcome(model.all("submit")[0]!.click_id, { job_id: "new" }) });
  expect(model.traits.selected).toBe("");
});

test("a host that shows no widget in another says so", async () => {
  const { named } = showPair({}, { compare: "IPY_MODEL_w1" });
  await vi.advanceTimersByTimeAsync(0);
  expect(named("Clip")?.textContent).toContain("This page cannot show it here;");
});

test("a refused Compare is said above the list", () => {
  const { choose, button, model, find } = showPair();
  choose(0);
  choose(1);
  button("Compare 2 clips")?.click();
  model.show({ outcome: outcome(model.all("compare")[0]!.click_id, { problem: { ...CREDITS, what: "The clip a.mp4 is no longer there." } }) });
  expect(find(".sdw-jobs")?.textContent).toContain("The clip a.mp4 is no longer there.");
});

test("a job that the history does not have is said to be missing, and the newest is offered", () => {
  const { model, named, button } = show({ selected: "nonsense", jobs_page: { rev: 1, total: 1, pages: 1, items: [doneJob({ job_id: "newest" })] } });
  expect(named("Clip")?.textContent).toBe("Loading this job…");
  model.show({ missing: { job_id: "nonsense", newest: "newest" } });
  expect(named("Clip")?.textContent).toContain("There is no job nonsense in this history");
  button("Show the newest job")?.click();
  expect(model.traits.selected).toBe("newest");
  expect(named("Clip")?.querySelector(".sdw-told")).not.toBeNull();
});

test("in an empty history nothing is offered instead of a missing job", () => {
  const { named, button } = show({ selected: "nonsense", view: studioOf({ missing: { job_id: "nonsense", newest: null } }) });
  expect(named("Clip")?.textContent).toContain("There is no job nonsense");
  expect(button("Show the newest job")).toBeUndefined();
});

test("a reference shows the kernel's word for its kind, and its role only for exactly this list", () => {
  const urls = ["https://a/1.jpg", "https://a/2.wav"];
  const { model, el } = show({ media_urls: urls.slice(0, 1) });
  const hints = () => [...el.querySelectorAll(".sdw-media-words .sdw-hint")].map((each) => each.firstChild?.textContent);
  expect(hints()).toEqual(["1 · link"]);
  vi.advanceTimersByTime(300);
  const media = [{ url: urls[0], kind: "image", role: "first frame" }];
  model.show({ check: { click_id: model.all("check").at(-1)!.click_id, problems: [], media: media as never, cost_usd: null } });
  expect(hints()).toEqual(["1 · image · first frame"]);
  model.set("media_urls", urls);
  expect(hints()).toEqual(["1 · image", "2 · link"]);
});

test("while the models are asked for, it says so at those it knows already", () => {
  const { labelled, el, model } = show({ view: studioOf({ state: "loading" }) });
  const hint = () => el.querySelector(`#${labelled("Model")?.getAttribute("aria-describedby")}`)?.textContent;
  expect(hint()).toBe("$0.10 a second at 720p · asking the service…");
  model.show({ state: "ready" });
  expect(hint()).toBe("$0.10 a second at 720p");
});

test("a problem of the job on the stage is not said a second time in the form", () => {
  const { model, button, el, find } = show();
  button("Generate")?.click();
  const click = model.all("submit")[0]!.click_id;
  const stage = jobOf({ job_id: "lost", status: "unconfirmed", problem: CREDITS });
  model.show({ outcome: outcome(click, { job_id: "lost", problem: CREDITS }), stage });
  expect(model.traits.selected).toBe("lost");
  expect(find(".sdw-side")?.textContent).toContain("12 are left.");
  expect(find(".sdw-form")?.textContent).not.toContain("12 are left.");
  model.set("selected", "another");
  expect(find(".sdw-form")?.textContent).toContain("12 are left.");
  expect(el.textContent).toContain("12 are left.");
});

// --- options without a control of their own ---------------------------------------------------------------------------
const SEED = { name: "seed", label: "Seed", kind: "integer", help: "the same number makes the same noise", unit: "", default: null };

test("an option of the kernel's table that the page does not know is a plain field, and its value goes with the request", async () => {
  const { model, labelled, type } = show({ seed: 7, view: studioOf({ options: [SEED] }) });
  const field = labelled<HTMLInputElement>("Seed")!;
  expect([field.type, field.value]).toEqual(["number", "7"]);
  type("42", field);
  await vi.advanceTimersByTimeAsync(500);
  expect(model.get("seed")).toBe(42);
  expect(model.all("check").at(-1)?.request.seed).toBe(42);
  type("", field);
  await vi.advanceTimersByTimeAsync(500);
  expect(model.get("seed")).toBeNull();
});

test("an option that comes with a later view is heard from then on", () => {
  const { model, labelled } = show({ seed: null });
  expect(labelled("Seed")).toBeNull();
  model.set("view", studioOf({ rev: 2, options: [SEED] }));
  model.set("seed", 9);
  expect(labelled<HTMLInputElement>("Seed")?.value).toBe("9");
});

test("a job that was made without such an option empties its field when it is used again", () => {
  const job = doneJob({ request: requestOf({ seed: null }) });
  const { button, labelled } = show({ seed: 7, view: studioOf({ options: [SEED], stage: job }), selected: job.job_id });
  button("Reuse")?.click();
  expect(labelled<HTMLInputElement>("Seed")?.value).toBe("");
});
