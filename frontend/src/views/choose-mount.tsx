// One view of Choose: hears the kernel and the person, plays the clip on show, and leaves nothing behind.
import { keepKeys } from "../shared/keys";
import { Choose, type ChooseActions } from "./choose";
import { type ChooseState, chosenOf, filtered, firstChoose, gone, hearChoose } from "./choose-state";
import { toggleFullScreen } from "./full-screen";
import type { Model } from "./host";
import { LiveView } from "./live";
import { commandOf, marked, markOf, saidOf } from "./marks";
import { stillsOnly } from "./motion";
import type { ChooseView } from "./view";

const PICTURES = 12; // on each side of the clip on show

export class LiveChoose extends LiveView<ChooseState> {
  constructor(model: Model, root: HTMLElement) {
    super(model, root, firstChoose(model.get("view") as ChooseView, stillsOnly()), true);
  }

  protected hear(trait: unknown): ChooseState {
    return hearChoose(this.state, trait as ChooseView);
  }

  protected draw() {
    return <Choose state={this.state} act={this.#act} clips={this.clips} />;
  }

  /** The clip on show plays from its beginning, and those around it are fetched. */
  protected settle(): void {
    const { at, resting } = this.state;
    const clips = chosenOf(this.state);
    this.posters.want(clips.slice(Math.max(0, at - PICTURES), at + PICTURES).flatMap((each) => (each.has_poster ? [each.job_id] : [])));
    this.clips.want([at, at + 1, at + 2, at - 1].flatMap((each) => clips[each] ?? []));
    for (const video of this.root.querySelectorAll("video")) {
      const here = video.dataset.sdwJob === clips[at]?.job_id;
      if (here && !resting) void video.play()?.catch(() => undefined); // it stays a picture then
      else video.pause();
      if (!here && video.currentTime > 0) video.currentTime = 0;
    }
  }

  protected told(): void {}

  readonly #act: ChooseActions = {
    mark: (id, mark) => {
      const { pressed, advance, at } = this.state;
      const clip = chosenOf(this.state).find((each) => each.job_id === id);
      if (!clip) return;
      const part = marked(clip, mark);
      this.post(commandOf(id, mark, part));
      const next = { ...this.state, pressed: { ...pressed, [id]: { ...pressed[id], ...part } }, said: saidOf(part) };
      this.set(advance && at < next.ids.length - 1 ? gone(next, at + 1) : next);
    },
    go: (at) => this.set(gone(this.state, at)),
    toggle: (what) => this.change({ [what]: !this.state[what] }),
    show: (filter) => this.set(gone(filtered(this.state, filter), filtered(this.state, filter).at)),
    fullScreen: () => toggleFullScreen(this.root.querySelector("section")),
    key: (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && this.#press(event)) event.preventDefault();
      if (event.key !== "Escape") keepKeys(event); // which closes it where it stands in a grid
    },
    refused: (id) => this.clips.refused(id),
    pullAgain: (id) => this.clips.again(id),
  };

  /** What a key means; false for one that means nothing, or that the focused control needs itself. */
  #press(event: KeyboardEvent): boolean {
    const { target, key } = event;
    if (target instanceof HTMLSelectElement) return false;
    if (/^( |Enter)$/.test(key) && target instanceof HTMLButtonElement) return false;
    const { at, ids } = this.state;
    const todo: Record<string, () => void> = {
      arrowright: () => this.#act.go(at + 1),
      arrowdown: () => this.#act.go(at + 1),
      arrowleft: () => this.#act.go(at - 1),
      arrowup: () => this.#act.go(at - 1),
      home: () => this.#act.go(0),
      end: () => this.#act.go(ids.length - 1),
      " ": () => this.#act.toggle("resting"),
      a: () => this.#act.toggle("advance"),
      m: () => this.#act.toggle("sounding"),
      f: this.#act.fullScreen,
    };
    const mark = markOf(event);
    const id = ids[at];
    const act = mark !== undefined && id ? () => this.#act.mark(id, mark) : todo[key.toLowerCase()];
    act?.();
    return !!act;
  }
}
