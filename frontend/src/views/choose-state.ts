// What one view of Choose knows, and what follows from it. Pure.
import { shapeOf } from "../shared/clip";
import { type Marks, type Pressed, stillPressed, withMarks } from "./marks";
import type { ChoiceView, ChooseView } from "./view";

/** Which clips are gone through. */
export type Filter = "all" | "unmarked" | "kept" | "starred";

export interface ChooseState {
  view: ChooseView;
  posters: Record<string, string | null>;
  sources: number;
  pressed: Pressed;
  filter: Filter;
  /** The clips that are gone through, as they were when that began: one that is marked does not slip away. */
  ids: string[];
  /** Which of them is on show. */
  at: number;
  /** Whether a mark goes on to the next. */
  advance: boolean;
  /** Whether the clip stands still. */
  resting: boolean;
  /** Whether it is heard. */
  sounding: boolean;
  said: string;
}

const FITS: Record<Filter, (clip: Marks) => boolean> = {
  all: () => true,
  unmarked: (clip) => !isMarked(clip),
  kept: (clip) => !clip.rejected,
  starred: (clip) => clip.starred,
};

/** It begins at the first clip without a mark: a person who was interrupted goes on there. */
export function firstChoose(view: ChooseView, resting: boolean): ChooseState {
  const state = { view, posters: {}, sources: 0, pressed: {}, ids: [], at: 0, advance: false, resting, sounding: false, said: "" };
  return filtered({ ...state, filter: "all" }, "all");
}

/** The clips of a filter, at the one that was on show, or at the first without a mark. */
export function filtered(state: ChooseState, filter: Filter): ChooseState {
  const here = state.ids[state.at];
  const clips = state.view.clips.map((clip) => withMarks(clip, state.pressed)).filter(FITS[filter]);
  const at = here === undefined ? clips.findIndex((clip) => !isMarked(clip)) : clips.findIndex((clip) => clip.job_id === here);
  return { ...state, filter, ids: clips.map((clip) => clip.job_id), at: Math.max(0, at) };
}

/** A view came. Clips that have come meanwhile are the last ones. */
export function hearChoose(state: ChooseState, view: ChooseView): ChooseState {
  if (view.rev < state.view.rev) return state;
  const there = new Set(view.clips.map((clip) => clip.job_id));
  const before = new Set(state.view.clips.map((clip) => clip.job_id));
  const fresh = state.filter === "all" ? [...there].filter((id) => !before.has(id)) : [];
  const ids = [...state.ids.filter((id) => there.has(id)), ...fresh];
  const isNew = !!view.problem && view.problem !== state.view.problem;
  const pressed = isNew ? {} : stillPressed(state.pressed, (id) => view.clips.find((clip) => clip.job_id === id));
  const at = Math.max(0, Math.min(state.at, ids.length - 1));
  return { ...state, view, ids, at, pressed, said: isNew ? view.problem! : state.said };
}

/** To the clip at a place. */
export function gone(state: ChooseState, to: number): ChooseState {
  const at = Math.max(0, Math.min(to, state.ids.length - 1));
  const next = { ...state, at };
  const clip = chosenOf(next)[at];
  return clip ? { ...next, said: `${placeOf(next)}: ${clip.caption}` } : next;
}

/** "23 of 100". */
export function placeOf({ at, ids }: ChooseState): string {
  return `${ids.length ? at + 1 : 0} of ${ids.length}`;
}

/** The clips that are gone through, with the marks that were given here. */
export function chosenOf({ ids, view, pressed }: ChooseState): ChoiceView[] {
  const clips = new Map(view.clips.map((clip) => [clip.job_id, clip]));
  return ids.flatMap((id) => (clips.has(id) ? [withMarks(clips.get(id)!, pressed)] : []));
}

function isMarked({ starred, rating, rejected }: Marks): boolean {
  return starred || rejected || rating !== null;
}

/** "12 marked · 3 starred · 5 rejected". */
export function tally({ view, pressed }: ChooseState): string {
  const clips = view.clips.map((clip) => withMarks(clip, pressed));
  const count = (is: (clip: Marks) => boolean) => clips.filter(is).length;
  const [starred, rejected] = [count((clip) => clip.starred), count((clip) => clip.rejected)];
  return [`${count(isMarked)} marked`, starred && `${starred} starred`, rejected && `${rejected} rejected`].filter(Boolean).join(" · ");
}

/** The shape that most of the clips have, width over height. */
export function shapeOfMost({ view }: ChooseState): number {
  const counts = new Map<number, number>();
  for (const { clip } of view.clips) counts.set(shapeOf(clip), (counts.get(shapeOf(clip)) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? shapeOf(null);
}
