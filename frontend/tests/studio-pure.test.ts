// The Studio's pure half: request, cost, draft, submits, media, jobs.
import { headOf } from "../src/studio/clip-head";
import { expect, test } from "vitest";
import { NO_CLOCK } from "../src/shared/clock";
import { capRemark, dollars, priceNote, priceOf, priceWords } from "../src/studio/cost";
import { adopt, confirmed, edit, EMPTY_DRAFT, flushed, keep, kept } from "../src/studio/draft";
import { ago } from "../src/shared/ago";
import { baseUrl } from "../src/shared/page";
import { fileUrl } from "../src/shared/files";
import { answers, ANY, isNarrow, meet, optionWords, reconcile, refine } from "../src/studio/jobs";
import { moved, nameOf, plainUrl, urlsIn } from "../src/studio/media-list";
import { sameRequest, shapeOf, switchModel } from "../src/studio/request";
import { acknowledge, isUnheard, NO_SUBMITS, press, rests } from "../src/studio/submit";
import { EMPTY_STUDIO } from "../src/studio/view";
import { BIG, jobOf, jobsOf, requestOf, SMALL, studioOf } from "./studio-fakes";

test("switching the model keeps what the other model takes, and says nothing then", () => {
  const { request, said } = switchModel(requestOf({ duration: 5, resolution: "720p" }), SMALL);
  expect(request).toEqual(requestOf({ model: SMALL.id }));
  expect(said).toBe("");
});

test("switching the model takes the nearest values, and says each of them in words", () => {
  const { request, said } = switchModel(requestOf({ duration: 8, resolution: "1080p" }), SMALL);
  expect(request).toMatchObject({ model: SMALL.id, duration: 10, resolution: "720p", aspect_ratio: "16:9" });
  expect(said).toBe("For seedance-1.5-pro, duration is now 10 s instead of 8 s and resolution is now 720p instead of 1080p.");
});

test("a shape that the other model lacks becomes the one most like it", () => {
  const { request } = switchModel(requestOf({ aspect_ratio: "21:9" }), BIG);
  expect(request.aspect_ratio).toBe("16:9");
});

test("a model that lists nothing for an option has no say in it", () => {
  expect(switchModel(requestOf({ duration: 8 }), { ...SMALL, durations: [] }).request.duration).toBe(8);
});

test.each([["16:9", 16 / 9], ["1:1", 1], ["nonsense", 1], ["4:0", 1]])("the shape of %s is %d", (ratio, shape) => expect(shapeOf(ratio)).toBeCloseTo(shape));

test("two requests are the same when every field is, media in order", () => {
  const two = requestOf({ media_urls: ["https://a/1.jpg", "https://a/2.jpg"] });
  expect(sameRequest(two, { ...two, media_urls: [...two.media_urls] })).toBe(true);
  expect(sameRequest(two, { ...two, media_urls: [...two.media_urls].reverse() })).toBe(false);
});

test("the cost is seconds times the price of the resolution, and null where no price is known", () => {
  expect(priceOf([BIG], requestOf({ duration: 7 }))).toBe(0.7);
  expect(priceOf([BIG], requestOf({ duration: 7, resolution: "1080p" }))).toBe(1.4);
  expect(priceOf([SMALL], requestOf({ model: SMALL.id }))).toBeNull();
  expect(priceOf([], requestOf())).toBeNull();
});

test("each reference medium adds to the price, and it is said", () => {
  const media_urls = ["https://a.example/1.png"];
  expect(priceOf([BIG], requestOf({ duration: 5, media_urls }))).toBe(0.8);
  expect(priceNote(requestOf({ media_urls }))).toContain("60 % more");
  expect(priceNote(requestOf())).toBe("");
});

test.each([[0, "$0.00"], [3.2, "$3.20"], [0.075, "$0.075"], [0.004, "< $0.01"], [12, "$12.00"]])("%d dollars are written %s", (usd, words) => expect(dollars(usd)).toBe(words));

test("a price is told by the second, and an unknown one is called unknown", () => {
  expect(priceWords(BIG, "720p")).toBe("$0.10 a second at 720p");
  expect(priceWords(SMALL, "720p")).toBe("Price not published at 720p");
});

test("an edit wins over the trait until it is written there", () => {
  const edited = edit({ ...EMPTY_DRAFT, request: requestOf() }, { prompt: "mine" });
  expect(adopt(edited, "prompt", "theirs").request.prompt).toBe("mine");
  expect(adopt(flushed(edited), "prompt", "theirs").request.prompt).toBe("theirs");
});

test("another field's new value is taken while one is being edited", () => {
  const edited = edit({ ...EMPTY_DRAFT, request: requestOf() }, { prompt: "mine" });
  expect(adopt(edited, "duration", 9).request).toMatchObject({ prompt: "mine", duration: 9 });
});

test("an edit that changes nothing is none", () => {
  const draft = { ...EMPTY_DRAFT, request: requestOf({ media_urls: ["https://a/1.jpg"] }) };
  expect(edit(draft, { media_urls: ["https://a/1.jpg"], duration: 5 })).toBe(draft);
});

test("what the kernel may not have is kept over a reload, and let go once it has it", () => {
  sessionStorage.clear();
  const edited = edit({ ...EMPTY_DRAFT, request: requestOf() }, { prompt: "mine", media_urls: ["https://a/1.jpg"] });
  keep(sessionStorage, "s1", flushed(edited));
  expect(kept(sessionStorage, "s1")).toEqual({ prompt: "mine", media_urls: ["https://a/1.jpg"] });
  expect(kept(sessionStorage, "another")).toEqual({});
  keep(sessionStorage, "s1", confirmed(flushed(edited)));
  expect(sessionStorage).toHaveLength(0);
});

test("a draft that code has overwritten is not kept", () => {
  const edited = flushed(edit({ ...EMPTY_DRAFT, request: requestOf() }, { prompt: "mine" }));
  expect([...adopt(edited, "prompt", "theirs").unsaved]).toEqual([]);
});

test.each(["{", "null", "[1]", '{"prompt": 7, "media_urls": "x", "height": "9px"}'])("a shelf that holds %s gives nothing", (text) => {
  sessionStorage.setItem("seedance-studio-s1", text);
  expect(kept(sessionStorage, "s1")).toEqual({});
});

test("a page that may not store anything goes without", () => {
  const shut = () => {
    throw new DOMException("no");
  };
  const shelf = { getItem: shut, setItem: shut, removeItem: shut };
  keep(shelf, "s1", edit(EMPTY_DRAFT, { prompt: "mine" }));
  expect([kept(shelf, "s1"), kept(null, "s1")]).toEqual([{}, {}]);
});

const wish = (newId: string, prompt = "A paper boat", force = false) => ({ request: requestOf({ prompt }), force, newId });

test("one press is one click; more presses while it is on its way are none", () => {
  const [once, click] = press(NO_SUBMITS, wish("a"), 0);
  expect(click?.click_id).toBe("a");
  expect(press(once, wish("b"), 10)[1]).toBeNull();
  expect(press(once, wish("b"), 9_999)[1]).toBeNull();
});

test("an acknowledged click leaves the button free for the next, but not within a double click", () => {
  const [once] = press(NO_SUBMITS, wish("a"), 0);
  const known = acknowledge(once, studioOf({ sending: ["a"] }));
  expect(known.waiting).toEqual([]);
  expect([rests(known, 300), rests(known, 600)]).toEqual([true, false]);
  expect(press(known, wish("b", "next"), 600)[1]?.click_id).toBe("b");
});

test("an outcome acknowledges as well", () => {
  const [once] = press(NO_SUBMITS, wish("a"), 0);
  const outcome = { click_id: "a", job_id: "j", problem: null, field: null, ask: null, yes: null, sweep_id: null };
  expect(acknowledge(once, studioOf({ outcome })).sent).toHaveLength(1);
});

test("after ten seconds of silence the same request is the same click, and another one is another", () => {
  const [once] = press(NO_SUBMITS, wish("a"), 0);
  expect([isUnheard(once, 9_999), isUnheard(once, 10_000)]).toEqual([false, true]);
  expect(press(once, wish("b"), 10_000)[1]?.click_id).toBe("a");
  expect(press(once, wish("b", "other"), 10_000)[1]?.click_id).toBe("b");
  expect(press(press(once, wish("b"), 10_000)[0], wish("c"), 10_600)[1]).toBeNull();
});

test("media are read one a line, or several links on one line; a path with a space stays whole", () => {
  expect(urlsIn(" https://a/1.jpg \r\n\nhttps://a/2.jpg https://a/3.jpg\n")).toEqual(["https://a/1.jpg", "https://a/2.jpg", "https://a/3.jpg"]);
  expect(urlsIn("C:\\My pictures\\a boat.png")).toEqual(["C:\\My pictures\\a boat.png"]);
  expect(urlsIn("# dragged from a page\nhttps://a/1.jpg")).toEqual(["https://a/1.jpg"]);
  expect(urlsIn("  \n ")).toEqual([]);
});

test("the page asks for a plain https link only", () => {
  expect(plainUrl("https://a/b.jpg")).toBe("https://a/b.jpg");
  for (const url of ["http://a/b.jpg", "https://me:pw@a/b.jpg", "https://a/b.jpg#signature-removed", "javascript:alert(1)//b.jpg", "data:image/png;x.png", "b.jpg"]) {
    expect(plainUrl(url)).toBeNull();
  }
});

test("a link is named by its file and its host, never by its password", () => {
  expect(nameOf("https://cdn.example.com/a/paper%20boat.jpg?sig=1")).toEqual({ file: "paper boat.jpg", host: "cdn.example.com" });
  expect(nameOf("https://me:pw@cdn.example.com/")).toEqual({ file: "cdn.example.com", host: "cdn.example.com" });
  expect(nameOf("C:\\boats\\a b.png")).toEqual({ file: "a b.png", host: "" });
  expect(nameOf("https://a/%E0%A4%A.jpg").file).toBe("%E0%A4%A.jpg");
});

test("an item moves and the others close up", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], 2, 1)).toEqual(["a", "c", "b"]);
});

test("another search begins at its first page; turning the page keeps the search", () => {
  const query = { ...ANY, text: "boat", page: 3 };
  expect(refine(query, { status: "failed" })).toEqual({ ...ANY, text: "boat", status: "failed" });
  expect(refine(query, { page: 4 })).toEqual({ ...query, page: 4 });
  expect([isNarrow(ANY), isNarrow({ ...ANY, page: 2 }), isNarrow({ ...ANY, starred: true })]).toEqual([false, false, true]);
});

test("a list answers the search it names, also with the last page when the asked one is gone", () => {
  const query = { ...ANY, text: "boat", page: 4 };
  expect(answers(jobsOf([], { text: "boat", page: 4, pages: 9 }), query)).toBe(true);
  expect(answers(jobsOf([], { text: "boat", page: 2, pages: 3 }), query)).toBe(true);
  expect(answers(jobsOf([], { text: "boat", page: 0, pages: 9 }), query)).toBe(false);
  expect(answers(jobsOf([], { text: "boat", page: 4, pages: 9, starred: true }), query)).toBe(false);
  expect(answers(jobsOf([], { text: "boa", page: 4, pages: 9 }), query)).toBe(false);
});

test("a job that has not changed stays the same object, though every list has a new number", () => {
  const [one, two] = [jobOf({ job_id: "1" }), jobOf({ job_id: "2" })];
  const next = reconcile([one, two], [jobOf({ job_id: "2", rev: 9, status: "queued" }), jobOf({ job_id: "1", rev: 9 })]);
  expect(next[1]).toBe(one);
  expect(next[0]).toMatchObject({ job_id: "2", status: "queued" });
});

test("what was pressed at a job counts until the kernel says the same, or five seconds", () => {
  const known = { clock: NO_CLOCK, pressed: { starred: true, note: "good", cancel: true, at: 0 } };
  const job = jobOf();
  expect(meet(known, job, job, 1000).pressed).toMatchObject({ starred: true, note: "good", cancel: true });
  expect(meet(known, job, jobOf({ starred: true }), 1000).pressed).not.toHaveProperty("starred");
  expect(meet(known, job, job, 6000).pressed).toEqual({ cancel: true, at: 0 });
  expect(meet(known, job, jobOf({ cancel: "unavailable" }), 6000).pressed).toBeNull();
});

test("a job's options are told in one line", () => {
  expect(optionWords(requestOf({ media_urls: ["a", "b"] }))).toBe("seedance-2.0 · 16:9 · 5 s · 720p · 2 media");
});

test("a file's address is the server's base and its path, and nothing else", () => {
  expect(fileUrl("files/x/a%20b.mp4", "/user/bob/")).toBe("/user/bob/files/x/a%20b.mp4");
  expect(fileUrl("files/a.mp4", "/user/bob")).toBe("/user/bob/files/a.mp4");
  for (const path of [null, "", "//evil.example/a.mp4", "/etc/passwd", "javascript:alert(1)", "https://evil.example/", "files/../../x"]) expect(fileUrl(path, "/")).toBeNull();
  expect(fileUrl("files/a.mp4", null)).toBeNull();
});

test("the base URL is the page's own word, where there is one", () => {
  expect(baseUrl()).toBeNull();
  const config = document.body.appendChild(document.createElement("script"));
  config.id = "jupyter-config-data";
  config.textContent = '{"baseUrl": "/user/bob/"}';
  expect(baseUrl()).toBe("/user/bob/");
  config.textContent = "not json";
  expect(baseUrl()).toBeNull();
  config.remove();
});

test.each([
  [-3, "just now"],
  [0, "just now"],
  [1, "1 min ago"],
  [59, "59 min ago"],
  [60, "1 h ago"],
  [1439, "23 h ago"],
  [1440, null],
])("%s minutes ago are told as %s, and from a day on the day is", (minutes, words) => {
  expect(ago(minutes)).toBe(words);
});

const box = (name: string, body: number[], size = body.length + 8) =>
  new Uint8Array([...[24, 16, 8, 0].map((bits) => (size >>> bits) & 255), ...new TextEncoder().encode(name), ...body]);
const sizes = (file: Blob) => headOf(file).then((head) => head.byteLength);

test("of a clip only its index is taken, wherever it stands", async () => {
  const [ftyp, moov, mdat] = [box("ftyp", [1, 2]), box("moov", [3, 4, 5]), box("mdat", Array(900).fill(6))];
  for (const parts of [[ftyp, moov, mdat], [ftyp, mdat, moov]]) expect(new Uint8Array(await headOf(new Blob(parts)))).toEqual(moov);
});

test("of anything else the first bytes are taken, and never more than 4 MiB", async () => {
  expect(await sizes(new Blob(["{}"]))).toBe(2);
  expect(await sizes(new Blob([]))).toBe(0);
  expect(await sizes(new Blob([new Uint8Array(5 << 20)]))).toBe(4 << 20);
  expect(await sizes(new Blob([box("moov", [], 1 << 30), new Uint8Array(5 << 20)]))).toBe(4 << 20);
  expect(await sizes(new Blob(Array(1000).fill(box("free", []))))).toBe(8000);
});

const CAPS = { ...EMPTY_STUDIO.caps, per_job_usd: 0.3 };
test.each([
  [EMPTY_STUDIO.caps, null, null, ""],
  [EMPTY_STUDIO.caps, null, 99, ""],
  [CAPS, null, 0.3, ""],
  [CAPS, null, 0.1 + 0.2, ""], // a little more than 0.3, as floating numbers go
  [CAPS, null, 0.31, "More than the cap for one job."],
  [CAPS, 0.1, 0.2, "More than what is left of the cap."],
  [CAPS, null, null, "A cap is set: nothing without a price is sent."],
])("what speaks against a job is told before it is sent: %#", (caps, left, cost, words) => {
  expect(capRemark(caps, left, cost)).toBe(words);
});

test("of a clip with our story behind it only that is taken", async () => {
  const [ftyp, moov] = [box("ftyp", [1, 2]), box("moov", [3, 4, 5])];
  const told = [...new TextEncoder().encode('{"tool": "x"}seedance-widgets')];
  const size = 8 + told.length + 4;
  const free = box("free", [...told, 0, 0, 0, size]);
  expect(new Uint8Array(await headOf(new Blob([ftyp, moov, free])))).toEqual(free);
  const lie = box("free", [...told, 255, 255, 255, 255]);
  expect(new Uint8Array(await headOf(new Blob([ftyp, moov, lie])))).toEqual(moov);
});
