// One job in the main area: its clip as large as there is room, and its story below.
import { render } from "preact";
import { frame, shaped } from "../../src/shared/clip";
import { Copyable } from "../../src/shared/copyable";
import { bytes, dotted } from "../../src/shared/format";
import { rootClass } from "../../src/shared/host";
import { keepKeys, SUPPRESS } from "../../src/shared/keys";
import { Video } from "../../src/shared/video";
import { type Api, Refused } from "./api";
import { Detail } from "./detail";
import { type ClipFacts, type Job, shapeOf } from "./job";
import type { Changed, Model } from "./model";
import type { Orders } from "./orders";
import type { JobActions } from "./props";

const TICK_MS = 1000;
const FETCHED_MS = 9000; // the longest that an element takes to read what is in the page
const TALLEST_PX = 640;
const OF_THE_WINDOW = 0.56; // so that the story below it is in sight, too

function describe(name: string, { width, height, duration_s, has_audio, size_bytes }: ClipFacts): string {
  return dotted(name, !!width && `${width} × ${height}`, !!duration_s && `${duration_s.toFixed(1)} s`, has_audio ? "with sound" : "no sound", bytes(size_bytes));
}

export class LargeView {
  readonly root = document.createElement("div");
  #job: Job | null = null;
  #problem = "";
  #poster: string | null = null;
  #isGone = false;
  #bytes: string | null = null; // the clip's, where an address alone is not let through
  #leave: (() => void)[];
  #ticker: ReturnType<typeof setInterval>;

  /** `named` hears the job once it is known. */
  constructor(
    private readonly id: string,
    private readonly api: Api,
    model: Model,
    private readonly orders: Orders,
    private readonly named: (job: Job) => void,
  ) {
    this.root.className = rootClass("lab");
    Object.entries(SUPPRESS).forEach(([name, value]) => this.root.setAttribute(name, value));
    this.root.addEventListener("keydown", keepKeys);
    this.#leave = [model.connect(this.#onChange), orders.connect(this.#onOrder)];
    this.#ticker = setInterval(() => (!this.#job?.is_final || this.orders.undos.has(id)) && this.#draw(), TICK_MS);
    this.#draw();
    void this.#ask();
  }

  stop(): void {
    this.#isGone = true;
    for (const leave of this.#leave) leave();
    clearInterval(this.#ticker);
    render(null, this.root);
    // Not at once: a picture that is being fetched would be an error in the page's console.
    setTimeout(() => [this.#poster, this.#bytes].forEach((url) => url && URL.revokeObjectURL(url)), FETCHED_MS);
  }

  readonly #onChange = (changed: Changed): void => {
    if (changed === null || changed.includes(this.id)) void this.#ask();
  };

  readonly #onOrder = (job: Job | null): void => {
    if (job?.id === this.id) this.#job = job;
    this.#draw();
  };

  async #ask(): Promise<void> {
    try {
      this.#job = await this.api.job(this.id);
      this.#problem = "";
      this.named(this.#job);
      if (this.#job.has_poster && !this.#poster) this.#poster = URL.createObjectURL(await this.api.poster(this.id));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (!this.#job || error.status === 404) this.#problem = error.message;
    }
    this.#draw();
  }

  /** Behind a proxy that wants a header with each request, an element cannot fetch by itself. */
  async #fetchBytes(): Promise<void> {
    try {
      this.#bytes = URL.createObjectURL(await this.api.clip(this.id));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#problem = error.message;
    }
    this.#draw();
  }

  #draw(): void {
    if (this.#isGone) return;
    render(<div class="sdw-lab-large">{this.#job ? this.#drawn(this.#job) : <p class="sdw-lab-said">{this.#problem || "Loading…"}</p>}</div>, this.root);
  }

  #drawn(job: Job) {
    const { clip_facts: facts, clip } = job;
    const name = clip?.split("/").pop() ?? "";
    const known = facts && { ...facts, filename: name, codec: facts.codec ?? null, problem: facts.problem ?? null };
    const marked = this.orders.marked(job);
    const tallest = Math.min(TALLEST_PX, innerHeight * OF_THE_WINDOW);
    return (
      <article aria-label="Seedance job" data-sdw-job={job.id}>
        {this.#problem && <p class="sdw-lab-said">{this.#problem}</p>}
        <div class="sdw-stage">
          <div class="sdw-frame" style={facts?.width ? frame(facts, tallest) : shaped(shapeOf(job.aspect_ratio), tallest)}>
            {clip ? (
              <Video
                key={this.#bytes ?? "address"}
                clip={known}
                name={job.prompt}
                url={this.#bytes ?? this.api.clipUrl(job.id)}
                poster={this.#poster}
                otherwise={this.#bytes ? undefined : () => void this.#fetchBytes()}
              />
            ) : (
              this.#poster && <img src={this.#poster} alt={`First frame: ${job.prompt}`} />
            )}
          </div>
        </div>
        {clip && facts && <p class="sdw-caption">{describe(name, facts)}</p>}
        <Detail job={marked} state={{ deleting: this.orders.deleting, now_s: Date.now() / 1000 }} act={this.#act} isLarge />
        <div class="sdw-names">
          <Copyable label="job" text={job.id} />
          {job.request_id && <Copyable label="request" text={job.request_id} />}
        </div>
      </article>
    );
  }

  readonly #act: JobActions = {
    select: () => {},
    open: () => {},
    insert: (id, cell) => void this.orders.insert(id, cell),
    cancel: (id) => void this.orders.cancel(id),
    download: (id) => void this.orders.download(id),
    mark: (id, marks) => void this.orders.mark(id, marks),
    remove: (job) => void this.orders.remove(job),
    undo: (id) => this.orders.undos.undo(id),
  };
}
