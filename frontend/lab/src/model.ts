// What a page knows of the history as a whole, kept up to date by the server's events. No part of it knows JupyterLab.
import { type Api, Refused } from "./api";
import { API, type News, type Told, type WhatIsNew } from "./job";

export const SCHEMA = "urn:seedance_widgets:jobs:v1";
const TURN_MS = 5_000; // between looks while the server does not answer, and for a minute after: the stream is back later than it
const QUIET_TURNS = 12; // else: events that come while the line is cut are not repeated

export type Phase = "absent" | "none" | "ok" | "trouble" | "other";

export interface Known {
  /** "absent": no server extension; "none": no history; "other": the server speaks another version. */
  phase: Phase;
  /** A sentence to show, about trouble or versions. */
  said: string | null;
  open: number;
  news: News[];
  /** How many more are new. */
  more: number;
}

const NOTHING: Known = { phase: "absent", said: null, open: 0, news: [], more: 0 };

/** Which jobs changed; null: any of them may have. */
export type Changed = readonly string[] | null;

export class Model {
  known: Known = NOTHING;
  #changes = "";
  #asking = false;
  #again = false;
  readonly #listeners = new Set<(changed: Changed) => void>();

  constructor(
    private readonly api: Pick<Api, "whatIsNew">,
    private readonly version: string,
  ) {}

  /** Hears of every change. */
  connect(listener: (changed: Changed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get fresh(): number {
    return this.known.news.length + this.known.more;
  }

  /** Asks what is new. Answers whether the server has this extension. */
  async look(): Promise<boolean> {
    if (this.#asking) {
      this.#again = true;
      return this.known.phase !== "absent";
    }
    this.#asking = true;
    try {
      do {
        this.#again = false;
        this.#take(await this.api.whatIsNew());
      } while (this.#again);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (this.known.phase !== "absent") this.#tell({ ...this.known, phase: "trouble", said: error.message }, []);
    } finally {
      this.#asking = false;
    }
    return this.known.phase !== "absent";
  }

  /** Looks now and from now on. */
  keepLooking(): void {
    let [turn, soon] = [0, 0];
    void this.look();
    setInterval(() => {
      if (this.known.phase === "trouble") soon = QUIET_TURNS;
      if (soon-- > 0 || ++turn % QUIET_TURNS === 0) void this.look();
    }, TURN_MS);
  }

  /** Takes a word of the event stream. */
  hear(told: Told): void {
    if (this.known.phase === "absent" || told.changes === this.#changes) return;
    if (told.api !== API) return void this.look();
    const ids = told.more ? null : told.changed.map(({ id }) => id);
    const news = this.known.news.filter(({ id }) => !told.changed.some((each) => each.id === id && !each.is_new));
    this.#changes = told.changes;
    this.#tell({ ...this.known, phase: phaseOf(told.history), open: told.open, news }, ids);
    const isBehind = told.new_count !== this.fresh || told.changed.some(({ is_new }) => is_new) || told.history === "trouble";
    if (isBehind) void this.look();
  }

  /** These were seen here: they are no news, before the server says so. */
  saw(ids: readonly string[]): void {
    const news = this.known.news.filter(({ id }) => !ids.includes(id));
    if (news.length !== this.known.news.length) this.#tell({ ...this.known, news }, []);
  }

  #take(answer: WhatIsNew): void {
    if (answer.api !== API) {
      this.#tell({ ...NOTHING, phase: "other", said: otherVersion(this.version, answer.version) }, []);
      return;
    }
    const changed = this.#changes && this.#changes !== answer.changes ? null : [];
    this.#changes = answer.changes;
    const { history, said, open, more } = answer;
    const older = answer.version === this.version ? null : otherVersion(this.version, answer.version);
    this.#tell({ phase: phaseOf(history), said: said ?? older, open, news: answer.new, more }, changed);
  }

  #tell(known: Known, changed: Changed): void {
    this.known = known;
    for (const listener of this.#listeners) listener(changed);
  }
}

function phaseOf(history: string): Phase {
  return history === "ok" || history === "none" ? history : "trouble";
}

function otherVersion(page: string, server: string): string {
  return `This page is of seedance-widgets ${page}, the Jupyter server of ${server}: reload the page; if that does not help, restart the server.`;
}
