// A long list of which only the parts that are looked at are asked for. Pure but for the asking.
import type { Query } from "./api";
import type { Job, JobsPage } from "./job";

export const CHUNK = 50;
const KEPT = 12; // chunks: what is likely to be scrolled to again

type Load = (query: Query, offset: number, limit: number) => Promise<JobsPage>;

export class Pages {
  total: number | null = null;
  problem: Error | null = null;
  #query: Query;
  #chunks = new Map<number, Job[]>();
  #stale = new Set<number>();
  #loading = new Set<number>();
  #round = 0;
  #isAnew = false;
  #wanted: [number, number] = [0, 0];

  constructor(
    query: Query,
    private readonly load: Load,
    private readonly tell: () => void,
  ) {
    this.#query = query;
  }

  /** The job in a place, or null while it is not there yet. */
  at(place: number): Job | null {
    return this.#chunks.get(Math.floor(place / CHUNK))?.[place % CHUNK] ?? null;
  }

  /** All that is there. */
  *loaded(): Generator<[number, Job]> {
    for (const [chunk, jobs] of this.#chunks) for (const [i, job] of jobs.entries()) yield [chunk * CHUNK + i, job];
  }

  placeOf(id: string): number | null {
    for (const [place, job] of this.loaded()) if (job.id === id) return place;
    return null;
  }

  /** Another search: what is there stays in sight until the answer comes. */
  search(query: Query): void {
    this.#query = query;
    this.#isAnew = true;
    this.#wanted = [0, CHUNK - 1];
    this.refresh();
  }

  /** These places are looked at now. */
  want(first: number, last: number): void {
    this.#wanted = [first, Math.max(first, last)];
    this.#fetch();
  }

  /** Everything may be another one now: what is looked at is asked for again, the rest when it is. */
  refresh(): void {
    this.#round += 1;
    this.#loading.clear();
    this.#stale = new Set(this.#chunks.keys());
    this.#fetch();
  }

  /** Puts a newer one in the place of a job. */
  put(job: Job): void {
    for (const jobs of this.#chunks.values()) {
      const i = jobs.findIndex(({ id, rev }) => id === job.id && rev <= job.rev);
      if (i >= 0) jobs[i] = job;
    }
    this.tell();
  }

  #fetch(): void {
    const [first, last] = this.#wanted.map((place) => Math.floor(place / CHUNK)) as [number, number];
    const end = this.total === null ? last : Math.min(last, Math.floor(Math.max(0, this.total - 1) / CHUNK));
    for (let chunk = first; chunk <= Math.max(end, first); chunk++) {
      const isThere = this.#chunks.has(chunk) && !this.#stale.has(chunk);
      if (!isThere && !this.#loading.has(chunk)) void this.#ask(chunk);
    }
  }

  async #ask(chunk: number): Promise<void> {
    const round = this.#round;
    this.#loading.add(chunk);
    try {
      const { jobs, total } = await this.load(this.#query, chunk * CHUNK, CHUNK);
      if (round !== this.#round) return;
      this.#loading.delete(chunk);
      this.#take(chunk, jobs, total);
    } catch (error) {
      if (round !== this.#round) return;
      this.#loading.delete(chunk);
      this.problem = error as Error;
    }
    this.tell();
  }

  #take(chunk: number, jobs: Job[], total: number): void {
    this.problem = null;
    if (this.#isAnew) this.#chunks.clear();
    this.#isAnew = false;
    this.total = total;
    this.#chunks.delete(chunk);
    this.#chunks.set(chunk, jobs);
    this.#stale.delete(chunk);
    const [oldest] = this.#chunks.keys();
    if (this.#chunks.size > KEPT && oldest !== undefined) this.#chunks.delete(oldest);
    this.#fetch();
  }
}

/** The places that a scrolled list shows, with some around them. Heights in pixels. */
export function windowOf(top: number, height: number, row: number, total: number, around = 6): [number, number] {
  const first = Math.max(0, Math.floor(top / row) - around);
  const last = Math.min(total - 1, Math.ceil((top + height) / row) + around);
  return [Math.min(first, Math.max(0, total - 1)), last];
}
