// What one card knows: the last view, when it came, and what was pressed here. Pure; times are milliseconds of one clock.
import { cancelWasAnswered } from "../shared/cancel";
import { type JobClock, keepTime, NO_CLOCK, secondsMore, secondsOf, SILENT_AFTER_S } from "../shared/clock";
import type { Pull } from "../shared/pull";
import { type CardView, EMPTY_VIEW } from "../shared/job-view";

export interface CardState extends JobClock {
  view: CardView;
  now: number;
  /** When the last view came. */
  heardAt: number;
  cancelPressed: boolean;
  retryPressed: boolean;
  pull: Pull;
}

export function firstState(view: CardView, now: number): CardState {
  const blank = { now, heardAt: now, ...NO_CLOCK, cancelPressed: false, retryPressed: false };
  return hear({ ...blank, view: EMPTY_VIEW, pull: { phase: "idle" } }, view, now);
}

/** A view came. An older one is still a sign of life. */
export function hear(state: CardState, view: CardView, now: number): CardState {
  if (view.rev < state.view.rev) return { ...state, now, heardAt: now };
  return {
    ...state,
    ...keepTime(state, state.view, view, now),
    view,
    now,
    heardAt: now,
    cancelPressed: state.cancelPressed && !cancelWasAnswered(state.view, view),
    retryPressed: state.retryPressed && !!view.download?.problem,
  };
}

/** Seconds since submitting. */
export function elapsedS(state: CardState): number {
  return secondsOf(state.view, state, state.now);
}

/** What the page's clock adds to the estimate, in seconds. */
export function extraS(state: CardState): number {
  return secondsMore(state.view, state, state.now, state.heardAt);
}

/** Seconds without a word from the kernel, or null while that is nothing to mention. */
export function silentS(state: CardState): number | null {
  const silent = (state.now - state.heardAt) / 1000;
  return !state.view.final && silent >= SILENT_AFTER_S ? silent : null;
}
