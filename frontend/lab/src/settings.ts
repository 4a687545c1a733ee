// What a person has set in JupyterLab's settings; see schema/plugin.json. Nothing secret is among it.
import type { Wanted } from "./notices";

export const PLUGIN = "seedance-widgets:plugin";

export interface Settings extends Wanted {
  panelSide: "left" | "right";
  desktop: boolean;
  title: boolean;
}

export const DEFAULTS: Settings = { panelSide: "left", ready: true, failed: true, attention: true, desktop: false, title: true };

/** What is used of JupyterLab's `ISettingRegistry`. */
export interface Registry {
  load(plugin: string): Promise<{ readonly composite: object; readonly changed: { connect(hear: () => void): unknown } }>;
}

/** Calls back now and with every change; at once with the defaults where the host has no settings. */
export async function watchSettings(registry: Registry | null, hear: (settings: Settings) => void): Promise<void> {
  hear(DEFAULTS);
  if (!registry) return;
  try {
    const loaded = await registry.load(PLUGIN);
    const tell = () => hear({ ...DEFAULTS, ...(loaded.composite as Partial<Settings>) });
    loaded.changed.connect(tell);
    tell();
  } catch (error) {
    console.warn("Seedance: the settings cannot be read; the defaults are used.", error);
  }
}
