// The plugin: what JupyterLab and Notebook 7 load. Silent where the server has no extension of ours.
import { type JupyterFrontEnd, type JupyterFrontEndPlugin, ILabShell, ILayoutRestorer } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { PageConfig } from "@jupyterlab/coreutils";
import { IFileBrowserFactory } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStateDB } from "@jupyterlab/statedb";
import { IStatusBar } from "@jupyterlab/statusbar";
import { Extension, type Host } from "./extension";
import { runAsked } from "./notebooks";
import { PLUGIN } from "./settings";

/** What the server extension writes into each page, so that a page without it asks for nothing. */
export const SERVER_IS_HERE = "seedanceWidgets";

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: "Seedance: a panel of jobs, a status, and a word when a clip is ready.",
  autoStart: true,
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ILauncher, ISettingRegistry, IStateDB, IStatusBar, INotebookTracker, IFileBrowserFactory],
  activate: async (
    app: JupyterFrontEnd,
    lab: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    registry: ISettingRegistry | null,
    state: IStateDB | null,
    bar: IStatusBar | null,
    tracker: INotebookTracker | null,
    files: IFileBrowserFactory | null,
  ) => {
    if (!PageConfig.getOption(SERVER_IS_HERE)) return;
    tracker?.widgetAdded.connect((_, panel) => void runAsked(panel));
    const host: Host = { app, lab, restorer, palette, launcher, registry, state, bar, tracker, files };
    const extension = new Extension(host);
    await extension.prepare();
    extension.start();
  },
};

export default plugin;
