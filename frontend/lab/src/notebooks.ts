// Cells of ours in notebooks: into the one in front, or into a new one. What spends is never run from here.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { PathExt } from "@jupyterlab/coreutils";
import { type INotebookTracker, NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";

const LOAD = "%load_ext seedance_widgets";
const RUN_KEY = "seedance-widgets:run"; // Notebook 7 opens a notebook in a page of its own, which has to be told
const RUN_WITHIN_MS = 60_000;

/** The source of a cell; or what makes it, given the way from the notebook to a path of the file browser. */
export type Cell = string | ((fromNotebook: (path: string) => string) => string);

/** Puts a cell below the active one of the notebook in front, without running it; into a new notebook where there is none. */
export async function insertCell(app: JupyterFrontEnd, tracker: INotebookTracker | null, cwd: string, cell: Cell): Promise<void> {
  const panel = tracker?.currentWidget;
  const folder = panel ? PathExt.dirname(panel.context.path) : cwd;
  const { contents } = app.serviceManager;
  const fromNotebook = (path: string) => PathExt.relative(contents.localPath(folder), contents.localPath(path));
  const source = typeof cell === "string" ? cell : cell(fromNotebook);
  if (!panel) return newNotebook(app, cwd, "Seedance", [LOAD, source], 1);
  app.shell.activateById(panel.id);
  await panel.revealed; // it may just have been opened, and has no cells before
  const cells = Array.from(panel.content.widgets, ({ model }) => model.sharedModel.getSource());
  if (!cells.some((cell) => cell.includes("seedance_widgets"))) insertBelow(panel, LOAD);
  insertBelow(panel, source);
  panel.content.activate();
  if (source.endsWith("\n")) await write(panel);
}

/** Puts the caret on the last line of the active cell, where the prompt goes. */
async function write({ content }: NotebookPanel): Promise<void> {
  await content.activeCell?.ready;
  content.mode = "edit";
  const editor = content.activeCell?.editor;
  editor?.setCursorPosition({ line: editor.lineCount - 1, column: 0 });
}

function insertBelow({ content }: NotebookPanel, source: string): void {
  const isBare = !content.activeCell?.model.sharedModel.getSource() && content.activeCell?.model.type === "code";
  if (!isBare) NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(source);
}

/** Opens a notebook with the Studio running in it. */
export function openStudio(app: JupyterFrontEnd, cwd: string): Promise<void> {
  return newNotebook(app, cwd, "Seedance Studio", [`${LOAD}\n%seedance_studio`], 1);
}

/** A new notebook with these cells, of which the first `run` are run. */
async function newNotebook(app: JupyterFrontEnd, cwd: string, name: string, cells: string[], run: number): Promise<void> {
  const { contents, kernelspecs } = app.serviceManager;
  await kernelspecs.ready;
  const kernel = kernelspecs.specs?.default ?? "python3";
  const spec = kernelspecs.specs?.kernelspecs[kernel];
  const path = await freePath(app, cwd, name);
  const content = {
    cells: cells.map((source, i) => ({ cell_type: "code", id: `seedance-${i}`, source, metadata: {}, outputs: [], execution_count: null })),
    metadata: { kernelspec: { name: kernel, display_name: spec?.display_name ?? kernel, language: spec?.language ?? "python" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
  await contents.save(path, { type: "notebook", format: "json", content });
  localStorage.setItem(RUN_KEY, JSON.stringify({ path, run, at: Date.now() }));
  const opened = (await app.commands.execute("docmanager:open", { path, factory: "Notebook" })) as NotebookPanel | undefined;
  if (opened?.content) await runAsked(opened);
}

/** Runs the first cells of a notebook that this browser has just asked for, and of no other. */
export async function runAsked(panel: NotebookPanel): Promise<void> {
  await panel.context.ready;
  const { path, run, at } = readAsked();
  if (path !== panel.context.path || Date.now() - at > RUN_WITHIN_MS) return;
  localStorage.removeItem(RUN_KEY);
  await panel.sessionContext.ready;
  for (let i = 0; i < run; i++) {
    panel.content.activeCellIndex = i;
    await NotebookActions.run(panel.content, panel.sessionContext);
  }
}

function readAsked(): { path: string; run: number; at: number } {
  const nothing = { path: "", run: 0, at: 0 };
  try {
    return { ...nothing, ...(JSON.parse(localStorage.getItem(RUN_KEY) ?? "{}") as object) };
  } catch {
    return nothing;
  }
}

async function freePath(app: JupyterFrontEnd, cwd: string, name: string): Promise<string> {
  const { content } = await app.serviceManager.contents.get(cwd);
  const taken = new Set((content as { name: string }[]).map((each) => each.name));
  for (let number = 1; ; number++) {
    const file = `${number === 1 ? name : `${name} ${number}`}.ipynb`;
    if (!taken.has(file)) return PathExt.join(cwd, file);
  }
}
