// What one view of Compare knows. Pure.
import type { CompareView, SideView } from "./view";

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2] as const;
export const JUMP_S = 0.5;

export interface CompareState {
  view: CompareView;
  posters: Record<string, string | null>;
  sources: number;
  playing: boolean;
  time: number;
  duration: number;
  rate: number;
  loop: boolean;
  wiping: boolean;
  /** Where the edge of the wipe is, in hundredths of the width. */
  edge: number;
  /** At their real size instead of fitted. */
  full: boolean;
  /** The letter of the clip that is heard, "" for none. */
  heard: string;
  /** The job whose More is open; "" for none. */
  more: string;
  said: string;
}

export function firstCompare(view: CompareView): CompareState {
  const still = { playing: false, time: 0, duration: 0, rate: 1, loop: true, wiping: false, edge: 50, full: false, heard: "", more: "" };
  return { view, posters: {}, sources: 0, ...still, said: "" };
}

/** A view came. */
export function hearCompare(state: CompareState, view: CompareView): CompareState {
  if (view.rev < state.view.rev) return state;
  const winner = letterOf(view, view.winner);
  const changed = view.winner !== state.view.winner;
  const picked = winner ? `${winner} is the winner` : "No winner is picked";
  const news = (name: "problem" | "note") => (view[name] && view[name] !== state.view[name] ? view[name] : "");
  const problem = news("problem") || news("note");
  return { ...state, view, said: problem || (changed ? picked : state.said) };
}

export function letterOf({ sides }: CompareView, job_id: string): string {
  return sides.find((side) => side.job_id === job_id)?.letter ?? "";
}

/** Frames a second of the fastest clip: the smallest step that changes any picture. */
export function finest(sides: SideView[]): number {
  return Math.max(1, ...sides.map(({ fps }) => fps || 24));
}

/** "1.24 s". */
export function seconds(time: number): string {
  return `${time.toFixed(2)} s`;
}

/** The next speed up or down. */
export function speedFrom(rate: number, by: 1 | -1): number {
  const at = SPEEDS.indexOf(rate as (typeof SPEEDS)[number]);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + by))] ?? 1;
}
