// The few colours a status can have; a status we have never heard of counts as work going on.
export type Tone = "waiting" | "working" | "good" | "bad" | "quiet" | "unsure";

/** By status, in the order of a job's life. */
export const TONES: Record<string, Tone> = {
  unsent: "waiting",
  submitting: "waiting",
  queued: "waiting",
  processing: "working",
  succeeded: "good",
  failed: "bad",
  cancelled: "quiet",
  unconfirmed: "unsure",
};

export function toneOf(status: string): Tone {
  return TONES[status] ?? "working";
}
