// What the views of the grid and of Compare have in common: a model, pictures and clips, and a clean end.
import { keepingFocus } from "../shared/focus";
import type { Live } from "../shared/host";
import { baseUrl } from "../shared/page";
import { speak } from "../shared/words";
import { type ComponentChild, Fragment, render } from "preact";
import type { ClipAnswer, PosterAnswer } from "../shared/files";
import { Posters } from "../shared/posters";
import { type Model, type Post, postTo } from "./host";
import { InStep } from "./in-step";
import { Sources } from "./sources";

/** What the state of every such view has. */
export interface Shown {
  posters: Record<string, string | null>;
  /** Grows when an address was found for a clip. */
  sources: number;
}

export abstract class LiveView<S extends Shown> implements Live {
  protected readonly root: HTMLElement;
  protected readonly post: Post;
  protected readonly base = baseUrl();
  protected readonly posters: Posters;
  protected readonly clips: Sources;
  protected readonly all: InStep;
  protected state: S;
  protected readonly model: Model;
  #live = true;

  constructor(model: Model, root: HTMLElement, state: S, strict: boolean) {
    this.model = model;
    this.root = root;
    this.state = state;
    this.post = postTo(model);
    this.posters = new Posters(
      (job_id) => this.post({ type: "poster", job_id }),
      (posters) => this.change({ posters } as Partial<S>),
    );
    this.clips = new Sources(
      this.base,
      (job_id, offset, length) => this.post({ type: "clip", job_id, offset, length }),
      () => this.change({ sources: this.state.sources + 1 } as Partial<S>),
    );
    this.all = new InStep(() => this.videos(), { strict, loop: true, tell: () => this.told() });
  }

  start(): void {
    this.model.on("change:view", this.#onView);
    this.model.on("msg:custom", this.#onMessage);
    this.change({});
  }

  stop(): void {
    if (!this.#live) return;
    this.all.stop();
    this.#live = false;
    this.model.off("change:view", this.#onView);
    this.model.off("msg:custom", this.#onMessage);
    this.posters.stop();
    this.clips.stop();
    render(null, this.root);
    this.root.remove();
  }

  /** The state after a view of the kernel. */
  protected abstract hear(trait: unknown): S;
  /** The state as it is drawn. */
  protected abstract draw(): ComponentChild;
  /** What follows from the state, after it was drawn. */
  protected abstract settle(): void;
  /** The transport has news. */
  protected abstract told(): void;

  /** Any other message of the kernel. */
  protected message(_content: { type: string } | null, _buffers: ArrayBufferView[]): void {}

  protected change(part: Partial<S>): void {
    this.set({ ...this.state, ...part });
  }

  protected set(state: S): void {
    if (!this.#live) return;
    this.state = state;
    keepingFocus(this.root, () => render(<Fragment key={speak(this.model.get("words"))}>{this.draw()}</Fragment>, this.root));
    this.settle();
  }

  protected videos(): HTMLVideoElement[] {
    return [...this.root.querySelectorAll<HTMLVideoElement>("video[data-sdw-job]")];
  }

  #onView = (): void => this.set(this.hear(this.model.get("view")));

  #onMessage = (content: ClipAnswer | PosterAnswer | null, buffers?: ArrayBufferView[]): void => {
    if (content?.type === "poster") this.posters.hear(content, buffers ?? []);
    if (content?.type === "clip") this.clips.hear(content, buffers ?? []);
    this.message(content, buffers ?? []);
  };
}
