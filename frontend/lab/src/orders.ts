// What a person orders about one job, wherever it is shown: the server is asked, a refusal is said, the answer goes to every view.
import { secondsLeft, type Undo } from "../../src/shared/undo";
import { type Api, Refused } from "./api";
import { type Job, type Marks, mayDelete } from "./job";

export interface OrdersHost {
  /** Puts a cell into the notebook that is in front. */
  insert(cell: string): void;
  /** Says a sentence where it is seen. */
  say(words: string): void;
}

/** A job that the server answered with, or null: something else changed that a view draws. */
type Listener = (job: Job | null) => void;

export class Orders {
  #pressed = new Map<string, Marks>();
  readonly #unconfirmed = new Set<string>(); // those that were so when Delete was pressed
  readonly #listeners = new Set<Listener>();

  constructor(
    private readonly api: Api,
    readonly undos: Undo,
    private readonly host: OrdersHost,
  ) {}

  connect(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(job: Job | null): void {
    for (const listener of this.#listeners) listener(job);
  }

  /** A job with what was pressed here and the server has not answered yet. */
  marked(job: Job): Job {
    return { ...job, ...this.#pressed.get(job.id) };
  }

  /** Seconds until each deletion that can still be taken back. */
  get deleting(): Map<string, number> {
    return secondsLeft(this.undos.pending, performance.now());
  }

  /** Deletes a job, in ten seconds. Answers whether it will. */
  remove(job: Job): boolean {
    if (!mayDelete(job)) {
      this.host.say("This job is still at work: cancel it, or wait until it has ended.");
      return false;
    }
    if (job.status === "unconfirmed") this.#unconfirmed.add(job.id);
    else this.#unconfirmed.delete(job.id);
    this.undos.add(job.id);
    return true;
  }

  /** Whether a job that is deleted was unconfirmed when a person pressed Delete and read what that means. */
  wasUnconfirmed(id: string): boolean {
    return this.#unconfirmed.has(id);
  }

  cancel(id: string): Promise<void> {
    return this.#ask(() => this.api.cancel(id));
  }

  download(id: string): Promise<void> {
    return this.#ask(() => this.api.download(id));
  }

  insert(id: string, cell: "show" | "again"): Promise<void> {
    return this.#ask(async () => {
      const job = await this.api.job(id);
      if (job.cells) this.host.insert(job.cells[cell]);
      return job;
    });
  }

  async mark(id: string, marks: Marks): Promise<void> {
    const mine = { ...this.#pressed.get(id), ...marks };
    this.#pressed.set(id, mine);
    this.tell(null);
    await this.#ask(() => this.api.mark(id, marks));
    if (this.#pressed.get(id) === mine) this.#pressed.delete(id); // else something newer was pressed meanwhile
    this.tell(null);
  }

  async #ask(order: () => Promise<Job>): Promise<void> {
    try {
      this.tell(await order());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.host.say(error.message);
    }
  }
}
