// First frames, asked for by message and kept as object URLs while they are likely to be seen again.
import type { PosterAnswer } from "./files";

const KEPT = 240; // a filmstrip and a page of the list

export class Posters {
  #ask: (job_id: string) => void;
  #tell: (posters: Record<string, string | null>) => void;
  #wanted = new Set<string>();
  #urls = new Map<string, string | null>();

  /** `tell` hears of every picture; after `stop` no URL stays. */
  constructor(ask: (job_id: string) => void, tell: (posters: Record<string, string | null>) => void) {
    this.#ask = ask;
    this.#tell = tell;
  }

  /** Asks for the pictures of these jobs that were never asked for, and lets go of those long out of sight. */
  want(ids: string[]): void {
    const fresh = ids.filter((id) => !this.#wanted.has(id));
    for (const id of fresh) {
      this.#wanted.add(id);
      this.#ask(id);
    }
    if (this.#urls.size > KEPT) this.#letGo(new Set(ids));
  }

  /** Takes an answer; one picture is enough, though every view of a model may have asked for it. */
  hear({ job_id, problem }: PosterAnswer, buffers: readonly ArrayBufferView[]): void {
    if (!this.#wanted.has(job_id) || this.#urls.get(job_id)) return;
    const part = buffers[0] as ArrayBufferView<ArrayBuffer> | undefined;
    const url = problem || !part?.byteLength ? null : URL.createObjectURL(new Blob([part], { type: "image/jpeg" }));
    this.#urls.set(job_id, url);
    this.#report();
  }

  stop(): void {
    this.#letGo(new Set());
    this.#wanted.clear();
  }

  #letGo(needed: Set<string>): void {
    for (const [id, url] of this.#urls) {
      if (needed.has(id)) continue;
      if (url) URL.revokeObjectURL(url);
      this.#urls.delete(id);
      this.#wanted.delete(id);
    }
    this.#report();
  }

  #report(): void {
    this.#tell(Object.fromEntries(this.#urls));
  }
}
