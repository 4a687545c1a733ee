// Fetches the saved clip from the kernel, piece by piece, and makes one object URL of it.
import type { ClipAnswer } from "./host";

export const CHUNK_BYTES = 4 * 1024 * 1024; // what a kernel answers in one message
const SLOW_AFTER_MS = 10_000; // a kernel busy with a cell may answer only when the cell ends

export type Pull =
  | { phase: "idle" }
  | { phase: "pulling"; received: number; total: number; slow: boolean }
  | { phase: "ready"; url: string }
  | { phase: "stuck"; problem: string };

/** The media type of a clip, told by its ending; empty for what the browser may find out. */
export function typeOf(filename: string): string {
  const known: Record<string, string> = { mp4: "video/mp4", m4v: "video/mp4", webm: "video/webm", gif: "image/gif" };
  return known[filename.split(".").pop()!.toLowerCase()] ?? "";
}

/** One fetch of one clip; `tell` hears every change. After `stop` nothing stays: no timer, no URL. */
export class ClipPull {
  #request: (offset: number, length: number) => void;
  #tell: (pull: Pull) => void;
  #total: number;
  #parts: ArrayBufferView<ArrayBuffer>[] = [];
  #received = 0;
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #url: string | null = null;
  #type: string;

  /** `request` asks the kernel for a piece; `sizeBytes` is how long the clip should be; `type` what it is. */
  constructor(request: (offset: number, length: number) => void, sizeBytes: number, tell: (pull: Pull) => void, type = "video/mp4") {
    this.#type = type;
    this.#request = request;
    this.#tell = tell;
    this.#total = sizeBytes;
  }

  /** Asks for the next piece; also after a problem, where it goes on from what it has. */
  ask(): void {
    clearTimeout(this.#timer);
    this.#asking = true;
    this.#timer = setTimeout(() => this.#report(true), SLOW_AFTER_MS);
    this.#report(false);
    const left = this.#total - this.#received;
    const length = left > 0 ? Math.min(CHUNK_BYTES, left) : CHUNK_BYTES;
    this.#request(this.#received, length);
  }

  /** Takes an answer. Every view of a model hears all answers, so those to others' questions are passed over. */
  hear(answer: ClipAnswer, buffers: readonly ArrayBufferView[]): void {
    if (!this.#asking || answer.offset !== this.#received) return;
    clearTimeout(this.#timer);
    this.#asking = false;
    const part = buffers[0] as ArrayBufferView<ArrayBuffer> | undefined;
    if (answer.problem) return this.#tell({ phase: "stuck", problem: answer.problem });
    if (!part?.byteLength) return this.#tell({ phase: "stuck", problem: "The kernel sent an empty piece of the clip." });
    const total = answer.total_bytes ?? this.#total;
    if (this.#received && total !== this.#total) return this.#startOver();
    this.#total = total;
    this.#parts.push(part);
    this.#received += part.byteLength;
    if (this.#received < total) this.ask();
    else this.#finish();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#asking = false;
    this.#parts = [];
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }

  #report(slow: boolean): void {
    this.#tell({ phase: "pulling", received: this.#received, total: this.#total, slow });
  }

  #startOver(): void {
    this.#parts = [];
    this.#received = 0;
    this.#tell({ phase: "stuck", problem: "The file of the clip changed while it was read." });
  }

  #finish(): void {
    this.#url = URL.createObjectURL(new Blob(this.#parts, { type: this.#type }));
    this.#parts = [];
    this.#tell({ phase: "ready", url: this.#url });
  }
}
