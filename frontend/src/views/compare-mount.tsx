// One view of Compare: hears the kernel and the person, keeps the clips in step, and leaves nothing behind.
import { keepKeys } from "../shared/keys";
import { Compare, type CompareActions } from "./compare";
import { type CompareState, finest, firstCompare, hearCompare, JUMP_S, speedFrom } from "./compare-state";
import { toggleFullScreen } from "./full-screen";
import type { Model } from "./host";
import { LiveView } from "./live";
import type { CompareView } from "./view";

export class LiveCompare extends LiveView<CompareState> {
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
    fullScreen: () => toggleFullScreen(this.root.querySelector("section")),
    refused: (id) => this.clips.refused(id),
    pullAgain: (id) => this.clips.again(id),
  };

  /** What a key means here; false for one that means nothing, or that the focused control needs itself. */
  #press({ key, target }: KeyboardEvent): boolean {
    if (target instanceof HTMLSelectElement) return false;
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
