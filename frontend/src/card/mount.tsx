// One view of one model: hears the kernel and the clock, keeps the state, draws the card, and leaves nothing behind.
import { render } from "preact";
import { type ClipAnswer, clickId, type Live, rootClass, run } from "../shared/host";
import { ClipPull, typeOf } from "../shared/pull";
import { speak } from "../shared/words";
import { Card } from "./card";
import type { Actions } from "./props";
import { type Model, type Post, postTo, type RenderContext } from "./host";
import { type CardState, firstState, hear } from "./state";
import { type Clip, readView } from "../shared/job-view";

const TICK_MS = 250; // smooth enough for a clock and a bar, cheap enough for a hundred cards
const GRACE_MS = 600; // at the end of a job the kernel usually replaces the card at once: do not pull the clip in vain
const RETRY_MS = 5000; // a retry that fails the same way again looks like no answer: offer the button once more

const PLACED_MS = 100; // the host puts a view into the page some moments after it is drawn
const OUTPUT = ".jp-OutputArea-child, .output_area"; // where JupyterLab and nbclassic show one output

type Timer = ReturnType<typeof setTimeout>;

/** Draws the card and keeps it up to date; the answer takes it away again, and may be called twice. */
export function mount({ model, el, signal }: RenderContext): () => void {
  return run(new LiveCard(model, el.appendChild(document.createElement("div"))), signal);
}

class LiveCard implements Live {
  readonly #model: Model;
  readonly #root: HTMLElement;
  readonly #post: Post;
  #state: CardState;
  #pull: ClipPull | null = null;
  #ticker: Timer | undefined;
  #grace: Timer | undefined;
  #retry: Timer | undefined;
  #placing: Timer | undefined;
  readonly #id = clickId();

  constructor(model: Model, root: HTMLElement) {
    this.#model = model;
    this.#root = root;
    this.#post = postTo(model);
    this.#state = firstState(readView(model.get("view")), performance.now());
    root.className = rootClass("card");
  }

  start(): void {
    this.#model.on("change:view", this.#onView);
    this.#model.on("msg:custom", this.#onMessage);
    this.#change({});
    this.#settle(0);
    this.#tell(false);
    this.#place();
  }

  stop(): void {
    this.#model.off("change:view", this.#onView);
    this.#model.off("msg:custom", this.#onMessage);
    [this.#ticker, this.#grace, this.#retry, this.#placing].forEach(clearTimeout);
    this.#pull?.stop();
    render(null, this.#root);
    this.#root.remove();
    this.#post({ type: "gone", view: this.#id });
  }

  #tell(beside: boolean): void {
    this.#post({ type: "shown", view: this.#id, beside });
  }

  /** Says where it is, once it is in the page: in an output, a plain fallback beside it can be hidden. */
  #place = (): void => {
    if (!this.#root.isConnected) this.#placing = setTimeout(this.#place, PLACED_MS);
    else if (this.#root.closest(OUTPUT)) this.#tell(true);
  };

  #onView = (): void => {
    this.#change(hear(this.#state, readView(this.#model.get("view")), performance.now()));
    this.#settle(GRACE_MS);
  };

  #onMessage = (content: ClipAnswer | null, buffers?: ArrayBufferView[]): void => {
    if (content?.type === "clip") this.#pull?.hear(content, buffers ?? []);
  };

  readonly #act: Actions = {
    cancel: () => {
      if (this.#state.cancelPressed) return;
      this.#change({ cancelPressed: true });
      this.#post({ type: "cancel" });
    },
    download: () => {
      if (this.#state.retryPressed) return;
      this.#change({ retryPressed: true });
      this.#post({ type: "download" });
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#change({ retryPressed: false }), RETRY_MS);
    },
    pullAgain: () => this.#pull?.ask(),
  };

  #change(next: Partial<CardState>): void {
    this.#state = { ...this.#state, ...next };
    render(<Card key={speak(this.#model.get("words"))} state={this.#state} act={this.#act} />, this.#root);
  }

  /** A running job needs the clock; a final one needs its clip, once. */
  #settle(graceMs: number): void {
    const { final, clip } = this.#state.view;
    if (!final) {
      if (this.#ticker === undefined) this.#tick();
      return;
    }
    clearTimeout(this.#ticker);
    this.#ticker = undefined;
    if (clip) this.#grace ??= setTimeout(() => this.#startPull(clip), graceMs);
  }

  #tick = (): void => {
    const now = performance.now();
    // All cards of a page tick at the same moments, so that a hundred of them cost one layout each time, not a hundred.
    this.#ticker = setTimeout(this.#tick, TICK_MS - (now % TICK_MS));
    this.#change({ now });
  };

  #startPull({ size_bytes, filename }: Clip): void {
    const piece = (offset: number, length: number) => this.#post({ type: "clip", offset, length });
    this.#pull = new ClipPull(piece, size_bytes, (pull) => this.#change({ pull }), typeOf(filename));
    this.#pull.ask();
  }
}
