// Where the page gets its clips: from the server's own files, or piece by piece from the kernel.
import type { Clip } from "../shared/job-view";
import { type ClipAnswer, fileUrl } from "../shared/files";
import { ClipPull, type Pull, typeOf } from "../shared/pull";

const AT_ONCE = 2; // more would only share the same line
const KEPT_BYTES = 256_000_000; // of clips that were pulled and are out of sight

/** What is needed of a job to get its clip. */
export interface Wanted {
  job_id: string;
  url: string | null;
  clip: Clip | null;
}

/** What is asked of the clips that were found. */
export type Clips = Pick<Sources, "url" | "pull">;

interface Fetched {
  pull: ClipPull;
  state: Pull;
  bytes: number;
}

export class Sources {
  #base: string | null;
  #ask: (job_id: string, offset: number, length: number) => void;
  #tell: () => void;
  #broken = new Set<string>(); // by their address
  #fetched = new Map<string, Fetched>();
  #waiting: Wanted[] = [];

  constructor(base: string | null, ask: (job_id: string, offset: number, length: number) => void, tell: () => void) {
    this.#base = base;
    this.#ask = ask;
    this.#tell = tell;
  }

  /** The address of a clip, as soon as there is one. What was pulled stays, as it is being watched. */
  url({ job_id, url }: Wanted): string | null {
    const state = this.#fetched.get(job_id)?.state;
    if (state?.phase === "ready") return state.url;
    return this.#broken.has(job_id) ? null : fileUrl(url, this.#base);
  }

  /** How the pulling of a clip stands. */
  pull(job_id: string): Pull {
    return this.#fetched.get(job_id)?.state ?? { phase: "idle" };
  }

  /** These are in sight: pulls those without an address, and lets go of others when there are many. */
  want(jobs: Wanted[]): void {
    for (const job of jobs) if (this.url(job) && this.pull(job.job_id).phase !== "ready") this.#drop(job.job_id);
    this.#waiting = jobs.filter((job) => job.clip && !this.url(job) && !this.#fetched.has(job.job_id));
    this.#letGo(new Set(jobs.map(({ job_id }) => job_id)));
    this.#next();
  }

  /** The server does not give out this file: the kernel will. */
  refused(job_id: string): void {
    if (this.#broken.has(job_id)) return;
    this.#broken.add(job_id);
    this.#tell();
  }

  again(job_id: string): void {
    this.#fetched.get(job_id)?.pull.ask();
  }

  hear(answer: ClipAnswer, buffers: readonly ArrayBufferView[]): void {
    this.#fetched.get(answer.job_id)?.pull.hear(answer, buffers);
  }

  stop(): void {
    this.#waiting = [];
    for (const { pull } of this.#fetched.values()) pull.stop();
    this.#fetched.clear();
  }

  #next(): void {
    const busy = [...this.#fetched.values()].filter(({ state }) => state.phase === "pulling").length;
    for (const { job_id, clip } of this.#waiting.splice(0, Math.max(0, AT_ONCE - busy))) {
      if (this.#fetched.has(job_id)) continue; // what is told of the one before may have begun it
      const pull = new ClipPull((offset, length) => this.#ask(job_id, offset, length), clip?.size_bytes ?? 0, (state) => {
        fetched.state = state;
        if (state.phase !== "pulling") this.#next();
        this.#tell();
      }, typeOf(clip?.filename ?? ""));
      const fetched: Fetched = { pull, state: { phase: "idle" }, bytes: clip?.size_bytes ?? 0 };
      this.#fetched.set(job_id, fetched);
      pull.ask();
    }
  }

  #letGo(needed: Set<string>): void {
    let kept = 0;
    for (const { bytes } of this.#fetched.values()) kept += bytes;
    for (const [id, { bytes }] of this.#fetched) {
      if (kept <= KEPT_BYTES) return;
      if (needed.has(id)) continue;
      this.#drop(id);
      kept -= bytes;
    }
  }

  #drop(job_id: string): void {
    this.#fetched.get(job_id)?.pull.stop();
    this.#fetched.delete(job_id);
  }
}
