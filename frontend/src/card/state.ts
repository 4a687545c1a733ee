// What one card knows: the last view, when it came, and what was pressed here. Pure; times are milliseconds of one clock.
import type { Pull } from "./pull";
import { type CardView, EMPTY_VIEW, hasEnded } from "./view";

export const SILENT_AFTER_S = 15; // three heartbeats of 4 s missed, and some patience

const JITTER_MS = 5000; // a view that a busy kernel sent late; anything more is the kernel's correction

export interface CardState {
  view: CardView;
  now: number;
  /** When the last view came. */
  heardAt: number;
  /** When the job was submitted, and when its present phase began, by the page's clock. */
  startedAt: number | null;
  phaseAt: number | null;
  cancelPressed: boolean;
  retryPressed: boolean;
  pull: Pull;
}

export function firstState(view: CardView, now: number): CardState {
  const blank = { now, heardAt: now, startedAt: null, phaseAt: null, cancelPressed: false, retryPressed: false };
  return hear({ ...blank, view: EMPTY_VIEW, pull: { phase: "idle" } }, view, now);
}

/** A view came. An older one is still a sign of life. */
export function hear(state: CardState, view: CardView, now: number): CardState {
  if (view.rev < state.view.rev) return { ...state, now, heardAt: now };
  const estimate = view.estimate;
  const samePhase = view.status === state.view.status;
  return {
    ...state,
    view,
    now,
    heardAt: now,
    startedAt: origin(state.startedAt, now, view.elapsed_s),
    phaseAt: estimate && origin(samePhase ? state.phaseAt : null, now, estimate.elapsed_s),
    cancelPressed: state.cancelPressed && !cancelWasAnswered(state.view, view),
    retryPressed: state.retryPressed && !!view.download?.problem,
  };
}

// Views come late, never early: the earliest origin seen is the best one, and the clock never jumps back by jitter.
function origin(known: number | null, now: number, elapsed_s: number): number {
  const told = now - elapsed_s * 1000;
  return known !== null && Math.abs(told - known) < JITTER_MS ? Math.min(known, told) : told;
}

// A refusal leaves `cancel` as it was; what is new then is the note, or that it is no longer "asked".
function cancelWasAnswered(before: CardView, after: CardView): boolean {
  if (hasEnded(after) || after.cancel === "unavailable") return true;
  return after.cancel === "available" && (before.cancel === "asked" || after.cancel_note !== before.cancel_note);
}

/** Seconds since submitting; they stand still once the job is final. */
export function elapsedS(state: CardState): number {
  if (state.view.final || state.startedAt === null) return state.view.elapsed_s;
  return (state.now - state.startedAt) / 1000;
}

/** What the page's clock adds to the estimate's own elapsed time; it stops when the kernel is silent. */
export function extraS(state: CardState): number {
  const { estimate } = state.view;
  if (!estimate || state.phaseAt === null) return 0;
  const until = Math.min(state.now, state.heardAt + SILENT_AFTER_S * 1000);
  return (until - state.phaseAt) / 1000 - estimate.elapsed_s;
}

/** Seconds without a word from the kernel, or null while that is nothing to mention. */
export function silentS(state: CardState): number | null {
  const silent = (state.now - state.heardAt) / 1000;
  return !state.view.final && silent >= SILENT_AFTER_S ? silent : null;
}
