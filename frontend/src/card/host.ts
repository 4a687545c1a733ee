// The widget host as this card sees it, and the messages that go to the kernel.

/** The part of a widget model that the card uses. */
export interface Model {
  get(name: "view"): unknown;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  send(content: unknown): void;
}

/** What the host hands to `render`; hosts older than the signal leave it out. */
export interface RenderContext {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
}

/** A command of the page; its answer is a change of `view`, or clip bytes. */
export type Command =
  | { type: "hello" }
  | { type: "cancel" }
  | { type: "download" }
  | { type: "clip"; offset: number; length: number };

/** The kernel's answer to a `clip` command; the bytes come beside it as one binary buffer. */
export interface ClipAnswer {
  type: "clip";
  offset: number;
  total_bytes?: number;
  problem?: string;
}

export type Post = (command: Command) => void;

/** Sends commands, each with an id of its own, so that the kernel can tell a repeat from a second wish. */
export function postTo(model: Model): Post {
  return (command) => model.send({ ...command, click_id: clickId() });
}

function clickId(): string {
  // Not randomUUID: that is missing on pages served over plain http from another machine.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
