// @vitest-environment happy-dom
// The classic Notebook, which draws outputs anew and forgets what was in them.
import { afterEach, expect, test } from "vitest";
import { run } from "../src/shared/host";

const VIEW = "application/vnd.jupyter.widget-view+json";

interface Output {
  data: Record<string, unknown>;
  transient?: { display_id: string };
}

/** What its output areas do, as of nbclassic 1.3 with widgetsnbextension 4.0. */
class Area {
  outputs: Output[] = [];
  trusted = false;
  views: { id: { model_id: string }; remove: () => void }[] = [];
  drawn: string[] = [];

  fromJSON(outputs: Output[]): void {
    for (const output of outputs) {
      this.outputs.push(output);
      const id = output.data[VIEW] as { model_id: string } | undefined;
      if (!id?.model_id) continue;
      this.drawn.push(id.model_id);
      const controller = new AbortController();
      run({ start: () => undefined, stop: () => undefined }, controller.signal);
      this.views.push({ id, remove: () => controller.abort() });
    }
  }

  clear_output(): void {
    for (const { id, remove } of this.views) {
      remove();
      id.model_id = "";
    }
    this.views = [];
    this.drawn = [];
    this.outputs = [];
    this.trusted = true;
  }

  /** What the page does once it knows which widgets the kernel has. */
  drawAnew(): void {
    const outputs = this.outputs.map(({ data }) => ({ data }));
    const { trusted } = this;
    this.clear_output();
    this.trusted = trusted;
    this.fromJSON(outputs);
  }
}

function cellWith(...ids: string[]): Area {
  const area = new Area();
  const fallback = { data: { "text/html": "" }, transient: { display_id: "beside" } };
  area.fromJSON([...ids.map((model_id) => ({ data: { [VIEW]: { model_id } } })), fallback]);
  Object.assign(window, { Jupyter: { notebook: { get_cells: () => [{}, { output_area: area }] } } });
  return area;
}

afterEach(() => void delete (window as { Jupyter?: unknown }).Jupyter);

test("an output that is drawn anew has its widgets again, each once, and its display ids", async () => {
  const area = cellWith("one", "two");
  area.drawAnew();
  expect(area.drawn).toEqual([]);
  await Promise.resolve();
  expect(area.drawn).toEqual(["one", "two"]);
  expect(area.outputs.map(({ transient }) => transient?.display_id)).toEqual([undefined, undefined, "beside"]);
});

test("an output that is drawn anew is trusted no more than before", async () => {
  const area = cellWith("one");
  area.drawAnew();
  await Promise.resolve();
  expect(area.drawn).toEqual(["one"]);
  expect(area.trusted).toBe(false);
});

test("a cell that a person has cleared stays empty", async () => {
  const area = cellWith("one");
  area.clear_output();
  await Promise.resolve();
  expect(area.outputs).toEqual([]);
});

test("a widget that was closed stays away", async () => {
  const area = cellWith("one");
  for (const { id, remove } of area.views.splice(0)) {
    remove();
    id.model_id = "";
  }
  area.drawn = [];
  await Promise.resolve();
  expect(area.drawn).toEqual([]);
});
