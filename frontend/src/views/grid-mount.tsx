// One view of a grid: hears the kernel, the person and the clock, keeps the state, and leaves nothing behind.
import { clickId } from "../shared/host";
import { embed, idIn } from "../shared/embed";
import { copyText } from "../shared/copy";
import { saveAs } from "../shared/files";
import { runLater } from "../shared/later";
import { Undo } from "../shared/undo";
import { Grid } from "./grid";
import type { GridActions } from "./grid-actions";
import { clipsOf, firstGrid, type GridState, hearGrid, isAnswered, liven, needsClock } from "./grid-state";
import type { CodeAnswer, Model } from "./host";
import { LiveView } from "./live";
import { said } from "../shared/words";
import { commandOf, marked, saidOf, withMarks } from "./marks";
import { stillsOnly } from "./motion";
import { part, type Parts, take } from "./parts";
import { Sight } from "./sight";
import type { GridView } from "./view";

const TICK_MS = 250;
const AGAIN_MS = 1000;

export class LiveGrid extends LiveView<GridState> {
  readonly #sight = new Sight((seen) => this.change({ seen }));
  readonly #uid = `sdw-${clickId().slice(0, 8)}`;
  readonly #undo = new Undo(async (job_id) => this.post({ type: "delete", job_id }), () => this.change({ deleting: this.#undo.pending }));
  readonly #sentAt = new Map<string, number>();
  #copying = ""; // whose code goes to the clipboard as soon as it is here
  #ticker: ReturnType<typeof setTimeout> | undefined;

  constructor(model: Model, root: HTMLElement) {
    super(model, root, firstGrid(model.get("view") as GridView, performance.now()), false);
  }

  override start(): void {
    this.model.on("change:opened", this.#onOpened);
    this.#onOpened();
    super.start();
    if (!part("Stage")) this.post({ type: "later" });
  }

  override stop(): void {
    super.stop();
    this.model.off("change:opened", this.#onOpened);
    clearTimeout(this.#ticker);
    this.#sight.stop();
    this.#undo.stop();
  }

  readonly #act: GridActions = {
    watch: (element, id) => this.#sight.watch(element, id),
    forget: (element) => this.#sight.forget(element),
    point: (active) => {
      if (this.state.active === active) return;
      this.#rest();
      this.change({ active: stillsOnly() ? "" : active });
    },
    leave: (id) => {
      if (this.state.active !== id) return;
      this.#rest();
      this.change({ active: "" });
    },
    open: (stage) => {
      if (this.all.playing) this.all.pause();
      this.#rest();
      this.change({ stage, active: "", more: this.state.more && this.state.stage === stage });
      const below = this.root.querySelector<HTMLElement>(".sdw-stage-below");
      below?.scrollIntoView?.({ block: "nearest" });
      (below?.querySelector<HTMLElement>("video") ?? below?.querySelector("button"))?.focus({ preventScroll: true });
    },
    fold: () => {
      const { stage } = this.state;
      this.change({ stage: "" });
      this.root.querySelector<HTMLElement>(`[data-cell="${stage}"]`)?.focus();
    },
    playAll: () => {
      if (this.all.playing) return this.all.pause();
      this.#rest();
      this.change({ active: "", playing: true });
      this.all.play();
    },
    download: (job_id) => this.post({ type: "download", job_id }),
    answer: (type) => {
      const { question } = this.state.view;
      if (!question || isAnswered(this.state)) return;
      this.post({ type, question: question.id });
      this.change({ answered: question.id });
    },
    export: (what) => this.post({ type: "export", what }),
    order: (what) => {
      this.post({ type: what });
      this.change({ ordered: what });
    },
    cancel: (job_id) => {
      this.post({ type: "cancel", job_id });
      this.change({ cancelling: [...this.state.cancelling, job_id] });
    },
    key: (id, mark) => {
      const cell = this.state.view.cells[id];
      if (!cell) return;
      const part = marked(withMarks(cell, this.state.pressed), mark);
      this.post(commandOf(id, mark, part));
      this.#press(id, part, saidOf(part));
    },
    star: (id) => this.#act.key(id, "star"),
    mark: (job_id, marks) => {
      const { rating, tags, note, starred } = marks;
      if (starred !== undefined) return this.#act.star(job_id);
      if (rating !== undefined) this.post({ type: "rate", job_id, value: rating });
      if (tags) this.post({ type: "tag", job_id, tags });
      if (note !== undefined) this.post({ type: "note", job_id, text: note });
      this.#press(job_id, marks, rating === undefined ? "Saved" : saidOf({ rating }));
    },
    again: ({ job_id, cost_usd, caption }) => {
      const now = performance.now();
      if (now - (this.#sentAt.get(job_id) ?? -AGAIN_MS) < AGAIN_MS) return; // a double click counts once
      this.#sentAt.set(job_id, now);
      this.post({ type: "again", job_id, shown_usd: cost_usd });
      this.change({ said: `Sending ${caption} once more` });
    },
    reuse: (id) => {
      const code = this.state.codes[id];
      this.#copying = code ? "" : id;
      if (code) void this.#copy(code.as_magic);
      else this.post({ type: "code", job_id: id });
    },
    save: (cell) => {
      const url = this.clips.url(cell);
      if (url) saveAs(url, cell.clip?.filename ?? "");
      else this.change({ saving: cell.job_id, said: `Loading ${cell.clip?.filename}` });
    },
    more: (id) => {
      const open = this.state.stage !== id || !this.state.more;
      if (this.state.stage !== id) this.#act.open(id);
      if (open && !this.state.codes[id]) this.post({ type: "code", job_id: id });
      this.change({ more: open });
    },
    remove: (id) => {
      this.#act.fold();
      this.#undo.add(id);
      this.change({ now: performance.now(), said: "Undo takes the deletion back for ten seconds" });
      this.root.querySelector<HTMLElement>(".sdw-deleting button")?.focus();
    },
    keep: (id) => {
      this.#undo.undo(id);
      this.change({ said: "Undone" });
      this.root.querySelector<HTMLElement>(`[data-cell="${id}"]`)?.focus();
    },
    say: (said) => this.change({ said }),
    pick: (id) => {
      const { picked } = this.state;
      this.change({ picked: picked.includes(id) ? picked.filter((each) => each !== id) : [...picked, id] });
    },
    clear: () => this.change({ picked: [] }),
    show: (what) => {
      if (this.all.playing) this.all.pause();
      this.post({ type: "show", what, job_ids: what === "compare" ? this.state.picked : [] });
      this.change({ stage: "", active: "" });
    },
    close: () => {
      this.post({ type: "show", what: "", job_ids: [] });
      this.change({ opened: "" });
      this.root.querySelector<HTMLElement>(".sdw-grid")?.focus();
    },
    embed: (place) =>
      embed(this.model.widget_manager, this.state.opened, place, (section) => {
        if (!section) place.textContent = said("This page cannot show it here; run its cell again.");
        section?.focus();
      }),
    refused: (id) => this.clips.refused(id),
    pullAgain: (id) => this.clips.again(id),
  };

  protected hear(trait: unknown): GridState {
    return hearGrid(this.state, trait as GridView, performance.now());
  }

  protected override set(state: GridState): void {
    const page = this.root.getRootNode() as Document | ShadowRoot;
    const inside = this.root.contains(page.activeElement);
    super.set(liven(state));
    // Of a question that goes away the grid itself takes the focus, where nothing in it can.
    if (inside && !this.root.contains(page.activeElement)) this.root.querySelector<HTMLElement>(".sdw-grid")?.focus();
  }

  protected draw() {
    return <Grid state={this.state} act={this.#act} clips={this.clips} uid={this.#uid} base={this.base} />;
  }

  /** Pictures and clips of the cells in sight, a clock, one clip that plays. */
  protected settle(): void {
    const { view, seen, live, stage, active, playing, saving } = this.state;
    const clips = clipsOf(view);
    this.posters.want(clips.filter((cell) => cell.has_poster && (seen.has(cell.job_id) || cell.job_id === stage)).map((cell) => cell.job_id));
    this.clips.want(clips.filter((cell) => live.has(cell.job_id) || cell.job_id === stage || cell.job_id === saving));
    const saved = saving ? view.cells[saving] : undefined;
    const url = saved && this.clips.url(saved);
    if (url) {
      saveAs(url, saved.clip?.filename ?? "");
      this.change({ saving: "" });
    }
    if (needsClock(this.state)) this.#ticker ??= setTimeout(this.#tick, TICK_MS - (performance.now() % TICK_MS));
    if (active && !playing) void this.#videoOf(active)?.play()?.catch(() => undefined); // it stays a picture then
  }

  protected told(): void {
    if (this.all.playing !== this.state.playing) this.change({ playing: this.all.playing });
  }

  /** A mark of here is shown at once. */
  #press(id: string, part: GridState["pressed"][string], said: string): void {
    const { pressed } = this.state;
    this.change({ pressed: { ...pressed, [id]: { ...pressed[id], ...part } }, said });
  }

  async #copy(code: string): Promise<void> {
    const done = await copyText(code);
    this.change({ said: done ? "Copied as a cell: paste it, change it, run it" : "Couldn't copy; More has the code" });
  }

  protected override message(content: { type: string } | null, buffers: ArrayBufferView[]): void {
    if (content?.type === "later" && buffers[0] && !part("Stage"))
      runLater<Parts>(buffers[0], (parts) => {
        take(parts);
        this.change({});
      });
    if (content?.type !== "code") return;
    const { job_id, as_magic, as_python } = content as CodeAnswer;
    this.change({ codes: { ...this.state.codes, [job_id]: { as_magic, as_python } } });
    if (this.#copying !== job_id) return;
    this.#copying = "";
    void this.#copy(as_magic);
  }

  #onOpened = (): void => this.change({ opened: idIn(this.model.get("opened")) });

  #tick = (): void => {
    this.#ticker = undefined;
    this.change({ now: performance.now() });
  };

  /** The clip under the pointer stands still again. */
  #rest(): void {
    if (this.state.active && !this.state.playing) this.#videoOf(this.state.active)?.pause();
  }

  #videoOf(id: string): HTMLVideoElement | null {
    return this.root.querySelector(`video[data-sdw-job="${id}"]`);
  }
}
