// Shows every state of the card with a fake model in place of the kernel.
import card from "../../seedance_widgets/widgets/static/card.js";
import { paint, record } from "./pictures.js";
import { STATES } from "./states.js";

const query = new URLSearchParams(location.search);
document.documentElement.dataset.theme = query.get("theme") ?? "light";
const only = query.get("only");

class FakeModel {
  #listeners = new Map();
  sent = [];
  constructor(view, answers) {
    this.view = view;
    this.answers = answers;
  }
  get() {
    return this.view;
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
  change(part) {
    this.view = { ...this.view, ...part, rev: this.view.rev + 1 };
    this.emit("change:view");
  }
  async send(message) {
    this.sent.push(message);
    if (message.type === "cancel") setTimeout(() => this.change({ cancel: "asked" }), 400);
    if (message.type === "clip") this.answer(message);
  }
  async answer({ offset, length }) {
    const total = this.view.clip.size_bytes;
    if (this.answers === "problem") return this.emit("msg:custom", { type: "clip", offset, problem: "The file paper-boat-k3f9x2ab.mp4 is no longer there." }, []);
    if (this.answers === "half") return offset || this.emit("msg:custom", { type: "clip", offset, total_bytes: total }, [new DataView(new ArrayBuffer(1_100_000))]);
    this.bytes ??= await record(paint(this.view.clip.width / 2, this.view.clip.height / 2));
    const piece = this.bytes.slice(offset, offset + length);
    this.emit("msg:custom", { type: "clip", offset, total_bytes: this.bytes.byteLength }, [new DataView(piece)]);
  }
}

globalThis.models = {};
globalThis.cleanUps = {};
const realNow = performance.now.bind(performance);

for (const [name, state] of Object.entries(STATES)) {
  if (only && only !== name) continue;
  const { silent, answers, ...view } = state ?? {};
  if (view.poster) view.poster = paint(view.clip.width / 2, view.clip.height / 2).toDataURL("image/jpeg", 0.7);
  const model = new FakeModel(state ? view : {}, answers);
  const section = document.createElement("section");
  const title = Object.assign(document.createElement("h2"), { textContent: name });
  const el = Object.assign(document.createElement("div"), { className: "jp-OutputArea-output jp-ThemedContainer" });
  section.id = name.replaceAll(/\W+/g, "-");
  section.append(title, el);
  document.querySelector("main").append(section);
  // A silent card is one that was mounted twenty-two seconds ago.
  if (silent) performance.now = () => realNow() - 22_000;
  card.initialize({ model });
  globalThis.cleanUps[name] = card.render({ model, el });
  performance.now = realNow;
  globalThis.models[name] = model;
}

// Views without a heartbeat would fall silent while one looks at them.
setInterval(() => {
  for (const [name, model] of Object.entries(globalThis.models)) {
    if (STATES[name] && !STATES[name].silent && !model.view.final) model.change(beat(model));
  }
}, 4000);

const mountedAt = realNow();
function beat(model) {
  model.first ??= { elapsed_s: model.view.elapsed_s, estimate: model.view.estimate };
  const s = (realNow() - mountedAt) / 1000;
  const { elapsed_s, estimate } = model.first;
  return { elapsed_s: elapsed_s + s, estimate: estimate && { ...estimate, elapsed_s: estimate.elapsed_s + s } };
}
