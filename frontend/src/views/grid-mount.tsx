// One view of a grid: hears the kernel, the person and the clock, keeps the state, and leaves nothing behind.
import { clickId } from "../shared/host";
import { embed, idIn } from "../shared/embed";
import { Grid, type GridActions } from "./grid";
import { clipsOf, firstGrid, type GridState, hearGrid, isAnswered, liven, needsClock } from "./grid-state";
import type { Model } from "./host";
import { LiveView } from "./live";
import { commandOf, marked, saidOf, withMarks } from "./marks";
import { stillsOnly } from "./motion";
import { Sight } from "./sight";
import type { GridView } from "./view";

const TICK_MS = 250;

export class LiveGrid extends LiveView<GridState> {
  readonly #sight = new Sight((seen) => this.change({ seen }));
  readonly #uid = `sdw-${clickId().slice(0, 8)}`;
  #ticker: ReturnType<typeof setTimeout> | undefined;

  constructor(model: Model, root: HTMLElement) {
    super(model, root, firstGrid(model.get("view") as GridView, performance.now()), false);
  }

  override start(): void {
    this.model.on("change:opened", this.#onOpened);
    this.#onOpened();
    super.start();
  }

  override stop(): void {
    super.stop();
    this.model.off("change:opened", this.#onOpened);
    clearTimeout(this.#ticker);
    this.#sight.stop();
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
      this.change({ stage, active: "" });
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
    mark: (id, mark) => {
      const { view, pressed } = this.state;
      const cell = view.cells[id];
      if (!cell) return;
      const part = marked(withMarks(cell, pressed), mark);
      this.post(commandOf(id, mark, part));
      this.change({ pressed: { ...pressed, [id]: { ...pressed[id], ...part } }, said: saidOf(part) });
    },
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
        if (!section) place.textContent = "This page cannot show it here; run its cell again.";
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
    const { view, seen, live, stage, active, playing } = this.state;
    const clips = clipsOf(view);
    this.posters.want(clips.filter((cell) => cell.has_poster && (seen.has(cell.job_id) || cell.job_id === stage)).map((cell) => cell.job_id));
    this.clips.want(clips.filter((cell) => live.has(cell.job_id) || cell.job_id === stage));
    if (needsClock(this.state)) this.#ticker ??= setTimeout(this.#tick, TICK_MS - (performance.now() % TICK_MS));
    if (active && !playing) void this.#videoOf(active)?.play()?.catch(() => undefined); // it stays a picture then
  }

  protected told(): void {
    if (this.all.playing !== this.state.playing) this.change({ playing: this.all.playing });
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
    return this.root.querySelector(`video[data-job="${id}"]`);
  }
}
