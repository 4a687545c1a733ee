// Who is told what, and when: each job once, however many pages are open, and several at once in one sentence.
import { type Api, Refused } from "./api";
import { type Job, type Kind, type News, shortly } from "./job";

export interface Notice {
  ids: string[];
  tone: "success" | "error" | "warning";
  words: string;
  /** The state and the beginning of the prompt, for the desktop, where others may look: no reason, no note. */
  brief: string;
  /** The job, where it is about one. */
  job: Job | null;
}

/** Which notices a person wants. */
export interface Wanted {
  ready: boolean;
  failed: boolean;
  attention: boolean;
}

const TOPIC: Record<Kind, keyof Wanted> = {
  saved: "ready",
  unsaved: "failed",
  failed: "failed",
  unconfirmed: "attention",
  needs_key: "attention",
};

export function isWanted(wanted: Wanted, { kind }: News): boolean {
  return wanted[TOPIC[kind] ?? "attention"];
}

/** About one job. */
export function noticeOf(news: News, job: Job): Notice {
  const name = `“${shortly(job.prompt)}”`;
  const told: Record<Kind, [string, string]> = {
    saved: ["Ready", ""],
    unsaved: ["Not saved", `. ${job.save_problem ?? ""}`],
    failed: ["Failed", `. ${job.problem?.message ?? ""}`],
    unconfirmed: ["Unconfirmed", ". It may have been charged: look before you send it again."],
    needs_key: ["Needs a key", `. ${job.status_text}`],
  };
  const [state, reason] = told[news.kind] ?? [job.status_text, ""];
  const brief = `${state}: ${name}`;
  return { ids: [news.id], tone: toneOf([news]), words: shortly(brief + reason, 240), brief, job };
}

/** About several jobs: "4 clips are ready, 1 failed". */
export function noticeOfMany(news: News[]): Notice {
  const count = (kind: Kind, one: string, many: string) => {
    const found = news.filter((each) => each.kind === kind).length;
    return found ? `${found} ${found === 1 ? one : many}` : "";
  };
  const parts = [
    count("saved", "clip is ready", "clips are ready"),
    count("failed", "failed", "failed"),
    count("unsaved", "could not be saved", "could not be saved"),
    count("unconfirmed", "is unconfirmed", "are unconfirmed"),
    count("needs_key", "waits for a key", "wait for a key"),
  ];
  const words = parts.filter(Boolean).join(", ");
  return { ids: news.map(({ id }) => id), tone: toneOf(news), words, brief: words, job: null };
}

function toneOf(news: News[]): Notice["tone"] {
  const topics = new Set(news.map(({ kind }) => TOPIC[kind]));
  return topics.has("attention") ? "warning" : topics.has("failed") ? "error" : "success";
}

const TOGETHER_MS = 150; // what ends at once is one notice
const HIDDEN_MS = 700; // a page that is looked at goes first

export interface Teller {
  /** What is new now. */
  hear(news: News[]): void;
  stop(): void;
}

export interface TellerHost {
  wanted(): Wanted;
  isHidden(): boolean;
  /** Whether a person sees the end of this job in the page anyway. */
  isInSight(id: string): boolean;
  show(notice: Notice): void;
}

export function teller(api: Pick<Api, "job" | "told" | "seen">, host: TellerHost): Teller {
  const known = new Map<string, Kind>(); // a job may be news a second time, of another kind
  let waiting = new Map<string, News>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = async (): Promise<void> => {
    timer = undefined;
    const now = waiting;
    waiting = new Map();
    const claimed = await api.told([...now.keys()]).catch((error: unknown) => {
      for (const id of now.keys()) known.delete(id); // nobody has told them: they are heard of again
      throw error;
    });
    const ours = new Set(claimed);
    const told = [...now.values()].filter(({ id }) => ours.has(id));
    const seen = told.filter(({ id }) => !host.isHidden() && host.isInSight(id)).map(({ id }) => id);
    if (seen.length) await api.seen(seen).catch(unlessGone);
    const rest = told.filter(({ id }) => !seen.includes(id));
    const [first] = rest;
    if (!first) return;
    const job = rest.length === 1 && (await api.job(first.id).catch(unlessGone));
    host.show(job ? noticeOf(first, job) : noticeOfMany(rest));
  };

  return {
    hear(news) {
      for (const id of known.keys()) if (!news.some((each) => each.id === id)) known.delete(id);
      const fresh = news.filter((each) => known.get(each.id) !== each.kind && isWanted(host.wanted(), each));
      for (const each of fresh) {
        known.set(each.id, each.kind);
        waiting.set(each.id, each);
      }
      if (waiting.size) timer ??= setTimeout(() => void tell().catch(ignoreRefused), host.isHidden() ? HIDDEN_MS : TOGETHER_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

// It was claimed, so that no other page tells it: without the job's words this one still does.
function unlessGone(error: unknown): void {
  if (!(error instanceof Refused) || error.status === 404) throw error;
}

/** For what no person ordered: the server went away in the middle, and what is new is asked for again when it is back. */
export function ignoreRefused(error: unknown): void {
  if (!(error instanceof Refused)) throw error;
}
