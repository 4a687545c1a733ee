// A model in place of the kernel, and views to feed it.
import { afterEach, beforeEach, vi } from "vitest";
import type { Command, Model } from "../src/card/host";
import { type CardView, EMPTY_VIEW } from "../src/shared/job-view";

export const ESTIMATE = { elapsed_s: 52, median_s: 90, p90_s: 140, source: "from 12 earlier jobs like this" };
export const CLIP = { filename: "boat.mp4", size_bytes: 6, width: 1280, height: 720, duration_s: 5, has_audio: true, codec: "h264", problem: null };

/** What the kernel says of a job of which there is nothing to say. */
const NOTHING = { credits_charged: null, cancel_note: null, download: null, clip: null, poster: null, problem: null, notice: null };

export function viewOf(part: Partial<CardView> = {}): CardView {
  return {
    ...EMPTY_VIEW,
    ...NOTHING,
    rev: 1,
    job_id: "k3f9x2ab",
    request_id: "req_7d41",
    service: "api",
    prompt: "A paper boat",
    options: [["Model", "seedance-2.0"]],
    status: "processing",
    status_text: "Generating",
    elapsed_s: 72,
    estimate: ESTIMATE,
    cost_usd: 0.5,
    cancel: "available",
    resume: "%seedance_show k3f9x2ab",
    ...part,
  };
}

export function finished(part: Partial<CardView> = {}): CardView {
  return viewOf({ status: "succeeded", status_text: "Succeeded", final: true, estimate: null, cancel: "unavailable", clip: CLIP, ...part });
}

/** What the host says of itself in its page, as JupyterLab does; the answer takes it away. */
export function hostSays(config: string): () => void {
  const script = document.body.appendChild(document.createElement("script"));
  script.type = "application/json";
  script.id = "jupyter-config-data";
  script.textContent = config;
  return () => script.remove();
}

/** The page of a server whose own pages begin at this path. */
export const SERVED = '{"baseUrl": "/lab/"}';

type Callback = (...args: never[]) => void;
/** Before each test of a module the clock stands and bytes get an address; after it what was `mounted` is taken away. */
export function onFakePage(mounted: (() => void)[]): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:clip");
    vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  });
  afterEach(() => {
    while (mounted.length) mounted.pop()?.();
    document.body.replaceChildren();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
}

export type Sent = Command & { click_id: string };

export class FakeModel implements Model {
  view: unknown;
  /** The catalogue of a language other than English. */
  words: unknown;
  /** What a person wants. */
  sent: Sent[] = [];
  /** What the page says of where the card is. */
  told: Sent[] = [];
  listeners: [string, Callback][] = [];

  constructor(view: unknown) {
    this.view = view;
  }
  get(name = "view"): unknown {
    return name === "words" ? this.words : this.view;
  }
  on(event: string, callback: Callback): void {
    this.listeners.push([event, callback]);
  }
  off(event: string, callback: Callback): void {
    this.listeners = this.listeners.filter(([name, each]) => name !== event || each !== callback);
  }
  send(content: unknown): void {
    const message = content as Sent;
    (["shown", "gone", "looked"].includes(message.type) ? this.told : this.sent).push(message);
  }
  emit(event: string, ...args: unknown[]): void {
    for (const [name, callback] of [...this.listeners]) if (name === event) callback(...(args as never[]));
  }
  /** The kernel sends a view. */
  show(view: CardView): void {
    this.view = view;
    this.emit("change:view");
  }
  /** The kernel answers a question for clip bytes. */
  answer(offset: number, total_bytes: number, text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.emit("msg:custom", { type: "clip", offset, total_bytes }, [new DataView(bytes.buffer)]);
  }
}
