// What both widgets need of their host.
import { remindClassic } from "./classic";

/** The part of a widget model that every view uses. */
export interface BaseModel {
  get(name: string): unknown;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}

/** What the host hands to `render`; hosts older than the signal leave it out. */
export interface RenderContext<M extends BaseModel> {
  model: M;
  el: HTMLElement;
  signal?: AbortSignal;
}

/** The kernel's answer to a `clip` command; the bytes come beside it as one binary buffer. */
export interface ClipAnswer {
  type: "clip";
  offset: number;
  total_bytes?: number;
  problem?: string;
}

/** The classes of a widget's root; the last two keep MathJax from taking two dollar signs for a formula's. */
export function rootClass(widget: string): string {
  return `sdw-root sdw-${widget}-root tex2jax_ignore mathjax_ignore`;
}

/** A name for one click, so that the kernel can tell a repeat from a second wish. */
export function clickId(): string {
  // Not randomUUID: that is missing on pages served over plain http from another machine.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends the kernel a message, each under an id of its own; says which. */
export function send(model: BaseModel, command: object, click_id = clickId(), buffers?: ArrayBuffer[]): string {
  try {
    model.send({ ...command, click_id }, undefined, buffers);
  } catch {
    // The line is cut: the kernel restarts, or the page closes. The page hears nothing, which it shows as that.
  }
  return click_id;
}

/** A view that can be started, and stopped without leaving anything behind. */
export interface Live {
  start(): void;
  stop(): void;
}

/** Starts a view; the answer takes it away again, and may be called twice. */
export function run(view: Live, signal: AbortSignal | undefined): () => void {
  let isOn = true;
  const cleanUp = () => {
    if (!isOn) return;
    isOn = false;
    remindClassic();
    view.stop();
  };
  signal?.addEventListener("abort", cleanUp);
  view.start();
  return cleanUp;
}
