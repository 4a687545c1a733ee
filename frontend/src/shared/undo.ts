// Deletions that can be taken back: nothing is deleted before the time is over.
export const UNDO_S = 10;

export interface Pending {
  id: string;
  /** When it will be deleted, in milliseconds of the page's clock. */
  at: number;
}

type Timer = ReturnType<typeof setTimeout>;

export class Undo {
  #timers = new Map<string, { at: number; timer: Timer }>();

  /** `remove` deletes for good; `tell` hears of every change. */
  constructor(
    private readonly remove: (id: string) => Promise<void>,
    private readonly tell: () => void,
  ) {}

  get pending(): Pending[] {
    return [...this.#timers].map(([id, { at }]) => ({ id, at }));
  }

  has(id: string): boolean {
    return this.#timers.has(id);
  }

  /** Deletes a job, in ten seconds. */
  add(id: string): void {
    if (this.#timers.has(id)) return;
    const timer = setTimeout(() => void this.#run(id), UNDO_S * 1000);
    this.#timers.set(id, { at: performance.now() + UNDO_S * 1000, timer });
    this.tell();
  }

  /** Does not delete it. */
  undo(id: string): void {
    clearTimeout(this.#timers.get(id)?.timer);
    this.#timers.delete(id);
    this.tell();
  }

  async #run(id: string): Promise<void> {
    try {
      await this.remove(id);
    } finally {
      this.#timers.delete(id);
      this.tell();
    }
  }
}
