// Clips that come in pieces from the kernel, where the server cannot give the file: the one on the stage, and one that is
// on its way to the browser's downloads.
import { type ClipAnswer, fileUrl, saveAs } from "../shared/files";
import type { Clip } from "../shared/job-view";
import { ClipPull, type Pull, typeOf } from "../shared/pull";
import type { Post } from "./host";
import type { StudioState } from "./state";
import type { JobView } from "./view";

interface Pulled {
  key: string; // the id of its job
  pull: ClipPull;
}

export class StageClips {
  readonly #post: Post;
  readonly #base: string | null;
  readonly #change: (part: Partial<StudioState>) => void;
  #shown: Pulled | null = null;
  #saved: Pulled | null = null;

  constructor(post: Post, base: string | null, change: (part: Partial<StudioState>) => void) {
    this.#post = post;
    this.#base = base;
    this.#change = change;
  }

  /** This job is on the stage. A clip that came in pieces stays when the server has its file, as it is being watched. */
  show(stage: JobView | undefined, { urlFailed, pull: { phase } }: StudioState): void {
    const byUrl = stage && fileUrl(stage.url, this.#base) && urlFailed !== stage.job_id;
    const clip = byUrl ? null : stage?.clip;
    const key = stage && clip ? stage.job_id : "";
    if (key === (this.#shown?.key ?? "")) return;
    if (stage?.job_id === this.#shown?.key && phase === "ready") return;
    this.#shown?.pull.stop();
    this.#shown = null;
    if (!clip) return this.#change({ pull: { phase: "idle" } });
    this.#shown = this.#pulled(key, clip, (pull) => this.#change({ pull, pullOf: key }));
    this.#shown.pull.ask();
  }

  /** Goes on after a problem. */
  again(): void {
    this.#shown?.pull.ask();
  }

  /** Hands a clip to the browser's downloads. */
  save({ job_id, clip, url }: JobView, { pull, pullOf }: StudioState): void {
    if (!clip) return;
    const here = fileUrl(url, this.#base) ?? (pull.phase === "ready" && pullOf === job_id ? pull.url : null);
    if (here) return saveAs(here, clip.filename);
    const tell = (pull: Pull) => {
      if (pull.phase === "ready") saveAs(pull.url, clip.filename);
      if (pull.phase === "stuck") this.#change({ said: pull.problem });
    };
    this.#saved?.pull.stop();
    this.#saved = this.#pulled(job_id, clip, tell);
    this.#saved.pull.ask();
    this.#change({ said: `Loading ${clip.filename}` });
  }

  hear(answer: ClipAnswer, buffers: readonly ArrayBufferView[]): void {
    for (const each of [this.#shown, this.#saved]) if (each?.key === answer.job_id) each.pull.hear(answer, buffers);
  }

  stop(): void {
    this.#shown?.pull.stop();
    this.#saved?.pull.stop();
  }

  #pulled(key: string, { size_bytes, filename }: Clip, tell: (pull: Pull) => void): Pulled {
    const piece = (offset: number, length: number) => void this.#post({ type: "clip", job_id: key, offset, length });
    return { key, pull: new ClipPull(piece, size_bytes, tell, typeOf(filename)) };
  }
}
