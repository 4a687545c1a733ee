// A small kernel in place of the real one: it checks, generates, saves and finds, quickly and for nothing.
import { jpeg, paint, record } from "./pictures.js";
import { done, EMPTY, job } from "./studio-states.js";

const PAGE = 10;
const PRIVATE = /^https:\/\/(10\.|192\.168\.|localhost)/;

export class FakeKernel {
  #listeners = new Map();
  #clips = new Map();
  #timers = new Set();
  sent = [];
  prompts = {
    "paper boat": { ...EMPTY, prompt: "A paper boat crosses a puddle in heavy rain, seen from just above the water", duration: 9 },
    "opening, night": { ...EMPTY, prompt: "Wide shot. A courier cycles through wet neon streets", aspect_ratio: "9:16" },
  };

  constructor({ view, jobs, request, selected = "", ...habits }) {
    this.habits = habits;
    this.all = Array.isArray(jobs) ? jobs : null;
    this.query = { text: habits.search ?? "", status: "", model: "", page: 0, starred: false, tag: "", rating: 0 };
    const stage = this.all?.find(({ job_id }) => job_id === selected) ?? null;
    this.traits = { ...request, selected, height: "", studio_id: `dev-${Math.random()}`, view: Object.keys(view).length ? { ...view, stage } : view, jobs_page: {} };
    if (this.all) this.traits.jobs_page = this.page();
  }

  get = (name) => this.traits[name];
  save_changes() {}
  set(name, value) {
    if (this.traits[name] === value) return;
    this.traits[name] = value;
    this.emit(`change:${name}`);
    if (name === "selected") this.later(60, () => this.tell({}));
  }
  on(name, callback) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), callback]);
  }
  off(name, callback) {
    this.#listeners.set(name, (this.#listeners.get(name) ?? []).filter((each) => each !== callback));
  }
  emit(name, ...args) {
    for (const callback of this.#listeners.get(name) ?? []) callback(...args);
  }
  later(ms, what) {
    const timer = setTimeout(() => (this.#timers.delete(timer), what()), ms);
    this.#timers.add(timer);
  }

  tell(part) {
    const { view } = this.traits;
    const stage = this.all?.find(({ job_id }) => job_id === this.traits.selected) ?? null;
    this.set("view", { ...view, ...part, stage, rev: view.rev + 1 });
  }
  list() {
    this.set("jobs_page", this.page());
  }
  page() {
    const { text, status, model, page, starred, tag, rating } = this.query;
    const fits = (each) => each.prompt.toLowerCase().includes(text.toLowerCase()) && (!status || each.status === status) && (!model || each.request.model === model) && (!starred || each.starred) && (!tag || each.tags.includes(tag)) && (each.rating ?? 0) >= rating;
    const found = this.all.filter(fits);
    const narrow = text || status || model || starred || tag || rating;
    const tags = [...new Set(this.all.flatMap((each) => each.tags))].sort();
    const total = narrow ? found.length : (this.habits.total ?? found.length);
    const pages = Math.ceil(total / PAGE);
    return { rev: (this.traits.jobs_page.rev ?? 0) + 1, text, status, model, starred, tag, rating, tags, page, pages, total, items: found.slice(page * PAGE, (page + 1) * PAGE) };
  }
  /** Changes one job, wherever it is seen. */
  change(id, part) {
    this.all = this.all.map((each) => (each.job_id === id ? { ...each, ...part } : each));
    this.list();
    this.tell({});
  }

  send(message) {
    this.sent.push(message);
    if (!this.habits.mute) this.later(30, () => this[`on_${message.type}`]?.(message));
  }

  on_check({ click_id, request }) {
    const { problems, media } = this.check(request);
    this.tell({ check: { click_id, problems, media, cost_usd: null } });
  }
  on_medium({ click_id, upload, name, offset, size }) {
    const received = Math.min(size, offset + (4 << 20));
    const entry = received < size ? null : this.entry(`media:${upload.padEnd(64, "0").slice(0, 64)}.png`, name);
    this.emit("msg:custom", { type: "medium", click_id, received, entry }, []);
  }
  on_frame({ click_id, job_id, at_s }) {
    const which = at_s === null ? "last picture" : `picture at ${at_s.toFixed(2)} s`;
    this.emit("msg:custom", { type: "medium", click_id, received: 0, entry: this.entry(`media:${click_id.padEnd(64, "1")}.png`, `${which} of ${job_id}.mp4`) }, []);
  }
  on_known({ click_id, url }) {
    this.emit("msg:custom", { type: "medium", click_id, received: 0, entry: this.entry(url, `drawing-${url.slice(6, 10)}.png`) }, []);
  }
  /** A medium in colours of its own. */
  entry(url, name) {
    const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
    const pen = canvas.getContext("2d");
    const hue = [...url].reduce((sum, each) => sum + each.charCodeAt(0) * 7, 0) % 360;
    pen.fillStyle = `hsl(${hue} 60% 45%)`;
    pen.fillRect(0, 0, 64, 48);
    pen.fillStyle = `hsl(${hue} 60% 75%)`;
    pen.fillRect(12, 16, 30, 20);
    return { url, name, kind: "image", thumbnail: canvas.toDataURL("image/jpeg"), notes: [], problem: "" };
  }

  check({ prompt, model, duration, media_urls }) {
    const problems = [];
    const say = (field, text, index = null) => problems.push({ field, text, index });
    const found = this.traits.view.models.find(({ id }) => id === model);
    if (!prompt.trim()) say("prompt", "The prompt is empty. Say what the video shows.");
    if (!found) say("model", `There is no model '${model}'.`);
    else if (!found.durations.includes(duration)) say("duration", `${model} does not take duration ${duration} s. Did you mean 15? Allowed: ${found.durations.join(", ")}.`);
    if (media_urls.length > 5) say("media_urls", `${media_urls.length} reference media are too many. The API takes at most 5.`);
    media_urls.forEach((url, i) => {
      const why = /^media:/.test(url) ? null : /^http:/.test(url) ? "is http, not https" : /^[A-Z]:/.test(url) ? "is a path on this machine, which the server cannot reach" : PRIVATE.test(url) ? "names a private or local host, which the server cannot reach" : !/^https:/.test(url) ? "is a path on this machine, which the server cannot reach" : null;
      if (why) say("media_urls", `The media URL '${url}' ${why}. It takes a public https URL, such as https://host/a.jpg.`, i);
    });
    const kinds = media_urls.map((url) => (/\.(jpe?g|png)$/i.test(url) ? "image" : /\.(mp4|mov)$/i.test(url) ? "video" : /\.(mp3|wav)$/i.test(url) ? "audio" : null));
    const frames = kinds.length <= 2 && kinds.every((kind) => kind === "image");
    return { problems, media: media_urls.map((url, i) => ({ url, kind: kinds[i], role: frames ? ["first frame", "last frame"][i] : "reference" })) };
  }

  on_submit({ click_id, request, force }) {
    const outcome = (part) => this.tell({ sending: [], outcome: { click_id, job_id: null, problem: null, field: null, ask: null, yes: null, ...part } });
    if (this.habits.ask && !force) return outcome({ ask: "The same request was sent 4 s ago (job runn1ng0). Send it again?" });
    if (this.habits.refuse) return outcome({ problem: { title: "Not enough credits", what: "The server refused (HTTP 402 insufficient_credits): this job needs 40 credits, 12 are left.", charged: "Nothing was charged.", next: "Add credits in the vendor's dashboard, or ask for a shorter or smaller video." } });
    this.tell({ sending: [click_id] });
    const made = job({ request, status: "submitting", status_text: "Sending the request", elapsed_s: 0, estimate: null, cancel: "unavailable" });
    this.all = [made, ...this.all];
    this.list();
    const began = performance.now();
    const s = () => (performance.now() - began) / 1000;
    const go = (part) => this.all.find(({ job_id }) => job_id === made.job_id)?.final || this.change(made.job_id, { elapsed_s: s(), ...part });
    this.later(700, () => (go({ status: "queued", status_text: "Waiting in the queue", cancel: "available" }), outcome({ job_id: made.job_id })));
    for (let i = 0; i < 5; i++) this.later(1500 + i * 1000, () => go({ status: "processing", status_text: "Generating", estimate: { elapsed_s: s() - 1.5, median_s: 5, p90_s: 7, source: "from 12 earlier jobs like this" } }));
    this.later(6500, () => go({ ...done({ request }), job_id: made.job_id, elapsed_s: s(), url: null }));
  }
  on_cancel({ job_id }) {
    this.change(job_id, { cancel: "asked" });
    this.later(900, () => this.change(job_id, { status: "cancelled", status_text: "Cancelled", final: true, cancel: "unavailable", estimate: null }));
  }
  on_download({ job_id }) {
    this.later(700, () => this.change(job_id, done({ job_id })));
  }
  on_search({ type, click_id, ...query }) {
    this.query = query;
    this.list();
  }
  on_rate({ job_id, value }) {
    this.change(job_id, { rating: value });
  }
  on_tag({ job_id, tags }) {
    this.change(job_id, { tags });
  }
  on_batch({ job_ids, starred, tags = [] }) {
    for (const id of job_ids) {
      const before = this.all.find((each) => each.job_id === id);
      this.change(id, { starred: starred ?? before.starred, tags: [...new Set([...before.tags, ...tags])] });
    }
  }
  on_export({ click_id, job_ids }) {
    this.emit("msg:custom", { type: "export", click_id, text: `Exported ${job_ids.length} jobs to seedance-2026-11-28.zip`, url: null });
  }
  on_prompts({ click_id }, more = {}) {
    const items = Object.entries(this.prompts).map(([name, request]) => ({ name, request, text: "" }));
    this.emit("msg:custom", { type: "prompts", click_id, items, file: "seedance_prompts.toml", problem: "", taken: "", saved: "", ...more });
  }
  on_save_prompt({ click_id, name, request, replace }) {
    if (this.prompts[name] && !replace) return this.on_prompts({ click_id }, { problem: `There is a saved prompt “${name}” already.`, taken: name });
    this.prompts[name] = request;
    this.on_prompts({ click_id }, { saved: name });
  }
  on_forget_prompt({ click_id, name }) {
    delete this.prompts[name];
    this.on_prompts({ click_id });
    this.emit("msg:custom", { type: "delete", click_id, gone: true });
  }
  on_recent({ click_id }) {
    this.emit("msg:custom", { type: "recent", click_id, prompts: [...new Set(this.all.map(({ prompt }) => prompt))] });
  }
  async on_later() {
    const code = await (await fetch("../../seedance_widgets/widgets/static/studio-later.js")).arrayBuffer();
    this.emit("msg:custom", { type: "later" }, [new DataView(code)]);
  }
  on_star({ job_id, value }) {
    this.change(job_id, { starred: value });
  }
  on_delete({ click_id, job_id }) {
    this.all = this.all.filter((each) => each.job_id !== job_id);
    this.list();
    this.tell({});
    this.emit("msg:custom", { type: "delete", click_id, gone: true });
  }
  on_note({ job_id, text }) {
    this.change(job_id, { note: text });
  }
  shape(job_id) {
    const found = this.all.find((each) => each.job_id === job_id);
    return { clip: found.clip, hue: (parseInt(job_id.slice(-3), 36) * 47) % 360 };
  }
  async on_poster({ job_id }) {
    const { clip, hue } = this.shape(job_id);
    const bytes = await jpeg(paint(clip.width / 4, clip.height / 4, { hue }));
    this.emit("msg:custom", { type: "poster", job_id }, [new DataView(bytes)]);
  }
  async on_clip({ job_id, offset, length }) {
    const { clip, hue } = this.shape(job_id);
    if (!this.#clips.has(job_id)) this.#clips.set(job_id, record(paint(clip.width / 2, clip.height / 2, { hue }), hue));
    const bytes = await this.#clips.get(job_id);
    this.emit("msg:custom", { type: "clip", job_id, offset, total_bytes: bytes.byteLength }, [new DataView(bytes.slice(offset, offset + length))]);
  }

  /** What a person's code does: `studio.prompt = "..."`. */
  code(name, value) {
    this.set(name, value);
  }
  stop() {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}

export { EMPTY };
