// Shows every state of the Studio with a fake kernel behind it; the page can be clicked through.
import studio from "../../seedance_widgets/widgets/static/studio.js";
import { FakeKernel } from "./kernel.js";
import { STATES } from "./studio-states.js";

const query = new URLSearchParams(location.search);
document.documentElement.dataset.theme = query.get("theme") ?? "light";
const only = query.get("only");
const realNow = performance.now.bind(performance);
globalThis.kernels = {};
globalThis.cleanUps = {};

for (const [name, state] of Object.entries(STATES)) {
  const id = name.replaceAll(/\W+/g, "-");
  if (only && only !== id) continue;
  const kernel = new FakeKernel(state);
  const section = document.createElement("section");
  const title = Object.assign(document.createElement("h2"), { textContent: name });
  const el = Object.assign(document.createElement("div"), { className: "jp-OutputArea-output jp-ThemedContainer" });
  section.id = id;
  section.append(title, el);
  document.querySelector("main").append(section);
  const shift = state.older ?? (state.mute ? 6000 : 0); // as if it had been there for so long already
  performance.now = () => realNow() - shift;
  studio.initialize({ model: kernel });
  globalThis.cleanUps[id] = studio.render({ model: kernel, el });
  if (query.has("twice")) studio.render({ model: kernel, el });
  if (state.press) [...el.querySelectorAll("button")].find((each) => each.textContent.startsWith("Generate"))?.click();
  performance.now = realNow;
  globalThis.kernels[id] = kernel;
}
document.activeElement?.blur();

// Without a heartbeat the states would fall silent while one looks at them.
const began = realNow();
setInterval(() => {
  for (const kernel of Object.values(globalThis.kernels)) {
    if (kernel.habits.mute || !kernel.all) continue;
    const s = (realNow() - began) / 1000;
    kernel.first ??= new Map(kernel.all.map((job) => [job.job_id, job]));
    kernel.all = kernel.all.map((job) => {
      const first = kernel.first.get(job.job_id);
      if (job.final || !first || first.status !== job.status) return job;
      return { ...job, elapsed_s: first.elapsed_s + s, estimate: first.estimate && { ...first.estimate, elapsed_s: first.estimate.elapsed_s + s } };
    });
    kernel.list();
  }
}, 4000);
