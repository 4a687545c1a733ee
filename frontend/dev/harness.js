// Shows every state of the card with a fake model in place of the kernel.
import card from "../../seedance_widgets/widgets/static/card.js";
import { STATES } from "./states.js";

const query = new URLSearchParams(location.search);
document.documentElement.dataset.theme = query.get("theme") ?? "light";
const only = query.get("only");

/** A picture of the clip's shape, so that nothing has to be fetched. */
function paint({ width, height }, t = 0) {
  const canvas = Object.assign(document.createElement("canvas"), { width: width / 2, height: height / 2 });
  draw(canvas, t);
  return canvas;
}

function draw(canvas, t) {
  const pen = canvas.getContext("2d");
  const sky = pen.createLinearGradient(0, 0, 0, canvas.height);
  sky.addColorStop(0, "#1b2a41");
  sky.addColorStop(0.6, "#3c5a78");
  sky.addColorStop(1, "#0c1622");
  pen.fillStyle = sky;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#f2ead8";
  const [x, y] = [canvas.width * (0.3 + 0.3 * t), canvas.height * 0.62];
  pen.beginPath();
  for (const [dx, dy] of [[-60, 0], [60, 0], [36, 30], [-36, 30]]) pen.lineTo(x + dx, y + dy);
  pen.moveTo(x - 30, y), pen.lineTo(x, y - 55), pen.lineTo(x + 30, y);
  pen.fill();
}

async function record(canvas, seconds = 2) {
  const recorder = new MediaRecorder(canvas.captureStream(25));
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  for (let i = 0; i < seconds * 25; i++) {
    draw(canvas, i / (seconds * 25));
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  recorder.stop();
  await stopped;
  return new Blob(parts).arrayBuffer();
}

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
    this.bytes ??= await record(paint(this.view.clip));
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
  if (view.poster) view.poster = paint(view.clip).toDataURL("image/jpeg", 0.7);
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
