// The panel of jobs, alive: hears the server and the person, keeps the state, draws it, and leaves nothing behind.
import { render } from "preact";
import { rootClass } from "../../src/shared/host";
import { keepKeys, SUPPRESS } from "../../src/shared/keys";
import { Posters } from "../../src/shared/posters";
import { type Api, type Query, Refused } from "./api";
import { type Job, spentWords } from "./job";
import type { Changed, Model } from "./model";
import type { Orders } from "./orders";
import { JobsPanel, ROW_PX } from "./panel";
import { FIRST_PLACE, type Place, placeAfter, scrollFor } from "./panel-state";
import { Pages, windowOf } from "./pages";
import type { Desktop, PanelActions, PanelState } from "./props";

const SEARCH_AFTER_MS = 250;
const REST_MS = 120; // a pointer that only passes plays nothing
const COSTS_AFTER_MS = 1500;
const TICK_MS = 1000;

/** What the panel needs of JupyterLab. */
export interface PanelHost {
  open(id: string): void;
  studio(): void;
  /** Whether desktop notifications are wanted, and what the browser says to that. */
  desktop(): Desktop;
  /** A person clicked Allow. */
  allow(): Promise<void>;
  keep(place: Place): void;
}

export class JobsView {
  readonly root = document.createElement("div");
  #place = FIRST_PLACE;
  #pages: Pages;
  #posters: Posters;
  #pictures: Record<string, string | null> = {};
  #fresh = new Set<string>();
  #models = new Set<string>();
  #detail: Job | null = null;
  #playing = "";
  #spent = "";
  #spoken = "";
  #box: HTMLElement | null = null;
  #isShown = false;
  #isReady = false;
  #isDrawing = false;
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #ticker: ReturnType<typeof setInterval> | undefined;
  #leave: (() => void)[];

  constructor(
    private readonly api: Api,
    private readonly model: Model,
    private readonly orders: Orders,
    private readonly host: PanelHost,
  ) {
    this.root.className = rootClass("lab");
    Object.entries(SUPPRESS).forEach(([name, value]) => this.root.setAttribute(name, value));
    this.root.addEventListener("keydown", keepKeys);
    this.#posters = new Posters((id) => void this.#fetchPoster(id), (pictures) => {
      this.#pictures = pictures;
      this.draw();
    });
    this.#pages = this.#pagesOf(FIRST_PLACE.query);
    this.#leave = [model.connect(this.#onChange), orders.connect(this.#onOrder)];
  }

  /** Where it was before the page was loaded; nothing is asked for before. */
  restore(place: Place): void {
    this.#place = place;
    this.#isReady = true;
    this.#pages = this.#pagesOf(place.query);
    if (this.#isShown) this.#ask();
  }

  /** A person can see it now, or no more: hidden, it asks for nothing. */
  show(isShown: boolean): void {
    if (isShown === this.#isShown) return;
    this.#isShown = isShown;
    clearInterval(this.#ticker);
    if (isShown) {
      this.#ticker = setInterval(this.#tick, TICK_MS);
      if (this.#isReady) this.#ask();
    } else {
      clearTimeout(this.#timers.get("costs"));
      this.#fresh.clear();
      this.#playing = "";
    }
    this.draw();
  }

  #pagesOf(query: Query): Pages {
    return new Pages(query, (asked, offset, limit) => this.api.jobs(asked, offset, limit), () => this.#onPages());
  }

  #ask(): void {
    if (this.#pages.total === null) this.#want();
    else this.#pages.refresh();
    void this.#askDetail();
    void this.#askCosts();
  }

  stop(): void {
    this.#isShown = false;
    for (const leave of this.#leave) leave();
    clearInterval(this.#ticker);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#posters.stop();
    this.root.removeEventListener("keydown", keepKeys);
    render(null, this.root);
  }

  focus(): void {
    const focusable = this.#box?.querySelector<HTMLElement>(".sdw-lab-pick[tabindex='0']") ?? this.root.querySelector<HTMLElement>("input");
    focusable?.focus({ preventScroll: true });
  }

  /** Shows one job, whatever the search was. */
  reveal(id: string): void {
    this.#act.select(id);
    this.#box?.scrollTo?.({ top: 0 });
  }

  draw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    queueMicrotask(() => {
      this.#isDrawing = false;
      if (this.#isShown) render(<JobsPanel state={this.#state()} act={this.#act} />, this.root);
    });
  }

  #state(): PanelState {
    const { known } = this.model;
    return {
      query: this.#place.query,
      selected: this.#place.selected,
      total: this.#pages.total,
      rows: this.#rows(),
      detail: this.#detail && this.orders.marked(this.#detail),
      posters: this.#pictures,
      playing: this.#playing,
      deleting: this.orders.deleting,
      models: [...this.#models].sort(),
      spent: this.#spent,
      now_s: Date.now() / 1000,
      said: known.said,
      desktop: this.host.desktop(),
      problem: this.#pages.problem?.message ?? null,
      spoken: this.#spoken,
      isFresh: (job) => job.is_new || this.#fresh.has(job.id),
    };
  }

  #rows(): PanelState["rows"] {
    const total = this.#pages.total ?? 0;
    if (!total) return [];
    const [first, last] = this.#window(total);
    const places = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const selected = this.#pages.placeOf(this.#place.selected);
    // What has the focus stays in the page when it is scrolled away.
    if (selected !== null && selected < total && (selected < first || selected > last)) places.push(selected);
    return places.map((place) => {
      const job = this.#pages.at(place);
      return { place, job: job && this.orders.marked(job) };
    });
  }

  #window(total: number): [number, number] {
    return windowOf(this.#place.top, this.#box?.clientHeight || 600, ROW_PX, total);
  }

  #want(): void {
    const [first, last] = this.#window(this.#pages.total ?? Number.MAX_SAFE_INTEGER);
    this.#pages.want(first, last);
  }

  #onPages(): void {
    for (const [, job] of this.#pages.loaded()) {
      if (job.model) this.#models.add(job.model);
      if (job.is_new) this.#fresh.add(job.id);
      if (job.id === this.#detail?.id && job.rev > this.#detail.rev) void this.#askDetail();
    }
    this.#wantPosters();
    this.draw();
  }

  readonly #onChange = (changed: Changed): void => {
    if (!this.#isShown || !this.#isReady) return;
    if (changed === null || changed.length) {
      this.#pages.refresh();
      this.#later("costs", COSTS_AFTER_MS, () => void this.#askCosts());
      if (changed?.includes(this.#place.selected)) void this.#askDetail();
    }
    this.draw();
  };

  readonly #tick = (): void => {
    // Only what moves by the clock needs to be drawn again.
    const isMoving = this.#rows().some(({ job }) => job && !job.is_final) || this.orders.undos.pending.length > 0;
    if (isMoving || new Date().getSeconds() === 0) this.draw();
  };

  #wantPosters(): void {
    const jobs = this.#rows().flatMap(({ job }) => (job?.has_poster ? [job.id] : []));
    this.#posters.want(jobs);
  }

  async #fetchPoster(id: string): Promise<void> {
    try {
      const bytes = await (await this.api.poster(id)).arrayBuffer();
      this.#posters.hear({ type: "poster", job_id: id }, [new DataView(bytes)]);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#posters.hear({ type: "poster", job_id: id, problem: error.what }, []);
    }
  }

  async #askDetail(): Promise<void> {
    const id = this.#place.selected;
    if (!id) {
      this.#detail = null;
      return this.draw();
    }
    const place = this.#pages.placeOf(id);
    if (this.#detail?.id !== id) this.#detail = place === null ? null : this.#pages.at(place);
    this.draw();
    try {
      const job = await this.api.job(id);
      if (this.#place.selected === id) this.#detail = job;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 404 && this.#place.selected === id) this.#act.select("");
    }
    this.draw();
  }

  async #askCosts(): Promise<void> {
    try {
      this.#spent = spentWords(await this.api.costs());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
    this.draw();
  }

  #later(name: string, after_ms: number, run: () => void): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(run, after_ms));
  }

  #keep(part: Partial<Place>): void {
    this.#place = { ...this.#place, ...part };
    this.#later("keep", 300, () => this.host.keep(this.#place));
  }

  readonly #onOrder = (job: Job | null): void => {
    if (job && job.id === this.#place.selected) this.#detail = job;
    if (job) this.#pages.put(job);
    else this.draw();
  };

  #speak(words: string): void {
    this.#spoken = words;
    this.draw();
  }

  readonly #act: PanelActions = {
    search: (part) => {
      const query = { ...this.#place.query, ...part };
      this.#keep({ query, top: 0 });
      this.#box?.scrollTo?.({ top: 0 });
      const isTyped = part.text !== undefined && Object.keys(part).length === 1;
      this.#later("search", isTyped ? SEARCH_AFTER_MS : 0, () => this.#pages.search(query));
      this.draw();
    },
    select: (id) => {
      this.#keep({ selected: id });
      void this.#askDetail();
    },
    open: (id) => this.host.open(id),
    play: (id, byKey) => {
      if (byKey) this.#playing = this.#playing === id ? "" : id;
      else if (!id) this.#playing = "";
      clearTimeout(this.#timers.get("play"));
      const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (!byKey && id && !isCalm)
        this.#later("play", REST_MS, () => {
          this.#playing = id;
          this.draw();
        });
      this.draw();
    },
    insert: (id, cell) => void this.orders.insert(id, cell),
    cancel: (id) => void this.orders.cancel(id).then(() => this.#speak("Cancelling")),
    download: (id) => void this.orders.download(id).then(() => this.#speak("Downloading again")),
    mark: (id, marks) => void this.orders.mark(id, marks),
    remove: (job) => {
      if (this.orders.remove(job)) this.#speak(`Will be deleted in 10 seconds${job.status === "unconfirmed" ? ". It may have been paid for" : ""}`);
    },
    undo: (id) => {
      this.orders.undos.undo(id);
      this.#speak("Undone");
    },
    studio: () => this.host.studio(),
    allow: () => void this.host.allow(),
    clipUrl: (id) => this.api.clipUrl(id),
    place: (box) => {
      this.#box = box;
      box.scrollTop = this.#place.top;
      const watch = new ResizeObserver(() => this.#act.scrolled());
      watch.observe(box);
      this.#want();
      return () => {
        watch.disconnect();
        this.#box = null;
      };
    },
    scrolled: () => {
      if (!this.#box) return;
      if (this.#box.scrollTop !== this.#place.top) this.#keep({ top: this.#box.scrollTop });
      this.#want();
      this.#wantPosters();
      this.draw();
    },
    key: (event) => this.#onKey(event),
    focusList: () => this.focus(),
  };

  #onKey(event: KeyboardEvent): void {
    if (!(event.target as Element).classList.contains("sdw-lab-pick") || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = (event.target as Element).closest<HTMLElement>("[data-sdw-job]");
    const id = row?.dataset.sdwJob ?? this.#place.selected;
    const height = this.#box?.clientHeight ?? 0;
    const job = this.#pages.at(this.#pages.placeOf(id) ?? -1);
    const shown = row ? Number(row.getAttribute("aria-posinset")) - 1 : null; // while its page is read again
    const to = placeAfter(event.key, this.#pages.placeOf(id) ?? shown, this.#pages.total ?? 0, Math.max(1, Math.floor(height / ROW_PX) - 1));
    if (to !== null) this.#goTo(to);
    else if (event.key === "Enter") this.#act.open(id);
    else if (event.key === " ") this.#act.play(id, true);
    else if (event.key === "Delete" && job) this.#act.remove(job);
    else return;
    event.preventDefault();
  }

  /** Selects a place once it is there, and gives it the focus. */
  #goTo(place: number): void {
    if (this.#box) this.#box.scrollTop = scrollFor(place, ROW_PX, this.#box.scrollTop, this.#box.clientHeight);
    this.#keep({ top: this.#box?.scrollTop ?? 0 });
    this.#pages.want(place, place);
    const job = this.#pages.at(place);
    if (!job) {
      if (!this.#pages.problem) this.#later("go", 60, () => this.#goTo(place));
      return;
    }
    if (this.#playing) this.#playing = "";
    this.#act.select(job.id);
    queueMicrotask(() => this.#box?.querySelector<HTMLElement>(`[data-sdw-job="${job.id}"] .sdw-lab-pick`)?.focus({ preventScroll: true }));
  }
}
