// One view of Compare: hears the kernel and the person, keeps the clips in step, and leaves nothing behind.
import { copyText } from "../shared/copy";
import { saveAs } from "../shared/files";
import { keepKeys } from "../shared/keys";
import { Compare, type CompareActions } from "./compare";
import { type CompareState, finest, firstCompare, hearCompare, JUMP_S, speedFrom } from "./compare-state";
import { toggleFullScreen } from "./full-screen";
import type { Model } from "./host";
import { LiveView } from "./live";
import type { CompareView } from "./view";

const AGAIN_MS = 1000;

export class LiveCompare extends LiveView<CompareState> {
  readonly #sentAt = new Map<string, number>();

  constructor(model: Model, root: HTMLElement) {
    super(model, root, firstCompare(model.get("view") as CompareView), true);
  }

  protected hear(trait: unknown): CompareState {
    return hearCompare(this.state, trait as CompareView);
  }

  protected draw() {
    return <Compare state={this.state} act={this.#act} clips={this.clips} />;
  }

  protected settle(): void {
    const { sides } = this.state.view;
    this.posters.want(sides.filter(({ has_poster }) => has_poster).map(({ job_id }) => job_id));
    this.clips.want(sides);
  }

  protected told(): void {
    const { playing, time, duration } = this.all;
    this.change({ playing, time, duration });
  }

  readonly #act: CompareActions = {
    playOrPause: () => (this.all.playing ? this.all.pause() : this.all.play()),
    seek: (at) => this.all.seek(at),
    step: (by) => this.all.step(by, finest(this.state.view.sides)),
    speed: (rate) => {
      this.all.rate = rate;
      this.change({ rate, said: `Speed ${rate}` });
    },
    toggle: (what) => {
      const on = !this.state[what];
      if (what === "loop") this.all.loop = on;
      this.change({ [what]: on });
    },
    wipe: (edge) => this.change({ edge }),
    hear: (heard) => this.change({ heard }),
    pick: ({ job_id }) => this.post({ type: "pick", job_id, value: this.state.view.winner !== job_id }),
    key: (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && this.#press(event)) event.preventDefault();
      if (event.key !== "Escape") keepKeys(event); // which closes it where it stands in a grid
    },
    loaded: () => {
      if (this.videos().length === this.state.view.sides.length) this.told();
    },
    again: ({ job_id, cost_usd, letter }) => {
      const now = performance.now();
      if (now - (this.#sentAt.get(job_id) ?? -AGAIN_MS) < AGAIN_MS) return; // a double click counts once
      this.#sentAt.set(job_id, now);
      this.post({ type: "again", job_id, shown_usd: cost_usd });
      this.change({ said: `Sending ${letter} once more` });
    },
    reuse: ({ as_magic }) => void copyText(as_magic).then((done) => this.change({ said: done ? "Copied as a cell: paste it, change it, run it" : "Couldn't copy; More has the code" })),
    save: (side) => {
      const url = this.clips.url(side);
      if (url) saveAs(url, side.clip?.filename ?? "");
    },
    mark: (job_id, { starred, rating, tags, note }) => {
      if (starred !== undefined) this.post({ type: "star", job_id, value: starred });
      if (rating !== undefined) this.post({ type: "rate", job_id, value: rating });
      if (tags) this.post({ type: "tag", job_id, tags });
      if (note !== undefined) this.post({ type: "note", job_id, text: note });
    },
    more: (id) => this.change({ more: this.state.more === id ? "" : id }),
    say: (said) => this.change({ said }),
    fullScreen: () => toggleFullScreen(this.root.querySelector("section")),
    refused: (id) => this.clips.refused(id),
    pullAgain: (id) => this.clips.again(id),
  };

  /** What a key means here; false for one that means nothing, or that the focused control needs itself. */
  #press({ key, target }: KeyboardEvent): boolean {
    if (target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== "range")) return false;
    if (/^Arrow|^Home$|^End$/.test(key) && target instanceof HTMLButtonElement && target.closest("[role=toolbar]")) return false;
    if (key === " " && target instanceof HTMLButtonElement) return false;
    const { view, rate } = this.state;
    const side = /^[1-4]$/.test(key) ? view.sides[Number(key) - 1] : undefined;
    const todo: Record<string, () => void> = {
      " ": this.#act.playOrPause,
      k: this.#act.playOrPause,
      arrowleft: () => this.all.seek(this.all.time - JUMP_S),
      arrowright: () => this.all.seek(this.all.time + JUMP_S),
      home: () => this.all.seek(0),
      end: () => this.all.seek(this.all.duration),
      ",": () => this.#act.step(-1),
      ".": () => this.#act.step(1),
      "<": () => this.#act.speed(speedFrom(rate, -1)),
      ">": () => this.#act.speed(speedFrom(rate, 1)),
      l: () => this.#act.toggle("loop"),
      w: () => view.sides.length === 2 && this.#act.toggle("wiping"),
      f: () => this.#act.toggle("full"),
    };
    const act = side ? () => this.#act.pick(side) : todo[key.toLowerCase()];
    act?.();
    return !!act;
  }
}
