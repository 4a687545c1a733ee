// A job's time by the page's own clock. Pure; times are milliseconds of one clock.
import type { CardView } from "./job-view";

export const SILENT_AFTER_S = 15; // three heartbeats of 4 s missed, and some patience

const JITTER_MS = 5000; // a view that a busy kernel sent late; anything more is the kernel's correction

/** What the kernel says about a job's time. */
export type Timed = Pick<CardView, "status" | "final" | "elapsed_s" | "estimate">;

/** When a job was submitted, and when its present phase began, by the page's clock. */
export interface JobClock {
  startedAt: number | null;
  phaseAt: number | null;
}

export const NO_CLOCK: JobClock = { startedAt: null, phaseAt: null };

/** Sets the clock by what the kernel says now; `before` is what it said last. */
export function keepTime(clock: JobClock, before: Timed, view: Timed, now: number): JobClock {
  const samePhase = view.status === before.status;
  return {
    startedAt: origin(clock.startedAt, now, view.elapsed_s),
    phaseAt: view.estimate && origin(samePhase ? clock.phaseAt : null, now, view.estimate.elapsed_s),
  };
}

// Views come late, never early: the earliest origin seen is the best one, and the clock never jumps back by jitter.
function origin(known: number | null, now: number, elapsed_s: number): number {
  const told = now - elapsed_s * 1000;
  return known !== null && Math.abs(told - known) < JITTER_MS ? Math.min(known, told) : told;
}

/** Seconds since submitting; they stand still once the job is final. */
export function secondsOf(view: Timed, clock: JobClock, now: number): number {
  return view.final || clock.startedAt === null ? view.elapsed_s : (now - clock.startedAt) / 1000;
}

/** What the page's clock adds to the estimate's own elapsed time; it stops when the kernel is silent. */
export function secondsMore({ estimate }: Timed, { phaseAt }: JobClock, now: number, heardAt: number): number {
  if (!estimate || phaseAt === null) return 0;
  const until = Math.min(now, heardAt + SILENT_AFTER_S * 1000);
  return (until - phaseAt) / 1000 - estimate.elapsed_s;
}
