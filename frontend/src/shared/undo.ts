// Deletions that can be taken back: nothing is deleted before the time is over.
export const UNDO_S = 10;

export interface Pending {
  id: string;
  /** When it will be deleted, in milliseconds of the page's clock. */
  at: number;
}

type Timer = ReturnType<typeof setTimeout>;

export class Undo {
  /** Without a timer: it is being deleted, which cannot be taken back. */
  #jobs = new Map<string, { at: number; timer: Timer | null }>();

  /** `remove` deletes for good; `tell` hears of every change. */
  constructor(
    private readonly remove: (id: string) => Promise<void>,
    private readonly tell: () => void,
  ) {}

  get pending(): Pending[] {
    return [...this.#jobs].map(([id, { at }]) => ({ id, at }));
  }

  has(id: string): boolean {
    return this.#jobs.has(id);
  }

  /** Deletes a job, in ten seconds. */
  add(id: string): void {
    if (this.#jobs.has(id)) return;
    const timer = setTimeout(() => void this.#run(id), UNDO_S * 1000);
    this.#jobs.set(id, { at: performance.now() + UNDO_S * 1000, timer });
    this.tell();
  }

  /** Does not delete it, unless it is too late. */
  undo(id: string): void {
    const timer = this.#jobs.get(id)?.timer;
    if (!timer) return;
    clearTimeout(timer);
    this.#jobs.delete(id);
    this.tell();
  }

  /** Takes back all that can be: the page goes away. */
  stop(): void {
    for (const { timer } of this.#jobs.values()) if (timer) clearTimeout(timer);
    this.#jobs.clear();
  }

  async #run(id: string): Promise<void> {
    this.#jobs.set(id, { at: performance.now(), timer: null });
    this.tell();
    try {
      await this.remove(id);
    } finally {
      this.#jobs.delete(id);
      this.tell();
    }
  }
}

/** Seconds until each of them is deleted; 0: too late to take it back. */
export function secondsLeft(pending: Pending[], now: number): Map<string, number> {
  return new Map(pending.map(({ id, at }) => [id, Math.max(0, Math.ceil((at - now) / 1000))]));
}
