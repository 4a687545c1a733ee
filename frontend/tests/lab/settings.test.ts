import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { DEFAULTS, PLUGIN, type Registry, type Settings, watchSettings } from "../../lab/src/settings";

/** JupyterLab's registry with what a person has set; `set` sets something else. */
function registryOf(composite: object) {
  const listeners: (() => void)[] = [];
  const loaded = { composite, changed: { connect: (listener: () => void) => listeners.push(listener) } };
  const set = (next: object) => {
    loaded.composite = next;
    for (const listener of listeners) listener();
  };
  const load = vi.fn(async (_: string) => loaded);
  return { registry: { load }, load, set };
}

async function heard(registry: Registry | null): Promise<Settings[]> {
  const all: Settings[] = [];
  await watchSettings(registry, (settings) => all.push(settings));
  return all;
}

test("a host without settings has the defaults, at once", async () => {
  expect(await heard(null)).toEqual([DEFAULTS]);
});

test("the defaults are those that the settings page shows", () => {
  const { properties } = JSON.parse(readFileSync(join(import.meta.dirname, "../../lab/schema/plugin.json"), "utf8")) as { properties: Record<string, { default: unknown }> };
  expect(Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, each.default]))).toEqual(DEFAULTS);
});

test("what a person has set takes the place of its default, and the rest stays", async () => {
  const { registry, load } = registryOf({ panelSide: "right", title: false });
  expect(await heard(registry)).toEqual([DEFAULTS, { ...DEFAULTS, panelSide: "right", title: false }]);
  expect(load).toHaveBeenCalledExactlyOnceWith(PLUGIN);
});

test("every change is heard, and a setting that is taken back has its default again", async () => {
  const { registry, set } = registryOf({ title: false });
  const all = await heard(registry);
  set({ desktop: true });
  set({});
  expect(all.slice(2)).toEqual([{ ...DEFAULTS, desktop: true }, DEFAULTS]);
});

test("settings that cannot be read leave the defaults and are said in the console", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect(await heard({ load: () => Promise.reject(new Error("no such schema")) })).toEqual([DEFAULTS]);
  expect(warn).toHaveBeenCalledOnce();
  warn.mockRestore();
});
