// What the kernel says about one job: the only synced trait, `view`, replaced whole and written by the kernel alone.
// A test on the Python side reads the field names of these interfaces, so each field keeps a line of its own.

/** How long jobs like this one take; the API itself reports no percentage. */
export interface Estimate {
  /** Seconds this job has been running, at the moment of the view. */
  elapsed_s: number;
  /** Half of the jobs like this one are done by then, in seconds. */
  median_s: number;
  /** Nine in ten are done by then, in seconds. */
  p90_s: number;
  /** Where the figures come from: "from 12 earlier jobs like this", "a first guess; no earlier jobs". */
  source: string;
}

/** The saving of the clip beside the notebook, while it goes on. */
export interface Download {
  /** Bytes saved so far. */
  received_bytes: number;
  /** The whole clip in bytes, when the server told. */
  size_bytes: number | null;
  /** Why it stopped, in plain words; the card then offers to try again. */
  problem: string | null;
}

/** The clip that was saved. */
export interface Clip {
  /** Its file name, without the folder. */
  filename: string;
  /** Its size in bytes. */
  size_bytes: number;
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** Length in seconds. */
  duration_s: number;
  /** Whether it has sound. */
  has_audio: boolean;
  /** How its pictures are packed: "h264", "hevc"; null where that is not known. */
  codec: string | null;
  /** Why it could not be checked, though it is kept; null when all is well. */
  problem: string | null;
}

/** What went wrong, for people; plain text, in which `back ticks` mark code. */
export interface Problem {
  /** One line: what it is. */
  title: string;
  /** What happened. */
  what: string;
  /** Whether credits were charged. */
  charged: string;
  /** What to do now. */
  next: string;
  /** What only a developer reads: the server's own words, or what to type instead; "" for nothing. */
  details: string;
  /** What a button can do about it: "caps" opens those, "again" sends the same once more; "" for nothing. */
  fix: string;
}

/** Everything the card shows. */
export interface CardView {
  /** Grows with every send; an older view never replaces a newer one. */
  rev: number;
  /** Our name for the job: "k3f9x2ab". */
  job_id: string;
  /** The server's name for it; null until the server has accepted. */
  request_id: string | null;
  /** "api" or "simulator". */
  service: string;
  /** The prompt, verbatim. */
  prompt: string;
  /** Name and value of each option, ready to show: ["Duration", "5 s"]. */
  options: [string, string][];
  /** submitting, queued, processing, succeeded, failed, cancelled, unconfirmed, or a word the server added. */
  status: string;
  /** The status in words: "Waiting in the queue". */
  status_text: string;
  /** Succeeded, failed or cancelled, and nothing more to fetch. */
  final: boolean;
  /** Seconds since submitting, at the moment of this view; the page counts on by its own clock. */
  elapsed_s: number;
  /** How long such jobs take; null when there is nothing to say. */
  estimate: Estimate | null;
  /** Estimated cost in US dollars. */
  cost_usd: number | null;
  /** What the server charged. */
  credits_charged: number | null;
  /** "available", "asked" or "unavailable". */
  cancel: string;
  /** A word about cancelling: "Takes effect when the running cell ends". */
  cancel_note: string | null;
  /** The pages that the note is not for, each with its first version: "JupyterLab 4.4". */
  cancel_at_once: string[];
  /** The saving of the clip, while it goes on or when it got stuck. */
  download: Download | null;
  /** The saved clip. */
  clip: Clip | null;
  /** Its first frame, as "data:image/jpeg;base64,…". */
  poster: string | null;
  /** What went wrong. */
  problem: Problem | null;
  /** A quiet badge: "Simulator: no key used, nothing charged". */
  notice: string | null;
  /** Code that gets the job back: "%seedance_show k3f9x2ab". */
  resume: string;
}

/** The view before the kernel has sent one; it also fills in what an older kernel side leaves out. What can be null is left out. */
export const EMPTY_VIEW = {
  rev: -1,
  job_id: "",
  service: "",
  prompt: "",
  options: [],
  status: "submitting",
  status_text: "Starting",
  final: false,
  elapsed_s: 0,
  cancel: "unavailable",
  cancel_at_once: [],
  resume: "",
} as unknown as CardView;

/** The trait as a complete view, whatever it holds. */
export function readView(trait: unknown): CardView {
  return { ...EMPTY_VIEW, ...(trait as Partial<CardView> | null | undefined) };
}

const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** Whether the generation itself is over; its clip may still be on the way. */
export function hasEnded(view: Pick<CardView, "status" | "final">): boolean {
  return view.final || ENDED.has(view.status);
}

/** The poster, if it is what it claims to be. */
export function safePoster(view: CardView): string | null {
  return view.poster?.startsWith("data:image/jpeg;base64,") ? view.poster : null;
}
