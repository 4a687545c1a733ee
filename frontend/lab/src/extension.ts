// Puts the parts together: what the server tells goes to the panel, the status, the notices and the title.
import type { ILabShell, ILayoutRestorer, JupyterFrontEnd } from "@jupyterlab/application";
import { type ICommandPalette, MainAreaWidget, WidgetTracker } from "@jupyterlab/apputils";
import type { IFileBrowserFactory } from "@jupyterlab/filebrowser";
import type { ILauncher } from "@jupyterlab/launcher";
import type { INotebookTracker } from "@jupyterlab/notebook";
import type { ISettingRegistry } from "@jupyterlab/settingregistry";
import type { IStateDB } from "@jupyterlab/statedb";
import type { IStatusBar } from "@jupyterlab/statusbar";
import type { ReadonlyPartialJSONObject, ReadonlyPartialJSONValue } from "@lumino/coreutils";
import type { Widget } from "@lumino/widgets";
import { Undo } from "../../src/shared/undo";
import { ANY, Api, Refused } from "./api";
import { cellOfFrame, jobOfFile, pictureOfFile } from "./clip-files";
import { askPermission, permission, tellDesktop } from "./desktop";
import { icon } from "./icon";
import type { Told } from "./job";
import { Model, SCHEMA } from "./model";
import { type Cell, insertCell, openStudio } from "./notebooks";
import { ignoreRefused, type Notice, teller } from "./notices";
import { offerDesktop, say, tell } from "./notify";
import { Orders } from "./orders";
import { askServer } from "./server";
import { DEFAULTS, type Settings, watchSettings } from "./settings";
import { isInSight, Sight } from "./sight";
import { TitleCount } from "./title";
import { VERSION } from "./version";
import { JobsWidget, LargeWidget, PANEL_ID, StatusWidget } from "./widgets";

/** The code of what a person looks at; null, with a word, where it cannot be loaded, as after an update. */
async function views(): Promise<typeof import("./views") | null> {
  try {
    return await import("./views");
  } catch {
    say("Seedance could not load its panel. Reload the page.");
    return null;
  }
}

const KEPT = "seedance-panel:place"; // not among the widgets that are restored: what has no arguments there is removed
const RANK = 900; // below what comes with JupyterLab

export interface Host {
  app: JupyterFrontEnd;
  /** JupyterLab's shell; null in Notebook 7, which has room for one thing in the middle. */
  lab: ILabShell | null;
  restorer: ILayoutRestorer | null;
  palette: ICommandPalette | null;
  launcher: ILauncher | null;
  registry: ISettingRegistry | null;
  state: IStateDB | null;
  bar: IStatusBar | null;
  tracker: INotebookTracker | null;
  files: IFileBrowserFactory | null;
}

export class Extension {
  readonly #api: Api;
  readonly #model: Model;
  readonly #orders: Orders;
  readonly #title = new TitleCount();
  readonly #opened = new WidgetTracker<MainAreaWidget<LargeWidget>>({ namespace: "seedance-widgets" });
  #settings: Settings = DEFAULTS;
  #panel: JobsWidget | null = null;
  #status: StatusWidget | null = null;
  #isWarm = false;

  constructor(private readonly host: Host) {
    this.#api = new Api(askServer(host.app.serviceManager.serverSettings));
    this.#model = new Model(this.#api, VERSION);
    const undos = new Undo(
      (id) => this.#remove(id),
      () => this.#orders.tell(null),
    );
    this.#orders = new Orders(this.#api, undos, { insert: (cell) => void this.#insert(cell), say });
  }

  /** What has to be there before JupyterLab lays out the page again. */
  async prepare(): Promise<void> {
    const { registry, restorer } = this.host;
    this.#addCommands();
    void restorer?.restore(this.#opened, {
      command: "seedance:open",
      args: ({ content }) => ({ id: content.job }),
      name: ({ content }) => content.job,
    });
    await watchSettings(registry, (settings) => this.#use(settings));
    this.#addPanel();
  }

  /** Asks the server and listens, as long as the page is there. */
  start(): void {
    const { app } = this.host;
    const notices = teller(this.#api, {
      wanted: () => this.#settings,
      isHidden: () => document.hidden,
      isInSight,
      show: (notice) => this.#show(notice),
    });
    const sight = new Sight((ids) => void this.#saw(ids));
    this.#model.connect(() => {
      this.#settle();
      this.#warm();
      notices.hear(this.#model.known.news);
      sight.watch(this.#model.known.news.map(({ id }) => id));
    });
    app.serviceManager.events.stream.connect((_, event) => {
      if (event.schema_id === SCHEMA) this.#model.hear(event as unknown as Told);
    });
    document.addEventListener("visibilitychange", () => document.hidden || void this.#model.look());
    app.serviceManager.connectionFailure.connect(() => void this.#model.look());
    this.#model.keepLooking();
  }

  #addCommands(): void {
    const { app, palette, launcher, files } = this.host;
    const add = (id: string, label: string, caption: string, execute: (args: ReadonlyPartialJSONObject) => unknown) => {
      app.commands.addCommand(id, { label, caption, icon, execute });
      palette?.addItem({ command: id, category: "Seedance" });
    };
    add("seedance:studio", "Seedance Studio", "A notebook with the Studio running in it", ({ cwd }) => openStudio(app, typeof cwd === "string" ? cwd : this.#cwd()));
    add("seedance:jobs", "Seedance: jobs", "Every job of the history", () => this.#openPanel());
    add("seedance:doctor", "Seedance: doctor", "Checks the installation, the key and the history", async () => (await views())?.showDoctor(this.#api));
    app.commands.addCommand("seedance:open", { label: "Open Seedance job", icon, execute: ({ id }) => this.#open(String(id)) });
    const file = () => [...(files?.tracker.currentWidget?.selectedItems() ?? [])].map(({ path }) => path)[0] ?? "";
    const onFile = (id: string, label: string, of: (path: string) => string | null, execute: (found: string) => unknown) =>
      app.commands.addCommand(id, { label, icon, isVisible: () => of(file()) !== null, execute: () => execute(of(file()) ?? "") });
    onFile("seedance:file-again", "Make this clip again", jobOfFile, (id) => this.#orders.insert(id, "again"));
    onFile("seedance:file-story", "Show prompt and cost", jobOfFile, (id) => this.#story(id));
    onFile("seedance:file-frame", "Use as first frame", pictureOfFile, (path) => this.#insert((fromNotebook) => cellOfFrame(fromNotebook(path))));
    launcher?.add({ command: "seedance:studio", category: "Other", rank: 10 });
  }

  /** The folder that a person looks at. */
  #cwd(): string {
    return this.host.files?.tracker.currentWidget?.model.path ?? "";
  }

  #insert(cell: Cell): Promise<void> {
    return insertCell(this.host.app, this.host.tracker, this.#cwd(), cell);
  }

  // --- the panel --------------------------------------------------------------------------------------------------
  #addPanel(): void {
    const { app, state, restorer } = this.host;
    this.#panel = new JobsWidget(async () => {
      const [code, kept] = await Promise.all([views(), state?.fetch(KEPT)]);
      if (!code) return null;
      const view = new code.JobsView(this.#api, this.#model, this.#orders, {
        open: (id) => this.#open(id),
        studio: () => void openStudio(app, this.#cwd()),
        desktop: () => (this.#settings.desktop ? permission() : "off"),
        allow: () => this.#allow(),
        keep: (place) => void state?.save(KEPT, place as unknown as ReadonlyPartialJSONValue),
      });
      view.restore(code.readPlace(kept));
      return view;
    });
    app.shell.add(this.#panel, this.#settings.panelSide, { rank: RANK });
    restorer?.add(this.#panel, PANEL_ID);
  }

  #openPanel(): void {
    if (this.#panel) this.#bringToFront(this.#panel);
  }

  /** Notebook 7.4 closes a side panel that is asked to open twice, and takes one that a person closed for open. */
  #bringToFront(widget: Widget): void {
    const { shell } = this.host.app;
    if (widget.isVisible) widget.activate();
    else shell.activateById(widget.id);
    if (!widget.isVisible) shell.activateById(widget.id);
  }

  #use(settings: Settings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (this.#panel && before.panelSide !== settings.panelSide) this.host.app.shell.add(this.#panel, settings.panelSide, { rank: RANK });
    // Only where it was just turned on: what was set before is offered in the panel, not with each page that opens.
    if (this.#panel && settings.desktop && !before.desktop && !document.hidden && permission() === "default") offerDesktop(() => void this.#allow());
    this.#panel?.draw();
    this.#settle();
  }

  /** A person clicked Allow. */
  async #allow(): Promise<void> {
    await askPermission();
    this.#panel?.draw();
  }

  // --- the status and the title -----------------------------------------------------------------------------------
  #settle(): void {
    const { app, bar } = this.host;
    const { phase } = this.#model.known;
    const isQuiet = phase === "absent" || phase === "none";
    if (isQuiet) {
      this.#status?.dispose();
      this.#status = null;
    } else if (!this.#status) {
      this.#status = new StatusWidget(this.#model, () => this.#openPanel());
      if (bar) bar.registerStatusItem("seedance-widgets:status", { item: this.#status, align: "left", rank: 5 });
      else app.shell.add(this.#status, "top", { rank: RANK });
    }
    this.#title.show(this.#settings.title ? this.#model.fresh : 0);
  }

  /** While the first job is generating, the server loads what it needs to name it: its notice must not wait for that. */
  #warm(): void {
    if (this.#isWarm || !this.#model.known.open) return;
    this.#isWarm = true;
    void this.#api.jobs(ANY, 0, 1).catch(ignoreRefused);
  }

  // --- what is new ------------------------------------------------------------------------------------------------
  async #saw(ids: string[]): Promise<void> {
    this.#model.saw(ids);
    await this.#api.seen(ids).catch(ignoreRefused); // the next look has it again, and it is seen again
  }

  #show(notice: Notice): void {
    const show = () => (notice.job ? this.#open(notice.job.id) : this.#openPanel());
    tell(notice, this.#api, show);
    if (this.#settings.desktop && document.hidden) void tellDesktop(notice, this.#api, show);
  }

  // --- one job ----------------------------------------------------------------------------------------------------
  #open(id: string): MainAreaWidget<LargeWidget> {
    const { app, lab } = this.host;
    const open = this.#opened.find(({ content }) => content.job === id);
    const widget = open ?? this.#newLarge(id);
    if (!open && lab) app.shell.add(widget, "main");
    else if (!open) this.#addBeside(widget);
    this.#bringToFront(widget);
    return widget;
  }

  /** At the side where the panel is not, in the place of the job that was open there. */
  #addBeside(widget: MainAreaWidget<LargeWidget>): void {
    this.#opened.forEach((other) => other !== widget && other.dispose());
    this.host.app.shell.add(widget, this.#settings.panelSide === "left" ? "right" : "left", { rank: RANK });
  }

  #newLarge(id: string): MainAreaWidget<LargeWidget> {
    const content: LargeWidget = new LargeWidget(id, async () => {
      const code = await views();
      return code && new code.LargeView(id, this.#api, this.#model, this.#orders, ({ prompt }) => content.name(prompt));
    });
    const widget = new MainAreaWidget({ content });
    widget.id = `seedance-large-${id}`;
    widget.title.icon = icon;
    void this.#opened.add(widget);
    return widget;
  }

  async #story(id: string): Promise<void> {
    await this.#try(async () => {
      const [job, code] = await Promise.all([this.#api.job(id), views()]);
      if ((await code?.showStory(job)) === "open") this.#open(id);
    });
  }

  async #remove(id: string): Promise<void> {
    await this.#try(async () => {
      const kept = await this.#api.remove(id, this.#orders.wasUnconfirmed(id));
      if (kept.length) say(kept.join(" "));
      await this.#model.look();
    });
  }

  async #try(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(error.message);
    }
  }
}
